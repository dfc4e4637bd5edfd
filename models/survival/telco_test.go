package survival

import (
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/dangol/dangol/internal/kit/datatest"
	"github.com/dangol/dangol/models/glm"
)

// telco reads the public churn set: months, who left, and the table.
func telco(t testing.TB) (Times, []glm.Column) {
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
	times, table := Times{}, make([]glm.Column, len(rows[0]))
	for j, name := range rows[0] {
		c := glm.Column{Name: name}
		for _, row := range rows[1:] {
			v, err := strconv.ParseFloat(row[j], 64)
			switch name {
			case "tenure":
				times.Time = append(times.Time, v)
			case "Churn":
				times.Event = append(times.Event, row[j] == "Yes")
			}
			if err == nil && (name == "MonthlyCharges" || name == "SeniorCitizen") {
				c.Numbers = append(c.Numbers, v)
			} else {
				c.Texts = append(c.Texts, row[j])
			}
		}
		if c.Numbers != nil {
			c.Texts = nil
		}
		table[j] = c
	}
	return times, table
}

// pick encodes some columns of a table.
func pick(t testing.TB, table []glm.Column, names ...string) Columns {
	t.Helper()
	var some []glm.Column
	for _, c := range table {
		if slices.Contains(names, c.Name) {
			some = append(some, c)
		}
	}
	d, err := glm.NewDesign(some, glm.DesignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := d.Encode(some)
	if err != nil {
		t.Fatal(err)
	}
	return Columns{X: e.X, Names: e.Names}
}

// TestTelcoCurve reproduces R survival's curve and log-rank.
func TestTelcoCurve(t *testing.T) {
	times, table := telco(t)
	c, err := KaplanMeier(times, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[float64]float64{1: .945961, 12: .843200, 24: .788736, 36: .748545, 48: .708840, 60: .664404, 72: .592790} {
		s, low, high := c.Survival(at)
		near(t, "S", s, want, 0, 6e-7)
		if !(low < s && s < high) {
			t.Errorf("%v…%v around %v", low, high, s)
		}
	}
	contract := make([]int, len(times.Time))
	for _, column := range table {
		if column.Name == "Contract" {
			for i, v := range column.Texts {
				contract[i] = slices.Index([]string{"Month-to-month", "One year", "Two year"}, v)
			}
		}
	}
	l, err := LogRank(times, contract, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log-rank", l.Statistic, 2352.87254, 0, 1e-5)
	if l.Freedom != 2 || l.P > 1e-300 {
		t.Errorf("%+v", l)
	}
}

// TestTelcoCox reproduces R survival's fit of 13 terms.
func TestTelcoCox(t *testing.T) {
	times, table := telco(t)
	c := pick(t, table, "gender", "SeniorCitizen", "Partner", "Dependents", "Contract", "InternetService", "PaymentMethod", "PaperlessBilling", "MonthlyCharges")
	f, err := FitCox(c, times, CoxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log-likelihood", f.LogLik, -14029.0946, 0, 6e-5)
	near(t, "concordance", f.Concordance, .852529, 0, 6e-7)
	if f.Freedom != 13 || len(f.Warnings) != 0 {
		t.Errorf("%d terms, %+v", f.Freedom, f.Warnings)
	}
}

func BenchmarkTelcoCox(b *testing.B) {
	times, table := telco(b)
	c := pick(b, table, "gender", "SeniorCitizen", "Partner", "Dependents", "Contract", "InternetService", "PaymentMethod", "PaperlessBilling", "MonthlyCharges")
	for b.Loop() {
		if _, err := FitCox(c, times, CoxOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
