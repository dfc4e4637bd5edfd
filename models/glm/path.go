package glm

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// PathOptions of a path of penalties. The zero value is a lasso path of 100
// penalties.
type PathOptions struct {
	// Mix is the share of the absolute penalty: 1 is the lasso, towards 0 it
	// becomes ridge. 0 means 1; it must be at least 0.001.
	Mix float64
	// Lambdas to fit at, falling; nil means Count of them, evenly spaced in
	// their logarithm from the smallest at which every coefficient is 0 down
	// to Ratio times that. 0 means 100, and 1e-4 (1e-2 when there are more
	// columns than rows).
	Lambdas []float64
	Count   int
	Ratio   float64
	// Factors multiply the penalty of each column; 0 leaves a column free.
	// nil means 1 each.
	Factors []float64
	// NoIntercept fits without one.
	NoIntercept bool
}

// Path holds the fits at falling penalties. At each, it minimises
//
//	-LL/W + λ Σ_j v_j [(1-Mix)/2 (s_j b_j)² + Mix |s_j b_j|]
//
// where W is the sum of the weights, v_j the factor and s_j the standard
// deviation of column j. This is glmnet's objective with standardised columns.
type Path struct {
	Family    Family    `json:"family"`
	Intercept bool      `json:"intercept"`
	Names     []string  `json:"names"` // of the columns
	Mix       float64   `json:"mix"`
	Lambdas   []float64 `json:"lambdas"`
	// Coefficients at each penalty in the columns' own units, the intercept
	// first where there is one.
	Coefficients [][]float64 `json:"coefficients"`
	Nonzero      []int       `json:"nonzero"` // columns in use
	// Explained is the share of the null deviance explained.
	Explained []float64 `json:"explained"`
	Warnings  []Warning `json:"warnings"`

	models []*Fitted
}

// At is the model at the k-th penalty. It predicts, but has no errors:
// the choice of columns is part of the estimate.
func (path *Path) At(k int) *Fitted { return path.models[k] }

func (o *PathOptions) check(columns int) error {
	if o.Mix == 0 {
		o.Mix = 1
	}
	if o.Count == 0 {
		o.Count = 100
	}
	switch {
	case !(o.Mix >= 1e-3 && o.Mix <= 1):
		return fail(InvalidOption, "the mix is %v; it lies between 0.001 (nearly ridge) and 1 (lasso); for ridge alone use Fit", o.Mix)
	case o.Count < 2 || o.Count > 10_000:
		return fail(InvalidOption, "%d penalties; take 2 to 10000", o.Count)
	case o.Ratio != 0 && !(o.Ratio > 0 && o.Ratio < 1):
		return fail(InvalidOption, "the ratio of the last to the first penalty is %v; it lies between 0 and 1", o.Ratio)
	case o.Factors != nil && len(o.Factors) != columns:
		return fail(InvalidOption, "%d penalty factors for %d columns; give one a column", len(o.Factors), columns)
	}
	for j, v := range o.Factors {
		if !(v >= 0) || math.IsInf(v, 0) {
			return &Error{InvalidOption, fmt.Sprintf("the penalty factor of column %d is %v; factors are finite and not negative", j, v), -1, j}
		}
	}
	last := math.Inf(1)
	for _, l := range o.Lambdas {
		if !(l >= 0 && l < last) {
			return fail(InvalidOption, "the penalties are not falling numbers from 0 up: %v after %v", l, last)
		}
		last = l
	}
	return nil
}

// FitPath fits along a path of penalties, each from the one before.
func FitPath(family Family, data Data, opts PathOptions) (*Path, error) {
	if err := data.check(family); err != nil {
		return nil, err
	}
	if err := opts.check(len(data.X)); err != nil {
		return nil, err
	}
	p := newProblem(&data, family, !opts.NoIntercept)
	if len(p.columns) == 0 {
		return nil, fail(Unsolvable, "no column holds any information and there is no intercept, so there is nothing to fit")
	}
	d := newDescent(p, opts)
	path := &Path{Family: family, Intercept: p.intercept, Mix: opts.Mix, Warnings: p.warnings}
	for j := range data.X {
		path.Names = append(path.Names, data.name(j))
	}
	lambdas := opts.Lambdas
	if lambdas == nil {
		lambdas = d.lambdas(opts)
	}
	null := d.nullValue()
	stuck := 0
	for _, lambda := range lambdas {
		if !d.fit(lambda) {
			stuck++
		}
		path.take(d, &data, lambda, null)
		if opts.Lambdas == nil && path.flat() {
			break
		}
	}
	if stuck > 0 {
		path.Warnings = append(path.Warnings, Warning{NotConverged, fmt.Sprintf(
			"At %d of %d penalties the search did not end exactly; the smallest penalties are nearly none, where columns may tell the answer completely.",
			stuck, len(lambdas)), nil})
	}
	return path, nil
}

