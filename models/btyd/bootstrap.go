package btyd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Bootstrap says how uncertain a fit is without assuming that its parameters
// err normally: it simulates as many customers as were fitted, observed for as
// long, under the fitted process, fits the model again, and repeats that reps
// times. The processes that come out scatter around the fitted one as it
// scatters around the truth, if the model is true. Sets of customers in which
// nobody comes back are drawn again. Efron and Tibshirani, "An introduction to
// the bootstrap" (1993), section 6.5.
//
// Where all observed times are whole days, so are the simulated ones, and
// orders of one day are one.
func (f *Fitted) Bootstrap(patterns []Pattern, reps int, seed uint64, opts Options) ([]Process, error) {
	if reps < 1 {
		return nil, &Error{InvalidParameter, fmt.Sprintf("%d repetitions; at least 1 is needed, for an interval of 95 %% about 200", reps), -1}
	}
	if err := check(patterns); err != nil {
		return nil, err
	}
	whole := onLattice(patterns, 1)
	list := make([]Process, 0, reps)
	for k := range reps {
		rng := rand.New(rand.NewPCG(seed, uint64(k))) //nolint:gosec // repeatable by purpose
		var again *Fitted
		var err error
		for range 20 {
			if again, err = Fit(f.Model, f.drawn(rng, patterns, whole), opts); err == nil {
				break
			}
		}
		if err != nil {
			return nil, err
		}
		list = append(list, again.Process)
	}
	return list, nil
}

// drawn simulates customers who were observed as long as those of patterns.
func (p Process) drawn(rng *rand.Rand, patterns []Pattern, whole bool) []Pattern {
	var list []Pattern
	for _, h := range patterns {
		for range int(math.Round(h.N)) {
			one := Pattern{T: h.T, N: 1}
			for _, at := range p.Simulate(rng, h.T) {
				if whole {
					at = math.Min(math.Ceil(at), h.T)
				}
				if at > one.Tx {
					one.X++
					one.Tx = at
				}
			}
			list = append(list, one)
		}
	}
	grouped, _ := Group(list)
	return grouped
}

// Percentiles is the central interval of a figure over bootstrapped processes,
// such as the expected orders of a customer or a parameter. Of something
// positive it is positive.
func Percentiles(processes []Process, level float64, figure func(Process) float64) (low, high float64) {
	v := make([]float64, len(processes))
	for i, p := range processes {
		v[i] = figure(p)
	}
	slices.Sort(v)
	at := func(q float64) float64 {
		if len(v) == 0 {
			return math.NaN()
		}
		place := q * float64(len(v)-1)
		i := min(int(place), max(len(v)-2, 0))
		if len(v) == 1 {
			return v[0]
		}
		return v[i] + (place-float64(i))*(v[i+1]-v[i])
	}
	return at((1 - level) / 2), at((1 + level) / 2)
}
