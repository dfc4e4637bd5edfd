package survival

import (
	"math"
	"sort"
)

// Linear is Σ b_j (x_j - centre_j) of one row: the logarithm of its hazard
// over the one of a row with mean columns.
func (c *Cox) Linear(row []float64) (float64, error) {
	if len(row) != len(c.Coefficients) {
		return 0, fail(ColumnMismatch, "%d values, but the model was fitted to %d columns; give the same columns in the same order", len(row), len(c.Coefficients))
	}
	eta := 0.0
	for j, v := range row {
		if !finite(v) {
			return 0, failAt(-1, j, "column %d (%s) is %v; fill missing values first", j, c.Coefficients[j].Name, v)
		}
		eta += c.Coefficients[j].Value * (v - c.Centre[j])
	}
	return eta, nil
}

// baseline of a stratum.
func (c *Cox) baseline(stratum int) (*Baseline, error) {
	for k := range c.Baselines {
		if c.Baselines[k].Stratum == stratum {
			return &c.Baselines[k], nil
		}
	}
	return nil, fail(InvalidOption, "the model has no stratum %d; without strata it is 0", stratum)
}

// at is the cumulative hazard at t; after the last event it stays.
func (b *Baseline) at(t float64) float64 {
	k := sort.Search(len(b.Time), func(k int) bool { return b.Time[k] > t })
	if k == 0 {
		return 0
	}
	return b.Hazard[k-1]
}

// Survival is the probability that a row of a stratum (0 without strata) is
// still there at t: exp(-H(t) exp(Linear)). It says nothing new after the last
// event of the fit.
func (c *Cox) Survival(row []float64, stratum int, t float64) (float64, error) {
	eta, err := c.Linear(row)
	if err != nil {
		return 0, err
	}
	b, err := c.baseline(stratum)
	if err != nil {
		return 0, err
	}
	h := b.at(t)
	if h == 0 {
		return 1, nil
	}
	return math.Exp(-h * math.Exp(eta)), nil
}

// SurvivalGiven is the probability that a row that is there at age is still
// there at age + ahead.
func (c *Cox) SurvivalGiven(row []float64, stratum int, age, ahead float64) (float64, error) {
	eta, err := c.Linear(row)
	if err != nil {
		return 0, err
	}
	b, err := c.baseline(stratum)
	if err != nil {
		return 0, err
	}
	more := b.at(age+ahead) - b.at(age)
	if more <= 0 {
		return 1, nil
	}
	return math.Exp(-more * math.Exp(eta)), nil
}

// SurvivalCurve is the survival of a row at the given times.
func (c *Cox) SurvivalCurve(row []float64, stratum int, at []float64) ([]float64, error) {
	eta, err := c.Linear(row)
	if err != nil {
		return nil, err
	}
	b, err := c.baseline(stratum)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(at))
	for k, t := range at {
		out[k] = 1
		if h := b.at(t); h > 0 {
			out[k] = math.Exp(-h * math.Exp(eta))
		}
	}
	return out, nil
}

// Quantile is the first time by which a share of rows like this one had the
// event, 0.5 for the median; false where the fit does not reach it.
func (c *Cox) Quantile(row []float64, stratum int, share float64) (t float64, reached bool, err error) {
	eta, err := c.Linear(row)
	if err != nil {
		return 0, false, err
	}
	b, err := c.baseline(stratum)
	if err != nil {
		return 0, false, err
	}
	if !(share > 0 && share < 1) {
		return 0, false, fail(InvalidOption, "the share is %v; it lies between 0 and 1", share)
	}
	need := -math.Log1p(-share) * math.Exp(-eta)
	k := sort.SearchFloat64s(b.Hazard, need*(1-1e-12))
	if k == len(b.Hazard) {
		return 0, false, nil
	}
	return b.Time[k], true, nil
}

// SurvivalInterval is Survival with its interval on the scale ln(-ln S), from
// the errors of the coefficients and of the baseline: Link, Biometrics 40
// (1984). It needs a fit of this process, not one read from a file.
func (c *Cox) SurvivalInterval(row []float64, stratum int, t float64) (Estimate, error) {
	s, err := c.Survival(row, stratum, t)
	if err != nil {
		return Estimate{}, err
	}
	if c.sums == nil {
		return Estimate{}, fail(InvalidOption, "the interval needs the rows of the fit, and this model was read from a file; fit it again")
	}
	if s == 1 {
		return Estimate{1, 1, 1}, nil
	}
	g := 0
	for c.sums.names[g] != stratum {
		g++
	}
	q := len(c.basis.kept)
	hazard, square, mean := 0.0, 0.0, make([]float64, q)
	for k := c.sums.from[g]; k < c.sums.from[g+1] && c.sums.time[k] <= t; k++ {
		hazard += c.sums.total[k]
		square += c.sums.c0[k]
		for a := range mean {
			mean[a] += c.sums.c0[k]*c.sums.s1[a][k] - c.sums.c1[k]*c.sums.d1[a][k]
		}
	}
	// The relative variance of the row's hazard: of the baseline, and of the
	// coefficients, which move it by the row less the mean of those at risk.
	p := len(c.Coefficients)
	variance := square / (hazard * hazard)
	for a, j := range c.basis.kept {
		for b, k := range c.basis.kept {
			da := (row[j]-c.Centre[j])/c.basis.scale[a] - mean[a]/hazard
			db := (row[k]-c.Centre[k])/c.basis.scale[b] - mean[b]/hazard
			variance += da * db * c.Covariance[j*p+k] * c.basis.scale[a] * c.basis.scale[b]
		}
	}
	reach := normalQuantile((1+c.Level)/2) * math.Sqrt(math.Max(variance, 0))
	return Estimate{s, math.Pow(s, math.Exp(reach)), math.Pow(s, math.Exp(-reach))}, nil
}
