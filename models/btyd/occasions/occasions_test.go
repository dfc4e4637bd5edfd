package occasions

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/dangol/dangol/internal/kit/datatest"
	"github.com/dangol/dangol/models/btyd"
)

func near(t *testing.T, what string, got, want, abs float64) {
	t.Helper()
	if !(math.Abs(got-want) <= abs) {
		t.Errorf("%s: got %.10g, want %.10g", what, got, want)
	}
}

// donations are the 11,104 donors of the paper, of 1995, over six years.
func donations(t *testing.T) []Pattern {
	t.Helper()
	f, err := os.Open(datatest.Path(t, "donations/donations.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []Pattern
	for _, row := range rows[1:] {
		var v [4]int
		for j := range v {
			if v[j], err = strconv.Atoi(row[j]); err != nil {
				t.Fatal(err)
			}
		}
		list = append(list, Pattern{v[0], v[1], v[2], float64(v[3])})
	}
	return list
}

// TestDonations reproduces the paper and the walkthrough of BTYD.
func TestDonations(t *testing.T) {
	patterns := donations(t)
	f, err := Fit(patterns)
	if err != nil {
		t.Fatal(err)
	}
	if f.People != 11104 || len(f.Warnings) > 0 {
		t.Errorf("%v people, %v", f.People, f.Warnings)
	}
	near(t, "LL", f.LogLik, -33225.58, 0.005)
	for j, want := range []float64{1.2035, .7497, .6567, 2.783} {
		got := [4]float64{f.Alpha, f.Beta, f.Gamma, f.Delta}[j]
		near(t, Names[j], got, want, 6e-4)
		if low, high := f.Interval(j, 0.95); !(0 < low && low < got && got < high && high < 2*low) {
			t.Errorf("%s: %v to %v", Names[j], low, high)
		}
	}
	total := 0.0
	for _, h := range patterns {
		total += h.N * f.ConditionalExpected(h, 5)
	}
	near(t, "all donations of the next five years", total, 12884.2, 0.5)
	near(t, "E[X(10)]", f.Expected(10), 3.179805, 2e-4)
	near(t, "expected of x 4, last 5, of 6", f.ConditionalExpected(Pattern{4, 5, 6, 1}, 10), 3.627858, 2e-4)
	near(t, "expected of x 0, of 6", f.ConditionalExpected(Pattern{0, 0, 6, 1}, 10), .1302169, 2e-5)
	// Of the paper's table of P(alive) in 2002.
	near(t, "P(alive) of x 0", f.PAlive(Pattern{0, 0, 6, 1}), .11, .006)
	near(t, "P(alive) of x 2, last 4", f.PAlive(Pattern{2, 4, 6, 1}), .59, .006)
	near(t, "P(alive) of x 6", f.PAlive(Pattern{6, 6, 6, 1}), .93, .006)
}

// TestLaws: probabilities of all patterns sum to 1, what is expected is what
// the probabilities of the next occasions say, and silence is a likelihood.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) float64 { return math.Exp(rapid.Float64Range(-3, 4).Draw(t, name)) }
		p := Process{draw("alpha"), draw("beta"), draw("gamma"), draw("delta")}
		of := rapid.IntRange(1, 9).Draw(t, "of")
		sum, expected := 0.0, 0.0
		for x := range of + 1 {
			for last := x; last <= of; last++ {
				if (x == 0) != (last == 0) {
					continue
				}
				h := Pattern{x, last, of, 1}
				// So many ways to place x acts of which one is the last.
				ways := 1.0
				for i := 1; i < x; i++ {
					ways *= float64(last-i) / float64(i)
				}
				v := ways * math.Exp(p.LogLikelihoodOf([]Pattern{h}))
				sum += v
				expected += v * float64(x)
				next := p.ProbNone(h, 1)
				if got := p.ConditionalExpected(h, 1); math.Abs(got-(1-next)) > 1e-9 {
					t.Fatalf("%+v %+v: %v expected on the next occasion, silent with %v", p, h, got, next)
				}
				if a := p.PAlive(h); !(a >= 0 && a <= 1) || p.Discounted(h, 5, 0.1) > p.ConditionalExpected(h, 5) {
					t.Fatalf("%+v %+v: alive %v", p, h, a)
				}
			}
		}
		if math.Abs(sum-1) > 1e-9 || math.Abs(expected-p.Expected(of)) > 1e-9*math.Max(1, expected) {
			t.Fatalf("%+v: probabilities of %d occasions sum to %v, %v expected and %v", p, of, sum, expected, p.Expected(of))
		}
	})
}

// TestRecovery: simulated people give their parameters back.
func TestRecovery(t *testing.T) {
	truth := Process{1.1, 0.8, 0.7, 3}
	rng := rand.New(rand.NewPCG(1, 1))
	var patterns []Pattern
	for range 20_000 {
		h := Pattern{Of: 8 + rng.IntN(5), N: 1}
		for _, i := range truth.Simulate(rng, h.Of) {
			h.X++
			h.Last = i
		}
		patterns = append(patterns, h)
	}
	f, err := Fit(patterns)
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range []float64{1.1, 0.8, 0.7, 3} {
		if low, high := f.Interval(j, 0.999); !(low < want && want < high) {
			t.Errorf("%s: %v to %v, not %v", Names[j], low, high, want)
		}
	}
}

// TestErrors: bad input is named.
func TestErrors(t *testing.T) {
	for _, bad := range []Pattern{{-1, 0, 3, 1}, {1, 0, 3, 1}, {2, 1, 3, 1}, {1, 4, 3, 1}, {0, 2, 3, 1}, {1, 1, 3, -1}, {1, 1, 3, math.NaN()}} {
		_, err := Fit([]Pattern{{1, 1, 3, 1}, bad})
		var e *btyd.Error
		if !errors.As(err, &e) || e.Reason != btyd.InvalidPattern || e.Index != 1 {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	var e *btyd.Error
	if _, err := Fit([]Pattern{{0, 0, 3, 5}}); !errors.As(err, &e) || e.Reason != btyd.NoRepeatCustomers {
		t.Error(err)
	}
	if (Process{1, 1, 1, 1}).Check() != nil || (Process{1, 1, 0, 1}).Check() == nil {
		t.Error("Check")
	}
}

// Who of those asked six times will give again?
func Example() {
	p := Process{1.2035, .7497, .6567, 2.783}
	for _, who := range []Pattern{{X: 6, Last: 6, Of: 6}, {X: 4, Last: 5, Of: 6}, {Of: 6}} {
		fmt.Printf("gave %d times, last on occasion %d of %d: %.2f more of five, none with %.2f\n", who.X, who.Last, who.Of, p.ConditionalExpected(who, 5), p.ProbNone(who, 5))
	}
	// Output:
	// gave 6 times, last on occasion 6 of 6: 3.75 more of five, none with 0.08
	// gave 4 times, last on occasion 5 of 6: 2.03 more of five, none with 0.34
	// gave 0 times, last on occasion 0 of 6: 0.07 more of five, none with 0.95
}
