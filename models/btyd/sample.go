package btyd

import (
	"math"
	"slices"
)

// sample is the data of a fit, laid out once so that each pass over it is a
// few additions, one exponential and one logarithm a pattern.
//
// Times are looked up in a dictionary: there are few distinct ones, so the
// logarithms of alpha + t are taken once per distinct time and pass.
type sample struct {
	groups []xGroup  // patterns by number of repeat orders
	times  []float64 // distinct times, ascending
	step   float64   // if positive, times[i] = i * step
	used   []bool    // whether a pattern has times[i]
	here   []float64 // customers observed for times[i]
	orders []float64 // their repeat orders
	above  []float64 // above[k]: customers with more than k repeat orders

	customers, repeaters, repeats, days float64
	patterns                            int
	rough                               bool // eight digits are enough

	chunks []chunk
}

// xGroup holds the patterns with x repeat orders; t and tx index times.
type xGroup struct {
	x      float64
	t, tx  []int32
	weight []float64
}

// chunk is a range of a group: the unit of parallel work, whose bounds depend
// on the data alone so that sums come out the same on any number of cores.
type chunk struct{ group, lo, hi int }

const chunkSize = 4096

// alone is the number of patterns below which a pass uses one core.
const alone = 500

// newSample lays out patterns sorted by X, T, Tx.
func newSample(patterns []Pattern) *sample {
	s := &sample{patterns: len(patterns)}
	code := s.dictionary(patterns)
	s.here = make([]float64, len(s.times))
	s.orders = make([]float64, len(s.times))
	s.used = make([]bool, len(s.times))
	maxX := 0
	if len(patterns) > 0 {
		maxX = patterns[len(patterns)-1].X
	}
	s.above = make([]float64, maxX)
	t, tx := make([]int32, len(patterns)), make([]int32, len(patterns))
	weight := make([]float64, len(patterns))
	exactly := make([]float64, maxX+1)
	for i, p := range patterns {
		t[i], tx[i], weight[i] = code(p.T), code(p.Tx), p.N
		s.used[t[i]], s.used[tx[i]] = true, true
		s.here[t[i]] += p.N
		s.orders[t[i]] += p.N * float64(p.X)
		s.customers += p.N
		s.days += p.N * p.T
		s.repeats += p.N * float64(p.X)
		exactly[p.X] += p.N
	}
	more := 0.0
	for k := maxX - 1; k >= 0; k-- {
		more += exactly[k+1]
		s.above[k] = more
	}
	s.repeaters = more
	for lo := 0; lo < len(patterns); {
		hi := lo
		for hi < len(patterns) && patterns[hi].X == patterns[lo].X {
			hi++
		}
		s.groups = append(s.groups, xGroup{float64(patterns[lo].X), t[lo:hi], tx[lo:hi], weight[lo:hi]})
		lo = hi
	}
	s.cut()
	return s
}

// cut divides the groups into chunks.
func (s *sample) cut() {
	for g, group := range s.groups {
		for lo := 0; lo < len(group.t); lo += chunkSize {
			s.chunks = append(s.chunks, chunk{g, lo, min(lo+chunkSize, len(group.t))})
		}
	}
}

// dictionary finds the distinct times and returns their encoder. Whole days,
// and whole sevenths of whatever the unit is, are encoded by arithmetic.
func (s *sample) dictionary(patterns []Pattern) func(float64) int32 {
	longest := 0.0
	for _, p := range patterns {
		longest = math.Max(longest, p.T)
	}
	for _, step := range []float64{1, 1.0 / 7} {
		if len(patterns) < few || longest/step > float64(8*len(patterns)+100000) || !onLattice(patterns, step) {
			continue
		}
		s.step = step
		s.times = make([]float64, int(math.Round(longest/step))+1)
		for i := range s.times {
			s.times[i] = float64(i) * step
		}
		if step == 1 {
			return func(t float64) int32 { return int32(t) }
		}
		return func(t float64) int32 { return int32(math.Round(t / step)) }
	}
	for _, p := range patterns {
		s.times = append(s.times, p.T, p.Tx)
	}
	slices.Sort(s.times)
	s.times = slices.Compact(s.times)
	return func(t float64) int32 {
		i, _ := slices.BinarySearch(s.times, t)
		return int32(i)
	}
}

// few patterns have fewer times than a lattice.
const few = 16

// onLattice reports whether all times are multiples of step.
func onLattice(patterns []Pattern, step float64) bool {
	tolerance := 1e-9 * step
	if step == 1 {
		tolerance = 0
	}
	for _, p := range patterns {
		for _, t := range [2]float64{p.T, p.Tx} {
			if math.Abs(t-step*math.Round(t/step)) > tolerance {
				return false
			}
		}
	}
	return true
}

// thin keeps about most patterns, evenly spaced in the sorted order, for
// finding a start cheaply.
func thin(patterns []Pattern, most int) []Pattern {
	if len(patterns) <= most {
		return patterns
	}
	kept := make([]Pattern, 0, most)
	for i := range most {
		kept = append(kept, patterns[i*len(patterns)/most])
	}
	return kept
}

// sumChunks adds up of(chunk) over all chunks, in order.
func sumChunks[S any](s *sample, of func(chunk) S, plus func(total *S, part *S)) S {
	parts := make([]S, len(s.chunks))
	// Few patterns are done sooner than a second core can be woken.
	step := 1
	if s.patterns < alone {
		step = len(s.chunks)
	}
	parallel(len(s.chunks), step, func(lo, hi int) {
		for c := lo; c < hi; c++ {
			parts[c] = of(s.chunks[c])
		}
	})
	var total S
	for c := range parts {
		plus(&total, &parts[c])
	}
	return total
}

// counting adds the part of the log-likelihood that all three models share:
// sum of ln Γ(r+x) - ln Γ(r) + r ln alpha - (r+x) ln(alpha+T). The first
// difference is a sum of logarithms, collected here by how many customers have
// each of them, so no special function is needed.
func (s *sample) counting(out *slope, p vector, at *logTable) {
	r, alpha := p[0], p[1]
	for k, n := range s.above {
		v := r + float64(k)
		out.f += n * math.Log(v)
		out.g[0] += n / v
		out.h[0][0] -= n / (v * v)
	}
	// Counted from alpha itself, so that alpha ran to infinity costs no digits.
	for i, n := range s.here {
		if n == 0 {
			continue
		}
		m := r*n + s.orders[i]
		grow := math.Log1p(s.times[i] / alpha)
		out.f -= r*n*grow + s.orders[i]*at.log[i]
		out.g[0] -= n * grow
		inv := at.inv[i]
		less := -s.times[i] / alpha * inv // 1/(alpha+T) - 1/alpha
		out.g[1] -= r*n*less + s.orders[i]*inv
		out.h[0][1] -= n * less
		out.h[1][1] += m*inv*inv - r*n/(alpha*alpha)
	}
	out.h[1][0] = out.h[0][1]
}

// logTable holds ln(shift + t) and 1/(shift + t) for each time in use.
type logTable struct{ log, inv []float64 }

func (s *sample) logTable(shift float64) *logTable {
	both := make([]float64, 2*len(s.times))
	at := &logTable{both[:len(s.times)], both[len(s.times):]}
	for i, t := range s.times {
		if s.used[i] {
			at.log[i] = math.Log(shift + t)
			at.inv[i] = 1 / (shift + t)
		}
	}
	return at
}
