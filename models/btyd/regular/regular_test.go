package regular

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/dangol/dangol/models/btyd"
)

func near(t *testing.T, what string, got, want, rel float64) {
	t.Helper()
	if !(math.Abs(got-want) <= rel*math.Abs(want)) {
		t.Errorf("%s: got %.12g, want %.12g", what, got, want)
	}
}

// TestPoints compares with integration over rates and chances.
func TestPoints(t *testing.T) {
	raw, err := os.ReadFile("testdata/points.json")
	if err != nil {
		t.Fatal(err)
	}
	var points []struct {
		Modified bool
		K        int
		Params   [4]float64
		Days     []int32
		T        int32
		LL       float64
		PAlive   float64 `json:"p_alive"`
	}
	if err := json.Unmarshal(raw, &points); err != nil {
		t.Fatal(err)
	}
	for _, c := range points {
		p := Process{c.Modified, c.K, c.Params[0], c.Params[1], c.Params[2], c.Params[3]}
		h, _ := Summarise(append([]int32{0}, c.Days...), c.T)
		near(t, "LL", p.LogLikelihoodOf([]Pattern{h}), c.LL, 1e-9)
		near(t, "P(alive)", p.PAlive(h.Pattern), c.PAlive, 1e-9)
	}
}

// TestRandom: with k = 1 the model is that of package btyd.
func TestRandom(t *testing.T) {
	for _, modified := range []bool{false, true} {
		p := Process{modified, 1, 0.8, 30, 0.7, 2.5}
		model := btyd.BGNBD
		if modified {
			model = btyd.MBGNBD
		}
		q := btyd.Process{Model: model, Params: [4]float64{0.8, 30, 0.7, 2.5}}
		for _, h := range []btyd.Pattern{{T: 100, N: 1}, {X: 3, Tx: 60, T: 100, N: 1}, {X: 40, Tx: 90, T: 400, N: 1}, {X: 1, Tx: 5, T: 5, N: 1}} {
			near(t, "LL", p.LogLikelihoodOf([]Pattern{{Pattern: h}}), q.LogLikelihoodOf([]btyd.Pattern{h}), 1e-12)
			near(t, "P(alive)", p.PAlive(h), q.PAlive(h), 1e-11)
			near(t, "expected", p.ConditionalExpected(h, 90), q.ConditionalExpected(h, 90), 1e-9)
			near(t, "no purchase", p.ProbNoPurchase(h, 90), q.ProbNoPurchase(h, 90), 1e-11)
		}
	}
}

// simulated customers with continuous times, and what they did after T.
func simulated(p Process, n int, seed uint64, ahead float64) (list []Pattern, future []float64) {
	rng := rand.New(rand.NewPCG(seed, 3))
	for range n {
		h := Pattern{Pattern: btyd.Pattern{T: 200 + 200*rng.Float64(), N: 1}}
		more := 0.0
		for _, at := range p.Simulate(rng, h.T+ahead) {
			if at > h.T {
				more++
				continue
			}
			h.LogGaps += math.Log(at - h.Tx)
			h.X++
			h.Tx = at
		}
		list, future = append(list, h), append(future, more)
	}
	return list, future
}

// TestRecovery: k and the parameters are found again, and predictions of the
// truth are right on average, by phase of the clock as well.
func TestRecovery(t *testing.T) {
	for _, truth := range []Process{{true, 3, 1.4, 12, 0.9, 4}, {false, 2, 1.2, 15, 0.8, 3}} {
		patterns, future := simulated(truth, 2500, 1, 90)
		f, err := Fit(patterns, Options{Modified: truth.Modified, Level: 0.999})
		if err != nil {
			t.Fatal(err)
		}
		if f.K != truth.K || len(f.Warnings) > 0 {
			t.Errorf("k %d, not %d: %v %v", f.K, truth.K, f.ByK, f.Warnings)
		}
		for j, v := range [4]float64{truth.R, truth.Alpha, truth.A, truth.B} {
			if low, high := f.Interval(j); !(0 < low && low < v && v < high) {
				t.Errorf("parameter %d: %v to %v, not %v", j, low, high, v)
			}
		}
		if f.LogLik < truth.LogLikelihoodOf(patterns) {
			t.Errorf("LL %v, of the truth %v", f.LogLik, truth.LogLikelihoodOf(patterns))
		}
		var expected, came, none, silent [2]float64
		for i, h := range patterns {
			recent := 0
			if h.T-h.Tx > 30 {
				recent = 1
			}
			expected[recent] += truth.ConditionalExpected(h.Pattern, 90)
			none[recent] += truth.ProbNoPurchase(h.Pattern, 90)
			came[recent] += future[i]
			if future[i] == 0 {
				silent[recent]++
			}
		}
		for g := range 2 {
			near(t, "orders", expected[g], came[g], 0.12)
			if math.Abs(none[g]-silent[g]) > 3*math.Sqrt(silent[g]) {
				t.Errorf("silent %v, expected %v", silent[g], none[g])
			}
		}
	}
}

// TestErrors: bad input is named.
func TestErrors(t *testing.T) {
	good := Pattern{Pattern: btyd.Pattern{X: 1, Tx: 5, T: 9, N: 1}, LogGaps: math.Log(5)}
	for name, c := range map[string]struct {
		patterns []Pattern
		opts     Options
		reason   btyd.Reason
	}{
		"k":      {[]Pattern{good}, Options{K: 13}, btyd.InvalidParameter},
		"NaN":    {[]Pattern{good, {Pattern: good.Pattern, LogGaps: math.NaN()}}, Options{}, btyd.InvalidPattern},
		"order":  {[]Pattern{{Pattern: btyd.Pattern{X: 1, Tx: 9, T: 5, N: 1}}}, Options{}, btyd.InvalidPattern},
		"nobody": {nil, Options{}, btyd.NoRepeatCustomers},
	} {
		_, err := Fit(c.patterns, c.opts)
		var e *btyd.Error
		if !errors.As(err, &e) || e.Reason != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	if (Process{K: 2, R: 1, Alpha: 1, A: 1, B: 1}).Check() != nil || (Process{K: 0, R: 1, Alpha: 1, A: 1, B: 1}).Check() == nil || (Process{K: 1, R: 0, Alpha: 1, A: 1, B: 1}).Check() == nil {
		t.Error("Check")
	}
}

// Someone who orders every fortnight is missed after six weeks; someone with as
// many orders at random moments is not.
func Example() {
	weekly := btyd.Pattern{X: 10, Tx: 140, T: 182}
	for _, p := range []Process{{true, 1, 1.2, 16, 0.9, 6}, {true, 4, 4.8, 16, 0.9, 6}} {
		fmt.Printf("k = %d: still a customer with %.2f, %.1f orders in 90 days\n", p.K, p.PAlive(weekly), p.ConditionalExpected(weekly, 90))
	}
	// Output:
	// k = 1: still a customer with 0.55, 2.5 orders in 90 days
	// k = 4: still a customer with 0.08, 0.4 orders in 90 days
}
