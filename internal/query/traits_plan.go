package query

import (
	"strconv"
	"strings"
)

// traitPlanner turns traits into scans and, for each trait, an expression over their results.
type traitPlanner struct {
	q     Traits
	w     *writer // gathers the arguments of conditions
	scans []*scan
	dicts []dictionary
	names int
}

// scan is one pass over a source, grouped by customer, or first by customer and a dimension.
type scan struct {
	source   Source
	dim      string // "" or a property
	alias    string
	partials []partial
	outputs  []output
}

// partial is one aggregate of a scan; first and last without a value give the packed key itself.
type partial struct {
	name, fn, value, at, tie, filter string
}

// output is taken over the groups of a dimension: the number of its values, or the commonest of them.
type output struct {
	name, count string
	commonest   bool
}

// dictionary joins a code back to its text in the answer.
type dictionary struct {
	alias, table, code string
	packed             bool
}

// Plan gathers the traits so that each source is scanned once for each thing it is grouped by.
func (q Traits) Plan() (*Plan, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	t := &traitPlanner{q: q, w: &writer{}}
	t.scanOf(Orders, "").put(t, partial{fn: "count"}) // who has bought at all
	columns := []Column{{Name: "customer_key", Type: TypeKey}}
	exprs := make([]string, len(q.Traits))
	for i, trait := range q.Traits {
		columns = append(columns, trait.Column())
		exprs[i] = t.value(trait)
	}
	p := &Plan{Columns: columns, args: t.w.args}
	t.addSteps(p)
	t.addAnswer(p, exprs)
	return p, nil
}

func (t *traitPlanner) scanOf(source Source, dim string) *scan {
	for _, s := range t.scans {
		if s.source == source && s.dim == dim {
			return s
		}
	}
	s := &scan{source: source, dim: dim, alias: "of_" + string(source)}
	if dim != "" {
		s.alias += "_by_" + dim
	}
	t.scans = append(t.scans, s)
	return s
}

func (t *traitPlanner) name() string {
	t.names++
	return "a" + strconv.Itoa(t.names)
}

// put adds a partial aggregate, once, and returns its name.
func (s *scan) put(t *traitPlanner, p partial) string {
	for _, known := range s.partials {
		p.name = known.name
		if p == known {
			return known.name
		}
	}
	p.name = t.name()
	s.partials = append(s.partials, p)
	return p.name
}

// take is put, as an expression of the answer.
func (s *scan) take(t *traitPlanner, p partial) string { return s.alias + "." + s.put(t, p) }

// value returns the answer's expression for a trait.
func (t *traitPlanner) value(trait Trait) string {
	switch trait.Aggregate {
	case Ratio:
		return t.ratio(trait)
	case Trend:
		return t.trend(trait)
	case Distinct, MostFrequent:
		return t.dimension(trait)
	}
	if expr, ok := t.firstDay(trait); ok {
		return expr
	}
	s := t.scanOf(trait.Source, "")
	prop, _ := findProperty(trait.Source, trait.Property)
	filter := t.filter(trait, prop)
	x := ""
	if prop.expr != nil {
		x = prop.expr(t.q.AsOf)
	}
	asOf := num(t.q.AsOf)
	switch trait.Aggregate {
	case Count:
		return "coalesce(" + s.take(t, partial{fn: "count", filter: filter}) + ", 0)"
	case Sum:
		return prop.scaled("coalesce(" + s.take(t, partial{fn: "sum", value: x, filter: filter}) + ", 0)")
	case Avg:
		return mean(s.take(t, partial{fn: "sum", value: x, filter: filter}), s.take(t, partial{fn: "count", filter: filter}), prop)
	case Min, Max:
		return prop.scaled(s.take(t, partial{fn: string(trait.Aggregate), value: x, filter: filter}))
	case DaysSince:
		return asOf + " - " + s.take(t, partial{fn: "max", value: "s.day", filter: filter})
	case DaysSinceFirst:
		return asOf + " - " + s.take(t, partial{fn: "min", value: "s.day", filter: filter})
	case Gap:
		n := s.take(t, partial{fn: "count", filter: filter})
		span := s.take(t, partial{fn: "max", value: "s.day", filter: filter}) + " - " + s.take(t, partial{fn: "min", value: "s.day", filter: filter})
		return "CASE WHEN " + n + " >= 2 THEN (" + span + ") / (" + n + " - 1) END"
	}
	return t.edge(s, trait, prop, x, filter)
}

// edge is the first or last value; text goes through its dictionary where it is coded.
func (t *traitPlanner) edge(s *scan, trait Trait, prop property, x, filter string) string {
	at, tie := "s.at_us", "s.order_key"
	if trait.Source == CustomerDays {
		at, tie = "s.day", "0"
	}
	if prop.coded { // the line's product is its tie-break, and tells the category too
		return t.decode(trait.Property, Lines, s.take(t, partial{fn: string(trait.Aggregate), at: at, tie: "s.product_key", filter: filter}), true)
	}
	v := s.take(t, partial{fn: string(trait.Aggregate), value: x, at: at, tie: tie, filter: filter})
	if prop.kind == TypeText {
		return "coalesce(" + v + ", '')"
	}
	return prop.scaled(v)
}

// scaled turns thousandths into units.
func (p property) scaled(expr string) string {
	if p.milli {
		return "(" + expr + ") / 1000"
	}
	return expr
}

func mean(sum, n string, p property) string {
	q := sum + " / " + n
	switch {
	case p.kind == TypeMoney:
		q = "floor(" + q + " + 0.5)"
	case p.milli:
		q += " / 1000"
	}
	return "CASE WHEN coalesce(" + n + ", 0) = 0 THEN 0 ELSE " + q + " END"
}

