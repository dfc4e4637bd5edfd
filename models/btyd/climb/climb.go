// Package climb finds the maximum of a smooth function of a few variables, such
// as a log-likelihood by the logarithms of its parameters: Newton's method with
// the curvature made negative, which goes uphill on saddles and flat ridges too.
// It is pure arithmetic.
package climb

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Slope is a function's value with its first and second derivatives.
type Slope struct {
	Value     float64
	Gradient  []float64
	Curvature *mat.SymDense
}

// Function gives the slope at a point. Where it has no value it is NaN or
// minus infinity, and the search turns back.
type Function func(x []float64) Slope

// Summit is where a search ended.
type Summit struct {
	X []float64
	Slope
	Passes int // evaluations
}

// longest bounds a step of any variable: the quadratic model of a function of
// logarithms does not reach further than a factor of e^2.
const longest = 2

// Up climbs from start until a step promises less than enough.
func Up(f Function, start []float64, enough float64) Summit {
	top := Summit{X: append([]float64(nil), start...)}
	at := func(x []float64) Slope {
		top.Passes++
		s := f(x)
		if math.IsNaN(s.Value) {
			s.Value = math.Inf(-1)
		}
		return s
	}
	top.Slope = at(top.X)
	for range 200 {
		step, gain := direction(top.Slope)
		if !(gain >= enough) {
			// One last step costs a pass but squares the error; keep it only if
			// the slope did fall.
			if there := at(moved(top.X, step, 1)); largest(there.Gradient) < largest(top.Gradient) && there.Value > top.Value-1e-9*math.Abs(top.Value) {
				top.X, top.Slope = moved(top.X, step, 1), there
			}
			break
		}
		length, rose := 1.0, false
		for range 30 {
			next := moved(top.X, step, length)
			if there := at(next); there.Value > top.Value+1e-4*length*gain || gain < 1e-6 && there.Value >= top.Value && largest(there.Gradient) < largest(top.Gradient)/2 {
				top.X, top.Slope, rose = next, there, true
				break
			}
			length /= 3
		}
		if !rose {
			break
		}
	}
	return top
}

// moved is x + length step.
func moved(x, step []float64, length float64) []float64 {
	next := make([]float64, len(x))
	for j := range next {
		next[j] = x[j] + length*step[j]
	}
	return next
}

// Highest climbs from each start and keeps the highest summit, the first among
// equals.
func Highest(f Function, starts [][]float64, enough float64) Summit {
	var best Summit
	passes := 0
	for i, start := range starts {
		top := Up(f, start, enough)
		passes += top.Passes
		if i == 0 || top.Value > best.Value+1e-9*math.Abs(best.Value) {
			best = top
		}
	}
	best.Passes = passes
	return best
}

// direction is the step to try, and what it gains to first order.
func direction(s Slope) (step []float64, gain float64) {
	n := len(s.Gradient)
	step = make([]float64, n)
	var e mat.EigenSym
	if !finite(s.Curvature) || !e.Factorize(s.Curvature, true) {
		return step, 0
	}
	values := e.Values(nil)
	var base mat.Dense
	e.VectorsTo(&base)
	most := largest(values)
	for j, value := range values {
		along := 0.0
		for k := range n {
			along += base.At(k, j) * s.Gradient[k]
		}
		curve := math.Max(math.Abs(value), 1e-10*most+1e-300)
		// A long walk along a flat ridge that gains nothing only spoils the rest.
		if math.Abs(along) > 1e-3*curve && along*along/curve < 1e-9 {
			continue
		}
		for k := range n {
			step[k] += base.At(k, j) * along / curve
		}
	}
	if far := largest(step); far > longest {
		for k := range step {
			step[k] *= longest / far
		}
	}
	for k := range n {
		gain += step[k] * s.Gradient[k]
	}
	return step, gain
}

func finite(m *mat.SymDense) bool {
	for _, v := range m.RawSymmetric().Data {
		if v-v != 0 {
			return false
		}
	}
	return true
}

// largest is the largest absolute value.
func largest(v []float64) float64 {
	most := 0.0
	for _, x := range v {
		most = math.Max(most, math.Abs(x))
	}
	return most
}

// IsMaximum says whether slope and curvature are those of a maximum of a sum
// over so many observations.
func (s Summit) IsMaximum(observations float64) bool {
	if math.IsInf(s.Value, 0) || !(largest(s.Gradient) <= 1e-5*math.Max(observations, 1)) {
		return false
	}
	var e mat.EigenSym
	if !finite(s.Curvature) || !e.Factorize(s.Curvature, false) {
		return false
	}
	for _, v := range e.Values(nil) {
		if v > 1e-8*observations {
			return false
		}
	}
	return true
}

// Covariance inverts minus the curvature. Directions in which the function is
// flat, or curved the wrong way, get a large finite variance.
func Covariance(curvature *mat.SymDense) *mat.SymDense {
	n := curvature.SymmetricDim()
	out := mat.NewSymDense(n, nil)
	var e mat.EigenSym
	if !finite(curvature) || !e.Factorize(curvature, true) {
		for j := range n {
			out.SetSym(j, j, 1e6)
		}
		return out
	}
	var base mat.Dense
	e.VectorsTo(&base)
	for k, value := range e.Values(nil) {
		spread := 1 / math.Max(-value, 1e-6)
		for i := range n {
			for j := range i + 1 {
				out.SetSym(i, j, out.At(i, j)+base.At(i, k)*base.At(j, k)*spread)
			}
		}
	}
	return out
}

// Steps of numeric derivatives, in logarithms of parameters: where rounding and
// the next term of the series are about equally small.
const (
	firstStep  = 1e-4
	secondStep = 2e-3
)

// Numeric is a Function of values alone: derivatives are central differences.
func Numeric(value func(x []float64) float64) Function {
	return func(x []float64) Slope {
		n := len(x)
		s := Slope{Value: value(x), Gradient: make([]float64, n), Curvature: mat.NewSymDense(n, nil)}
		if s.Value-s.Value != 0 {
			return s
		}
		shifted := func(i int, di float64, j int, dj float64) float64 {
			y := append([]float64(nil), x...)
			y[i] += di
			y[j] += dj
			return value(y)
		}
		for i := range n {
			s.Gradient[i] = (shifted(i, firstStep, i, 0) - shifted(i, -firstStep, i, 0)) / (2 * firstStep)
			s.Curvature.SetSym(i, i, (shifted(i, secondStep, i, 0)+shifted(i, -secondStep, i, 0)-2*s.Value)/(secondStep*secondStep))
			for j := range i {
				const h = secondStep
				cross := shifted(i, h, j, h) - shifted(i, h, j, -h) - shifted(i, -h, j, h) + shifted(i, -h, j, -h)
				s.Curvature.SetSym(i, j, cross/(4*h*h))
			}
		}
		return s
	}
}
