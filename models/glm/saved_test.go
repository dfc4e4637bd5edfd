package glm

import (
	"encoding/json"
	"runtime"
	"slices"
	"testing"
)

// TestSavedPath: a path read from a file predicts as before.
func TestSavedPath(t *testing.T) {
	o := readOracle(t)
	path, err := FitPath(Logistic, Data{X: o.X, Y: o.Y[Logistic]}, PathOptions{Count: 10})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(path)
	if err != nil {
		t.Fatal(err)
	}
	var back Path
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	for k := range path.Lambdas {
		a, err := path.At(k).Predict(o.X, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := back.At(k).Predict(o.X, nil)
		if err != nil || !slices.Equal(a, b) {
			t.Errorf("penalty %d: %v", k, err)
		}
	}
}

// TestSavedChoice: so does a choice.
func TestSavedChoice(t *testing.T) {
	c, err := CrossValidate(Logistic, wide(100, 6), CrossOptions{Folds: 3})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back Choice
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if back.Best != c.Best || !slices.Equal(back.Error, c.Error) || back.At(back.Best).Coefficients[1].Value != c.Coefficients[c.Best][1] {
		t.Errorf("%+v", back)
	}
	if err := json.Unmarshal([]byte(`{"lambdas":[1]}`), &back); err == nil {
		t.Error("a damaged file was read")
	}
}

// TestSameOnAnyCores: sums do not depend on the number of cores.
func TestSameOnAnyCores(t *testing.T) {
	d := wide(3*chunkRows, 7)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, err := Fit(Logistic, d, Options{})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GOMAXPROCS(4)
	four, err := Fit(Logistic, d, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(one.Coefficients, four.Coefficients) {
		t.Errorf("%+v\n%+v", one.Coefficients, four.Coefficients)
	}
}

// FuzzSaved: whatever a file holds, reading and using it never panics.
func FuzzSaved(f *testing.F) {
	fit, err := Fit(Linear, Data{X: [][]float64{{1, 2, 3, 5}}, Y: []float64{1, 2, 2, 4}}, Options{})
	if err != nil {
		f.Fatal(err)
	}
	design, err := NewDesign(shop(), DesignOptions{MinCount: 2})
	if err != nil {
		f.Fatal(err)
	}
	path, err := FitPath(Linear, Data{X: [][]float64{{1, 2, 3, 5}}, Y: []float64{1, 2, 2, 4}}, PathOptions{Count: 3})
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range []any{fit, design, path} {
		raw, err := json.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(_ *testing.T, raw []byte) {
		var m Fitted
		if json.Unmarshal(raw, &m) == nil {
			_, _ = m.Predict([][]float64{{1}}, nil)
			_, _, _, _ = m.Interval([]float64{1}, 0)
		}
		var d Design
		if json.Unmarshal(raw, &d) == nil {
			_, _ = d.Encode(shop())
		}
		var p Path
		if json.Unmarshal(raw, &p) == nil && len(p.Lambdas) > 0 {
			_, _ = p.At(0).Predict([][]float64{{1}}, nil)
		}
	})
}
