package render

import (
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/query/rule"
)

// Wanted is what is read of the facts of one need of a set, for whoever takes them together by customer.
type Wanted struct {
	Selections []int // at most 64
	Values     []Value
	Place      bool  // of each fact
	From, To   int64 // no fact before From, nor from To on; To 0 is open
	// Customers First <= key < End alone; End 0 is everyone.
	First, End uint32
}

// Value is a property of a selection's facts, as it is taken together: Number or Text.
type Value struct {
	Selection int
	Prop      rule.Prop
}

// Layout says which columns a question has: what is not asked for is not there, for each costs.
type Layout struct {
	Place, Mask, Name, Type int // -1 where it is not there
	Values                  int // the first of them
}

// Rows gives the facts that are of any of the selections: rows (customer_key UINTEGER, at_us BIGINT, place UBIGINT, mask UBIGINT, name_key
// UINTEGER, type UTINYINT, values as DOUBLE or VARCHAR). Bit i of mask says that a fact passes the filters of selection i, which has any. Windows are
// looked at as far as they spare reading; the rest, and since when facts count, is left to the reader, as is which facts are of "*".
func Rows(s *rule.Set, w Wanted, q Ask, d Dialect) (sql string, args []any, l Layout) {
	r := newRenderer(s, q, d)
	need := &r.needs[s.Selections[w.Selections[0]].Need]
	sc := &scan{source: need.Source, since: -1, sels: w.Selections, reach: r.reach(&s.Selections[w.Selections[0]])}
	if sc.source == rule.Refunds {
		sc.source = rule.Orders
	}
	for _, v := range w.Values {
		sc.outputs = append(sc.outputs, output{form: rule.FormLast, sel: v.Selection, prop: v.Prop})
	}
	f, where, from := r.open(sc)
	anyName := need.Name == rule.AnyEvent && need.Source == rule.Events
	if !anyName {
		where = append(where, r.row(need))
	}
	if w.From != rule.Always {
		where = append(where, "s.at_us >= "+num(w.From))
	}
	if w.To != 0 {
		where = append(where, "s.at_us < "+num(w.To))
	}
	if w.End > 0 {
		where = append(where, "s.customer_key >= "+num(int64(w.First)), "s.customer_key < "+num(int64(w.End)))
	}
	mask, passing := r.filterMask(sc, f)
	columns := []string{"y.customer_key AS customer_key", "y.at_us AS at_us"}
	column := func(there bool, sql string) int {
		if !there {
			return -1
		}
		columns = append(columns, sql)
		return len(columns) - 1
	}
	l.Place = column(w.Place, "y.place AS place")
	l.Mask = column(mask != "", mask+" AS mask")
	l.Name = column(anyName, "y.name_key AS name_key")
	l.Type = column(anyName, "y.type AS type")
	l.Values = len(columns)
	for i, v := range w.Values {
		value, _ := r.column(sc, f, v.Selection, v.Prop)
		columns = append(columns, value+" AS v"+strconv.Itoa(i))
	}
	inner := r.rowsSQL(sc, f, from, where)
	return "SELECT " + strings.Join(columns, ", ") + " FROM (" + inner + ") y" + passing + d.Suffix(), r.args, l
}

// filterMask is the mask of a need's rows, and the predicate that some selection's filters pass, where each has filters; empty where
// there is nothing to tell apart.
func (r *renderer) filterMask(s *scan, f *facts) (mask, passing string) {
	var bits, parts []string
	plain := false
	for i, sel := range s.sels {
		x := &r.set.Selections[sel]
		if len(x.Filters) == 0 {
			plain = true
			continue
		}
		var tests []string
		for j := range x.Filters {
			p := &x.Filters[j]
			column, typ := r.column(s, f, sel, p.Prop)
			tests = append(tests, r.compare(&p.Test, column, typ))
		}
		test := "(" + strings.Join(tests, " AND ") + ")"
		parts = append(parts, test)
		bits = append(bits, "CASE WHEN "+test+" THEN "+r.d.Bit(i)+" ELSE "+r.d.None()+" END")
	}
	switch {
	case len(parts) == 0:
		return "", ""
	case len(s.sels) == 1: // who is left has passed
		return "", " WHERE " + parts[0]
	}
	mask = bits[0]
	for _, b := range bits[1:] {
		mask = r.d.BitOr(mask, b)
	}
	if plain {
		return mask, ""
	}
	return mask, " WHERE " + strings.Join(parts, " OR ")
}

