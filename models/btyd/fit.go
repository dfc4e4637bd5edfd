package btyd

import (
	"math"
	"slices"
)

// Options of a fit. The zero value is right for nearly everyone.
type Options struct {
	// Penalty, if positive, subtracts from the log-likelihood Penalty times the
	// sum of squared distances of the log parameters from neutral values, which
	// keeps small samples from extreme answers.
	Penalty float64
	// Level of parameter intervals; 0 means 0.95.
	Level float64
}

// level is the interval level with its default.
func (o Options) level() float64 {
	if o.Level > 0 && o.Level < 1 {
		return o.Level
	}
	return 0.95
}

// Fitted is a Process with the evidence for it.
type Fitted struct {
	Process
	Customers float64       `json:"customers"` // number of customers fitted
	Repeaters float64       `json:"repeaters"` // of which ordered again
	Repeats   float64       `json:"repeats"`   // repeat orders in total
	LogLik    float64       `json:"log_lik"`   // density in days, without penalty
	LogCov    [4][4]float64 `json:"log_cov"`   // covariance of the log parameters
	Level     float64       `json:"level"`     // of the intervals
	Check     Check         `json:"check"`
	Warnings  []Warning     `json:"warnings"`
}

// Check is the numerical health of a fit.
type Check struct {
	// Slope is the largest absolute first derivative by a log parameter, per
	// customer. At an optimum it is about 1e-9 or less.
	Slope float64 `json:"slope"`
	// Curvature is the smallest eigenvalue of minus the second derivatives by
	// the log parameters. Positive means a proper maximum.
	Curvature float64 `json:"curvature"`
	// Passes counts evaluations of the full data; Starts the starting points.
	Passes int `json:"passes"`
	Starts int `json:"starts"`
	// Determined says of each parameter whether the data determine it.
	Determined [4]bool `json:"determined"`
}

// Fit estimates a model by maximum likelihood. It returns an *Error when the
// patterns are malformed or hold nobody who ordered twice.
func Fit(model Model, patterns []Pattern, opts Options) (*Fitted, error) {
	if err := model.check(); err != nil {
		return nil, err
	}
	if err := check(patterns); err != nil {
		return nil, err
	}
	if !slices.IsSortedFunc(patterns, comparePatterns) {
		patterns, _ = Group(patterns)
	}
	full := newSample(patterns)
	if full.repeaters == 0 {
		return nil, &Error{NoRepeatCustomers, "no customer ordered a second time, so nothing can be learnt about coming back", -1}
	}
	o := full.objective(model, opts)
	best := climbAll(o, patterns, opts)
	return o.report(best, full, opts), nil
}

// objective is the function that a fit maximises.
type objective struct {
	model   Model
	data    *sample
	centre  vector // of penalty and wall
	penalty float64
	ascent  ascent
	starts  int
}

// wall is how far, in logs, a parameter may go from its centre unhindered:
// where the likelihood rises for ever towards a simpler model, the simpler
// model is reached to within e^-10 and the search ends. wallSlope makes the
// hindrance steep enough to stop any such rise.
const (
	wall      = 10
	wallSlope = 10
)

func (s *sample) objective(model Model, opts Options) *objective {
	scale := math.Log(s.days / s.customers)
	o := &objective{model: model, data: s, penalty: math.Max(opts.Penalty, 0)}
	o.centre = vector{0, scale, math.Log(0.5), math.Log(2)}
	if model == ParetoNBD {
		o.centre[3] = scale
	}
	o.ascent = ascent{n: dim, eval: o.eval}
	return o
}

// likelihood is the log-likelihood with derivatives by the log parameters.
func (o *objective) likelihood(theta vector) slope {
	var p vector
	for j := range theta {
		p[j] = math.Exp(theta[j])
	}
	var s slope
	if o.model == ParetoNBD {
		s = o.data.paretoSlope(p)
	} else {
		s = o.data.geometricSlope(p, o.model.firstCoin())
	}
	s.logScale(p)
	return s
}

// eval is the log-likelihood less penalty and wall.
func (o *objective) eval(theta vector) slope {
	s := o.likelihood(theta)
	o.restrain(&s, theta)
	return s
}

