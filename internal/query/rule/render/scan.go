package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/query/rule"
)

// scan is one pass over a table for all selections of it. Each row gets a mask that says of which selections it is,
// and the aggregates look at that: a condition is computed once for a row, whoever asks.
type scan struct {
	name       string
	source     rule.Source
	since      int // an expression, or -1: facts after that instant only
	reach      reach
	sels       []int
	attributes []int // needs of identify calls
	outputs    []output
	asked      []int // selections of which only is asked whether there is a fact
	props      []readProp
	handed     []string // columns that are handed on as they are
	bare       *Wanted  // of events: nothing but what is wanted is read, and empty texts are left what they are
}

// reach says how much of the table event a pass has to read. What looks back for ever and what looks at all names have
// passes of their own, so that the others can leave out whole stretches of time.
type reach uint8

const (
	lately reach = iota
	forEver
	allNames
	toldOf // the table told, which is small
)

func (r *renderer) reach(x *rule.Selection) reach {
	n := &r.needs[x.Need]
	switch {
	case n.Source != rule.Events:
		return lately
	case n.Told():
		return toldOf
	case n.Name == rule.AnyEvent:
		return allNames
	case x.Within.Span(r.now).From == rule.Always:
		return forEver
	}
	return lately
}

// output is one aggregate of a scan.
type output struct {
	name string
	form rule.Form
	sel  int
	prop rule.Prop
}

// readProp is a property that is read from the rows of a need, once.
type readProp struct {
	need int
	prop string
	as   rule.Kind
	span rule.Span // where rows of it are of interest
}

func (p readProp) name(i int) string {
	return map[bool]string{true: "n", false: "p"}[p.as == rule.Number] + strconv.Itoa(i)
}

// plan gathers what all used tests ask for into scans and makes the steps.
func (r *renderer) plan(used []bool) {
	for i := range r.set.Nodes {
		n := &r.set.Nodes[i]
		if !used[i] {
			continue
		}
		switch n.Join {
		case rule.JoinTest:
			if _, ok := Existential(r.set, n); ok {
				x := &r.set.Exprs[n.Expr]
				for _, e := range slices.Concat(x.Args, map[bool][]int{true: {n.Expr}}[len(x.Args) == 0]) {
					r.askExistence(r.set.Exprs[e].Sel)
				}
				continue
			}
			r.request(n.Expr)
		case rule.JoinHand:
			r.handed(n.Segment)
		case rule.JoinSequence:
			r.sequence(i, n)
		}
	}
	for _, s := range r.scans {
		r.step(s.name, r.scanSQL(s))
		r.joinStep(s.name)
	}
	if len(r.hand) > 0 {
		r.planHand()
	}
}

func (r *renderer) planHand() {
	columns := []string{"m.customer_key"}
	names := make([]string, len(r.hand))
	for i, s := range r.hand {
		names[i] = r.arg(s)
		columns = append(columns, "max(CASE WHEN m.segment = "+names[i]+" THEN 1 ELSE 0 END) AS h"+strconv.Itoa(i))
	}
	r.step("hand", "SELECT "+strings.Join(columns, ", ")+" FROM "+r.q.Members+" m WHERE m.segment IN ("+strings.Join(names, ", ")+") GROUP BY m.customer_key")
	r.joinStep("hand")
}

// request makes sure that an expression is computed by a scan.
func (r *renderer) request(e int) {
	x := &r.set.Exprs[e]
	for _, a := range x.Args {
		r.request(a)
	}
	switch {
	case x.Form == rule.FormState:
		r.state = true
	case x.Form == rule.FormAttribute:
		s := r.scanOf(rule.Identified, -1, lately)
		if !slices.Contains(s.attributes, x.Sel) {
			s.attributes = append(s.attributes, x.Sel)
		}
	case x.Form == rule.FormFrequent || x.Form == rule.FormDistinct:
		r.byValue(e, x)
	case x.Sel >= 0:
		s := r.scanFor(x.Sel)
		name := "a" + strconv.Itoa(e)
		if !slices.ContainsFunc(s.outputs, func(o output) bool { return o.name == name }) {
			s.outputs = append(s.outputs, output{name: name, form: x.Form, sel: x.Sel, prop: x.Prop})
		}
	}
}

func (r *renderer) askExistence(sel int) {
	s := r.scanFor(sel)
	if !slices.Contains(s.asked, sel) {
		s.asked = append(s.asked, sel)
	}
	bit := slices.Index(s.sels, sel)
	// What bit it is, and whether there is a mask at all, is known once all are gathered.
	r.exists[sel] = fmt.Sprintf("%s\x00%d", s.name, bit)
}

// scanFor is the scan that reads a selection.
func (r *renderer) scanFor(sel int) *scan {
	x := &r.set.Selections[sel]
	s := r.scanOf(r.needs[x.Need].Source, x.Since, r.reach(x))
	if !slices.Contains(s.sels, sel) {
		s.sels = append(s.sels, sel)
	}
	return s
}

