package ref

import (
	"cmp"
	"math"
	"slices"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query"
)

// row is one row of a source: its properties, and its place in time.
type row struct {
	day   day.Day
	props map[string]any
	code  int64 // what products are told apart by
}

func traits(q query.Traits, d Data) [][]any {
	keys, _ := byCustomer(d.purchases(q.AsOf, ""))
	var out [][]any
	for _, key := range keys {
		if q.Customers != nil && !slices.Contains(q.Customers, key) {
			continue
		}
		answer := []any{int64(key)}
		for _, t := range q.Traits {
			answer = append(answer, traitOf(q, d, key, t))
		}
		out = append(out, answer)
	}
	return out
}

func traitOf(q query.Traits, d Data, key uint32, t query.Trait) any {
	if t.Aggregate == query.Ratio {
		return ratio(traitOf(q, d, key, named(q, t.Of)), traitOf(q, d, key, named(q, t.By)), t.Unit == query.UnitMoney)
	}
	rows := d.rows(t.Source, key, q.AsOf)
	if t.Where != nil {
		s := query.SourceSchema(t.Source)
		rows = keep(rows, func(r row) bool {
			return Match(*t.Where, s, func(name string) any { return r.props[name] })
		})
	}
	window := day.Day(t.WindowDays)
	if t.Aggregate == query.Trend {
		recent := total(keep(rows, func(r row) bool { return r.day > q.AsOf-window }), t.Property)
		before := total(keep(rows, func(r row) bool { return r.day > q.AsOf-2*window && r.day <= q.AsOf-window }), t.Property)
		if recent+before == 0 {
			return nil
		}
		return float64(recent-before) / float64(recent+before)
	}
	if window > 0 {
		rows = keep(rows, func(r row) bool { return r.day > q.AsOf-window })
	}
	if t.Property != "" {
		rows = keep(rows, func(r row) bool { return r.props[t.Property] != nil && r.props[t.Property] != "" })
	}
	return aggregate(t, rows, q.AsOf)
}

func named(q query.Traits, name string) query.Trait {
	for _, t := range q.Traits {
		if t.Name == name {
			return t
		}
	}
	t, _ := query.BuiltInTrait(name)
	return t
}

func ratio(a, b any, money bool) any {
	if a == nil || b == nil || float(b) == 0 {
		return nil
	}
	if q := float(a) / float(b); !money {
		return q
	}
	return int64(math.Floor(float(a)/float(b) + 0.5))
}

func keep(rows []row, want func(row) bool) []row {
	var out []row
	for _, r := range rows {
		if want(r) {
			out = append(out, r)
		}
	}
	return out
}

// total is the number of rows, or the sum of a property.
func total(rows []row, property string) int64 {
	if property == "" {
		return int64(len(rows))
	}
	var n int64
	for _, r := range rows {
		switch v := r.props[property].(type) {
		case int64:
			n += v
		case float64: // quantities are thousandths
			n += int64(math.Round(v * 1000))
		}
	}
	return n
}

func aggregate(t query.Trait, rows []row, asOf day.Day) any {
	n := int64(len(rows))
	switch t.Aggregate {
	case query.Count:
		return n
	case query.Sum:
		if t.Property == "quantity" {
			return float64(total(rows, t.Property)) / 1000
		}
		return total(rows, t.Property)
	case query.Avg:
		return average(t, rows)
	case query.Distinct:
		return int64(len(counts(t, rows)))
	case query.MostFrequent:
		return commonest(t, rows)
	}
	if n == 0 {
		return nothing(t)
	}
	first, last := rows[0], rows[n-1]
	switch t.Aggregate {
	case query.First:
		return first.props[t.Property]
	case query.Last:
		return last.props[t.Property]
	case query.DaysSince:
		return int64(asOf - slices.MaxFunc(rows, byDay).day)
	case query.DaysSinceFirst:
		return int64(asOf - slices.MinFunc(rows, byDay).day)
	case query.Gap:
		if n < 2 {
			return nil
		}
		return float64(last.day-first.day) / float64(n-1)
	}
	best := first.props[t.Property]
	for _, r := range rows {
		c := compare(r.props[t.Property], best)
		if (t.Aggregate == query.Min && c < 0) || (t.Aggregate == query.Max && c > 0) {
			best = r.props[t.Property]
		}
	}
	return best
}

func byDay(a, b row) int { return cmp.Compare(a.day, b.day) }

func nothing(t query.Trait) any {
	if t.Column().Type == query.TypeText {
		return ""
	}
	return nil
}

func average(t query.Trait, rows []row) any {
	c := t.Column()
	if len(rows) == 0 {
		if c.Type == query.TypeMoney {
			return int64(0)
		}
		return 0.0
	}
	mean := float64(total(rows, t.Property)) / float64(len(rows))
	switch {
	case c.Type == query.TypeMoney:
		return int64(math.Floor(mean + 0.5))
	case t.Property == "quantity":
		return mean / 1000
	}
	return mean
}

type counted struct {
	value any
	code  int64
	n     int
}

// counts tells values apart: products by their key, all others by what they are.
func counts(t query.Trait, rows []row) []counted {
	var out []counted
	for _, r := range rows {
		i := slices.IndexFunc(out, func(c counted) bool {
			if t.Property == "product" {
				return c.code == r.code
			}
			return c.value == r.props[t.Property]
		})
		if i < 0 {
			i = len(out)
			out = append(out, counted{value: r.props[t.Property], code: r.code})
		}
		out[i].n++
	}
	return out
}

func commonest(t query.Trait, rows []row) any {
	best := counted{value: ""}
	for _, c := range counts(t, rows) {
		smaller := compare(c.value, best.value) < 0
		if t.Property == "product" {
			smaller = c.code < best.code
		}
		if c.n > best.n || (c.n == best.n && smaller) {
			best = c
		}
	}
	return best.value
}
