package glm

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Options of a fit. The zero value is maximum likelihood with an intercept.
type Options struct {
	// Ridge subtracts ½ Ridge Σ (s_j b_j)² from the log-likelihood, s_j being
	// the standard deviation of column j: a normal prior of variance 1/Ridge
	// for coefficients per standard deviation. The intercept is free. For
	// linear regression the log-likelihood is minus half the sum of squares.
	Ridge float64
	// NoIntercept fits without one; columns are then scaled, not centred.
	NoIntercept bool
	// Robust takes standard errors that hold when the variance is not the one
	// of the family: the sandwich of Huber and White times n/(n-p) (HC1).
	Robust bool
	// Level of intervals; 0 means 0.95.
	Level float64
}

func (o Options) check() error {
	switch {
	case !(o.Ridge >= 0) || math.IsInf(o.Ridge, 0):
		return fail(InvalidOption, "the ridge penalty is %v; it is a finite number from 0 up", o.Ridge)
	case o.Level != 0 && !(o.Level > 0 && o.Level < 1):
		return fail(InvalidOption, "the level of intervals is %v; it lies between 0 and 1", o.Level)
	}
	return nil
}

func (o Options) level() float64 {
	if o.Level == 0 {
		return 0.95
	}
	return o.Level
}

// weakRidge is the penalty that holds separated columns: coefficients per
// standard deviation of about 1.
const weakRidge = 1

// Fit estimates a regression. It returns an *Error when data or options are
// malformed or nothing can be estimated; anything less is a warning.
func Fit(family Family, data Data, opts Options) (*Fitted, error) {
	if err := data.check(family); err != nil {
		return nil, err
	}
	if err := opts.check(); err != nil {
		return nil, err
	}
	p := newProblem(&data, family, !opts.NoIntercept)
	if len(p.columns) == 0 {
		return nil, fail(Unsolvable, "no column holds any information and there is no intercept, so there is nothing to fit")
	}
	if opts.Ridge == 0 {
		p.dropAliased(&data)
	} else {
		p.gram = Gram(p.columns, p.priorWeights())
	}
	null := p.null()
	top, penalty := p.summit(&data, null, opts.Ridge)
	return p.report(&data, opts, null, top, penalty), nil
}

// summit climbs, and once more with a weak penalty where there is no finite
// maximum.
func (p *problem) summit(d *Data, null *summit, ridge float64) (*summit, []float64) {
	start, penalty := make([]float64, len(p.columns)), make([]float64, len(p.columns))
	if p.intercept {
		start[0] = null.b[0]
	}
	for j := range penalty {
		if p.kept[j] >= 0 {
			penalty[j] = ridge
		}
	}
	top := p.climb(start, penalty)
	var held []int
	for _, share := range []float64{0.01, 0} {
		if top.runaway == nil {
			break
		}
		// First the columns that run; if more do then, all of them.
		held = held[:0]
		for j, r := range top.runaway {
			if p.kept[j] >= 0 && math.Abs(r) >= share*largest(top.runaway) {
				held = append(held, j)
				penalty[j] = math.Max(penalty[j], weakRidge)
			}
		}
		top = p.climb(p.better(start, top.b, held, penalty), penalty)
	}
	if len(held) > 0 {
		var names []string
		for _, j := range held {
			names = append(names, d.name(p.kept[j]))
		}
		p.warnings = append(p.warnings, Warning{Separation, fmt.Sprintf(
			"Together with the others, %s the answer of some rows completely, so no finite estimate exists; a weak penalty holds %s.",
			verb(names, "tells", "tell"), pick(names, "it", "them")), names})
	}
	return top, penalty
}

// better is where to climb from again: where a climb ended, but at 0 for the
// columns that ran, unless the start is higher.
func (p *problem) better(start, end []float64, held []int, penalty []float64) []float64 {
	n := len(p.y)
	next := slices.Clone(end)
	for _, j := range held {
		next[j] = 0
	}
	s := &summit{eta: make([]float64, n), resid: make([]float64, n), curve: make([]float64, n)}
	value := func(b []float64) float64 {
		s.b = b
		p.linear(s.eta, b)
		p.evaluate(s, penalty)
		return s.value
	}
	if value(next) > value(start) {
		return next
	}
	return start
}

