package forecast

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// oracle is what statsmodels says; see testdata/oracle.py.
type oracle struct {
	Series map[string][]float64
	Fits   []struct {
		Series    string
		Season    int
		Spec      Spec
		Smoothing Smoothing
		Initial   State
		LogLik    float64 `json:"log_lik"`
		// By the equations of the book, which statsmodels leaves where the
		// season is multiplicative.
		BookLogLik float64   `json:"book_log_lik"`
		BookMean   []float64 `json:"book_mean"`
	}
}

func readOracle(t testing.TB) *oracle {
	t.Helper()
	raw, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	o := &oracle{}
	if err := json.Unmarshal(raw, o); err != nil {
		t.Fatal(err)
	}
	return o
}

// near compares relatively.
func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*math.Max(1, math.Max(math.Abs(a), math.Abs(b)))
}

// At the parameters that statsmodels found, log-likelihood and forecasts agree.
func TestETSEqualsStatsmodels(t *testing.T) {
	o := readOracle(t)
	for _, want := range o.Fits {
		p := newETSProblem(o.Series[want.Series], want.Spec, want.Season)
		at := State{Level: want.Initial.Level / p.scale, Trend: want.Initial.Trend / p.scale, Seasonal: make([]float64, p.m)}
		copy(at.Seasonal, want.Initial.Seasonal)
		if want.Spec.Season == Additive {
			for i := range at.Seasonal {
				at.Seasonal[i] /= p.scale
			}
		}
		f := p.report(want.Smoothing, at)
		if f == nil || !near(f.LogLik, want.BookLogLik, 1e-9) {
			t.Fatalf("%s %s: %+v, the log-likelihood is %v", want.Series, want.Spec, f, want.BookLogLik)
		}
		for h, v := range f.Mean(len(want.BookMean)) {
			if !near(v, want.BookMean[h], 1e-9) {
				t.Fatalf("%s %s: step %d is %v, not %v", want.Series, want.Spec, h+1, v, want.BookMean[h])
			}
		}
	}
}

// Our own maximum is never lower than theirs.
func TestETSFitsAsWellAsStatsmodels(t *testing.T) {
	o := readOracle(t)
	better := 0
	for _, want := range o.Fits {
		f, err := FitETS(o.Series[want.Series], ETSOptions{Season: want.Season, Spec: &want.Spec})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s %-12s ours %.4f theirs %.4f", want.Series, want.Spec, f.LogLik, want.LogLik)
		if f.LogLik < want.LogLik-0.01 {
			t.Errorf("%s %s: log-likelihood %.4f, statsmodels finds %.4f", want.Series, want.Spec, f.LogLik, want.LogLik)
		}
		if f.LogLik > want.LogLik+0.5 {
			better++
		}
	}
	t.Logf("higher by more than 0.5 in %d of %d", better, len(o.Fits))
}

// The recursion's adjoint is its slope.
func TestSlope(t *testing.T) {
	values := append([]float64(nil), readOracle(t).Series["air"][:60]...)
	values[7], values[30] = math.NaN(), math.NaN()
	for _, spec := range append(stableSpecs(12, true), Spec{Additive, Damped, Multiplicative}) {
		p := newETSProblem(values, spec, 12)
		x := p.start([4]float64{0.4, 0.3, 0.3, 0.6})
		slope, scratch := make([]float64, len(x)), make([]float64, len(x))
		p.value(x, slope)
		for i := range x {
			const d = 1e-6
			keep := x[i]
			x[i] = keep + d
			up := p.value(x, scratch)
			x[i] = keep - d
			down := p.value(x, scratch)
			x[i] = keep
			if got := (up - down) / (2 * d); !near(got, slope[i], 1e-4) {
				t.Errorf("%s: slope %d is %v, by differences %v", spec, i, slope[i], got)
			}
		}
	}
}

// The formula of class 1 is what simulation gives.
func TestDeviationIsThatOfSimulatedPaths(t *testing.T) {
	values := readOracle(t).Series["air"]
	for _, spec := range stableSpecs(12, false) {
		f, err := FitETS(values, ETSOptions{Season: 12, Spec: &spec})
		if err != nil {
			t.Fatal(err)
		}
		sd, mean := f.Deviation(26), f.Mean(26)
		paths := f.Simulate(26, 4000, 1)
		for _, h := range []int{0, 11, 12, 25} {
			square := 0.0
			for _, path := range paths {
				square += (path[h] - mean[h]) * (path[h] - mean[h]) / float64(len(paths))
			}
			if got := math.Sqrt(square); math.Abs(got/sd[h]-1) > 0.05 {
				t.Errorf("%s, step %d: simulated %v, formula %v", spec, h+1, got, sd[h])
			}
		}
	}
}