// Told gives what identify calls told of some attributes (needs of the set): rows (customer_key, at_us, place, g0 VARCHAR, g1 ...) with
// what was given as JSON, NULL where it was not. All are read in one go over the properties, as DuckDB can.
func Told(s *rule.Set, needs []int, w Wanted, q Ask, d DuckDB) (sql string, args []any) {
	r := newRenderer(s, q, d)
	where := []string{"s.type = 4", "s.at_us <= " + num(r.now.AtUS)}
	if w.End > 0 {
		where = append(where, "s.customer_key >= "+num(int64(w.First)), "s.customer_key < "+num(int64(w.End)))
	}
	columns, paths := "", make([]string, len(needs))
	for i, n := range needs {
		paths[i] = jsonPath(strings.Split(r.needs[n].Name, "."))
		columns += ", y.given[" + strconv.Itoa(i+1) + "]::VARCHAR AS g" + strconv.Itoa(i)
	}
	inner := "SELECT s.customer_key, s.at_us, s.place, json_extract(s.props, [" + strings.Join(paths, ", ") + "]) AS given FROM told s WHERE " + strings.Join(where, " AND ") + r.restriction(" AND ", "s.customer_key")
	return "SELECT y.customer_key, y.at_us, y.place" + columns + " FROM (" + inner + ") y" + d.Suffix(), r.args
}

// State gives columns of customer_state, and of customer (expressions of the set that are such): rows (customer_key, v0, v1 ...), values
// as DOUBLE or VARCHAR, days as texts. Of columns of customer in flagged only is told that they are set.
func State(s *rule.Set, exprs []int, flagged map[int]bool, q Ask, d Dialect) (state, customer string) {
	r := newRenderer(s, q, d)
	parts := map[bool][]string{}
	for _, e := range exprs {
		x := &s.Exprs[e]
		name := " AS v" + strconv.Itoa(e)
		switch {
		case x.Form == rule.FormAttribute && flagged[e]:
			parts[true] = append(parts[true], "CASE WHEN st."+x.Column+" <> '' THEN 'set' END"+name)
		case x.Form == rule.FormAttribute:
			parts[true] = append(parts[true], "nullif(st."+x.Column+", '')"+name)
		case x.As == rule.Flag:
			parts[false] = append(parts[false], "CASE WHEN st."+x.Column+" THEN 'true' WHEN NOT st."+x.Column+" THEN 'false' END"+name)
		case x.As == rule.Time:
			parts[false] = append(parts[false], "(DATE '1970-01-01' + st."+x.Column+"::INTEGER)::VARCHAR"+name)
		default:
			parts[false] = append(parts[false], r.stateColumn(x)+name)
		}
	}
	if p := parts[false]; len(p) > 0 {
		state = "SELECT st.customer_key, " + strings.Join(p, ", ") + " FROM customer_state st WHERE TRUE" + r.restriction(" AND ", "st.customer_key")
	}
	if p := parts[true]; len(p) > 0 {
		customer = "SELECT st.key AS customer_key, " + strings.Join(p, ", ") + " FROM customer st WHERE TRUE" + r.restriction(" AND ", "st.key")
	}
	return state, customer
}

// People gives the keys of all customers, and Hand of those in a segment by hand: rows (customer_key).
func People(s *rule.Set, q Ask, d Dialect) string {
	r := newRenderer(s, q, d)
	return "SELECT c.key AS customer_key FROM customer c WHERE TRUE" + r.restriction(" AND ", "c.key")
}

// Hand gives the members of a segment by hand: rows (customer_key).
func Hand(s *rule.Set, segment string, q Ask, d Dialect) (sql string, args []any) {
	r := newRenderer(s, q, d)
	return "SELECT m.customer_key AS customer_key FROM " + r.q.Members + " m WHERE m.segment = " + r.arg(segment) + r.restriction(" AND ", "m.customer_key"), r.args
}
