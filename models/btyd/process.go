package btyd

import "math/rand/v2"

// Model names one of the three ordering models; the value is a stable word.
type Model string

// The models of ordering and leaving.
const (
	BGNBD     Model = "bgnbd"
	MBGNBD    Model = "mbgnbd"
	ParetoNBD Model = "paretonbd"
)

// Process is a model with its four parameters, in days: all that prediction
// needs, and all that must be stored.
//
// Params are r, alpha, a, b for BG/NBD and MBG/NBD, and r, alpha, s, beta for
// Pareto/NBD. Use New to check values that come from outside.
type Process struct {
	Model  Model      `json:"model"`
	Params [4]float64 `json:"params"`
}

// New checks that the model exists and every parameter is positive and finite.
func New(model Model, params [4]float64) (Process, error) { return Process{}, nil }

// ParameterNames gives the usual names of Params, in order.
func (m Model) ParameterNames() [4]string { return [4]string{} }

// PAlive is the probability that the customer has not left at the end of
// observation. In BG/NBD it is 1 for every one-time buyer by assumption; for
// churn prefer ProbNoPurchase.
func (p Process) PAlive(h Pattern) float64 { return 0 }

// Expected is the mean number of repeat orders of a new customer in (0, t].
func (p Process) Expected(t float64) float64 { return 0 }

// ConditionalExpected is the mean number of orders in the t days after the end
// of observation, given the customer's history.
func (p Process) ConditionalExpected(h Pattern, t float64) float64 { return 0 }

// ProbNoPurchase is the probability that the customer orders nothing in the t
// days after the end of observation: what people mean by churn.
func (p Process) ProbNoPurchase(h Pattern, t float64) float64 { return 0 }

// PMF is the probability that a new customer makes exactly n repeat orders in
// (0, t].
func (p Process) PMF(t float64, n int) float64 { return 0 }

// ConditionalPMF is the probability of exactly n orders in the t days after
// the end of observation.
func (p Process) ConditionalPMF(h Pattern, t float64, n int) float64 { return 0 }

// DiscountedExpected is ConditionalExpected over horizon days with an order u
// days ahead counting (1+annualRate)^(-u/365.25). Times the mean spend it is
// the customer's discounted value over the horizon.
func (p Process) DiscountedExpected(h Pattern, horizon, annualRate float64) float64 { return 0 }

// Next describes when the next order comes. No field is ever NaN or infinite.
type Next struct {
	// Never is the probability that no further order ever comes.
	Never float64
	// Median is the number of days within which the next order comes with
	// probability one half. HasMedian is false, and Median 0, when Never is at
	// least one half: then it more likely never comes.
	Median    float64
	HasMedian bool
	// MedianIfAny and MeanIfAny suppose that the order comes at all.
	// HasMean is false, and MeanIfAny 0, when that mean is infinite or when
	// Never is 1 as far as floating point can tell.
	MedianIfAny float64
	MeanIfAny   float64
	HasMean     bool
}

// NextPurchase describes when the customer's next order comes.
func (p Process) NextPurchase(h Pattern) Next { return Next{} }

// Quantile is the smallest n such that at most n orders in the next t days
// have probability at least q. It is exact: summed, not simulated.
func (p Process) Quantile(h Pattern, t, q float64) int { return 0 }

// Interval is the central predictive interval of the number of orders in the
// next t days at the given level, such as 0.8. It is exact, hence needs no seed.
func (p Process) Interval(h Pattern, t, level float64) (low, high int) { return 0, 0 }

// LogLikelihoodOf is the log-likelihood of patterns, as a density in days.
func (p Process) LogLikelihoodOf(patterns []Pattern) float64 { return 0 }

// Simulate draws the repeat order times of one new customer in (0, t].
func (p Process) Simulate(rng *rand.Rand, t float64) []float64 { return nil }
