package btyd

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mathext"
)

// SpendPattern is one customer's spending: X orders of Mean on average.
type SpendPattern struct {
	// X counts the orders that Mean averages: usually the repeat orders.
	X int
	// Mean is the average amount of those orders, positive.
	Mean float64
	// N is how many customers share the pattern; predictions ignore it.
	N float64
}

// Spend is the Gamma-Gamma model: the amounts of a customer's orders vary as
// Gamma(p, ν), and ν varies between customers as Gamma(q, v). Amounts may be
// in any currency unit, which is then the unit of v and of every answer.
// Fader and Hardie, "The Gamma-Gamma model of monetary value" (2013).
type Spend struct {
	P float64 `json:"p"`
	Q float64 `json:"q"`
	V float64 `json:"v"`
}

// ConditionalMean is the expected amount of the customer's next order given X
// orders of Mean; with X = 0 the mean of the population:
// p (v + x mean) / (p x + q - 1), equation 5 of the note. It reports false
// when that mean does not exist because p x + q <= 1.
func (s Spend) ConditionalMean(x int, mean float64) (float64, bool) {
	n := float64(x)
	over := s.P*n + s.Q - 1
	if !(over > 0) {
		return 0, false
	}
	total := 0.0
	if x > 0 {
		total = n * mean
	}
	return s.P * (s.V + total) / over, true
}

// ConditionalMeanAll fills dst with ConditionalMean; a mean that does not
// exist is 0.
func (s Spend) ConditionalMeanAll(dst []float64, x []int32, mean []float64) {
	parallel(len(dst), 1<<16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dst[i], _ = s.ConditionalMean(int(x[i]), mean[i])
		}
	})
}

// LogLikelihoodOf is the log-likelihood of the observed means.
func (s Spend) LogLikelihoodOf(patterns []SpendPattern) float64 {
	sum := 0.0
	for _, c := range patterns {
		if c.X <= 0 || c.N == 0 {
			continue
		}
		n := float64(c.X)
		px := s.P * n
		sum += c.N * (lgamma(px+s.Q) - lgamma(px) - lgamma(s.Q) -
			s.Q*math.Log1p(n*c.Mean/s.V) - px*math.Log(s.V+n*c.Mean) +
			(px-1)*math.Log(c.Mean) + px*math.Log(n))
	}
	return sum
}

// Simulate draws the amounts of n orders of one new customer.
func (s Spend) Simulate(rng *rand.Rand, n int) []float64 {
	scale := s.V / Gamma(rng, s.Q)
	amounts := make([]float64, n)
	for i := range amounts {
		amounts[i] = Gamma(rng, s.P) * scale
	}
	return amounts
}

// SpendCorrelation is the correlation of X and Mean over customers with
// X > 0, weighted. It is 0 when there is no variation to correlate.
func SpendCorrelation(patterns []SpendPattern) float64 {
	var n, x, z float64
	for _, c := range patterns {
		if c.X > 0 {
			n += c.N
			x += c.N * float64(c.X)
			z += c.N * c.Mean
		}
	}
	if n == 0 {
		return 0
	}
	x, z = x/n, z/n
	var xx, zz, xz float64
	for _, c := range patterns {
		if c.X > 0 {
			dx, dz := float64(c.X)-x, c.Mean-z
			xx += c.N * dx * dx
			zz += c.N * dz * dz
			xz += c.N * dx * dz
		}
	}
	if xx <= 0 || zz <= 0 {
		return 0
	}
	return xz / math.Sqrt(xx) / math.Sqrt(zz)
}

// ValueQuantile is the amount that the customer's spending in the next t days
// stays at or below with probability q, undiscounted. It is exact, not
// simulated: n orders together spend v' Gamma(p n)/Gamma(p x + q), whose
// distribution is an incomplete beta function, and n has an exact distribution.
func ValueQuantile(p Process, s Spend, h Pattern, spent SpendPattern, t, q float64) float64 {
	return newValueLaw(p, s, h, spent, t).quantile(q)
}

// ValueInterval is the central predictive interval of that spending.
func ValueInterval(p Process, s Spend, h Pattern, spent SpendPattern, t, level float64) (low, high float64) {
	law := newValueLaw(p, s, h, spent, t)
	return law.quantile((1 - level) / 2), law.quantile((1 + level) / 2)
}

// valueLaw is the distribution of one customer's future spending.
type valueLaw struct {
	pmf          []float64 // of the number of orders
	p, rest, own float64   // p, p x + q, v + x mean
}

func newValueLaw(p Process, s Spend, h Pattern, spent SpendPattern, t float64) valueLaw {
	_, most := p.spread(h, t, 0.5, 1-1e-9)
	x := float64(max(spent.X, 0))
	law := valueLaw{pmf: p.distribution(h, t, most), p: s.P, rest: s.P*x + s.Q, own: s.V}
	if x > 0 {
		law.own += x * spent.Mean
	}
	return law
}

// below is the probability of spending at most own*odds.
func (l valueLaw) below(odds float64) float64 {
	share := odds / (1 + odds)
	sum := l.pmf[0]
	for n := 1; n < len(l.pmf); n++ {
		if l.pmf[n] > 1e-15 {
			sum += l.pmf[n] * mathext.RegIncBeta(l.p*float64(n), l.rest, share)
		}
	}
	return sum
}

// quantile bisects the logarithm of the spending.
func (l valueLaw) quantile(q float64) float64 {
	q = math.Min(q, 1-1e-8)
	if l.pmf[0] >= q {
		return 0
	}
	low, high := -30.0, 30.0
	for range 60 {
		mid := (low + high) / 2
		if l.below(math.Exp(mid)) < q {
			low = mid
		} else {
			high = mid
		}
	}
	return l.own * math.Exp(high)
}