// flat reports whether smaller penalties hardly explain more, which is where a
// path that chose its own penalties ends, as glmnet's does.
func (path *Path) flat() bool {
	k := len(path.Explained) - 1
	if k < 5 || path.Explained[k] == 0 {
		return false
	}
	now, before := path.Explained[k], path.Explained[k-1]
	return now > 0.999 || now-before < 1e-5*now
}

// take records the descent's place.
func (path *Path) take(d *descent, data *Data, lambda float64, null float64) {
	p := d.p
	f := &Fitted{
		Family: p.family, Intercept: p.intercept, Level: 0.95, Rows: len(p.y), Weight: p.total,
		Dispersion: 1, Converged: true,
	}
	f.fill(p, data, &summit{b: d.b}, p.original(), nil)
	saturated := 0.0
	for i, y := range p.y {
		if w := p.weight(i); w > 0 {
			saturated += w * p.family.saturated(y)
		}
	}
	f.LogLik = d.ll
	f.Deviance, f.NullDeviance = math.Max(2*(saturated-d.ll), 0), math.Max(2*(saturated-null), 0)
	used := 0
	for j, b := range d.b {
		if p.kept[j] >= 0 && b != 0 {
			used++
		}
	}
	f.Used = float64(used)
	if p.intercept {
		f.Used++
	}
	f.Freedom = math.Max(float64(f.Rows)-f.Used, 0)
	values := make([]float64, len(f.Coefficients))
	for j, c := range f.Coefficients {
		values[j] = c.Value
	}
	path.Lambdas = append(path.Lambdas, lambda)
	path.Coefficients = append(path.Coefficients, values)
	path.Nonzero = append(path.Nonzero, used)
	path.Explained = append(path.Explained, f.Explained())
	path.models = append(path.models, f)
}

// descent is coordinate descent on a quadratic that touches the likelihood at
// b. The quadratic's curvature is kept over steps and penalties while it
// serves, for it costs as much as many gradients; the gradient is always new,
// so the end is exact all the same.
type descent struct {
	p                 *problem
	mix               float64
	factor            []float64 // penalty factor of each of p.columns
	b, eta            []float64
	resid, curve      []float64
	ll                float64
	h                 *mat.SymDense // curvature over the sum of weights
	fresh             bool          // h belongs to this b
	g, next, pull     []float64
	move, etaTry      []float64
	residTry, curvTry []float64
}

func newDescent(p *problem, opts PathOptions) *descent {
	n, q := len(p.y), len(p.columns)
	d := &descent{
		p: p, mix: opts.Mix, factor: make([]float64, q), b: make([]float64, q),
		eta: make([]float64, n), resid: make([]float64, n), curve: make([]float64, n),
		g: make([]float64, q), next: make([]float64, q), pull: make([]float64, q),
		move: make([]float64, n), etaTry: make([]float64, n), residTry: make([]float64, n), curvTry: make([]float64, n),
	}
	for j, from := range p.kept {
		switch {
		case from < 0:
		case opts.Factors == nil:
			d.factor[j] = 1
		default:
			d.factor[j] = opts.Factors[from]
		}
	}
	if null := p.null(); p.intercept {
		d.b[0] = null.b[0]
	}
	p.linear(d.eta, d.b)
	d.ll = p.at(d.eta, d.resid, d.curve)
	return d
}

// nullValue is the log-likelihood where the descent begins.
func (d *descent) nullValue() float64 { return d.ll }

// lambdas is the default sequence. Free columns are fitted first.
func (d *descent) lambdas(opts PathOptions) []float64 {
	d.fit(1e6 * math.Max(1, d.steepest()))
	top := d.steepest() / d.mix
	if top == 0 {
		top = 1e-3
	}
	ratio := opts.Ratio
	if ratio == 0 {
		ratio = 1e-4
		if len(d.p.columns) > len(d.p.y) {
			ratio = 1e-2
		}
	}
	list := make([]float64, opts.Count)
	for k := range list {
		list[k] = top * math.Pow(ratio, float64(k)/float64(opts.Count-1))
	}
	return list
}

