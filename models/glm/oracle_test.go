package glm

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"
)

// oracle is testdata/oracle.json, made by testdata/oracle.py.
type oracle struct {
	X      [][]float64
	Offset []float64
	Weight []float64
	Y      map[Family][]float64
	Fits   []struct {
		Family              Family
		Weighted, Robust    bool
		Coef, SE, P         []float64
		Low, High           []float64
		LogLik              float64
		Deviance, Null, AIC float64
	}
	Ridge []struct {
		Family Family
		Ridge  float64
		Coef   []float64
	}
	Net []struct {
		Family      Family
		Mix, Lambda float64
		Coef        []float64
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

// near fails unless got is within rel of want, or within abs.
func near(t testing.TB, what string, got, want, rel, abs float64) {
	t.Helper()
	if math.IsNaN(got) || math.IsInf(got, 0) || math.Abs(got-want) > math.Max(rel*math.Abs(want), abs) {
		t.Errorf("%s: got %.12g, want %.12g (off by %.3g)", what, got, want, math.Abs(got-want))
	}
}

// TestFitsOfStatsmodels: coefficients, errors, intervals and goodness of fit.
func TestFitsOfStatsmodels(t *testing.T) {
	o := readOracle(t)
	for _, want := range o.Fits {
		t.Run(fmt.Sprintf("%s weighted %v robust %v", want.Family, want.Weighted, want.Robust), func(t *testing.T) {
			d := Data{X: o.X, Y: o.Y[want.Family], Offset: o.Offset}
			if want.Weighted {
				d.Weights = o.Weight
			}
			f, err := Fit(want.Family, d, Options{Robust: want.Robust})
			if err != nil {
				t.Fatal(err)
			}
			for j, c := range f.Coefficients {
				near(t, c.Name, c.Value, want.Coef[j], 1e-7, 1e-9)
				near(t, c.Name+" SE", c.SE, want.SE[j], 1e-6, 0)
				near(t, c.Name+" P", c.P, want.P[j], 1e-5, 1e-12)
				near(t, c.Name+" low", c.Low, want.Low[j], 1e-6, 1e-7)
				near(t, c.Name+" high", c.High, want.High[j], 1e-6, 1e-7)
			}
			near(t, "log-likelihood", f.LogLik, want.LogLik, 1e-10, 0)
			near(t, "deviance", f.Deviance, want.Deviance, 1e-9, 0)
			near(t, "null deviance", f.NullDeviance, want.Null, 1e-9, 0)
			near(t, "AIC", f.AIC, want.AIC, 1e-9, 0)
		})
	}
}

// TestRidgeOfScikit: the same penalty on standardised columns.
func TestRidgeOfScikit(t *testing.T) {
	o := readOracle(t)
	for _, want := range o.Ridge {
		f, err := Fit(want.Family, Data{X: o.X, Y: o.Y[want.Family]}, Options{Ridge: want.Ridge})
		if err != nil {
			t.Fatal(err)
		}
		for j, c := range f.Coefficients {
			near(t, fmt.Sprintf("%s %v %s", want.Family, want.Ridge, c.Name), c.Value, want.Coef[j], 1e-6, 1e-8)
		}
		if !(f.Used > 1 && f.Used < 5) {
			t.Errorf("%v degrees of freedom used by a ridge of %v", f.Used, want.Ridge)
		}
	}
}

// TestElasticNetOfScikit: single penalties of the path.
func TestElasticNetOfScikit(t *testing.T) {
	o := readOracle(t)
	for _, want := range o.Net {
		p, err := FitPath(want.Family, Data{X: o.X, Y: o.Y[want.Family]}, PathOptions{Mix: want.Mix, Lambdas: []float64{0.3, want.Lambda}})
		if err != nil {
			t.Fatal(err)
		}
		for j, b := range p.Coefficients[1] {
			near(t, fmt.Sprintf("%s mix %v λ %v b%d", want.Family, want.Mix, want.Lambda, j), b, want.Coef[j], 1e-4, 1e-6)
			if (b == 0) != (want.Coef[j] == 0) {
				t.Errorf("b%d is %v, theirs %v: one of them is not zero", j, b, want.Coef[j])
			}
		}
	}
}