func (r *renderer) scanOf(source rule.Source, since int, far reach) *scan {
	if source == rule.Refunds {
		source = rule.Orders
	}
	for _, s := range r.scans {
		if s.source == source && s.since == since && s.reach == far {
			return s
		}
	}
	s := &scan{name: "s" + strconv.Itoa(len(r.scans)), source: source, since: since, reach: far}
	r.scans = append(r.scans, s)
	if since >= 0 {
		r.joinStep(r.since(since))
	}
	return s
}

// byValue is a step of its own, which takes the facts by customer and value: an aggregate over distinct values in a pass
// would cost every row of the pass.
func (r *renderer) byValue(e int, x *rule.Expr) {
	name := "f" + strconv.Itoa(e)
	if slices.Contains(r.joined, name) {
		return
	}
	f := r.facts(r.set.Selections[x.Sel].Need)
	counts := "SELECT y.customer_key, y.v, count(*) AS n FROM (" + r.picked(x.Sel, f.read(x.Prop)+" AS v") + ") y WHERE y.v IS NOT NULL GROUP BY y.customer_key, y.v"
	if x.Form == rule.FormDistinct {
		r.step(name, "SELECT y.customer_key, count(*) AS v FROM ("+counts+") y GROUP BY y.customer_key")
	} else {
		// The most of each customer, then the smallest value that is there so often: cheaper than putting all in order.
		most := r.step("g"+strconv.Itoa(e), counts)
		r.step(name, "SELECT y.customer_key, min(y.v) AS v FROM "+most+" y JOIN (SELECT y.customer_key, max(y.n) AS n FROM "+most+" y GROUP BY y.customer_key) z"+
			" ON z.customer_key = y.customer_key AND z.n = y.n GROUP BY y.customer_key")
	}
	r.joinStep(name)
}

// scanSQL renders a pass: rows with what they are, then the aggregates of each customer.
func (r *renderer) scanSQL(s *scan) string {
	if s.source == rule.Identified {
		return r.attributesSQL(s)
	}
	single := len(s.sels) == 1
	f, where, from := r.open(s)
	conditions := make([]string, len(s.sels)) // over the columns of the inner query
	for i, sel := range s.sels {
		conditions[i] = r.condition(s, f, sel)
	}
	outputs := []string{"y.customer_key"}
	for _, o := range s.outputs {
		cond := "TRUE"
		if i := slices.Index(s.sels, o.sel); !single {
			cond = r.d.BitAnd("y.m"+strconv.Itoa(i/64), r.d.Bit(i%64)) + " <> 0"
		}
		outputs = append(outputs, r.aggregate(s, f, o, cond)+" AS "+o.name)
	}
	masks := (len(s.sels) + 63) / 64
	switch {
	case single && len(s.asked) > 0:
		outputs = append(outputs, "1 AS x0")
	case len(s.asked) > 0:
		for w := range masks {
			outputs = append(outputs, r.d.AnyBits("y.m"+strconv.Itoa(w))+" AS x"+strconv.Itoa(w))
		}
	}
	r.settleExistence(s, single)
	inner := r.rowsSQL(s, f, from, where)
	if single {
		inner = "SELECT * FROM (" + inner + ") y WHERE " + conditions[0]
	} else {
		inner = "SELECT y.*, " + r.masks(s, conditions, masks) + " FROM (" + inner + ") y"
	}
	return "SELECT " + strings.Join(outputs, ", ") + "\n FROM (" + inner + ") y GROUP BY y.customer_key"
}

// rowsSQL gives the rows with the properties that are read of them, texts first, then the numbers made of texts.
func (r *renderer) rowsSQL(s *scan, f *facts, from string, where []string) string {
	columns := []string{"s.customer_key AS customer_key", "s.at_us AS at_us", f.place + " AS place"}
	switch s.source {
	case rule.Events:
		columns = append(columns, "s.name_key AS name_key", "s.type AS type")
	default:
		columns = append(columns, "s.kind AS kind")
	}
	for _, c := range s.handed {
		columns = append(columns, "s."+c+" AS "+c)
	}
	var numbers []string
	for i, p := range s.props {
		sql, number, native := f.native(p.prop)
		if native && !(number && p.as == rule.Text) {
			columns = append(columns, sql+" AS "+p.name(i))
			continue
		}
		if p.as == rule.Number {
			text := slices.IndexFunc(s.props, func(q readProp) bool { return q.need == p.need && q.prop == p.prop && q.as == rule.Text })
			numbers = append(numbers, r.d.Number("y.p"+strconv.Itoa(text))+" AS "+p.name(i))
			continue
		}
		if s.bare != nil {
			columns = append(columns, r.bareJSON(s.bare, p)+" AS "+p.name(i))
			continue
		}
		row := append([]string{r.row(&r.needs[p.need])}, r.bounds(p.span, "s.at_us")...)
		columns = append(columns, "CASE WHEN "+strings.Join(row, " AND ")+" THEN "+f.json(p.prop)+" END AS "+p.name(i))
	}
	sql := "SELECT " + strings.Join(columns, ", ") + " FROM " + from + " WHERE " + strings.Join(where, " AND ") + r.restriction(" AND ", "s.customer_key")
	if len(numbers) > 0 {
		sql = "SELECT y.*, " + strings.Join(numbers, ", ") + " FROM (" + sql + ") y"
	}
	return sql
}

