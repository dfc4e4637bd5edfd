package rule

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/query"
)

// rule binds a rule and gives its node.
func (w *builder) rule(r *Rule) int {
	if w.expanded++; w.expanded > maxExpanded {
		if w.expanded == maxExpanded+1 {
			w.fail(r.place, "rule.too_long", "with the segments it names this rule has too many conditions", "Name fewer segments.")
		}
		return w.node(Node{Join: JoinAnd})
	}
	switch {
	case len(r.And) > 0:
		return w.junction(JoinAnd, r.And)
	case len(r.Or) > 0:
		return w.junction(JoinOr, r.Or)
	case r.Not != nil:
		return w.node(Node{Join: JoinNot, Args: []int{w.rule(r.Not)}})
	case r.Attribute != "":
		return w.attributeRule(r)
	case r.Trait != nil:
		e, kind := w.trait(r.Trait, hintOf(r.Value))
		return w.compare(below(r.place, "op"), r.Trait.said(), kind, e, r.Op, r.Value)
	case r.Score != "":
		return w.scoreRule(r)
	case r.Did != "" || r.DidNot != "":
		return w.didRule(r)
	case len(r.Sequence) > 0:
		return w.sequenceRule(r)
	case r.Segment != "":
		return w.segmentRule(r)
	case len(r.RFM) > 0:
		return w.groupRule(r.RFM, "rfm_group", "RFM group", below(r.place, "rfm"), groupNames())
	case len(r.Lifecycle) > 0:
		return w.groupRule(r.Lifecycle, "lifecycle", "lifecycle stage", below(r.place, "lifecycle"), lifecycleStages)
	case len(r.Market) > 0:
		return w.marketRule(r)
	case r.Consent != nil:
		return w.consentRule(r)
	case r.Share != nil:
		below := math.Ceil(r.Share.Percent / 100 * (1 << 32))
		return w.node(Node{Join: JoinShare, Salt: r.Share.Salt, Below: uint64(below)})
	}
	w.fail(r.place, "rule.no_form", "this condition says nothing", formNext)
	return w.node(Node{Join: JoinAnd})
}

func (w *builder) junction(j Join, parts []*Rule) int {
	args := make([]int, len(parts))
	for i, p := range parts {
		args[i] = w.rule(p)
	}
	return w.node(Node{Join: j, Args: args})
}

func (w *builder) attributeRule(r *Rule) int {
	kind, known := w.c.Attributes[r.Attribute]
	place := below(r.place, "attribute")
	if !known && slices.Contains(customerColumns, r.Attribute) {
		kind, known = Text, true
	}
	if !known {
		w.path(place, r.Attribute)
		w.name(place, "attribute", r.Attribute, slices.Concat(slices.Collect(maps.Keys(w.c.Attributes)), customerColumns))
	}
	return w.compare(below(r.place, "op"), r.Attribute, kind, w.attribute(r.Attribute), r.Op, r.Value)
}

// attribute is the last value given for it.
func (w *builder) attribute(name string) int {
	n := w.need(Identified, name, 0, 0)
	w.props[n][name] = true
	column := ""
	if slices.Contains(customerColumns, name) {
		column = name
	}
	return w.expr(Expr{Form: FormAttribute, Sel: n, Column: column, As: Text})
}

// path refuses property names whose parts no engine can look up.
func (w *builder) path(place, name string) {
	for _, part := range strings.Split(name, ".") {
		if part == "" || part == "*" || part == "#" {
			w.fail(place, "rule.bad_name", "this is no name of a property", `Write a name such as price, or a path such as address.city.`)
			return
		}
	}
}

func (w *builder) scoreRule(r *Rule) int {
	col, ok := w.c.State.Find(r.Score)
	place := below(r.place, "score")
	if !ok {
		w.faults.add(unknown("score", place, r.Score, schemaNames(w.c.State)))
		return w.node(Node{Join: JoinAnd})
	}
	e, kind := w.state(col)
	return w.compare(below(r.place, "op"), r.Score, kind, e, r.Op, r.Value)
}

func schemaNames(s query.Schema) []string {
	out := make([]string, len(s))
	for i, c := range s {
		out[i] = c.Name
	}
	return out
}

