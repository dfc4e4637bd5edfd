package classify

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/dangol/dangol/internal/kit/datatest"
)

// telco reads the table; a column whose every value is a number or empty is numbers.
func telco(t *testing.T) (table []Column, y []float64) {
	t.Helper()
	f, err := os.Open(datatest.Path(t, "telco/Telco-Customer-Churn.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for j, name := range rows[0] {
		c := Column{Name: name}
		numeric := true
		for _, row := range rows[1:] {
			x := math.NaN()
			if text := row[j]; text != "" && text != " " {
				if x, err = strconv.ParseFloat(text, 64); err != nil {
					numeric = false
				}
			}
			c.Numbers, c.Texts = append(c.Numbers, x), append(c.Texts, row[j])
		}
		switch {
		case name == "customerID":
		case name == "Churn":
			for _, text := range c.Texts {
				v := 0.0
				if text == "Yes" {
					v = 1
				}
				y = append(y, v)
			}
		case numeric:
			c.Texts = nil
			table = append(table, c)
		default:
			c.Numbers = nil
			table = append(table, c)
		}
	}
	return table, y
}

// TestTelco: with nothing set, five folds, every row predicted by a model that had not seen it, choice, combination and calibration
// included. The best single library tuned for this table reaches AUC 0.8474 and log-loss 0.4132 (LightGBM, 300 trees of 8 leaves);
// LightGBM's defaults 0.834, 0.4347; a mean of that and a logistic regression 0.8489, 0.4120. Nothing here was fitted to this table.
func TestTelco(t *testing.T) {
	table, y := telco(t)
	e, err := Evaluate(table, y, 5, Options{Seed: 42})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("AUC %.4f, log-loss %.4f, Brier %.4f, ECE %.4f, slope %.3f", e.AUC.Value, e.LogLoss, e.Brier, e.ECE, e.Slope)
	if e.AUC.Value < 0.848 || e.LogLoss > 0.413 || e.Brier > 0.134 || e.ECE > 0.010 {
		t.Errorf("AUC %.4f, log-loss %.4f, Brier %.4f, ECE %.4f", e.AUC.Value, e.LogLoss, e.Brier, e.ECE)
	}
	if len(e.Lift) != 10 || e.Lift[0].Lift < 2.5 || len(e.Reliability) != 10 {
		t.Errorf("%+v", e.Lift)
	}
}
