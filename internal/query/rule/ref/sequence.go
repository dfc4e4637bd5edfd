package ref

import (
	"cmp"
	"slices"

	"github.com/dangol/dangol/internal/query/rule"
)

// Fact is a fact that a sequence looks at: which steps it is, and which absences it breaks.
type Fact struct {
	AtUS   int64
	Place  uint64
	Source rule.Source
	Steps  uint8
	Breaks uint8 // bit i: what must not be between step i-1 and step i
	Ends   bool  // what must not come after the last step
}

// sequence walks over the facts in order, keeping for each step the latest way there.
func (e *Evaluator) sequence(n *rule.Node) bool {
	return e.gather(n) && Walk(n, e.facts, e.now.AtUS)
}

// Walk says whether facts, which it puts in order, go through a sequence as of an instant.
func Walk(n *rule.Node, facts []Fact, nowUS int64) bool {
	facts = ordered(facts)
	var latest [8]int64
	var reached [8]bool
	last := len(n.Steps) - 1
	absence := n.Steps[last].Then >= 0
	wait := n.Steps[last].NotWithin.Microseconds()
	var done int64 // the earliest completion since what must not come came
	pending := false
	for _, f := range facts {
		if f.Ends && pending {
			if wait > 0 && f.AtUS > done+wait {
				return true
			}
			pending = false
		}
		for i := last; i >= 0; i-- {
			here := f.Steps&(1<<i) != 0
			if i > 0 {
				within := n.Steps[i].Within.Microseconds()
				here = here && reached[i-1] && (within == 0 || f.AtUS-latest[i-1] <= within)
				if f.Breaks&(1<<i) != 0 {
					reached[i-1] = false
				}
			}
			if !here {
				continue
			}
			latest[i], reached[i] = f.AtUS, true
			if i == last && !absence {
				return true
			}
			if i == last && !pending {
				done, pending = f.AtUS, true
			}
		}
	}
	return pending && (wait == 0 || done+wait <= nowUS)
}

// gather collects the facts of all steps in order; false where the event is missing since which they count.
func (e *Evaluator) gather(n *rule.Node) bool {
	span := n.Within.Span(e.now)
	if n.Since >= 0 {
		since := e.expr(n.Since)
		if !since.Set {
			return false
		}
		span.From = max(span.From, int64(since.Number)+1)
	}
	e.facts = e.facts[:0]
	for i, s := range n.Steps {
		e.collect(s.Sel, span, Fact{Steps: 1 << i})
		if s.Not >= 0 {
			e.collect(s.Not, rule.Span{From: span.From, To: e.now.AtUS + 1}, Fact{Breaks: 1 << i})
		}
		if s.Then >= 0 {
			e.collect(s.Then, rule.Span{From: span.From, To: e.now.AtUS + 1}, Fact{Ends: true})
		}
	}
	return true
}

// ordered puts facts in order; one that is several steps at once is there once.
func ordered(facts []Fact) []Fact {
	slices.SortFunc(facts, func(a, b Fact) int {
		return cmp.Or(cmp.Compare(a.AtUS, b.AtUS), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Place, b.Place))
	})
	out := facts[:0]
	for _, f := range facts {
		if k := len(out) - 1; k >= 0 && out[k].AtUS == f.AtUS && out[k].Source == f.Source && out[k].Place == f.Place {
			out[k].Steps |= f.Steps
			out[k].Breaks |= f.Breaks
			out[k].Ends = out[k].Ends || f.Ends
			continue
		}
		out = append(out, f)
	}
	return out
}

func (e *Evaluator) collect(sel int, span rule.Span, as Fact) {
	c := e.over(sel)
	if c.unset {
		return
	}
	if len(c.moments) > 0 {
		c.i = max(c.i, from(c.moments, span.From))
		c.to = min(c.to, span.To)
		as.Source = e.needs[c.sel.Need].Source
	}
	for m := e.next(&c); m != nil; m = e.next(&c) {
		as.AtUS, as.Place = m.AtUS, m.Place
		e.facts = append(e.facts, as)
	}
}
