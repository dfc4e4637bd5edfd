package uplift

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// Point is a point of a curve: after the People with the highest scores.
type Point struct {
	People int     `json:"people"`
	Value  float64 `json:"value"`
}

// QiniCurve has a point at 0 and at the end of every tie of scores. With n1 and
// n0 people treated and not among those so far, and s1 and s0 the sums of their
// outcomes, its value is s1 - s0·n1/n0: the extra outcome that the treatment
// brought among the treated (Radcliffe 2007).
func QiniCurve(score []float64, treated []bool, outcome []float64) ([]Point, error) {
	return points(score, treated, outcome, qiniHeight)
}

// UpliftCurve is the same with the value (s1/n1 - s0/n0)·(n1+n0).
func UpliftCurve(score []float64, treated []bool, outcome []float64) ([]Point, error) {
	return points(score, treated, outcome, upliftHeight)
}

func points(score []float64, treated []bool, outcome []float64, h height) ([]Point, error) {
	if _, err := checkScores(score, treated, outcome); err != nil {
		return nil, err
	}
	r := rank(nil, score, treated, outcome)
	list := []Point{{}}
	var n, s [2]float64
	for k, y := range r.y {
		a := arm(r.treated[k])
		n[a]++
		s[a] += y
		if r.last[k] {
			list = append(list, Point{k + 1, h(n[1], s[1], n[0], s[0])})
		}
	}
	return list, nil
}

func checkScores(score []float64, treated []bool, outcome []float64) (binary bool, err error) {
	if binary, err = outcomes(treated, outcome); err != nil {
		return false, err
	}
	if len(score) != len(outcome) {
		return false, fail(InvalidData, "there are %d scores for %d rows; give one a row", len(score), len(outcome))
	}
	for i, s := range score {
		if !finite(s) {
			return false, failAt(InvalidData, i, "the score of row %d is %v; give a number", i, s)
		}
	}
	return binary, nil
}

// Qini is the Qini coefficient as scikit-uplift's qini_auc_score has it (with
// its default, negative effects included): the area between the Qini curve and
// the straight line to its end, by trapezoids, divided by the same area of the
// curve that the score outcome·(1 if treated, else -1) makes. Random targeting
// gives 0 on average. For amounts the same formula holds.
func Qini(score []float64, treated []bool, outcome []float64) (float64, error) {
	if _, err := checkScores(score, treated, outcome); err != nil {
		return 0, err
	}
	return defined(coefficient(rank(nil, score, treated, outcome), bestQini(nil, treated, outcome), qiniHeight, nil))
}

// AUUC is the same coefficient of the uplift curve, as scikit-uplift's
// uplift_auc_score has it. The best curve orders by 2·[outcome = treated] plus
// outcome, if more of the control said yes than of the treated said no, and
// otherwise plus treated. For amounts, which that program refuses, it orders as
// Qini does.
func AUUC(score []float64, treated []bool, outcome []float64) (float64, error) {
	binary, err := checkScores(score, treated, outcome)
	if err != nil {
		return 0, err
	}
	return defined(coefficient(rank(nil, score, treated, outcome), bestUplift(nil, treated, outcome, binary), upliftHeight, nil))
}

func defined(x float64) (float64, error) {
	if !finite(x) {
		return 0, fail(NoVariation, "even the best targeting would gain nothing on these rows, so the figure is not defined; take more rows")
	}
	return x, nil
}

// UpliftAt is the difference between the mean outcomes of the arms among the
// share of people with the highest scores, over 0 to 1. People of equal score at
// the border count in part, so that the order of rows does not matter; without
// such a tie it is scikit-uplift's uplift_at_k(strategy="overall").
func UpliftAt(share float64, score []float64, treated []bool, outcome []float64) (float64, error) {
	if _, err := checkScores(score, treated, outcome); err != nil {
		return 0, err
	}
	if !(share > 0 && share <= 1) {
		return 0, fail(InvalidOption, "the share is %v; it is over 0, at most 1", share)
	}
	u := rank(nil, score, treated, outcome).upliftAt(share, nil)
	if !finite(u) {
		return 0, fail(TooFew, "the first %v of the rows have one arm only; take a larger share", share)
	}
	return u, nil
}

// Measures of a scoring, with bootstrap intervals.
type Measures struct {
	Qini     Interval  `json:"qini"`
	AUUC     Interval  `json:"auuc"`
	UpliftAt []AtShare `json:"uplift_at"`
}

