package survival

import (
	"math"

	"github.com/dangol/dangol/models/glm"
	"gonum.org/v1/gonum/mat"
)

// Ties says how events at one time are taken.
type Ties string

// Ways with ties.
const (
	// Efron averages over the orders in which tied events may have come:
	// close to exact, and the default. Efron, JASA 72 (1977).
	Efron Ties = "efron"
	// Breslow takes them all before any has left: simpler, and biased
	// towards 0 with many ties.
	Breslow Ties = "breslow"
)

// CoxOptions of a fit. The zero value is Efron without penalty.
type CoxOptions struct {
	Ties Ties
	// Strata, if given, is the stratum of each row: each has a baseline of
	// its own, and all have the same coefficients.
	Strata []int
	// Ridge subtracts ½ Ridge Σ (s_j b_j)² from the partial log-likelihood,
	// s_j being the standard deviation of column j.
	Ridge float64
	// Robust takes the standard errors of Lin and Wei, JASA 84 (1989), which
	// hold when hazards are not proportional or weights are not counts.
	// Clusters, if given, is the person each row belongs to; it implies Robust.
	Robust   bool
	Clusters []int
	Level    float64 // of intervals; 0 means 0.95
}

func (o *CoxOptions) check(n int) error {
	if o.Ties == "" {
		o.Ties = Efron
	}
	switch {
	case o.Ties != Efron && o.Ties != Breslow:
		return fail(InvalidOption, "there is no way %q with ties; take %q or %q", o.Ties, Efron, Breslow)
	case !(o.Ridge >= 0) || math.IsInf(o.Ridge, 0):
		return fail(InvalidOption, "the ridge penalty is %v; it is a finite number from 0 up", o.Ridge)
	case o.Strata != nil && len(o.Strata) != n:
		return fail(InvalidData, "%d strata for %d rows; give one a row", len(o.Strata), n)
	case o.Clusters != nil && len(o.Clusters) != n:
		return fail(InvalidData, "%d clusters for %d rows; give one a row", len(o.Clusters), n)
	}
	o.Robust = o.Robust || o.Clusters != nil
	return checkLevel(&o.Level)
}

// Cox is a fitted proportional hazards model: the hazard of a row is
//
//	h(t) = h_stratum(t) exp(Σ b_j (x_j - centre_j)).
//
// It is JSON of some kilobytes plus the baseline.
type Cox struct {
	Coefficients []glm.Coefficient `json:"coefficients"`
	Covariance   []float64         `json:"covariance"` // row by row
	Centre       []float64         `json:"centre"`     // mean of each column
	Baselines    []Baseline        `json:"baselines"`  // by stratum
	Ties         Ties              `json:"ties"`
	Ridge        float64           `json:"ridge"`
	Robust       bool              `json:"robust"`
	Level        float64           `json:"level"`

	Rows       int     `json:"rows"`
	Events     int     `json:"events"`
	LogLik     float64 `json:"log_lik"` // partial, without penalty
	NullLogLik float64 `json:"null_log_lik"`
	// Ratio is 2(LogLik - NullLogLik), chi-squared with Freedom degrees if no
	// column mattered; P is its probability.
	Ratio   float64 `json:"ratio"`
	Freedom int     `json:"freedom"`
	P       float64 `json:"p"`
	AIC     float64 `json:"aic"`
	// Concordance of the fit with its own rows, within strata.
	Concordance float64   `json:"concordance"`
	Passes      int       `json:"passes"`
	Converged   bool      `json:"converged"`
	Warnings    []Warning `json:"warnings"`

	sums  *riskSums
	basis *basis
}

// Baseline is the cumulative hazard of a row with the mean columns.
type Baseline struct {
	Stratum int       `json:"stratum"`
	Time    []float64 `json:"time"` // of events
	Hazard  []float64 `json:"hazard"`
}

// basis is the columns in use, centred and scaled.
type basis struct {
	columns [][]float64
	kept    []int
	centre  []float64
	scale   []float64
}

// newBasis standardises the columns that are independent.
func newBasis(c *Columns, t *Times, ridge float64) (*basis, []Warning, error) {
	free, err := glm.Independent(c.X, len(t.Time), t.Weights)
	if err != nil {
		return nil, nil, fail(InvalidData, "the columns cannot be used: %v", err)
	}
	b := &basis{}
	var names []string
	for j, x := range c.X {
		mean, total := 0.0, 0.0
		for i, v := range x {
			if w := t.weight(i); w > 0 {
				total += w
				mean += (v - mean) * w / total
			}
		}
		square := 0.0
		for i, v := range x {
			square += t.weight(i) * (v - mean) * (v - mean) / total
		}
		scale := math.Sqrt(square)
		if !free[j] && (ridge == 0 || !(scale > 1e-10*math.Abs(mean))) {
			names = append(names, c.name(j))
			continue
		}
		z := make([]float64, len(x))
		for i, v := range x {
			z[i] = (v - mean) / scale
		}
		b.columns, b.kept = append(b.columns, z), append(b.kept, j)
		b.centre, b.scale = append(b.centre, mean), append(b.scale, scale)
	}
	if names == nil {
		return b, nil, nil
	}
	return b, []Warning{{Collinear, "Columns that do not vary, or that the ones before explain fully, were left out.", names}}, nil
}

