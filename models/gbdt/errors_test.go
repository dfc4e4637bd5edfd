package gbdt

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// TestBadInputIsRefused with a reason, never with a panic.
func TestBadInputIsRefused(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	x, y := []float64{1, 2, 3, 4}, []float64{0, 1, 0, 1}
	d := must(t, Float64("x", x))
	good := Set{Data: d, Labels: y}
	two := must(t, Float64("x", x), Categorical("k", []int32{1, 2, 3, -1}, nil))
	for name, c := range map[string]struct {
		set    Set
		o      Options
		reason Reason
	}{
		"no data":             {Set{}, Options{}, InvalidData},
		"few labels":          {Set{Data: d, Labels: y[:3]}, Options{}, InvalidData},
		"few weights":         {Set{Data: d, Labels: y, Weights: y[:3]}, Options{}, InvalidData},
		"few offsets":         {Set{Data: d, Labels: y, Offset: []float64{}}, Options{}, InvalidData},
		"infinite value":      {Set{Data: must(t, Float64("x", []float64{1, inf, 2, 3})), Labels: y}, Options{}, InvalidData},
		"infinite float":      {Set{Data: must(t, Float32("x", []float32{1, float32(-inf), 2, 3})), Labels: y}, Options{}, InvalidData},
		"label NaN":           {Set{Data: d, Labels: []float64{0, 1, nan, 0}}, Options{}, InvalidLabel},
		"label 2":             {Set{Data: d, Labels: []float64{0, 1, 2, 0}}, Options{}, InvalidLabel},
		"count below 0":       {Set{Data: d, Labels: []float64{0, 1, -2, 0}}, Options{Objective: Poisson}, InvalidLabel},
		"huge label":          {Set{Data: d, Labels: []float64{0, 1, 1e40, 0}}, Options{Objective: Squared}, InvalidLabel},
		"one class":           {Set{Data: d, Labels: []float64{1, 1, 1, 1}}, Options{}, OneClass},
		"one class by weight": {Set{Data: d, Labels: y, Weights: []float64{1, 0, 1, 0}}, Options{}, OneClass},
		"all counts 0":        {Set{Data: d, Labels: make([]float64, 4)}, Options{Objective: Tweedie}, OneClass},
		"weight below 0":      {Set{Data: d, Labels: y, Weights: []float64{1, 1, -1, 1}}, Options{}, InvalidWeight},
		"weight NaN":          {Set{Data: d, Labels: y, Weights: []float64{1, 1, nan, 1}}, Options{}, InvalidWeight},
		"weights all 0":       {Set{Data: d, Labels: y, Weights: make([]float64, 4)}, Options{}, InvalidWeight},
		"offset infinite":     {Set{Data: d, Labels: y, Offset: []float64{0, inf, 0, 0}}, Options{}, InvalidData},
		"offset huge":         {Set{Data: d, Labels: y, Offset: []float64{0, 900, 0, 0}}, Options{Objective: Poisson}, InvalidData},
		"objective":           {good, Options{Objective: "rank"}, InvalidOption},
		"metric":              {good, Options{Objective: Squared, Metric: AUC}, InvalidOption},
		"trees":               {good, Options{Trees: -1}, InvalidOption},
		"rate":                {good, Options{LearningRate: nan}, InvalidOption},
		"bins":                {good, Options{MaxBins: 256}, InvalidOption},
		"power":               {good, Options{TweediePower: 2}, InvalidOption},
		"fraction":            {good, Options{RowFraction: 1.5}, InvalidOption},
		"monotone, no column": {good, Options{Monotone: map[string]int{"z": 1}}, InvalidOption},
		"monotone, direction": {good, Options{Monotone: map[string]int{"x": 2}}, InvalidOption},
		"monotone category":   {Set{Data: two, Labels: y}, Options{Monotone: map[string]int{"k": 1}}, InvalidOption},
		"validation, label":   {good, Options{Validation: &Set{Data: d, Labels: x}}, InvalidLabel},
		"validation, column":  {good, Options{Validation: &Set{Data: must(t, Float64("z", x)), Labels: y}}, InvalidData},
		"validation, AUC":     {good, Options{Metric: AUC, Validation: &Set{Data: d, Labels: make([]float64, 4)}}, OneClass},
	} {
		m, err := Train(c.set, c.o)
		var e *Error
		if m != nil || !errors.As(err, &e) || e.Reason != c.reason || len(e.Message) < 10 {
			t.Errorf("%s: %v %v, want %s", name, m, err, c.reason)
		}
	}
}

