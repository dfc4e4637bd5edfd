// Package occasions is the beta-geometric/beta-binomial (BG/BB) model of people
// who can act once on each of a row of occasions, such as a yearly appeal for
// donations, a weekly market or a monthly box: who still takes part, and how often will
// they? Fader, Hardie and Shang, "Customer-base analysis in a discrete-time
// noncontractual setting", Marketing Science 29 (2010).
//
// # The model
//
// Before each occasion a person who takes part leaves for good with probability
// θ; one who has not left acts on it with probability p. Both differ between
// people: p as Beta(alpha, beta), θ as Beta(gamma, delta). Of a person it needs
// on how many of n occasions after the first act they acted (x), and on which
// one last (tx).
//
//	L = B(α+x, β+n-x)/B(α, β) B(γ, δ+n)/B(γ, δ)
//	  + Σ_i B(α+x, β+tx-x+i)/B(α, β) B(γ+1, δ+tx+i)/B(γ, δ),   i = 0 … n-tx-1
package occasions

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/dangol/dangol/models/btyd"
	"github.com/dangol/dangol/models/btyd/climb"
)

// Pattern is a person, or N who look alike: acts on X of Of occasions after the
// first act, the last of them the Last-th; Last is 0 when X is.
type Pattern struct {
	X, Last, Of int
	N           float64
}

// mostOccasions is far more than anyone has.
const mostOccasions = 100_000

// Process is the model with its parameters.
type Process struct {
	Alpha float64 `json:"alpha"`
	Beta  float64 `json:"beta"`
	Gamma float64 `json:"gamma"`
	Delta float64 `json:"delta"`
}

// Check reports parameters that cannot be.
func (p Process) Check() error {
	for i, v := range [4]float64{p.Alpha, p.Beta, p.Gamma, p.Delta} {
		if !(v > 0) || math.IsInf(v, 0) {
			return fail(btyd.InvalidParameter, -1, "parameter %s is %v, but must be positive and finite", Names[i], v)
		}
	}
	return nil
}

// Names of the parameters, in order.
var Names = [4]string{"alpha", "beta", "gamma", "delta"}

func fail(reason btyd.Reason, index int, format string, args ...any) error {
	return &btyd.Error{Reason: reason, Message: fmt.Sprintf(format, args...), Index: index}
}

