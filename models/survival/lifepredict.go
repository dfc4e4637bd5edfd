package survival

import "math"

// Estimate is a number with its interval at the level of the fit.
type Estimate struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// linear is b_0 + Σ b_j x_j of a row, with the row extended by the intercept.
func (f *Lifetime) linear(row []float64) (eta float64, x []float64, err error) {
	if len(row)+1 != len(f.Coefficients) {
		return 0, nil, fail(ColumnMismatch, "%d values, but the model was fitted to %d columns; give the same columns in the same order", len(row), len(f.Coefficients)-1)
	}
	x = append([]float64{1}, row...)
	for j, v := range x {
		if !finite(v) {
			return 0, nil, failAt(-1, j-1, "column %d (%s) is %v; fill missing values first", j-1, f.Coefficients[j].Name, v)
		}
		eta += f.Coefficients[j].Value * v
	}
	return eta, x, nil
}

// error is the standard error of Σ d_j c_j over coefficients and ln sigma.
func (f *Lifetime) error(d []float64) float64 {
	m := len(d)
	variance := 0.0
	for j := range d {
		for k := range d {
			variance += d[j] * d[k] * f.Covariance[j*m+k]
		}
	}
	return math.Sqrt(math.Max(variance, 0))
}

// Survival is the probability that a row is still there at t, with its
// interval on the scale of z = (ln t - x'b)/sigma.
func (f *Lifetime) Survival(row []float64, t float64) (Estimate, error) {
	eta, x, err := f.linear(row)
	if err != nil {
		return Estimate{}, err
	}
	if t <= 0 {
		return Estimate{1, 1, 1}, nil
	}
	z := (math.Log(t) - eta) / f.Sigma
	for j := range x {
		x[j] /= -f.Sigma
	}
	reach := normalQuantile((1+f.Level)/2) * f.error(append(x, -z))
	at := func(z float64) float64 { s, _, _ := f.Law.beyond(z); return math.Exp(s) }
	return Estimate{at(z), at(z + reach), at(z - reach)}, nil
}

// SurvivalGiven is the probability that a row that is there at age is still
// there at age + ahead.
func (f *Lifetime) SurvivalGiven(row []float64, age, ahead float64) (float64, error) {
	eta, _, err := f.linear(row)
	if err != nil {
		return 0, err
	}
	if ahead <= 0 {
		return 1, nil
	}
	before := 0.0
	if age > 0 {
		before, _, _ = f.Law.beyond((math.Log(age) - eta) / f.Sigma)
	}
	after, _, _ := f.Law.beyond((math.Log(math.Max(age, 0)+ahead) - eta) / f.Sigma)
	if math.IsInf(before, -1) {
		return 0, nil // an age that no row reaches
	}
	return math.Exp(math.Min(after-before, 0)), nil
}

// Quantile is the time by which a share of rows like this one had the event,
// 0.5 for the median, with its interval on the logarithmic scale.
func (f *Lifetime) Quantile(row []float64, share float64) (Estimate, error) {
	eta, x, err := f.linear(row)
	if err != nil {
		return Estimate{}, err
	}
	if !(share > 0 && share < 1) {
		return Estimate{}, fail(InvalidOption, "the share is %v; it lies between 0 and 1", share)
	}
	q := f.Sigma * f.Law.quantile(share)
	reach := normalQuantile((1+f.Level)/2) * f.error(append(x, q))
	return Estimate{bounded(eta + q), bounded(eta + q - reach), bounded(eta + q + reach)}, nil
}

// bounded is exp that ends at the largest number.
func bounded(x float64) float64 { return math.Min(math.Exp(x), math.MaxFloat64) }

// Mean is the expected lifetime of a row. A law with so heavy a tail that it
// is infinite gives an error; take the median then.
func (f *Lifetime) Mean(row []float64) (float64, error) {
	eta, _, err := f.linear(row)
	if err != nil {
		return 0, err
	}
	m, ok := f.Law.mean(f.Sigma)
	if !ok {
		return 0, fail(Undefined, "the mean of this %s distribution is infinite (sigma %.3g); take the median", f.Law, f.Sigma)
	}
	return math.Min(m*bounded(eta), math.MaxFloat64), nil
}

// ChooseLifetime fits every law and returns the one of the smallest AIC, with
// all of them by rising AIC.
func ChooseLifetime(columns Columns, times Times, opts LifetimeOptions) (*Lifetime, []*Lifetime, error) {
	var all []*Lifetime
	for _, law := range []Law{Weibull, Exponential, LogNormal, LogLogistic} {
		f, err := FitLifetime(law, columns, times, opts)
		if err != nil {
			return nil, nil, err
		}
		k := len(all)
		for k > 0 && (!all[k-1].Converged && f.Converged || all[k-1].AIC > f.AIC && f.Converged == all[k-1].Converged) {
			k--
		}
		all = append(all[:k], append([]*Lifetime{f}, all[k:]...)...)
	}
	return all[0], all, nil
}
