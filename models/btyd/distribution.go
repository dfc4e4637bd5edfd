package btyd

import "math"

// PMF is the probability that a new customer makes exactly n repeat orders in
// (0, t]. Fader, Hardie and Lee 2005, equation 8, for BG/NBD.
func (p Process) PMF(t float64, n int) float64 { return p.ConditionalPMF(Pattern{}, t, n) }

// ConditionalPMF is the probability of exactly n orders in the t days after
// the end of observation.
func (p Process) ConditionalPMF(h Pattern, t float64, n int) float64 {
	if n < 0 {
		return 0
	}
	return p.distribution(h, t, n)[n]
}

// distribution gives the probabilities of 0..most orders in the next t days.
func (p Process) distribution(h Pattern, t float64, most int) []float64 {
	pmf := p.present(h).distribution(t, most)
	mix(pmf, p.leftOdds(h))
	return pmf
}

// mix turns the distribution of an active customer into that of one who has
// left with the given log odds.
func mix(pmf []float64, leftOdds float64) {
	alive := logistic(-leftOdds)
	for n := range pmf {
		pmf[n] *= alive
	}
	pmf[0] += logistic(leftOdds)
}

// distribution of the number of orders of an active customer in (0, t].
func (s present) distribution(t float64, most int) []float64 {
	pmf := make([]float64, most+1)
	switch {
	case !(t > 0):
		pmf[0] = 1
	case s.pareto:
		s.paretoDistribution(pmf, t)
	default:
		s.coinDistribution(pmf, t)
	}
	return pmf
}

// negativeBinomial fills pmf with the distribution of the number of orders in
// (0, t] of someone who never leaves.
func (s present) negativeBinomial(pmf []float64, t float64) {
	zero := -s.shape * math.Log1p(t/s.scale)
	q := t / (s.scale + t)
	if zero < -600 {
		// The recurrence would start from an underflow.
		for n := range pmf {
			pmf[n] = math.Exp(zero + logNormalised(s.shape, n) + float64(n)*math.Log(q))
		}
		return
	}
	term := math.Exp(zero)
	for n := range pmf {
		pmf[n] = term
		term *= (s.shape + float64(n)) / float64(n+1) * q
	}
}

// coinDistribution: n orders are made either by staying through all of them,
// or by leaving at the n-th, having had time for n or more. All terms are
// positive and the tails are summed from the far end, so that even the
// probability of a surprise has all its digits.
func (s present) coinDistribution(pmf []float64, t float64) {
	s.negativeBinomial(pmf, t)
	most := len(pmf) - 1
	tail := s.tail(pmf, t) // P(more than most)
	tails := make([]float64, len(pmf))
	for n := most; n >= 0; n-- {
		tail += pmf[n]
		tails[n] = tail
	}
	stay := 1.0 // probability of staying through n orders
	for n := range pmf {
		if n > 0 {
			total := s.a + s.b + float64(n-1)
			leave := stay * s.a / total
			stay *= (s.b + float64(n-1)) / total
			pmf[n] = stay*pmf[n] + leave*tails[n]
		}
	}
}

// tail is the negative binomial probability of more than len(pmf)-1 orders.
func (s present) tail(pmf []float64, t float64) float64 {
	below := 0.0
	for _, v := range pmf {
		below += v
	}
	if below < 0.99 {
		return 1 - below
	}
	q := t / (s.scale + t)
	n := float64(len(pmf) - 1)
	term, sum := pmf[len(pmf)-1], 0.0
	for range maxTerms {
		step := (s.shape + n) / (n + 1) * q
		term *= step
		sum += term
		n++
		if r := math.Max(step, q); r < 1 && term*r <= 1e-17*sum*(1-r) || term == 0 {
			break
		}
	}
	return sum
}

// paretoDistribution: n orders are made either by staying to the end, or by
// leaving at some u before it, having made n by then.
func (s present) paretoDistribution(pmf []float64, t float64) {
	most := len(pmf) - 1
	s.negativeBinomial(pmf, t)
	stay := math.Exp(-s.a * math.Log1p(t/s.b))
	for n := range pmf {
		pmf[n] *= stay
	}
	at := make([]float64, len(pmf))
	// u^n is a polynomial, which a 16-point panel resolves up to degree 31.
	longest := t / math.Ceil(float64(most+1)/24)
	for u := 0.0; u < t; {
		near := math.Min(s.scale, s.b) + u
		fall := (s.shape+float64(most))/(s.scale+u) + (s.a+1)/(s.b+u)
		h := math.Min(panel(near, fall, t-u), longest)
		if t-u-h < 1e-9*t {
			h = t - u
		}
		for i, node := range gauss16.node {
			z := u + h*node
			weight := gauss16.weight[i] * h * s.a / s.b * math.Exp(-(s.a+1)*math.Log1p(z/s.b))
			s.negativeBinomial(at, z)
			for n := range pmf {
				pmf[n] += weight * at[n]
			}
		}
		u += h
	}
}

// quantileLimit bounds the search of Quantile.
const quantileLimit = 1 << 20

// Quantile is the smallest n such that at most n orders in the next t days
// have probability at least q. It is exact: summed, not simulated.
func (p Process) Quantile(h Pattern, t, q float64) int {
	_, n := p.spread(h, t, q, q)
	return n
}

// Interval is the central predictive interval of the number of orders in the
// next t days at the given level, such as 0.8. It is exact, hence needs no seed.
func (p Process) Interval(h Pattern, t, level float64) (low, high int) {
	return p.spread(h, t, (1-level)/2, (1+level)/2)
}

// spread finds two quantiles from one distribution, lengthening it as needed.
func (p Process) spread(h Pattern, t, q1, q2 float64) (low, high int) {
	if logistic(p.leftOdds(h)) >= q2 {
		return 0, 0
	}
	mean := p.ConditionalExpected(h, t)
	// Beyond 1 - 1e-12 rounding would decide.
	q1, q2 = math.Min(q1, 1-1e-12), math.Min(q2, 1-1e-12)
	for most := 15 + int(math.Min(2*mean, quantileLimit)); ; most *= 2 {
		pmf := p.distribution(h, t, most)
		low, high = -1, -1
		sum := 0.0
		for n, v := range pmf {
			sum += v
			if low < 0 && sum >= q1 {
				low = n
			}
			if high < 0 && sum >= q2 {
				high = n
				break
			}
		}
		if high >= 0 {
			return low, high
		}
		if most >= quantileLimit {
			return max(low, 0), most
		}
	}
}
