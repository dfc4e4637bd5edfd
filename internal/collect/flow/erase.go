package flow

import (
	"context"
	"fmt"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/store"
)

// Erase drops what is set aside, or waits as a dead letter, and names a person. It returns how many events went. What is on its
// way is not looked through: the log is to be drained before.
func (f *Flow) Erase(ctx context.Context, who *event.Named) (rows int64, err error) {
	var places []int64
	err = f.naming(ctx, who, func(q *Quarantined) { places = append(places, q.place) })
	if err != nil {
		return 0, fmt.Errorf("erase what was set aside: %w", err)
	}
	err = f.Records.In(ctx, func(tx *store.Tx) error {
		rows = 0
		for _, place := range places {
			n, err := tx.Exec(ctx, "flow.DropQuarantined", place)
			if err != nil {
				return err
			}
			rows += n
		}
		n, err := eraseLetters(ctx, tx, who)
		rows += n
		return err
	})
	if err != nil {
		return rows, fmt.Errorf("erase what was set aside: %w", err)
	}
	return rows, nil
}

// eraseAtOnce is how many rows are looked through together.
const eraseAtOnce = 500

// naming shows what is set aside and names a person, newest first.
func (f *Flow) naming(ctx context.Context, who *event.Named, show func(*Quarantined)) error {
	before := int64(1<<63 - 1)
	for more := true; more; {
		err := f.Records.View(ctx, func(tx *store.Tx) error {
			page, err := store.Collect(ctx, tx, "flow.EachQuarantined", store.Args{before, "", "", "", eraseAtOnce}, scanQuarantined)
			if err != nil {
				return err
			}
			for i := range page {
				q := &page[i]
				before = q.place
				if who.In([]byte(q.Raw)) || who.In([]byte(q.shared)) {
					show(q)
				}
			}
			more = len(page) == eraseAtOnce
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// letter is a dead letter as it was.
type letter struct {
	seq int64
	raw []byte
}

func lettersIn(ctx context.Context, tx *store.Tx) ([]letter, error) {
	return store.Collect(ctx, tx, "flow.EachDeadLetterRaw", nil, func(scan store.Scan) (l letter, err error) {
		err = scan(&l.seq, &l.raw)
		return l, err
	})
}

// eraseLetters takes the events that name a person out of dead letters. One that cannot be read goes whole where it does.
func eraseLetters(ctx context.Context, tx *store.Tx, who *event.Named) (gone int64, err error) {
	letters, err := lettersIn(ctx, tx)
	if err != nil {
		return 0, err
	}
	for _, l := range letters {
		requests, left, n := without(l.raw, who)
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

// without is a message's requests without the events that name a person, and how many are left and gone.
func without(raw []byte, who *event.Named) (stay []event.Request, left, gone int64) {
	requests, err := event.ReadGroup(raw)
	if err != nil {
		if who.In(raw) {
			return nil, 0, 1
		}
		return nil, 1, 0
	}
	for _, r := range requests {
		shared := who.In(r.Header.Shared)
		var events [][]byte
		for _, e := range r.Events {
			if shared || who.In(e) {
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
