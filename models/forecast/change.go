package forecast

import (
	"math"
	"math/rand/v2"
	"slices"
)

// ChangeOptions of a search for changes of level.
type ChangeOptions struct {
	// Season is the number of steps after which a pattern repeats; it is taken
	// away first. 0 or 1 for none.
	Season int
	// Penalty of one change, in units of the long-run variance of the noise: a
	// change must lower the sum of squares by that. 0 means 3 ln n (Zhang and
	// Siegmund, Biometrics 63, 2007).
	Penalty float64
	// MinLength of the time between two changes, in values; 0 means a season,
	// and at least 3.
	MinLength int
	// Permutations for the p-values; 0 means 999.
	Permutations int
	Seed         uint64
}

// Change is a lasting change of level.
type Change struct {
	Index  int     `json:"index"`  // of the first value at the new level
	Before float64 `json:"before"` // mean level since the change before
	After  float64 `json:"after"`  // mean level until the next change
	Size   float64 `json:"size"`   // After - Before
	// P is the share of rearrangements of the values between the changes to
	// both sides in which the best split is as good as here, with one added
	// above and below the line. It does not count the search for the others.
	P float64 `json:"p"`
}

// Changes are all changes of level in a series.
type Changes struct {
	Changes []Change `json:"changes"`
	Penalty float64  `json:"penalty"`
	// Sigma is the standard deviation of the noise and Rho its correlation from
	// step to step, both from differences, which changes hardly touch.
	Sigma float64 `json:"sigma"`
	Rho   float64 `json:"rho"`
	// Cost is the sum of squares over the long-run variance
	// Sigma² (1 + Rho)/(1 - Rho), plus Penalty for each change: no other set of
	// changes has a lower one.
	Cost float64 `json:"cost"`
}

// FindChanges finds the changes of level of a series, by PELT: Killick, Fearnhead
// and Eckley, JASA 107 (2012). The answer is the exact optimum of Cost. Noise
// that remembers is allowed for as a first-order autoregression. NaN are left
// out. A slope shows up as a stair of changes: take it away first.
func FindChanges(values []float64, opts ChangeOptions) (*Changes, error) {
	if err := checkValues(values); err != nil {
		return nil, err
	}
	if err := opts.check(); err != nil {
		return nil, err
	}
	plain := withoutSeason(values, max(opts.Season, 1))
	var y []float64
	var at []int
	for i, v := range plain {
		if !math.IsNaN(v) {
			y, at = append(y, v), append(at, i)
		}
	}
	out := &Changes{Penalty: opts.Penalty}
	if out.Penalty == 0 {
		out.Penalty = 3 * math.Log(math.Max(2, float64(len(y))))
	}
	out.Sigma, out.Rho = noise(plain)
	if out.Sigma == 0 {
		return out, nil
	}
	length := opts.MinLength
	if length == 0 {
		length = max(3, opts.Season)
	}
	unit := out.Sigma * math.Sqrt((1+out.Rho)/(1-out.Rho))
	centre := 0.0
	for _, v := range y {
		centre += v / float64(len(y))
	}
	for i := range y {
		y[i] = (y[i] - centre) / unit
	}
	cuts, cost := pelt(y, out.Penalty, length)
	out.Cost = cost
	borders := append(append([]int{0}, cuts...), len(y))
	random := rand.New(rand.NewPCG(opts.Seed, 0x6368616e6765)) //nolint:gosec // rearrangement, not secrets
	block := int(math.Ceil((1+out.Rho)/(1-out.Rho) - 0.5))
	for i := 1; i+1 < len(borders); i++ {
		a, b, c := borders[i-1], borders[i], borders[i+1]
		change := Change{Index: at[b], Before: centre + unit*average(y[a:b]), After: centre + unit*average(y[b:c])}
		change.Size = change.After - change.Before
		change.P = permuted(y[a:c], block, opts.Permutations, random)
		out.Changes = append(out.Changes, change)
	}
	return out, nil
}

func (o *ChangeOptions) check() error {
	if o.Permutations == 0 {
		o.Permutations = 999
	}
	switch {
	case o.Season < 0 || o.Season > maxValues:
		return fail(InvalidOption, "the season is %d steps; it is 0 or more", o.Season)
	case !(o.Penalty >= 0) || math.IsInf(o.Penalty, 0):
		return fail(InvalidOption, "the penalty is %v; it is a number above 0, or 0 for 3 ln n", o.Penalty)
	case o.MinLength < 0:
		return fail(InvalidOption, "the shortest time between changes is %d; it is 0 or more", o.MinLength)
	case o.Permutations < 19 || o.Permutations > 1e6:
		return fail(InvalidOption, "%d permutations are wanted; between 19 and a million are possible", o.Permutations)
	}
	return nil
}

