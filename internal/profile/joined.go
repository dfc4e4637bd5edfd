package profile

import (
	"context"
	"slices"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/store"
)

// Joined is what app gives the room of others.
type Joined struct {
	Erasers   []Eraser
	Exporters []Exporter
	Retain    Retainer
	// Memberships tells the segments of a customer, for her page.
	Memberships Memberships
}

// Join gives the room what it needs of others; before the server serves.
func (s *Service) Join(j Joined) { s.joined = j }

// Erase forgets a person in every room, and returns the receipt. Where a room fails, the erasure stays open and goes on at
// Resume; the person is gone from the records by then, and her events that are on their way are nobody's.
func (s *Service) Erase(ctx context.Context, ref, who, why string) (*Receipt, error) {
	receipt, e, err := s.registry.forget(ctx, ref, who, why)
	if err != nil {
		return nil, err
	}
	// The caller may leave; what was begun must be done all the same.
	if err := s.finish(context.WithoutCancel(ctx), receipt, e); err != nil {
		return nil, fault.Newf(fault.Unavailable, "profile.erasure_unfinished", "the customer is erased from the records, but not yet everywhere; the receipt is %s", receipt.ID).
			Then("It goes on by itself when the server starts; see GET /v1/erasures.").Because(err)
	}
	return receipt, nil
}

func (s *Service) finish(ctx context.Context, receipt *Receipt, e *Erasing) error {
	for _, erase := range s.joined.Erasers {
		f, err := erase(ctx, *e)
		if err != nil {
			return err
		}
		receipt.Stores = append(receipt.Stores, f.Erased...)
		receipt.Backups = append(receipt.Backups, f.Notes...)
		receipt.LogTrimmed = max(receipt.LogTrimmed, f.Trimmed)
	}
	if err := s.registry.endErasure(ctx, receipt); err != nil {
		return err
	}
	// Last, because what the other rooms needed of her was in the records until now.
	if err := s.registry.store.Shred(ctx); err != nil {
		receipt.Backups = append(receipt.Backups, "The write-ahead log of the records was in use and still holds her; it empties itself in time, and when the server stops.")
		return s.registry.endErasure(ctx, receipt)
	}
	return nil
}

// Resume finishes the erasures that were interrupted.
func (s *Service) Resume(ctx context.Context) error {
	list, err := s.registry.erasures(ctx, "profile.EachRunningErasure")
	if err != nil {
		return err
	}
	rev, err := s.registry.changes(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		k := &list[i]
		if k.pending == nil {
			continue
		}
		k.pending.Journal = uint64(rev[0])
		k.receipt.Stores = slices.DeleteFunc(k.receipt.Stores, func(e Erased) bool { return e.Store != records })
		if err := s.finish(ctx, &k.receipt, k.pending); err != nil {
			return wrap("finish an erasure", err)
		}
	}
	return nil
}

// Erasures lists the receipts, newest first.
func (s *Service) Erasures(ctx context.Context) ([]Receipt, error) {
	list, err := s.registry.erasures(ctx, "profile.EachErasure")
	receipts := []Receipt{}
	for i := range list {
		receipts = append(receipts, list[i].receipt)
	}
	return receipts, err
}

// PreviewMerge says what merging two people would do.
func (s *Service) PreviewMerge(ctx context.Context, a, b string) (*MergePreview, error) {
	p, err := s.registry.PreviewMerge(ctx, a, b)
	if err != nil {
		return nil, err
	}
	for text, n := range map[string]*int64{
		`SELECT count(*) FROM orders WHERE kind = 1 AND customer_key IN ($1, $2)`: &p.Orders,
		`SELECT count(*) FROM event WHERE customer_key IN ($1, $2)`:               &p.Events,
	} {
		sheet, err := s.sheet(ctx, "preview", text, p.keys[0], p.keys[1])
		if err != nil {
			return nil, err
		}
		*n = whole(sheet.Rows[0][0])
	}
	return p, nil
}

// Change is one line of what people changed about a customer.
type Change struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who"`
	What string    `json:"what"`
	Why  string    `json:"why"`
}

func changesOf(ctx context.Context, tx *store.Tx, o uint32) ([]Change, error) {
	return store.Collect(ctx, tx, "profile.EachAudit", store.Args{int64(o)}, func(scan store.Scan) (c Change, err error) {
		var at int64
		err = scan(&at, &c.Who, &c.What, &c.Why)
		c.At = time.UnixMicro(at).UTC()
		return c, err
	})
}

// Changes lists what people changed about a customer, newest first.
func (r *Registry) Changes(ctx context.Context, ref string) ([]Change, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, err := r.origin(ctx, ref)
	if err != nil {
		return nil, err
	}
	all := []Change{}
	err = r.store.View(ctx, func(tx *store.Tx) error {
		members := r.graph.Members(r.graph.Person(o))
		for _, o := range members {
			list, err := changesOf(ctx, tx, o)
			if err != nil {
				return err
			}
			all = append(all, list...)
		}
		merges, err := r.merges(ctx, tx, members)
		for _, m := range merges {
			if m.Cause == "hand" {
				all = append(all, Change{m.At, m.Who, "merged " + m.From + " into " + m.Into, m.Why})
			}
			if m.UndoneAt != nil {
				all = append(all, Change{*m.UndoneAt, m.UndoneBy, "undid merge " + m.ID, m.UndoneWhy})
			}
		}
		return err
	})
	slices.SortStableFunc(all, func(a, b Change) int { return b.At.Compare(a.At) })
	return all, wrap("changes", err)
}

// sheet reads what a question gives, as it is.
func (s *Service) sheet(ctx context.Context, name, text string, args ...any) (Sheet, error) {
	sheet := Sheet{Name: name, Rows: [][]any{}}
	rows, err := s.warehouse.Ask(ctx, text, args...)
	if err != nil {
		return sheet, wrap(name, err)
	}
	defer func() { _ = rows.Close() }()
	if sheet.Columns, err = rows.Columns(); err != nil {
		return sheet, wrap(name, err)
	}
	for rows.Next() {
		row := make([]any, len(sheet.Columns))
		dest := make([]any, len(row))
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return sheet, wrap(name, err)
		}
		sheet.Rows = append(sheet.Rows, row)
	}
	return sheet, wrap(name, rows.Err())
}
