package pass

import (
	"cmp"
	"math"
	"slices"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/render"
)

// consumer takes the facts of a selection that lie in a span, and after the instants of expressions.
type consumer struct {
	sel   int
	span  rule.Span
	since []int
	prop  rule.Prop // Name is empty where no value is looked at
	place bool
	fold  fold
}

// want gathers what a leaf asks for.
func (r *run) want(i int) {
	n := &r.set.Nodes[i]
	switch n.Join {
	case rule.JoinTest:
		r.wantExpr(n.Expr, n)
	case rule.JoinSequence:
		r.wantSequence(i, n)
	case rule.JoinHand:
		r.hands[n.Segment] = nil
	}
}

func (r *run) wantExpr(e int, of *rule.Node) {
	x := &r.set.Exprs[e]
	if x.Form == rule.FormAttribute && x.Column != "" {
		set := of != nil && (of.Test.Op == rule.IsSet || of.Test.Op == rule.IsNotSet)
		if flagged, known := r.flagged[e]; !known {
			r.flagged[e] = set
		} else {
			r.flagged[e] = flagged && set
		}
	}
	for _, a := range x.Args {
		r.wantExpr(a, nil)
	}
	if r.wanted[e] {
		return
	}
	r.wanted[e] = true
	switch {
	case x.Form == rule.FormState:
		r.columns = append(r.columns, e)
	case x.Form == rule.FormAttribute:
		r.attributes = append(r.attributes, e)
		if x.Column != "" {
			r.columns = append(r.columns, e)
		}
	case x.Sel >= 0:
		r.wantFold(e, x)
	}
}

func (r *run) wantFold(e int, x *rule.Expr) {
	f := r.newFold(x)
	if r.everDone(e) {
		f = &instants{last: true}
	}
	r.folds[e] = f
	s := &r.set.Selections[x.Sel]
	c := consumer{sel: x.Sel, span: s.Within.Span(r.now), prop: x.Prop, fold: f}
	_, c.place = f.(*ends)
	r.consume(c, s.Since)
}

// consume adds a consumer to those of its level: what counts since an instant is read when the instants are known.
func (r *run) consume(c consumer, since ...int) {
	level := 0
	for _, e := range since {
		if e < 0 {
			continue
		}
		level = 1
		if !slices.Contains(c.since, e) {
			c.since = append(c.since, e)
			r.wantExpr(e, nil)
			for _, f := range r.foldsOf(e) {
				r.users[f]++ // to the end
			}
		}
	}
	r.levels[level] = append(r.levels[level], c)
}

func (r *run) newFold(x *rule.Expr) fold {
	number := x.Prop.As == rule.Number
	switch x.Form {
	case rule.FormCount:
		return &counts{valued: x.Prop.Name != ""}
	case rule.FormSum:
		return &sums{}
	case rule.FormMin, rule.FormMax:
		return &extremes{isNum: number, max: x.Form == rule.FormMax, texts: r.texts}
	case rule.FormFirst, rule.FormLast:
		return &ends{num: number, last: x.Form == rule.FormLast}
	case rule.FormDistinct, rule.FormFrequent:
		return &varied{held: &r.held, num: number, numbers: map[uint64]uint32{}, floats: []float64{math.NaN()}, distinct: x.Form == rule.FormDistinct}
	}
	return &instants{last: x.Form == rule.FormLastAt}
}

// foldsOf are the folds that an expression is made of.
func (r *run) foldsOf(e int) []fold {
	var out []fold
	if f := r.folds[e]; f != nil {
		out = append(out, f)
	}
	for _, a := range r.set.Exprs[e].Args {
		out = append(out, r.foldsOf(a)...)
	}
	return out
}

// leafFolds are the folds that a leaf needs.
func (r *run) leafFolds(i int) []fold {
	switch n := &r.set.Nodes[i]; n.Join {
	case rule.JoinTest:
		return r.foldsOf(n.Expr)
	case rule.JoinSequence:
		return r.sequences[i].folds
	}
	return nil
}

// reading is consumers of one need that are served by one question, and its values.
type reading struct {
	need      int
	consumers []consumer
	wanted    render.Wanted
	many      bool // facts, so that going back in time pays
	met       Bits // who was met already, where that is all
	seen      bool // what is kept of when each customer was last seen may answer
}

// lastOnly says that nothing but the last instants of events of all time are wanted.
func (d *reading) lastOnly() bool {
	for _, c := range d.consumers {
		f, ok := c.fold.(*instants)
		if !ok || !f.last || c.span.From != rule.Always || len(c.since) > 0 || c.sel != d.consumers[0].sel {
			return false
		}
	}
	return d.many
}

// readings divides consumers into questions.
func (r *run) readings(of []consumer) []*reading {
	var out []*reading
	for _, c := range of {
		need := r.set.Selections[c.sel].Need
		seen := r.seenTells(&c)
		i := slices.IndexFunc(out, func(d *reading) bool {
			return d.need == need && d.seen == seen && (len(d.wanted.Selections) < 64 || slices.Contains(d.wanted.Selections, c.sel))
		})
		if i < 0 {
			i = len(out)
			out = append(out, &reading{need: need, seen: seen, many: r.needs[need].Source == rule.Events && !r.needs[need].Told(), wanted: render.Wanted{From: rule.Never}})
		}
		d := out[i]
		d.consumers = append(d.consumers, c)
		if !slices.Contains(d.wanted.Selections, c.sel) {
			d.wanted.Selections = append(d.wanted.Selections, c.sel)
		}
		d.wanted.From = min(d.wanted.From, c.span.From)
		d.wanted.Place = d.wanted.Place || c.place
		if c.prop.Name != "" {
			d.value(c)
		}
	}
	// Orders are fewer than events, and who has none is not looked at any more where both are asked for one after the other.
	slices.SortStableFunc(out, func(a, b *reading) int { return cmp.Compare(few(a), few(b)) })
	return out
}

func few(d *reading) int {
	if d.many {
		return 1
	}
	return 0
}

// value is the index of a consumer's value among those read.
func (d *reading) value(c consumer) int {
	i := slices.IndexFunc(d.wanted.Values, func(v render.Value) bool { return v.Selection == c.sel && v.Prop == c.prop })
	if i < 0 {
		i = len(d.wanted.Values)
		d.wanted.Values = append(d.wanted.Values, render.Value{Selection: c.sel, Prop: c.prop})
	}
	return i
}
