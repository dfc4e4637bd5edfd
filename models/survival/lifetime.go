package survival

import (
	"fmt"
	"math"
	"slices"

	"github.com/dangol/dangol/models/glm"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// LifetimeOptions of a fit. The zero value is maximum likelihood.
type LifetimeOptions struct {
	// Ridge subtracts ½ Ridge Σ (s_j b_j/sigma)² from the log-likelihood, s_j
	// being the standard deviation of column j.
	Ridge float64
	Level float64 // of intervals; 0 means 0.95
}

// Lifetime is a fitted accelerated failure time model: ln T = b_0 + Σ b_j x_j
// + sigma e, so that exp(b_j) is the factor by which one unit more of column j
// stretches every quantile of the lifetime. It is JSON of some kilobytes.
type Lifetime struct {
	Law Law `json:"law"`
	// Coefficients has the intercept first.
	Coefficients []glm.Coefficient `json:"coefficients"`
	// Sigma is the spread of ln T, with its interval on the logarithmic
	// scale; 1/Sigma is the Weibull's shape: above 1 the hazard rises with
	// age. It is 1 for the exponential.
	Sigma     float64 `json:"sigma"`
	SigmaSE   float64 `json:"sigma_se"`
	SigmaLow  float64 `json:"sigma_low"`
	SigmaHigh float64 `json:"sigma_high"`
	// Covariance of the coefficients and, last, of ln Sigma.
	Covariance []float64 `json:"covariance"`
	Level      float64   `json:"level"`
	Rows       int       `json:"rows"`
	Events     int       `json:"events"`
	// LogLik is the log-likelihood of times, without penalty.
	LogLik     float64   `json:"log_lik"`
	NullLogLik float64   `json:"null_log_lik"` // without columns
	AIC        float64   `json:"aic"`
	Passes     int       `json:"passes"`
	Converged  bool      `json:"converged"`
	Warnings   []Warning `json:"warnings"`
}

// lifeRows is the data of a fit in Olsen's parameters gamma = 1/sigma and
// delta = b/sigma, in which z = gamma ln t - delta'x is linear and the
// log-likelihood without late entry is concave: there is one maximum. Olsen,
// Econometrica 46 (1978).
type lifeRows struct {
	law       Law
	fixed     bool        // gamma is 1
	columns   [][]float64 // -1, -x_1, …, ln t
	enter     []float64   // ln of entry where there is one
	late      []bool
	event     []bool
	weights   []float64
	happened  float64
	penalty   []float64
	atEntry   [][]float64 // as columns, with ln of entry
	anyoneNew bool        // somebody entered late
}

// FitLifetime estimates a lifetime model by maximum likelihood. Times must be
// above 0; an entry of 0 or below is no late entry.
func FitLifetime(law Law, columns Columns, times Times, opts LifetimeOptions) (*Lifetime, error) {
	if !slices.Contains([]Law{Weibull, Exponential, LogNormal, LogLogistic}, law) {
		return nil, fail(InvalidOption, "there is no law %q; take %q, %q, %q or %q", law, Weibull, Exponential, LogNormal, LogLogistic)
	}
	if err := times.check(true); err != nil {
		return nil, err
	}
	n := len(times.Time)
	for i, at := range times.Time {
		if at == 0 {
			return nil, failAt(i, -1, "the time of row %d is 0; lifetimes are above 0: leave the row out, or count from 1", i)
		}
	}
	if err := columns.check(n); err != nil {
		return nil, err
	}
	if !(opts.Ridge >= 0) || math.IsInf(opts.Ridge, 0) {
		return nil, fail(InvalidOption, "the ridge penalty is %v; it is a finite number from 0 up", opts.Ridge)
	}
	if err := checkLevel(&opts.Level); err != nil {
		return nil, err
	}
	b, warnings, err := newBasis(&columns, &times, opts.Ridge)
	if err != nil {
		return nil, err
	}
	f := &Lifetime{Law: law, Level: opts.Level, Rows: n, Events: times.events(), Warnings: warnings}
	rows := newLifeRows(law, nil, &times, opts.Ridge)
	null := rows.climbNull(times.unit())
	f.NullLogLik = rows.logLik(null.at, &times)
	rows = newLifeRows(law, b.columns, &times, opts.Ridge)
	start := make([]float64, rows.free())
	start[0] = null.at[0]
	if !rows.fixed {
		start[len(start)-1] = null.at[1]
	}
	top, held := climbHeld(rows.surface, start, rows.penalty, 1, len(b.kept), rows.farthest, times.unit())
	if held != nil {
		var names []string
		for _, j := range held {
			names = append(names, columns.name(b.kept[j-1]))
		}
		f.Warnings = append(f.Warnings, separated(names))
	}
	f.LogLik = rows.logLik(top.at, &times)
	f.Passes, f.Converged = top.passes, top.converged
	f.report(rows, b, &columns, top)
	return f, nil
}

func newLifeRows(law Law, x [][]float64, t *Times, ridge float64) *lifeRows {
	n := len(t.Time)
	r := &lifeRows{law: law, fixed: law == Exponential, event: t.Event, weights: make([]float64, n), late: make([]bool, n)}
	negative := func(v []float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = -1
			if v != nil {
				out[i] = -v[i]
			}
		}
		return out
	}
	r.columns, r.penalty = append(r.columns, negative(nil)), append(r.penalty, 0)
	for _, v := range x {
		r.columns, r.penalty = append(r.columns, negative(v)), append(r.penalty, ridge)
	}
	r.atEntry = slices.Clone(r.columns)
	log, enter := make([]float64, n), make([]float64, n)
	for i := range n {
		r.weights[i] = t.weight(i)
		if t.Event[i] {
			r.happened += r.weights[i]
		}
		log[i] = math.Log(t.Time[i])
		if t.Entry != nil && t.Entry[i] > 0 && r.weights[i] > 0 {
			r.late[i], r.anyoneNew = true, true
			enter[i] = math.Log(t.Entry[i])
		}
	}
	r.columns, r.atEntry = append(r.columns, log), append(r.atEntry, enter)
	r.penalty = append(r.penalty, 0)
	return r
}

