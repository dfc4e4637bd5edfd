package render

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/query/rule"
)

// typed says what SQL type an expression has.
type typed uint8

const (
	sqlText typed = iota
	sqlNumber
	sqlFlag
	sqlDay
)

func (r *renderer) typeOf(e int) typed {
	x := &r.set.Exprs[e]
	switch x.As {
	case rule.Number:
		return sqlNumber
	case rule.Flag:
		return sqlFlag
	case rule.Time:
		return sqlDay
	}
	return sqlText
}

// expr is the SQL of an expression over the steps that are joined to the people; NULL where it is unset. Numbers are
// doubles.
func (r *renderer) expr(i int) string {
	if sql, ok := r.exprs[i]; ok {
		return sql
	}
	sql := r.value(&r.set.Exprs[i], r.expr)
	r.exprs[i] = sql
	return sql
}

// value is the SQL of what is made of other values; arg gives those.
func (r *renderer) value(x *rule.Expr, arg func(int) string) string {
	args := make([]string, len(x.Args))
	for i, a := range x.Args {
		args[i] = arg(a)
	}
	switch x.Form {
	case rule.FormAttribute:
		if x.Column == "" {
			return r.aggregateColumn(x)
		}
		// A null that was given counts: the column stands in only where nothing was.
		given := r.aggregateColumn(x)
		return "CASE WHEN " + r.givenColumn(x) + " IS NOT NULL THEN " + given + " ELSE nullif(c." + x.Column + ", '') END"
	case rule.FormState:
		return r.stateColumn(x)
	case rule.FormFirstSet:
		return "coalesce(" + strings.Join(args, ", ") + ")"
	case rule.FormTotal:
		if len(args) == 0 {
			return "NULL::DOUBLE"
		}
		return "(" + strings.Join(args, " + ") + ")"
	case rule.FormEarliest:
		return least("least", args)
	case rule.FormLatest:
		return least("greatest", args)
	case rule.FormDays:
		return r.d.IntDiv("("+num(r.now.AtUS)+" - "+args[0]+")", "86400000000") + "::DOUBLE"
	case rule.FormAverage, rule.FormRatio:
		return "(" + args[0] + " / nullif(" + args[1] + ", 0))"
	case rule.FormTrend:
		return "((" + args[0] + " - " + args[1] + ") / nullif(" + args[0] + " + " + args[1] + ", 0))"
	}
	return r.aggregateColumn(x)
}

// least is the least or greatest of instants that may be unset, which engines treat differently.
func least(fn string, args []string) string {
	far := "9223372036854775807"
	if fn == "greatest" {
		far = "-1"
	}
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = "coalesce(" + a + ", " + far + ")"
	}
	return "nullif(" + fn + "(" + strings.Join(parts, ", ") + "), " + far + ")"
}

func (r *renderer) stateColumn(x *rule.Expr) string {
	column := "st." + x.Column
	switch x.As {
	case rule.Text:
		return "nullif(" + column + ", '')"
	case rule.Number:
		if x.Scale != 1 {
			return "(" + column + "::DOUBLE / " + double(x.Scale) + ")"
		}
		return column + "::DOUBLE"
	}
	return column
}

func double(f float64) string {
	return strconv.FormatFloat(f, 'f', -1, 64) + "::DOUBLE"
}

// test is the predicate of a test on a value, never NULL.
func (r *renderer) test(t *rule.Test, x string, typ typed) string {
	switch t.Op {
	case rule.IsSet:
		return "(" + x + ") IS NOT NULL"
	case rule.IsNotSet:
		return "(" + x + ") IS NULL"
	}
	return "coalesce(" + r.compare(t, x, typ) + ", FALSE)"
}

// compare is the predicate of a test on a value; NULL or false where it does not hold.
func (r *renderer) compare(t *rule.Test, x string, typ typed) string {
	switch t.Op {
	case rule.IsSet:
		return "(" + x + ") IS NOT NULL"
	case rule.IsNotSet:
		return "(" + x + ") IS NULL"
	}
	switch t.As {
	case rule.Number:
		if typ == sqlText {
			x = r.d.Number(x)
		}
		parts := make([]string, len(t.Numbers))
		for i, f := range t.Numbers {
			parts[i] = double(f)
		}
		return compared("("+x+")", t.Op, parts)
	case rule.Flag:
		yes := t.Flag == (t.Op == rule.Eq)
		if typ == sqlFlag {
			return "(" + x + ") = " + strconv.FormatBool(yes)
		}
		return "(" + x + ") = '" + strconv.FormatBool(yes) + "'"
	case rule.Time:
		return r.compareTime(t, x, typ)
	}
	parts := make([]string, len(t.Texts))
	for i, s := range t.Texts {
		parts[i] = r.arg(s)
	}
	switch t.Op {
	case rule.Contains:
		return r.d.Contains(x, parts[0])
	case rule.StartsWith:
		return r.d.StartsWith(x, parts[0])
	}
	return compared("("+x+")", t.Op, parts)
}

