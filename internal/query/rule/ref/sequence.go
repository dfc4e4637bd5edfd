package ref

import (
	"cmp"
	"slices"

	"github.com/dangol/dangol/internal/query/rule"
)

// sequenceFact is a fact that a sequence looks at: which steps it is, and which absences it breaks.
type sequenceFact struct {
	atUS   int64
	source rule.Source
	place  uint64
	steps  uint8
	breaks uint8 // bit i: what must not be between step i-1 and step i
	ends   bool  // what must not come after the last step
}

// sequence walks over the facts in order, keeping for each step the latest way there.
func (e *Evaluator) sequence(n *rule.Node) bool {
	if !e.gather(n) {
		return false
	}
	var latest [8]int64
	var reached [8]bool
	last := len(n.Steps) - 1
	absence := n.Steps[last].Then >= 0
	wait := n.Steps[last].NotWithin.Microseconds()
	var done int64 // the earliest completion since what must not come came
	pending := false
	for _, f := range e.facts {
		if f.ends && pending {
			if wait > 0 && f.atUS > done+wait {
				return true
			}
			pending = false
		}
		for i := last; i >= 0; i-- {
			here := f.steps&(1<<i) != 0
			if i > 0 {
				within := n.Steps[i].Within.Microseconds()
				here = here && reached[i-1] && (within == 0 || f.atUS-latest[i-1] <= within)
				if f.breaks&(1<<i) != 0 {
					reached[i-1] = false
				}
			}
			if !here {
				continue
			}
			latest[i], reached[i] = f.atUS, true
			if i == last && !absence {
				return true
			}
			if i == last && !pending {
				done, pending = f.atUS, true
			}
		}
	}
	return pending && (wait == 0 || done+wait <= e.now.AtUS)
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
		e.collect(s.Sel, span, sequenceFact{steps: 1 << i})
		if s.Not >= 0 {
			e.collect(s.Not, rule.Span{From: span.From, To: e.now.AtUS + 1}, sequenceFact{breaks: 1 << i})
		}
		if s.Then >= 0 {
			e.collect(s.Then, rule.Span{From: span.From, To: e.now.AtUS + 1}, sequenceFact{ends: true})
		}
	}
	slices.SortFunc(e.facts, func(a, b sequenceFact) int {
		return cmp.Or(cmp.Compare(a.atUS, b.atUS), cmp.Compare(a.source, b.source), cmp.Compare(a.place, b.place))
	})
	// A fact may be several steps at once.
	out := e.facts[:0]
	for _, f := range e.facts {
		if k := len(out) - 1; k >= 0 && out[k].atUS == f.atUS && out[k].source == f.source && out[k].place == f.place {
			out[k].steps |= f.steps
			out[k].breaks |= f.breaks
			out[k].ends = out[k].ends || f.ends
			continue
		}
		out = append(out, f)
	}
	e.facts = out
	return true
}

func (e *Evaluator) collect(sel int, span rule.Span, as sequenceFact) {
	c := e.over(sel)
	if c.unset {
		return
	}
	if len(c.moments) > 0 {
		c.i = max(c.i, from(c.moments, span.From))
		c.to = min(c.to, span.To)
		as.source = e.needs[c.sel.Need].Source
	}
	for m := e.next(&c); m != nil; m = e.next(&c) {
		as.atUS, as.place = m.AtUS, m.Place
		e.facts = append(e.facts, as)
	}
}
