package btyd

import "math/rand/v2"

// SpendPattern is one customer's spending: X orders of Mean on average.
type SpendPattern struct {
	// X counts the orders that Mean averages: usually the repeat orders.
	X int
	// Mean is the average amount of those orders, positive.
	Mean float64
	// N is how many customers share the pattern; predictions ignore it.
	N float64
}

// Spend is the Gamma-Gamma model with parameters p, q, v.
type Spend struct {
	P float64 `json:"p"`
	Q float64 `json:"q"`
	V float64 `json:"v"`
}

// FittedSpend is a Spend with the evidence for it.
type FittedSpend struct {
	Spend
	Customers   float64       `json:"customers"`
	LogLik      float64       `json:"log_lik"`
	LogCov      [3][3]float64 `json:"log_cov"`
	Level       float64       `json:"level"`
	Correlation float64       `json:"correlation"` // of X and Mean
	Check       Check         `json:"check"`
	Warnings    []Warning     `json:"warnings"`
}

// FitSpend estimates the Gamma-Gamma model. Patterns with X = 0 are ignored.
func FitSpend(patterns []SpendPattern, opts Options) (*FittedSpend, error) { return nil, nil }

// Parameters lists the estimates.
func (f *FittedSpend) Parameters() []Parameter { return nil }

// Supported is false when a warning says that predictions of this fit should
// not be shown as numbers.
func (f *FittedSpend) Supported() bool { return false }

// ConditionalMean is the expected amount of the customer's next order given X
// orders of Mean; with X = 0 the mean of the population. It reports false when
// that mean does not exist (p*x + q <= 1).
func (s Spend) ConditionalMean(x int, mean float64) (float64, bool) { return 0, false }

// ConditionalMeanAll fills dst with ConditionalMean; a mean that does not
// exist is 0.
func (s Spend) ConditionalMeanAll(dst []float64, x []int32, mean []float64) {}

// LogLikelihoodOf is the log-likelihood of the observed means.
func (s Spend) LogLikelihoodOf(patterns []SpendPattern) float64 { return 0 }

// Simulate draws the amounts of n orders of one new customer.
func (s Spend) Simulate(rng *rand.Rand, n int) []float64 { return nil }

// SpendCorrelation is the correlation of X and Mean over customers, weighted.
func SpendCorrelation(patterns []SpendPattern) float64 { return 0 }

// ValueQuantile is the amount that the customer's spending in the next t days
// stays below with probability q, undiscounted. It is exact, not simulated.
func ValueQuantile(p Process, s Spend, h Pattern, spent SpendPattern, t, q float64) float64 { return 0 }

// ValueInterval is the central predictive interval of that spending.
func ValueInterval(p Process, s Spend, h Pattern, spent SpendPattern, t, level float64) (low, high float64) {
	return 0, 0
}