func (t *traitPlanner) ratio(trait Trait) string {
	of, _ := t.q.resolve(trait.Of)
	by, _ := t.q.resolve(trait.By)
	a, b := t.value(of), t.value(by)
	q := "(" + a + ") / (" + b + ")"
	if trait.Unit == UnitMoney {
		q = "floor(" + q + " + 0.5)"
	}
	return "CASE WHEN coalesce(" + b + ", 0) <> 0 THEN " + q + " END"
}

func (t *traitPlanner) trend(trait Trait) string {
	s := t.scanOf(trait.Source, "")
	prop, _ := findProperty(trait.Source, trait.Property)
	split, start := t.q.AsOf, t.q.AsOf
	split -= dayCount(trait.WindowDays)
	start -= dayCount(2 * trait.WindowDays)
	p := partial{fn: "count"}
	if prop.expr != nil {
		p = partial{fn: "sum", value: prop.expr(t.q.AsOf)}
	}
	where := t.where(trait, prop)
	p.filter = conjunction("s.day > "+num(split), where)
	recent := "coalesce(" + s.take(t, p) + ", 0)"
	p.filter = conjunction("s.day > "+num(start)+" AND s.day <= "+num(split), where)
	before := "coalesce(" + s.take(t, p) + ", 0)"
	return "CASE WHEN " + recent + " + " + before + " <> 0 THEN (" + recent + " - " + before + ") / (" + recent + " + " + before + ") END"
}

// firstDay answers "on the first day" and "after the first day" over all purchase days without
// looking the first day up for each row: the first is the row of the least day, the rest the difference.
func (t *traitPlanner) firstDay(trait Trait) (string, bool) {
	c := trait.Where
	if trait.Source != CustomerDays || trait.WindowDays != 0 || c == nil || c.Trait != "first" || (c.Op != Eq && c.Op != Ne) {
		return "", false
	}
	isFirst := (c.Value == true) == (c.Op == Eq)
	prop, _ := findProperty(CustomerDays, trait.Property)
	s := t.scanOf(CustomerDays, "")
	n := s.take(t, partial{fn: "count"})
	if isFirst {
		n = "1"
	} else {
		n += " - 1"
	}
	if trait.Aggregate == Count {
		return n, true
	}
	if prop.kind != TypeMoney && prop.kind != TypeInt {
		return "", false
	}
	sum := s.take(t, partial{fn: "first", value: prop.expr(t.q.AsOf), at: "s.day", tie: "0"})
	if !isFirst {
		sum = "(" + s.take(t, partial{fn: "sum", value: prop.expr(t.q.AsOf)}) + " - " + sum + ")"
	}
	switch trait.Aggregate {
	case Sum:
		return sum, true
	case Avg:
		return mean(sum, "("+n+")", prop), true
	}
	return "", false
}

// dimension is the number of values of a property, or the commonest.
func (t *traitPlanner) dimension(trait Trait) string {
	s := t.scanOf(trait.Source, trait.Property)
	count := s.put(t, partial{fn: "count", filter: t.filter(trait, property{})})
	o := output{name: t.name(), count: count, commonest: trait.Aggregate == MostFrequent}
	s.outputs = append(s.outputs, o)
	if !o.commonest {
		return "coalesce(" + s.alias + "." + o.name + ", 0)"
	}
	return t.decode(trait.Property, trait.Source, s.alias+"."+o.name, false)
}

// decode joins a code to its text. A packed code is an ordering key whose tie-break is the product.
func (t *traitPlanner) decode(property string, source Source, code string, packed bool) string {
	d := dictionary{alias: "d" + strconv.Itoa(len(t.dicts)+1), table: dictName(source, property), code: code, packed: packed}
	text := ".text"
	if packed {
		d.table, text = "p", ".label"
		if property == "category" {
			text = ".category"
		}
	}
	t.dicts = append(t.dicts, d)
	return "coalesce(" + d.alias + text + ", '')"
}

func dictName(source Source, property string) string {
	if property == "product" || property == "category" {
		return property + "_text"
	}
	return string(source) + "_" + property + "_text"
}

// filter is what a row must satisfy: the window, the conditions, and that the property is set.
func (t *traitPlanner) filter(trait Trait, p property) string {
	window := ""
	if trait.WindowDays > 0 {
		window = "s.day > " + num(t.q.AsOf-dayCount(trait.WindowDays))
	}
	return conjunction(window, t.where(trait, p))
}

func (t *traitPlanner) where(trait Trait, p property) string {
	set, cond := "", ""
	switch {
	case p.name == "product":
		set = "s.product_key <> " + noProduct
	case p.name == "category":
		set = named
	case p.nullable:
		set = "(" + p.expr(t.q.AsOf) + ") IS NOT NULL"
	case p.kind == TypeText && p.expr != nil:
		set = p.expr(t.q.AsOf) + " <> ''"
	}
	if trait.Where != nil {
		cond = t.w.condition(*trait.Where, SourceSchema(trait.Source), func(name string) string {
			prop, _ := findProperty(trait.Source, name)
			return prop.scaled(prop.expr(t.q.AsOf))
		})
	}
	if set == cond {
		return set
	}
	return conjunction(set, cond)
}

// noProduct is the key of the product that stands for "no product given".
const noProduct = "(SELECT coalesce(min(key), 0) FROM product WHERE id = '')"

func conjunction(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " AND ")
}
