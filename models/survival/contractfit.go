package survival

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Contract is a fitted renewal model. It is small JSON.
type Contract struct {
	Process
	// Intervals of the parameters, on the logarithmic scale; a parameter that
	// the data do not determine has none (all 0).
	AlphaInterval [2]float64 `json:"alpha_interval"`
	BetaInterval  [2]float64 `json:"beta_interval"`
	CInterval     [2]float64 `json:"c_interval"`
	// LogCov is the covariance of the logarithms of Alpha, Beta and C.
	LogCov    [3][3]float64 `json:"log_cov"`
	Level     float64       `json:"level"`
	LogLik    float64       `json:"log_lik"` // without the multinomial constant
	AIC       float64       `json:"aic"`
	Customers float64       `json:"customers"`
	Left      float64       `json:"left"`
	Periods   int           `json:"periods"` // the greatest age seen
	Converged bool          `json:"converged"`
	Warnings  []Warning     `json:"warnings"`
}

// How far, in logarithms, parameters may go unhindered. Beyond, customers are
// alike to within chance, and the likelihood rises for ever towards that.
const (
	wall      = 10.0
	wallOfC   = 2.5
	wallSlope = 10.0
)

// FitContract estimates a renewal model by maximum likelihood from any number
// of cohorts of any ages. level 0 means 0.95.
func FitContract(model Renewal, cohorts []Cohort, level float64) (*Contract, error) {
	if _, err := NewProcess(model, 1, 1, 1); err != nil {
		return nil, err
	}
	if err := checkLevel(&level); err != nil {
		return nil, err
	}
	e, err := exposureOf(cohorts)
	if err != nil {
		return nil, err
	}
	need := 2
	if model == BetaWeibull {
		need = 3
	}
	switch {
	case e.churned == 0:
		return nil, fail(NoEvents, "no customer has left, so nothing can be learnt about when they leave; observe for longer")
	case e.ages() < need:
		return nil, fail(InvalidData, "customers were seen in %d different periods of their age; %s needs at least %d", e.ages(), model, need)
	}
	o := &renewals{exposure: e, model: model}
	top := o.search()
	return o.report(top, level), nil
}

// renewals is the likelihood of an exposure.
type renewals struct {
	*exposure
	model Renewal
}

func (o *renewals) free() int {
	if o.model == ShiftedBeta {
		return 2
	}
	return 3
}

// process of log parameters.
func (o *renewals) process(theta []float64) Process {
	p := Process{o.model, math.Exp(theta[0]), math.Exp(theta[1]), 1}
	if len(theta) == 3 {
		p.C = math.Exp(theta[2])
	}
	return p
}

// likelihood with its gradient by the log parameters:
// Σ_t left ln(1-r) + passed ln r.
func (o *renewals) likelihood(theta []float64) (ll float64, g []float64) {
	p, g := o.process(theta), make([]float64, len(theta))
	for t := range o.left {
		left, passed := o.left[t], o.passed[t]
		if left+passed == 0 {
			continue
		}
		logR := p.logRetention(float64(t + 1))
		leave := -math.Expm1(logR)
		ll += passed * logR
		pull := passed
		if left > 0 {
			ll += left * math.Log(leave)
			pull -= left * math.Exp(logR) / leave
		}
		d := p.slopes(float64(t + 1))
		for j := range g {
			g[j] += pull * d[j]
		}
	}
	return ll, g
}

// restrained subtracts the walls.
func (o *renewals) restrained(theta []float64) (value float64, g []float64) {
	value, g = o.likelihood(theta)
	for j, v := range theta {
		if out := math.Abs(v) - limit(j); out > 0 {
			value -= wallSlope * out * out
			g[j] -= math.Copysign(2*wallSlope*out, v)
		}
	}
	if !finite(value) {
		value = math.Inf(-1)
	}
	return value, g
}

func limit(j int) float64 {
	if j == 2 {
		return wallOfC
	}
	return wall
}

// nudge is the step of differences of gradients, in log parameters.
const nudge = 1e-4