// restrain subtracts penalty and wall.
func (o *objective) restrain(s *slope, theta vector) {
	for j := range dim {
		d := theta[j] - o.centre[j]
		s.f -= o.penalty * d * d
		s.g[j] -= 2 * o.penalty * d
		s.h[j][j] -= 2 * o.penalty
		if out := math.Abs(d) - wall; out > 0 {
			s.f -= wallSlope * out * out
			s.g[j] -= math.Copysign(2*wallSlope*out, d)
			s.h[j][j] -= 2 * wallSlope
		}
	}
}

// atWall reports whether theta has run to the edge.
func (o *objective) atWall(theta vector) bool {
	for j := range dim {
		if math.Abs(theta[j]-o.centre[j]) > wall-1 {
			return true
		}
	}
	return false
}

// summit is a point with what the search knows of it.
type summit struct {
	theta vector
	slope slope
}

// Sizes of the samples on which the search begins, in patterns.
const (
	firstStage  = 400
	secondStage = 12_000
)

// Gains at which a climb is good enough: for a start, and for an answer.
const (
	roughly   = 1e-2
	precisely = 1e-8
)

// climbAll finds the summit: from the best of a grid of starts on a thin
// sample, by way of a middling one if the data are large, on the full data. If
// that ends on the edge or not at a maximum, every start is tried on the full
// data too.
func climbAll(o *objective, patterns []Pattern, opts Options) summit {
	thinned := o.on(thin(patterns, firstStage), opts)
	starts := thinned.bestStarts(3)
	peaks := make([]summit, 0, len(starts))
	for _, theta := range starts {
		peaks = append(peaks, thinned.climb(theta, roughly))
	}
	begin := highest(peaks).theta
	if len(patterns) > 4*secondStage {
		begin = o.on(thin(patterns, secondStage), opts).climb(begin, roughly).theta
	}
	best := o.climb(begin, precisely)
	o.starts = len(starts)
	if !o.atWall(best.theta) && o.isMaximum(best.slope) {
		return best
	}
	peaks = []summit{best}
	for _, theta := range starts {
		peaks = append(peaks, o.climb(theta, precisely))
	}
	return highest(peaks)
}

// on is the same objective on other data.
func (o *objective) on(patterns []Pattern, opts Options) *objective {
	if len(patterns) == 0 || len(patterns) == o.data.patterns {
		return o
	}
	s := newSample(patterns)
	if s.repeaters == 0 {
		return o
	}
	t := s.objective(o.model, opts)
	t.centre = o.centre
	return t
}

func (o *objective) climb(theta vector, enough float64) summit {
	theta, s := o.ascent.run(theta, 150, enough)
	return summit{theta, s}
}

// highest picks the best, the first among equals.
func highest(peaks []summit) summit {
	best := peaks[0]
	for _, p := range peaks[1:] {
		if p.slope.f > best.slope.f+1e-9*math.Abs(best.slope.f) {
			best = p
		}
	}
	return best
}

// isMaximum checks slope and curvature.
func (o *objective) isMaximum(s slope) bool {
	value, _ := eigen(s.h, dim)
	for _, v := range value {
		if v > 1e-9*o.data.customers {
			return false
		}
	}
	return norm(s.g) <= 1e-6*o.data.customers
}

// bestStarts evaluates a grid of plausible parameters and keeps the best.
func (o *objective) bestStarts(keep int) []vector {
	s := o.data
	scale := s.days / s.customers
	rate := s.repeats / s.days
	var all []summit
	try := func(p vector) {
		var theta vector
		for j := range p {
			theta[j] = math.Log(p[j])
		}
		all = append(all, summit{theta, o.ascent.at(theta)})
	}
	leavings := [][2]float64{{0.8, 2.5}, {0.1, 2}, {0.5, 10}}
	if o.model == ParetoNBD {
		leavings = [][2]float64{{0.5, 0.3 * scale}, {0.3, 2 * scale}, {2, 3 * scale}}
	}
	for _, r := range []float64{0.3, 1, 4} {
		for _, faster := range []float64{1.2, 4} {
			for _, l := range leavings {
				try(vector{r, r / (rate * faster), l[0], l[1]})
			}
		}
	}
	slices.SortStableFunc(all, func(p, q summit) int {
		if p.slope.f > q.slope.f {
			return -1
		}
		if p.slope.f < q.slope.f {
			return 1
		}
		return 0
	})
	starts := make([]vector, 0, keep)
	for _, s := range all[:min(keep, len(all))] {
		starts = append(starts, s.theta)
	}
	return starts
}