func TestBadColumnsAreRefused(t *testing.T) {
	for name, columns := range map[string][]Column{
		"none": nil, "no values": {{Name: "x"}}, "lengths": {Float64("a", make([]float64, 2)), Float64("b", nil)},
		"names": {Float64("a", make([]float64, 2)), Float32("a", make([]float32, 2))},
	} {
		if _, err := NewData(columns...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestWrongRowsAreRefused when predicting.
func TestWrongRowsAreRefused(t *testing.T) {
	d, margin := mixed(t, 300, 1)
	m := train(t, Set{Data: d, Labels: binary(margin, 1)}, Options{Trees: 2})
	short, right := make([]float64, 2), make([]float64, 4)
	_, e1 := m.Margin(short)
	_, e2 := m.Predict(short)
	_, e3 := m.Explain(right, short)
	_, e4 := m.Explain(short, right)
	_, e5 := m.Interactions(right, right)
	_, e6 := m.Interactions(make([]float64, 16), short)
	_, e7 := m.ExplainAll(right, d)
	other := must(t, Float64("a", []float64{1}))
	for i, err := range []error{e1, e2, e3, e4, e5, e6, e7, m.Margins(right, d), m.Margins(right, other), m.Margins(right, nil), m.PredictAll(short[:1], other)} {
		if err == nil {
			t.Errorf("call %d: no error", i)
		}
	}
	numbers := must(t, Float64("a", nil), Float64("b", nil), Categorical("c", nil, nil), Float64("k", nil))
	if err := m.Margins(nil, numbers); err == nil || !strings.Contains(err.Error(), `"c" holds categories`) {
		t.Error(err)
	}
}

// TestSmallSets: from one row up, training works and a model of no split is the mean.
func TestSmallSets(t *testing.T) {
	for n := 1; n < 40; n++ {
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], y[i] = float64(i), float64(i%3)
		}
		m := train(t, Set{Data: must(t, Float64("x", x)), Labels: y}, Options{Objective: Squared})
		p, err := m.Predict([]float64{1})
		if err != nil || math.IsNaN(p) {
			t.Fatal(n, p, err)
		}
		if n == 1 {
			near(t, "mean", p, 0, 0)
		}
	}
}

// TestCategoriesAreTranslatedByName where the codes of another table differ.
func TestCategoriesAreTranslatedByName(t *testing.T) {
	n := 400
	codes, y := make([]int32, n), make([]float64, n)
	for i := range n {
		codes[i] = int32(i % 3)
		if codes[i] == 1 && i%7 > 0 {
			y[i] = 1
		}
	}
	m := train(t, Set{Data: must(t, Categorical("k", codes, []string{"red", "green", "blue"})), Labels: y}, Options{Trees: 20})
	got := make([]float64, 4)
	if err := m.PredictAll(got, must(t, Categorical("k", []int32{0, 1, 2, -1}, []string{"green", "blue", "pink"}))); err != nil {
		t.Fatal(err)
	}
	green, _ := m.Predict([]float64{1})
	blue, _ := m.Predict([]float64{2})
	if got[0] != green || got[1] != blue || green < 0.7 || blue > 0.1 {
		t.Errorf("green %v %v, blue %v %v", got[0], green, got[1], blue)
	}
}
