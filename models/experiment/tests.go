package experiment

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Z is the classical test of two proportions.
type Z struct {
	Z float64 `json:"z"`
	P float64 `json:"p"` // two-sided
}

// PooledZ tests two proportions with the variance that both would have if they
// were the same: z = (pt - pc)/sqrt(p(1-p)(1/nt + 1/nc)), p of both together.
func PooledZ(control, treated Arm) (Z, error) {
	if _, err := joined([]Arm{control}, []Arm{treated}); err != nil {
		return Z{}, err
	}
	if !control.yesNo || !treated.yesNo {
		return Z{}, fail(InvalidData, "the outcome is not 0 or 1 everywhere; compare amounts by Compare")
	}
	p := control.Join(treated).mean[outcome]
	if p == 0 || p == 1 {
		return Z{}, fail(NoVariation, "the outcome is %v for everybody, so no difference can be judged; take another outcome, or wait for more people", p)
	}
	z := (treated.mean[outcome] - control.mean[outcome]) / math.Sqrt(p*(1-p)*(1/float64(control.n)+1/float64(treated.n)))
	return Z{z, math.Erfc(math.Abs(z) / math.Sqrt2)}, nil
}

// Ratio compares the sizes of arms with the plan.
type Ratio struct {
	Counts  []int     `json:"counts"`
	Planned []float64 `json:"planned"` // shares, summing to 1
	Chi     float64   `json:"chi_squared"`
	Freedom int       `json:"freedom"`
	P       float64   `json:"p"`
	Verdict Split     `json:"verdict"`
}

// Split says whether arms have the sizes that were planned.
type Split string

// Splits. A check that runs on every trial must not cry wolf, hence the small
// levels.
const (
	// Fits: p is 0.01 or more.
	Fits Split = "as planned"
	// Doubtful: p is from 0.001 to below 0.01. One sound trial in a hundred
	// looks so: look for a cause, and read on with care.
	Doubtful Split = "doubtful"
	// Broken: p is below 0.001. People are missing from an arm more than from
	// another, and every figure may be wrong.
	Broken Split = "broken"
)

// SampleRatio is the chi-squared test of counts against shares (any positive
// numbers; nil means equal ones).
func SampleRatio(counts []int, shares []float64) (*Ratio, error) {
	if shares == nil {
		shares = make([]float64, len(counts))
		for i := range shares {
			shares[i] = 1
		}
	}
	if len(counts) < 2 || len(counts) != len(shares) {
		return nil, fail(InvalidData, "there are %d arms and %d planned shares; give two arms or more, and one share each", len(counts), len(shares))
	}
	all, total := 0, 0.0
	for i, n := range counts {
		if n < 0 || !(shares[i] > 0) || math.IsInf(shares[i], 0) {
			return nil, failAt(InvalidData, i, "arm %d has %d units and a planned share of %v; counts are from 0 up, shares above 0", i, n, shares[i])
		}
		all += n
		total += shares[i]
	}
	if all == 0 {
		return nil, fail(TooFew, "there is nobody in any arm")
	}
	r := &Ratio{Counts: slices.Clone(counts), Freedom: len(counts) - 1, Verdict: Fits}
	for i, n := range counts {
		share := shares[i] / total
		r.Planned = append(r.Planned, share)
		d := float64(n) - share*float64(all)
		r.Chi += d * d / (share * float64(all))
	}
	r.P = distuv.ChiSquared{K: float64(r.Freedom)}.Survival(r.Chi)
	if r.P < 0.01 {
		r.Verdict = Doubtful
	}
	if r.P < 0.001 {
		r.Verdict = Broken
	}
	return r, nil
}

// Prior is what was believed of a difference before the trial: a normal
// distribution, in the units of the estimate it goes with. Fairly dealt trials
// of small changes mostly find small differences; a prior of mean 0 keeps a
// lucky draw from being believed.
type Prior struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
}

