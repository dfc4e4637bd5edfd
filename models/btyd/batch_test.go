package btyd

import (
	"math/rand/v2"
	"runtime"
	"testing"
)

// TestBatch: the batch functions give what the single ones give.
func TestBatch(t *testing.T) {
	for _, p := range []Process{{BGNBD, [4]float64{.25, 30, .8, 2.4}}, {MBGNBD, [4]float64{.5, 40, .9, 1.6}}, {ParetoNBD, [4]float64{.55, 74, .6, 80}}} {
		patterns, _ := Group(simulated(rand.New(rand.NewPCG(4, 4)), p, 20_000, 300, 1))
		got := make([]float64, len(patterns))
		same := func(what string, of func(Pattern) float64) {
			for i, h := range patterns {
				if want := of(h); got[i] != want {
					t.Fatalf("%s %s of %+v: %v, alone %v", p.Model, what, h, got[i], want)
				}
			}
		}
		p.PAliveAll(got, patterns)
		same("P(alive)", p.PAlive)
		p.ConditionalExpectedAll(got, patterns, 90)
		same("expected", func(h Pattern) float64 { return p.ConditionalExpected(h, 90) })
		p.ProbNoPurchaseAll(got, patterns, 90)
		same("P(no purchase)", func(h Pattern) float64 { return p.ProbNoPurchase(h, 90) })
		p.DiscountedExpectedAll(got, patterns, 365, 0.1)
		same("discounted", func(h Pattern) float64 { return p.DiscountedExpected(h, 365, 0.1) })
	}
}

// TestCores: the number of cores changes no bit of a fit.
func TestCores(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	truth := Process{ParetoNBD, [4]float64{.55, 74, .6, 80}}
	patterns, _ := Group(simulated(rand.New(rand.NewPCG(4, 5)), truth, 60_000, 500, 1))
	for _, model := range models {
		var first *Fitted
		for _, cores := range []int{1, 2, 5} {
			runtime.GOMAXPROCS(cores)
			f, err := Fit(model, patterns, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = f
			} else if f.Params != first.Params || f.LogLik != first.LogLik || f.LogCov != first.LogCov {
				t.Errorf("%s on %d cores: %v, on one %v", model, cores, f.Params, first.Params)
			}
		}
	}
}

// TestPenalty: the stronger the penalty, the nearer to neutral.
func TestPenalty(t *testing.T) {
	patterns := simulated(rand.New(rand.NewPCG(9, 9)), Process{BGNBD, [4]float64{.25, 30, .8, 2.4}}, 300, 200, 1)
	loose, err := Fit(BGNBD, patterns, Options{})
	if err != nil {
		t.Fatal(err)
	}
	tight, err := Fit(BGNBD, patterns, Options{Penalty: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "r", tight.Params[0], 1, 0.01, 0)
	near(t, "b", tight.Params[3], 2, 0.01, 0)
	if tight.LogLik >= loose.LogLik || tight.LogCov[0][0] >= loose.LogCov[0][0] {
		t.Errorf("penalised %v, free %v", tight, loose)
	}
}

// TestValueInterval: simulation agrees with the exact distribution of spending.
func TestValueInterval(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	s := Spend{6, 3.7, 15}
	for _, p := range []Process{{BGNBD, [4]float64{2, 30, .8, 2.4}}, {MBGNBD, [4]float64{2, 40, .9, 3}}, {ParetoNBD, [4]float64{2, 74, .6, 80}}} {
		const n = 40_000
		low, high := ValueInterval(p, s, Pattern{}, SpendPattern{}, 200, 0.8)
		middle := ValueQuantile(p, s, Pattern{}, SpendPattern{}, 200, 0.5)
		var counts [3]float64
		for range n {
			sum := 0.0
			for _, amount := range s.Simulate(rng, len(p.Simulate(rng, 200))) {
				sum += amount
			}
			for i, bound := range []float64{low, middle, high} {
				if sum <= bound {
					counts[i]++
				}
			}
		}
		if low > 0 {
			near(t, string(p.Model)+" 10 %", counts[0]/n, 0.1, 0, 0.01)
		}
		near(t, string(p.Model)+" 50 %", counts[1]/n, 0.5, 0, 0.015)
		near(t, string(p.Model)+" 90 %", counts[2]/n, 0.9, 0, 0.01)
	}
}

func BenchmarkMillion(b *testing.B) {
	rng := rand.New(rand.NewPCG(2026, 11))
	p := Process{Model: BGNBD, Params: [4]float64{0.45, 30, 0.8, 2.4}}
	patterns := simulated(rng, p, 1_000_000, 730, 1)
	for _, model := range models {
		b.Run(string(model), func(b *testing.B) {
			for b.Loop() {
				grouped, _ := Group(patterns)
				f, err := Fit(model, grouped, Options{})
				if err != nil {
					b.Fatal(err)
				}
				f.DiscountedExpectedAll(make([]float64, len(grouped)), grouped, 365.25, 0.1)
			}
		})
	}
}
