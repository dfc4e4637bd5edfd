package render

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/query/rule"
)

// condition is the predicate that tells the rows of a selection, beside which event they are.
func (r *renderer) condition(s *scan, f *facts, sel int) string {
	x := &r.set.Selections[sel]
	var parts []string
	if len(s.sels) == 1 {
		parts = append(parts, strings.ReplaceAll(r.row(&r.needs[x.Need]), "s.", "y."))
	}
	parts = append(parts, r.bounds(x.Within.Span(r.now), "y.at_us")...)
	for i := range x.Filters {
		p := &x.Filters[i]
		column, typ := r.column(s, f, sel, p.Prop)
		parts = append(parts, r.compare(&p.Test, column, typ))
	}
	return strings.Join(parts, " AND ")
}

// masks are the columns that say of which selections a row is. The conditions of an event are looked at only in its
// own rows.
func (r *renderer) masks(s *scan, conditions []string, n int) string {
	out := make([]string, n)
	for w := range n {
		var needs []int
		bits := map[int]string{}
		for i := w * 64; i < min(len(s.sels), w*64+64); i++ {
			need := r.set.Selections[s.sels[i]].Need
			bit := r.d.Bit(i % 64)
			if conditions[i] != "" {
				bit = "CASE WHEN " + conditions[i] + " THEN " + bit + " ELSE " + r.d.None() + " END"
			}
			if _, ok := bits[need]; !ok {
				needs = append(needs, need)
				bits[need] = bit
				continue
			}
			bits[need] = r.d.BitOr(bits[need], bit)
		}
		cases, all := "", ""
		for _, need := range needs {
			row := strings.ReplaceAll(r.row(&r.needs[need]), "s.", "y.")
			if r.needs[need].Name == rule.AnyEvent {
				all = "CASE WHEN " + row + " THEN " + bits[need] + " ELSE " + r.d.None() + " END"
				continue
			}
			cases += " WHEN " + row + " THEN " + bits[need]
		}
		switch {
		case all == "":
			out[w] = "CASE" + cases + " ELSE " + r.d.None() + " END"
		case cases == "":
			out[w] = all
		default:
			out[w] = r.d.BitOr("CASE"+cases+" ELSE "+r.d.None()+" END", all)
		}
		out[w] += " AS m" + strconv.Itoa(w)
	}
	return strings.Join(out, ", ")
}

// aggregate is one output over the rows that pass a condition.
func (r *renderer) aggregate(s *scan, f *facts, o output, cond string) string {
	when := func(x string) string {
		if cond == "TRUE" {
			return x
		}
		return "CASE WHEN " + cond + " THEN " + x + " END"
	}
	v := ""
	if o.prop.Name != "" {
		v, _ = r.column(s, f, o.sel, o.prop)
	}
	key := when(r.d.OrderKey("y.at_us", "y.place"))
	switch o.form {
	case rule.FormCount:
		if v == "" && cond == "TRUE" {
			return "count(*)"
		}
		if v == "" {
			v = "1"
		}
		return "count(" + when(v) + ")"
	case rule.FormSum:
		micro := "floor(greatest(least(" + v + ", 9000000000000::DOUBLE), -9000000000000::DOUBLE) * 1000000::DOUBLE + 0.5::DOUBLE)::BIGINT"
		return r.saturated(r.d.Sum("CASE WHEN " + cond + " AND " + v + " IS NOT NULL THEN " + micro + " END"))
	case rule.FormMin:
		return "min(" + when(v) + ")"
	case rule.FormMax:
		return "max(" + when(v) + ")"
	case rule.FormFirst:
		return r.d.ArgMin(when(v), key)
	case rule.FormLast:
		return r.d.ArgMax(when(v), key)
	case rule.FormFirstAt:
		return "min(" + when("y.at_us") + ")"
	default: // FormLastAt
		return "max(" + when("y.at_us") + ")"
	}
}

// saturated bounds a sum of 128 bits to 64.
func (r *renderer) saturated(sum string) string {
	return "CASE WHEN " + sum + " > 9000000000000000000 THEN 9000000000000000000 WHEN " + sum + " < -9000000000000000000 THEN -9000000000000000000 ELSE " + sum + " END::BIGINT"
}

// settleExistence turns what was noted of selections into predicates.
func (r *renderer) settleExistence(s *scan, single bool) {
	for _, sel := range s.asked {
		i := slices.Index(s.sels, sel)
		if single {
			r.exists[sel] = "coalesce(" + s.name + ".x0, 0) = 1"
			continue
		}
		r.exists[sel] = "coalesce(" + r.d.BitAnd(s.name+".x"+strconv.Itoa(i/64), r.d.Bit(i%64)) + ", " + r.d.None() + ") <> 0"
	}
}

// attributesSQL takes the last value given for each attribute, as JSON: null is a value, too.
func (r *renderer) attributesSQL(s *scan) string {
	columns := []string{"s.customer_key"}
	for _, need := range s.attributes {
		given := r.d.JSONGiven("s.props", strings.Split(r.needs[need].Name, "."))
		columns = append(columns, r.d.ArgMax(given, r.d.OrderKey("s.at_us", "s.place"))+" AS g"+strconv.Itoa(need))
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM told s WHERE s.type = 4 AND s.at_us <= " + num(r.now.AtUS) + r.restriction(" AND ", "s.customer_key") + " GROUP BY s.customer_key"
}

func (r *renderer) givenColumn(x *rule.Expr) string {
	return r.scanOf(rule.Identified, -1, lately).name + ".g" + strconv.Itoa(x.Sel)
}

// aggregateColumn is the value of an aggregate over the joined steps.
func (r *renderer) aggregateColumn(x *rule.Expr) string {
	if x.Form == rule.FormAttribute {
		return r.d.ScalarText(r.givenColumn(x))
	}
	e := slices.IndexFunc(r.set.Exprs, func(y rule.Expr) bool { return equalExpr(&y, x) })
	switch x.Form {
	case rule.FormFrequent:
		return r.known(x, "f"+strconv.Itoa(e)+".v")
	case rule.FormDistinct:
		return r.known(x, "coalesce(f"+strconv.Itoa(e)+".v, 0)::DOUBLE")
	}
	column := r.scanFor(x.Sel).name + ".a" + strconv.Itoa(e)
	switch x.Form {
	case rule.FormCount:
		column = "coalesce(" + column + ", 0)::DOUBLE"
	case rule.FormSum:
		column = "(coalesce(" + column + ", 0)::DOUBLE / 1000000::DOUBLE)"
	}
	return r.known(x, column)
}

func equalExpr(a, b *rule.Expr) bool {
	return a.Form == b.Form && a.Sel == b.Sel && a.Prop == b.Prop && a.As == b.As && a.Column == b.Column && slices.Equal(a.Args, b.Args)
}

// known leaves a value unset where the event is missing since which facts count.
func (r *renderer) known(x *rule.Expr, column string) string {
	since := r.set.Selections[x.Sel].Since
	if since < 0 {
		return column
	}
	z := r.since(since)
	r.joinStep(z)
	return "CASE WHEN " + z + ".at IS NOT NULL THEN " + column + " END"
}
