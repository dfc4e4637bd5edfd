package btyd

import "math"

// digamma is the derivative of ln Γ for x > 0: recurrence up to 12, then the
// asymptotic series, whose first neglected term is below 1e-17 there.
func digamma(x float64) float64 {
	shift := 0.0
	for x < 12 {
		shift -= 1 / x
		x++
	}
	i := 1 / (x * x)
	tail := i * (1.0/12 - i*(1.0/120-i*(1.0/252-i*(1.0/240-i*(1.0/132-i*(691.0/32760-i/12))))))
	return shift + math.Log(x) - 0.5/x - tail
}

// trigamma is the derivative of digamma for x > 0.
func trigamma(x float64) float64 {
	shift := 0.0
	for x < 12 {
		shift += 1 / (x * x)
		x++
	}
	i := 1 / (x * x)
	tail := i * (1.0/6 - i*(1.0/30-i*(1.0/42-i*(1.0/30-i*(5.0/66-i*(691.0/2730-i*7.0/6))))))
	return shift + 1/x + i/2 + tail/x
}

// lgamma is ln Γ for x > 0.
func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

// softplus is ln(1 + e^z) without overflow.
func softplus(z float64) float64 {
	if z > 0 {
		return z + math.Log1p(math.Exp(-z))
	}
	return math.Log1p(math.Exp(z))
}

// logistic is 1 / (1 + e^-z).
func logistic(z float64) float64 {
	if z >= 0 {
		return 1 / (1 + math.Exp(-z))
	}
	e := math.Exp(z)
	return e / (1 + e)
}

// relativeGrowth is (1 - q^-k) / k for q = e^l >= 1, continuous at k = 0.
func relativeGrowth(k, l float64) float64 {
	if math.Abs(k*l) < 1e-300 {
		return l
	}
	return -math.Expm1(-k*l) / k
}

// maxTerms bounds every series; it is reached only by horizons some 100,000
// times longer than the time scale of the customer, where the remainder is
// negligible because the terms also fall algebraically.
const maxTerms = 2_000_000

// hyperSlowdown is 2F1(p, a; c; -v) for p, a > 0, c > a, v >= 0: the factor by
// which a rate has fallen, the mean of (1 + v B)^-p over B ~ Beta(a, c-a).
//
// Two Pfaff transformations take it to an argument w in [0, 1). The first has
// parameters that do not grow with the number of orders, hence few terms and no
// overflow, but its terms may alternate; where that costs digits, the second,
// all of whose terms are positive, is summed with its scale carried apart.
func hyperSlowdown(p, a, c, v float64) float64 {
	if v == 0 {
		return 1
	}
	w := v / (1 + v)
	sum, largest := gaussSeries(a, c-p, c, w)
	if largest <= 1e3*math.Abs(sum) {
		return sum * math.Exp(-a*math.Log1p(v))
	}
	return math.Exp(positiveSeriesLog(p, c-a, c, w) - p*math.Log1p(v))
}

// gaussSeries sums 2F1(a, b; c; w), 0 <= w < 1, and reports the largest
// absolute term, which tells how many digits cancellation has cost.
func gaussSeries(a, b, c, w float64) (sum, largest float64) {
	sum, largest = 1, 1
	term := 1.0
	for n := 0.0; n < maxTerms; n++ {
		step := (a + n) * (b + n) / ((c + n) * (n + 1)) * w
		term *= step
		sum += term
		if size := math.Abs(term); size > largest {
			largest = size
			if size > 1e290 {
				return sum, math.Inf(1)
			}
		}
		// The terms that remain are at most a geometric series of ratio max(step, w).
		if r := math.Max(math.Abs(step), w); r < 1 && math.Abs(term)*r <= 1e-17*math.Abs(sum)*(1-r) {
			break
		}
	}
	return sum, largest
}

// positiveSeriesLog is ln 2F1(a, b; c; w) for positive parameters and
// 0 <= w < 1, with the running sum rescaled before it can overflow.
func positiveSeriesLog(a, b, c, w float64) float64 {
	const big = 1e250
	sum, term, scale := 1.0, 1.0, 0.0
	for n := 0.0; n < maxTerms; n++ {
		step := (a + n) * (b + n) / ((c + n) * (n + 1)) * w
		term *= step
		sum += term
		if sum > big {
			sum /= big
			term /= big
			scale += math.Log(big)
		}
		if r := math.Max(step, w); r < 1 && term*r <= 1e-17*sum*(1-r) {
			break
		}
	}
	return scale + math.Log(sum)
}

// logNormalised is ln of Γ(a+n)/(Γ(a) n!), the negative binomial coefficient.
func logNormalised(a float64, n int) float64 {
	return lgamma(a+float64(n)) - lgamma(a) - lgamma(float64(n)+1)
}
