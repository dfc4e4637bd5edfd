package forecast

import (
	"math"
	"time"

	"github.com/dangol/dangol/models/glm"
)

// Regression is a fitted seasonal regression: a slope that may change once,
// weekdays, waves of the year, holidays; and errors that remember a share Rho
// of the step before.
type Regression struct {
	// Log: the logarithm of the values was fitted, so that effects multiply.
	Log       bool    `json:"log"`
	Harmonics int     `json:"harmonics"` // waves of the year
	Ridge     float64 `json:"ridge"`
	// Changepoint is when the slope changed; zero where it did not.
	Changepoint time.Time `json:"changepoint,omitzero"`
	Effects     []Effect  `json:"effects"`
	Rho         float64   `json:"rho"`
	Sigma       float64   `json:"sigma"` // of a step's error, on the fitted scale
	// Criterion is the AICc with errors of a first-order autoregression, up to a
	// constant.
	Criterion float64 `json:"criterion"`

	design    *design
	fit       *glm.Fitted
	unit      float64 // what the values were divided by
	centre    float64 // mean of annual and holiday effects over the series
	terms     []term
	last      float64 // the last known error
	age       int     // steps from it to the end of the series
	inflation float64 // of the variance of coefficients, for the errors' memory
}

// Effect is a coefficient with its standard error: in the values' units, or in
// logarithms where Log is set.
type Effect struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	SE    float64 `json:"se"`
}

// RegressionOptions of a fit.
type RegressionOptions struct {
	Calendar Calendar
	// Damping is the share of the slope that each step to come keeps: 1 keeps
	// all of it; 0 means that half is left after a year.
	Damping float64
}

func (o *RegressionOptions) check() error {
	if !(o.Damping >= 0 && o.Damping <= 1) {
		return fail(InvalidOption, "the damping is %v; it is the share of the slope that a step keeps, from 0 (the default) to 1", o.Damping)
	}
	return o.Calendar.check()
}

// minRegression is the fewest known values that a regression is fitted to.
const minRegression = 10

// FitRegression fits a seasonal regression by ridge least squares. Waves of the
// year, a change of the slope, the penalty and the logarithm (for amounts and
// counts without zeros) are chosen by the AICc.
func FitRegression(s Series, opts RegressionOptions) (*Regression, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := opts.check(); err != nil {
		return nil, err
	}
	open, err := s.opened(&opts.Calendar)
	if err != nil {
		return nil, err
	}
	return fitRegression(&open, &opts)
}

func fitRegression(s *Series, opts *RegressionOptions) (*Regression, error) {
	if n := count(s.Values); n < minRegression {
		return nil, fail(Unsuitable, "the regression wants at least %d known values, and there are %d", minRegression, n)
	}
	damping := opts.Damping
	if damping == 0 {
		damping = s.Step.damping()
	}
	d := newDesign(s, &opts.Calendar, damping)
	best := (*Regression)(nil)
	try := func(d design, log bool, ridge float64) {
		f, err := fitDesign(&d, log, ridge)
		if err == nil && (best == nil || f.Criterion < best.Criterion-1e-9) {
			best = f
		}
	}
	logs := []bool{false}
	if s.Kind != Any && smallest(s.Values) > 0 {
		logs = append(logs, true)
	}
	for _, log := range logs {
		for _, k := range []int{0, 1, 2, 3, 4, 6, 9} {
			if k > 0 && (float64(d.rows) < 1.5*s.Step.year() || float64(2*k) > s.Step.year()) {
				continue
			}
			try := *d
			try.harmonics = k
			if f, err := fitDesign(&try, log, someRidge); err == nil && (best == nil || f.Criterion < best.Criterion-1e-9) {
				best = f
			}
		}
	}
	if best == nil {
		return nil, fail(Unsuitable, "the regression has more effects than the %d known values can tell; name fewer holidays or give a longer series", count(s.Values))
	}
	chosen := *best.design
	if d.rows >= 30 {
		for i := 1; i <= 9; i++ {
			bent := chosen
			bent.knot = d.rows * i / 10
			try(bent, best.Log, someRidge)
		}
	}
	chosen = *best.design
	for _, ridge := range []float64{someRidge / 100, someRidge * 10} {
		try(chosen, best.Log, ridge)
	}
	return best, nil
}

// someRidge is the penalty tried first, for values of unit deviation.
const someRidge = 0.3

func smallest(values []float64) float64 {
	out := math.Inf(1)
	for _, v := range values {
		if v < out {
			out = v
		}
	}
	return out
}

