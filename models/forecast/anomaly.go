package forecast

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// WatchOptions of a detector. The zero value raises four false alarms a year
// for days, one for weeks and months.
type WatchOptions struct {
	// PerYear is how many false alarms a year are accepted.
	PerYear  float64
	Calendar Calendar
}

// Anomaly is a value far from what was expected a step before.
type Anomaly struct {
	Index    int       `json:"index"`
	Date     time.Time `json:"date"`
	Value    float64   `json:"value"`
	Expected float64   `json:"expected"`
	// Low to High would have raised no alarm.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Z is the error over its standard deviation, and P how rarely one as large
	// comes without a cause.
	Z float64 `json:"z"`
	P float64 `json:"p"`
	// Alarm: Z is beyond the threshold.
	Alarm bool `json:"alarm"`
}

// Detector raises alarms. It forecasts one step, compares, and learns from the
// value, but from no more of an error than three standard deviations, so that
// an anomaly does not spoil what is expected next (Gelper, Fried and Croux,
// Journal of Forecasting 29, 2010).
type Detector struct {
	// Past are the anomalies of the series itself.
	Past []Anomaly `json:"past"`
	// PerYear false alarms are expected when nothing happens: an error beyond
	// Threshold has the probability PerYear over the steps of a year, in
	// Student's t with Freedom degrees fitted to the middle of the errors.
	PerYear   float64 `json:"per_year"`
	Threshold float64 `json:"threshold"`
	Freedom   float64 `json:"freedom"`

	series  Series
	options WatchOptions
	model   *ETS
	state   State
	at      int // steps seen
	fitted  *Regression
	extras  []float64
	unit    float64 // scale of Student's t, in Sigma
}

// clip is how much of an error is learnt from, in standard deviations.
const clip = 3

// Watch fits a detector to a series. It returns an *Error for malformed data or
// fewer than ten known values.
func Watch(s Series, opts WatchOptions) (*Detector, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := opts.Calendar.check(); err != nil {
		return nil, err
	}
	if opts.PerYear == 0 {
		opts.PerYear = map[Step]float64{Day: 4, Week: 1, Month: 1}[s.Step]
	}
	if year := s.Step.year(); !(opts.PerYear > 0 && opts.PerYear <= year/4) {
		return nil, fail(InvalidOption, "%v false alarms a year are accepted; for a series by %s it is above 0 and at most %.4g", opts.PerYear, s.Step, s.Step.year()/4)
	}
	open, err := s.opened(&opts.Calendar)
	if err != nil {
		return nil, err
	}
	if n := count(open.Values); n < minRegression {
		return nil, fail(Unsuitable, "%d values are known; at least %d are needed to tell what is odd", n, minRegression)
	}
	d := &Detector{PerYear: opts.PerYear, series: open, options: opts}
	d.learn(len(s.Values) - len(open.Values))
	return d, nil
}

// learn fits to the series without its grossest values, then goes through all.
func (d *Detector) learn(skipped int) {
	clean := d.series
	clean.Values = clean.calmed(&d.options.Calendar)
	if f, err := fitRegression(&clean, &RegressionOptions{Calendar: d.options.Calendar}); err == nil && f.adjusts() {
		d.fitted = f
		d.extras = f.extras(len(clean.Values) + int(2*clean.Step.year()))
	}
	left := make([]float64, len(clean.Values))
	for i, v := range clean.Values {
		left[i] = d.without(i, v)
	}
	m := clean.Step.season()
	if count(left) < 3*m {
		m = 1
	}
	d.model = chooseETS(left, m)
	d.state = d.model.Initial.copied()
	d.Threshold, d.unit, d.Freedom = math.Inf(1), 1, math.Inf(1)
	var all []Anomaly
	for _, v := range d.series.Values {
		all = append(all, d.step(v))
	}
	z := make([]float64, 0, len(all))
	for _, a := range all {
		if !math.IsNaN(a.Value) {
			z = append(z, math.Abs(a.Z))
		}
	}
	d.Freedom, d.unit = tails(z)
	d.Threshold = d.unit * d.student().Quantile(1-d.PerYear/d.series.Step.year()/2)
	d.state, d.at = d.model.Initial.copied(), 0
	for _, v := range d.series.Values {
		if a := d.step(v); a.Alarm {
			a.Index += skipped
			d.Past = append(d.Past, a)
		}
	}
	d.series.Values = d.series.Values[:len(d.series.Values):len(d.series.Values)]
}

func (d *Detector) student() distuv.StudentsT {
	return distuv.StudentsT{Sigma: 1, Nu: math.Min(d.Freedom, 1e6)}
}

// extra is the effect of holidays and the time of the year on a step.
func (d *Detector) extra(i int) float64 {
	if d.fitted == nil {
		return 0
	}
	if i >= len(d.extras) {
		d.extras = d.fitted.extras(2 * i)
	}
	return d.extras[i]
}

// without takes the effects away from a value, and with adds them.
func (d *Detector) without(i int, v float64) float64 {
	if d.fitted != nil && d.fitted.Log {
		return v / math.Exp(d.extra(i))
	}
	return v - d.extra(i)
}