// FitCox estimates a proportional hazards model by its partial likelihood.
// Cox, JRSS B 34 (1972). It returns an *Error when data or options are
// malformed or nobody has the event; anything less is a warning.
func FitCox(columns Columns, times Times, opts CoxOptions) (*Cox, error) {
	if err := times.check(true); err != nil {
		return nil, err
	}
	n := len(times.Time)
	if err := columns.check(n); err != nil {
		return nil, err
	}
	if err := opts.check(n); err != nil {
		return nil, err
	}
	b, warnings, err := newBasis(&columns, &times, opts.Ridge)
	if err != nil {
		return nil, err
	}
	c := &Cox{Ties: opts.Ties, Ridge: opts.Ridge, Robust: opts.Robust, Level: opts.Level, Rows: n, Events: times.events(), Warnings: warnings, basis: b}
	c.sums = newRiskSums(b.columns, &times, opts.Strata, opts.Ties)
	penalty := make([]float64, len(b.columns))
	for j := range penalty {
		penalty[j] = opts.Ridge
	}
	start := make([]float64, len(b.columns))
	c.NullLogLik = c.sums.evaluate(start, false)
	top, held := climbHeld(c.sums.surface(penalty), start, penalty, 0, len(start), c.sums.farthest, times.unit())
	if held != nil {
		var names []string
		for _, j := range held {
			names = append(names, columns.name(b.kept[j]))
		}
		c.Warnings = append(c.Warnings, separated(names))
	}
	c.Converged, c.Passes = top.converged, top.passes
	c.sums.evaluate(top.at, true)
	c.LogLik = c.sums.ll
	c.report(&columns, &times, opts, top)
	return c, nil
}

// report fills everything but likelihoods.
func (c *Cox) report(columns *Columns, times *Times, opts CoxOptions, top *peak) {
	cov := top.covariance()
	if opts.Robust {
		cov = c.robust(cov, opts.Clusters)
	}
	c.fill(columns, top.at, cov)
	c.Freedom = len(c.basis.kept)
	c.Ratio, c.P = math.Max(2*(c.LogLik-c.NullLogLik), 0), 1
	if c.Freedom > 0 {
		c.P = chiTail(c.Ratio, float64(c.Freedom))
	}
	c.AIC = 2*float64(c.Freedom) - 2*c.LogLik
	c.Baselines = c.sums.baselines()
	c.Concordance = c.sums.concordance(times, opts.Strata)
	if 10*c.Freedom > c.Events && c.Ridge == 0 {
		c.Warnings = append(c.Warnings, Warning{
			FewEvents,
			"There are fewer than ten events for each column; use fewer columns, or a ridge penalty.", nil,
		})
	}
	if !c.Converged {
		c.Warnings = append(c.Warnings, Warning{
			NotConverged,
			"The search for the best coefficients did not end at a maximum; scale columns with extreme values, or give a ridge penalty.", nil,
		})
	}
}

// fill writes coefficients in the columns' own units.
func (c *Cox) fill(columns *Columns, b []float64, cov *mat.SymDense) {
	p := len(columns.X)
	c.Coefficients, c.Covariance, c.Centre = make([]glm.Coefficient, p), make([]float64, p*p), make([]float64, p)
	for j := range p {
		c.Coefficients[j] = glm.Coefficient{Name: columns.name(j), Aliased: true, P: 1}
	}
	z := normalQuantile((1 + c.Level) / 2)
	for a, j := range c.basis.kept {
		scale := c.basis.scale[a]
		for e, k := range c.basis.kept {
			c.Covariance[j*p+k] = cov.At(a, e) / scale / c.basis.scale[e]
		}
		c.Centre[j] = c.basis.centre[a]
		k := &c.Coefficients[j]
		k.Aliased, k.Scale, k.Value = false, scale, b[a]/scale
		k.SE = math.Sqrt(math.Max(c.Covariance[j*p+j], 0))
		k.Low, k.High = k.Value-z*k.SE, k.Value+z*k.SE
		if k.SE > 0 {
			k.Z = k.Value / k.SE
			k.P = math.Erfc(math.Abs(k.Z) / math.Sqrt2)
		}
	}
}
