package classify

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

// draw makes a table whose answer follows known log-odds: SIMULATED.
func draw(n int, seed uint64) (table []Column, y, truth []float64) {
	random := rand.New(rand.NewPCG(seed, 1))
	late, visits, noise := Column{Name: "late"}, Column{Name: "visits"}, Column{Name: "noise"}
	plan, id := Column{Name: "plan"}, Column{Name: "id"}
	effect := map[string]float64{"month": 1.2, "year": -1, "free": 0, "": 0.4}
	names := []string{"month", "year", "free", ""}
	for i := range n {
		l, v, p := float64(random.IntN(4)), random.ExpFloat64()*5, names[random.IntN(len(names))]
		z := -1.5 + 0.8*l - 0.15*v + effect[p]
		if l >= 2 && p == "month" {
			z += 1
		}
		if random.IntN(10) == 0 {
			v = math.NaN()
		}
		late.Numbers, visits.Numbers, noise.Numbers = append(late.Numbers, l), append(visits.Numbers, v), append(noise.Numbers, random.NormFloat64())
		plan.Texts, id.Texts = append(plan.Texts, p), append(id.Texts, strings.Repeat("c", 1+i%7)+string(rune('a'+i%26))+itoa(i))
		answer := 0.0
		if random.Float64() < sigmoid(z) {
			answer = 1
		}
		y, truth = append(y, answer), append(truth, sigmoid(z))
	}
	return []Column{late, visits, noise, plan, id}, y, truth
}

func itoa(i int) string {
	text, _ := json.Marshal(i)
	return string(text)
}

func TestProbabilitiesAreTheTruth(t *testing.T) {
	table, y, _ := draw(6000, 3)
	m, err := Train(table, y, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	fresh, _, truth := draw(4000, 4)
	p, err := m.Predict(fresh)
	if err != nil {
		t.Fatal(err)
	}
	off, apart := 0.0, 0.0
	for i := range p {
		off += math.Abs(p[i]-truth[i]) / float64(len(p))
		apart += math.Abs(m.Share-truth[i]) / float64(len(p))
	}
	if off > 0.04 || off > apart/4 {
		t.Errorf("predictions are %.3f from the true probabilities, the share alone %.3f", off, apart)
	}
	if !slices.Equal(m.Columns(), []string{"late", "visits", "noise", "plan"}) || len(m.Notes) != 1 || m.Notes[0].Reason != LeftOut {
		t.Errorf("%v, %v", m.Columns(), m.Notes)
	}
	for i := range p {
		if low, high := m.Interval(p[i]); low > p[i] || high < p[i] || low < 0 || high > 1 {
			t.Fatalf("interval %v..%v of %v", low, high, p[i])
		}
	}
}

// TestContributionsAddUp: base and contributions are the log-odds of the probability, for rows with holes and words never met too.
func TestContributionsAddUp(t *testing.T) {
	table, y, _ := draw(800, 5)
	m, err := Train(table, y, Options{Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Float64Range(-1e6, 1e6), rapid.Float64Range(0, 5), rapid.Just(math.NaN()))
		word := rapid.SampledFrom([]string{"month", "year", "free", "", "weekly"})
		row := []Column{
			{Name: "plan", Texts: []string{word.Draw(t, "plan")}},
			{Name: "late", Numbers: []float64{number.Draw(t, "late")}},
			{Name: "more", Texts: []string{"x"}},
			{Name: "noise", Numbers: []float64{number.Draw(t, "noise")}},
			{Name: "visits", Numbers: []float64{number.Draw(t, "visits")}},
		}
		p, err := m.Predict(row)
		if err != nil {
			t.Fatal(err)
		}
		e, err := m.Explain(row)
		if err != nil {
			t.Fatal(err)
		}
		z := e[0].Base
		for _, c := range e[0].Contributions {
			z += c
		}
		if math.Abs(e[0].Probability-p[0]) > 1e-12 || math.Abs(sigmoid(z)-p[0]) > 1e-9 || math.IsNaN(p[0]) {
			t.Fatalf("probability %v, explained %v, sum %v", p[0], e[0].Probability, sigmoid(z))
		}
	})
}

