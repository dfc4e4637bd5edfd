package glm

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Coefficient is one estimate, in the units of its column.
type Coefficient struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	// SE is the standard error, Z = Value/SE, P the two-sided probability of
	// a Z so far from 0 if the coefficient were 0, and Low to High the Wald
	// interval Value ± z SE. Linear regression takes Student's t for both.
	SE   float64 `json:"se"`
	Z    float64 `json:"z"`
	P    float64 `json:"p"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Aliased: the column was left out; all figures are 0 and P is 1.
	Aliased bool `json:"aliased,omitempty"`
	// Scale is the column's standard deviation: Value·Scale compares columns.
	Scale float64 `json:"scale"`
}

// Ratio is exp(Value) with its interval: the ratio of odds (logistic) or of
// means (Poisson) for one unit more. Overflow ends at the largest number.
func (c Coefficient) Ratio() (value, low, high float64) {
	e := func(x float64) float64 { return math.Min(math.Exp(x), math.MaxFloat64) }
	return e(c.Value), e(c.Low), e(c.High)
}

// Fitted is a regression that can predict. It is JSON of some kilobytes.
type Fitted struct {
	Family    Family `json:"family"`
	Intercept bool   `json:"intercept"`
	// Coefficients has the intercept first, where there is one, then one
	// entry a column.
	Coefficients []Coefficient `json:"coefficients"`
	// Covariance of Coefficients, row by row; none for a fit from a path.
	Covariance []float64 `json:"covariance,omitempty"`
	Ridge      float64   `json:"ridge"`
	Robust     bool      `json:"robust"`
	Level      float64   `json:"level"`

	Rows   int     `json:"rows"`   // with a positive weight
	Weight float64 `json:"weight"` // their sum
	// Used degrees of freedom: the coefficients, or with a penalty the trace
	// of (curvature + penalty)⁻¹ curvature. Freedom = Rows - Used remain.
	Used    float64 `json:"used"`
	Freedom float64 `json:"freedom"`
	// LogLik is the log-likelihood without penalty; for logistic regression
	// without the binomial constant of shares.
	LogLik       float64 `json:"log_lik"`
	Deviance     float64 `json:"deviance"`
	NullDeviance float64 `json:"null_deviance"` // of the intercept alone
	AIC          float64 `json:"aic"`
	BIC          float64 `json:"bic"`
	// Dispersion is the residual variance of linear regression, else 1.
	Dispersion float64   `json:"dispersion"`
	Passes     int       `json:"passes"` // over the rows
	Converged  bool      `json:"converged"`
	Warnings   []Warning `json:"warnings"`

	pearson float64
}

// fill writes coefficients and covariance of all the data's columns.
func (f *Fitted) fill(p *problem, d *Data, top *summit, a *mat.Dense, cov *mat.Dense) {
	shift := 0
	if p.intercept {
		shift = 1
	}
	size := len(d.X) + shift
	f.Coefficients = make([]Coefficient, size)
	if p.intercept {
		f.Coefficients[0] = Coefficient{Name: "(intercept)", Aliased: true}
	}
	for j := range d.X {
		f.Coefficients[j+shift] = Coefficient{Name: d.name(j), Aliased: true, P: 1}
	}
	place := func(k int) int {
		if p.kept[k] < 0 {
			return 0
		}
		return p.kept[k] + shift
	}
	f.Covariance = make([]float64, size*size)
	for j := range p.columns {
		value := 0.0
		for k, b := range top.b {
			value += a.At(j, k) * b
			if cov != nil {
				f.Covariance[place(j)*size+place(k)] = cov.At(j, k)
			}
		}
		c := &f.Coefficients[place(j)]
		c.Value, c.Aliased, c.Scale = value, false, p.scale[j]
		if cov != nil {
			c.interval(math.Sqrt(math.Max(cov.At(j, j), 0)), f)
		}
	}
	if cov == nil {
		f.Covariance = nil
	}
}

// interval fills what follows from value and standard error.
func (c *Coefficient) interval(se float64, f *Fitted) {
	c.SE = se
	c.Low, c.High = c.Value-f.reach()*se, c.Value+f.reach()*se
	if se == 0 {
		c.P = 1
		if c.Value != 0 {
			c.P, c.Z = 0, math.Copysign(math.MaxFloat64, c.Value)
		}
		return
	}
	c.Z = c.Value / se
	c.P = 2 * f.tail(math.Abs(c.Z))
}

// tail is the probability above z.
func (f *Fitted) tail(z float64) float64 {
	if f.Family == Linear {
		return distuv.StudentsT{Sigma: 1, Nu: math.Max(f.Freedom, 1)}.Survival(z)
	}
	return math.Erfc(z/math.Sqrt2) / 2
}

// reach is how many standard errors an interval goes either way.
func (f *Fitted) reach() float64 {
	at := (1 + f.Level) / 2
	if f.Family == Linear {
		return distuv.StudentsT{Sigma: 1, Nu: math.Max(f.Freedom, 1)}.Quantile(at)
	}
	return distuv.UnitNormal.Quantile(at)
}

// Explained is the share of the null deviance that the columns explain:
// R² for linear regression.
func (f *Fitted) Explained() float64 {
	if f.NullDeviance == 0 {
		return 0
	}
	return 1 - f.Deviance/f.NullDeviance
}

// Linear is the linear predictor of rows given as columns in the order of the
// fit, with offsets or nil.
func (f *Fitted) Linear(columns [][]float64, offset []float64) ([]float64, error) {
	n, err := f.rowsOf(columns, offset)
	if err != nil {
		return nil, err
	}
	eta := make([]float64, n)
	copy(eta, offset)
	c := f.Coefficients
	if f.Intercept {
		for i := range eta {
			eta[i] += c[0].Value
		}
		c = c[1:]
	}
	for j, column := range columns {
		axpy(eta, c[j].Value, column)
	}
	return eta, nil
}

// rowsOf checks columns for prediction and counts their rows.
func (f *Fitted) rowsOf(columns [][]float64, offset []float64) (int, error) {
	want := len(f.Coefficients)
	if f.Intercept {
		want--
	}
	if len(columns) != want {
		return 0, fail(ColumnMismatch, "%d columns, but the model was fitted to %d; give the same columns in the same order", len(columns), want)
	}
	n := len(offset)
	if want > 0 {
		n = len(columns[0])
	}
	if offset != nil && len(offset) != n {
		return 0, fail(InvalidData, "%d offsets for %d rows; give one offset a row", len(offset), n)
	}
	shift := len(f.Coefficients) - want
	return n, checkColumns(columns, func(j int) string { return f.Coefficients[j+shift].Name }, n)
}

// Predict is the expected answer of rows: a probability, a count, an amount.
func (f *Fitted) Predict(columns [][]float64, offset []float64) ([]float64, error) {
	eta, err := f.Linear(columns, offset)
	if err != nil {
		return nil, err
	}
	for i, e := range eta {
		eta[i] = math.Min(f.Family.Mean(e), math.MaxFloat64)
	}
	return eta, nil
}

// Interval is the expected answer of one row with the interval of that
// expectation (not of the answer): Wald on the scale of the linear predictor,
// so it stays inside the possible. A fit without errors gives an error.
func (f *Fitted) Interval(row []float64, offset float64) (mean, low, high float64, err error) {
	if f.Covariance == nil {
		return 0, 0, 0, fail(Unsolvable, "this model comes from a path of penalties and has no standard errors; fit it with Fit")
	}
	columns := make([][]float64, len(row))
	for j := range row {
		columns[j] = row[j : j+1]
	}
	eta, err := f.Linear(columns, []float64{offset})
	if err != nil {
		return 0, 0, 0, err
	}
	x := row
	if f.Intercept {
		x = append([]float64{1}, row...)
	}
	variance := 0.0
	for j := range x {
		variance += x[j] * dot(f.Covariance[j*len(x):(j+1)*len(x)], x)
	}
	reach := f.reach() * math.Sqrt(math.Max(variance, 0))
	limit := func(e float64) float64 { return math.Min(f.Family.Mean(e), math.MaxFloat64) }
	return limit(eta[0]), limit(eta[0] - reach), limit(eta[0] + reach), nil
}