// AtShare is the effect among the share of people with the highest scores.
type AtShare struct {
	Share  float64  `json:"share"`
	Uplift Interval `json:"uplift"`
}

// MeasureOptions of intervals.
type MeasureOptions struct {
	Shares     []float64 // for the uplift at each; nil means 0.1, 0.2, 0.3
	Level      float64   // of intervals; 0 means 0.95
	Replicates int       // of the bootstrap; 0 means 400
	Seed       uint64
}

// Measure gives the measures of scores that were made without knowing these
// outcomes. Intervals are percentiles of a bootstrap of people in which each
// counts as often as a Poisson number of mean 1 says; scores are fixed.
func Measure(score []float64, treated []bool, outcome []float64, o MeasureOptions) (*Measures, error) {
	binary, err := checkScores(score, treated, outcome)
	if err != nil {
		return nil, err
	}
	if err := checkLevel(&o.Level); err != nil {
		return nil, err
	}
	if o.Replicates == 0 {
		o.Replicates = 400
	}
	if o.Replicates < 20 {
		return nil, fail(InvalidOption, "%d bootstrap replicates make no interval; take 20 or more, 0 for 400", o.Replicates)
	}
	if o.Shares == nil {
		o.Shares = []float64{0.1, 0.2, 0.3}
	}
	r, best, top := rank(nil, score, treated, outcome), bestQini(nil, treated, outcome), bestUplift(nil, treated, outcome, binary)
	all := func(w []float64) []float64 {
		list := []float64{coefficient(r, best, qiniHeight, w), coefficient(r, top, upliftHeight, w)}
		for _, k := range o.Shares {
			list = append(list, r.upliftAt(k, w))
		}
		return list
	}
	m := &Measures{}
	values := all(nil)
	for k, v := range values {
		if k >= 2 && !(o.Shares[k-2] > 0 && o.Shares[k-2] <= 1) {
			return nil, fail(InvalidOption, "the share is %v; it is over 0, at most 1", o.Shares[k-2])
		}
		if _, err := defined(v); err != nil {
			return nil, err
		}
	}
	draws := bootstrap(len(score), o.Replicates, o.Seed, all)
	m.Qini, m.AUUC = around(values[0], draws, 0, o.Level), around(values[1], draws, 1, o.Level)
	for k, share := range o.Shares {
		m.UpliftAt = append(m.UpliftAt, AtShare{share, around(values[k+2], draws, k+2, o.Level)})
	}
	return m, nil
}

// bootstrap evaluates figures with the weights of each replicate, on all cores;
// each replicate has random numbers of its own.
func bootstrap(n, replicates int, seed uint64, figures func(w []float64) []float64) [][]float64 {
	draws := make([][]float64, replicates)
	parallel(replicates, func(b int) {
		draws[b] = figures(poissonWeights(n, rand.New(rand.NewPCG(seed, uint64(b)+1)))) //nolint:gosec // resampling, not secrets
	})
	return draws
}

// poissonSteps are the cumulative probabilities of the Poisson distribution of
// mean 1.
var poissonSteps = func() (steps [16]float64) {
	step, sum := math.Exp(-1), 0.0
	for k := range steps {
		sum += step
		steps[k] = sum
		step /= float64(k + 1)
	}
	return steps
}()

func poissonWeights(n int, random *rand.Rand) []float64 {
	w := make([]float64, n)
	for i := range w {
		u, k := random.Float64(), 0
		for k+1 < len(poissonSteps) && u > poissonSteps[k] {
			k++
		}
		w[i] = float64(k)
	}
	return w
}

// around is the percentile interval of figure k of the draws.
func around(value float64, draws [][]float64, k int, level float64) Interval {
	var list []float64
	for _, d := range draws {
		if finite(d[k]) {
			list = append(list, d[k])
		}
	}
	if len(list) == 0 {
		return Interval{value, value, value}
	}
	slices.Sort(list)
	return Interval{value, quantile(list, (1-level)/2), quantile(list, (1+level)/2)}
}

// quantile of sorted values, between neighbours.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	k := min(int(at), len(sorted)-1)
	if k+1 == len(sorted) {
		return sorted[k]
	}
	return sorted[k] + (at-float64(k))*(sorted[k+1]-sorted[k])
}

// parallel runs tasks on all cores; a task writes only to its own place, so the
// result does not depend on their number.
func parallel(tasks int, run func(task int)) {
	next := make(chan int)
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), tasks) {
		all.Go(func() {
			for task := range next {
				run(task)
			}
		})
	}
	for task := range tasks {
		next <- task
	}
	close(next)
	all.Wait()
}