// free is the number of parameters: without gamma where it is fixed.
func (r *lifeRows) free() int {
	if r.fixed {
		return len(r.columns) - 1
	}
	return len(r.columns)
}

// climbNull searches without columns from several spreads.
func (r *lifeRows) climbNull(unit float64) *peak {
	log := r.columns[len(r.columns)-1]
	centre := floats.Dot(log, r.weights) / floats.Sum(r.weights)
	if r.fixed {
		return climb(r.surface, []float64{centre}, nil, unit)
	}
	var best *peak
	for _, gamma := range []float64{1, 3, 0.5} {
		if p := climb(r.surface, []float64{gamma * centre, gamma}, nil, unit); best == nil || p.slope.value > best.slope.value+1e-9*unit {
			best = p
		}
	}
	return best
}

// farthest bounds how far a step of the columns moves any row's z.
func (r *lifeRows) farthest(step []float64) float64 {
	move := make([]float64, len(r.event))
	for j := 1; j < len(r.columns)-1; j++ {
		floats.AddScaled(move, step[j], r.columns[j])
	}
	low, high := math.Inf(1), math.Inf(-1)
	for i, v := range move {
		if r.weights[i] > 0 {
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	return high - low
}

// surface is the penalised log-likelihood of ln t.
func (r *lifeRows) surface(theta []float64) slope {
	q, n := r.free(), len(r.event)
	gamma := 1.0
	if !r.fixed {
		gamma = theta[q-1]
	}
	out := slope{value: math.Inf(-1), g: make([]float64, q), h: mat.NewSymDense(q, nil)}
	if !(gamma > 0) {
		return out
	}
	value := r.happened * math.Log(gamma)
	first, second := make([]float64, n), make([]float64, n)
	z := r.linear(r.columns, theta)
	for i, at := range z {
		row := r.law.beyond
		if r.event[i] {
			row = r.law.density
		}
		w := r.weights[i]
		if w == 0 {
			continue
		}
		v, d1, d2 := row(at)
		value += w * v
		first[i], second[i] = w*d1, -w*d2
	}
	r.collect(&out, r.columns[:q], first, second)
	if r.anyoneNew {
		for i, at := range r.linear(r.atEntry, theta) {
			first[i], second[i] = 0, 0
			if r.late[i] {
				v, d1, d2 := r.law.beyond(at)
				value -= r.weights[i] * v
				first[i], second[i] = -r.weights[i]*d1, r.weights[i]*d2
			}
		}
		r.collect(&out, r.atEntry[:q], first, second)
	}
	if !r.fixed {
		out.g[q-1] += r.happened / gamma
		out.h.SetSym(q-1, q-1, out.h.At(q-1, q-1)+r.happened/(gamma*gamma))
	}
	for j := range q {
		value -= r.penalty[j] * theta[j] * theta[j] / 2
		out.g[j] -= r.penalty[j] * theta[j]
		out.h.SetSym(j, j, out.h.At(j, j)+r.penalty[j])
	}
	if finite(value) {
		out.value = value
	}
	return out
}

// linear is z; a fixed gamma multiplies the last column by 1.
func (r *lifeRows) linear(columns [][]float64, theta []float64) []float64 {
	z := make([]float64, len(r.event))
	if r.fixed {
		copy(z, columns[len(columns)-1])
	}
	for j, v := range theta {
		floats.AddScaled(z, v, columns[j])
	}
	return z
}

// collect adds gradient and curvature of rows linear in the columns.
func (r *lifeRows) collect(out *slope, columns [][]float64, first, second []float64) {
	info := glm.Gram(columns, second)
	for j, c := range columns {
		out.g[j] += floats.Dot(c, first)
		for k := j; k < len(columns); k++ {
			out.h.SetSym(j, k, out.h.At(j, k)+info.At(j, k))
		}
	}
}

// logLik is of the times themselves, without penalty.
func (r *lifeRows) logLik(theta []float64, t *Times) float64 {
	value := r.surface(theta).value
	for j, v := range theta {
		value += r.penalty[j] * v * v / 2
	}
	for i, e := range t.Event {
		if e {
			value -= t.weight(i) * math.Log(t.Time[i])
		}
	}
	return value
}

// report turns Olsen's parameters of standardised columns into coefficients of
// the columns and ln sigma.
func (f *Lifetime) report(r *lifeRows, b *basis, columns *Columns, top *peak) {
	p, q := len(columns.X), len(b.kept)
	gamma := 1.0
	if !r.fixed {
		gamma = top.at[q+1]
	}
	f.Sigma = 1 / gamma
	// a maps the estimates' differences: rows intercept, columns, ln sigma.
	a := mat.NewDense(p+2, r.free(), nil)
	value := make([]float64, p+2)
	value[0] = top.at[0] / gamma
	a.Set(0, 0, 1/gamma)
	for k, j := range b.kept {
		v := top.at[k+1] / gamma / b.scale[k]
		value[j+1] = v
		value[0] -= v * b.centre[k]
		a.Set(j+1, k+1, 1/gamma/b.scale[k])
		a.Set(0, k+1, -b.centre[k]/gamma/b.scale[k])
	}
	if !r.fixed {
		for j := range p + 1 {
			a.Set(j, q+1, -value[j]/gamma)
		}
		a.Set(p+1, q+1, -1/gamma)
	}
	var half, cov mat.Dense
	half.Mul(a, top.covariance())
	cov.Mul(&half, a.T())
	f.Covariance = slices.Clone(cov.RawMatrix().Data)
	z := normalQuantile((1 + f.Level) / 2)
	f.Coefficients = make([]glm.Coefficient, p+1)
	for j := range f.Coefficients {
		c := &f.Coefficients[j]
		c.Name, c.Scale, c.P = "(intercept)", 1, 1
		if j > 0 {
			c.Name, c.Aliased, c.Scale = columns.name(j-1), true, 0
		}
		if k := slices.Index(b.kept, j-1); k >= 0 {
			c.Aliased, c.Scale = false, b.scale[k]
		}
		c.Value, c.SE = value[j], math.Sqrt(math.Max(cov.At(j, j), 0))
		c.Low, c.High = c.Value-z*c.SE, c.Value+z*c.SE
		if c.SE > 0 {
			c.Z = c.Value / c.SE
			c.P = math.Erfc(math.Abs(c.Z) / math.Sqrt2)
		}
	}
	se := math.Sqrt(math.Max(cov.At(p+1, p+1), 0))
	f.SigmaSE, f.SigmaLow, f.SigmaHigh = f.Sigma*se, f.Sigma*math.Exp(-z*se), f.Sigma*math.Exp(z*se)
	f.AIC = 2*float64(r.free()) - 2*f.LogLik
	f.warn(r.free())
}

func (f *Lifetime) warn(parameters int) {
	if f.Events < 10*parameters {
		f.Warnings = append(f.Warnings, Warning{FewEvents, fmt.Sprintf(
			"There are %d events for %d parameters; below ten each, estimates are shaky: use fewer columns or a ridge penalty.", f.Events, parameters), nil})
	}
	if !f.Converged {
		f.Warnings = append(f.Warnings, Warning{
			NotConverged,
			"The search for the best parameters did not end at a maximum, as happens when all events come at one time or late entry leaves little to learn from; do not use this fit.", nil,
		})
	}
}
