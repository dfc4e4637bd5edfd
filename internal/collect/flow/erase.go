package flow

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/store"
)

// Erase drops what is set aside, or waits as a dead letter, and names one of the identities. It returns how many events went.
func (f *Flow) Erase(ctx context.Context, identities []event.Identity) (rows int64, err error) {
	escape := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	var names [][]byte
	for _, i := range identities {
		if len(i.Value) >= 3 { // a shorter one would take the events of others with it
			names = append(names, []byte(`"`+strings.Trim(string(encode(i.Value)), `"`)+`"`))
		}
	}
	err = f.Records.In(ctx, func(tx *store.Tx) error {
		rows = 0
		for _, name := range names {
			n, err := tx.Exec(ctx, "flow.DropHolding", "%"+escape.Replace(string(name))+"%")
			if err != nil {
				return err
			}
			rows += n
		}
		n, err := eraseLetters(ctx, tx, names)
		rows += n
		return err
	})
	if err != nil {
		return rows, fmt.Errorf("erase what was set aside: %w", err)
	}
	return rows, nil
}

// eraseLetters takes the events that hold one of the names out of dead letters. One that cannot be read goes whole where it
// holds one.
func eraseLetters(ctx context.Context, tx *store.Tx, names [][]byte) (gone int64, err error) {
	type letter struct {
		seq int64
		raw []byte
	}
	letters, err := store.Collect(ctx, tx, "flow.EachDeadLetterRaw", nil, func(scan store.Scan) (l letter, err error) {
		err = scan(&l.seq, &l.raw)
		return l, err
	})
	if err != nil {
		return 0, err
	}
	for _, l := range letters {
		requests, left, n := without(l.raw, names)
		if n == 0 {
			continue
		}
		gone += n
		if left == 0 {
			_, err = tx.Exec(ctx, "flow.DropDeadLetter", l.seq)
		} else {
			_, err = tx.Exec(ctx, "flow.RewriteDeadLetter", l.seq, left, event.AppendGroup(nil, requests))
		}
		if err != nil {
			return gone, err
		}
	}
	return gone, nil
}

// without is a message's requests without the events that hold one of the names, and how many are left and gone.
func without(raw []byte, names [][]byte) (stay []event.Request, left, gone int64) {
	holds := func(text []byte) bool {
		for _, name := range names {
			if bytes.Contains(text, name) {
				return true
			}
		}
		return false
	}
	requests, err := event.ReadGroup(raw)
	if err != nil {
		if holds(raw) {
			return nil, 0, 1
		}
		return nil, 1, 0
	}
	for _, r := range requests {
		shared := holds(r.Header.Shared)
		var events [][]byte
		for _, e := range r.Events {
			if shared || holds(e) {
				gone++
			} else {
				events = append(events, e)
			}
		}
		if r.Events = events; len(events) > 0 {
			stay, left = append(stay, r), left+int64(len(events))
		}
	}
	return stay, left, gone
}
