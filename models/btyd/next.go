package btyd

import "math"

// longestWait caps waiting times, in days: beyond it a number means nothing.
const longestWait = 1e9

// Next describes when the next order comes. No field is ever NaN or infinite;
// waiting times above a billion days are given as that.
type Next struct {
	// Never is the probability that no further order ever comes.
	Never float64 `json:"never"`
	// Median is the number of days within which the next order comes with
	// probability one half. HasMedian is false, and Median 0, when Never is at
	// least one half: then it more likely never comes.
	Median    float64 `json:"median"`
	HasMedian bool    `json:"has_median"`
	// MedianIfAny and MeanIfAny suppose that the order comes at all. HasMean is
	// false, and MeanIfAny 0, when that mean is infinite: the rates of customers
	// with few orders vary so much that some wait for ever.
	MedianIfAny float64 `json:"median_if_any"`
	MeanIfAny   float64 `json:"mean_if_any"`
	HasMean     bool    `json:"has_mean"`
}

// NextPurchase describes when the customer's next order comes, in days from
// the end of observation.
func (p Process) NextPurchase(h Pattern) Next {
	s := p.present(h)
	left := logistic(p.leftOdds(h))
	alive := 1 - left
	comes, mean := 1.0, s.scale/(s.shape-1)
	hasMean := s.shape > 1
	if s.pareto {
		comes = math.Min(1, s.shape/s.scale*s.moment(0))
		if hasMean = s.shape+s.a > 1; hasMean {
			mean = s.shape / s.scale * s.moment(1) / comes
		}
	}
	n := Next{Never: left + alive*(1-comes), HasMean: hasMean}
	if hasMean {
		n.MeanIfAny = math.Min(mean, longestWait)
	}
	n.MedianIfAny = s.waitFor(1-comes/2, 1-comes)
	if n.Never < 0.5 {
		n.HasMedian = true
		n.Median = s.waitFor((0.5-left)/alive, 1-comes)
	}
	return n
}

// waitFor finds the time by which the probability of silence has fallen to
// level, which lies above its limit.
func (s present) waitFor(level, limit float64) float64 {
	if level <= limit {
		return longestWait
	}
	if !s.pareto {
		return math.Min(s.scale*math.Expm1(-math.Log(level)/s.shape), longestWait)
	}
	low, high := math.Log(s.scale)-60, math.Log(longestWait)
	if s.silence(longestWait) >= level {
		return longestWait
	}
	for range 60 {
		mid := (low + high) / 2
		if s.silence(math.Exp(mid)) > level {
			low = mid
		} else {
			high = mid
		}
	}
	return math.Exp((low + high) / 2)
}

// moment is the integral over u > 0 of
// u^k (1 + u/scale)^-(shape+1) (1 + u/b)^-a, which for k = 1 needs
// shape + a > 1. Far out the integrand is a power, integrated exactly.
func (s present) moment(k float64) float64 {
	m, n := s.shape+1, s.a
	density := func(u float64) float64 {
		v := math.Exp(-m*math.Log1p(u/s.scale) - n*math.Log1p(u/s.b))
		if k == 1 {
			v *= u
		}
		return v
	}
	total, u := 0.0, 0.0
	far := 1e9 * math.Max(s.scale, s.b)
	for u < far {
		h := panel(math.Min(s.scale, s.b)+u, m/(s.scale+u)+n/(s.b+u), math.Inf(1))
		part := 0.0
		for i, node := range gauss16.node {
			part += gauss16.weight[i] * density(u+h*node)
		}
		total += part * h
		u += h
		if u*density(u)/(m+n-1-k) < 1e-17*total {
			return total
		}
	}
	return total + u*density(u)/(m+n-1-k)
}
