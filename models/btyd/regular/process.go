package regular

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mathext"

	"github.com/dangol/dangol/models/btyd"
)

// Pattern is what the model needs of a customer, or of N who look alike.
type Pattern struct {
	btyd.Pattern
	// LogGaps is the sum of the natural logarithms of the days between
	// neighbouring orders, of X gaps: what tells how regular they are. Predictions ignore it.
	LogGaps float64
}

// Summarise turns the days on which one customer ordered, sorted and distinct,
// into a Pattern as seen at the end of day until. It reports false when the
// first order came later.
func Summarise(days []int32, until int32) (Pattern, bool) {
	p, ok := btyd.Summarise(days, until)
	if !ok {
		return Pattern{}, false
	}
	h := Pattern{Pattern: p}
	for i := 1; i <= p.X; i++ {
		h.LogGaps += math.Log(float64(days[i] - days[i-1]))
	}
	return h, true
}

// mostK is the most regular clock: of a dozen ticks an order.
const mostK = 12

// Process is the model with its parameters, in days.
type Process struct {
	// Modified says that customers may leave after their first order.
	Modified bool `json:"modified"`
	// K is the regularity: 1 is none.
	K int `json:"k"`
	// R and Alpha are shape and scale of the rate of ticks: the mean time
	// between orders of a customer with rate λ is K/λ. A and B are of the chance
	// of leaving.
	R     float64 `json:"r"`
	Alpha float64 `json:"alpha"`
	A     float64 `json:"a"`
	B     float64 `json:"b"`
}

// Check reports parameters that cannot be.
func (p Process) Check() error {
	if p.K < 1 || p.K > mostK {
		return &btyd.Error{Reason: btyd.InvalidParameter, Message: fmt.Sprintf("the regularity k is %d; it lies between 1 and %d", p.K, mostK), Index: -1}
	}
	for name, v := range map[string]float64{"r": p.R, "alpha": p.Alpha, "a": p.A, "b": p.B} {
		if !(v > 0) || math.IsInf(v, 0) {
			return &btyd.Error{Reason: btyd.InvalidParameter, Message: fmt.Sprintf("parameter %s is %v, but must be positive and finite", name, v), Index: -1}
		}
	}
	return nil
}

