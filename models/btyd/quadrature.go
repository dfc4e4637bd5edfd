package btyd

import "math"

// rule is a Gauss-Legendre rule on [0, 1].
type rule struct{ node, weight []float64 }

// The rules in use: exact for polynomials of degree 7, 15 and 31.
var (
	gauss4  = gaussLegendre(4)
	gauss8  = gaussLegendre(8)
	gauss16 = gaussLegendre(16)
)

// gaussLegendre finds the roots of the Legendre polynomial by Newton's method.
func gaussLegendre(n int) rule {
	g := rule{make([]float64, n), make([]float64, n)}
	for i := range n {
		z := math.Cos(math.Pi * (float64(i) + 0.75) / (float64(n) + 0.5))
		slope := 0.0
		for range 100 {
			p, before := 1.0, 0.0
			for j := 1; j <= n; j++ {
				p, before = (float64(2*j-1)*z*p-float64(j-1)*before)/float64(j), p
			}
			slope = float64(n) * (z*p - before) / (z*z - 1)
			step := p / slope
			z -= step
			if math.Abs(step) < 1e-16 {
				break
			}
		}
		g.node[i] = (1 - z) / 2
		g.weight[i] = 1 / ((1 - z*z) * slope * slope)
	}
	return g
}

// panel is the longest step from t over which the 16-point rule is exact to
// rounding for an integrand whose nearest singularity lies near before t and
// which falls at the relative rate fall: a longer step than twice the
// distance, or more than 14 e-foldings, would cost digits.
func panel(near, fall, rest float64) float64 {
	h := math.Min(2*near, 14/fall)
	// Avoid a sliver as the last panel.
	if rest < 1.2*h {
		return rest
	}
	return h
}

// dropIntegral is the integral over y in [0, d] of
// (1 + y/ta)^-m (1 + y/tb)^-n, between 0 and d. With m = r+x, n = s+1 it is
// the likelihood of leaving somewhere in an interval, relative to its start;
// unlike the difference of two hypergeometric functions in the literature it
// cannot cancel, overflow or lose digits when d is short.
func dropIntegral(m, ta, n, tb, d float64) float64 {
	total, y := 0.0, 0.0
	for y < d {
		near := math.Min(ta, tb) + y
		fall := m/(ta+y) + n/(tb+y)
		h := panel(near, fall, d-y)
		part := 0.0
		for i, u := range gauss16.node {
			z := y + h*u
			part += gauss16.weight[i] * math.Exp(-m*math.Log1p(z/ta)-n*math.Log1p(z/tb))
		}
		part *= h
		total += part
		y += h
		// What is left is falling: bounded by its value here times its length.
		if end := math.Exp(-m*math.Log1p(y/ta) - n*math.Log1p(y/tb)); end*(d-y) < 1e-18*total {
			break
		}
	}
	return total
}
