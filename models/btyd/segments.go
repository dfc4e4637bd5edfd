package btyd

import (
	"fmt"
	"math"
	"slices"
)

// Segment is a group of customers, such as a market, that may behave in a way
// of its own.
type Segment struct {
	Name     string
	Patterns []Pattern
}

// FittedSegment is a segment's own model, drawn towards what all segments have
// in common as far as its customers are few.
type FittedSegment struct {
	Name string `json:"name"`
	Process
	Customers float64       `json:"customers"`
	LogLik    float64       `json:"log_lik"` // density in days
	LogCov    [4][4]float64 `json:"log_cov"` // of the log parameters, given what is common
	// Borrowed is how much of the model comes from the other segments: 1 where
	// this one's customers say nothing, 0 where they say everything.
	Borrowed float64 `json:"borrowed"`
}

// FittedSegments is a hierarchy: the log parameters of segments vary normally
// around a centre.
type FittedSegments struct {
	Model Model `json:"model"`
	// Pooled is the fit to everyone, as if there were no segments.
	Pooled *Fitted `json:"pooled"`
	// Centre is the typical segment, whose model an unknown one has.
	Centre Process `json:"centre"`
	// Spread is how much segments differ: the standard deviations of the log of
	// the mean rate of ordering, of its shape, of the rate of leaving and of its
	// shape.
	Spread   [4]float64      `json:"spread"`
	Segments []FittedSegment `json:"segments"`
	Warnings []Warning       `json:"warnings"`
}

// For is the model of a segment; that of the centre for one that was not
// fitted.
func (f *FittedSegments) For(name string) Process {
	for _, s := range f.Segments {
		if s.Name == name {
			return s.Process
		}
	}
	return f.Centre
}

// FitSegments fits a model to each of several segments at once by empirical
// Bayes: the log parameters of segments vary normally around a common centre by
// a spread, both of which are estimated from all of them (by expectation and
// maximisation, with Laplace's approximation), and each segment's model
// weighs its own customers against that. Small segments come out close to the
// centre, large ones close to their own maximum. Efron and Morris, JASA 70
// (1975), for the idea.
//
// Segments may be empty, or have nobody who ordered twice; all together must
// not.
func FitSegments(model Model, segments []Segment, opts Options) (*FittedSegments, error) {
	var all []Pattern
	for i, s := range segments {
		if err := check(s.Patterns); err != nil {
			return nil, fmt.Errorf("segment %q: %w", s.Name, err)
		}
		if slices.ContainsFunc(segments[:i], func(t Segment) bool { return t.Name == s.Name }) {
			return nil, &Error{InvalidSegment, fmt.Sprintf("two segments are called %q; give each a name of its own", s.Name), i}
		}
		all = append(all, s.Patterns...)
	}
	pooled, err := Fit(model, all, opts)
	if err != nil {
		return nil, err
	}
	h := newHierarchy(model, segments, pooled)
	h.iterate()
	return h.report(segments, pooled), nil
}

// axes are the directions in which segments differ, as combinations of the log
// parameters: ln of the mean order rate r/alpha, ln r, ln of the mean rate of
// leaving s/beta (of the odds a/b), ln s (ln a).
var axes = matrix{
	{1, -1, 0, 0},
	{1, 0, 0, 0},
	{0, 0, 1, -1},
	{0, 0, 1, 0},
}

// A priori a segment's spread is taken to be priorSpread, with the weight of
// priorSegments segments: two or three alone do not tell.
const (
	priorSpread   = 0.2
	priorSegments = 2
)

// hierarchy is the state of the iteration.
type hierarchy struct {
	model  Model
	cells  []*objective // nil for a segment without customers
	centre vector       // log parameters
	spread vector       // along axes
	theta  []vector     // of the segments
	cov    []matrix
}

func newHierarchy(model Model, segments []Segment, pooled *Fitted) *hierarchy {
	h := &hierarchy{model: model, spread: vector{0.3, 0.3, 0.3, 0.3}}
	for j, v := range pooled.Params {
		h.centre[j] = math.Log(v)
	}
	for _, s := range segments {
		grouped, _ := Group(s.Patterns)
		cell := (*objective)(nil)
		if len(grouped) > 0 {
			cell = &objective{model: model, data: newSample(grouped)}
		}
		h.cells = append(h.cells, cell)
		h.theta = append(h.theta, h.centre)
		h.cov = append(h.cov, matrix{})
	}
	return h
}

