package query

import (
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/kit/day"
)

func dayCount(n int) day.Day { return day.Day(n) }

// addSteps lists what the scans need, then the scans.
func (t *traitPlanner) addSteps(p *Plan) {
	if t.mentions("p.") || t.decodes("p") || t.decodes("product_text") || t.decodes("category_text") {
		p.add("p", "number the categories in alphabetical order", from("product"), func(*writer) string {
			return "SELECT key AS product_key, coalesce(nullif(name, ''), id) AS label, coalesce(category, '') AS category, " +
				"CASE WHEN coalesce(category, '') <> '' THEN dense_rank() OVER (ORDER BY coalesce(category, '')) END AS category_code FROM product"
		})
	}
	if slices.ContainsFunc(t.scans, func(s *scan) bool { return s.source == CustomerDays }) {
		t.addDays(p)
	}
	for _, s := range t.scans {
		if s.textual() {
			t.addDictionary(p, s)
		}
	}
	for _, s := range t.scans {
		why := "one pass over " + string(s.source) + " by customer"
		if s.dim != "" {
			why = "one pass over " + string(s.source) + " by customer and " + s.dim
		}
		p.add(s.alias, why, from(s.table()), func(w *writer) string { return t.scanSQL(w, s) })
	}
	if t.decodes("product_text") {
		p.add("product_text", "name the products", from("p"), func(*writer) string { return "SELECT product_key AS code, label AS text FROM p" })
	}
	if t.decodes("category_text") {
		p.add("category_text", "name the categories", from("p"), func(*writer) string {
			return "SELECT DISTINCT category_code AS code, category AS text FROM p WHERE category_code IS NOT NULL"
		})
	}
}

func (t *traitPlanner) addDays(p *Plan) {
	p.add("days", "take the purchase orders of each customer and day together", from("orders"), func(w *writer) string {
		return "SELECT s.customer_key, s.day, sum(s.base_minor)::BIGINT AS amount, count(*) AS orders " +
			w.purchases(t.q.AsOf, "") + t.restriction() + " GROUP BY s.customer_key, s.day"
	})
	if t.mentions("f.") {
		p.add("f", "find each customer's first day", from("orders"), func(w *writer) string {
			return "SELECT s.customer_key, min(s.day) AS first_day " + w.purchases(t.q.AsOf, "") + t.restriction() + " GROUP BY s.customer_key"
		})
	}
}

// textual says that the dimension is a text of the source itself, numbered by a dictionary.
func (s *scan) textual() bool {
	return s.dim != "" && s.dim != "product" && s.dim != "category" && s.dim != "day" && s.dim != "paid_until_day"
}

func (t *traitPlanner) addDictionary(p *Plan, s *scan) {
	p.add(dictName(s.source, s.dim), "number the values of "+s.dim+" in alphabetical order", from(s.table()), func(*writer) string {
		return "SELECT text, row_number() OVER (ORDER BY text) AS code FROM (SELECT DISTINCT s." + s.dim + " AS text FROM " + s.table() + " s WHERE s.kind = " +
			s.kind() + " AND s.day <= " + num(t.q.AsOf) + " AND s." + s.dim + " <> '') t"
	})
}

func (s *scan) kind() string {
	if s.source == Refunds {
		return "2"
	}
	return "1"
}

func (s *scan) table() string {
	switch s.source {
	case Lines:
		if !s.mentions("s.market") && !s.mentions("s.channel") && !s.mentions("s.coupon") && !s.textual() {
			return "line" // order_line without what it shares with its order's other lines
		}
		return "order_line"
	case CustomerDays:
		return "days"
	}
	return "orders"
}

func (t *traitPlanner) restriction() string {
	if t.q.Customers == nil {
		return ""
	}
	if len(t.q.Customers) == 0 {
		return " AND FALSE"
	}
	keys := make([]string, len(t.q.Customers))
	for i, k := range t.q.Customers {
		keys[i] = num(int64(k))
	}
	return " AND s.customer_key IN (" + strings.Join(keys, ", ") + ")"
}

// mentions says whether a scan reads the alias of a joined table.
func (s *scan) mentions(prefix string) bool {
	if prefix == "p." && s.dim == "category" {
		return true
	}
	return slices.ContainsFunc(s.partials, func(p partial) bool {
		return strings.Contains(" "+p.value+" "+p.filter, " "+prefix) || strings.Contains(p.value+" "+p.filter, "("+prefix)
	})
}

func (t *traitPlanner) mentions(prefix string) bool {
	return slices.ContainsFunc(t.scans, func(s *scan) bool { return s.mentions(prefix) })
}

func (t *traitPlanner) decodes(table string) bool {
	return slices.ContainsFunc(t.dicts, func(d dictionary) bool { return d.table == table })
}

