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

// few makes a table of one column of words, each with its own share of yes: its rows repeat each other by nature. SIMULATED.
func few(n, kinds int, seed uint64) (table []Column, y []float64) {
	rng := rand.New(rand.NewPCG(seed, 2))
	branch := Column{Name: "branch"}
	for i := range n {
		k := i % kinds
		branch.Texts = append(branch.Texts, "branch "+itoa(k))
		answer := 0.0
		if rng.Float64() < 0.1+0.8*float64(k)/float64(kinds-1) {
			answer = 1
		}
		y = append(y, answer)
	}
	return []Column{branch}, y
}

// TestRowsThatRepeatByNature: where a table has few values, its equal rows are in training and in test.
func TestRowsThatRepeatByNature(t *testing.T) {
	table, y := few(1200, 30, 1)
	e, err := Evaluate(table, y, 4, Options{})
	if err != nil || e.AUC.Value < 0.72 || len(e.Notes) != 0 {
		t.Fatalf("30 branches: %+v, %v", e, err)
	}
	table, y = few(600, 3, 2)
	if e, err = Evaluate(table, y, 3, Options{}); err != nil || e.AUC.Value < 0.65 {
		t.Fatalf("3 plans: %+v, %v", e, err)
	}
	perfect := []Column{{Name: "plan"}}
	var all []float64
	for i := range 400 {
		perfect[0].Texts, all = append(perfect[0].Texts, []string{"a", "b"}[i%2]), append(all, float64(i%2))
	}
	if e, err = Evaluate(perfect, all, 4, Options{}); err != nil || e.AUC.Value != 1 {
		t.Errorf("an answer that the column gives: %v", err)
	}
	// Rows copied are no nature: one of a pair would tell the other one's answer.
	table, y, _ = draw(500, 9)
	rows := make([]int, 0, 1000)
	for i := range 500 {
		rows = append(rows, i, i)
	}
	joined, repeated := together(pick(table[:4], rows), 1000, nil)
	if joined == nil || repeated != 500 || joined[0] != joined[1] {
		t.Errorf("copied rows are taken apart: %d repeated", repeated)
	}
	_ = y
}

// TestNoiseIsNotWorseThanChance: folds with unequal shares of yes would make every prediction lean the wrong way.
func TestNoiseIsNotWorseThanChance(t *testing.T) {
	mean := 0.0
	const sets = 8
	for seed := range uint64(sets) {
		rng := rand.New(rand.NewPCG(seed, 3))
		x, y := Column{Name: "x"}, []float64{}
		for i := range 300 {
			x.Numbers, y = append(x.Numbers, rng.NormFloat64()), append(y, float64(min(1, max(0, 40-i))))
		}
		e, err := Evaluate([]Column{x}, y, 3, Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		mean += e.AUC.Value / sets
	}
	if mean < 0.45 || mean > 0.55 {
		t.Errorf("of noise an AUC of %.3f on average", mean)
	}
}

func TestTooFewToMeasure(t *testing.T) {
	x, y := Column{Name: "x"}, []float64{}
	for i := range 100 {
		x.Numbers, y = append(x.Numbers, float64(i%17)), append(y, float64(min(1, max(0, 9-i))))
	}
	var e *Error
	if _, err := Evaluate([]Column{x}, y, 5, Options{}); !errors.As(err, &e) || e.Reason != FewRows || !strings.Contains(e.Message, "only 9 rows") {
		t.Error(err)
	}
	groups := make([]int, 100) // all of one
	if _, err := Train([]Column{x}, y, Options{Groups: groups}); !errors.As(err, &e) || e.Reason != FewRows {
		t.Error(err)
	}
	same := []Column{{Name: "x", Numbers: make([]float64, 100)}}
	if _, err := Evaluate(same, y[:100], 2, Options{}); !errors.As(err, &e) || e.Reason != FewRows && e.Reason != InvalidData {
		t.Error(err)
	}
}
