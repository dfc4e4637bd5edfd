package forecast

import (
	"math"
	"strings"
)

// Component is how a part of an exponential smoothing model enters.
type Component string

// The components: errors are Additive or Multiplicative, trends None, Additive
// or Damped, seasons None, Additive or Multiplicative.
const (
	None           Component = "N"
	Additive       Component = "A"
	Damped         Component = "Ad"
	Multiplicative Component = "M"
)

// Spec names a model of exponential smoothing, as ETS(M,Ad,M).
type Spec struct {
	Error  Component `json:"error"`
	Trend  Component `json:"trend"`
	Season Component `json:"season"`
}

// String is the name in the literature.
func (s Spec) String() string {
	return "ETS(" + strings.Join([]string{string(s.Error), string(s.Trend), string(s.Season)}, ",") + ")"
}

func (s Spec) check() error {
	switch {
	case s.Error != Additive && s.Error != Multiplicative:
		return fail(InvalidOption, "the error is %q; it is A or M", s.Error)
	case s.Trend != None && s.Trend != Additive && s.Trend != Damped:
		return fail(InvalidOption, "the trend is %q; it is N, A or Ad", s.Trend)
	case s.Season != None && s.Season != Additive && s.Season != Multiplicative:
		return fail(InvalidOption, "the season is %q; it is N, A or M", s.Season)
	}
	return nil
}

// positive tells whether the model is for values above 0 only.
func (s Spec) positive() bool { return s.Error == Multiplicative || s.Season == Multiplicative }

// linear tells whether the model is of class 1, whose intervals have a formula.
func (s Spec) linear() bool { return !s.positive() }

// State is where a model of exponential smoothing stands. Seasonal[i] is the
// effect of the steps t with t mod m = i, counted from the first value.
type State struct {
	Level    float64   `json:"level"`
	Trend    float64   `json:"trend"`
	Seasonal []float64 `json:"seasonal,omitempty"`
}

// Smoothing holds the parameters of the error-correction form
//
//	mu = l + phi b + s        or (l + phi b) s
//	l' = l + phi b + Alpha e  or … Alpha e/s
//	b' = phi b + Beta e       or … Beta e/s
//	s' = s + Gamma e          or … Gamma e/(l + phi b)
//
// with e = y - mu, whichever way the error enters: an additive error e has the
// standard deviation sigma, a multiplicative one sigma mu.
type Smoothing struct {
	Alpha float64 `json:"alpha"`
	Beta  float64 `json:"beta"`
	Gamma float64 `json:"gamma"`
	Phi   float64 `json:"phi"` // 1 where the trend is not damped
}

// tiny is the smallest level or season that a multiplicative model may reach,
// in units of the mean of the values.
const tiny = 1e-8

// recursion runs a model through a series and back. Its slices are the memory
// of the way through.
type recursion struct {
	spec Spec
	m    int
	y    []float64
	n    int // known values
	// A step is one entry of each.
	p, b, s, e, mu []float64
	season         []float64
	back           []float64
}

func newRecursion(spec Spec, m int, y []float64) *recursion {
	n := len(y)
	all := make([]float64, 5*n+2*m)
	cut := func(k int) []float64 {
		out := all[:k:k]
		all = all[k:]
		return out
	}
	return &recursion{
		spec: spec, m: m, y: y, n: count(y),
		p: cut(n), b: cut(n), s: cut(n), e: cut(n), mu: cut(n), season: cut(m), back: cut(m),
	}
}

// floor is the smallest mean square that counts: what is below is a perfect fit.
const floor = 1e-20

// forward gives the state at the end and half of -2 log-likelihood without its
// constants: n/2 log(SSE/n), plus the sum of log mu where errors are
// multiplicative. ok is false where the model leaves its domain.
func (r *recursion) forward(k Smoothing, at State) (end State, sse, value float64, ok bool) {
	l, b := at.Level, at.Trend
	copy(r.season, at.Seasonal)
	times, relative := r.spec.Season == Multiplicative, r.spec.Error == Multiplicative
	logs, product, phase := 0.0, 1.0, 0
	for t, y := range r.y {
		p, s := l+k.Phi*b, 0.0
		mu := p
		if r.m > 1 {
			s = r.season[phase]
		}
		switch {
		case times:
			if p < tiny || s < tiny {
				return end, 0, math.Inf(1), false
			}
			mu = p * s
		case r.m > 1:
			mu = p + s
		}
		if relative && mu < tiny {
			return end, 0, math.Inf(1), false
		}
		e := y - mu
		if math.IsNaN(e) { // not known, so no news
			e = 0
		} else {
			d := e
			if relative {
				d /= mu
				// One logarithm for many factors: it is the dearest part.
				if product *= mu; product > 1e100 || product < 1e-100 {
					logs += math.Log(product)
					product = 1
				}
			}
			sse += d * d
		}
		r.p[t], r.b[t], r.s[t], r.e[t], r.mu[t] = p, b, s, e, mu
		news := e
		if times {
			news = e / s
			r.season[phase] = s + k.Gamma*e/p
		} else if r.m > 1 {
			r.season[phase] = s + k.Gamma*e
		}
		l, b = p+k.Alpha*news, k.Phi*b+k.Beta*news
		if phase++; phase >= r.m {
			phase = 0
		}
	}
	n := float64(r.n)
	value = n/2*math.Log(math.Max(sse/n, floor)) + logs + math.Log(product)
	ok = !math.IsNaN(value) && !math.IsInf(value, 0)
	return State{l, b, r.season}, sse, value, ok
}

// backward is the slope of forward's value, by the parameters and the initial
// state: the recursion's adjoint. The state's Seasonal is the recursion's own.
func (r *recursion) backward(k Smoothing, sse float64) (Smoothing, State) {
	var g Smoothing
	gl, gb := 0.0, 0.0
	clear(r.back)
	times, relative := r.spec.Season == Multiplicative, r.spec.Error == Multiplicative
	weight := 0.0
	if n := float64(r.n); sse/n > floor {
		weight = n / sse
	}
	for t := len(r.y) - 1; t >= 0; t-- {
		p, b, s, e, mu := r.p[t], r.b[t], r.s[t], r.e[t], r.mu[t]
		phase := 0
		if r.m > 1 {
			phase = t % r.m
		}
		gs := 0.0
		if r.m > 1 {
			gs = r.back[phase]
		}
		news := k.Alpha*gl + k.Beta*gb
		gp, ge, gmu := gl, 0.0, 0.0
		if times {
			g.Alpha, g.Beta, g.Gamma = g.Alpha+gl*e/s, g.Beta+gb*e/s, g.Gamma+gs*e/p
			ge = news/s + k.Gamma*gs/p
			gp -= k.Gamma * gs * e / (p * p)
			gs -= news * e / (s * s)
		} else {
			g.Alpha, g.Beta, g.Gamma = g.Alpha+gl*e, g.Beta+gb*e, g.Gamma+gs*e
			ge = news + k.Gamma*gs
		}
		switch y := r.y[t]; {
		case math.IsNaN(y): // nothing depends on it
			ge = 0
		case relative:
			d := e / mu
			ge += weight * d / mu
			gmu = (1 - weight*d*d) / mu
		default:
			ge += weight * e
		}
		gmu -= ge
		switch {
		case times:
			gp, gs = gp+gmu*s, gs+gmu*p
		default:
			gp, gs = gp+gmu, gs+gmu
		}
		g.Phi += gb*b + gp*b
		gl, gb = gp, k.Phi*(gb+gp)
		if r.m > 1 {
			r.back[phase] = gs
		}
	}
	return g, State{gl, gb, r.back}
}
