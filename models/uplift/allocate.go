package uplift

import (
	"cmp"
	"math"
	"slices"
)

// Offers are what could be given to people: Cost[i][j] and Value[i][j] are the
// cost of giving offer j to person i and the expected incremental value of it,
// in one currency or not. People may have different numbers of offers.
type Offers struct {
	Cost  [][]float64
	Value [][]float64
}

// Allocation says who gets what.
type Allocation struct {
	// Offer of each person: an index into its offers, -1 for none.
	Offer []int   `json:"offer"`
	Cost  float64 `json:"cost"`
	Value float64 `json:"value"`
	// Bound: no allocation within the budget is worth more (the linear
	// relaxation, in which people may get part of an offer).
	Bound float64 `json:"bound"`
	// Optimal: the allocation is proven to be the best; otherwise it is at most
	// Bound - Value below it. No proof is tried where a value divided by a cost
	// is beyond the range of numbers.
	Optimal bool `json:"optimal"`
	// Price is what one more unit of budget would bring, about.
	Price float64 `json:"price"`
	Given int     `json:"given"` // people with an offer
}

// AllocateOptions of the search.
type AllocateOptions struct {
	// States is how many partial allocations the proof may hold before it
	// stops with the bound; 0 means 1,000,000, below 0 no proof is tried.
	States int
}

// option is an offer on the efficient frontier or beside it.
type option struct {
	offer       int // -1 is none
	cost, value float64
}

// step goes from one option of a person to the next on its frontier.
type step struct {
	person      int
	to          int // index into the frontier
	cost, value float64
}

// Allocate gives each person at most one offer so that the costs stay within
// the budget (to 1e-12 of it, for sums are rounded) and the value is the largest: the multiple-choice knapsack
// problem. Offers of no value are never given.
//
// People's offers are reduced to their efficient frontiers, whose steps are
// taken by falling value per cost while the budget lasts; the first step that
// does not fit gives the bound (Sinha and Zoltners 1979). What then remains
// between value and bound is searched: each choice against the price of the
// budget loses a known amount, those that lose more than the gap are out, and
// a dynamic program over the others, pruned by the same bound, finds the
// optimum (Dyer 1984; Pisinger 1995). With many people hardly any remain open.
func Allocate(offers Offers, budget float64, o AllocateOptions) (*Allocation, error) {
	if err := offers.check(budget); err != nil {
		return nil, err
	}
	if o.States == 0 {
		o.States = 1_000_000
	}
	budget += 1e-12 * budget // 0.1 + 0.2 is within 0.3
	n := len(offers.Cost)
	frontier := make([][]option, n)
	var steps []step
	for i := range n {
		frontier[i] = efficient(offers.Cost[i], offers.Value[i])
		for k := 1; k < len(frontier[i]); k++ {
			a, b := frontier[i][k-1], frontier[i][k]
			steps = append(steps, step{i, k, b.cost - a.cost, b.value - a.value})
		}
	}
	slices.SortFunc(steps, func(a, b step) int {
		if c := cmp.Compare(b.value/b.cost, a.value/a.cost); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.to, b.to))
	})
	pick := make([]option, n)
	for i := range pick {
		pick[i] = frontier[i][0]
	}
	a, price, full := greedy(pick, frontier, steps, budget)
	a.Price = math.Min(price, math.MaxFloat64)
	if !full && o.States > 0 && !math.IsInf(price, 0) {
		a.prove(offers, pick, price, budget, o.States)
	}
	a.take(pick)
	if full || a.Optimal {
		a.Optimal = true
		a.Bound = math.Max(a.Bound, a.Value)
	}
	return a, nil
}

func (o *Offers) check(budget float64) error {
	if !(budget >= 0) || math.IsInf(budget, 0) {
		return fail(InvalidOption, "the budget is %v; it is a finite number from 0 up", budget)
	}
	if len(o.Cost) != len(o.Value) {
		return fail(InvalidData, "there are costs for %d people and values for %d; give one list each a person", len(o.Cost), len(o.Value))
	}
	for i := range o.Cost {
		if len(o.Cost[i]) != len(o.Value[i]) {
			return failAt(InvalidData, i, "person %d has %d costs and %d values; give one each an offer", i, len(o.Cost[i]), len(o.Value[i]))
		}
		for j, c := range o.Cost[i] {
			if !(c >= 0) || math.IsInf(c, 0) {
				return failAt(InvalidData, i, "offer %d to person %d costs %v; a cost is a finite number from 0 up", j, i, c)
			}
			if !finite(o.Value[i][j]) {
				return failAt(InvalidData, i, "offer %d to person %d is worth %v; give a number", j, i, o.Value[i][j])
			}
		}
	}
	return nil
}

// undominated are the options of a person by rising cost and value: no offer,
// or a free one, first.
func undominated(cost, value []float64) []option {
	list := make([]option, 0, len(cost)+1)
	list = append(list, option{-1, 0, 0})
	for j := range cost {
		list = append(list, option{j, cost[j], value[j]})
	}
	slices.SortStableFunc(list, func(a, b option) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(b.value, a.value))
	})
	kept := list[:0]
	for _, p := range list {
		if len(kept) == 0 || p.value > kept[len(kept)-1].value {
			kept = append(kept, p)
		}
	}
	return kept
}

// efficient is the upper convex hull of the options.
func efficient(cost, value []float64) []option {
	var hull []option
	for _, p := range undominated(cost, value) {
		for len(hull) > 1 {
			a, b := hull[len(hull)-2], hull[len(hull)-1]
			if (b.value-a.value)*(p.cost-b.cost) > (p.value-b.value)*(b.cost-a.cost) {
				break
			}
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, p)
	}
	return hull
}

// greedy takes steps while they fit, notes the bound at the first that does
// not, and then those later ones that still fit. full says that all did.
func greedy(pick []option, frontier [][]option, steps []step, budget float64) (a *Allocation, price float64, full bool) {
	a, full = &Allocation{}, true
	at := make([]int, len(pick))
	spent, bound := 0.0, 0.0
	for _, p := range pick {
		bound += p.value
	}
	for _, s := range steps {
		fits := spent+s.cost <= budget
		if full && !fits {
			full, price = false, s.value/s.cost
			bound += math.Min((budget-spent)/s.cost, 1) * s.value
		}
		if full {
			bound += s.value
		}
		if fits && at[s.person] == s.to-1 {
			at[s.person] = s.to
			pick[s.person] = frontier[s.person][s.to]
			spent += s.cost
		}
	}
	a.Bound = bound
	return a, price, full
}

// take fills the sums.
func (a *Allocation) take(pick []option) {
	a.Offer = make([]int, len(pick))
	for i, p := range pick {
		a.Offer[i] = p.offer
		a.Cost += p.cost
		a.Value += p.value
		if p.offer >= 0 {
			a.Given++
		}
	}
}
