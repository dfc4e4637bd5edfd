package pass

import (
	"slices"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
)

// sequence holds the facts that a sequence looks at, of everyone.
type sequence struct {
	node *rule.Node
	who  []uint32
	fact []ref.Fact
	done []Bits // for each step who has a fact that is it

	steps []*step // those that must happen
	folds []fold
}

// step is a fold that holds facts.
type step struct {
	of   *sequence
	r    *run
	as   ref.Fact
	step int // -1 of what must not happen
}

func (r *run) wantSequence(i int, n *rule.Node) {
	q := &sequence{node: n, done: make([]Bits, len(n.Steps))}
	r.sequences[i] = q
	span := n.Within.Span(r.now)
	open := rule.Span{From: span.From, To: r.now.AtUS + 1}
	add := func(sel int, span rule.Span, step *step) {
		s := &r.set.Selections[sel]
		step.of, step.r = q, r
		step.as.Source = r.needs[s.Need].Source
		q.folds = append(q.folds, step)
		own := s.Within.Span(r.now)
		r.consume(consumer{sel: sel, span: rule.Span{From: max(own.From, span.From), To: min(own.To, span.To)}, place: true, fold: step}, s.Since, n.Since)
	}
	for k, c := range n.Steps {
		q.done[k] = newBits(r.size)
		must := &step{step: k, as: ref.Fact{Steps: 1 << k}}
		q.steps = append(q.steps, must)
		add(c.Sel, span, must)
		if c.Not >= 0 {
			add(c.Not, open, &step{step: -1, as: ref.Fact{Breaks: 1 << k}})
		}
		if c.Then >= 0 {
			add(c.Then, open, &step{step: -1, as: ref.Fact{Ends: true}})
		}
	}
}

func (s *step) begin(int) {}
func (s *step) end()      {}

func (s *step) add(b *batch, rows []int32) {
	q, must := s.of, s.of.known(s.r)
next:
	for _, i := range rows {
		f, w := s.as, b.who[i]
		for _, did := range must {
			if !did.Has(w) {
				continue next
			}
		}
		f.AtUS, f.Place = b.at[i], b.place[i]
		q.who, q.fact = append(q.who, w), append(q.fact, f)
		s.r.held++
		if s.step >= 0 {
			q.done[s.step].set(int(w))
		}
	}
}

// known are who did the steps of which all facts were read: nobody else needs to be looked at any more.
func (q *sequence) known(r *run) (all []Bits) {
	for k, step := range q.steps {
		if r.ready[step] {
			all = append(all, q.done[k])
		}
	}
	return all
}

// walk looks at those who did every step; their facts are put beside each other first.
func (q *sequence) walk(r *run, out Bits) {
	all := q.done[0]
	for _, d := range q.done[1:] {
		for w := range all {
			all[w] &= d[w]
		}
	}
	begins := beginnings(q.who, r.size, all)
	facts := make([]ref.Fact, begins[r.size])
	next := slices.Clone(begins)
	for i, w := range q.who {
		if all[w>>6]>>(w&63)&1 == 1 {
			facts[next[w]] = q.fact[i]
			next[w]++
		}
	}
	for w := range r.size {
		if of := facts[begins[w]:begins[w+1]]; len(of) > 0 && ref.Walk(q.node, of, r.now.AtUS) {
			out.set(w)
		}
	}
	q.who, q.fact = nil, nil
}
