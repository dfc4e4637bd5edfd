package recommend

import (
	"fmt"
	"math"
	"slices"
)

// Kind is how a model orders items.
type Kind string

// The kinds.
const (
	// Popularity orders by sales in the person's segment.
	Popularity Kind = "popularity"
	// Trending orders by recent sales, those t days before the day of the
	// recommendation counting exp(−t/7).
	Trending Kind = "trending"
	// Habit orders what the person bought by on how many days, later orders
	// counting more, and everything else by popularity.
	Habit Kind = "habit"
	// ItemItem is [Neighbours].
	ItemItem Kind = "neighbours"
	// Linear is [EASE].
	Linear Kind = "ease"
	// Factors is [ALS].
	Factors Kind = "als"
	// Blend is a conditional logit of all of them; see [Mix].
	Blend Kind = "blend"
)

var kinds = []Kind{Popularity, Trending, Habit, ItemItem, Linear, Factors, Blend}

// Options say what to fit. The zero value is a blend without weights, which
// [Choose] or [FitMix] finds: fit a single kind, or pass what they return.
type Options struct {
	Kind       Kind
	ALS        ALS
	EASE       EASE
	Neighbours Neighbours
	// Count is what several purchases of an item amount to; Once.
	Count Count
	// Forget is what an order counts less than the one after it when items are
	// scored by a person's history in EASE and neighbours: 0.8 by default, 1 for
	// all alike.
	Forget float64
	// Mix are the weights of a Blend.
	Mix *Mix
	// Catalogue describes products; those that nobody bought yet are scored like
	// the ones they resemble. It may be empty.
	Catalogue []Product
	Seed      uint64
	// Workers is how many goroutines fit; 0 for all cores. The outcome is the
	// same for any number.
	Workers int
}

func (o Options) filled() Options {
	if o.Kind == "" {
		o.Kind = Blend
	}
	if o.Count == "" {
		o.Count = Once
	}
	if o.Forget == 0 {
		o.Forget = 0.8
	}
	o.ALS, o.EASE, o.Neighbours = o.ALS.filled(), o.EASE.filled(), o.Neighbours.filled()
	return o
}

// check looks at filled options for a number of items.
func (o Options) check(items int) error {
	switch {
	case !slices.Contains(kinds, o.Kind):
		return fmt.Errorf("no kind of model is called %q; there are %v", o.Kind, kinds)
	case !slices.Contains([]Count{Once, Days, Sum}, o.Count):
		return fmt.Errorf("no way of counting is called %q; there are once, days and sum", o.Count)
	case !(o.Forget > 0 && o.Forget <= 1):
		return fmt.Errorf("forget is %v; it must be above 0 and at most 1", o.Forget)
	}
	needs := o.needs()
	if needs[FromALS] {
		if err := o.ALS.check(); err != nil {
			return err
		}
	}
	if needs[FromEASE] {
		if err := o.EASE.check(items); err != nil {
			return err
		}
	}
	if needs[FromNeighbours] {
		if err := o.Neighbours.check(); err != nil {
			return err
		}
	}
	if o.Mix != nil {
		return o.Mix.check()
	}
	return nil
}

// needs says which components have to be fitted.
func (o Options) needs() map[Feature]bool {
	needs := map[Feature]bool{}
	switch o.Kind {
	case ItemItem:
		needs[FromNeighbours] = true
	case Linear:
		needs[FromEASE] = true
	case Factors:
		needs[FromALS] = true
	case Blend:
		if o.Mix == nil {
			needs[FromEASE], needs[FromALS], needs[FromNeighbours] = true, true, true
			return needs
		}
		for _, terms := range [][]Term{o.Mix.New, o.Mix.Any} {
			for _, t := range terms {
				needs[t.Feature] = true
			}
		}
	}
	return needs
}

// Mix are the weights of a blend: two sets, for when only what the person has
// not bought yet may be recommended, and for when anything may.
type Mix struct {
	New []Term
	Any []Term
}

// Term is a feature's weight in
//
//	P(item) = exp(Σ weight × feature(person, item)) / Σ over items of the same
//
// among the items that any component has among its first fifty,
// and its standard error, people being independent of each other.
type Term struct {
	Feature  Feature
	Weight   float64
	StdError float64
}

func (m *Mix) check() error {
	for _, terms := range [][]Term{m.New, m.Any} {
		for i, t := range terms {
			if !slices.Contains(AllFeatures, t.Feature) {
				return fmt.Errorf("mix: no feature is called %q", t.Feature)
			}
			if math.IsNaN(t.Weight) || math.IsInf(t.Weight, 0) || math.Abs(t.Weight) > 1e6 {
				return fmt.Errorf("mix: the weight of %q is %v", t.Feature, t.Weight)
			}
			for _, before := range terms[:i] {
				if before.Feature == t.Feature {
					return fmt.Errorf("mix: %q is there twice", t.Feature)
				}
			}
		}
	}
	return nil
}