// state is a column of the last analysis; its money is in minor units.
func (w *builder) state(col query.Column) (int, Kind) {
	e := Expr{Form: FormState, Sel: -1, Column: col.Name, As: Number, Scale: 1}
	kind := Number
	switch col.Type {
	case query.TypeText:
		e.As, kind = Text, Text
	case query.TypeFlag:
		e.As, kind = Flag, Flag
	case query.TypeDay:
		e.As, kind = Time, Time
	case query.TypeMoney:
		e.Scale = w.set.scale
	}
	return w.expr(e), kind
}

func groupNames() []string {
	var out []string
	for _, g := range query.Groups() {
		out = append(out, string(g))
	}
	return out
}

func (w *builder) groupRule(values []string, column, what, place string, known []string) int {
	for i, v := range values {
		if !slices.Contains(known, v) {
			w.faults.add(unknown(what, element(place, i), v, known))
		}
	}
	e := w.expr(Expr{Form: FormState, Sel: -1, Column: column, As: Text, Scale: 1})
	return w.node(Node{Join: JoinTest, Expr: e, Test: Test{Op: In, As: Text, Texts: values}})
}

func (w *builder) marketRule(r *Rule) int {
	place := below(r.place, "market")
	for i, m := range r.Market {
		if len(w.c.Markets) > 0 && !slices.Contains(w.c.Markets, m) {
			w.name(element(place, i), "market", m, w.c.Markets)
		}
	}
	orders := w.need(Orders, "", 1, 0)
	w.props[orders]["market"] = true
	sel := w.selection(Selection{Need: orders, Since: -1})
	last := w.expr(Expr{Form: FormLast, Sel: sel, Prop: Prop{Name: "market", As: Text}, As: Text})
	first := w.expr(Expr{Form: FormFirstSet, Sel: -1, Args: []int{last, w.attribute("market"), w.attribute("country"), w.attribute("address.country")}, As: Text})
	return w.node(Node{Join: JoinTest, Expr: first, Test: Test{Op: In, As: Text, Texts: r.Market}})
}

func (w *builder) consentRule(r *Rule) int {
	n := w.need(Events, consentChanged, w.c.Events[consentChanged].Key, 0)
	for _, p := range []string{"purpose", "channel", "state"} {
		w.props[n][p] = true
	}
	equal := func(name, value string) Filter {
		return Filter{Prop: Prop{Name: name, As: Text}, Test: Test{Op: Eq, As: Text, Texts: []string{value}}}
	}
	sel := w.selection(Selection{Need: n, Filters: []Filter{equal("purpose", r.Consent.Purpose), equal("channel", r.Consent.Channel)}, Since: -1})
	last := w.expr(Expr{Form: FormLast, Sel: sel, Prop: Prop{Name: "state", As: Text}, As: Text})
	if r.Is != "unknown" {
		return w.node(Node{Join: JoinTest, Expr: last, Test: Test{Op: Eq, As: Text, Texts: []string{r.Is}}})
	}
	told := w.node(Node{Join: JoinTest, Expr: last, Test: Test{Op: In, As: Text, Texts: []string{"given", "withdrawn"}}})
	return w.node(Node{Join: JoinNot, Args: []int{told}})
}

// segmentRule puts the rule of a segment in the place of its name.
func (w *builder) segmentRule(r *Rule) int {
	place := below(r.place, "segment")
	s, ok := w.c.Segments[r.Segment]
	if !ok {
		w.faults.add(unknown("segment", place, r.Segment, slices.Collect(maps.Keys(w.c.Segments))))
		return w.node(Node{Join: JoinAnd})
	}
	if s.Rule == nil {
		return w.node(Node{Join: JoinHand, Segment: r.Segment})
	}
	i := 0
	w.within("segment", r.Segment, place, func() { i = w.rule(s.Rule) })
	return i
}

