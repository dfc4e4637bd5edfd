package render

import (
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/query/rule"
)

// sequence is a step with the customers who went through a sequence. Its facts are put in order once; for each step a
// window function looks back for the latest way there, and for what must not lie between.
func (r *renderer) sequence(i int, n *rule.Node) {
	q := "q" + strconv.Itoa(i)
	last := len(n.Steps) - 1
	sql := "SELECT y.customer_key, y.at_us, y.steps, y.breaks, row_number() OVER (PARTITION BY y.customer_key ORDER BY y.at_us, y.source, y.place) AS r FROM (" + r.sequenceRows(n) + ") y"
	over := func(frame string) string {
		return " OVER (PARTITION BY y.customer_key ORDER BY y.r ROWS BETWEEN " + frame + ")"
	}
	before, after := over("UNBOUNDED PRECEDING AND 1 PRECEDING"), over("1 FOLLOWING AND UNBOUNDED FOLLOWING")
	has := func(column string, bit int) string { return r.d.BitAnd("y."+column, r.d.Bit(bit)) + " <> 0" }
	reached := has("steps", 0)
	for k := 1; k <= last; k++ {
		c := n.Steps[k]
		columns := "y.*, max(CASE WHEN " + reached + " THEN y.at_us END)" + before + " AS at" + strconv.Itoa(k)
		if c.Not >= 0 {
			columns += ", max(CASE WHEN " + reached + " THEN y.r END)" + before + " AS way" + strconv.Itoa(k) +
				", max(CASE WHEN " + has("breaks", k) + " THEN y.r END)" + before + " AS broken" + strconv.Itoa(k)
		}
		sql = "SELECT " + columns + " FROM (" + sql + ") y"
		reached = has("steps", k) + " AND y.at" + strconv.Itoa(k) + " IS NOT NULL"
		if c.Within > 0 {
			reached += " AND y.at_us - y.at" + strconv.Itoa(k) + " <= " + num(c.Within.Microseconds())
		}
		if c.Not >= 0 {
			reached += " AND y.way" + strconv.Itoa(k) + " >= coalesce(y.broken" + strconv.Itoa(k) + ", 0)"
		}
	}
	if c := n.Steps[last]; c.Then >= 0 {
		sql = "SELECT y.*, min(CASE WHEN " + has("breaks", 0) + " THEN y.at_us END)" + after + " AS ended FROM (" + sql + ") y"
		if c.NotWithin > 0 {
			wait := num(c.NotWithin.Microseconds())
			reached += " AND (y.ended IS NULL OR y.ended > y.at_us + " + wait + ") AND y.at_us + " + wait + " <= " + num(r.now.AtUS)
		} else {
			reached += " AND y.ended IS NULL"
		}
	}
	r.step(q, "SELECT DISTINCT y.customer_key FROM ("+sql+") y WHERE "+reached)
	r.joinStep(q)
}

// sequenceRows gives the facts of all steps: bit k of steps says that a fact is step k, bit k of breaks that it must
// not lie before step k, bit 0 of breaks that it must not come after the last.
func (r *renderer) sequenceRows(n *rule.Node) string {
	span := n.Within.Span(r.now)
	var parts []string
	add := func(sel int, span rule.Span, column string, bit int) {
		x := r.set.Selections[sel]
		f := r.facts(x.Need)
		values := []string{f.place + " AS place", strconv.Itoa(int(f.source)) + " AS source"}
		for _, c := range []string{"steps", "breaks"} {
			if c == column {
				values = append(values, r.d.Bit(bit)+" AS "+c)
			} else {
				values = append(values, r.d.None()+" AS "+c)
			}
		}
		sql := r.picked(sel, values...)
		for _, b := range r.bounds(span, "s.at_us") {
			sql += " AND " + b
		}
		parts = append(parts, sql)
	}
	open := rule.Span{From: span.From, To: r.now.AtUS + 1}
	for k, c := range n.Steps {
		add(c.Sel, span, "steps", k)
		if c.Not >= 0 {
			add(c.Not, open, "breaks", k)
		}
		if c.Then >= 0 {
			add(c.Then, open, "breaks", 0)
		}
	}
	// A fact may be several of these at once.
	return "SELECT y.customer_key, y.at_us, y.source, y.place, " + r.d.AnyBits("y.steps") + " AS steps, " + r.d.AnyBits("y.breaks") + " AS breaks FROM (" +
		strings.Join(parts, " UNION ALL ") + ") y GROUP BY y.customer_key, y.at_us, y.source, y.place"
}

// join says how a step is joined to the people: those without a row in it are left out where no rule can hold of them.
func (r *renderer) join(string) string { return "LEFT" }