// open gives the table of a scan with the predicates that leave out most rows of no interest.
func (r *renderer) open(s *scan) (f *facts, where []string, from string) {
	f = &facts{r: r, source: s.source, told: s.reach == toldOf}
	var props []string
	for _, sel := range s.sels {
		x := &r.set.Selections[sel]
		for _, p := range x.Filters {
			r.readOf(s, sel, p.Prop)
			props = append(props, p.Prop.Name)
		}
	}
	for _, o := range s.outputs {
		if o.prop.Name != "" {
			r.readOf(s, o.sel, o.prop)
			props = append(props, o.prop.Name)
		}
	}
	f.open(props)
	from = f.from
	where = []string{"s.at_us <= " + num(r.now.AtUS)}
	if s.since >= 0 {
		z := r.since(s.since)
		from += " JOIN " + z + " ON " + z + ".customer_key = s.customer_key"
		where = append(where, "s.at_us > "+z+".at")
	}
	return f, append(where, r.worthwhile(s)...), from
}

// worthwhile are the predicates on names and times that the rows of any selection pass.
func (r *renderer) worthwhile(s *scan) []string {
	type wanted struct {
		row  string
		from int64
	}
	var rows []wanted
	earliest := int64(rule.Never)
	anyName := false
	for _, sel := range s.sels {
		x := &r.set.Selections[sel]
		n := &r.needs[x.Need]
		from := x.Within.Span(r.now).From
		earliest = min(earliest, from)
		anyName = anyName || n.Name == rule.AnyEvent
		row := r.row(n)
		if i := slices.IndexFunc(rows, func(w wanted) bool { return w.row == row }); i >= 0 {
			rows[i].from = min(rows[i].from, from)
			continue
		}
		rows = append(rows, wanted{row, from})
	}
	var where []string
	if earliest != rule.Always {
		where = append(where, "s.at_us >= "+num(earliest))
	}
	if anyName {
		return where
	}
	column, _, _ := strings.Cut(rows[0].row, " = ")
	keys := make([]string, len(rows))
	differ := false
	for i, w := range rows {
		keys[i] = strings.TrimPrefix(w.row, column+" = ")
		differ = differ || w.from != earliest
	}
	where = append(where, column+" IN ("+strings.Join(keys, ", ")+")")
	if differ {
		cases := ""
		for _, w := range rows {
			if w.from != rule.Always {
				cases += " WHEN " + w.row + " THEN " + num(w.from)
			}
		}
		where = append(where, "s.at_us >= CASE"+cases+" ELSE -9000000000000000000 END")
	}
	return where
}

// readOf makes sure that a property is read, in the way it is asked for.
func (r *renderer) readOf(s *scan, sel int, p rule.Prop) {
	x := &r.set.Selections[sel]
	span := x.Within.Span(r.now)
	f := &facts{r: r, source: s.source}
	need := x.Need
	_, number, native := f.native(p.Name)
	if native {
		need = -1 // a column is what it is, whoever reads it
		if number {
			p.As = rule.Number
		}
	}
	add := func(as rule.Kind) {
		for i := range s.props {
			if q := &s.props[i]; q.need == need && q.prop == p.Name && q.as == as {
				q.span.From, q.span.To = min(q.span.From, span.From), max(q.span.To, span.To)
				return
			}
		}
		s.props = append(s.props, readProp{need: need, prop: p.Name, as: as, span: span})
	}
	if p.As == rule.Number && !native {
		add(rule.Text)
	}
	if p.As == rule.Number {
		add(rule.Number)
	} else {
		add(rule.Text)
	}
}

// column is where a property that was read stands.
func (r *renderer) column(s *scan, f *facts, sel int, p rule.Prop) (sql string, typ typed) {
	need, as := r.set.Selections[sel].Need, p.As
	_, number, native := f.native(p.Name)
	if native {
		need = -1
		if number {
			as = rule.Number
		}
	}
	if as != rule.Number {
		as = rule.Text
	}
	i := slices.IndexFunc(s.props, func(q readProp) bool { return q.need == need && q.prop == p.Name && q.as == as })
	if as == rule.Number {
		return "y." + s.props[i].name(i), sqlNumber
	}
	return "y." + s.props[i].name(i), sqlText
}
