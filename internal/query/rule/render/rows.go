package render

import (
	"slices"
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
	// After and UpTo bound the places of events; UpTo 0 is open.
	After, UpTo uint64
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
	Place, Mask, Name, Type int      // -1 where it is not there
	Values                  int      // the first of them
	Codes                   []string // of each value: the question (key UINTEGER, text VARCHAR) that says what its keys mean; empty where it is what it is
}

// Rows gives the facts that are of any of the selections: rows (customer_key UINTEGER, at_us BIGINT, place UBIGINT, mask UBIGINT, name_key
// UINTEGER, type UTINYINT, values as DOUBLE, VARCHAR or UINTEGER). Bit i of mask says that a fact passes the filters of selection i, which has any. Windows are
// looked at as far as they spare reading; the rest, and since when facts count, is left to the reader, as are which facts are of "*" and that an empty
// text is none.
func Rows(s *rule.Set, w Wanted, q Ask, d DuckDB) (sql string, args []any, l Layout) {
	r := newRenderer(s, q, d)
	need := &r.needs[s.Selections[w.Selections[0]].Need]
	sc := &scan{source: need.Source, since: -1, sels: w.Selections, reach: r.reach(&s.Selections[w.Selections[0]])}
	if sc.source == rule.Refunds {
		sc.source = rule.Orders
	}
	if sc.source == rule.Events {
		sc.bare = &w
	}
	l.Codes = make([]string, len(w.Values))
	codes := make([]string, len(w.Values))
	for i, v := range w.Values {
		if codes[i], l.Codes[i] = coded(sc.source, v.Prop); codes[i] == "" {
			sc.outputs = append(sc.outputs, output{form: rule.FormLast, sel: v.Selection, prop: v.Prop})
		} else if !slices.Contains(sc.handed, codes[i]) {
			sc.handed = append(sc.handed, codes[i])
		}
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
	if w.After > 0 {
		where = append(where, "s.place > "+strconv.FormatUint(w.After, 10))
	}
	if w.UpTo > 0 {
		where = append(where, "s.place <= "+strconv.FormatUint(w.UpTo, 10))
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
		value := "y." + codes[i]
		if codes[i] == "" {
			value, _ = r.column(sc, f, v.Selection, v.Prop)
		}
		columns = append(columns, value+" AS v"+strconv.Itoa(i))
	}
	inner := r.rowsSQL(sc, f, from, where)
	if q.OneIn > 1 && passing != "" { // or the properties of everyone would be looked at before those who are not drawn are left out
		inner = "WITH drawn AS MATERIALIZED (" + inner + ") FROM drawn"
	}
	return gathered("SELECT " + strings.Join(columns, ", ") + " FROM (" + inner + ") y" + passing + d.Suffix()), r.args, l
}

// gathered has the engine put all rows together, in full pieces and in the memory that it is allowed, or in files, before it hands over the
// first: what is left of each 2,048 rows of a table would be a piece by itself otherwise, and the threads that make them would wait for who
// takes them. It takes half as long. The rows have no order.
func gathered(sql string) string { return "WITH answer AS MATERIALIZED (" + sql + ") FROM answer" }

// coded is the column of a line that stands for a text of its product or context, and the question that says what it stands for; empty of
// other values. Millions of lines have few products: joining them costs more than all else of the reading.
func coded(source rule.Source, p rule.Prop) (column, meaning string) {
	if source != rule.Lines || p.As == rule.Number {
		return "", ""
	}
	switch p.Name {
	case "product":
		return "product_key", "SELECT p.key, p.id FROM product p"
	case "name", "category":
		return "product_key", "SELECT p.key, p." + p.Name + " FROM product p"
	case "market", "channel", "coupon":
		return "context_key", "SELECT k.key, k." + p.Name + " FROM order_context k"
	}
	return "", ""
}

// bareJSON is a property of the events that are wanted. A CASE around it, or an empty text made NULL where it is tested, has the engine parse each
// event's properties two or three times: so times are looked at only where not all that is read is of interest.
func (r *renderer) bareJSON(w *Wanted, p readProp) string {
	object, path := property(p.prop)
	text, span := DuckDB{}.jsonScalar(object, path), p.span
	if span.From <= w.From {
		span.From = rule.Always
	}
	if bounds := r.bounds(span, "s.at_us"); len(bounds) > 0 {
		return "CASE WHEN " + strings.Join(bounds, " AND ") + " THEN " + text + " END"
	}
	return "(" + text + ")"
}

// minds says that a test tells an empty text from none.
func minds(t *rule.Test) bool {
	switch t.Op {
	case rule.Eq, rule.In, rule.Contains, rule.StartsWith:
		return t.As != rule.Text || slices.Contains(t.Texts, "")
	}
	return true
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
			if s.bare != nil && typ == sqlText && minds(&p.Test) {
				column = "nullif(" + column + ", '')"
			}
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
	columns, paths, given := "", make([]string, len(needs)), ""
	for i, n := range needs {
		path := strings.Split(r.needs[n].Name, ".")
		paths[i], given = jsonPath(path), d.JSONGiven("s.props", path)
		columns += ", y.given[" + strconv.Itoa(i+1) + "]::VARCHAR AS g" + strconv.Itoa(i)
	}
	if len(needs) == 1 { // without a list it takes half as long
		columns = ", y.given::VARCHAR AS g0"
	} else {
		given = "json_extract(s.props, [" + strings.Join(paths, ", ") + "])"
	}
	inner := "SELECT s.customer_key, s.at_us, s.place, " + given + " AS given FROM told s WHERE " + strings.Join(where, " AND ") + r.restriction(" AND ", "s.customer_key")
	return gathered("SELECT y.customer_key, y.at_us, y.place" + columns + " FROM (" + inner + ") y" + d.Suffix()), r.args
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

// Seen asks what is kept of when each customer was last seen. until gives at most one row (place UBIGINT, at_us BIGINT): of the events up to that place
// that had happened by that instant, rows gives some instants of each customer, the last one among them (customer_key, at_us).
func Seen(s *rule.Set, w Wanted, q Ask, d DuckDB) (until, rows string) {
	r := newRenderer(s, q, d)
	until = "SELECT u.place, u.at_us FROM seen_until u WHERE u.at_us <= " + num(r.now.AtUS)
	rows = "SELECT s.customer_key, s.at_us FROM seen s WHERE TRUE" + r.restriction(" AND ", "s.customer_key")
	if w.End > 0 {
		rows += " AND s.customer_key >= " + num(int64(w.First)) + " AND s.customer_key < " + num(int64(w.End))
	}
	return until, rows
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
