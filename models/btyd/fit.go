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
//
// Pareto/NBD's scale of leaving may be far smaller: that some leave in the very
// moment of their first order, and the others hardly ever, is told by a tiny
// one, and the likelihood still gains from e^-10 to e^-20 (17 in one company of
// 1,300 customers).
const (
	wall       = 10
	paretoWall = 20
	wallSlope  = 10
)

// beyond is how far a parameter at a distance from its centre is past the wall,
// with the distance's sign; 0 within.
func (o *objective) beyond(j int, d float64) float64 {
	room := float64(wall)
	if o.model == ParetoNBD && j == 3 && d < 0 {
		room = paretoWall
	}
	if math.Abs(d) <= room {
		return 0
	}
	return d - math.Copysign(room, d)
}

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
		if out := o.beyond(j, d); out != 0 {
			s.f -= wallSlope * out * out
			s.g[j] -= 2 * wallSlope * out
			s.h[j][j] -= 2 * wallSlope
		}
	}
}

// atWall reports whether theta has run to the edge.
func (o *objective) atWall(theta vector) bool {
	for j := range dim {
		d := theta[j] - o.centre[j]
		if o.beyond(j, d+math.Copysign(1, d)) != 0 {
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
	firstStage  = 200
	secondStage = 10_000
)

// small is the number of patterns up to which a start costs so little that the
// thin sample, which may lack a peak of theirs, is not relied upon.
const small = 3000

// Gains at which a climb is good enough: for a start, and for an answer.
const (
	roughly   = 1e-2
	precisely = 1e-8
)

// climbAll finds the summit. The likelihood can have several: small samples
// often explain the same silence by few customers who leave at once or by many
// who leave gradually. So the search begins once in each regime of leaving, on
// a thin sample; the different peaks found there are climbed on a middling
// sample, and the highest on all the data. If that ends on the edge or not at
// a maximum, every start is tried on all the data too.
func climbAll(o *objective, patterns []Pattern, opts Options) summit {
	thinned := o.on(thin(patterns, firstStage), opts)
	starts := thinned.bestStarts()
	o.starts = len(starts)
	peaks := thinned.climbEach(starts)
	if middling := o.on(thin(patterns, secondStage), opts); middling != thinned {
		from := places(peaks)
		if len(patterns) <= small {
			from = append(from, middling.bestStarts()...)
		}
		peaks = middling.climbEach(from)
	}
	best := o.climb(highest(peaks).theta, precisely)
	if !o.atWall(best.theta) && o.isMaximum(best.slope) {
		return best
	}
	again := append([]summit{best}, o.climbEach(starts)...)
	return o.climb(highest(again).theta, precisely)
}

// climbEach climbs roughly from each start and drops repeated peaks.
func (o *objective) climbEach(starts []vector) []summit {
	var peaks []summit
	for _, theta := range starts {
		peak := o.climb(theta, roughly)
		known := slices.ContainsFunc(peaks, func(p summit) bool { return norm(add(p.theta, peak.theta, -1)) < 0.2 })
		if !known {
			peaks = append(peaks, peak)
		}
	}
	return peaks
}

// places strips peaks to where they are.
func places(peaks []summit) []vector {
	at := make([]vector, len(peaks))
	for i, p := range peaks {
		at[i] = p.theta
	}
	return at
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
	s.rough = true
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
		if v > 1e-7*o.data.customers {
			return false
		}
	}
	return norm(s.g) <= 5e-6*o.data.customers
}

// leavings are typical parameters of leaving: gradual, polarised (a few leave
// at once, the rest stay), rare. For Pareto/NBD the second is in units of the
// mean length of observation.
var (
	leavings       = [][2]float64{{0.8, 2.5}, {0.1, 0.2}, {0.5, 10}}
	paretoLeavings = [][2]float64{{0.5, 0.3}, {0.05, 0.001}, {0.6, 3}}
)

// bestStarts picks, for each regime of leaving, the best order rates of a grid.
func (o *objective) bestStarts() []vector {
	scale := o.data.days / o.data.customers
	rate := o.data.repeats / o.data.days
	regimes := leavings
	if o.model == ParetoNBD {
		regimes = paretoLeavings
	}
	starts := make([]vector, 0, len(regimes))
	for _, l := range regimes {
		best := summit{slope: slope{f: math.Inf(-1)}}
		for _, r := range []float64{0.3, 2} {
			for _, faster := range []float64{1.2, 4} {
				theta := vector{math.Log(r), math.Log(r / (rate * faster)), math.Log(l[0]), math.Log(l[1])}
				if o.model == ParetoNBD {
					theta[3] += math.Log(scale)
				}
				if s := o.ascent.at(theta); s.f > best.slope.f {
					best = summit{theta, s}
				}
			}
		}
		starts = append(starts, best.theta)
	}
	return starts
}
