package btyd

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// drawProcess draws any process that data could suggest.
func drawProcess(t *rapid.T) Process {
	log := func(name string, low, high float64) float64 {
		return math.Exp(rapid.Float64Range(math.Log(low), math.Log(high)).Draw(t, name))
	}
	p := Process{Model: rapid.SampledFrom(models[:]).Draw(t, "model")}
	p.Params = [4]float64{log("r", 0.02, 30), log("alpha", 0.1, 3000), log("a", 0.02, 30), log("b", 0.02, 300)}
	if p.Model == ParetoNBD {
		p.Params[3] = log("beta", 0.1, 3000)
	}
	return p
}

// drawHistory draws any history of whole days.
func drawHistory(t *rapid.T) Pattern {
	h := Pattern{T: float64(rapid.IntRange(0, 1500).Draw(t, "T")), N: 1}
	if h.T > 0 {
		h.Tx = float64(rapid.IntRange(0, int(h.T)).Draw(t, "tx"))
	}
	if h.Tx > 0 {
		h.X = rapid.IntRange(1, max(1, min(int(h.Tx), 400))).Draw(t, "x")
	}
	return h
}

// TestPredictionLaws: what must hold of any prediction whatever the model.
func TestPredictionLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, h := drawProcess(t), drawHistory(t)
		horizon := math.Exp(rapid.Float64Range(-2, 7).Draw(t, "ln horizon"))
		finite := func(what string, v, low, high float64) {
			if math.IsNaN(v) || v < low || v > high {
				t.Fatalf("%s = %v, outside [%v, %v]", what, v, low, high)
			}
		}
		alive := p.PAlive(h)
		finite("P(alive)", alive, 0, 1)
		later := h
		later.T += 10
		finite("P(alive) after ten silent days", p.PAlive(later), 0, alive*(1+1e-12))
		expected := p.ConditionalExpected(h, horizon)
		finite("expected", expected, 0, math.MaxFloat64)
		finite("expected in twice the time", p.ConditionalExpected(h, 2*horizon), expected*(1-1e-12), 2*expected*(1+1e-9))
		finite("discounted", p.DiscountedExpected(h, horizon, 0.1), 0, expected*(1+1e-12))
		silent := p.ProbNoPurchase(h, horizon)
		finite("P(no purchase)", silent, (1-alive)*(1-1e-9), 1+1e-12)
		finite("P(no purchase) in twice the time", p.ProbNoPurchase(h, 2*horizon), 0, silent*(1+1e-12))
		// Silence is a longer observation of the same history.
		after := h
		after.T += horizon
		if ratio := math.Exp(p.logLikelihood(after) - p.logLikelihood(h)); math.Abs(ratio-silent) > 1e-9 {
			t.Fatalf("P(no purchase) %v, by likelihood %v", silent, ratio)
		}
		next := p.NextPurchase(h)
		finite("never", next.Never, 0, 1+1e-12)
		finite("median", next.Median, 0, longestWait)
		finite("median if any", next.MedianIfAny, 0, longestWait)
		finite("mean if any", next.MeanIfAny, 0, longestWait)
		if next.HasMedian && next.Median < longestWait/2 {
			if q := p.ProbNoPurchase(h, next.Median); math.Abs(q-0.5) > 1e-6 {
				t.Fatalf("silence until the median has probability %v", q)
			}
		}
	})
}

// TestDistributionLaws: the distribution of counts adds up to one, has the
// mean of ConditionalExpected and the zero of ProbNoPurchase.
func TestDistributionLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, h := drawProcess(t), drawHistory(t)
		h.X = min(h.X, 30)
		horizon := rapid.Float64Range(0.5, 200).Draw(t, "horizon")
		expected := p.ConditionalExpected(h, horizon)
		if expected > 30 {
			t.Skip("too long to sum")
		}
		pmf := p.distribution(h, horizon, 2000)
		sum, mean := 0.0, 0.0
		for n, v := range pmf {
			if math.IsNaN(v) || v < 0 {
				t.Fatalf("P(%d) = %v", n, v)
			}
			sum += v
			mean += float64(n) * v
		}
		// Where the rate varies widely, or is high enough for hundreds of orders, some of the mass lies beyond 2000.
		whole := p.Params[0] > 0.2 && (p.Params[0]+float64(h.X))/(p.Params[1]+h.T)*horizon < 100
		if sum > 1+1e-11 || whole && sum < 1-1e-5 {
			t.Fatalf("sum %v", sum)
		}
		if math.Abs(mean-expected) > 1e-7*(1+expected) && sum > 1-1e-12 {
			t.Fatalf("mean %v, expected %v", mean, expected)
		}
		if silent := p.ProbNoPurchase(h, horizon); math.Abs(pmf[0]-silent) > 1e-11 {
			t.Fatalf("zero %v, silence %v", pmf[0], silent)
		}
		low, high := p.Interval(h, horizon, 0.8)
		inside := 0.0
		for n := low; n <= high; n++ {
			inside += pmf[n]
		}
		if low > high || inside < 0.8-1e-9 {
			t.Fatalf("interval %d..%d holds %v", low, high, inside)
		}
	})
}

