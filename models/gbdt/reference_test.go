package gbdt

import (
	"bytes"
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/dangol/dangol/internal/kit/datatest"
)

// near fails unless got is within abs of want.
func near(t testing.TB, what string, got, want, abs float64) {
	t.Helper()
	if !(math.Abs(got-want) <= abs) {
		t.Errorf("%s: got %.12g, want %.12g (off by %.3g)", what, got, want, math.Abs(got-want))
	}
}

// numbers reads a CSV file of numbers; header says whether to drop the first line.
func numbers(t testing.TB, path string, header bool) (names []string, rows [][]float64) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if header {
		names, records = records[0], records[1:]
	}
	for _, record := range records {
		row := make([]float64, len(record))
		for i, text := range record {
			row[i] = math.NaN()
			if text != "" {
				if row[i], err = strconv.ParseFloat(text, 64); err != nil {
					t.Fatal(err)
				}
			}
		}
		rows = append(rows, row)
	}
	return names, rows
}

// table makes columns of rows.
func table(t testing.TB, names []string, rows [][]float64) *Data {
	t.Helper()
	columns := make([]Column, len(names))
	for f, name := range names {
		values := make([]float64, len(rows))
		for i := range rows {
			values[i] = rows[i][f]
		}
		columns[f] = Float64(name, values)
	}
	d, err := NewData(columns...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// explainedAs compares contributions with a file whose last column is the base.
func explainedAs(t *testing.T, m *Model, rows, want [][]float64) {
	t.Helper()
	worst := 0.0
	dst := make([]float64, m.Width())
	for i, row := range want {
		base, err := m.Explain(dst, rows[i])
		if err != nil {
			t.Fatal(err)
		}
		near(t, "base", base, row[m.Width()], 1e-6)
		sum := base
		for f, v := range dst {
			worst = max(worst, math.Abs(v-row[f]))
			sum += v
		}
		margin, err := m.Margin(rows[i])
		if err != nil {
			t.Fatal(err)
		}
		near(t, "sum of contributions", sum, margin, 1e-9)
	}
	t.Logf("largest difference of a contribution: %.3g", worst)
	if !(worst <= 1e-6) {
		t.Errorf("contributions differ by %g", worst)
	}
}

// TestXGBoostReference reads a model of XGBoost 1.7.4 and compares its margins and contributions.
func TestXGBoostReference(t *testing.T) {
	text, err := os.ReadFile(datatest.Path(t, "references/telco_xgb50.json"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := ReadXGBoost(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	names, rows := numbers(t, datatest.Path(t, "references/telco_onehot.csv"), true)
	_, margins := numbers(t, datatest.Path(t, "references/telco_xgb50_margin.csv"), false)
	if len(rows) != 7043 || len(margins) != len(rows) || m.Trees() != 50 {
		t.Fatalf("%d rows, %d margins, %d trees", len(rows), len(margins), m.Trees())
	}
	got := make([]float64, len(rows))
	if err := m.Margins(got, table(t, names, rows)); err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		near(t, "margin of row "+strconv.Itoa(i), v, margins[i][0], 1e-6*max(1, math.Abs(v)))
		// XGBoost adds in 32 bits: doing the same gives every printed digit.
		sum := float32(m.base)
		for k := range m.trees {
			sum += float32(m.trees[k].value(rows[i]))
		}
		near(t, "margin in 32 bits of row "+strconv.Itoa(i), float64(sum), margins[i][0], 6e-8*max(1, math.Abs(v)))
	}
	_, want := numbers(t, datatest.Path(t, "references/telco_xgb50_shap_first100.csv"), false)
	explainedAs(t, m, rows, want)
}

// TestLightGBMReference reads a model of LightGBM 4.6 and compares its contributions.
func TestLightGBMReference(t *testing.T) {
	text, err := os.ReadFile(datatest.Path(t, "references/telco_lgb100.txt"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := ReadLightGBM(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	_, rows := numbers(t, datatest.Path(t, "references/telco_onehot.csv"), true)
	_, want := numbers(t, datatest.Path(t, "references/telco_lgb100_shap_first100.csv"), false)
	if m.Trees() != 100 {
		t.Fatalf("%d trees", m.Trees())
	}
	explainedAs(t, m, rows, want)
}
