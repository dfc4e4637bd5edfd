package survival

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/dangol/dangol/internal/kit/datatest"
	"gonum.org/v1/gonum/mathext"
)

// fader reads the survival of 1,000 regular and 1,000 high-end customers.
func fader(t testing.TB) map[string][]float64 {
	t.Helper()
	f, err := os.Open(datatest.Path(t, "sbg/retention.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	active := map[string][]float64{}
	for _, row := range rows[1:] {
		for j, name := range []string{"regular", "high end"} {
			v, err := strconv.ParseFloat(row[j+1], 64)
			if err != nil {
				t.Fatal(err)
			}
			active[name] = append(active[name], math.Round(v*10))
		}
	}
	return active
}

func cohort(t testing.TB, active []float64) []Cohort {
	t.Helper()
	c, err := CohortOf(active...)
	if err != nil {
		t.Fatal(err)
	}
	return []Cohort{c}
}

// TestPublishedContracts reproduces Fader and Hardie (2007) and the
// independent fits of the beta-discrete-Weibull.
func TestPublishedContracts(t *testing.T) {
	data := fader(t)
	for _, c := range []struct {
		model          Renewal
		set            string
		years          int
		alpha, beta, c float64
		ll             float64
	}{
		{ShiftedBeta, "regular", 7, .704077, 1.182043, 1, -1680.2652},
		{ShiftedBeta, "high end", 7, .668088, 3.806095, 1, -1611.1581},
		{BetaWeibull, "regular", 7, .455614, .779325, 1.283451, -1679.6028},
		{BetaWeibull, "high end", 7, .214253, 1.426575, 1.723565, -1605.3142},
		{ShiftedBeta, "regular", 5, .737007, 1.245343, 1, -1517.0730},
		{BetaWeibull, "regular", 5, .489178, .836534, 1.236306, -1516.7298},
		{ShiftedBeta, "high end", 5, .875382, 5.161670, 1, -1378.4832},
		{BetaWeibull, "high end", 5, .227417, 1.512665, 1.675150, -1374.5468},
	} {
		t.Run(string(c.model)+" "+c.set+" "+strconv.Itoa(c.years), func(t *testing.T) {
			f, err := FitContract(c.model, cohort(t, data[c.set][:c.years+1]), 0)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "alpha", f.Alpha, c.alpha, 1e-4, 0)
			near(t, "beta", f.Beta, c.beta, 1e-4, 0)
			near(t, "c", f.C, c.c, 1e-4, 0)
			near(t, "log-likelihood", f.LogLik, c.ll, 0, 6e-5)
			if !f.Converged || !(0 < f.AlphaInterval[0] && f.AlphaInterval[0] < f.Alpha && f.Alpha < f.AlphaInterval[1]) {
				t.Errorf("%+v", f)
			}
		})
	}
}

// TestSurvivalForecast: the error of survival up to year 12, forecast from 4,
// 5 and 7 years; the beta-discrete-Weibull on 5 years is within 1 %.
func TestSurvivalForecast(t *testing.T) {
	data := fader(t)
	for _, c := range []struct {
		set      string
		years    int
		sbg, bdw float64 // per cent, published measurements
	}{
		{"high end", 4, 13.2, 1.7},
		{"high end", 5, 7.51, .59},
		{"high end", 7, 2.8, 1.3},
		{"regular", 4, 5.4, 1.3},
		{"regular", 5, 3.84, .54},
		{"regular", 7, 1.5, 1.4},
	} {
		for model, want := range map[Renewal]float64{ShiftedBeta: c.sbg, BetaWeibull: c.bdw} {
			f, err := FitContract(model, cohort(t, data[c.set][:c.years+1]), 0)
			if err != nil {
				t.Fatal(err)
			}
			mape, inside := 0.0, 0
			for year := c.years + 1; year <= 12; year++ {
				truth := data[c.set][year] / data[c.set][0]
				mape += 100 * math.Abs(f.Survival(year)/truth-1) / float64(12-c.years)
				if e := f.SurvivalInterval(year); e.Low < truth && truth < e.High {
					inside++
				}
			}
			near(t, c.set+" "+string(model)+" "+strconv.Itoa(c.years)+" years", mape, want, 0, 0.06)
			if model == BetaWeibull && c.years == 5 && mape > 1 {
				t.Errorf("%.2f %% on five years", mape)
			}
			t.Logf("%s %s from %d years: MAPE %.2f %%, truth inside the interval in %d of %d years", c.set, model, c.years, mape, inside, 12-c.years)
		}
	}
}

// TestContractFigures checks sums against closed forms.
func TestContractFigures(t *testing.T) {
	p, err := NewProcess(ShiftedBeta, 0.668, 3.806, 9)
	if err != nil || p.C != 1 {
		t.Fatal(err)
	}
	near(t, "retention 1", p.Retention(1), 3.806/(0.668+3.806), 1e-12, 0)
	near(t, "retention 3", p.Retention(3), 5.806/(0.668+5.806), 1e-12, 0)
	near(t, "survival 2", p.Survival(2), 3.806/4.474*4.806/5.474, 1e-12, 0)
	near(t, "survival given", p.SurvivalGiven(2, 3), p.Survival(5)/p.Survival(2), 1e-12, 0)
	for _, age := range []int{0, 1, 4} {
		// Fader and Hardie (2010), equation 6, with n = age+1.
		n := float64(age + 1)
		z := 1 / 1.1
		want := (p.Beta + n - 1) / (p.Alpha + p.Beta + n - 1) * mathext.Hypergeo(1, p.Beta+n, p.Alpha+p.Beta+n, z)
		got, err := p.DERL(age, 0.1)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "DERL", got, want, 1e-10, 0)
	}
	del, err := p.DEL(0.1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "DEL", del, mathext.Hypergeo(1, p.Beta, p.Alpha+p.Beta, 1/1.1), 1e-10, 0)
	if _, err := p.Remaining(0, 0); err == nil {
		t.Error("a lifetime without a mean")
	}
	q, err := NewProcess(ShiftedBeta, 2.5, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	mean, err := q.Remaining(2, 0)
	near(t, "remaining", mean, 5/1.5, 1e-12, 0)
	if err != nil {
		t.Error(err)
	}
	near1 := Process{BetaWeibull, 2.5, 3, 1 + 1e-9}
	mean, err = near1.Remaining(2, 0)
	near(t, "remaining, summed", mean, 5/1.5, 1e-7, 0)
	if err != nil {
		t.Error(err)
	}
	two, err := q.Remaining(2, 2)
	near(t, "two periods", two, q.SurvivalGiven(2, 1)+q.SurvivalGiven(2, 2), 1e-12, 0)
	if err != nil {
		t.Error(err)
	}
}

// TestManyCohorts: cohorts of different ages, late observation, and single
// customers tell the same story as one long cohort.
func TestManyCohorts(t *testing.T) {
	truth := Process{BetaWeibull, 0.6, 2.5, 1.3}
	var cohorts []Cohort
	for age := 2; age <= 9; age++ {
		active := []float64{1e6}
		for k := 1; k <= age; k++ {
			active = append(active, 1e6*truth.Survival(k))
		}
		cohorts = append(cohorts, cohort(t, active)...)
	}
	// Known only from their fourth period on.
	late := Cohort{Age: 3, Stayed: 1e6 * truth.Survival(7)}
	for k := 4; k <= 7; k++ {
		late.Left = append(late.Left, 1e6*(truth.Survival(k-1)-truth.Survival(k)))
	}
	f, err := FitContract(BetaWeibull, append(cohorts, late), 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "alpha", f.Alpha, truth.Alpha, 1e-4, 0)
	near(t, "beta", f.Beta, truth.Beta, 1e-4, 0)
	near(t, "c", f.C, truth.C, 1e-4, 0)
	single, err := CohortsOf(Times{Time: []float64{1, 2, 2, 3, 3, 3}, Event: []bool{true, true, false, true, false, false}, Entry: []float64{0, 0, 1, 0, 2, -1}, Weights: []float64{2, 1, 1, 1, 1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	one, err := FitContract(ShiftedBeta, single, 0)
	if err != nil {
		t.Fatal(err)
	}
	other, err := FitContract(ShiftedBeta, []Cohort{{Left: []float64{2, 1, 1}, Stayed: 1}, {Left: []float64{0}, Stayed: 1, Age: 1}, {Left: []float64{0}, Stayed: 1, Age: 2}}, 0)
	if err != nil || one.LogLik != other.LogLik || one.Customers != 7 {
		t.Errorf("%+v %+v %v", one, other, err)
	}
}

// TestShapeOfContracts: high-end customers each become likelier to leave.
func TestShapeOfContracts(t *testing.T) {
	data := fader(t)
	s, err := TestShape(cohort(t, data["high end"][:8]), 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ratio", s.Ratio, 2*(1611.1581-1605.3142), 0, 2e-4)
	if !(s.P < 0.001) {
		t.Errorf("P %v", s.P)
	}
	r, err := TestShape(cohort(t, data["regular"][:8]), 0)
	if err != nil || !(r.P > 0.1) {
		t.Errorf("%+v %v", r, err)
	}
}

// TestChooseContract: the bent model where it can be told, the plain one else.
func TestChooseContract(t *testing.T) {
	data := fader(t)
	for years, want := range map[int]Renewal{3: ShiftedBeta, 5: BetaWeibull, 7: BetaWeibull} {
		f, err := ChooseContract(cohort(t, data["high end"][:years+1]), 0)
		if err != nil || f.Model != want {
			t.Errorf("%d years: %v %v", years, f, err)
		}
	}
}