// steepest is the largest slope of a penalised column.
func (d *descent) steepest() float64 {
	d.p.slopes(d.g, d.resid)
	most := 0.0
	for j, g := range d.g {
		if d.factor[j] > 0 {
			most = math.Max(most, math.Abs(g)/d.p.total/d.factor[j])
		}
	}
	return most
}

// penalty of coefficients.
func (d *descent) penalty(b []float64, lambda float64) float64 {
	sum := 0.0
	for j, v := range b {
		sum += d.factor[j] * ((1-d.mix)/2*v*v + d.mix*math.Abs(v))
	}
	return lambda * sum
}

// exact is the promised fall of the objective, per unit of the deviance per
// row, at which a penalty is done.
const exact = 1e-11

// slow is the share of the last promise above which the curvature is too old.
const slow = 0.1

// fit descends at one penalty; false means that it did not end.
func (d *descent) fit(lambda float64) bool {
	p := d.p
	if d.h == nil {
		d.refresh()
	}
	last := math.Inf(-1)
	for range 100 {
		p.slopes(d.g, d.resid)
		for j := range d.g {
			d.g[j] /= -p.total
		}
		d.minimise(lambda)
		promise := d.penalty(d.next, lambda) - d.penalty(d.b, lambda)
		for j := range d.next {
			promise += d.g[j] * (d.next[j] - d.b[j])
		}
		if promise > -exact {
			return true
		}
		if promise < slow*last && !d.fresh && p.family != Linear {
			d.refresh()
			last = math.Inf(-1)
			continue
		}
		last = promise
		if !d.walk(lambda, promise) {
			if d.fresh {
				return promise > -1e-7
			}
			d.refresh()
		}
	}
	return false
}

func (d *descent) refresh() {
	d.h = Gram(d.p.columns, d.curve)
	// Gram fills both triangles, which the rows of minimise rely on; gonum's
	// own operations would keep only one.
	for k, v := range d.h.RawSymmetric().Data {
		d.h.RawSymmetric().Data[k] = v / d.p.total
	}
	d.fresh = true
}

// walk moves towards next as far as the objective falls enough.
func (d *descent) walk(lambda, promise float64) bool {
	p := d.p
	clear(d.move)
	for j := range d.b {
		axpy(d.move, d.next[j]-d.b[j], p.columns[j])
	}
	from := -d.ll/p.total + d.penalty(d.b, lambda)
	try := make([]float64, len(d.b))
	for length := 1.0; length > 1e-4; length /= 2 {
		for j := range try {
			try[j] = d.b[j] + length*(d.next[j]-d.b[j])
		}
		copy(d.etaTry, d.eta)
		axpy(d.etaTry, length, d.move)
		ll := p.at(d.etaTry, d.residTry, d.curvTry)
		if to := -ll/p.total + d.penalty(try, lambda); to <= from+1e-4*length*promise+1e-15*math.Abs(from) {
			copy(d.b, try)
			d.eta, d.etaTry = d.etaTry, d.eta
			d.resid, d.residTry = d.residTry, d.resid
			d.curve, d.curvTry = d.curvTry, d.curve
			d.ll, d.fresh = ll, false
			return true
		}
	}
	return false
}

// minimise fills next with the minimum of the quadratic plus the penalty, by
// cycling over the coordinates in use and looking at all of them in between.
func (d *descent) minimise(lambda float64) {
	copy(d.next, d.b)
	copy(d.pull, d.g) // gradient of the quadratic at next
	q := len(d.b)
	raw := d.h.RawSymmetric()
	cycle := func(all bool) float64 {
		most := 0.0
		for j := range q {
			if !all && d.next[j] == 0 {
				continue
			}
			row := raw.Data[j*raw.Stride : j*raw.Stride+q]
			curve := row[j]
			if curve <= 0 {
				continue
			}
			edge := lambda * d.factor[j] * d.mix
			to := shrink(curve*d.next[j]-d.pull[j], edge) / (curve + lambda*d.factor[j]*(1-d.mix))
			if change := to - d.next[j]; change != 0 {
				d.next[j] = to
				most = math.Max(most, curve*change*change)
				axpy(d.pull, change, row)
			}
		}
		return most
	}
	for range 1000 {
		if cycle(true) < exact/100 {
			return
		}
		for range 1000 {
			if cycle(false) < exact/100 {
				break
			}
		}
	}
}

// shrink moves x towards 0 by edge.
func shrink(x, edge float64) float64 {
	switch {
	case x > edge:
		return x - edge
	case x < -edge:
		return x + edge
	default:
		return 0
	}
}
