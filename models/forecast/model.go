package forecast

import "math"

// The models that compete.
const (
	Naive         = "naive"
	SeasonalNaive = "seasonal naive"
	Drift         = "drift"
	Level         = "level"
	Smooth        = "exponential smoothing"
	Seasonal      = "seasonal regression"
	Mean          = "mean of smoothing and regression"
)

// baselines are models without anything to fit.
var baselines = map[string]bool{Naive: true, SeasonalNaive: true, Drift: true, Level: true}

// race is one series with all that is known up to an origin.
type race struct {
	outlooks map[string]*outlook
	order    []string // of the models, simple ones first
	ets      *ETS
	adjusted bool // smoothing was fitted to what the regression left
	fitted   *Regression
}

// repeats is the season that the naive forecast repeats.
func (s *Series) repeats() int {
	if s.Step == Week && len(s.Values) >= 104 {
		return 52
	}
	return s.Step.season()
}

// run fits every model to an open series and looks ahead.
func run(s *Series, o *Options, horizon, paths int) *race {
	r := &race{outlooks: map[string]*outlook{}}
	enter := func(name string, out *outlook) {
		r.outlooks[name], r.order = out.bounded(s.Kind), append(r.order, name)
	}
	enter(Naive, naive(s.Values, horizon))
	if m := s.repeats(); m > 1 && len(s.Values) > m {
		enter(SeasonalNaive, seasonalNaive(s.Values, m, horizon))
	}
	enter(Drift, drift(s.Values, horizon))
	enter(Level, levelled(s.Values, horizon))
	if count(s.Values) < 4 {
		return r
	}
	if f, err := fitRegression(s, &RegressionOptions{o.Calendar, o.Damping}); err == nil {
		r.fitted = f
	}
	smooth := r.smooth(s, o, horizon, paths)
	enter(Smooth, smooth)
	if r.fitted != nil {
		regression := r.fitted.outlook(horizon)
		enter(Seasonal, regression)
		enter(Mean, together(smooth.bounded(s.Kind), regression.bounded(s.Kind)))
	}
	return r
}

// smooth is exponential smoothing, of what remains when the regression's waves
// of the year and holidays are taken away, which it could not follow.
func (r *race) smooth(s *Series, o *Options, horizon, paths int) *outlook {
	values := s.Values
	n := len(values)
	var extras []float64
	if r.fitted != nil && r.fitted.adjusts() {
		r.adjusted = true
		extras = r.fitted.extras(n + horizon)
		values = make([]float64, n)
		for i, v := range s.Values {
			if r.fitted.Log {
				values[i] = v / math.Exp(extras[i])
			} else {
				values[i] = v - extras[i]
			}
		}
	}
	m := s.Step.season()
	if count(values) < 2*m {
		m = 1
	}
	r.ets = chooseETS(values, m)
	out := r.ets.outlook(horizon, paths, o.Seed)
	if extras == nil {
		return out
	}
	return out.mapped(func(h int, v float64) float64 {
		if r.fitted.Log {
			return v * math.Exp(extras[n+h])
		}
		return v + extras[n+h]
	})
}
