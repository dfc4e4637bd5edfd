package uplift

import (
	"cmp"
	"math"
	"slices"
)

// open is a person with more than one choice that could still be the best.
type open struct {
	person  int
	choices []choice
	// The current pick, for completing a partial allocation.
	pickCost, pickLoss float64
}

// choice loses against the best at the price of the budget.
type choice struct {
	option
	loss float64
}

// state is a partial allocation: what it costs and has lost.
type state struct {
	cost, loss float64
	parent     int32
	choice     int32
}

// losses of a person's options at a price; the bound of an allocation is the
// bound of all less its losses, less what it leaves unspent times the price.
func losses(options []option, price float64) []choice {
	best := math.Inf(-1)
	for _, p := range options {
		best = math.Max(best, p.value-price*p.cost)
	}
	list := make([]choice, len(options))
	for k, p := range options {
		list[k] = choice{p, best - (p.value - price*p.cost)}
	}
	return list
}

// prove improves the picks to the optimum and says so, or leaves the best found
// when it takes more states than allowed.
func (a *Allocation) prove(offers Offers, pick []option, price, budget float64, states int) {
	value, fixedCost, fixedLoss, size := 0.0, 0.0, 0.0, 0.0
	for _, p := range pick {
		value += p.value
		size += math.Abs(p.value)
	}
	// Sums in another order differ in their last digits.
	rounding := 1e-12 * (size + math.Abs(a.Bound))
	gap := a.Bound - value
	if gap <= rounding {
		a.Optimal = true
		return
	}
	var people []open
	for i := range pick {
		one := open{person: i, pickCost: pick[i].cost}
		for _, c := range losses(undominated(offers.Cost[i], offers.Value[i]), price) {
			if c.offer == pick[i].offer {
				one.pickLoss = c.loss
			}
			if c.loss < gap+rounding || c.offer == pick[i].offer {
				one.choices = append(one.choices, c)
			}
		}
		if len(one.choices) > 1 {
			people = append(people, one)
			continue
		}
		fixedCost += one.pickCost
		fixedLoss += one.pickLoss
	}
	slices.SortStableFunc(people, func(x, y open) int { return cmp.Compare(x.second(), y.second()) })
	s := search{people: people, price: price, budget: budget, gap: gap, rounding: rounding, room: states}
	s.run(state{cost: fixedCost, loss: fixedLoss, parent: -1})
	for i, c := range s.path() {
		pick[people[i].person] = c.option
	}
	if s.done {
		a.Optimal = true
	}
}

// second smallest loss: people with a close call are decided first.
func (o *open) second() float64 {
	first, second := math.Inf(1), math.Inf(1)
	for _, c := range o.choices {
		if c.loss < first {
			first, second = c.loss, first
		} else {
			second = math.Min(second, c.loss)
		}
	}
	return second
}

// search is a dynamic program over the people that are open.
type search struct {
	people          []open
	price, budget   float64
	gap, rounding   float64 // gap between the bound and the best found
	room            int     // for states
	layers          [][]state
	bestLayer, best int // of the best found, completed by picks
	found, done     bool

	// By person: sums over this and all later ones.
	least, most, pickCost, pickLoss []float64
}

func (s *search) run(root state) {
	n := len(s.people)
	s.least, s.most = make([]float64, n+1), make([]float64, n+1)
	s.pickCost, s.pickLoss = make([]float64, n+1), make([]float64, n+1)
	for k := n - 1; k >= 0; k-- {
		p := &s.people[k]
		low, high := math.Inf(1), 0.0
		for _, c := range p.choices {
			low, high = math.Min(low, c.cost), math.Max(high, c.cost)
		}
		s.least[k], s.most[k] = s.least[k+1]+low, s.most[k+1]+high
		s.pickCost[k], s.pickLoss[k] = s.pickCost[k+1]+p.pickCost, s.pickLoss[k+1]+p.pickLoss
	}
	s.layers = [][]state{{root}}
	for k := range s.people {
		next := s.extend(k)
		if s.room -= len(next); s.room < 0 {
			return
		}
		s.layers = append(s.layers, next)
		s.complete(k+1, next)
	}
	s.done = true
}

// extend adds a person to every state, and keeps those that may still win and
// are not dominated by one that costs and loses no more.
func (s *search) extend(k int) []state {
	var next []state
	for from, before := range s.layers[k] {
		for c, choice := range s.people[k].choices {
			one := state{before.cost + choice.cost, before.loss + choice.loss, int32(from), int32(c)}
			if one.cost+s.least[k+1] > s.budget+s.slip() {
				continue
			}
			unspent := math.Max(s.budget-one.cost-s.most[k+1], 0)
			if one.loss+s.price*unspent >= s.gap-s.rounding {
				continue
			}
			next = append(next, one)
		}
		if len(next) > 4*max(s.room, 1) {
			return next
		}
	}
	// An allocation is worth the bound less its loss less price times what it
	// leaves: a cheaper state must therefore be compared by its value.
	slices.SortFunc(next, func(a, b state) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.loss, b.loss), cmp.Compare(a.parent, b.parent), cmp.Compare(a.choice, b.choice))
	})
	kept, top := next[:0], math.Inf(-1)
	for _, one := range next {
		if worth := s.price*one.cost - one.loss; worth > top {
			top = worth
			kept = append(kept, one)
		}
	}
	return kept
}

// slip is how far sums of costs may be off by rounding; the last word has the
// sum in the order of the people.
func (s *search) slip() float64 { return 1e-12 * s.budget }

// complete notes the best allocation that a layer makes with the picks of all
// later people.
func (s *search) complete(layer int, states []state) {
	for k, one := range states {
		cost := one.cost + s.pickCost[layer]
		if cost > s.budget {
			continue
		}
		gap := one.loss + s.pickLoss[layer] + s.price*(s.budget-cost)
		if gap < s.gap-s.rounding {
			s.gap, s.bestLayer, s.best, s.found = gap, layer, k, true
		}
	}
}

// path are the choices of the best found, for the first people.
func (s *search) path() []choice {
	if !s.found {
		return nil
	}
	list := make([]choice, s.bestLayer)
	at := s.best
	for layer := s.bestLayer; layer > 0; layer-- {
		one := s.layers[layer][at]
		list[layer-1] = s.people[layer-1].choices[one.choice]
		at = int(one.parent)
	}
	return list
}