func TestSaved(t *testing.T) {
	table, y, _ := draw(500, 6)
	m, err := Train(table, y, Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	again, err := Train(table, y, Options{Seed: 3, Cores: 1})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := json.Marshal(again)
	if string(text) != string(other) {
		t.Error("one core gives another model than two")
	}
	var read Model
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	a, _ := m.Predict(table)
	b, err := read.Predict(table)
	if err != nil || !slices.Equal(a, b) {
		t.Errorf("a model that was read predicts otherwise; %v", err)
	}
	for _, broken := range []string{`{}`, `{"version":1}`, `{"version":9}`, `[]`, strings.Replace(string(text), `"trees":[{`, `"trees":[],"x":[{`, 1)} {
		var none Model
		var e *Error
		if err := json.Unmarshal([]byte(broken), &none); !errors.As(err, &e) || e.Reason != InvalidModel {
			t.Errorf("%.30s: %v", broken, err)
		}
	}
}

func TestWhatCannotBeLearnt(t *testing.T) {
	numbers := func(x ...float64) []Column { return []Column{{Name: "x", Numbers: x}} }
	long := make([]float64, 30)
	for i := range long {
		long[i] = float64(i % 3)
	}
	for _, c := range []struct {
		name   string
		table  []Column
		y      []float64
		reason Reason
	}{
		{"no columns", nil, nil, InvalidData},
		{"no rows", numbers(), nil, InvalidData},
		{"answers missing", numbers(1, 2), []float64{1}, InvalidData},
		{"an answer of 2", numbers(1, 2), []float64{1, 2}, InvalidData},
		{"NaN answer", numbers(1, 2), []float64{1, math.NaN()}, InvalidData},
		{"one kind", numbers(1, 2), []float64{1, 1}, OneClass},
		{"few", numbers(long...), append(make([]float64, 27), 1, 1, 1), FewRows},
		{"infinite", numbers(math.Inf(1), 2), []float64{1, 0}, InvalidData},
		{"two names", append(numbers(1, 2), numbers(1, 2)...), []float64{1, 0}, InvalidData},
		{"no kind", []Column{{Name: "x"}}, []float64{1, 0}, InvalidData},
		{"constant", numbers(make([]float64, 30)...), append(make([]float64, 15), 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), InvalidData},
	} {
		_, err := Train(c.table, c.y, Options{})
		var e *Error
		if !errors.As(err, &e) || e.Reason != c.reason {
			t.Errorf("%s: %v; want %s", c.name, err, c.reason)
		}
	}
}

// TestNotesAreTrue: nothing to learn is said, and so is a column that was written after the answer.
func TestNotesAreTrue(t *testing.T) {
	table, y, _ := draw(600, 7)
	has := func(m *Model, r Reason) bool {
		return slices.ContainsFunc(m.Notes, func(n Note) bool { return n.Reason == r })
	}
	random := rand.New(rand.NewPCG(1, 1))
	m, err := Train(table[2:3], y, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !has(m, NoSignal) {
		t.Errorf("noise: %v, %+v", m.Notes, m.OutOfFold)
	}
	after := Column{Name: "closed", Numbers: make([]float64, len(y))}
	for i := range y {
		after.Numbers[i] = y[i] + random.Float64()/3
	}
	if m, err = Train(append(slices.Clone(table), after), y, Options{}); err != nil {
		t.Fatal(err)
	}
	if !has(m, TellTale) || !strings.Contains(m.Notes[len(m.Notes)-1].Message, `"closed"`) {
		t.Errorf("%v, %v", m.Notes, m.OutOfFold.AUC.Value)
	}
	if m, err = Train(table, y, Options{MaxRows: 200}); err != nil || !has(m, Sampled) || m.Rows > 210 {
		t.Errorf("%v %v", err, m)
	}
	if _, err = Train(table, y, Options{Progress: func(int, int) bool { return false }}); !errors.Is(err, ErrStopped) {
		t.Error(err)
	}
}
