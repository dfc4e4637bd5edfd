package warehouse

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math/bits"
	"os"
)

// damagedEnding is added to the name of an engine's log of which the end was cut off.
const damagedEnding = ".damaged"

// mendLog cuts the engine's log where an entry of it cannot be read; the engine itself refuses to open then, though what stands
// before is whole. What was behind is followed again from the event log. It keeps the damaged one, and returns how many bytes
// it cut off: none when nothing is wrong with the log.
func mendLog(path string) (cut int64, err error) {
	name := path + ".wal"
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) || path == "" {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("warehouse log: %w", err)
	}
	whole := wholeEntries(text)
	if whole == len(text) || whole == 0 {
		return 0, nil
	}
	if err := os.WriteFile(name+damagedEnding, text, 0o600); err != nil { //nolint:gosec // beside the warehouse that the operator named
		return 0, fmt.Errorf("warehouse log: %w", err)
	}
	if err := os.Truncate(name, int64(whole)); err != nil {
		return 0, fmt.Errorf("warehouse log: %w", err)
	}
	return int64(len(text) - whole), nil
}

// The engine's log, version 2: a header, then entries, each with its length and checksum.
const (
	logHeader   = 8
	entryHeader = 16
)

// wholeEntries is how far the entries of a log can be read; 0 when it is of another version.
func wholeEntries(text []byte) int {
	if len(text) < logHeader || [logHeader]byte(text) != [logHeader]byte{0x64, 0, 0x62, 0x65, 0, 2, 0xff, 0xff} {
		return 0
	}
	at := logHeader
	for at+entryHeader <= len(text) {
		size := binary.LittleEndian.Uint64(text[at:])
		body := text[at+entryHeader:]
		if size > uint64(len(body)) || logChecksum(body[:size]) != binary.LittleEndian.Uint64(text[at+8:]) {
			break
		}
		at += entryHeader + int(size)
	}
	return at
}

// logChecksum is the engine's: words multiplied and joined, and what is left over mixed.
func logChecksum(b []byte) uint64 {
	sum := uint64(5381)
	for ; len(b) >= 8; b = b[8:] {
		sum ^= binary.LittleEndian.Uint64(b) * 0xbf58476d1ce4e5b9
	}
	if len(b) == 0 {
		return sum
	}
	const mix = 0xc6a4a7935bd1e995
	_, length := bits.Mul64(uint64(len(b)), mix) // which overflows, as it is to
	h := 0xe17a1465 ^ length
	for i, c := range b {
		h ^= uint64(c) << (8 * i)
	}
	h *= mix
	h ^= h >> 47
	h *= mix
	return sum ^ h ^ h>>47
}
