package live

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/dangol/dangol/internal/audience/names"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
	"github.com/dangol/dangol/internal/query/rule/render"
	"github.com/dangol/dangol/internal/recall"
)

// Catalogue is what rules can name now, with what was learned of it. Neither may be changed.
func (e *Engine) Catalogue(ctx context.Context) (*rule.Catalog, *names.Book, error) {
	known, err := e.Known(ctx)
	if err != nil {
		return nil, nil, err
	}
	e.mu.Lock()
	book := e.book.Copy()
	e.mu.Unlock()
	c, err := catalogOf(&known, book, e.Warehouse.Names())
	return c, book, err
}

// DropSamples forgets the samples of what was learned, since nobody knows whose they were. What recall's files still hold of them
// goes with Recall.Scrub.
func (e *Engine) DropSamples() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.book.DropSamples()
	c := e.Recall.Begin(e.instant())
	defer c.Discard()
	if err := e.keepBook(c); err != nil {
		return err
	}
	return c.End()
}

// keepBook writes what was learned since it was written last.
func (e *Engine) keepBook(c *recall.Commit) error {
	return e.book.Changed(func(name string, text []byte) error { return c.Keep(bookPrefix+name, text) })
}

// Follows tells whether a segment's members are those of this rule, and follow events.
func (e *Engine) Follows(key uint32, r *rule.Rule) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	m := e.roster.find(key)
	if m == nil || !m.live {
		return false
	}
	want, err := json.Marshal(r)
	if err != nil {
		return false
	}
	have, err := json.Marshal(m.bound.Rule())
	return err == nil && bytes.Equal(have, want)
}

// Segments are those that are followed, by their numbers.
func (e *Engine) Segments() []Segment {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.SortedFunc(maps.Values(e.slugs), func(a, b Segment) int { return cmp.Compare(a.Key, b.Key) })
}

// Find gives the number of a segment that is followed.
func (e *Engine) Find(slug string) (key uint32, found bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for key, s := range e.slugs {
		if s.Slug == slug {
			return key, true
		}
	}
	return 0, false
}

// Knows tells whether the engine has met a segment, by rule or by hand.
func (e *Engine) Knows(key uint32) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, known := e.slugs[key]
	return known
}

// Explain goes through the conditions of a rule for one customer, from the warehouse.
func (e *Engine) Explain(ctx context.Context, b *rule.Bound, customer uint32, lang string) ([]ref.Condition, error) {
	p, err := e.look(ctx, b, customer)
	if err != nil {
		return nil, err
	}
	found := ref.Explain(b, p, p.atUS, lang)
	return found, p.columns.err
}

// Value is what a trait is of one customer.
func (e *Engine) Value(ctx context.Context, b *rule.Bound, customer uint32) (any, error) {
	p, err := e.look(ctx, b, customer)
	if err != nil {
		return nil, err
	}
	v := ref.Value(b, p, p.atUS)
	return v, p.columns.err
}

// lone is one customer with the facts that one rule needs.
type lone struct {
	key     uint32
	atUS    int64
	moments map[string][]rule.Moment
	columns *columns
	in      func(slug string, customer uint32) bool
}

// Key is the customer's.
func (p *lone) Key() uint32 { return p.key }

// Moments are her facts of a need.
func (p *lone) Moments(n *rule.Need) []rule.Moment { return p.moments[n.ID()] }

// State is a column of the last analysis or of the customer's row.
func (p *lone) State(column string) any { return p.columns.value(column, p.key) }

// In says whether she is in a segment by hand.
func (p *lone) In(slug string) bool { return p.in(slug, p.key) }

// look reads what a rule needs of one customer: from recall where it keeps it, else from the warehouse.
func (e *Engine) look(ctx context.Context, b *rule.Bound, customer uint32) (*lone, error) {
	p := &lone{key: customer, atUS: e.Clock().UnixMicro(), moments: map[string][]rule.Moment{}}
	p.columns = &columns{ctx: ctx, ask: e.Warehouse.Ask, people: func() []uint32 { return []uint32{customer} }, asked: new([]string), top: func() (uint32, error) { return nobody, nil }}
	needs := b.Needs()
	e.mu.Lock()
	hand := maps.Clone(e.hand)
	kept, err := e.recalled(needs, customer, p)
	e.mu.Unlock()
	if err != nil {
		return nil, err
	}
	p.in = func(slug string, customer uint32) bool {
		key, byHand := hand[slug]
		return byHand && e.Recall.Contains(key, customer)
	}
	for i, n := range needs {
		if kept[i] {
			continue
		}
		text, args := render.Facts(n, render.Ask{AsOfUS: p.atUS, Customers: []uint32{customer}}, e.dialect)
		moments, err := readMoments(ctx, e.Warehouse.Ask, len(n.Props), text, args)
		if err != nil {
			return nil, err
		}
		p.moments[n.ID()] = moments
	}
	return p, nil
}

// recalled reads those needs of a customer that strands hold, and says which they are. It is called under the lock.
func (e *Engine) recalled(needs []rule.Need, customer uint32, p *lone) (kept []bool, err error) {
	kept = make([]bool, len(needs))
	slots := recall.Slots{Pick: make([][]int32, len(needs))}
	if e.Recall.Look(recall.Heavy).Contains(customer) {
		return kept, nil
	}
	for i := range needs {
		if s := e.covering(&needs[i], true); s != nil {
			hold(&slots, s, i, &needs[i])
			kept[i] = true
		}
	}
	var record recall.Record // its own, for what it shows outlives the lock
	if err := e.Recall.Read(customer, &slots, len(needs), &record); err != nil {
		return kept, err
	}
	for i := range needs {
		if kept[i] {
			p.moments[needs[i].ID()] = record.Moments(i)
		}
	}
	return kept, e.Recall.Sound(&record)
}

func readMoments(ctx context.Context, ask asking, props int, text string, args []any) (list []rule.Moment, err error) {
	rows, err := ask(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var customer, origin uint32
	values := make([]sql.NullString, props)
	for rows.Next() {
		m := rule.Moment{Values: make([]rule.Value, props)}
		dest := []any{&customer, &origin, &m.AtUS, &m.Place}
		for i := range values {
			dest = append(dest, &values[i])
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, fmt.Errorf("facts of a customer: %w", err)
		}
		for i, v := range values {
			if v.Valid {
				m.Values[i] = rule.ValueOf(v.String)
			}
		}
		list = append(list, m)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("facts of a customer: %w", err)
	}
	slices.SortFunc(list, func(a, b rule.Moment) int {
		switch {
		case a.AtUS != b.AtUS:
			return int(min(max(a.AtUS-b.AtUS, -1), 1))
		case a.Place < b.Place:
			return -1
		case a.Place > b.Place:
			return 1
		}
		return 0
	})
	return list, nil
}

// HandTable writes the members of segments by hand as a table that a rule reads in a question of its own.
func (e *Engine) HandTable(b *rule.Bound) string {
	text := "(SELECT '' AS segment, 0::UINTEGER AS customer_key WHERE FALSE"
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, slug := range b.ByHand() {
		key, ok := e.hand[slug]
		if keys := e.Recall.Members(key).ToArray(); ok && len(keys) > 0 { // a row without a key would be read as the first
			text += " UNION ALL SELECT '" + slug + "', unnest([" + keyList(keys) + "]::UINTEGER[])"
		}
	}
	return text + ")"
}

// People is how many there are.
func (e *Engine) People() int64 { return e.Recall.Size(recall.Population) }
