package btyd

import "math"

// yearDays is the mean length of a year; discounting needs no calendar.
const yearDays = 365.25

// present is what is known of a customer who is still active at the end of
// observation: the order rate is Gamma(shape, scale), and leaving is Beta(a, b)
// per order or, in Pareto/NBD, Gamma(a, b) per day.
type present struct {
	shape, scale, a, b float64
	pareto             bool
}

// present updates the parameters by the customer's history.
func (p Process) present(h Pattern) present {
	x := float64(h.X)
	s := present{shape: p.Params[0] + x, scale: p.Params[1] + h.T, a: p.Params[2], b: p.Params[3]}
	if p.Model == ParetoNBD {
		s.pareto = true
		s.b += h.T
	} else {
		s.b += x + p.Model.firstCoin()
	}
	return s
}

// rate is the expected order rate u days ahead.
func (s present) rate(u float64) float64 {
	if s.pareto {
		return s.shape / s.scale * math.Exp(-s.a*math.Log1p(u/s.b))
	}
	return s.shape / s.scale * hyperSlowdown(s.shape+1, s.a, s.a+s.b, u/s.scale)
}

// orders is the integral of rate over (from, to], each order u days ahead
// counting e^(-force u).
//
// Integrating the rate, rather than taking the difference of hypergeometric
// functions as the papers print it, has no singularity at a = 1 or s = 1 and
// loses no digits at short horizons.
func (s present) orders(from, to, force float64) float64 {
	if s.pareto && force == 0 {
		tb := s.b + from
		scaled := math.Exp(-s.a * math.Log1p(from/s.b))
		return s.shape / s.scale * scaled * tb * relativeGrowth(s.a-1, math.Log1p((to-from)/tb))
	}
	total, u := 0.0, from
	for u < to {
		var near, fall float64
		if s.pareto {
			near = s.b + u
			fall = s.a/near + force
		} else {
			near = s.scale + u
			fall = (1+2*(s.shape+1)*s.a/(s.a+s.b))/near + force
		}
		h := panel(near, fall, to-u)
		part := 0.0
		for i, n := range gauss16.node {
			z := u + h*n
			part += gauss16.weight[i] * s.rate(z) * math.Exp(-force*z)
		}
		part *= h
		total += part
		u += h
		if part*(to-u) < 1e-18*total*h {
			break
		}
	}
	return total
}

// silence is the probability of no order in the next t days.
func (s present) silence(t float64) float64 {
	quiet := s.shape * math.Log1p(t/s.scale)
	if !s.pareto {
		return math.Exp(-quiet)
	}
	return math.Exp(-quiet-s.a*math.Log1p(t/s.b)) + s.a/s.b*dropIntegral(s.shape, s.scale, s.a+1, s.b, t)
}

// force turns an annual discount rate into a daily force of interest.
func force(annualRate float64) float64 { return math.Log1p(annualRate) / yearDays }

// Expected is the mean number of repeat orders of a new customer in (0, t].
// Fader, Hardie and Lee 2005, equation 9; Fader and Hardie 2005, equation 17.
func (p Process) Expected(t float64) float64 { return p.ConditionalExpected(Pattern{}, t) }

// ConditionalExpected is the mean number of orders in the t days after the end
// of observation, given the customer's history: the probability of being
// active times the integral of the expected order rate.
// Fader, Hardie and Lee 2005, equation 10; Fader and Hardie 2005, equation 41.
func (p Process) ConditionalExpected(h Pattern, t float64) float64 {
	return p.DiscountedExpected(h, t, 0)
}

// DiscountedExpected is ConditionalExpected over horizon days with an order u
// days ahead counting (1+annualRate)^(-u/365.25). Times the mean spend it is
// the customer's discounted value over the horizon. Value accrues continuously:
// a month of it is the difference of two horizons.
func (p Process) DiscountedExpected(h Pattern, horizon, annualRate float64) float64 {
	if !(horizon > 0) {
		return 0
	}
	return p.PAlive(h) * p.present(h).orders(0, horizon, force(annualRate))
}

// ProbNoPurchase is the probability that the customer orders nothing in the t
// days after the end of observation: what people mean by churn. It counts both
// those who have left and those who stay but happen not to order.
func (p Process) ProbNoPurchase(h Pattern, t float64) float64 {
	if !(t > 0) {
		return 1
	}
	return noPurchase(p.leftOdds(h), p.present(h).silence(t))
}

// noPurchase is 1 for those who left and silence for the rest.
func noPurchase(leftOdds, silence float64) float64 {
	return logistic(leftOdds) + logistic(-leftOdds)*silence
}