// betaRatio is ln B(a+i, b+j) - ln B(a, b).
func betaRatio(a, b float64, i, j int) float64 {
	return lgamma(a+float64(i)) - lgamma(a) + lgamma(b+float64(j)) - lgamma(b) - lgamma(a+b+float64(i+j)) + lgamma(a+b)
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

// parts are the logarithms of the likelihood of having stayed, and of that with
// having left since the last act, relative to it.
func (p Process) parts(h Pattern) (stayed, leftOdds float64) {
	stayed = betaRatio(p.Alpha, p.Beta, h.X, h.Of-h.X) + betaRatio(p.Gamma, p.Delta, 0, h.Of)
	if h.Last >= h.Of {
		return stayed, math.Inf(-1)
	}
	// The term of i follows from that of i+1, counted from the last.
	term := betaRatio(p.Alpha, p.Beta, h.X, h.Of-1-h.X) + betaRatio(p.Gamma, p.Delta, 1, h.Of-1)
	first := term
	relative, sum := 1.0, 0.0
	for i := h.Of - 1; i >= h.Last; i-- {
		sum += relative
		if i > h.Last {
			missed, n := float64(i-1-h.X), float64(i-1)
			relative *= (p.Alpha + p.Beta + n) / (p.Beta + missed) * (p.Gamma + p.Delta + n + 1) / (p.Delta + n)
		}
	}
	return stayed, first + math.Log(sum) - stayed
}

// logLikelihood of one pattern.
func (p Process) logLikelihood(h Pattern) float64 {
	stayed, odds := p.parts(h)
	if odds > 0 {
		return stayed + odds + math.Log1p(math.Exp(-odds))
	}
	return stayed + math.Log1p(math.Exp(odds))
}

// LogLikelihoodOf is the log-likelihood of patterns.
func (p Process) LogLikelihoodOf(patterns []Pattern) float64 {
	sum := 0.0
	for _, h := range patterns {
		if h.N > 0 {
			sum += h.N * p.logLikelihood(h)
		}
	}
	return sum
}

// PAlive is the probability that the person has not left before the next
// occasion, which is how the paper counts: of those who took part in the last
// one, some do not come to the next.
func (p Process) PAlive(h Pattern) float64 {
	_, odds := p.parts(h)
	stays := (p.Delta + float64(h.Of)) / (p.Gamma + p.Delta + float64(h.Of))
	return stays / (1 + math.Exp(odds))
}

// ConditionalExpected is the mean number of acts on the next so many occasions.
// Equation 13 of the paper, summed instead of in closed form, which has no
// value at gamma = 1.
func (p Process) ConditionalExpected(h Pattern, ahead int) float64 {
	return p.Discounted(h, ahead, 0)
}

// Discounted is ConditionalExpected where an act on the i-th occasion counts
// (1+rate)^-i.
func (p Process) Discounted(h Pattern, ahead int, rate float64) float64 {
	_, odds := p.parts(h)
	each := (p.Alpha + float64(h.X)) / (p.Alpha + p.Beta + float64(h.Of))
	stay, sum := 1.0, 0.0
	for i := range ahead {
		n := float64(h.Of + i)
		stay *= (p.Delta + n) / (p.Gamma + p.Delta + n) / (1 + rate)
		sum += stay
	}
	return each * sum / (1 + math.Exp(odds))
}

// Expected is the mean number of acts of a new person on the next so many
// occasions.
func (p Process) Expected(ahead int) float64 { return p.ConditionalExpected(Pattern{}, ahead) }

// ProbNone is the probability of no act on the next so many occasions.
func (p Process) ProbNone(h Pattern, ahead int) float64 {
	longer := h
	longer.Of += max(ahead, 0)
	return math.Min(math.Exp(p.logLikelihood(longer)-p.logLikelihood(h)), 1)
}

// Simulate draws on which of so many occasions a new person acts, from 1 on.
func (p Process) Simulate(rng *rand.Rand, of int) []int {
	ga, gb := btyd.Gamma(rng, p.Alpha), btyd.Gamma(rng, p.Beta)
	gc, gd := btyd.Gamma(rng, p.Gamma), btyd.Gamma(rng, p.Delta)
	act, leave := ga/(ga+gb), gc/(gc+gd)
	var list []int
	for i := 1; i <= of && rng.Float64() >= leave; i++ {
		if rng.Float64() < act {
			list = append(list, i)
		}
	}
	return list
}

// Fitted is a Process with the evidence for it.
type Fitted struct {
	Process
	People   float64        `json:"people"`
	LogLik   float64        `json:"log_lik"`
	LogCov   [4][4]float64  `json:"log_cov"` // of the log parameters
	Warnings []btyd.Warning `json:"warnings"`
}

// Interval of a parameter, by place; symmetric in the logarithm, so positive.
func (f *Fitted) Interval(j int, level float64) (low, high float64) {
	value := [4]float64{f.Alpha, f.Beta, f.Gamma, f.Delta}[j]
	reach := distuv.UnitNormal.Quantile((1+level)/2) * math.Sqrt(f.LogCov[j][j])
	return value * math.Exp(-reach), value * math.Exp(reach)
}

// wall is how far, in logs, parameters may go from 1 unhindered: where the
// likelihood rises for ever towards a simpler model, the search ends close to it.
const wall = 8

// Fit estimates the model by maximum likelihood. It returns a *btyd.Error when
// patterns are malformed, or nobody acted a second time.
func Fit(patterns []Pattern) (*Fitted, error) {
	grouped, err := group(patterns)
	if err != nil {
		return nil, err
	}
	f := &Fitted{}
	again := 0.0
	for _, h := range grouped {
		f.People += h.N
		if h.X > 0 {
			again += h.N
		}
	}
	if again == 0 {
		return nil, fail(btyd.NoRepeatCustomers, -1, "nobody acted a second time, so nothing can be learnt about coming back")
	}
	top := climb.Highest(climb.Numeric(func(x []float64) float64 {
		v := place(x).LogLikelihoodOf(grouped)
		for _, one := range x {
			if out := math.Abs(one) - wall; out > 0 {
				v -= 10 * out * out
			}
		}
		return v
	}), [][]float64{{0, 0, -0.5, 1}, {-1, 0.5, -2, -1}, {0, 1, 0, 3}}, 1e-8)
	f.Process = place(top.X)
	f.LogLik = f.LogLikelihoodOf(grouped)
	cov := climb.Covariance(top.Curvature)
	weak := false
	for i := range 4 {
		for j := range 4 {
			f.LogCov[i][j] = cov.At(i, j)
		}
		weak = weak || cov.At(i, i) > 4 || math.Abs(top.X[i]) > wall-1
	}
	if weak {
		f.Warnings = append(f.Warnings, btyd.Warning{Reason: btyd.WeaklyDetermined, Message: "The data do not pin down every parameter of the model; forecasts hold, but do not interpret the parameters one by one."})
	}
	if !top.IsMaximum(f.People) {
		f.Warnings = append(f.Warnings, btyd.Warning{Reason: btyd.NotConverged, Message: "The search for the best parameters did not end at a maximum; do not use this fit.", Blocking: true})
	}
	return f, nil
}

func place(x []float64) Process {
	return Process{math.Exp(x[0]), math.Exp(x[1]), math.Exp(x[2]), math.Exp(x[3])}
}

// group checks patterns and merges equal ones.
func group(patterns []Pattern) ([]Pattern, error) {
	for i, h := range patterns {
		if h.X < 0 || h.Last < h.X || h.Of < h.Last || h.Of > mostOccasions || (h.X == 0) != (h.Last == 0) || !(h.N >= 0) || math.IsInf(h.N, 0) {
			return nil, fail(btyd.InvalidPattern, i, "pattern %d, %+v: need 0 <= X <= Last <= Of <= %d, Last 0 where X is, N >= 0", i, h, mostOccasions)
		}
	}
	sorted := slices.Clone(patterns)
	compare := func(a, b Pattern) int {
		return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.X, b.X), cmp.Compare(a.Last, b.Last))
	}
	slices.SortStableFunc(sorted, compare)
	var out []Pattern
	for _, h := range sorted {
		if last := len(out) - 1; last >= 0 && compare(out[last], h) == 0 {
			out[last].N += h.N
		} else {
			out = append(out, h)
		}
	}
	return out, nil
}