// chances is how often the customer could have left.
func (p Process) chances(x float64) float64 {
	if p.Modified {
		return x + 1
	}
	return x
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

// phases fills in the weights of the ticks since the last order given activity,
// relative to A(kx, T): j ticks in T-tx days. It returns their sum.
func (p Process) phases(weights *[mostK]float64, h btyd.Pattern) float64 {
	n := p.R + float64(p.K*h.X)
	step := (h.T - h.Tx) / (p.Alpha + h.T)
	term, sum := 1.0, 0.0
	for j := range p.K {
		if j > 0 {
			term *= step * (n + float64(j-1)) / float64(j)
		}
		weights[j] = term
		sum += term
	}
	return sum
}

// leftOdds is the log of the odds of having left by the end of observation.
func (p Process) leftOdds(h btyd.Pattern) float64 {
	x := float64(h.X)
	c := p.chances(x)
	if c == 0 {
		return math.Inf(-1)
	}
	var weights [mostK]float64
	return p.odds(h, c, p.phases(&weights, h))
}

// odds are leftOdds with c chances to leave and the sum of the phases.
func (p Process) odds(h btyd.Pattern, c, active float64) float64 {
	quiet := (p.R + float64(p.K*h.X)) * math.Log1p((h.T-h.Tx)/(p.Alpha+h.Tx))
	return math.Log(p.A/((p.B+c-1)*active)) + quiet
}

// PAlive is the probability that the customer has not left at the end of
// observation.
func (p Process) PAlive(h btyd.Pattern) float64 { return logistic(-p.leftOdds(h)) }

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// logLikelihood of one pattern, as a density in days.
func (p Process) logLikelihood(h Pattern) float64 {
	return p.byCount(h.X) + p.byTime(h.Pattern) + float64(p.K-1)*h.LogGaps
}

// byCount is the part that depends on the number of repeat orders alone.
func (p Process) byCount(repeats int) float64 {
	x := float64(repeats)
	c := p.chances(x)
	return lgamma(p.R+float64(p.K)*x) - lgamma(p.R) - x*lgamma(float64(p.K)) +
		lgamma(p.B+c) - lgamma(p.B) - lgamma(p.A+p.B+c) + lgamma(p.A+p.B)
}

// byTime is the part that depends on when they came.
func (p Process) byTime(h btyd.Pattern) float64 {
	var weights [mostK]float64
	active := p.phases(&weights, h)
	ll := math.Log(active) - p.R*math.Log1p(h.T/p.Alpha)
	if h.X > 0 {
		ll -= float64(p.K*h.X) * math.Log(p.Alpha+h.T)
	}
	c := p.chances(float64(h.X))
	if c == 0 {
		return ll
	}
	z := p.odds(h, c, active)
	if z > 0 {
		return ll + z + math.Log1p(math.Exp(-z))
	}
	return ll + math.Log1p(math.Exp(z))
}

// LogLikelihoodOf is the log-likelihood of patterns, as a density in days.
func (p Process) LogLikelihoodOf(patterns []Pattern) float64 {
	sum := 0.0
	for _, h := range patterns {
		if h.N > 0 {
			sum += h.N * p.logLikelihood(h)
		}
	}
	return sum
}

// beyond is the probability of at least n ticks in t days, of an active
// customer in phase j.
func (p Process) beyond(h btyd.Pattern, j, n int, t float64) float64 {
	if n <= 0 {
		return 1
	}
	return mathext.RegIncBeta(float64(n), p.R+float64(p.K*h.X+j), t/(p.Alpha+h.T+t))
}

// ConditionalExpected is the mean number of orders in the t days after the end
// of observation: over the phases j, Σ_m P(at least mk-j ticks) times the
// probability of having stayed through m-1 orders.
func (p Process) ConditionalExpected(h btyd.Pattern, t float64) float64 {
	if !(t > 0) {
		return 0
	}
	var weights [mostK]float64
	all := p.phases(&weights, h)
	b := p.B + p.chances(float64(h.X))
	total := 0.0
	for j := range p.K {
		share := weights[j] / all
		stay, sum := 1.0, 0.0
		for m := 1; m < 1_000_000; m++ {
			more := stay * p.beyond(h, j, m*p.K-j, t)
			sum += more
			if more < 1e-12*sum || more == 0 {
				break
			}
			i := float64(m - 1)
			stay *= (b + i) / (p.A + b + i)
		}
		total += share * sum
	}
	return p.PAlive(h) * total
}

// Expected is the mean number of repeat orders of a new customer in (0, t].
func (p Process) Expected(t float64) float64 { return p.ConditionalExpected(btyd.Pattern{}, t) }

// ProbNoPurchase is the probability of no order in the t days after the end of
// observation.
func (p Process) ProbNoPurchase(h btyd.Pattern, t float64) float64 {
	if !(t > 0) {
		return 1
	}
	var weights [mostK]float64
	all := p.phases(&weights, h)
	silent := 0.0
	for j := range p.K {
		silent += weights[j] / all * (1 - p.beyond(h, j, p.K-j, t))
	}
	alive := p.PAlive(h)
	return 1 - alive + alive*silent
}

// Simulate draws the repeat order times of one new customer in (0, t].
func (p Process) Simulate(rng *rand.Rand, t float64) []float64 {
	rate := btyd.Gamma(rng, p.R) / p.Alpha
	ga, gb := btyd.Gamma(rng, p.A), btyd.Gamma(rng, p.B)
	leave := ga / (ga + gb)
	if p.Modified && rng.Float64() < leave {
		return nil
	}
	var times []float64
	at := 0.0
	for {
		for range p.K {
			at += rng.ExpFloat64() / rate
		}
		if at > t {
			return times
		}
		times = append(times, at)
		if rng.Float64() < leave {
			return times
		}
	}
}
