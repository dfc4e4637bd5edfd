package live

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/render"
	"github.com/dangol/dangol/internal/recall"
	"github.com/dangol/dangol/internal/warehouse"
)

// needRow reads a row of render.Facts.
type needRow struct {
	fact     recall.Fact
	customer uint32
	origin   sql.Null[uint32]
	texts    []sql.NullString
	dest     []any
}

func newNeedRow(s *strand) *needRow {
	r := &needRow{texts: make([]sql.NullString, len(s.need.Props))}
	r.fact.Strand, r.fact.Values = s.ID, make([]rule.Value, len(s.need.Props))
	r.dest = []any{&r.customer, &r.origin, &r.fact.AtUS, &r.fact.Place}
	for i := range r.texts {
		r.dest = append(r.dest, &r.texts[i])
	}
	return r
}

func (r *needRow) scan(rows *sql.Rows) error {
	if err := rows.Scan(r.dest...); err != nil {
		return fmt.Errorf("facts: %w", err)
	}
	r.fact.Origin = r.customer
	if r.origin.Valid {
		r.fact.Origin = r.origin.V
	}
	for i := range r.texts {
		r.fact.Values[i] = rule.Value{Text: r.texts[i].String, Set: r.texts[i].Valid} // a strand keeps the text alone
	}
	return nil
}

// fillPiece is how many facts are written under one hold of the lock.
const fillPiece = 8_000

// fill reads the past of a strand from the warehouse. The log has fed the strand since before the reading began, so that every
// fact comes in one of the two ways, and one that comes both ways is there once.
func (e *Engine) fill(ctx context.Context, s *strand) error {
	rd, err := e.Warehouse.Read(ctx)
	if err != nil {
		return err
	}
	defer rd.Close()
	if err := e.fillFrom(ctx, rd, s); err != nil {
		return fmt.Errorf("fill %s of %q: %w", s.need.Source, s.need.Name, err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.Recall.Begin(e.instant())
	defer c.Discard()
	if err := s.keep(c); err != nil {
		return err
	}
	if err := c.End(); err != nil {
		return err
	}
	s.filled, s.reread = true, nil
	return nil
}

// fillRows is about how many facts are asked for at once: an answer lies whole in memory.
const fillRows = 1_500_000

// fillFrom reads the facts by customer, so that a record grows by one chunk and not by one a fact, some customers at a time.
func (e *Engine) fillFrom(ctx context.Context, rd *warehouse.Reading, s *strand) error {
	text, args := render.Facts(s.need, render.Ask{AsOfUS: farFuture}, e.dialect)
	count, last := int64(0), sql.Null[uint32]{}
	if err := e.size(ctx, rd, &s.need, &count); err != nil {
		return err
	}
	if err := one(ctx, rd.Ask, `SELECT max(key) FROM customer`, &last); err != nil || !last.Valid {
		return err
	}
	step := uint64(last.V)/uint64(count/fillRows+1) + 1
	for from := uint64(0); from <= uint64(last.V); from += step {
		if err := e.fillRange(ctx, rd, s, fmt.Sprintf(`SELECT * FROM (%s) WHERE customer_key >= %d AND customer_key < %d ORDER BY customer_key`, text, from, from+step), args); err != nil {
			return err
		}
	}
	return nil
}

// size tells about how many facts a need has.
func (e *Engine) size(ctx context.Context, rd *warehouse.Reading, n *rule.Need, count *int64) error {
	table := "event"
	switch n.Source {
	case rule.Lines:
		table = "line"
	case rule.Orders, rule.Refunds:
		table = "orders"
	case rule.Identified:
		table = "event WHERE type = 4"
	case rule.Events:
		if n.Name != "*" {
			table = fmt.Sprintf("event WHERE name_key = %d", n.NameKey)
		}
	}
	return one(ctx, rd.Ask, "SELECT count(*) FROM "+table, count)
}

func (e *Engine) fillRange(ctx context.Context, rd *warehouse.Reading, s *strand, text string, args []any) error {
	rows, err := rd.Ask(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	in := newNeedRow(s)
	more := rows.Next()
	for more {
		if more, err = e.fillPiece(rows, in, s); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("facts: %w", err)
	}
	return nil
}

// fillPiece writes some rows; the current one is the first. Somebody whose facts moved since the reading gets them as they
// belong now, and whose orders were read anew since then has them already.
func (e *Engine) fillPiece(rows *sql.Rows, in *needRow, s *strand) (more bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.Recall.Begin(e.instant())
	defer c.Discard()
	people := e.Recall.Look(recall.Population)
	more = true
	for n := 0; more && n < fillPiece; n++ {
		if err := in.scan(rows); err != nil {
			return false, err
		}
		owner := in.customer
		if in.fact.Origin != in.customer || !people.Contains(owner) {
			owner = c.Owner(in.fact.Origin)
		}
		if people.Contains(owner) && !s.reread.Contains(owner) && !s.reread.Contains(in.customer) {
			c.Add(owner, &in.fact)
		}
		more = rows.Next()
	}
	return more, c.EndSoon()
}
