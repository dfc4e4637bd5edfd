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

// Rising says that one more fact of the need, later than all others and not later than now, can only make the rule
// true. False is always safe.
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
		m.up = m.up || s.Selections[c.Sel].Need == need
		if c.Then >= 0 && s.Selections[c.Then].Need == need {
			m.down = true
		}
	}
	return m
}

func (s *Set) testWay(n *Node, need int) way {
	if !s.reads(n.Expr, need) {
		return way{}
	}
	e := &s.Exprs[n.Expr]
	both := way{true, true}
	counts := e.Form == FormCount || e.Form == FormTotal
	days := e.Form == FormDays
	if !counts && !days || s.readsSince(n.Expr, need) {
		return both
	}
	if days && s.Exprs[e.Args[0]].Form != FormLastAt && s.Exprs[e.Args[0]].Form != FormLatest {
		return both
	}
	switch n.Test.Op {
	case Ge, Gt:
		if counts {
			return way{up: true}
		}
		// Without any fact the days are unset and the test false; with one they begin at none.
		if n.Test.Numbers[0] > 0 || (n.Test.Op == Gt && n.Test.Numbers[0] == 0) {
			return way{down: true}
		}
	case Le, Lt:
		if counts {
			return way{down: true}
		}
		return way{up: true}
	case Eq:
		if counts && n.Test.Numbers[0] == 0 {
			return way{down: true}
		}
	}
	return both
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
