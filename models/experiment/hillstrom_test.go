package experiment

import (
	"compress/gzip"
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/dangol/dangol/internal/kit/datatest"
)

// TestHillstrom: history, spend before the mails, tells hardly anything of
// spend after, so CUPED takes off hardly anything; published figures.
func TestHillstrom(t *testing.T) {
	f, err := os.Open(datatest.Path(t, "hillstrom/hillstrom.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	of := func(name string) int { return slices.Index(rows[0], name) }
	arms := map[string]Arm{}
	for _, arm := range []string{"No E-Mail", "Mens E-Mail", "Womens E-Mail"} {
		var v Values
		for _, row := range rows[1:] {
			if row[of("segment")] != arm {
				continue
			}
			spend, errSpend := strconv.ParseFloat(row[of("spend")], 64)
			history, errHistory := strconv.ParseFloat(row[of("history")], 64)
			if errSpend != nil || errHistory != nil {
				t.Fatal(errSpend, errHistory)
			}
			v.Outcome, v.Covariate = append(v.Outcome, spend), append(v.Covariate, history)
		}
		if arms[arm], err = Measure(v); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		arm             string
		mean, reduction float64
	}{{"Mens E-Mail", 1.4226, 0.043}, {"Womens E-Mail", 1.0772, 0.038}} {
		r := compared(t, arms["No E-Mail"], arms[c.arm], Options{})
		t.Logf("%s: %+.4f, variance reduction %.4f %%, theta %.6f", c.arm, r.Absolute.Value, 100*r.Reduction, r.Theta)
		near(t, c.arm, arms[c.arm].Mean(), c.mean, 5e-5)
		if math.Abs(100*r.Reduction-c.reduction) > 0.005 {
			t.Errorf("%s: reduction %.4f %%, want %.3f %%", c.arm, 100*r.Reduction, c.reduction)
		}
		if !slices.ContainsFunc(r.Warnings, func(w Warning) bool { return w.Reason == WeakCovariate }) {
			t.Errorf("%s: a covariate that tells nothing is not named: %v", c.arm, r.Warnings)
		}
	}
}
