package calibrate

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/dangol/dangol/internal/kit/datatest"
	"github.com/dangol/dangol/models/glm"
)

// FuzzSaved: whatever a file holds, reading and using it never panics.
func FuzzSaved(f *testing.F) {
	p, y := distorted(300, 4)
	v, err := FitVennAbers(p, y)
	if err != nil {
		f.Fatal(err)
	}
	for _, model := range []any{fitted(f, Isotonic, p, y, Options{}), fitted(f, Beta, p, y, Options{}), v} {
		raw, err := json.Marshal(model)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(_ *testing.T, raw []byte) {
		var m Map
		if json.Unmarshal(raw, &m) == nil {
			m.Apply(0.3)
			m.Apply(math.Inf(1))
		}
		var v VennAbers
		if json.Unmarshal(raw, &v) == nil {
			v.Interval(0.3)
			v.Interval(math.NaN())
		}
	})
}

// TestTelcoOutOfFold: logistic regression of the public churn set, five folds,
// is as good as measured with scikit-learn: AUC .8450, log-loss .4175, Brier
// .1356, ECE .012.
func TestTelcoOutOfFold(t *testing.T) {
	f, err := os.Open(datatest.Path(t, "telco/Telco-Customer-Churn.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var table []glm.Column
	for j, name := range rows[0][1:20] {
		c := glm.Column{Name: name}
		for _, row := range rows[1:] {
			v, err := strconv.ParseFloat(row[j+1], 64)
			if err != nil {
				v = math.NaN()
			}
			c.Numbers, c.Texts = append(c.Numbers, v), append(c.Texts, row[j+1])
		}
		switch name {
		case "tenure", "MonthlyCharges", "TotalCharges":
			c.Texts = nil
		default:
			c.Numbers = nil
		}
		table = append(table, c)
	}
	y := make([]float64, len(rows)-1)
	for i, row := range rows[1:] {
		if row[20] == "Yes" {
			y[i] = 1
		}
	}
	p := outOfFoldLogistic(t, table, y)
	m, err := Measure(p, y)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("AUC %.4f (%.4f to %.4f), log-loss %.4f, Brier %.4f, ECE %.4f, slope %.3f", m.AUC.Value, m.AUC.Low, m.AUC.High, m.LogLoss, m.Brier, m.ECE, m.Slope)
	if m.AUC.Value < 0.8435 || m.LogLoss > 0.419 || m.Brier > 0.1362 || m.ECE > 0.016 {
		t.Errorf("%+v", m)
	}
}

// outOfFoldLogistic gives each row the probability of the fit without its fold.
func outOfFoldLogistic(t *testing.T, table []glm.Column, y []float64) []float64 {
	t.Helper()
	design, err := glm.NewDesign(table, glm.DesignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := design.Encode(table)
	if err != nil {
		t.Fatal(err)
	}
	p, of := make([]float64, len(y)), glm.Folds(glm.Logistic, y, nil, 5, 42)
	for fold := range 5 {
		w := make([]float64, len(y))
		for i := range w {
			if of[i] != fold {
				w[i] = 1
			}
		}
		f, err := glm.Fit(glm.Logistic, glm.Data{X: e.X, Y: y, Weights: w}, glm.Options{Ridge: 1})
		if err != nil {
			t.Fatal(err)
		}
		all, err := f.Predict(e.X, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p {
			if of[i] == fold {
				p[i] = all[i]
			}
		}
	}
	return p
}