func compared(x string, op rule.Op, values []string) string {
	switch {
	case op == rule.Ne || op == rule.NotIn:
		return x + " NOT IN (" + strings.Join(values, ", ") + ")"
	case len(values) == 1 && op == rule.In:
		return x + " = " + values[0]
	case op == rule.In:
		return x + " IN (" + strings.Join(values, ", ") + ")"
	}
	return x + " " + string(op) + " " + values[0]
}

// compareTime tests texts that read as days or instants, or days themselves.
func (r *renderer) compareTime(t *rule.Test, x string, typ typed) string {
	v := t.Resolve(r.now)
	if typ == sqlDay {
		if v.Yearly { // days of customer_state are orders, not birthdays
			return "FALSE"
		}
		return negated(between("("+x+")", int64(v.FirstDay), int64(v.EndDay), int64(rule.NoFirstDay), int64(rule.NoEndDay)), v.Outside)
	}
	isDay, isInstant := r.d.Matches(x, rule.DatePattern), r.d.Matches(x, rule.DatePattern+rule.ClockPattern)
	dayNumber := r.d.DayNumber(x)
	if v.Yearly {
		date := "(substr(" + x + ", 6, 2)::INTEGER * 100 + substr(" + x + ", 9, 2)::INTEGER)"
		glue := " AND "
		if v.FromDate > v.ToDate {
			glue = " OR "
		}
		return "CASE WHEN " + isDay + " OR " + isInstant + " THEN " + dayNumber + " IS NOT NULL AND (" + date + " >= " + num(v.FromDate) + glue + date + " < " + num(v.ToDate) + ") END"
	}
	part := func(from int) string { return "substr(" + x + ", " + strconv.Itoa(from) + ", 2)::BIGINT" }
	zone := r.d.Extract(x, "([+-][0-9][0-9]:?[0-9][0-9])$")
	offset := "CASE WHEN " + zone + " = '' THEN 0 ELSE (CASE WHEN " + zone + " LIKE '+%' THEN -1 ELSE 1 END) * (substr(" + zone + ", 2, 2)::BIGINT * 3600 + substr(" + zone + ", length(" + zone + ") - 1, 2)::BIGINT * 60) END"
	us := "((" + dayNumber + "::BIGINT * 86400 + " + part(12) + " * 3600 + " + part(15) + " * 60 + " + part(18) + " + " + offset + ") * 1000000)"
	days := between(dayNumber, int64(v.FirstDay), int64(v.EndDay), int64(rule.NoFirstDay), int64(rule.NoEndDay))
	instants := between(us, v.From, v.To, rule.Always, rule.Never)
	return "CASE WHEN " + isDay + " THEN " + negated(days, v.Outside) + " WHEN " + isInstant + " THEN " + negated(instants, v.Outside) + " END"
}

func negated(x string, out bool) string {
	if out {
		return "NOT (" + x + ")"
	}
	return x
}

func between(x string, from, to, open, end int64) string {
	var parts []string
	if from != open {
		parts = append(parts, x+" >= "+num(from))
	}
	if to != end {
		parts = append(parts, x+" < "+num(to))
	}
	if len(parts) == 0 {
		return x + " IS NOT NULL"
	}
	return strings.Join(parts, " AND ")
}

// existence renders tests that only ask whether a fact is there, which costs a bit and not a count.
func (r *renderer) existence(n *rule.Node) (string, bool) {
	some, ok := Existential(r.set, n)
	if !ok {
		return "", false
	}
	x := &r.set.Exprs[n.Expr]
	parts := []string{}
	for _, e := range slices.Concat(x.Args, map[bool][]int{true: {n.Expr}}[len(x.Args) == 0]) {
		parts = append(parts, r.exists[r.set.Exprs[e].Sel])
	}
	sql := "(" + strings.Join(parts, " OR ") + ")"
	if !some {
		sql = "NOT " + sql
	}
	return sql, true
}

// Existential says whether a test asks only for there being some (or no) fact. Counts since an event do not: without
// the event both are false.
func Existential(s *rule.Set, n *rule.Node) (some, ok bool) {
	if n.Join != rule.JoinTest || len(n.Test.Numbers) != 1 {
		return false, false
	}
	x := &s.Exprs[n.Expr]
	if x.Form != rule.FormCount && x.Form != rule.FormTotal || x.Prop.Name != "" {
		return false, false
	}
	for _, e := range append(slices.Clone(x.Args), n.Expr) {
		if sel := s.Exprs[e].Sel; sel >= 0 && s.Selections[sel].Since >= 0 || s.Exprs[e].Form == rule.FormSum {
			return false, false
		}
	}
	if x.Form == rule.FormTotal && len(x.Args) == 0 {
		return false, false
	}
	type asked struct {
		op rule.Op
		n  float64
	}
	switch (asked{n.Test.Op, n.Test.Numbers[0]}) {
	case asked{rule.Ge, 1}, asked{rule.Gt, 0}, asked{rule.Ne, 0}:
		return true, true
	case asked{rule.Eq, 0}, asked{rule.Lt, 1}, asked{rule.Le, 0}:
		return false, true
	}
	return false, false
}
