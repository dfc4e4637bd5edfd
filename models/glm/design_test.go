package glm

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/datatest"
)

func shop() []Column {
	return []Column{
		{Name: "country", Texts: []string{"TH", "TH", "KR", "KR", "TH", "", "TH", "KR", "US", ""}},
		{Name: "age", Numbers: []float64{30, math.NaN(), 50, 40, 30, 30, 40, 40, 30, 30}},
		{Name: "id", Texts: []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}},
		{Name: "blank", Numbers: slices.Repeat([]float64{math.NaN()}, 10)},
	}
}

func TestDesign(t *testing.T) {
	d, err := NewDesign(shop(), DesignOptions{MinCount: 2, MaxLevels: 8})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"country=(missing)", "country=KR", "country=(other)", "age", "age missing"}
	if got := d.Names(); !slices.Equal(got, want) {
		t.Fatalf("columns %v, want %v", got, want)
	}
	for _, r := range []Reason{LevelsMerged, LooksLikeID, Empty} {
		if warned(d.Warnings, r) == nil {
			t.Errorf("no warning %s in %+v", r, d.Warnings)
		}
	}
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	back := &Design{}
	if err := json.Unmarshal(raw, back); err != nil {
		t.Fatal(err)
	}
	// Other rows, other order, other columns beside them.
	e, err := back.Encode([]Column{
		{Name: "age", Numbers: []float64{20, math.NaN(), 30}},
		{Name: "surprise", Texts: []string{"x", "y", "z"}},
		{Name: "country", Texts: []string{"KR", "", "FR"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	mean := 320.0 / 9
	for j, column := range [][]float64{{0, 1, 0}, {1, 0, 0}, {0, 0, 1}, {20, mean, 30}, {0, 1, 0}} {
		for i, v := range column {
			near(t, e.Names[j], e.X[j][i], v, 1e-12, 0)
		}
	}
	if len(e.Unseen) != 0 {
		t.Errorf("unseen %v", e.Unseen)
	}
}

// TestUnseen: without a level for others, a new level has the average effect.
func TestUnseen(t *testing.T) {
	train := []Column{{Name: "plan", Texts: strings.Split("a a a a a b b b b b b b c c c c c c c c", " ")}, {Name: "n", Numbers: make([]float64, 20)}}
	d, err := NewDesign(train, DesignOptions{Reference: map[string]string{"plan": "b"}})
	if err != nil || len(d.Warnings) != 0 {
		t.Fatal(err, d)
	}
	e, err := d.Encode([]Column{{Name: "plan", Texts: []string{"zzz", "", "b"}}, {Name: "n", Numbers: []float64{1, math.NaN(), 3}}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(e.Names, []string{"plan=a", "plan=c", "n"}) || e.Unseen["plan"] != 2 || e.Unseen["n"] != 1 {
		t.Errorf("%v %v", e.Names, e.Unseen)
	}
	for j, column := range [][]float64{{.25, .25, 0}, {.4, .4, 0}, {1, 0, 3}} {
		for i, v := range column {
			near(t, e.Names[j], e.X[j][i], v, 1e-12, 0)
		}
	}
}

func TestDesignErrors(t *testing.T) {
	for _, c := range []struct {
		table []Column
		want  string
	}{
		{nil, "no rows"},
		{[]Column{{Name: "a", Numbers: []float64{1}}, {Name: "a", Numbers: []float64{1}}}, `two columns are called "a"`},
		{[]Column{{Name: "a", Numbers: []float64{1}}, {Name: "b", Numbers: []float64{1, 2}}}, `column "b" has 2 rows`},
		{[]Column{{Name: "a", Numbers: []float64{math.Inf(1)}}}, "row 0 of column \"a\" is infinite"},
		{[]Column{{Name: "a", Numbers: []float64{1}, Texts: []string{"x"}}}, "numbers and texts"},
	} {
		if _, err := NewDesign(c.table, DesignOptions{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	d, err := NewDesign([]Column{{Name: "a", Numbers: []float64{1, 2}}, {Name: "b", Texts: []string{"x", "y"}}}, DesignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		table []Column
		want  string
	}{
		{[]Column{{Name: "a", Numbers: []float64{1}}}, `no column "b"`},
		{[]Column{{Name: "a", Texts: []string{"1"}}, {Name: "b", Texts: []string{"x"}}}, `"a" holds texts`},
		{[]Column{{Name: "a", Numbers: []float64{1}}, {Name: "b", Numbers: []float64{1}}}, `"b" holds numbers`},
	} {
		if _, err := d.Encode(c.table); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// telco reads the public churn set: the table and who left.
func telco(t testing.TB) (table []Column, churn []float64) {
	t.Helper()
	f, err := os.Open(datatest.Path(t, "telco/Telco-Customer-Churn.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for j, name := range rows[0] {
		if name == "customerID" {
			continue
		}
		c := Column{Name: name}
		for _, row := range rows[1:] {
			v, err := strconv.ParseFloat(strings.TrimSpace(row[j]), 64)
			switch {
			case name == "Churn" && row[j] == "Yes":
				churn = append(churn, 1)
			case name == "Churn":
				churn = append(churn, 0)
			case name == "tenure" || name == "MonthlyCharges" || name == "TotalCharges" || name == "SeniorCitizen":
				if err != nil {
					v = math.NaN()
				}
				c.Numbers = append(c.Numbers, v)
			default:
				c.Texts = append(c.Texts, row[j])
			}
		}
		if name != "Churn" {
			table = append(table, c)
		}
	}
	return table, churn
}

// telcoValues are estimates and errors of statsmodels 0.15.0, made by
// testdata/telco.py.
var telcoValues = map[string][2]float64{
	"tenure":                     {-0.06058757664205908, 0.0062360691466558},
	"TotalCharges":               {0.000328940196125356, 7.063169968896589e-05},
	"Contract=Two year":          {-1.3571062697464202, 0.1764604379760139},
	"InternetService=DSL":        {-1.7474749136920376, 0.7980862233218036},
	"PaymentMethod=Mailed check": {-0.3620544655564524, 0.09634746961773545},
}

const telcoLogLik = -2913.136182484183

// TestTelco fits the public churn set as it comes. The 11 rows without total
// charges, of which nobody left, have no finite estimate in the reference, so
// they get no weight.
func TestTelco(t *testing.T) {
	table, churn := telco(t)
	d, err := NewDesign(table, DesignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := d.Encode(table)
	if err != nil {
		t.Fatal(err)
	}
	weights := make([]float64, len(churn))
	for i, missing := range e.X[slices.Index(e.Names, "TotalCharges missing")] {
		weights[i] = 1 - missing
	}
	f, err := Fit(Logistic, Data{X: e.X, Y: churn, Names: e.Names, Weights: weights}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log-likelihood", f.LogLik, telcoLogLik, 1e-9, 0)
	if w := warned(f.Warnings, Collinear); w == nil || len(w.Columns) != 7 {
		t.Errorf("a service is told by the one it needs, seven times: %+v", f.Warnings)
	}
	if whole, err := Fit(Logistic, Data{X: e.X, Y: churn, Names: e.Names}, Options{}); err != nil || warned(whole.Warnings, Separation) == nil || !whole.Converged {
		t.Errorf("with all rows: %v %+v", err, whole)
	}
	for _, c := range f.Coefficients {
		if want, ok := telcoValues[c.Name]; ok {
			near(t, c.Name, c.Value, want[0], 1e-6, 0)
			near(t, c.Name+" SE", c.SE, want[1], 1e-6, 0)
		}
	}
}

func BenchmarkTelco(b *testing.B) {
	table, churn := telco(b)
	d, err := NewDesign(table, DesignOptions{})
	if err != nil {
		b.Fatal(err)
	}
	e, err := d.Encode(table)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("design", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Encode(table); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("fit", func(b *testing.B) {
		for b.Loop() {
			if _, err := Fit(Logistic, Data{X: e.X, Y: churn}, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("path", func(b *testing.B) {
		for b.Loop() {
			if _, err := FitPath(Logistic, Data{X: e.X, Y: churn}, PathOptions{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