// drawPatterns simulates a small company.
func drawPatterns(t *rapid.T) []Pattern {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	p := Process{ParetoNBD, [4]float64{0.8, 20, 0.6, 60}}
	step := rapid.SampledFrom([]float64{1, 1.0 / 7, 0.013}).Draw(t, "step")
	return simulated(rng, p, rapid.IntRange(30, 120).Draw(t, "n"), 200, step)
}

// simulated observes n new customers for up to longest, at times rounded up to
// multiples of step, several orders in one step being one.
func simulated(rng *rand.Rand, p Process, n int, longest, step float64) []Pattern {
	patterns := make([]Pattern, n)
	for i := range patterns {
		end := math.Floor(longest * (0.3 + 0.7*rng.Float64()) / step)
		h := Pattern{T: end * step, N: 1}
		before := 0.0
		for _, at := range p.Simulate(rng, h.T) {
			if k := math.Min(math.Ceil(at/step), end); k > before {
				h.X++
				h.Tx = k * step
				before = k
			}
		}
		patterns[i] = h
	}
	return patterns
}

// TestDerivatives compares gradient and curvature with differences, and the
// value with the likelihood of single patterns.
func TestDerivatives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		patterns, _ := Group(drawPatterns(t))
		p := drawProcess(t)
		o := newSample(patterns).objective(p.Model, Options{Penalty: 0.5})
		var theta vector
		for j, v := range p.Params {
			theta[j] = math.Log(v)
		}
		if f, direct := o.likelihood(theta).f, p.LogLikelihoodOf(patterns); math.Abs(f-direct) > 1e-9*(1+math.Abs(direct)) {
			t.Fatalf("value %v, one by one %v", f, direct)
		}
		checkDerivatives(t, o.eval, theta, dim)
	})
}

// checkDerivatives compares with central differences.
func checkDerivatives(t *rapid.T, eval func(vector) slope, theta vector, n int) {
	const e = 1e-4
	at := eval(theta)
	for j := range n {
		up, down := theta, theta
		up[j] += e
		down[j] -= e
		above, below := eval(up), eval(down)
		scale := 1 + math.Abs(at.f) + norm(at.g)
		if d := (above.f - below.f) / (2 * e); math.Abs(d-at.g[j]) > 1e-6*scale {
			t.Fatalf("slope %d: %v, by differences %v", j, at.g[j], d)
		}
		for k := range n {
			d := (above.g[k] - below.g[k]) / (2 * e)
			if math.Abs(d-at.h[j][k]) > 1e-6*(scale+math.Abs(d)) {
				t.Fatalf("curvature %d %d: %v, by differences %v", j, k, at.h[j][k], d)
			}
		}
	}
}

// TestSpendDerivatives does the same for Gamma-Gamma.
func TestSpendDerivatives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		patterns := simulatedSpend(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2)), Spend{4, 3, 40}, 80)
		s := Spend{
			math.Exp(rapid.Float64Range(-2, 4).Draw(t, "ln p")),
			math.Exp(rapid.Float64Range(-2, 4).Draw(t, "ln q")),
			math.Exp(rapid.Float64Range(-1, 7).Draw(t, "ln v")),
		}
		data := newSpendSample(patterns)
		theta := vector{math.Log(s.P), math.Log(s.Q), math.Log(s.V)}
		if f, direct := data.slope(theta).f, s.LogLikelihoodOf(patterns); math.Abs(f-direct) > 1e-9*(1+math.Abs(direct)) {
			t.Fatalf("value %v, one by one %v", f, direct)
		}
		checkDerivatives(t, data.slope, theta, spendDim)
	})
}

func simulatedSpend(rng *rand.Rand, s Spend, n int) []SpendPattern {
	patterns := make([]SpendPattern, n)
	for i := range patterns {
		x, sum := 1+rng.IntN(6), 0.0
		for _, amount := range s.Simulate(rng, x) {
			sum += amount
		}
		patterns[i] = SpendPattern{x, sum / float64(x), 1}
	}
	return patterns
}

// TestGroupingChangesNothing: grouped or not, in any order, on any lattice,
// the fit is the same.
func TestGroupingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		patterns := drawPatterns(t)
		grouped, index := Group(patterns)
		total := 0.0
		for i, p := range patterns {
			g := grouped[index[i]]
			if g.X != p.X || g.T != p.T || g.Tx != p.Tx {
				t.Fatalf("%+v went to %+v", p, g)
			}
			total += p.N
		}
		for _, g := range grouped {
			total -= g.N
		}
		if total != 0 {
			t.Fatalf("%v customers lost", total)
		}
		rand.New(rand.NewPCG(1, 1)).Shuffle(len(patterns), func(i, j int) { patterns[i], patterns[j] = patterns[j], patterns[i] })
		model := rapid.SampledFrom(models[:]).Draw(t, "model")
		a, err := Fit(model, patterns, Options{})
		if err != nil {
			t.Skip(err)
		}
		b, err := Fit(model, grouped, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if a.Params != b.Params {
			t.Fatalf("shuffled %v, grouped %v", a.Params, b.Params)
		}
	})
}
