package glm

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// wide is data of many columns of which few matter.
func wide(n, p int) Data {
	rng := rand.New(rand.NewPCG(3, 4))
	d := Data{X: make([][]float64, p), Y: make([]float64, n)}
	for j := range d.X {
		d.X[j] = make([]float64, n)
		for i := range n {
			d.X[j][i] = rng.NormFloat64()
			if j > 0 {
				d.X[j][i] = 0.6*d.X[j-1][i] + 0.8*d.X[j][i]
			}
		}
	}
	for i := range n {
		if rng.Float64() < 1/(1+math.Exp(-1.2*d.X[0][i]+0.9*d.X[5][i])) {
			d.Y[i] = 1
		}
	}
	return d
}

// TestPathIsOptimal checks the conditions of Karush, Kuhn and Tucker at each
// penalty: the slope of a column in use is the penalty, of another at most.
func TestPathIsOptimal(t *testing.T) {
	for _, shape := range [][2]int{{300, 20}, {60, 100}} {
		for _, family := range []Family{Logistic, Poisson, Linear} {
			d := wide(shape[0], shape[1])
			path, err := FitPath(family, d, PathOptions{Mix: 0.7, Count: 30})
			if err != nil {
				t.Fatal(err)
			}
			if path.Nonzero[0] != 0 || path.Nonzero[len(path.Nonzero)-1] < 10 {
				t.Errorf("columns in use: %v", path.Nonzero)
			}
			if w := warned(path.Warnings, NotConverged); w != nil {
				t.Errorf("%s: %s", family, w.Message)
			}
			p := newProblem(&d, family, true)
			for k, lambda := range path.Lambdas {
				mean, err := path.At(k).Predict(d.X, nil)
				if err != nil {
					t.Fatal(err)
				}
				for j, z := range p.columns[1:] {
					b := path.Coefficients[k][j+1] * p.scale[j+1]
					slope := 0.0
					for i := range z {
						slope += z[i] * (d.Y[i] - mean[i])
					}
					slope = slope/p.total - 0.3*lambda*b
					edge := 0.7 * lambda
					if b != 0 && math.Abs(slope-math.Copysign(edge, b)) > 2e-5 || math.Abs(slope) > edge+2e-5 {
						t.Fatalf("%s λ[%d]=%.4g column %d: b %.3g, slope %.6g, edge %.6g", family, k, lambda, j, b, slope, edge)
					}
				}
			}
		}
	}
}

// TestPathEndsAtFit: without a penalty the path is the exact fit.
func TestPathEndsAtFit(t *testing.T) {
	o := readOracle(t)
	for _, family := range []Family{Logistic, Poisson, Linear} {
		d := Data{X: o.X, Y: o.Y[family], Offset: o.Offset, Weights: o.Weight}
		path, err := FitPath(family, d, PathOptions{Lambdas: []float64{0.1, 0.01, 0}})
		if err != nil {
			t.Fatal(err)
		}
		f, err := Fit(family, d, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for j, c := range f.Coefficients {
			near(t, string(family)+" "+c.Name, path.Coefficients[2][j], c.Value, 1e-4, 1e-5)
		}
		near(t, "explained", path.Explained[2], f.Explained(), 1e-6, 0)
	}
}

// TestCrossValidate: the true columns are found, the same seed gives the same
// choice, and the choice is neither everything nor nothing.
func TestCrossValidate(t *testing.T) {
	d := wide(400, 30)
	c, err := CrossValidate(Logistic, d, CrossOptions{Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	again, err := CrossValidate(Logistic, d, CrossOptions{Seed: 5})
	if err != nil || !slices.Equal(c.Error, again.Error) {
		t.Errorf("not repeatable: %v", err)
	}
	if c.Simple > c.Best || c.Nonzero[c.Simple] < 2 || c.Nonzero[c.Simple] > 12 {
		t.Errorf("simple %d with %d columns, best %d with %d", c.Simple, c.Nonzero[c.Simple], c.Best, c.Nonzero[c.Best])
	}
	if b := c.Coefficients[c.Simple]; b[1] == 0 || b[6] == 0 {
		t.Errorf("the true columns are not in use: %v", b)
	}
	if c.Error[0] < c.Error[c.Best]+0.1 {
		t.Errorf("the errors %v say nothing", c.Error)
	}
	free, err := FitPath(Logistic, d, PathOptions{Count: 5, Factors: append([]float64{0}, slices.Repeat([]float64{1}, 29)...)})
	if err != nil || free.Nonzero[0] != 1 || free.Coefficients[0][1] == 0 {
		t.Errorf("a column without penalty is always in use: %v %v", free.Nonzero, err)
	}
}

// TestFolds: even, by class, and by group.
func TestFolds(t *testing.T) {
	y, groups := make([]float64, 103), make([]int, 103)
	for i := range y {
		groups[i] = i / 4
		if i%5 == 0 {
			y[i] = 1
		}
	}
	of := Folds(Logistic, y, nil, 5, 42)
	count, yes := make([]int, 5), make([]int, 5)
	for i, f := range of {
		count[f]++
		yes[f] += int(y[i])
	}
	if slices.Max(count)-slices.Min(count) > 1 || slices.Max(yes)-slices.Min(yes) > 1 {
		t.Errorf("%v with %v yes", count, yes)
	}
	home := map[int]int{}
	for i, f := range Folds(Logistic, y, groups, 5, 42) {
		if at, known := home[groups[i]]; known && at != f {
			t.Errorf("group %d is in folds %d and %d", groups[i], at, f)
		}
		home[groups[i]] = f
	}
}

// TestPathErrors: bad options are named.
func TestPathErrors(t *testing.T) {
	d := wide(20, 6)
	for _, c := range []struct {
		opts PathOptions
		want string
	}{
		{PathOptions{Mix: 2}, "mix is 2"},
		{PathOptions{Count: 1}, "1 penalties"},
		{PathOptions{Ratio: 2}, "ratio"},
		{PathOptions{Factors: []float64{1}}, "1 penalty factors for 6 columns"},
		{PathOptions{Factors: []float64{1, -1, 1, 1, 1, 1}}, "factor of column 1 is -1"},
		{PathOptions{Lambdas: []float64{0.1, 0.2}}, "falling"},
	} {
		_, err := FitPath(Linear, d, c.opts)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if _, err := CrossValidate(Linear, d, CrossOptions{Folds: 30}); err == nil {
		t.Error("30 folds of 20 rows")
	}
}

// Whole groups are dealt so that each fold has its share of rows and of yes, as far as groups allow.
func TestFoldsOfGroupsAreEven(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 4} {
		y, groups := make([]float64, 1000), make([]int, 1000)
		for i := range y {
			groups[i] = i / size
			if i < 40 {
				y[i] = 1
			}
		}
		var rows, yes [5]int
		for i, f := range Folds(Logistic, y, groups, 5, 7) {
			rows[f]++
			yes[f] += int(y[i])
		}
		for f := range rows {
			if rows[f] < 200-size || rows[f] > 200+size || yes[f] != 8 {
				t.Errorf("groups of %d: rows %v, yes %v", size, rows, yes)
			}
		}
	}
}
