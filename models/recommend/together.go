package recommend

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
)

// Pair is two items that are bought together. With N baskets of which n_a hold
// A, n_b hold B and n_ab both:
//
//	support n_ab / N,  confidence n_ab / n_a,  lift N n_ab / (n_a n_b)
type Pair struct {
	A, B       string
	Together   int     // n_ab
	Support    float64 // n_ab / N
	Confidence float64 // P(B | A)
	Lift       float64 // how many times more often than by chance
	// Low and High are the ends of the lift's interval. Its logarithm is normal
	// with variance (delta method, baskets being independent)
	//
	//	1/n_ab − 1/n_a − 1/n_b + (2 lift − 1)/N
	Low, High float64
}

// Pairs are all pairs that were found together often enough.
type Pairs struct {
	items   []string
	baskets int
	of      [][]Pair // of each item as A, surest first
}

// Together says which pairs to look for.
type Together struct {
	Least   int     // baskets that must hold both; 5
	Level   float64 // of the interval; 0.95
	PerItem int     // partners kept of an item; 50
	Workers int
}

// BoughtTogether finds, in baskets, what is bought with what. Partners are
// ordered by the lower end of their lift's interval, so that a pair seen a few
// times does not come before one that is certain; those whose interval reaches
// down to 1 are left out.
func BoughtTogether(in *Interactions, o Together) (*Pairs, error) {
	if o.Least == 0 {
		o.Least = 5
	}
	if o.Level == 0 {
		o.Level = 0.95
	}
	if o.PerItem == 0 {
		o.PerItem = 50
	}
	switch {
	case in == nil || len(in.lines) == 0:
		return nil, errors.New("bought together: no baskets")
	case o.Least < 1 || o.PerItem < 1 || !(o.Level > 0 && o.Level < 1):
		return nil, fmt.Errorf("bought together: at least %d baskets, %d partners, level %v", o.Least, o.PerItem, o.Level)
	}
	m := in.byBasket()
	turned := m.turned()
	p := &Pairs{items: in.items, baskets: in.baskets, of: make([][]Pair, len(in.items))}
	z := math.Sqrt2 * math.Erfinv(o.Level)
	parallel(m.cols, 16, o.Workers, func(_, lo, hi int) {
		sum, touched := newSums(m.cols), []int32(nil)
		for i := lo; i < hi; i++ {
			touched = cooccur(i, m, turned, sum, touched[:0])
			for _, j := range touched {
				n := int(sum.of[j])
				sum.of[j], sum.met[j] = 0, false
				if int(j) == i || n < o.Least {
					continue
				}
				a, b := int(turned.start[i+1]-turned.start[i]), int(turned.start[j+1]-turned.start[j])
				if pair := p.pair(i, int(j), n, a, b, z); pair.Low > 1 {
					p.of[i] = append(p.of[i], pair)
				}
			}
			slices.SortStableFunc(p.of[i], func(a, b Pair) int { return cmp.Or(cmp.Compare(b.Low, a.Low), cmp.Compare(a.B, b.B)) })
			p.of[i] = slices.Clip(p.of[i][:min(o.PerItem, len(p.of[i]))])
		}
	})
	return p, nil
}

func (p *Pairs) pair(i, j, n, a, b int, z float64) Pair {
	all, x, y, both := float64(p.baskets), float64(a), float64(b), float64(n)
	lift := all * both / (x * y)
	sd := math.Sqrt(max(1/both-1/x-1/y+(2*lift-1)/all, 0))
	return Pair{
		A: p.items[i], B: p.items[j], Together: n, Support: both / all, Confidence: both / x,
		Lift: lift, Low: lift * math.Exp(-z*sd), High: lift * math.Exp(z*sd),
	}
}

// With lists what is bought together with an item, surest first.
func (p *Pairs) With(item string, k int) []Pair {
	i := sort.SearchStrings(p.items, item)
	if i == len(p.items) || p.items[i] != item {
		return nil
	}
	return slices.Clone(p.of[i][:min(max(k, 0), len(p.of[i]))])
}

// Top lists the surest pairs of all, each once.
func (p *Pairs) Top(k int) []Pair {
	var all []Pair
	for _, own := range p.of {
		for _, pair := range own {
			if pair.A < pair.B || !p.mutual(pair) {
				all = append(all, pair)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.Low, a.Low), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	return slices.Clip(all[:min(max(k, 0), len(all))])
}

// mutual says whether the pair was kept from the other side too.
func (p *Pairs) mutual(pair Pair) bool {
	i := sort.SearchStrings(p.items, pair.B)
	return slices.ContainsFunc(p.of[i], func(o Pair) bool { return o.B == pair.A })
}