// within expands a segment or a trait, refuses circles, and tells of faults inside at the place of the name.
func (w *builder) within(what, name, place string, expand func()) {
	if at := slices.Index(w.expanding, what+" "+name); at >= 0 {
		chain := append(slices.Clone(w.expanding[at:]), what+" "+name)
		w.fail(place, "rule.circle", "this goes in a circle: "+strings.Join(chain, ", then "), "Take one of these names out of its own rule.")
		return
	}
	if len(w.expanding) >= maxNested {
		w.fail(place, "rule.too_deep", "segments within segments go too deep", "Write the condition itself here.")
		return
	}
	outer, quiet := w.faults, w.quiet
	w.faults, w.quiet = faults{}, true
	w.expanding = append(w.expanding, what+" "+name)
	expand()
	w.expanding = w.expanding[:len(w.expanding)-1]
	inner := w.list
	w.faults, w.quiet = outer, quiet
	for _, f := range inner {
		if f.Reason == "rule.circle" || f.Reason == "rule.too_deep" || f.Reason == "rule.too_long" {
			g := *f
			g.Where = at(place)
			w.faults.add(&g)
			continue
		}
		w.faults.add(fault.Newf(fault.Invalid, "rule.broken", "the %s %q cannot be used: %s", what, name, f.Sentence).At(at(place)).Then("Mend that first. " + f.Next))
		break
	}
}

func (w *builder) didRule(r *Rule) int {
	name, field := r.Did, "did"
	if r.DidNot != "" {
		name, field = r.DidNot, "did_not"
	}
	if name == AnyEvent && len(r.Where) > 0 {
		w.fail(below(r.place, "where"), "rule.any_event", "events of all names have no property in common", "Name one event.")
	}
	sels := w.choose(below(r.place, field), name, r.Where, w.window(r.Window))
	count := w.total(FormCount, FormTotal, sels)
	if r.DidNot != "" {
		return w.node(Node{Join: JoinTest, Expr: count, Test: Test{Op: Eq, As: Number, Numbers: []float64{0}}})
	}
	times := r.Times
	if len(times) == 0 {
		times = Times{Ge: 1}
	}
	var args []int
	for _, op := range slices.Sorted(maps.Keys(times)) {
		args = append(args, w.node(Node{Join: JoinTest, Expr: count, Test: Test{Op: op, As: Number, Numbers: []float64{times[op]}}}))
	}
	if len(args) == 1 {
		return args[0]
	}
	return w.node(Node{Join: JoinAnd, Args: args})
}

// total makes one expression of the same one over several selections.
func (w *builder) total(form, joined Form, sels []int) int {
	args := make([]int, len(sels))
	for i, s := range sels {
		args[i] = w.expr(Expr{Form: form, Sel: s, As: Number})
	}
	if len(args) == 1 {
		return args[0]
	}
	return w.expr(Expr{Form: joined, Sel: -1, Args: args, As: Number})
}

func (w *builder) sequenceRule(r *Rule) int {
	win := w.window(r.Window)
	n := Node{Join: JoinSequence, Within: win.within, Since: win.since}
	// What is not done is looked for beyond the window's end: it only begins after what was done.
	after := window{since: win.since, horizon: win.within.horizon()}
	for i, s := range r.Sequence {
		place := element(below(r.place, "sequence"), i)
		if s.Did == AnyEvent || s.DidNot == AnyEvent {
			w.fail(place, "rule.any_event", "a step of a sequence is one event", "Name one event.")
			continue
		}
		within, _ := readDuration(s.Within)
		if s.DidNot == "" {
			sels := w.choose(below(place, "did"), s.Did, s.Where, window{within: Within{}, since: win.since, horizon: after.horizon})
			if len(sels) > 0 {
				n.Steps = append(n.Steps, Chain{Sel: sels[0], Within: within, Not: -1, Then: -1})
			}
			if i > 0 && r.Sequence[i-1].DidNot != "" && len(n.Steps) > 1 {
				before := &n.Steps[len(n.Steps)-2]
				n.Steps[len(n.Steps)-1].Not, before.Then = before.Then, -1
			}
			continue
		}
		sels := w.choose(below(place, "did_not"), s.DidNot, s.Where, after)
		if len(sels) > 0 && len(n.Steps) > 0 {
			last := &n.Steps[len(n.Steps)-1]
			last.Then, last.NotWithin = sels[0], within
		}
	}
	if len(n.Steps) == 0 {
		return w.node(Node{Join: JoinAnd})
	}
	return w.node(n)
}