// fitDesign fits one set of columns.
func fitDesign(d *design, log bool, ridge float64) (*Regression, error) {
	var y []float64
	var steps []int
	sum, square := 0.0, 0.0
	for i, v := range d.series.Values {
		if math.IsNaN(v) {
			continue
		}
		if log {
			v = math.Log(v)
		}
		y, steps = append(y, v), append(steps, i)
		sum += v
	}
	n := float64(len(y))
	for _, v := range y {
		square += (v - sum/n) * (v - sum/n)
	}
	r := &Regression{Log: log, Harmonics: d.harmonics, Ridge: ridge, design: d, unit: math.Sqrt(square / n)}
	if r.unit <= 1e-12*math.Abs(sum/n) || r.unit == 0 {
		r.unit = math.Max(1, math.Abs(sum/n))
	}
	for i := range y {
		y[i] /= r.unit
	}
	if d.knot >= 0 {
		r.Changepoint = d.series.Date(d.knot)
	}
	x, terms, names := d.columns(steps)
	fit, err := glm.Fit(glm.Linear, glm.Data{X: x, Y: y, Names: names}, glm.Options{Ridge: ridge})
	if err != nil {
		return nil, err
	}
	r.fit, r.terms = fit, terms
	predicted, err := fit.Predict(x, nil)
	if err != nil {
		return nil, err
	}
	for j, c := range fit.Coefficients[1:] {
		r.Effects = append(r.Effects, Effect{names[j], c.Value * r.unit, c.SE * r.unit})
	}
	for i := range predicted {
		r.centre += r.extra(x, i) / n
	}
	k := fit.Used + 2 // sigma and rho
	if d.knot >= 0 {
		k++ // its date
	}
	if n-k-1 <= 0 {
		return nil, fail(Unsuitable, "%d effects are too many for %d values", len(names), len(y))
	}
	r.Criterion = r.remember(y, predicted, steps) + 2*n*math.Log(r.unit) + 2*k + 2*k*(k+1)/(n-k-1)
	if log {
		r.Criterion += 2 * sum
	}
	// Degrees of freedom belong to sigma, not to the criterion.
	r.Sigma *= math.Sqrt(n / math.Max(1, n-fit.Used))
	return r, nil
}

// remember measures the errors and how much of one is left in the next. It
// returns -2 log-likelihood of the autoregression, gaps and all, without
// constants: an error g steps after the last known one has Rho^g of it left,
// and news of the variance 1 - Rho^(2g), in units of Sigma squared.
func (r *Regression) remember(y, predicted []float64, steps []int) float64 {
	n := len(y)
	e := make([]float64, n)
	var both, before, after float64
	for i := range y {
		e[i] = y[i] - predicted[i]
		if i > 0 && steps[i] == steps[i-1]+1 {
			both, before, after = both+e[i]*e[i-1], before+e[i-1]*e[i-1], after+e[i]*e[i]
		}
	}
	if before > 0 && after > 0 {
		r.Rho = math.Min(0.98, math.Max(0, both/math.Sqrt(before*after)))
	}
	square, logs := e[0]*e[0], 0.0
	for i := 1; i < n; i++ {
		left := math.Pow(r.Rho, float64(steps[i]-steps[i-1]))
		share := 1 - left*left
		square += (e[i] - left*e[i-1]) * (e[i] - left*e[i-1]) / share
		logs += math.Log(share)
	}
	r.Sigma = math.Sqrt(square/float64(n)) * r.unit
	r.last = e[n-1] * r.unit
	r.age = r.design.rows - 1 - steps[n-1]
	r.inflation = math.Min(20, (1+r.Rho)/(1-r.Rho))
	return float64(n)*math.Log(math.Max(square/float64(n), 1e-16)) + logs
}

// extra is what waves of the year and holidays add to a row, in units.
func (r *Regression) extra(x [][]float64, row int) float64 {
	sum := 0.0
	for j, what := range r.terms {
		if what == annual || what == holiday {
			sum += r.fit.Coefficients[j+1].Value * x[j][row]
		}
	}
	return sum
}

// adjusts tells whether there is anything that exponential smoothing cannot
// follow by itself.
func (r *Regression) adjusts() bool {
	return r.Harmonics > 0 && r.design.series.Step != Month || len(r.design.around) > 0
}

// extras are the effects of the waves of the year and of holidays on the first
// n steps, on the fitted scale, 0 on average over the series.
func (r *Regression) extras(n int) []float64 {
	steps := make([]int, n)
	for i := range steps {
		steps[i] = i
	}
	x, _, _ := r.design.columns(steps)
	out := make([]float64, n)
	for i := range out {
		out[i] = (r.extra(x, i) - r.centre) * r.unit
	}
	return out
}

// outlook is the distribution of the next steps: normal on the fitted scale,
// with the variance of the errors and of the coefficients.
func (r *Regression) outlook(horizon int) *outlook {
	steps := make([]int, horizon)
	for h := range steps {
		steps[h] = r.design.rows + h
	}
	x, _, _ := r.design.columns(steps)
	mean, sd := make([]float64, horizon), make([]float64, horizon)
	row := make([]float64, len(x)+1)
	row[0] = 1
	p := len(row)
	for h := range mean {
		mu := r.fit.Coefficients[0].Value
		for j := range x {
			row[j+1] = x[j][h]
			mu += r.fit.Coefficients[j+1].Value * x[j][h]
		}
		left := math.Pow(r.Rho, float64(h+1+r.age))
		spread := 0.0
		if len(r.fit.Covariance) == p*p {
			for i, a := range row {
				for j, b := range row {
					spread += a * b * r.fit.Covariance[i*p+j]
				}
			}
		}
		mean[h] = mu*r.unit + left*r.last
		sd[h] = math.Sqrt(r.Sigma*r.Sigma*(1-left*left) + math.Max(0, spread)*r.unit*r.unit*r.inflation)
	}
	out := normalOutlook(mean, sd)
	if !r.Log {
		return out
	}
	out = out.mapped(func(_ int, v float64) float64 { return math.Exp(math.Min(v, 200)) })
	for h := range out.mean { // the expected value lies above the median
		out.mean[h] *= math.Exp(math.Min(0.5, sd[h]*sd[h]/2))
	}
	return out
}