func average(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(v))
	return quantileOf(sorted, 0.5)
}

// withoutSeason takes the median distance from a season's mean around it away
// from each phase.
func withoutSeason(values []float64, m int) []float64 {
	out := slices.Clone(values)
	if m <= 1 || count(values) < 2*m {
		return out
	}
	phases := make([][]float64, m)
	for t, v := range values {
		if math.IsNaN(v) {
			continue
		}
		lo := min(max(0, t-m/2), max(0, len(values)-m))
		phases[t%m] = append(phases[t%m], v-average(known(values[lo:min(len(values), lo+m)])))
	}
	effects, total := make([]float64, m), 0.0
	for i, p := range phases {
		effects[i] = median(p)
		total += effects[i] / float64(m)
	}
	for t := range out {
		out[t] -= effects[t%m] - total
	}
	return out
}

// noise is the deviation and the step-to-step correlation of what is left when
// levels are taken away: with d_k the differences of values k steps apart,
// var(d_2)/var(d_1) is 1 + rho for a first-order autoregression. Quantiles
// keep changes and single odd values out.
func noise(values []float64) (sigma, rho float64) {
	spread := func(k int) float64 {
		var d []float64
		for i := k; i < len(values); i++ {
			if x := values[i] - values[i-k]; !math.IsNaN(x) {
				d = append(d, math.Abs(x))
			}
		}
		if s := median(d) / 0.674490; s > 0 || len(d) == 0 {
			return s
		}
		sum := 0.0
		for _, x := range d {
			sum += x * x
		}
		return math.Sqrt(sum / float64(len(d)))
	}
	one, two := spread(1), spread(2)
	if one == 0 {
		return 0, 0
	}
	rho = math.Min(0.9, math.Max(0, two*two/(one*one)-1))
	return one / math.Sqrt(2*(1-rho)), rho
}

// pelt is the set of cuts with the lowest cost. A start of a last piece that is
// worse than the optimum so far can never be the best again, but only from a
// piece's length later, because until then the optimum may not be built upon.
func pelt(y []float64, penalty float64, length int) (cuts []int, cost float64) {
	n := len(y)
	sum, square := make([]float64, n+1), make([]float64, n+1)
	for i, v := range y {
		sum[i+1], square[i+1] = sum[i]+v, square[i]+v*v
	}
	piece := func(a, b int) float64 {
		d := sum[b] - sum[a]
		return math.Max(0, square[b]-square[a]-d*d/float64(b-a))
	}
	best, from := make([]float64, n+1), make([]int, n+1)
	until := make([]int, n+1)
	best[0] = -penalty
	for i := range until {
		until[i] = math.MaxInt
	}
	var starts []int
	for t := 1; t <= n; t++ {
		best[t], from[t] = piece(0, t), 0
		if t < length {
			continue
		}
		if s := t - length; s == 0 || s >= length {
			starts = append(starts, s)
		}
		for _, s := range starts {
			if c := best[s] + piece(s, t) + penalty; c < best[t] {
				best[t], from[t] = c, s
			}
		}
		kept := starts[:0]
		for _, s := range starts {
			if until[s] == math.MaxInt && best[s]+piece(s, t) > best[t] {
				until[s] = t + length
			}
			if t+1 < until[s] {
				kept = append(kept, s)
			}
		}
		starts = kept
	}
	for t := from[n]; t > 0; t = from[t] {
		cuts = append(cuts, t)
	}
	slices.Reverse(cuts)
	return cuts, best[n]
}

// permuted is the p-value of one split, by shuffling blocks of values.
func permuted(y []float64, block, permutations int, random *rand.Rand) float64 {
	n := len(y)
	gain := func(y []float64) float64 {
		total, sum, best := 0.0, 0.0, 0.0
		for _, v := range y {
			total += v
		}
		mean := total / float64(n)
		for i := 0; i < n-1; i++ {
			sum += y[i] - mean
			k := float64(i + 1)
			best = math.Max(best, sum*sum*float64(n)/(k*(float64(n)-k)))
		}
		return best
	}
	found := gain(y)
	starts := make([]int, 0, n/block+1)
	for i := 0; i < n; i += block {
		starts = append(starts, i)
	}
	as, shuffled := 1, make([]float64, 0, n)
	for range permutations {
		random.Shuffle(len(starts), func(i, j int) { starts[i], starts[j] = starts[j], starts[i] })
		shuffled = shuffled[:0]
		for _, s := range starts {
			shuffled = append(shuffled, y[s:min(n, s+block)]...)
		}
		if gain(shuffled) >= found*(1-1e-12) {
			as++
		}
	}
	return float64(as) / float64(permutations+1)
}
