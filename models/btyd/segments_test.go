package btyd

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// markets are segments of 40 to 800 customers whose processes differ, with what
// each customer should be expected to order, the truth known.
func markets(rng *rand.Rand, model Model, count int) (segments []Segment, truths []Process) {
	for i := range count {
		p := Process{Model: model}
		rate, shape := 0.02*math.Exp(0.35*rng.NormFloat64()), 0.9*math.Exp(0.2*rng.NormFloat64())
		leave, gradual := 0.4*math.Exp(0.4*rng.NormFloat64()), 0.8*math.Exp(0.2*rng.NormFloat64())
		p.Params = [4]float64{shape, shape / rate, gradual, gradual / leave}
		if model == ParetoNBD {
			p.Params[3] = gradual * 150 / leave * 0.4
		}
		n := int(40 * math.Exp(3*rng.Float64()))
		segments = append(segments, Segment{fmt.Sprintf("market %d", i), simulated(rng, p, n, 400, 1)})
		truths = append(truths, p)
	}
	return segments, truths
}

// TestSegments: over simulated markets, models that borrow strength come closer
// to the truth than one for all and than one for each.
func TestSegments(t *testing.T) {
	for _, model := range models {
		var pooled, separate, shared, n float64
		for set := range 1 {
			rng := rand.New(rand.NewPCG(uint64(set), 23))
			segments, truths := markets(rng, model, 8)
			f, err := FitSegments(model, segments, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range segments {
				own, err := Fit(model, s.Patterns, Options{})
				if err != nil {
					t.Fatal(err)
				}
				for _, h := range s.Patterns {
					truth := truths[i].ConditionalExpected(h, 180)
					square := func(p Process) float64 {
						d := p.ConditionalExpected(h, 180) - truth
						return d * d
					}
					pooled += h.N * square(f.Pooled.Process) / float64(len(s.Patterns))
					separate += h.N * square(own.Process) / float64(len(s.Patterns))
					shared += h.N * square(f.For(s.Name)) / float64(len(s.Patterns))
				}
				n++
			}
		}
		t.Logf("%s: RMSE of expected orders, mean of markets: pooled %.4f, separate %.4f, shared %.4f", model, math.Sqrt(pooled/n), math.Sqrt(separate/n), math.Sqrt(shared/n))
		if shared > 0.97*math.Min(pooled, separate) {
			t.Errorf("%s: shared %.4f, pooled %.4f, separate %.4f", model, shared, pooled, separate)
		}
	}
}

// TestSegmentLimits: equal segments come out as the pool; a segment without
// customers as the centre; a large one that differs as itself.
func TestSegmentLimits(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	p := Process{MBGNBD, [4]float64{0.9, 40, 0.8, 2.4}}
	fast := Process{MBGNBD, [4]float64{0.9, 10, 0.8, 2.4}}
	var segments []Segment
	for i := range 6 {
		segments = append(segments, Segment{fmt.Sprint(i), simulated(rng, p, 300, 400, 1)})
	}
	segments = append(segments, Segment{"new", nil}, Segment{"fast", simulated(rng, fast, 3000, 400, 1)})
	f, err := FitSegments(MBGNBD, segments, Options{})
	if err != nil {
		t.Fatal(err)
	}
	own, err := Fit(MBGNBD, segments[7].Patterns, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mean := func(p Process) float64 { return p.Expected(365) }
	if got, want := mean(f.For("fast")), mean(own.Process); math.Abs(got/want-1) > 0.02 {
		t.Errorf("the large segment: %v, alone %v", got, want)
	}
	if got := mean(f.For("new")); got != mean(f.Centre) || got != mean(f.For("unheard of")) || f.Segments[6].Borrowed != 1 {
		t.Errorf("the empty segment: %v, borrowed %v", got, f.Segments[6].Borrowed)
	}
	if a, b := f.Segments[0].Borrowed, f.Segments[7].Borrowed; !(a > b && b < 0.2) {
		t.Errorf("the small one borrows %v, the large one %v", a, b)
	}
	for _, s := range f.Segments[:6] {
		if got, want := mean(s.Process), mean(p); math.Abs(got/want-1) > 0.25 {
			t.Errorf("segment %s expects %v, in truth %v", s.Name, got, want)
		}
	}
	var e *Error
	if _, err := FitSegments(BGNBD, []Segment{{"a", nil}, {"a", nil}}, Options{}); !errors.As(err, &e) || e.Reason != InvalidSegment {
		t.Error(err)
	}
	if _, err := FitSegments(BGNBD, []Segment{{"a", []Pattern{{X: -1}}}}, Options{}); !errors.As(err, &e) || e.Reason != InvalidPattern {
		t.Error(err)
	}
	if _, err := FitSegments(BGNBD, nil, Options{}); !errors.As(err, &e) || e.Reason != NoRepeatCustomers {
		t.Error(err)
	}
}

// TestBootstrap: bootstrapped intervals are positive and about as wide as those
// from the curvature, where there is much data.
func TestBootstrap(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	truth := Process{BGNBD, [4]float64{0.9, 30, 0.8, 2.4}}
	patterns := simulated(rng, truth, 1000, 400, 1)
	f, err := Fit(BGNBD, patterns, Options{})
	if err != nil {
		t.Fatal(err)
	}
	processes, err := f.Bootstrap(patterns, 100, 1, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for j, p := range f.Parameters(Day) {
		low, high := Percentiles(processes, 0.95, func(p Process) float64 { return p.Params[j] })
		t.Logf("%s: %.3f (%.3f to %.3f), bootstrap %.3f to %.3f", p.Name, p.Value, p.Low, p.High, low, high)
		if ratio := math.Log(high/low) / math.Log(p.High/p.Low); !(low > 0) || ratio < 0.6 || ratio > 1.6 {
			t.Errorf("%s: %v to %v, by curvature %v to %v", p.Name, low, high, p.Low, p.High)
		}
	}
	low, high := Percentiles(processes, 0.95, func(p Process) float64 { return p.Expected(365) })
	if mid := f.Expected(365); !(low < mid && mid < high) || high > 1.3*low {
		t.Errorf("expected orders of a year: %v to %v around %v", low, high, mid)
	}
	again, err := f.Bootstrap(patterns, 3, 1, Options{})
	if err != nil || again[2] != processes[2] {
		t.Errorf("not repeatable: %v", err)
	}
	if _, err := f.Bootstrap(patterns, 0, 1, Options{}); err == nil {
		t.Error("no repetitions")
	}
}
