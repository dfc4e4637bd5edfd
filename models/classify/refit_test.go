package classify

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
)

// TestRefit: one model of all rows is as good on new rows as the mean of the folds', explains itself, is saved, and does not depend on cores.
func TestRefit(t *testing.T) {
	table, y, _ := draw(3000, 8)
	m, err := Train(table, y, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := Refit(m, table, y, 0.3, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	fresh, answers, _ := draw(4000, 9)
	before, err := m.Predict(fresh)
	if err != nil {
		t.Fatal(err)
	}
	after, err := whole.Predict(fresh)
	if err != nil {
		t.Fatal(err)
	}
	loss := func(p []float64) (sum float64) {
		for i := range p {
			sum -= (answers[i]*math.Log(p[i]) + (1-answers[i])*math.Log1p(-p[i])) / float64(len(p))
		}
		return sum
	}
	if loss(after) > loss(before)+0.003 {
		t.Errorf("log-loss %.4f, of the folds %.4f", loss(after), loss(before))
	}
	why, err := whole.Explain(fresh[:])
	if err != nil {
		t.Fatal(err)
	}
	for i := range why {
		z := why[i].Base
		for _, c := range why[i].Contributions {
			z += c
		}
		if math.Abs(sigmoid(z)-after[i]) > 1e-9 {
			t.Fatalf("row %d: %v explained, %v predicted", i, sigmoid(z), after[i])
		}
	}
	again, err := Refit(m, table, y, 0.3, Options{Seed: 1, Cores: 1})
	if err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(whole)
	b, _ := json.Marshal(again)
	if string(a) != string(b) {
		t.Error("one core gives another model than two")
	}
	var read Model
	if err := json.Unmarshal(a, &read); err != nil {
		t.Fatal(err)
	}
	if p, err := read.Predict(fresh); err != nil || p[7] != after[7] {
		t.Errorf("a model that was read predicts otherwise: %v", err)
	}
}

func TestRefitOfOtherColumns(t *testing.T) {
	table, y, _ := draw(400, 8)
	m, err := Train(table, y, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	var e *Error
	if _, err := Refit(m, table[1:], y, 0, Options{}); !errors.As(err, &e) || e.Reason != InvalidData {
		t.Error(err)
	}
	if _, err := Refit(&Model{}, table, y, 0, Options{}); !errors.As(err, &e) || e.Reason != InvalidModel {
		t.Error(err)
	}
}
