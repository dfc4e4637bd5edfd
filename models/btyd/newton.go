package btyd

import "math"

// params is a point in parameter space; dim says how many entries count.
const dim = 4

type (
	vector [dim]float64
	matrix [dim][dim]float64
)

// slope is a function's value with its first and second derivatives.
type slope struct {
	f float64
	g vector
	h matrix
}

// logScale turns derivatives by the parameters into derivatives by their
// logarithms.
func (s *slope) logScale(p vector) {
	for j := range dim {
		for k := range dim {
			s.h[j][k] *= p[j] * p[k]
		}
		s.g[j] *= p[j]
		s.h[j][j] += s.g[j]
	}
}

// ascent is a maximisation over log parameters.
type ascent struct {
	n      int // parameters in use
	eval   func(theta vector) slope
	passes int
}

// stepLimit bounds a step of any log parameter: the quadratic model does not
// reach further than a factor of e^2.
const stepLimit = 2

// run climbs from theta until a step no longer gains anything that floating
// point can see, and returns where it ended. Newton's direction is used, with
// the eigenvalues of the curvature made positive, so that every step goes
// uphill even on a saddle or a flat ridge.
func (a *ascent) run(theta vector, most int, enough float64) (vector, slope) {
	here := a.at(theta)
	for range most {
		step, gain := a.direction(here)
		if gain < enough {
			// One last step costs a pass but squares the error; keep it
			// only if the slope did fall.
			if there := a.at(add(theta, step, 1)); norm(there.g) < norm(here.g) && there.f > here.f-1e-9*math.Abs(here.f) {
				theta, here = add(theta, step, 1), there
			}
			break
		}
		length, moved := 1.0, false
		for range 30 {
			next := add(theta, step, length)
			there := a.at(next)
			if there.f > here.f+1e-4*length*gain || gain < 1e-6 && norm(there.g) < norm(here.g)/2 {
				theta, here, moved = next, there, true
				break
			}
			length /= 3
		}
		if !moved {
			break
		}
	}
	return theta, here
}

// at evaluates, counting.
func (a *ascent) at(theta vector) slope {
	a.passes++
	s := a.eval(theta)
	if math.IsNaN(s.f) {
		s.f = math.Inf(-1)
	}
	return s
}

// direction is the step to try and the gain it promises to first order.
func (a *ascent) direction(s slope) (step vector, gain float64) {
	value, base := eigen(s.h, a.n)
	largest := 0.0
	for j := range a.n {
		largest = math.Max(largest, math.Abs(value[j]))
	}
	for j := range a.n {
		along := 0.0
		for k := range a.n {
			along += base[k][j] * s.g[k]
		}
		curve := math.Max(math.Abs(value[j]), 1e-10*largest+1e-300)
		// A long walk along a flat ridge that gains nothing only spoils the rest.
		if math.Abs(along) > 1e-3*curve && along*along/curve < 1e-9 {
			continue
		}
		for k := range a.n {
			step[k] += base[k][j] * along / curve
		}
	}
	if longest := norm(step); longest > stepLimit {
		for k := range step {
			step[k] *= stepLimit / longest
		}
	}
	for k := range a.n {
		gain += step[k] * s.g[k]
	}
	return step, gain
}

// norm is the largest absolute entry.
func norm(v vector) float64 {
	most := 0.0
	for _, x := range v {
		most = math.Max(most, math.Abs(x))
	}
	return most
}

// add is v + t w.
func add(v, w vector, t float64) vector {
	for i := range v {
		v[i] += t * w[i]
	}
	return v
}

// eigen diagonalises the leading n by n block of a symmetric matrix by
// Jacobi's rotations; column j of base belongs to value[j].
func eigen(m matrix, n int) (value vector, base matrix) {
	for i := range n {
		base[i][i] = 1
	}
	for range 60 {
		off, diag := 0.0, 0.0
		for i := range n {
			diag += m[i][i] * m[i][i]
			for j := range i {
				off += m[i][j] * m[i][j]
			}
		}
		if off <= 1e-28*diag || off == 0 {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				rotate(&m, &base, p, q, n)
			}
		}
	}
	for i := range n {
		value[i] = m[i][i]
	}
	return value, base
}

// rotate zeroes m[p][q].
func rotate(m, base *matrix, p, q, n int) {
	if m[p][q] == 0 {
		return
	}
	theta := (m[q][q] - m[p][p]) / (2 * m[p][q])
	t := 1 / (math.Abs(theta) + math.Sqrt(theta*theta+1))
	if theta < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(t*t+1)
	s := t * c
	for k := range n {
		m[k][p], m[k][q] = c*m[k][p]-s*m[k][q], s*m[k][p]+c*m[k][q]
	}
	for k := range n {
		m[p][k], m[q][k] = c*m[p][k]-s*m[q][k], s*m[p][k]+c*m[q][k]
		base[k][p], base[k][q] = c*base[k][p]-s*base[k][q], s*base[k][p]+c*base[k][q]
	}
}
