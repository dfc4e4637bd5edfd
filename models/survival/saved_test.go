package survival

import (
	"encoding/json"
	"testing"
)

// saved fits one of each model.
func saved(f testing.TB) []any {
	f.Helper()
	times := Times{Time: []float64{1, 2, 3, 3, 4, 5, 6, 6}, Event: []bool{true, true, false, true, true, false, true, false}}
	columns := Columns{X: [][]float64{{1, 2, 1, 2, 4, 3, 1, 5}}}
	curve, err := KaplanMeier(times, 0)
	if err != nil {
		f.Fatal(err)
	}
	cox, err := FitCox(columns, times, CoxOptions{})
	if err != nil {
		f.Fatal(err)
	}
	life, err := FitLifetime(LogNormal, columns, times, LifetimeOptions{})
	if err != nil {
		f.Fatal(err)
	}
	hazard, err := FitHazard(columns, times, HazardOptions{})
	if err != nil {
		f.Fatal(err)
	}
	contract, err := FitContract(BetaWeibull, []Cohort{{Left: []float64{10, 7, 4, 3}, Stayed: 30}}, 0)
	if err != nil {
		f.Fatal(err)
	}
	return []any{curve, cox, life, hazard, contract}
}

// FuzzSaved: whatever a file holds, reading and using it never panics.
func FuzzSaved(f *testing.F) {
	for _, model := range saved(f) {
		raw, err := json.Marshal(model)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(_ *testing.T, raw []byte) {
		row := []float64{2}
		var curve Curve
		if json.Unmarshal(raw, &curve) == nil {
			curve.Survival(2)
			_, _ = curve.Quantile(0.5)
			_, _, _ = curve.RestrictedMean(2)
		}
		var cox Cox
		if json.Unmarshal(raw, &cox) == nil {
			_, _ = cox.Survival(row, 0, 3)
			_, _, _ = cox.Quantile(row, 0, 0.5)
			_, _ = cox.TestProportionality(Times{}, "")
		}
		var life Lifetime
		if json.Unmarshal(raw, &life) == nil {
			_, _ = life.Survival(row, 3)
			_, _ = life.Mean(row)
		}
		var hazard Hazard
		if json.Unmarshal(raw, &hazard) == nil {
			_, _ = hazard.Survival(row, 9)
			_, _ = hazard.Remaining(row, 1, 9)
		}
		var contract Contract
		if json.Unmarshal(raw, &contract) == nil {
			contract.SurvivalInterval(9)
			_, _ = contract.DERL(2, 0.1)
		}
	})
}

// TestSaved: what is read back predicts the same.
func TestSaved(t *testing.T) {
	for _, model := range saved(t) {
		raw, err := json.Marshal(model)
		if err != nil {
			t.Fatal(err)
		}
		row := []float64{2}
		switch m := model.(type) {
		case *Cox:
			back := &Cox{}
			if err := json.Unmarshal(raw, back); err != nil {
				t.Fatal(err)
			}
			a, errA := m.Survival(row, 0, 4)
			b, errB := back.Survival(row, 0, 4)
			if a != b || errA != nil || errB != nil {
				t.Errorf("%v %v", a, b)
			}
		case *Lifetime:
			back := &Lifetime{}
			if err := json.Unmarshal(raw, back); err != nil {
				t.Fatal(err)
			}
			a, errA := m.Survival(row, 4)
			b, errB := back.Survival(row, 4)
			if a != b || errA != nil || errB != nil {
				t.Errorf("%v %v", a, b)
			}
		case *Contract:
			back := &Contract{}
			if err := json.Unmarshal(raw, back); err != nil {
				t.Fatal(err)
			}
			if a, b := m.SurvivalInterval(7), back.SurvivalInterval(7); a != b {
				t.Errorf("%v %v", a, b)
			}
		}
	}
}