func (d *Detector) with(i int, v float64) float64 {
	if d.fitted != nil && d.fitted.Log {
		v *= math.Exp(d.extra(i))
	} else {
		v += d.extra(i)
	}
	if d.series.Kind != Any {
		v = math.Max(0, v)
	}
	return v
}

// step compares the next value and learns from it.
func (d *Detector) step(v float64) Anomaly {
	i := d.at
	d.at++
	a := Anomaly{Index: i, Date: d.series.Date(i), Value: v, P: 1}
	d.model.next(&d.state, i%d.model.Season, func(mu float64) float64 {
		sigma := d.model.Sigma
		if d.model.Spec.Error == Multiplicative {
			sigma *= math.Abs(mu)
		}
		// A perfect past does not make every later value an anomaly.
		sigma = math.Max(sigma, 1e-9*(1+math.Abs(mu)))
		a.Expected = d.with(i, mu)
		a.Low, a.High = d.with(i, mu-d.Threshold*sigma), d.with(i, mu+d.Threshold*sigma)
		if math.IsNaN(v) {
			return 0
		}
		e := d.without(i, v) - mu
		a.Z = e / sigma
		return math.Max(-clip*sigma, math.Min(clip*sigma, e))
	})
	if !math.IsNaN(v) {
		a.P = 2 * d.student().Survival(math.Abs(a.Z)/d.unit)
		a.Alarm = math.Abs(a.Z) > d.Threshold
	}
	return a
}

// Next is what the next step is expected to be: an Anomaly without a value.
func (d *Detector) Next() Anomaly {
	keep, at := d.state.copied(), d.at
	a := d.step(math.NaN())
	d.state, d.at = keep, at
	return a
}

// Check compares the value of the next step, NaN if it is not known, learns
// from it, and moves on. Index counts from the first known value of the series
// on open days. On a closed day nothing is compared.
func (d *Detector) Check(value float64) (Anomaly, error) {
	if math.Abs(value) > maxSize {
		return Anomaly{}, fail(InvalidData, "the value is %v; values are finite numbers, or NaN where not known", value)
	}
	if d.series.Kind != Any && value < 0 {
		return Anomaly{}, fail(InvalidData, "the value is %v, and a %s is not negative", value, d.series.Kind)
	}
	day := Series{Start: d.series.Date(d.at), Step: d.series.Step}
	if day.closed(&d.options.Calendar, 1)[0] {
		value = math.NaN()
	}
	return d.step(value), nil
}

// calmed is the values without the grossest, but for those of holidays: what
// these do is to be learnt.
func (s *Series) calmed(c *Calendar) []float64 {
	out := cleaned(s.Values, s.Step.season())
	d := newDesign(s, c, 1)
	for i, v := range out {
		if math.IsNaN(v) && slices.ContainsFunc(d.around, func(h dayOf) bool { return d.days(h, i) > 0 }) {
			out[i] = s.Values[i]
		}
	}
	return out
}

// cleaned sets values aside that lie five deviations or more from the median of
// those around them, the season taken away.
func cleaned(values []float64, m int) []float64 {
	plain := withoutSeason(values, m)
	const reach = 10
	far := make([]float64, len(plain))
	for t, v := range plain {
		far[t] = math.Abs(v - median(known(plain[max(0, t-reach):min(len(plain), t+reach+1)])))
	}
	scale := median(known(far)) / 0.674490
	out := slices.Clone(values)
	set := 0
	for t, d := range far {
		if scale > 0 && d > 5*scale {
			out[t] = math.NaN()
			set++
		}
	}
	if set > len(values)/10 { // that is no exception, that is how it is
		return slices.Clone(values)
	}
	return out
}

// tails fits Student's t to absolute errors: its scale and degrees of freedom.
// Of the largest one in forty only their number counts, so that past anomalies
// do not pass for heavy tails. Fewer degrees than the estimate of the
// deviation has are not told apart from the normal without need.
func tails(z []float64) (freedom, unit float64) {
	z = slices.Sorted(slices.Values(z))
	n := len(z)
	keep := n - n/40
	cap := math.Max(4, float64(n)/2)
	edge := z[keep-1]
	if edge <= 0 {
		return cap, 1
	}
	best := math.Inf(-1)
	for _, nu := range []float64{cap, 30, 15, 10, 7, 5, 4, 3, 2.5} {
		if nu > cap {
			continue
		}
		// The scale at which the quantile of the middle is right, then finer.
		middle := quantileOf(z, 0.5) / distuv.StudentsT{Sigma: 1, Nu: nu}.Quantile(0.75)
		for k := -20; k <= 20; k++ {
			scale := middle * math.Exp(float64(k)/50)
			if !(scale > 0) {
				continue
			}
			t := distuv.StudentsT{Sigma: scale, Nu: nu}
			value := 0.0
			for _, v := range z[:keep] {
				value += t.LogProb(v)
			}
			if n > keep {
				value += float64(n-keep) * math.Log(math.Max(1e-300, 2*t.Survival(edge)))
			}
			if nu < cap {
				value-- // the simpler unless the data speak
			}
			if value > best {
				best, freedom, unit = value, nu, scale
			}
		}
	}
	if math.IsInf(best, -1) {
		return cap, 1
	}
	return freedom, unit
}