// Belief is the posterior of a difference.
type Belief struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Chance that the treated do better.
	Chance float64 `json:"chance_to_win"`
	// RiskTreated is what taking the treatment loses on average, counted as 0
	// where it wins; RiskControl what staying with the control loses.
	RiskTreated float64 `json:"risk_treated"`
	RiskControl float64 `json:"risk_control"`
}

// Believe combines an estimate with a prior; nil knows nothing, so that the
// posterior is the estimate itself. level of the interval, 0 means 0.95; lower
// says that less of the outcome is better.
func Believe(e Estimate, prior *Prior, level float64, lower bool) (Belief, error) {
	o := Options{Level: level}
	if err := o.check(); err != nil {
		return Belief{}, err
	}
	if !(e.SE > 0) || !finite(e.Value) {
		return Belief{}, fail(InvalidData, "an estimate of %v with a standard error of %v tells nothing", e.Value, e.SE)
	}
	b := Belief{Mean: e.Value, SD: e.SE}
	if prior != nil {
		if !(prior.SD > 0) || !finite(prior.Mean) || math.IsInf(prior.SD, 0) {
			return Belief{}, fail(InvalidOption, "the prior has mean %v and standard deviation %v; give finite numbers, the second above 0", prior.Mean, prior.SD)
		}
		own, prior2 := 1/(e.SE*e.SE), 1/(prior.SD*prior.SD)
		b.Mean = (e.Value*own + prior.Mean*prior2) / (own + prior2)
		b.SD = math.Sqrt(1 / (own + prior2))
	}
	half := distuv.UnitNormal.Quantile((1+o.Level)/2) * b.SD
	b.Low, b.High = b.Mean-half, b.Mean+half
	z := b.Mean / b.SD
	density := b.SD * distuv.UnitNormal.Prob(z)
	gain := math.Max(b.Mean*distuv.UnitNormal.CDF(z)+density, 0)   // E[max(d, 0)]
	loss := math.Max(-b.Mean*distuv.UnitNormal.CDF(-z)+density, 0) // E[max(-d, 0)]
	b.Chance, b.RiskControl, b.RiskTreated = distuv.UnitNormal.CDF(z), gain, loss
	if lower {
		b.Chance, b.RiskControl, b.RiskTreated = distuv.UnitNormal.CDF(-z), loss, gain
	}
	return b, nil
}

// Holm adjusts p values so that with probability 1 - level none is called a
// difference wrongly, whatever depends on what (Holm 1979). NaN stays NaN and
// does not count.
func Holm(p []float64) []float64 {
	return adjust(p, func(order []int, out []float64) {
		most := 0.0
		for k, i := range order {
			most = math.Max(most, math.Min(1, p[i]*float64(len(order)-k)))
			out[i] = most
		}
	})
}

// BenjaminiHochberg adjusts p values so that of what is called a difference at
// a level at most that share is wrong on average (Benjamini and Hochberg 1995),
// of independent tests. NaN stays NaN and does not count.
func BenjaminiHochberg(p []float64) []float64 {
	return adjust(p, func(order []int, out []float64) {
		least := 1.0
		for k := len(order) - 1; k >= 0; k-- {
			least = math.Min(least, p[order[k]]*float64(len(order))/float64(k+1))
			out[order[k]] = least
		}
	})
}

func adjust(p []float64, fill func(order []int, out []float64)) []float64 {
	out := slices.Clone(p)
	var order []int
	for i, one := range p {
		if !math.IsNaN(one) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	fill(order, out)
	return out
}

// EnoughFor says how many units an arm needs so that a mean of values as skewed
// as these is nearly normal: 355 times the square of their skewness (Kohavi and
// others 2014). It is 0 where all are equal.
func EnoughFor(values []float64) int {
	mean := 0.0
	for _, x := range values {
		mean += x / float64(len(values))
	}
	square, cube := 0.0, 0.0
	for _, x := range values {
		d := x - mean
		square += d * d / float64(len(values))
		cube += d * d * d / float64(len(values))
	}
	if !(square > 0) {
		return 0
	}
	return int(math.Ceil(355 * cube * cube / (square * square * square)))
}
