package survival

import "math"

// Law is the distribution of lifetimes: ln T = x'b + sigma e.
type Law string

// Laws.
const (
	Weibull     Law = "weibull"     // e is the logarithm of an exponential; hazards stay proportional
	Exponential Law = "exponential" // Weibull with sigma 1: leaving does not depend on age
	LogNormal   Law = "lognormal"   // e is normal: the hazard rises, then falls
	LogLogistic Law = "loglogistic" // e is logistic: the same, with a heavier tail
)

// density is ln f of e at z with its first two derivatives.
func (l Law) density(z float64) (f, d1, d2 float64) {
	switch l {
	case LogNormal:
		return -z*z/2 - math.Log(2*math.Pi)/2, -z, -1
	case LogLogistic:
		p := 1 / (1 + math.Exp(-z))
		return z - 2*softplus(z), 1 - 2*p, -2 * p * (1 - p)
	default:
		e := math.Exp(z)
		return z - e, 1 - e, -e
	}
}

// beyond is ln P(e > z) with its first two derivatives.
func (l Law) beyond(z float64) (s, d1, d2 float64) {
	switch l {
	case LogNormal:
		s, mills := normalTail(z)
		return s, -mills, -mills * (mills - z)
	case LogLogistic:
		p := 1 / (1 + math.Exp(-z))
		return -softplus(z), -p, -p * (1 - p)
	default:
		e := math.Exp(z)
		return -e, -e, -e
	}
}

// softplus is ln(1 + e^z).
func softplus(z float64) float64 {
	return math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z)))
}

// farTail is where the normal's tail is taken from its asymptotic series.
const farTail = 12

// normalTail is ln P(Z > z) and the hazard φ(z)/P(Z > z).
func normalTail(z float64) (s, mills float64) {
	if z < farTail {
		p := math.Erfc(z/math.Sqrt2) / 2
		return math.Log(p), math.Exp(-z*z/2-math.Log(2*math.Pi)/2) / p
	}
	// P = φ(z)/z · (1 - 1/z² + 3/z⁴ - 15/z⁶ + …), to rounding from 12 on.
	term, series, q := 1.0, 1.0, 1/(z*z)
	for k := 1.0; k < 40; k += 2 {
		next := -term * k * q
		if math.Abs(next) >= math.Abs(term) || math.Abs(next) < 1e-17 {
			break
		}
		term = next
		series += term
	}
	return -z*z/2 - math.Log(2*math.Pi)/2 - math.Log(z) + math.Log(series), z / series
}

// quantile is the z below which e lies with probability p.
func (l Law) quantile(p float64) float64 {
	switch l {
	case LogNormal:
		return normalQuantile(p)
	case LogLogistic:
		return math.Log(p / (1 - p))
	default:
		return math.Log(-math.Log1p(-p))
	}
}

// mean is E exp(sigma e), false where it is infinite.
func (l Law) mean(sigma float64) (float64, bool) {
	switch l {
	case LogNormal:
		m := math.Exp(sigma * sigma / 2)
		return m, finite(m)
	case LogLogistic:
		if sigma >= 1 {
			return 0, false
		}
		return math.Pi * sigma / math.Sin(math.Pi*sigma), true
	default:
		m := math.Gamma(1 + sigma)
		return m, finite(m)
	}
}
