package glm

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func warned(list []Warning, reason Reason) *Warning {
	for i, w := range list {
		if w.Reason == reason {
			return &list[i]
		}
	}
	return nil
}

// TestSeparation: a column that tells the answer completely is named and held,
// the others keep their estimates.
func TestSeparation(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	n := 400
	perfect, other, y := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		other[i] = rng.NormFloat64()
		if rng.Float64() < 1/(1+math.Exp(-other[i])) {
			y[i] = 1
		}
		if y[i] == 1 && i%4 == 0 {
			perfect[i] = 1 // only ever with yes
		}
	}
	f, err := Fit(Logistic, Data{X: [][]float64{other, perfect}, Y: y, Names: []string{"other", "perfect"}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := warned(f.Warnings, Separation)
	if w == nil || !slices.Equal(w.Columns, []string{"perfect"}) {
		t.Fatalf("warnings %+v, want separation by “perfect” alone", f.Warnings)
	}
	near(t, "the other column", f.Coefficients[1].Value, 1, 0.3, 0)
	if c := f.Coefficients[2]; c.Value < 1 || c.Value > 30 || c.SE > 30 {
		t.Errorf("the separated column: %+v", c)
	}
	if !f.Converged {
		t.Error("not converged")
	}
	// Counts that are zero wherever an indicator is set.
	counts := make([]float64, n)
	for i := range counts {
		if perfect[i] == 0 {
			counts[i] = float64(rng.IntN(4))
		}
	}
	g, err := Fit(Poisson, Data{X: [][]float64{other, perfect}, Y: counts}, Options{})
	if err != nil || warned(g.Warnings, Separation) == nil {
		t.Errorf("counts: %v, %+v", err, g)
	}
}

// TestCompleteSeparation: one number orders all answers.
func TestCompleteSeparation(t *testing.T) {
	x, y := make([]float64, 50), make([]float64, 50)
	for i := range x {
		x[i] = float64(i)
		if i >= 20 {
			y[i] = 1
		}
	}
	f, err := Fit(Logistic, Data{X: [][]float64{x}, Y: y}, Options{})
	if err != nil || warned(f.Warnings, Separation) == nil || !f.Converged {
		t.Fatalf("%v %+v", err, f)
	}
	p, err := f.Predict([][]float64{x}, nil)
	if err != nil || p[0] > 0.2 || p[49] < 0.8 {
		t.Errorf("%v %v", p, err)
	}
}

// TestCollinear: what is explained already is left out, as R does, and the
// predictions are the same.
func TestCollinear(t *testing.T) {
	o := readOracle(t)
	twice := make([]float64, len(o.X[0]))
	same := make([]float64, len(twice))
	for i := range twice {
		twice[i] = 2*o.X[0][i] - o.X[1][i] + 3
		same[i] = 4.2
	}
	x := [][]float64{o.X[0], same, o.X[1], twice, o.X[2], o.X[3]}
	names := []string{"a", "same", "b", "twice", "c", "d"}
	for _, family := range []Family{Logistic, Poisson, Linear} {
		f, err := Fit(family, Data{X: x, Y: o.Y[family], Names: names}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if w := warned(f.Warnings, Collinear); w == nil || !slices.Equal(w.Columns, []string{"twice"}) {
			t.Errorf("%s: %+v", family, f.Warnings)
		}
		if w := warned(f.Warnings, Constant); w == nil || !slices.Equal(w.Columns, []string{"same"}) || !strings.Contains(w.Message, "“same” has the same value in every row and was left out") {
			t.Errorf("%s: %+v", family, w)
		}
		plain, err := Fit(family, Data{X: o.X, Y: o.Y[family]}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		near(t, string(family), f.LogLik, plain.LogLik, 1e-12, 0)
		near(t, string(family)+" d", f.Coefficients[6].Value, plain.Coefficients[4].Value, 1e-7, 0)
		if c := f.Coefficients[4]; !c.Aliased || c.Value != 0 || c.P != 1 {
			t.Errorf("%+v", c)
		}
		// With a ridge nothing needs to be left out.
		r, err := Fit(family, Data{X: x, Y: o.Y[family], Names: names}, Options{Ridge: 0.1})
		if err != nil || warned(r.Warnings, Collinear) != nil || r.Coefficients[4].Aliased {
			t.Errorf("ridge: %v %+v", err, r.Warnings)
		}
	}
}

// TestWeightsAreCopies: a weight of 3 is the row three times.
func TestWeightsAreCopies(t *testing.T) {
	o := readOracle(t)
	var pick []int
	for i, w := range o.Weight {
		for range int(w) {
			pick = append(pick, i)
		}
	}
	for _, family := range []Family{Logistic, Poisson} {
		d := Data{X: o.X, Y: o.Y[family], Offset: o.Offset}
		long, err := Fit(family, *d.rows(pick), Options{})
		if err != nil {
			t.Fatal(err)
		}
		d.Weights = o.Weight
		short, err := Fit(family, d, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for j, c := range short.Coefficients {
			near(t, c.Name, c.Value, long.Coefficients[j].Value, 1e-9, 1e-12)
			near(t, c.Name, c.SE, long.Coefficients[j].SE, 1e-8, 0)
		}
	}
}

// TestErrors: bad input is named.
func TestErrors(t *testing.T) {
	good := [][]float64{{1, 2, 3, 5}}
	cases := []struct {
		name   string
		family Family
		data   Data
		opts   Options
		want   string
	}{
		{"no rows", Linear, Data{}, Options{}, "no rows"},
		{"family", "probit", Data{X: good, Y: []float64{0, 1, 0, 1}}, Options{}, `no family "probit"`},
		{"NaN", Linear, Data{X: [][]float64{{1, math.NaN(), 3, 4}}, Y: []float64{0, 1, 0, 1}, Names: []string{"age"}}, Options{}, "row 1 of column 0 (age) is NaN"},
		{"short", Linear, Data{X: [][]float64{{1, 2}}, Y: []float64{0, 1, 0, 1}}, Options{}, "has 2 values for 4 rows"},
		{"answer", Logistic, Data{X: good, Y: []float64{0, 1, 2, 1}}, Options{}, "the answer of row 2 is 2"},
		{"infinite answer", Linear, Data{X: good, Y: []float64{0, 1, 2, math.Inf(1)}}, Options{}, "the answer of row 3"},
		{"count", Poisson, Data{X: good, Y: []float64{0, -1, 2, 1}}, Options{}, "counts from 0 up"},
		{"one class", Logistic, Data{X: good, Y: []float64{1, 1, 1, 1}}, Options{}, "needs both yes and no"},
		{"no counts", Poisson, Data{X: good, Y: []float64{0, 0, 0, 0}}, Options{}, "all counts are 0"},
		{"weight", Linear, Data{X: good, Y: []float64{0, 1, 2, 1}, Weights: []float64{1, -1, 1, 1}}, Options{}, "the weight of row 1 is -1"},
		{"weights", Linear, Data{X: good, Y: []float64{0, 1, 2, 1}, Weights: []float64{0, 0, 0, 0}}, Options{}, "all weights are zero"},
		{"offset", Linear, Data{X: good, Y: []float64{0, 1, 2, 1}, Offset: []float64{0, math.NaN(), 0, 0}}, Options{}, "offset of row 1"},
		{"ridge", Linear, Data{X: good, Y: []float64{0, 1, 2, 1}}, Options{Ridge: -1}, "ridge penalty is -1"},
		{"level", Linear, Data{X: good, Y: []float64{0, 1, 2, 1}}, Options{Level: 95}, "level of intervals is 95"},
		{"nothing", Linear, Data{X: [][]float64{{0, 0, 0, 0}}, Y: []float64{0, 1, 2, 1}}, Options{NoIntercept: true}, "nothing to fit"},
	}
	for _, c := range cases {
		_, err := Fit(c.family, c.data, c.opts)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestAnyDataFit: whatever the columns, the fit ends, is finite, does not
// depend on the columns' units, and survives JSON.
func TestAnyDataFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, p := rapid.IntRange(2, 40).Draw(t, "rows"), rapid.IntRange(0, 5).Draw(t, "columns")
		family := rapid.SampledFrom([]Family{Logistic, Poisson, Linear}).Draw(t, "family")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		kind := rapid.IntRange(0, 3).Draw(t, "kind")
		d := Data{X: make([][]float64, p), Y: make([]float64, n)}
		for j := range d.X {
			d.X[j] = make([]float64, n)
			for i := range d.X[j] {
				switch kind {
				case 0:
					d.X[j][i] = float64(rng.IntN(2))
				case 1:
					d.X[j][i] = math.Exp(8 * rng.NormFloat64())
				case 2:
					d.X[j][i] = rng.NormFloat64()
				default:
					d.X[j][i] = 1e6 + float64(rng.IntN(3))
				}
			}
		}
		for i := range d.Y {
			d.Y[i] = float64(rng.IntN(2))
		}
		opts := Options{Ridge: rapid.SampledFrom([]float64{0, 0, 1e-3, 10}).Draw(t, "ridge"), NoIntercept: rapid.Bool().Draw(t, "through zero")}
		f, err := Fit(family, d, opts)
		if err != nil {
			var e *Error
			if errors.As(err, &e) && (e.Reason == OneClass || e.Reason == Unsolvable) {
				return
			}
			t.Fatal(err)
		}
		raw, err := json.Marshal(f)
		if err != nil {
			t.Fatalf("not finite: %v: %+v", err, f.Coefficients)
		}
		var back Fitted
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		here, err := back.Predict(d.X, make([]float64, n))
		if err != nil {
			t.Fatal(err)
		}
		if f.Deviance > f.NullDeviance*(1+1e-9)+1e-9 {
			t.Fatalf("deviance %v above the null deviance %v", f.Deviance, f.NullDeviance)
		}
		for j := range d.X {
			for i := range d.X[j] {
				d.X[j][i] *= 1024
			}
		}
		g, err := Fit(family, d, opts)
		if err != nil {
			t.Fatal(err)
		}
		there, err := g.Predict(d.X, nil)
		for i := range there {
			if math.Abs(there[i]-here[i]) > 1e-4*math.Max(1, math.Abs(here[i])) {
				t.Fatalf("row %d: %v, in other units %v", i, here[i], there[i])
			}
		}
		if p > 0 && err != nil {
			t.Fatal(err)
		}
	})
}

func TestIndependent(t *testing.T) {
	a, b := []float64{1, 2, 3, 4}, []float64{0, 1, 0, 1}
	sum := []float64{1, 3, 3, 5}
	free, err := Independent([][]float64{a, b, sum, {7, 7, 7, 7}}, 4, nil)
	if err != nil || !slices.Equal(free, []bool{true, true, false, false}) {
		t.Errorf("%v %v", free, err)
	}
}
