package render

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/query/rule"
)

// tables are where the facts of a source lie. What is told of people has copies in told.
var tables = map[rule.Source]string{rule.Events: "event", rule.Identified: "told", rule.Orders: "orders", rule.Refunds: "orders", rule.Lines: "line"}

// facts says how the facts of a table are read, under the alias s.
type facts struct {
	r       *renderer
	source  rule.Source
	from    string
	place   string
	where   []string // which rows are facts of the need
	told    bool     // they are read from the table told
	product bool
	context bool
}

// facts is how the facts of a need are read.
func (r *renderer) facts(need int) *facts {
	n := &r.needs[need]
	f := &facts{r: r, source: n.Source, told: n.Told()}
	f.open(n.Props)
	f.where = []string{r.row(n)}
	return f
}

// open names the tables for the properties that are read.
func (f *facts) open(props []string) {
	f.place = "s.place"
	f.from = tables[f.source] + " s"
	if f.told {
		f.from = "told s"
	}
	switch f.source {
	case rule.Orders, rule.Refunds:
		f.place = "s.order_key"
	case rule.Lines:
		f.place = "s.line_hash"
		for _, p := range props {
			f.product = f.product || slices.Contains([]string{"product", "name", "category"}, p)
			f.context = f.context || slices.Contains([]string{"market", "channel", "coupon"}, p)
		}
		if f.product {
			f.from += " LEFT JOIN product p ON p.key = s.product_key"
		}
		if f.context {
			f.from += " LEFT JOIN order_context k ON k.key = s.context_key"
		}
	}
}

// row is the predicate that tells the rows of a need in its table.
func (r *renderer) row(n *rule.Need) string {
	switch n.Source {
	case rule.Identified:
		return "s.type = 4"
	case rule.Orders, rule.Lines:
		return "s.kind = 1"
	case rule.Refunds:
		return "s.kind = 2"
	}
	if n.Name != rule.AnyEvent {
		return "s.name_key = " + strconv.FormatUint(uint64(n.NameKey), 10)
	}
	return Activity("s", n.Own)
}

// Activity is the predicate that tells the events that count as "*" in a table; own are the numbers of the names of what the platform tells itself.
func Activity(alias string, own []uint32) string {
	sql := alias + ".type IN (1, 2, 3) AND " + alias + ".name_key >= 16"
	if len(own) > 0 {
		keys := make([]string, len(own))
		for i, k := range own {
			keys[i] = strconv.FormatUint(uint64(k), 10)
		}
		sql += " AND " + alias + ".name_key NOT IN (" + strings.Join(keys, ", ") + ")"
	}
	return sql
}

// native is the column of a property of orders and lines: numbers are doubles, unset is NULL. ok is false of events,
// whose properties are JSON.
func (f *facts) native(prop string) (sql string, number, ok bool) {
	text := func(column string) (string, bool, bool) { return "nullif(" + column + ", '')", false, true }
	if f.source == rule.Events || f.source == rule.Identified {
		return "", false, false
	}
	switch prop {
	case "order_id":
		return text("s.order_id")
	case "revenue":
		return "(s.base_minor::DOUBLE / " + double(f.r.set.Scale()) + ")", true, true
	case "quantity":
		return "(s.quantity_milli::DOUBLE / 1000::DOUBLE)", true, true
	case "lines":
		return "s.lines::DOUBLE", true, true
	case rule.LateDays:
		return "CASE WHEN s.promised_day IS NOT NULL AND s.delivered_day <= " + num(f.r.now.Today) + " THEN (s.delivered_day - s.promised_day)::DOUBLE END", true, true
	case rule.DeliveredDay:
		return "s.delivered_day::DOUBLE", true, true
	case rule.PaidUntilDay:
		return f.r.d.DayText("s.paid_until_day"), false, true
	case "product":
		return text("p.id")
	case "name":
		return text("p.name")
	case "category":
		return text("p.category")
	case "currency":
		return text("s.currency")
	}
	if f.source == rule.Lines {
		return text("k." + prop)
	}
	return text("s." + prop)
}

// json is the text of a property of an event.
func (f *facts) json(prop string) string { return f.r.d.JSONText(property(prop)) }

// property is the column and the path of a property of an event.
func property(prop string) (object string, path []string) {
	object = "s.props"
	if rest, ok := strings.CutPrefix(prop, rule.ContextPrefix); ok {
		object, prop = "s.context", rest
	}
	return object, strings.Split(prop, ".")
}

// text is a property as a text, for strands.
func (f *facts) text(prop string) string {
	sql, number, ok := f.native(prop)
	switch {
	case !ok:
		return f.json(prop)
	case prop == rule.LateDays: // when it is known is told beside it, by the day of delivery
		return "CASE WHEN s.promised_day IS NOT NULL THEN s.delivered_day - s.promised_day END::VARCHAR"
	case number:
		return "(" + sql + ")::VARCHAR"
	}
	return sql
}

// read is a property in one of the ways to read it.
func (f *facts) read(p rule.Prop) string {
	sql, number, ok := f.native(p.Name)
	if !ok {
		sql = f.json(p.Name)
	}
	if p.As == rule.Number && !number {
		return f.r.d.Number(sql)
	}
	return sql
}

// typed is the SQL type in which a property is read for a filter.
func (f *facts) typed(p rule.Prop) typed {
	if _, number, _ := f.native(p.Name); number || p.As == rule.Number {
		return sqlNumber
	}
	return sqlText
}

// bounds are the predicates of a span, as far as it goes beyond "not after the instant".
func (r *renderer) bounds(s rule.Span, at string) []string {
	var out []string
	if s.From != rule.Always {
		out = append(out, at+" >= "+num(s.From))
	}
	if s.To < r.now.AtUS+1 {
		out = append(out, at+" < "+num(s.To))
	}
	return out
}

// picked is one selection read by itself: rows (customer_key, at_us, place) and the values asked for.
func (r *renderer) picked(sel int, values ...string) string {
	s := &r.set.Selections[sel]
	f := r.facts(s.Need)
	where := append(f.where, "s.at_us <= "+num(r.now.AtUS))
	where = append(where, r.bounds(s.Within.Span(r.now), "s.at_us")...)
	for i := range s.Filters {
		p := &s.Filters[i]
		where = append(where, r.compare(&p.Test, f.read(p.Prop), f.typed(p.Prop)))
	}
	from := f.from
	if s.Since >= 0 {
		z := r.since(s.Since)
		from += " JOIN " + z + " ON " + z + ".customer_key = s.customer_key"
		where = append(where, "s.at_us > "+z+".at")
	}
	columns := append([]string{"s.customer_key AS customer_key", "s.at_us AS at_us"}, values...)
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + from + " WHERE " + strings.Join(where, " AND ") + r.restriction(" AND ", "s.customer_key")
}

// since is the step with the instant after which facts count, one row for each customer who has one.
func (r *renderer) since(e int) string {
	name := "z" + strconv.Itoa(e)
	if slices.ContainsFunc(r.steps, func(s step) bool { return s.name == name }) {
		return name
	}
	x := &r.set.Exprs[e]
	fn, parts := "max", x.Args
	if x.Form == rule.FormFirstAt || x.Form == rule.FormEarliest {
		fn = "min"
	}
	if len(parts) == 0 {
		parts = []int{e}
	}
	union := make([]string, len(parts))
	for i, p := range parts {
		union[i] = r.picked(r.set.Exprs[p].Sel)
	}
	return r.step(name, "SELECT y.customer_key, "+fn+"(y.at_us) AS at FROM ("+strings.Join(union, " UNION ALL ")+") y GROUP BY y.customer_key")
}
