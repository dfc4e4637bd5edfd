package profile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"

	"github.com/dangol/dangol/internal/store"
)

// forgotten are the erasures, of which only salted hashes remain. They answer one question: is a fact that was received
// before an erasure, and is only now on its way, of the erased person?
type forgotten struct {
	untilUS int64 // of the last erasure
	list    []forgottenPerson
}

type forgottenPerson struct {
	untilUS int64
	salt    string
	hashes  map[string]uint64 // with the place from which the identity was shared
}

// hashIdentity is what remains of an erased identity.
func hashIdentity(salt, kind, value string) string {
	sum := sha256.Sum256([]byte(salt + "\x00" + kind + "\x00" + value))
	return hex.EncodeToString(sum[:])
}

func (f *forgotten) holds(receivedUS int64, kind, value string) (sharedFrom uint64, erased bool) {
	if receivedUS > f.untilUS {
		return 0, false
	}
	first := int64(math.MaxInt64) // who is erased, comes again and is erased again is two people
	for i := range f.list {
		p := &f.list[i]
		if receivedUS > p.untilUS || p.untilUS >= first {
			continue
		}
		if from, found := p.hashes[hashIdentity(p.salt, kind, value)]; found {
			sharedFrom, erased, first = from, true, p.untilUS
		}
	}
	return sharedFrom, erased
}

func (f *forgotten) add(r *Receipt) {
	p := forgottenPerson{untilUS: r.At.UnixMicro(), salt: r.Salt, hashes: map[string]uint64{}}
	for _, h := range r.Identities {
		p.hashes[h] = r.Shared[h]
	}
	f.list = append(f.list, p)
	f.untilUS = max(f.untilUS, p.untilUS)
}

func readForgotten(ctx context.Context, tx *store.Tx) (f forgotten, err error) {
	err = tx.Each(ctx, "profile.EachErasure", nil, func(scan store.Scan) error {
		var id, state, text, pending string
		if err := scan(&id, &state, &text, &pending); err != nil {
			return err
		}
		var r Receipt
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return err
		}
		f.add(&r)
		return nil
	})
	return f, err
}
