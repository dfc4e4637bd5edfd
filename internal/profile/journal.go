package profile

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"github.com/dangol/dangol/internal/store"
)

// EntryKind says what an entry of the journal does.
type EntryKind uint8

// The kinds of entry.
const (
	Upsert EntryKind = 1 + iota // the row of a customer as it is now
	Gone                        // a key is no customer any more
	Move                        // everything of Origin belongs to To now
	Erase                       // everything of Origin is to be forgotten
)

// Entry is one step that the warehouse must follow, in the order of Rev.
type Entry struct {
	Rev                    uint64
	Kind                   EntryKind
	Key                    uint32 // Upsert, Gone
	ID, Name, Email, Phone string // Upsert
	Origin, To             uint32 // Move; Origin of Erase
}

// journalRow is how many entries share a row: a row is written and read as one.
const journalRow = 1024

func appendEntry(b []byte, e *Entry) []byte {
	b = append(b, byte(e.Kind))
	switch e.Kind {
	case Upsert:
		b = binary.AppendUvarint(b, uint64(e.Key))
		for _, s := range []string{e.ID, e.Name, e.Email, e.Phone} {
			b = binary.AppendUvarint(b, uint64(len(s)))
			b = append(b, s...)
		}
	case Gone:
		b = binary.AppendUvarint(b, uint64(e.Key))
	case Move:
		b = binary.AppendUvarint(b, uint64(e.Origin))
		b = binary.AppendUvarint(b, uint64(e.To))
	case Erase:
		b = binary.AppendUvarint(b, uint64(e.Origin))
	}
	return b
}

var errJournal = errors.New("a row of the journal cannot be read")

type entryReader struct {
	b   []byte
	err error
}

func (r *entryReader) number() uint32 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > uint64(Nobody) {
		r.err = errJournal
		return 0
	}
	r.b = r.b[size:]
	return uint32(n)
}

func (r *entryReader) text() string {
	n := r.number()
	if r.err != nil || uint64(n) > uint64(len(r.b)) {
		r.err = errJournal
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *entryReader) entry() (e Entry) {
	e.Kind = EntryKind(r.b[0])
	r.b = r.b[1:]
	switch e.Kind {
	case Upsert:
		e.Key, e.ID, e.Name, e.Email, e.Phone = r.number(), r.text(), r.text(), r.text(), r.text()
	case Gone:
		e.Key = r.number()
	case Move:
		e.Origin, e.To = r.number(), r.number()
	case Erase:
		e.Origin = r.number()
	default:
		r.err = errJournal
	}
	return e
}

// Journal returns what the warehouse must follow after an entry, in order: some limit entries, none when it has followed all.
func (r *Registry) Journal(ctx context.Context, after uint64, limit int) ([]Entry, error) {
	var entries []Entry
	rows := max(1, limit/journalRow+1)
	err := r.store.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, "profile.EachJournal", store.Args{int64(after), rows}, func(scan store.Scan) error {
			var rev int64
			var b []byte
			if err := scan(&rev, &b); err != nil {
				return err
			}
			if len(entries) >= limit {
				return nil
			}
			read := entryReader{b: b}
			for ; len(read.b) > 0 && read.err == nil; rev++ {
				e := read.entry()
				if e.Rev = uint64(rev); e.Rev > after {
					entries = append(entries, e)
				}
			}
			return read.err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("journal of customers: %w", err)
	}
	return entries, nil
}

// DropJournal forgets what the warehouse has followed.
func (r *Registry) DropJournal(ctx context.Context, upTo uint64) error {
	err := r.store.In(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "profile.DropJournal", int64(upTo))
		return err
	})
	if err != nil {
		return fmt.Errorf("journal of customers: %w", err)
	}
	return nil
}

// writeJournal adds entries; rev is the last number given.
func writeJournal(ctx context.Context, tx *store.Tx, rev *int64, entries []Entry) error {
	for len(entries) > 0 {
		n := min(len(entries), journalRow)
		var b []byte
		for i := range entries[:n] {
			b = appendEntry(b, &entries[i])
		}
		if _, err := tx.Exec(ctx, "profile.InsertJournal", *rev+1, *rev+int64(n), b); err != nil {
			return err
		}
		*rev += int64(n)
		entries = entries[n:]
	}
	return nil
}

// Tell gives what waits in the outbox to those who are to know. An event told twice has one message id, so it counts once.
func (r *Registry) Tell(ctx context.Context) error {
	r.mu.Lock()
	waiting := r.outbox || r.graph == nil
	r.outbox = false
	r.mu.Unlock()
	if !waiting || r.announce == nil {
		return nil
	}
	r.telling.Lock()
	defer r.telling.Unlock()
	err := r.tell(ctx)
	if err != nil {
		r.mu.Lock()
		r.outbox = true
		r.mu.Unlock()
		return fmt.Errorf("tell what changed about customers: %w", err)
	}
	return nil
}

const tellAtOnce = 500

func (r *Registry) tell(ctx context.Context) error {
	for {
		var events [][]byte
		var last int64
		err := r.store.View(ctx, func(tx *store.Tx) error {
			return tx.Each(ctx, "profile.EachOutbox", store.Args{tellAtOnce}, func(scan store.Scan) error {
				var text string
				err := scan(&last, &text)
				events = append(events, []byte(text))
				return err
			})
		})
		if err != nil || len(events) == 0 {
			return err
		}
		if err := r.announce(ctx, events); err != nil {
			return err
		}
		err = r.store.In(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, "profile.DropOutbox", last)
			return err
		})
		if err != nil || len(events) < tellAtOnce {
			return err
		}
	}
}

func keyText(key uint32) string { return strconv.FormatUint(uint64(key), 10) }
