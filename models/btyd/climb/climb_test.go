package climb

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// hill is Rosenbrock's valley upside down: curved, with one summit at (1, 1).
func hill(x []float64) float64 {
	a, b := 1-x[0], x[1]-x[0]*x[0]
	return -a*a - 100*b*b
}

func TestUp(t *testing.T) {
	top := Up(Numeric(hill), []float64{-1.5, 2}, 1e-12)
	if math.Abs(top.X[0]-1) > 1e-5 || math.Abs(top.X[1]-1) > 1e-5 || !top.IsMaximum(1) {
		t.Errorf("%+v", top)
	}
	cov := Covariance(top.Curvature)
	// The inverse of minus the curvature there, (802, -400; -400, 200).
	for _, c := range []struct {
		i, j int
		want float64
	}{{0, 0, 0.5}, {0, 1, 1}, {1, 1, 2.005}} {
		if got := cov.At(c.i, c.j); math.Abs(got-c.want) > 0.01 {
			t.Errorf("covariance %d %d: %v, not %v", c.i, c.j, got, c.want)
		}
	}
}

// TestTwoSummits: the higher one is found from two starts.
func TestTwoSummits(t *testing.T) {
	f := Numeric(func(x []float64) float64 {
		return math.Exp(-(x[0]-3)*(x[0]-3)) + 2*math.Exp(-(x[0]+3)*(x[0]+3))
	})
	if top := Up(f, []float64{2.5}, 1e-10); math.Abs(top.X[0]-3) > 1e-4 {
		t.Errorf("from 2.5 to %v", top.X)
	}
	if top := Highest(f, [][]float64{{2.5}, {-2.5}}, 1e-10); math.Abs(top.X[0]+3) > 1e-4 {
		t.Errorf("the highest is at %v", top.X)
	}
}

// TestNowhere: a function without a value, or flat, ends the search quietly.
func TestNowhere(t *testing.T) {
	if top := Up(Numeric(func([]float64) float64 { return math.NaN() }), []float64{1, 2}, 1e-8); !math.IsInf(top.Value, -1) || top.IsMaximum(10) {
		t.Errorf("%+v", top)
	}
	if top := Up(Numeric(func([]float64) float64 { return 7 }), []float64{1}, 1e-8); top.Value != 7 || top.X[0] != 1 {
		t.Errorf("%+v", top)
	}
	if v := Covariance(mat.NewSymDense(1, []float64{0})).At(0, 0); v != 1e6 {
		t.Errorf("a flat direction has the variance %v", v)
	}
}