// precision is the prior's, by log parameters.
func (h *hierarchy) precision() (p matrix) {
	for a, axis := range axes {
		for j := range dim {
			for k := range dim {
				p[j][k] += axis[j] * axis[k] / (h.spread[a] * h.spread[a])
			}
		}
	}
	return p
}

// fit climbs to the summit of each segment's likelihood times the prior, at
// first and at last from the centre, too.
func (h *hierarchy) fit(afresh bool) {
	prior := h.precision()
	for i, cell := range h.cells {
		if cell == nil {
			h.theta[i] = h.centre
			h.cov[i] = covariance(negative(prior), dim)
			continue
		}
		a := ascent{n: dim, eval: func(theta vector) slope {
			s := cell.likelihood(theta)
			off := add(theta, h.centre, -1)
			for j := range dim {
				for k := range dim {
					s.f -= off[j] * prior[j][k] * off[k] / 2
					s.g[j] -= prior[j][k] * off[k]
					s.h[j][k] -= prior[j][k]
				}
			}
			return s
		}}
		theta, top := a.run(h.theta[i], 100, 1e-5)
		if afresh {
			if fromCentre, other := a.run(h.centre, 100, precisely); other.f > top.f+1e-6 {
				theta, top = fromCentre, other
			}
		}
		h.theta[i], h.cov[i] = theta, covariance(top.h, dim)
	}
}

func negative(m matrix) matrix {
	for j := range m {
		for k := range m[j] {
			m[j][k] = -m[j][k]
		}
	}
	return m
}

// along is v in the direction of an axis.
func along(axis, v vector) float64 {
	sum := 0.0
	for j, a := range axis {
		sum += a * v[j]
	}
	return sum
}

// variance of theta along an axis.
func variance(axis vector, cov matrix) float64 {
	sum := 0.0
	for j := range dim {
		sum += axis[j] * along(axis, cov[j])
	}
	return sum
}

// iterate alternates between segments and what they have in common until that
// moves no more.
func (h *hierarchy) iterate() {
	for pass := range 60 {
		h.fit(pass == 0)
		n := float64(len(h.cells))
		var centre vector
		for _, theta := range h.theta {
			centre = add(centre, theta, 1/n)
		}
		var spread vector
		for a, axis := range axes {
			sum := priorSegments * priorSpread * priorSpread
			for i, theta := range h.theta {
				off := along(axis, add(theta, centre, -1))
				sum += off*off + variance(axis, h.cov[i])
			}
			spread[a] = math.Sqrt(sum / (n + priorSegments))
		}
		moved := math.Max(norm(add(centre, h.centre, -1)), norm(add(spread, h.spread, -1)))
		h.centre, h.spread = centre, spread
		if moved < 3e-3 {
			break
		}
	}
	h.fit(true)
}

// report makes the result.
func (h *hierarchy) report(segments []Segment, pooled *Fitted) *FittedSegments {
	f := &FittedSegments{Model: h.model, Pooled: pooled, Centre: Process{h.model, exponentials(h.centre)}, Spread: [4]float64(h.spread), Warnings: pooled.Warnings}
	for i, s := range segments {
		one := FittedSegment{Name: s.Name, Process: Process{h.model, exponentials(h.theta[i])}, LogCov: h.cov[i], Borrowed: 1}
		if cell := h.cells[i]; cell != nil {
			one.Customers = cell.data.customers
			one.LogLik = cell.likelihood(h.theta[i]).f
			one.Borrowed = 0
			for a, axis := range axes {
				one.Borrowed += math.Min(variance(axis, h.cov[i])/(h.spread[a]*h.spread[a]), 1) / dim
			}
		}
		f.Segments = append(f.Segments, one)
	}
	return f
}

func exponentials(theta vector) (p [4]float64) {
	for j, v := range theta {
		p[j] = math.Exp(v)
	}
	return p
}
