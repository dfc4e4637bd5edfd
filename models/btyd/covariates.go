package btyd

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/dangol/dangol/models/btyd/climb"
)

// Described is a Pattern of customers with what is known of them: numbers that
// do not change with time, 0 or 1 for yes and no and for membership of a group.
// Everyone has as many of each.
type Described struct {
	Pattern
	Ordering []float64 // covariates of how often they order
	Leaving  []float64 // covariates of how soon they leave
}

// CovariateOptions of a fit.
type CovariateOptions struct {
	Options
	// Ordering and Leaving name the covariates, for reports; without names they
	// are numbered.
	Ordering, Leaving []string
	// Ridge, if positive, subtracts from the log-likelihood Ridge times the sum
	// of squared effects of a standard deviation of each covariate: what many
	// covariates and few customers need.
	Ridge float64
}

// Effect is what one covariate does.
type Effect struct {
	Name string `json:"name"`
	// On is "ordering" or "leaving".
	On string `json:"on"`
	// Value is the effect γ of one unit of the covariate: orders come exp(γ)
	// times as often, or customers leave exp(γ) times as soon.
	Value float64 `json:"value"`
	// SE, Low and High are 0 when Determined is false.
	SE         float64 `json:"se"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Determined bool    `json:"determined"`
}

// FittedCovariates is a model whose rates depend on covariates, proportionally:
//
//	Pareto/NBD:      alpha_i = alpha exp(-γ·x_i),  beta_i = beta exp(-δ·z_i)
//	BG/NBD, MBG/NBD: alpha_i = alpha exp(-γ·x_i),  a_i = a exp(δ·z_i), b_i = b exp(δ·z_i)
//
// with x the covariates of ordering and z those of leaving. Fader and Hardie,
// "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD
// models" (2007). In BG/NBD δ makes customers alike in their chance of leaving
// after an order, not more likely to: a mean a/(a+b) that does not change is
// that paper's form, and what CLVTools fits.
type FittedCovariates struct {
	// Fitted is the model of someone whose covariates are all 0; its LogLik is
	// that of everyone, with covariates.
	Fitted
	Ordering []Effect `json:"ordering"`
	Leaving  []Effect `json:"leaving"`
	// PlainLogLik is the log-likelihood without covariates, and Evidence the
	// probability of a gain as large by chance (likelihood ratio, chi-squared;
	// meaningless with a Ridge).
	PlainLogLik float64 `json:"plain_log_lik"`
	Evidence    float64 `json:"evidence"`
	// Cov is the covariance of the log parameters, then the effects on ordering,
	// then those on leaving.
	Cov [][]float64 `json:"cov"`
}

// For is the model of customers with the given covariates; it predicts as any
// Process does.
func (f *FittedCovariates) For(ordering, leaving []float64) (Process, error) {
	if len(ordering) != len(f.Ordering) || len(leaving) != len(f.Leaving) {
		return Process{}, &Error{InvalidCovariate, fmt.Sprintf("%d covariates of ordering and %d of leaving, but the model has %d and %d",
			len(ordering), len(leaving), len(f.Ordering), len(f.Leaving)), -1}
	}
	p := f.Process
	order, leave := 0.0, 0.0
	for j, v := range ordering {
		order += f.Ordering[j].Value * v
	}
	for j, v := range leaving {
		leave += f.Leaving[j].Value * v
	}
	p.Params[1] *= math.Exp(-order)
	if p.Model == ParetoNBD {
		p.Params[3] *= math.Exp(-leave)
	} else {
		p.Params[2] *= math.Exp(leave)
		p.Params[3] *= math.Exp(leave)
	}
	return New(p.Model, p.Params)
}

// FitCovariates estimates a model with covariates by maximum likelihood, or
// penalised maximum likelihood with a Ridge. Customers with equal covariates
// cost little more than in Fit; those with covariates of their own some ten
// times as much. It returns an *Error as Fit does, and where covariates are not
// finite, not equally many, or the same for everyone.
func FitCovariates(model Model, customers []Described, opts CovariateOptions) (*FittedCovariates, error) {
	patterns := make([]Pattern, len(customers))
	for i, c := range customers {
		patterns[i] = c.Pattern
	}
	plain, err := Fit(model, patterns, opts.Options)
	if err != nil {
		return nil, err
	}
	o, err := newCovariateObjective(model, customers, opts)
	if err != nil {
		return nil, err
	}
	top := climb.Highest(o.eval, o.starts(plain), precisely)
	return o.report(top, plain), nil
}

// columns of covariates, with how they are made comparable.
type columns struct {
	count      int
	mean, unit []float64
}

// cell is the customers with the same covariates, which are standardised.
type cell struct {
	data              *objective
	ordering, leaving []float64
}

// covariateObjective is the log-likelihood by the log parameters of an average
// customer and the effects of a standard deviation of each covariate.
type covariateObjective struct {
	*objective
	opts              CovariateOptions
	ordering, leaving columns
	cells             []cell
}

func newCovariateObjective(model Model, customers []Described, opts CovariateOptions) (*covariateObjective, error) {
	all := make([]Pattern, len(customers))
	for i, c := range customers {
		all[i] = c.Pattern
	}
	grouped, _ := Group(all)
	o := &covariateObjective{objective: newSample(grouped).objective(model, opts.Options), opts: opts}
	var err error
	if o.ordering, err = standardise(customers, "ordering", func(c Described) []float64 { return c.Ordering }); err != nil {
		return nil, err
	}
	if o.leaving, err = standardise(customers, "leaving", func(c Described) []float64 { return c.Leaving }); err != nil {
		return nil, err
	}
	sorted := slices.Clone(customers)
	alike := func(a, b Described) int {
		return cmp.Or(slices.Compare(a.Ordering, b.Ordering), slices.Compare(a.Leaving, b.Leaving))
	}
	slices.SortStableFunc(sorted, alike)
	for lo := 0; lo < len(sorted); {
		hi := lo
		var patterns []Pattern
		for hi < len(sorted) && alike(sorted[hi], sorted[lo]) == 0 {
			patterns = append(patterns, sorted[hi].Pattern)
			hi++
		}
		own, _ := Group(patterns)
		o.cells = append(o.cells, cell{
			&objective{model: model, data: newSample(own)},
			o.ordering.standard(sorted[lo].Ordering), o.leaving.standard(sorted[lo].Leaving),
		})
		lo = hi
	}
	return o, nil
}

// standardise checks covariates and finds their means and spreads.
func standardise(customers []Described, what string, of func(Described) []float64) (columns, error) {
	c := columns{count: len(of(customers[0]))}
	c.mean, c.unit = make([]float64, c.count), make([]float64, c.count)
	n := 0.0
	for i, who := range customers {
		v := of(who)
		if len(v) != c.count {
			return c, &Error{InvalidCovariate, fmt.Sprintf("pattern %d has %d covariates of %s, the first has %d; give everyone the same", i, len(v), what, c.count), i}
		}
		n += who.N
		for j, x := range v {
			if x-x != 0 {
				return c, &Error{InvalidCovariate, fmt.Sprintf("covariate %d of %s of pattern %d is %v; covariates are finite numbers", j, what, i, x), i}
			}
			c.mean[j] += who.N * x
		}
	}
	for j := range c.mean {
		c.mean[j] /= n
	}
	for _, who := range customers {
		for j, x := range of(who) {
			c.unit[j] += who.N * (x - c.mean[j]) * (x - c.mean[j])
		}
	}
	for j := range c.unit {
		c.unit[j] = math.Sqrt(c.unit[j] / n)
		if !(c.unit[j] > 1e-12*math.Abs(c.mean[j])) || math.IsInf(c.unit[j], 0) {
			return c, &Error{InvalidCovariate, fmt.Sprintf("covariate %d of %s is the same for everyone, or too large; leave it out", j, what), -1}
		}
	}
	return c, nil
}

func (c columns) standard(v []float64) []float64 {
	out := make([]float64, len(v))
	for j, x := range v {
		out[j] = (x - c.mean[j]) / c.unit[j]
	}
	return out
}

// effectWall is how strong the effect of a standard deviation may become
// unhindered, in logs: a covariate that parts customers perfectly would rise
// for ever.
const effectWall = 6

// eval is the log-likelihood with its derivatives: those of each cell by its own
// log parameters, carried over by the chain rule, which is linear.
func (o *covariateObjective) eval(x []float64) climb.Slope {
	n := len(x)
	out := climb.Slope{Gradient: make([]float64, n), Curvature: mat.NewSymDense(n, nil)}
	slopes := make([]slope, len(o.cells))
	parallel(len(o.cells), 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			slopes[i] = o.cells[i].data.likelihood(o.place(x, o.cells[i]))
		}
	})
	for i := range slopes {
		o.account(&out, &slopes[i], o.cells[i])
	}
	var base slope
	o.restrain(&base, vector(x[:dim]))
	out.Value += base.f
	for j := range dim {
		out.Gradient[j] += base.g[j]
		out.Curvature.SetSym(j, j, out.Curvature.At(j, j)+base.h[j][j])
	}
	for j := dim; j < n; j++ {
		out.Value -= o.opts.Ridge * x[j] * x[j]
		out.Gradient[j] -= 2 * o.opts.Ridge * x[j]
		bend := 2 * o.opts.Ridge
		if far := math.Abs(x[j]) - effectWall; far > 0 {
			out.Value -= wallSlope * far * far
			out.Gradient[j] -= math.Copysign(2*wallSlope*far, x[j])
			bend += 2 * wallSlope
		}
		out.Curvature.SetSym(j, j, out.Curvature.At(j, j)-bend)
	}
	return out
}

// place gives the log parameters of a cell.
func (o *covariateObjective) place(x []float64, c cell) vector {
	theta := vector(x[:dim])
	for j, v := range c.ordering {
		theta[1] -= x[dim+j] * v
	}
	for j, v := range c.leaving {
		effect := x[dim+o.ordering.count+j] * v
		if o.model == ParetoNBD {
			theta[3] -= effect
		} else {
			theta[2] += effect
			theta[3] += effect
		}
	}
	return theta
}

// account adds a cell: each variable moves some of its log parameters.
func (o *covariateObjective) account(out *climb.Slope, s *slope, c cell) {
	n := len(out.Gradient)
	// moves[k] is how the log parameters change with variable k.
	moves := make([]vector, n)
	for j := range dim {
		moves[j][j] = 1
	}
	for j, v := range c.ordering {
		moves[dim+j][1] = -v
	}
	for j, v := range c.leaving {
		m := &moves[dim+o.ordering.count+j]
		if o.model == ParetoNBD {
			m[3] = -v
		} else {
			m[2], m[3] = v, v
		}
	}
	out.Value += s.f
	for k := range n {
		var bent vector // curvature times the move
		for i := range dim {
			out.Gradient[k] += moves[k][i] * s.g[i]
			for j := range dim {
				bent[i] += s.h[i][j] * moves[k][j]
			}
		}
		for l := range k + 1 {
			sum := 0.0
			for i := range dim {
				sum += moves[l][i] * bent[i]
			}
			out.Curvature.SetSym(k, l, out.Curvature.At(k, l)+sum)
		}
	}
}

// starts are the plain fit and the regimes of leaving, without effects.
func (o *covariateObjective) starts(plain *Fitted) [][]float64 {
	list := make([][]float64, 0, 4)
	effects := make([]float64, o.ordering.count+o.leaving.count)
	var theta vector
	for j, v := range plain.Params {
		theta[j] = math.Log(v)
	}
	for _, place := range append([]vector{theta}, o.bestStarts()...) {
		list = append(list, append(slices.Clone(place[:]), effects...))
	}
	return list
}

// report carries the summit back to the covariates' own units.
func (o *covariateObjective) report(top climb.Summit, plain *Fitted) *FittedCovariates {
	n := len(top.X)
	f := &FittedCovariates{Fitted: *plain, PlainLogLik: plain.LogLik}
	f.Warnings = nil
	// back has the log parameters and effects in own units as linear functions
	// of the standardised ones.
	back := mat.NewDense(n, n, nil)
	for j := range dim {
		back.Set(j, j, 1)
	}
	unscale := func(c columns, from int, rows []int, sign float64) {
		for j := range c.count {
			back.Set(from+j, from+j, 1/c.unit[j])
			for _, row := range rows {
				back.Set(row, from+j, sign*c.mean[j]/c.unit[j])
			}
		}
	}
	unscale(o.ordering, dim, []int{1}, 1)
	rows, sign := []int{2, 3}, -1.0
	if o.model == ParetoNBD {
		rows, sign = []int{3}, 1
	}
	unscale(o.leaving, dim+o.ordering.count, rows, sign)
	var x mat.VecDense
	x.MulVec(back, mat.NewVecDense(n, top.X))
	var cov, half mat.Dense
	half.Mul(back, climb.Covariance(top.Curvature))
	cov.Mul(&half, back.T())
	f.LogLik = o.unpenalised(top.X)
	f.Cov = make([][]float64, n)
	for j := range n {
		f.Cov[j] = mat.Row(nil, j, &cov)
	}
	for j := range dim {
		f.Params[j] = math.Exp(x.AtVec(j))
		for k := range dim {
			f.LogCov[j][k] = cov.At(j, k)
		}
		f.Check.Determined[j] = cov.At(j, j) < vague*vague && math.Abs(top.X[j]-o.centre[j]) < wall-1
	}
	reach := distuv.UnitNormal.Quantile((1 + o.opts.level()) / 2)
	effect := func(k int, names []string, j int, on string) Effect {
		e := Effect{On: on, Name: fmt.Sprintf("%s_%d", on, j+1), Value: x.AtVec(k), SE: math.Sqrt(cov.At(k, k))}
		if j < len(names) {
			e.Name = names[j]
		}
		if e.Determined = math.Abs(top.X[k]) < effectWall-1 && e.SE < 1e2; e.Determined {
			e.Low, e.High = e.Value-reach*e.SE, e.Value+reach*e.SE
		} else {
			e.SE = 0
		}
		return e
	}
	for j := range o.ordering.count {
		f.Ordering = append(f.Ordering, effect(dim+j, o.opts.Ordering, j, "ordering"))
	}
	for j := range o.leaving.count {
		f.Leaving = append(f.Leaving, effect(dim+o.ordering.count+j, o.opts.Leaving, j, "leaving"))
	}
	f.Evidence = 1
	if k := o.ordering.count + o.leaving.count; k > 0 {
		f.Evidence = distuv.ChiSquared{K: float64(k)}.Survival(math.Max(0, 2*(f.LogLik-f.PlainLogLik)))
	}
	o.examine(f, top, plain)
	return f
}

// unpenalised is the log-likelihood alone.
func (o *covariateObjective) unpenalised(x []float64) float64 {
	sum := 0.0
	for _, c := range o.cells {
		sum += c.data.likelihood(o.place(x, c)).f
	}
	return sum
}

// examine adds numerical health and warnings.
func (o *covariateObjective) examine(f *FittedCovariates, top climb.Summit, plain *Fitted) {
	f.Check.Slope, f.Check.Passes, f.Check.Starts = 0, top.Passes, 4
	for _, g := range top.Gradient {
		f.Check.Slope = math.Max(f.Check.Slope, math.Abs(g)/f.Customers)
	}
	var e mat.EigenSym
	if f.Check.Curvature = math.Inf(-1); e.Factorize(top.Curvature, false) {
		values := e.Values(nil)
		f.Check.Curvature = -values[len(values)-1]
	}
	for _, w := range plain.Warnings {
		if w.Reason == FewRepeatCustomers || w.Reason == NoDropout {
			f.Warnings = append(f.Warnings, w)
		}
	}
	weak := f.Check.Determined != [4]bool{true, true, true, true}
	for _, e := range slices.Concat(f.Ordering, f.Leaving) {
		weak = weak || !e.Determined
	}
	if weak {
		f.Warnings = append(f.Warnings, Warning{
			WeaklyDetermined,
			"The data do not pin down every parameter and effect; forecasts hold, but do not interpret those without an interval, or set a ridge.", false,
		})
	}
	if !top.IsMaximum(f.Customers) {
		f.Warnings = append(f.Warnings, Warning{
			NotConverged,
			"The search for the best parameters did not end at a maximum; do not use this fit.", true,
		})
	}
}