// report turns a summit into a Fitted.
func (p *problem) report(d *Data, opts Options, null, top *summit, penalty []float64) *Fitted {
	q, n := len(p.columns), 0
	f := &Fitted{
		Family: p.family, Intercept: p.intercept, Ridge: opts.Ridge, Robust: opts.Robust, Level: opts.level(),
		Passes: top.passes, Converged: top.converged, Weight: p.total,
	}
	for i := range p.y {
		if p.weight(i) > 0 {
			n++
		}
	}
	f.Rows = n
	var inverse mat.SymDense
	if err := top.chol.InverseTo(&inverse); err != nil {
		f.Converged = f.Converged && inverse.SymmetricDim() == q
	}
	f.Used = float64(q)
	if slices.Max(penalty) > 0 {
		f.Used = 0
		for j := range q {
			for k := range q {
				f.Used += inverse.At(j, k) * top.info.At(j, k)
			}
		}
	}
	f.goodness(p, null, top)
	cov := p.covariance(&inverse, top, f)
	var back, tmp mat.Dense
	a := p.original()
	tmp.Mul(a, cov)
	back.Mul(&tmp, a.T())
	f.fill(p, d, top, a, &back)
	f.warn(p, d)
	return f
}

// goodness fills likelihood, deviance and dispersion.
func (f *Fitted) goodness(p *problem, null, top *summit) {
	saturated, constant, chi2 := 0.0, 0.0, 0.0
	for i, y := range p.y {
		w := p.weight(i)
		if w == 0 {
			continue
		}
		saturated += w * p.family.saturated(y)
		if p.family == Poisson {
			g, _ := math.Lgamma(y + 1)
			constant -= w * g
		}
		if c := top.curve[i]; c > 0 {
			chi2 += top.resid[i] * top.resid[i] / c
		}
	}
	f.Deviance = math.Max(2*(saturated-top.ll), 0)
	f.NullDeviance = math.Max(2*(saturated-null.ll), 0)
	free := float64(f.Rows) - f.Used
	f.Freedom = math.Max(free, 0)
	f.Dispersion, f.LogLik = 1, top.ll+constant
	if p.family != Linear {
		f.pearson = chi2 / math.Max(free, 1)
		f.AIC = 2*f.Used - 2*f.LogLik
		f.BIC = math.Log(float64(f.Rows))*f.Used - 2*f.LogLik
		return
	}
	n, logs := float64(f.Rows), 0.0
	for i := range p.y {
		if w := p.weight(i); w > 0 {
			logs += math.Log(w)
		}
	}
	f.Dispersion = f.Deviance / math.Max(free, 1)
	// A perfect fit has no finite likelihood; a variance of rounding size
	// stands in for zero.
	mle := math.Max(f.Deviance/n, 1e-30*math.Max(f.NullDeviance/n, 1e-270))
	f.LogLik = 0.5 * (logs - n*(math.Log(2*math.Pi*mle)+1))
	f.AIC = 2*(f.Used+1) - 2*f.LogLik
	f.BIC = math.Log(n)*(f.Used+1) - 2*f.LogLik
}

// covariance of the coefficients of standardised columns.
func (p *problem) covariance(inverse *mat.SymDense, top *summit, f *Fitted) mat.Matrix {
	if !f.Robust {
		var cov mat.SymDense
		cov.ScaleSym(f.Dispersion, inverse)
		return &cov
	}
	square := make([]float64, len(p.y))
	for i, r := range top.resid {
		square[i] = r * r
	}
	var tmp, cov mat.Dense
	tmp.Mul(inverse, Gram(p.columns, square))
	cov.Mul(&tmp, inverse)
	n := float64(f.Rows)
	cov.Scale(n/math.Max(n-f.Used, 1), &cov)
	return &cov
}
