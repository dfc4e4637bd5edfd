package query

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/kit/day"
)

// Rendered is a question in the words of one engine.
type Rendered struct {
	SQL     string // one SELECT, safe as a subquery
	Args    []any  // for $1, $2, ... in SQL
	Columns []Column
	Plan    *Plan
}

// Render checks, plans and renders a question.
func Render(q Question, d Dialect) (Rendered, error) {
	p, err := q.Plan()
	if err != nil {
		return Rendered{}, err
	}
	w := &writer{d: d, args: slices.Clone(p.args)}
	var b strings.Builder
	last := len(p.Steps) - 1
	for i, s := range p.Steps {
		switch {
		case i == last && i > 0:
			b.WriteString("\n")
		case i == 0 && i < last:
			b.WriteString("WITH ")
		case i > 0:
			b.WriteString(",\n")
		}
		if i < last {
			b.WriteString(s.Name + " AS (" + s.body(w) + ")")
			continue
		}
		b.WriteString(s.body(w))
	}
	return Rendered{SQL: b.String(), Args: w.args, Columns: p.Columns, Plan: p}, nil
}

// writer hands out the placeholders of one rendered question.
type writer struct {
	d     Dialect
	args  []any
	first int // number of the first placeholder, less one
}

// arg returns the placeholder of a value.
func (w *writer) arg(v any) string {
	for i, a := range w.args {
		if a == v {
			return "$" + strconv.Itoa(w.first+i+1)
		}
	}
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(w.first+len(w.args))
}

// cast gives an expression the type a column promises.
func (w *writer) cast(expr string, t Type) string {
	return "(" + expr + ")::" + w.d.TypeName(t)
}

// purchases is the FROM and WHERE, under the alias s, of purchase orders up to a day, in a market if one is named.
func (w *writer) purchases(upTo day.Day, market string) string {
	return w.ordersOf(1, "s", upTo, market)
}

func (w *writer) ordersOf(kind int, alias string, upTo day.Day, market string) string {
	s := "FROM orders " + alias + " WHERE " + alias + ".kind = " + strconv.Itoa(kind) + " AND " + alias + ".day <= " + num(upTo)
	if market != "" {
		s += " AND " + alias + ".market = " + w.arg(market)
	}
	return s
}

func num[T ~int | ~int32 | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// as names an expression.
func as(expr, name string) string { return expr + " AS " + name }

func list(parts ...string) string { return strings.Join(parts, ", ") }