// surface has second derivatives by differences of exact first ones.
func (o *renewals) surface(theta []float64) slope {
	s := slope{}
	s.value, s.g = o.restrained(theta)
	q := len(theta)
	s.h = mat.NewSymDense(q, nil)
	rows := make([][]float64, q)
	for j := range q {
		up, down := append([]float64(nil), theta...), append([]float64(nil), theta...)
		up[j], down[j] = up[j]+nudge, down[j]-nudge
		_, gu := o.restrained(up)
		_, gd := o.restrained(down)
		rows[j] = make([]float64, q)
		for k := range q {
			rows[j][k] = (gd[k] - gu[k]) / (2 * nudge)
		}
	}
	for j := range q {
		for k := j; k < q; k++ {
			s.h.SetSym(j, k, (rows[j][k]+rows[k][j])/2)
		}
	}
	return s
}

// search climbs from several mixtures and shapes: the likelihood of a few
// customers can have several peaks.
func (o *renewals) search() *peak {
	passed := 0.0
	for _, n := range o.passed {
		passed += n
	}
	leave := o.churned / (o.churned + passed)
	leave = math.Min(math.Max(leave, 1e-6), 1-1e-6)
	shapes := []float64{1}
	if o.model == BetaWeibull {
		shapes = []float64{1, 0.6, 1.6}
	}
	var best *peak
	for _, alike := range []float64{0.5, 3, 30} {
		for _, c := range shapes {
			theta := []float64{math.Log(leave * alike), math.Log((1 - leave) * alike), math.Log(c)}
			if p := climb(o.surface, theta[:o.free()], nil, 1); best == nil || p.slope.value > best.slope.value+1e-9 {
				best = p
			}
		}
	}
	return best
}

// vague is the standard error of a log parameter from which we say that the
// data do not determine it.
const vague = 3

func (o *renewals) report(top *peak, level float64) *Contract {
	f := &Contract{
		Process: o.process(top.at), Level: level, Customers: o.customers, Left: o.churned, Periods: len(o.left), Converged: top.converged,
	}
	f.LogLik, _ = o.likelihood(top.at)
	f.AIC = 2*float64(o.free()) - 2*f.LogLik
	cov, z := top.covariance(), normalQuantile((1+level)/2)
	into := []*[2]float64{&f.AlphaInterval, &f.BetaInterval, &f.CInterval}
	vagueness := false
	for j, v := range top.at {
		for k := range top.at {
			f.LogCov[j][k] = cov.At(j, k)
		}
		se := math.Sqrt(math.Max(cov.At(j, j), 0))
		if se > vague || math.Abs(v) > limit(j)-0.5 {
			vagueness = true
			continue
		}
		*into[j] = [2]float64{math.Exp(v - z*se), math.Exp(v + z*se)}
	}
	switch {
	case top.at[0] > wall-2 && top.at[1] > wall-2 || top.at[0]+top.at[1] > 2*wall-5:
		f.Warnings = append(f.Warnings, Warning{
			Homogeneous,
			"Customers do not differ visibly in how likely they are to leave, so the model is close to equal chances for all; forecasts hold, the parameters do not.", nil,
		})
	case vagueness:
		f.Warnings = append(f.Warnings, Warning{
			WeaklyDetermined,
			"The data do not pin down every parameter of the model; forecasts within the ages seen hold, but not the parameters one by one.", nil,
		})
	}
	if o.churned < 50 {
		f.Warnings = append(f.Warnings, Warning{FewEvents, fmt.Sprintf(
			"Only %.0f customers have left; from about 50 on a forecast can be trusted.", o.churned), nil})
	}
	if !top.converged {
		f.Warnings = append(f.Warnings, Warning{
			NotConverged,
			"The search for the best parameters did not end at a maximum; do not use this fit.", nil,
		})
	}
	return f
}

// Interval is any positive figure of the model with its interval: by the delta
// method on the logarithm of the figure.
func (f *Contract) Interval(figure func(Process) float64) Estimate {
	return f.interval(figure, math.Log, math.Exp)
}