// scanSQL renders one pass: aggregates by customer, or counts by customer and dimension, then over these.
func (t *traitPlanner) scanSQL(w *writer, s *scan) string {
	if table := t.q.Counted[string(s.source)+"."+s.dim]; table != "" && s.whole() && t.q.Customers == nil {
		return s.counted(table)
	}
	code := map[string]string{"": "", "product": "s.product_key", "category": "p.category_code", "day": "s.day", "paid_until_day": "s.paid_until_day"}[s.dim]
	if s.textual() {
		code = "coalesce(s." + s.dim + ", '')"
	}
	group := list("s.customer_key")
	parts := []string{"s.customer_key"}
	if code != "" {
		parts = append(parts, as(code, "code"))
		group = list("s.customer_key", code)
	}
	for _, p := range s.partials {
		parts = append(parts, as(p.sql(w.d), p.name))
	}
	inner := "SELECT " + strings.Join(parts, ", ") + " FROM " + s.table() + " s"
	switch {
	case s.dim == "category":
		// Every output counts named categories only: a shop without any pays for no pass at all.
		inner += " JOIN p ON p.product_key = s.product_key AND " + named
	case s.dim == "" && s.named():
		inner += " JOIN p ON p.product_key = s.product_key AND " + named
	case s.mentions("p."):
		inner += " LEFT JOIN p ON p.product_key = s.product_key"
	}
	if s.mentions("f.") {
		inner += " JOIN f ON f.customer_key = s.customer_key"
	}
	if s.source != CustomerDays {
		inner += " WHERE s.kind = " + s.kind() + " AND s.day <= " + num(t.q.AsOf) + t.restriction()
	}
	inner += " GROUP BY " + group
	if s.dim == "" {
		return inner
	}
	return s.regroup(inner)
}

// named is the condition of a line whose product has a category.
const named = "p.category_code IS NOT NULL"

// named says that no other lines count in any of the scan's aggregates.
func (s *scan) named() bool {
	return len(s.partials) > 0 && !slices.ContainsFunc(s.partials, func(p partial) bool { return !slices.Contains(strings.Split(p.filter, " AND "), named) })
}

// whole says that the scan counts all of the source's rows, and nothing else.
func (s *scan) whole() bool {
	return len(s.partials) == 1 && s.partials[0].fn == "count" && s.partials[0].filter == ""
}

// counted takes the outputs from a table that has them.
func (s *scan) counted(table string) string {
	parts := []string{"s.customer_key"}
	for _, o := range s.outputs {
		column := "s.kinds"
		if o.commonest {
			column = "s.commonest"
		}
		parts = append(parts, as(column, o.name))
	}
	return "SELECT " + strings.Join(parts, ", ") + " FROM " + table + " s"
}

func (p partial) sql(d Dialect) string {
	switch p.fn {
	case "count":
		return "count(*)" + filtered(p.filter)
	case "first":
		if p.value == "" {
			return "min(" + d.OrderKey(p.at, p.tie) + ")" + filtered(p.filter)
		}
		return d.FirstBy(p.value, p.at, p.tie, p.filter)
	case "last":
		if p.value == "" {
			return "max(" + d.OrderKey(p.at, p.tie) + ")" + filtered(p.filter)
		}
		return d.LastBy(p.value, p.at, p.tie, p.filter)
	case "sum":
		return "sum(" + p.value + ")" + filtered(p.filter) + "::BIGINT"
	}
	return p.fn + "(" + p.value + ")" + filtered(p.filter)
}

// regroup takes the outputs over the groups of each customer. The commonest value is the greatest of (rows, reversed code) packed into one integer, which is far cheaper than arg_max.
func (s *scan) regroup(inner string) string {
	code, set := "g.code", "g.code IS NOT NULL"
	source := "(" + inner + ") g"
	if s.dim == "product" {
		set = "g.code <> " + noProduct
	}
	if s.textual() {
		code, set = "k.code", "k.code IS NOT NULL"
		source += " LEFT JOIN " + dictName(s.source, s.dim) + " k ON k.text = g.code"
	}
	parts := []string{"g.customer_key"}
	for _, o := range s.outputs {
		filter := filtered("g." + o.count + " > 0 AND " + set)
		if !o.commonest {
			parts = append(parts, as("count(*)"+filter, o.name))
			continue
		}
		packed := "max(g." + o.count + " * 4294967296 + 4294967295 - " + code + ")" + filter
		parts = append(parts, as("4294967295 - "+packed+" % 4294967296", o.name))
	}
	return "SELECT " + strings.Join(parts, ", ") + " FROM " + source + " GROUP BY g.customer_key"
}

// addAnswer joins the scans by customer.
func (t *traitPlanner) addAnswer(p *Plan, exprs []string) {
	base := t.scanOf(Orders, "")
	reads := make([]string, len(t.scans))
	for i, s := range t.scans {
		reads[i] = s.alias
	}
	p.add(answer, "join the passes by customer", reads, func(w *writer) string {
		parts := []string{as(base.alias+".customer_key", "customer_key")}
		for i, x := range exprs {
			parts = append(parts, as(w.cast(x, p.Columns[i+1].Type), p.Columns[i+1].Name))
		}
		sql := "SELECT " + strings.Join(parts, ", ") + " FROM " + base.alias
		for _, s := range t.scans {
			if s != base {
				sql += " LEFT JOIN " + s.alias + " ON " + s.alias + ".customer_key = " + base.alias + ".customer_key"
			}
		}
		for _, d := range t.dicts {
			on := d.alias + ".code = " + d.code
			if d.packed {
				on = d.alias + ".product_key = " + w.d.TieOf(d.code)
			}
			sql += " LEFT JOIN " + d.table + " " + d.alias + " ON " + on
		}
		if t.q.Unordered {
			return sql
		}
		return sql + " ORDER BY 1"
	})
}
