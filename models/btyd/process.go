package btyd

import (
	"fmt"
	"math"
)

// Model names one of the three ordering models; the value is a stable word.
type Model string

// The models of ordering and leaving.
const (
	BGNBD     Model = "bgnbd"
	MBGNBD    Model = "mbgnbd"
	ParetoNBD Model = "paretonbd"
)

// models in the order in which Choose tries them.
var models = [...]Model{BGNBD, MBGNBD, ParetoNBD}

// Process is a model with its four parameters, in days: all that prediction
// needs, and all that must be stored.
//
// Params are r, alpha, a, b for BG/NBD and MBG/NBD, and r, alpha, s, beta for
// Pareto/NBD. Use New to check values that come from outside.
//
// While a customer is active, orders come at random at a rate λ, and λ varies
// between customers as Gamma(r, alpha): mean r/alpha orders a day. In BG/NBD
// and MBG/NBD each order is the last with a probability that varies as
// Beta(a, b). In Pareto/NBD the customer leaves at a rate that varies as
// Gamma(s, beta).
type Process struct {
	Model  Model      `json:"model"`
	Params [4]float64 `json:"params"`
}

// New checks that the model exists and every parameter is positive and finite.
func New(model Model, params [4]float64) (Process, error) {
	if err := model.check(); err != nil {
		return Process{}, err
	}
	for i, v := range params {
		if !(v > 0) || math.IsInf(v, 0) {
			name := model.ParameterNames()[i]
			return Process{}, &Error{InvalidParameter, fmt.Sprintf("parameter %s is %v, but must be positive and finite", name, v), -1}
		}
	}
	return Process{model, params}, nil
}

// check reports a model that does not exist.
func (m Model) check() error {
	switch m {
	case BGNBD, MBGNBD, ParetoNBD:
		return nil
	}
	return &Error{UnknownModel, fmt.Sprintf("unknown model %q: use %q, %q or %q", string(m), BGNBD, MBGNBD, ParetoNBD), -1}
}

// ParameterNames gives the usual names of Params, in order.
func (m Model) ParameterNames() [4]string {
	if m == ParetoNBD {
		return [4]string{"r", "alpha", "s", "beta"}
	}
	return [4]string{"r", "alpha", "a", "b"}
}

// firstCoin is 1 when a customer may leave right after the first order.
func (m Model) firstCoin() float64 {
	if m == MBGNBD {
		return 1
	}
	return 0
}

// leftOdds is the log of the odds that the customer has left by the end of
// observation. In BG/NBD and MBG/NBD
//
//	ln a - ln(b+x-1) + (r+x) ln((alpha+T)/(alpha+tx))   with b+x for MBG/NBD,
//
// and minus infinity for a BG/NBD customer without a repeat order. In
// Pareto/NBD the integral of the likelihood of leaving between tx and T takes
// the place of the first two terms.
func (p Process) leftOdds(h Pattern) float64 {
	r, alpha := p.Params[0], p.Params[1]
	x := float64(h.X)
	gap := h.T - h.Tx
	quiet := (r + x) * math.Log1p(gap/(alpha+h.Tx))
	if p.Model == ParetoNBD {
		s, tb := p.Params[2], p.Params[3]+h.Tx
		left := dropIntegral(r+x, alpha+h.Tx, s+1, tb, gap)
		return math.Log(s/tb*left) + quiet + s*math.Log1p(gap/tb)
	}
	coins := x + p.Model.firstCoin()
	if coins == 0 {
		return math.Inf(-1)
	}
	return math.Log(p.Params[2]/(p.Params[3]+coins-1)) + quiet
}

// PAlive is the probability that the customer has not left at the end of
// observation. In BG/NBD it is 1 for every one-time buyer by assumption; for
// churn prefer ProbNoPurchase.
func (p Process) PAlive(h Pattern) float64 { return logistic(-p.leftOdds(h)) }

// logLikelihood of one pattern, as a density in days.
func (p Process) logLikelihood(h Pattern) float64 {
	r, alpha := p.Params[0], p.Params[1]
	x := float64(h.X)
	ll := lgamma(r+x) - lgamma(r) - r*math.Log1p(h.T/alpha) - x*math.Log(alpha+h.T)
	if p.Model == ParetoNBD {
		ll -= p.Params[2] * math.Log1p(h.T/p.Params[3])
	} else {
		a, b, coins := p.Params[2], p.Params[3], x+p.Model.firstCoin()
		ll += lgamma(b+coins) - lgamma(b) - (lgamma(a+b+coins) - lgamma(a+b))
	}
	return ll + softplus(p.leftOdds(h))
}

// LogLikelihoodOf is the log-likelihood of patterns, as a density in days.
//
// BG/NBD: Fader, Hardie and Lee 2005, equation 6. MBG/NBD: Batislam et al.
// 2007, equation 10. Pareto/NBD: Fader and Hardie 2005, equation 18.
func (p Process) LogLikelihoodOf(patterns []Pattern) float64 {
	sum := 0.0
	for _, h := range patterns {
		if h.N > 0 {
			sum += h.N * p.logLikelihood(h)
		}
	}
	return sum
}
