package btyd

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Unit is a unit of time for reporting, in days.
type Unit float64

// Reporting units.
const (
	Day  Unit = 1
	Week Unit = 7
)

// Parameter is one fitted number with its interval.
type Parameter struct {
	Name    string  `json:"name"`
	Meaning string  `json:"meaning"`
	Value   float64 `json:"value"`
	// SE, Low and High are 0 when Determined is false: the data do not say.
	SE         float64 `json:"se"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Determined bool    `json:"determined"`
}

// fewRepeaters is how many repeat customers a fit needs to be shown.
const fewRepeaters = 100

// vague is the standard error of a log parameter, a factor of e^4 either way,
// from which we say that the data do not determine it.
const vague = 2

// noEvidence is the gain in log-likelihood over a model without leaving up to
// which leaving may be chance: half the 5 % point of chi-squared with one
// degree of freedom.
const noEvidence = 1.92

// report turns a summit into a Fitted.
func (o *objective) report(top summit, full *sample, opts Options) *Fitted {
	f := &Fitted{
		Process: Process{Model: o.model}, Customers: full.customers, Repeaters: full.repeaters,
		Repeats: full.repeats, Level: opts.level(),
	}
	for j, v := range top.theta {
		f.Params[j] = math.Exp(v)
	}
	plain := o.likelihood(top.theta)
	f.LogLik = plain.f
	value, _ := eigen(top.slope.h, dim)
	f.Check = Check{
		Slope: norm(top.slope.g) / full.customers, Curvature: math.Inf(1),
		Passes: o.ascent.passes, Starts: o.starts,
	}
	for _, v := range value {
		f.Check.Curvature = math.Min(f.Check.Curvature, -v)
	}
	// The wall is no information: errors come from likelihood and penalty.
	for j := range dim {
		plain.h[j][j] -= 2 * o.penalty
	}
	f.LogCov = covariance(plain.h, dim)
	for j := range dim {
		f.Check.Determined[j] = f.LogCov[j][j] < vague*vague && math.Abs(top.theta[j]-o.centre[j]) < wall-1
	}
	f.warn(o, top)
	return f
}

// covariance inverts minus the curvature. Directions in which the likelihood
// is flat, or curved the wrong way, get a large finite variance.
func covariance(h matrix, n int) (cov matrix) {
	value, base := eigen(h, n)
	for e := range n {
		spread := 1 / math.Max(-value[e], 1e-6)
		for j := range n {
			for k := range n {
				cov[j][k] += base[j][e] * base[k][e] * spread
			}
		}
	}
	return cov
}

// warn adds the warnings.
func (f *Fitted) warn(o *objective, top summit) {
	if f.Repeaters < fewRepeaters {
		f.Warnings = append(f.Warnings, Warning{FewRepeatCustomers, fmt.Sprintf(
			"Only %.0f customers ordered more than once; at least %d are needed before forecasts of single customers can be trusted.",
			f.Repeaters, fewRepeaters), true})
	}
	if f.LogLik-o.data.withoutDropout(top.theta) < noEvidence {
		f.Warnings = append(f.Warnings, Warning{
			NoDropout,
			"These orders show no sign of customers leaving for good, so the model treats everyone as active; read forecasts of counts, not the probability of being active.", false,
		})
	} else if f.Check.Determined != [4]bool{true, true, true, true} {
		f.Warnings = append(f.Warnings, Warning{
			WeaklyDetermined,
			"The data do not pin down every parameter of the model; forecasts hold, but do not interpret the parameters one by one.", false,
		})
	}
	if !o.isMaximum(top.slope) {
		f.Warnings = append(f.Warnings, Warning{
			NotConverged,
			"The search for the best parameters did not end at a maximum; do not use this fit.", true,
		})
	}
}

// withoutDropout is the maximised log-likelihood of the plain NBD, in which
// nobody ever leaves: all three models become it at the edge.
func (s *sample) withoutDropout(theta vector) float64 {
	a := ascent{n: 2, eval: func(theta vector) slope {
		p := vector{math.Exp(theta[0]), math.Exp(theta[1]), 1, 1}
		var out slope
		s.counting(&out, p, s.logTable(p[1]))
		out.logScale(p)
		// Equal rates for all are a limit too: stop on the way there.
		if out1 := theta[0] - wall; out1 > 0 {
			out.f -= wallSlope * out1 * out1
			out.g[0] -= 2 * wallSlope * out1
			out.h[0][0] -= 2 * wallSlope
		}
		return out
	}}
	rate := s.repeats / s.days
	_, fromRate := a.run(vector{0, -math.Log(rate)}, 60, 1e-4)
	_, fromFit := a.run(vector{theta[0], theta[1]}, 60, 1e-4)
	return math.Max(fromRate.f, fromFit.f)
}

// meanings of the parameters, by name.
var meanings = map[string]string{
	"r":     "shape of the order rates: the smaller, the more customers differ in how often they order",
	"alpha": "scale of the order rates, a time: an active customer orders r/alpha times per unit of time on average",
	"a":     "weight of leaving after an order: a/(a+b) is the mean probability that an order is the last",
	"b":     "weight of staying after an order",
	"s":     "shape of the leaving rates: the smaller, the more customers differ in how soon they leave",
	"beta":  "scale of the leaving rates, a time: customers leave at a rate of s/beta per unit of time on average",
	"p":     "shape of the amounts of one customer: the greater, the more alike a customer's orders are",
	"q":     "shape across customers: the greater, the more alike customers are in what they spend",
	"v":     "scale of the amounts: a customer spends p*v/(q-1) per order on average",
}

// Parameters lists the estimates with time parameters in the given unit.
// Intervals are symmetric in the logarithm.
func (f *Fitted) Parameters(unit Unit) []Parameter {
	list := make([]Parameter, dim)
	for j, name := range f.Model.ParameterNames() {
		value := f.Params[j]
		if name == "alpha" || name == "beta" {
			value /= float64(unit)
		}
		list[j] = parameter(name, value, f.LogCov[j][j], f.Level, f.Check.Determined[j])
	}
	return list
}

// parameter makes an interval in log space.
func parameter(name string, value, logVar, level float64, determined bool) Parameter {
	p := Parameter{Name: name, Meaning: meanings[name], Value: value, Determined: determined}
	if determined {
		se := math.Sqrt(logVar)
		reach := distuv.UnitNormal.Quantile((1+level)/2) * se
		p.SE, p.Low, p.High = value*se, value*math.Exp(-reach), value*math.Exp(reach)
	}
	return p
}

// LogLikelihood is the maximised log-likelihood as a density in the given
// unit: in weeks it is larger by ln 7 per repeat order.
func (f *Fitted) LogLikelihood(unit Unit) float64 {
	return f.LogLik + f.Repeats*math.Log(float64(unit))
}

// Supported is false when a warning says that predictions of this fit should
// not be shown as numbers.
func (f *Fitted) Supported() bool { return !anyBlocking(f.Warnings) }

// SupportsAlive is false when, in addition, nothing should be said about who
// has left, because leaving cannot be seen in the data.
func (f *Fitted) SupportsAlive() bool {
	for _, w := range f.Warnings {
		if w.Reason == NoDropout {
			return false
		}
	}
	return f.Supported()
}
