// Package id makes short, sortable, unguessable identifiers.
package id

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"time"
)

var alphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// New returns prefix_ followed by 26 characters: 48 bits of milliseconds, 80 random bits.
func New(prefix string, now time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16)
	if _, err := rand.Read(b[6:]); err != nil {
		panic(err) // the system's random source is gone; nothing safe can follow
	}
	return prefix + "_" + alphabet.EncodeToString(b[:])
}

// Secret returns 32 random bytes as text, for keys and tokens.
func Secret() string {
	var b [32]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // as above
	}
	return alphabet.EncodeToString(b[:])
}