// SurvivalInterval is Survival(t) with its interval, between 0 and 1.
func (f *Contract) SurvivalInterval(t int) Estimate {
	if t <= 0 {
		return Estimate{1, 1, 1}
	}
	e := f.interval(
		func(p Process) float64 { return p.Survival(t) },
		func(s float64) float64 { return math.Log(-math.Log(s)) },
		func(x float64) float64 { return math.Exp(-math.Exp(x)) })
	if e.Low > e.High {
		e.Low, e.High = e.High, e.Low
	}
	return e
}

func (f *Contract) interval(figure func(Process) float64, scale, back func(float64) float64) Estimate {
	e := Estimate{Value: figure(f.Process)}
	e.Low, e.High = e.Value, e.Value
	at := scale(e.Value)
	if !finite(at) {
		return e
	}
	var d [3]float64
	for j := range d {
		up, down := f.Process, f.Process
		switch j {
		case 0:
			up.Alpha, down.Alpha = up.Alpha*math.Exp(nudge), down.Alpha*math.Exp(-nudge)
		case 1:
			up.Beta, down.Beta = up.Beta*math.Exp(nudge), down.Beta*math.Exp(-nudge)
		default:
			if f.Model == ShiftedBeta {
				continue
			}
			up.C, down.C = up.C*math.Exp(nudge), down.C*math.Exp(-nudge)
		}
		d[j] = (scale(figure(up)) - scale(figure(down))) / (2 * nudge)
		if !finite(d[j]) {
			d[j] = 0
		}
	}
	variance := 0.0
	for j := range d {
		for k := range d {
			variance += d[j] * d[k] * f.LogCov[j][k]
		}
	}
	reach := normalQuantile((1+f.Level)/2) * math.Sqrt(math.Max(variance, 0))
	e.Low, e.High = back(at-reach), math.Min(back(at+reach), math.MaxFloat64)
	return e
}

// ShapeTest compares BetaWeibull with ShiftedBeta: whether each customer's own
// probability to leave changes with age.
type ShapeTest struct {
	ShiftedBeta *Contract `json:"sbg"`
	BetaWeibull *Contract `json:"bdw"`
	// Ratio is twice the gain in log-likelihood, chi-squared with one degree
	// of freedom if c = 1, and P its probability.
	Ratio float64 `json:"ratio"`
	P     float64 `json:"p"`
}

// TestShape fits both models and tests c = 1 by the likelihood ratio.
func TestShape(cohorts []Cohort, level float64) (*ShapeTest, error) {
	plain, err := FitContract(ShiftedBeta, cohorts, level)
	if err != nil {
		return nil, err
	}
	bent, err := FitContract(BetaWeibull, cohorts, level)
	if err != nil {
		return nil, err
	}
	t := &ShapeTest{ShiftedBeta: plain, BetaWeibull: bent, Ratio: math.Max(2*(bent.LogLik-plain.LogLik), 0)}
	t.P = chiTail(t.Ratio, 1)
	return t, nil
}

// periodsForShape is how many periods of age ChooseContract wants to see
// before it lets each customer's probability change with age.
const periodsForShape = 4

// ChooseContract takes BetaWeibull, which forecasts better on most data and
// holds ShiftedBeta as a case, unless there are fewer than four periods or its
// parameters are not determined; then ShiftedBeta.
func ChooseContract(cohorts []Cohort, level float64) (*Contract, error) {
	e, err := exposureOf(cohorts)
	if err != nil {
		return nil, err
	}
	plain, err := FitContract(ShiftedBeta, cohorts, level)
	if err != nil || e.ages() < periodsForShape {
		return plain, err
	}
	bent, err := FitContract(BetaWeibull, cohorts, level)
	if err != nil {
		return nil, err
	}
	for _, w := range bent.Warnings {
		if w.Reason != FewEvents && bent.LogLik-plain.LogLik < 2 {
			return plain, nil
		}
	}
	return bent, nil
}
