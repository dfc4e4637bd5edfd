package live

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/render"
	"github.com/dangol/dangol/internal/recall"
)

// sweepPiece is how many people are evaluated under one hold of the lock.
const sweepPiece = 2_000

// Sweep looks at those whom time alone may have moved since it was looked at last, and returns who moved.
func (e *Engine) Sweep(ctx context.Context) ([]Transition, error) {
	e.mu.Lock()
	r, to := e.roster, e.Clock().UnixMicro()
	ranges := r.ranges(to)
	e.mu.Unlock()
	touches, err := e.atEdge(ctx, r, ranges)
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	var moved []Transition
	for len(touches) > 0 {
		n := min(sweepPiece, len(touches))
		for n < len(touches) && touches[n].customer == touches[n-1].customer {
			n++
		}
		part, err := e.sweepPart(ctx, r, touches[:n])
		if err != nil || part == nil {
			return moved, err // another roster: its own sweep begins anew
		}
		moved, touches = append(moved, *part...), touches[n:]
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.roster != r {
		return moved, nil
	}
	return moved, e.swept(ctx, r, to)
}

// sweepNow is Sweep for whoever holds the lock.
func (e *Engine) sweepNow(ctx context.Context, to int64) error {
	touches, err := e.atEdge(ctx, e.roster, e.roster.ranges(to))
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	if _, err := e.lookAt(ctx, touches, to); err != nil {
		return err
	}
	return e.swept(ctx, e.roster, to)
}

func (e *Engine) sweepPart(ctx context.Context, r *roster, touches []touch) (*[]Transition, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.roster != r {
		return nil, nil
	}
	moved, err := e.lookAt(ctx, touches, e.instant())
	return &moved, err
}

// lookAt evaluates people because of time, as of an instant. It is called under the lock.
func (e *Engine) lookAt(ctx context.Context, touches []touch, nowUS int64) ([]Transition, error) {
	if len(touches) == 0 {
		return nil, nil
	}
	f := e.begin(ctx, nowUS)
	defer f.c.Discard()
	f.touches = touches
	if err := f.evaluate(&Batch{}, ByTime); err != nil || len(f.moved) == 0 {
		return nil, err
	}
	return f.moved, f.finish()
}

// swept notes that time was taken into account, and looks at whoever waited for it.
func (e *Engine) swept(ctx context.Context, r *roster, to int64) error {
	for _, m := range r.rules {
		if m.live {
			m.sweptUS = max(m.sweptUS, to)
		}
	}
	e.counts.sweptUS.Store(to)
	e.retain()
	if err := e.lookAhead(ctx, to); err != nil {
		return err
	}
	var due []touch
	for who := range e.future {
		due = append(due, touch{customer: who, need: everything, fact: -1}) // any of her facts may be one that the clock has reached
	}
	if _, err := e.lookAt(ctx, due, to); err != nil {
		return err
	}
	maps.DeleteFunc(e.future, func(_ uint32, at int64) bool { return at <= to })
	return e.sweepHeavy(ctx, to)
}

// lookAhead notes, after a start and when the clock was set back, whose facts the clock has not reached.
func (e *Engine) lookAhead(ctx context.Context, nowUS int64) error {
	if e.looked {
		return nil
	}
	rows, err := e.Warehouse.Ask(ctx, fmt.Sprintf(`SELECT customer_key, max(at_us) FROM event WHERE at_us > %d GROUP BY customer_key`, nowUS))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var who uint32
		var at int64
		if err := rows.Scan(&who, &at); err != nil {
			return fmt.Errorf("facts to come: %w", err)
		}
		e.future[who] = max(e.future[who], at)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("facts to come: %w", err)
	}
	e.looked = true
	return nil
}

// span is a stretch of time in which facts of a need reach an edge.
type span struct {
	need     int
	from, to int64 // from < at <= to
}

// ranges are where the facts lie that reached an edge since each rule was swept.
func (r *roster) ranges(to int64) []span {
	found := map[span]bool{}
	for _, m := range r.rules {
		if !m.live || m.sweptUS >= to {
			continue
		}
		for _, x := range m.edges {
			found[span{x.need, m.sweptUS - x.offset, to - x.offset}] = true
		}
	}
	list := make([]span, 0, len(found))
	for s := range found {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.need, b.need), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	return list
}

// atEdge asks the warehouse who has a fact in one of the spans.
func (e *Engine) atEdge(ctx context.Context, r *roster, spans []span) ([]touch, error) {
	if len(spans) == 0 {
		return nil, nil
	}
	names := e.Warehouse.Names()
	parts := make([]string, 0, len(spans))
	for _, s := range spans {
		n := &r.needs[s.need]
		table := "event"
		also := ""
		switch n.Source {
		case rule.Orders:
			table, also = "orders", " AND kind = 1"
		case rule.Refunds:
			table, also = "orders", " AND kind = 2"
		case rule.Lines:
			table, also = "line", " AND kind = 1"
		case rule.Identified:
			also = " AND type = 4"
		case rule.Events:
			if n.Name != "*" {
				key, known := names[n.Name]
				if !known {
					continue
				}
				also = " AND name_key = " + strconv.FormatUint(uint64(key), 10)
			}
		}
		parts = append(parts, fmt.Sprintf("SELECT DISTINCT customer_key, %d::INTEGER AS need FROM %s WHERE at_us > %d AND at_us <= %d%s", s.need, table, s.from, s.to, also))
	}
	if len(parts) == 0 {
		return nil, nil
	}
	rows, err := e.Warehouse.Ask(ctx, strings.Join(parts, " UNION ALL "))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var touches []touch
	for rows.Next() {
		t := touch{fact: -1}
		if err := rows.Scan(&t.customer, &t.need); err != nil {
			return nil, fmt.Errorf("people at an edge: %w", err)
		}
		touches = append(touches, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("people at an edge: %w", err)
	}
	slices.SortFunc(touches, func(a, b touch) int { return cmp.Compare(a.customer, b.customer) })
	return touches, nil
}

// heavyEvery is how often they are asked about when nothing happens.
const heavyEvery = time.Minute

// sweepHeavy asks the warehouse about the few people whose records are not kept.
func (e *Engine) sweepHeavy(ctx context.Context, to int64) error {
	heavy := e.Recall.Look(recall.Heavy)
	if heavy.IsEmpty() || e.roster.all.empty() || (!e.heavyDue && to-e.heavyUS < heavyEvery.Microseconds()) {
		return nil
	}
	e.heavyDue, e.heavyUS = false, to
	var rules []*member
	for _, m := range e.roster.rules {
		if m.live && len(m.bound.ByHand()) == 0 {
			rules = append(rules, m)
		}
	}
	bounds, err := e.bounds(e.roster, rules)
	if err != nil {
		return err
	}
	text, args, err := render.Rules(bounds, render.Ask{AsOfUS: to, Customers: heavy.ToArray()}, e.dialect)
	if err != nil {
		return err
	}
	found, err := bitmaps(ctx, e.Warehouse.Ask, len(bounds), text, args)
	if err != nil {
		return err
	}
	f := e.begin(ctx, to)
	defer f.c.Discard()
	for i, m := range rules {
		for it := heavy.Iterator(); it.HasNext(); {
			who := it.Next()
			f.put(m.Segment, who, found[i].Contains(who), cause{reason: ByTime})
		}
	}
	if len(f.moved) == 0 {
		return nil
	}
	return f.finish()
}
