package rule

import (
	"maps"
	"math"
	"slices"
	"time"
)

// Edge says when time alone can change the answer: a fact of the need at t may change it at t + Offset.
type Edge struct {
	Need   Need
	Offset time.Duration
}

// Edges are the moments, counted from facts, at which the answer can change without a new fact. Between them, local
// midnights where Midnight says so, and new facts, it stays as it is.
func (b *Bound) Edges() []Edge { return b.set.Edges() }

// Midnight says that the answer may change when a new day begins in the workspace's zone.
func (b *Bound) Midnight() bool { return b.set.Midnight() }

// Analysis says that the rule reads customer_state, which each analysis replaces.
func (b *Bound) Analysis() bool {
	return slices.ContainsFunc(b.set.Exprs, func(e Expr) bool { return e.Form == FormState })
}

// ByHand are the segments by hand that the rule reads, also through other segments.
func (b *Bound) ByHand() []string {
	found := map[string]bool{}
	for _, n := range b.set.Nodes {
		if n.Join == JoinHand {
			found[n.Segment] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Edges are those of all rules of the set.
func (s *Set) Edges() []Edge {
	type key struct {
		need   int
		offset time.Duration
	}
	found := map[key]bool{}
	rolling := func(sel int, w Within) {
		if w.Last > 0 {
			found[key{s.Selections[sel].Need, w.Last}] = true
			if w.Before {
				found[key{s.Selections[sel].Need, 2 * w.Last}] = true
			}
		}
	}
	for i := range s.Selections {
		rolling(i, s.Selections[i].Within)
	}
	for _, n := range s.Nodes {
		for _, c := range n.Steps {
			rolling(c.Sel, n.Within)
			if c.Then >= 0 && c.NotWithin > 0 {
				found[key{s.Selections[c.Sel].Need, c.NotWithin}] = true
			}
		}
		if n.Join != JoinTest || s.Exprs[n.Expr].Form != FormDays {
			continue
		}
		for _, days := range n.Test.steps() {
			for _, sel := range s.instants(s.Exprs[n.Expr].Args[0]) {
				found[key{s.Selections[sel].Need, time.Duration(days) * 24 * time.Hour}] = true
			}
		}
	}
	var out []Edge
	for k := range found {
		out = append(out, Edge{Need: s.needs[k.need], Offset: k.offset})
	}
	slices.SortFunc(out, func(a, b Edge) int {
		if a.Offset != b.Offset {
			return int(min(max(a.Offset-b.Offset, -1), 1))
		}
		return a.Need.index - b.Need.index
	})
	return out
}

// instants are the selections of which an expression takes the first or last instant.
func (s *Set) instants(e int) []int {
	if x := s.Exprs[e]; len(x.Args) == 0 {
		return []int{x.Sel}
	}
	var out []int
	for _, a := range s.Exprs[e].Args {
		out = append(out, s.instants(a)...)
	}
	return out
}

// steps are the whole numbers at which a rising count of days may change the test.
func (t *Test) steps() []int64 {
	var out []int64
	for _, c := range t.Numbers {
		floor, ceil := int64(math.Floor(c)), int64(math.Ceil(c))
		switch t.Op {
		case Lt, Ge:
			out = append(out, ceil)
		case Le, Gt:
			out = append(out, floor+1)
		default:
			if floor == ceil {
				out = append(out, floor, floor+1)
			}
		}
	}
	return slices.DeleteFunc(out, func(n int64) bool { return n <= 0 || n > 100_000 })
}

// Midnight says that a new day may change an answer.
func (s *Set) Midnight() bool {
	gated := func(p Prop) bool { return p.Name == LateDays }
	for _, sel := range s.Selections {
		if sel.Within.Calendar != "" {
			return true
		}
		for _, f := range sel.Filters {
			if f.Test.Relative() || gated(f.Prop) {
				return true
			}
		}
	}
	for _, e := range s.Exprs {
		if gated(e.Prop) {
			return true
		}
	}
	for _, n := range s.Nodes {
		if n.Test.Relative() || n.Within.Calendar != "" {
			return true
		}
	}
	return false
}

// way is how one more fact at the end can move an answer.
type way struct{ up, down bool }

// Late is how old a fact may be that Rising and Falling speak of.
const Late = time.Hour

// Rising says that one more fact of the need, later than all others, not later than now and less than Late ago, can only make the
// rule true. False is always safe.
func (b *Bound) Rising(n Need) bool { return b.moves(n, false) }

// Falling says that one more such fact can only make it false.
func (b *Bound) Falling(n Need) bool { return b.moves(n, true) }

func (b *Bound) moves(n Need, down bool) bool {
	s := b.set
	if len(s.Roots) != 1 || s.Roots[0] < 0 {
		return false
	}
	need := slices.IndexFunc(s.needs, func(m Need) bool { return m.Source == n.Source && m.Name == n.Name })
	if need < 0 {
		return true
	}
	m := s.way(s.Roots[0], need)
	if down {
		return !m.up
	}
	return !m.down
}

func (s *Set) way(node, need int) way {
	n := &s.Nodes[node]
	switch n.Join {
	case JoinAnd, JoinOr:
		var m way
		for _, a := range n.Args {
			x := s.way(a, need)
			m.up, m.down = m.up || x.up, m.down || x.down
		}
		return m
	case JoinNot:
		x := s.way(n.Args[0], need)
		return way{up: x.down, down: x.up}
	case JoinTest:
		return s.testWay(n, need)
	case JoinSequence:
		return s.sequenceWay(n, need)
	}
	return way{}
}

func (s *Set) sequenceWay(n *Node, need int) way {
	if n.Since >= 0 && s.reads(n.Since, need) {
		return way{true, true}
	}
	var m way
	for _, c := range n.Steps {
		if c.Not >= 0 && s.Selections[c.Not].Need == need {
			return eitherWay // it may lie before a step that is thought to be behind it
		}
		m.up = m.up || s.Selections[c.Sel].Need == need
		if c.Then >= 0 && s.Selections[c.Then].Need == need {
			m.down = true
		}
	}
	return m
}

func (s *Set) testWay(n *Node, need int) way {
	switch e := &s.Exprs[n.Expr]; {
	case !s.reads(n.Expr, need):
		return way{}
	case s.readsSince(n.Expr, need):
		return way{true, true}
	case s.counts(n.Expr):
		return n.Test.ofCount()
	case e.Form == FormDays && slices.Contains([]Form{FormLastAt, FormLatest}, s.Exprs[e.Args[0]].Form):
		return n.Test.ofDaysSinceLast()
	case e.Form == FormMax || e.Form == FormMin:
		return n.Test.ofExtreme(e.Form)
	case e.Form == FormRatio && s.counts(e.Args[0]) && s.counts(e.Args[1]):
		return n.Test.ofRatio(s.reads(e.Args[0], need), s.reads(e.Args[1], need))
	case e.Form == FormTrend && s.trends(e):
		return n.Test.ofTrend()
	}
	return way{true, true}
}

// counts says that an expression is a number that is always set and that one more fact makes greater or leaves.
func (s *Set) counts(e int) bool {
	return slices.Contains([]Form{FormCount, FormTotal, FormDistinct}, s.Exprs[e].Form)
}

// trends says that a fact of a moment ago counts in the later of a trend's two stretches, if in any.
func (s *Set) trends(e *Expr) bool {
	later, before := &s.Exprs[e.Args[0]], &s.Exprs[e.Args[1]]
	if later.Form != FormCount || before.Form != FormCount {
		return false
	}
	return s.Selections[later.Sel].Within.Last >= Late && s.Selections[before.Sel].Within.Before
}

var eitherWay = way{true, true}

func (t *Test) ofCount() way {
	switch t.Op {
	case Ge, Gt:
		return way{up: true}
	case Le, Lt:
		return way{down: true}
	case Eq:
		if t.Numbers[0] == 0 {
			return way{down: true}
		}
	}
	return eitherWay
}

// ofDaysSinceLast: without any fact the days are unset and the test false; with one they begin at none.
func (t *Test) ofDaysSinceLast() way {
	switch t.Op {
	case Ge, Gt:
		if t.Numbers[0] > 0 || (t.Op == Gt && t.Numbers[0] == 0) {
			return way{down: true}
		}
	case Le, Lt:
		return way{up: true}
	}
	return eitherWay
}

// ofExtreme: the greatest becomes greater and the least less, and one that is unset passes no test.
func (t *Test) ofExtreme(form Form) way {
	if t.As == Number && (form == FormMax && (t.Op == Ge || t.Op == Gt) || form == FormMin && (t.Op == Le || t.Op == Lt)) {
		return way{up: true}
	}
	return eitherWay
}

// ofRatio: what is divided becomes greater, or what it is divided by, which while it is none leaves the ratio unset.
func (t *Test) ofRatio(over, by bool) way {
	switch {
	case over && by:
	case over && (t.Op == Ge || t.Op == Gt), by && (t.Op == Le || t.Op == Lt):
		return way{up: true}
	case over && (t.Op == Le || t.Op == Lt):
		return way{down: true}
	}
	return eitherWay
}

// ofTrend: it rises with the later stretch, and is 1 after the first fact, before which it is unset.
func (t *Test) ofTrend() way {
	switch {
	case t.Op == Ge || t.Op == Gt:
		return way{up: true}
	case t.Op == Lt && t.Numbers[0] <= 1, t.Op == Le && t.Numbers[0] < 1:
		return way{down: true}
	}
	return eitherWay
}

// reads says that an expression is made of facts of a need.
func (s *Set) reads(e, need int) bool {
	x := &s.Exprs[e]
	if x.Form == FormAttribute {
		return x.Sel == need
	}
	if x.Sel >= 0 && s.Selections[x.Sel].Need == need {
		return true
	}
	return s.readsSince(e, need) || slices.ContainsFunc(x.Args, func(a int) bool { return s.reads(a, need) })
}

func (s *Set) readsSince(e, need int) bool {
	x := &s.Exprs[e]
	if x.Form != FormAttribute && x.Sel >= 0 {
		if since := s.Selections[x.Sel].Since; since >= 0 && s.reads(since, need) {
			return true
		}
	}
	return slices.ContainsFunc(x.Args, func(a int) bool { return s.readsSince(a, need) })
}
