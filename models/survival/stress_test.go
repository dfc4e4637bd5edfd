package survival

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// simulated draws single customers of a process, seen for different times.
func simulated(rng *rand.Rand, truth Process, customers, horizon int) Times {
	t := Times{}
	for range customers {
		seen := 2 + rng.IntN(horizon-1)
		u, life := rng.Float64(), 0
		for life < seen && u <= truth.Survival(life+1) {
			life++
		}
		if life < seen {
			t.Time, t.Event = append(t.Time, float64(life+1)), append(t.Event, true)
		} else {
			t.Time, t.Event = append(t.Time, float64(seen)), append(t.Event, false)
		}
	}
	return t
}

// TestContractsAlwaysFit: 200 simulated businesses of 150 to 2,000 customers:
// no failed fit, no log-likelihood short of the truth's or of any of many
// other starts, positive intervals, finite forecasts.
func TestContractsAlwaysFit(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 13))
	covered, counted := 0, 0
	for set := range 200 {
		truth := Process{BetaWeibull, math.Exp(rng.Float64()*3 - 1.5), math.Exp(rng.Float64()*3.5 - 0.5), math.Exp(rng.Float64() - 0.4)}
		if set%2 == 0 {
			truth.Model, truth.C = ShiftedBeta, 1
		}
		times := simulated(rng, truth, 150+rng.IntN(1850), 4+rng.IntN(30))
		cohorts, err := CohortsOf(times)
		if err != nil {
			t.Fatal(err)
		}
		f, err := FitContract(truth.Model, cohorts, 0)
		if err != nil {
			t.Fatalf("set %d: %v", set, err)
		}
		if !f.Converged {
			t.Errorf("set %d (%v): %+v", set, truth, f.Warnings)
		}
		e, err := exposureOf(cohorts)
		if err != nil {
			t.Fatal(err)
		}
		o := &renewals{e, truth.Model}
		best, _ := o.likelihood([]float64{math.Log(truth.Alpha), math.Log(truth.Beta), math.Log(truth.C)}[:o.free()])
		for range 2 {
			start := []float64{4*rng.Float64() - 2, 4*rng.Float64() - 2, rng.Float64() - 0.5}
			best = math.Max(best, climb(o.surface, start[:o.free()], nil, 1).slope.value)
		}
		if f.LogLik < best-1e-3 {
			t.Errorf("set %d: log-likelihood %.6f, %.6f is possible", set, f.LogLik, best)
		}
		for _, interval := range [][2]float64{f.AlphaInterval, f.BetaInterval, f.CInterval} {
			if interval[0] < 0 || interval[1] < interval[0] || !finite(interval[1]) {
				t.Errorf("set %d: interval %v", set, interval)
			}
		}
		forecast := f.SurvivalInterval(12)
		if !(0 <= forecast.Low && forecast.Low <= forecast.Value && forecast.Value <= forecast.High && forecast.High <= 1) {
			t.Errorf("set %d: %+v", set, forecast)
		}
		counted++
		if s := truth.Survival(12); forecast.Low <= s && s <= forecast.High {
			covered++
		}
		if v, err := f.DERL(3, 0.01); err != nil || !(v > 0 && finite(v)) {
			t.Errorf("set %d: %v %v", set, v, err)
		}
	}
	t.Logf("the interval of survival at 12 holds the truth in %d of %d sets", covered, counted)
	if covered < counted*88/100 {
		t.Errorf("the interval holds the truth in %d of %d sets only", covered, counted)
	}
}

// TestAlikeCustomers: equal chances for all are said to be that.
func TestAlikeCustomers(t *testing.T) {
	active := []float64{10_000}
	for len(active) < 12 {
		active = append(active, active[len(active)-1]*0.9)
	}
	f, err := FitContract(ShiftedBeta, []Cohort{mustCohort(t, active)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Warnings) != 1 || f.Warnings[0].Reason != Homogeneous {
		t.Errorf("%v: %+v", f.Process, f.Warnings)
	}
	near(t, "survival at 20", f.Survival(20), math.Pow(0.9, 20), 2e-2, 0)
}

func mustCohort(t testing.TB, active []float64) Cohort {
	t.Helper()
	c, err := CohortOf(active...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSeparated: a group without events has no finite coefficient; it is
// held and named, and the other keeps its estimate.
func TestSeparated(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	times, never, other := Times{}, []float64{}, []float64{}
	for i := range 300 {
		loyal := 0.0
		if i%3 == 0 {
			loyal = 1
		}
		x := rng.NormFloat64()
		life := math.Ceil(10 * rng.ExpFloat64() * math.Exp(-0.7*x))
		times.Time = append(times.Time, math.Min(life, 20))
		times.Event = append(times.Event, life <= 20 && loyal == 0)
		never, other = append(never, loyal), append(other, x)
	}
	columns := Columns{X: [][]float64{other, never}, Names: []string{"other", "loyal"}}
	f, err := FitCox(columns, times, CoxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	check := func(warnings []Warning, converged bool) {
		t.Helper()
		if !converged || len(warnings) != 1 || warnings[0].Reason != Separation || len(warnings[0].Columns) != 1 || warnings[0].Columns[0] != "loyal" {
			t.Errorf("%v %+v", converged, warnings)
		}
	}
	check(f.Warnings, f.Converged)
	near(t, "Cox", f.Coefficients[0].Value, 0.7, 0.25, 0)
	if c := f.Coefficients[1]; c.Value > -1 || c.Value < -20 {
		t.Errorf("%+v", c)
	}
	g, err := FitLifetime(Weibull, columns, times, LifetimeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	check(g.Warnings, g.Converged)
	near(t, "Weibull", g.Coefficients[1].Value, -0.7, 0.3, 0) // whole periods blur it
	h, err := FitHazard(columns, times, HazardOptions{})
	if err != nil {
		t.Fatal(err)
	}
	check(h.Warnings, h.Model.Converged)
}

// TestErrors: bad input is named, and what cannot be known is said.
func TestErrors(t *testing.T) {
	nan := math.NaN()
	good := Times{Time: []float64{1, 2, 3, 4}, Event: []bool{true, true, false, true}}
	short := Columns{X: [][]float64{{1, 2}}}
	curve, err := KaplanMeier(good, 0)
	if err != nil {
		t.Fatal(err)
	}
	open, err := KaplanMeier(Times{Time: []float64{1, 2}, Event: []bool{true, false}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	errs := map[string]error{}
	keep := func(want string, err error) { errs[want] = err }
	_, err = KaplanMeier(Times{}, 0)
	keep("there are no rows", err)
	_, err = KaplanMeier(Times{Time: []float64{1, nan}, Event: []bool{true, true}}, 0)
	keep("the time of row 1 is NaN", err)
	_, err = KaplanMeier(Times{Time: []float64{1}, Event: []bool{true}, Entry: []float64{1}}, 0)
	keep("row 0 enters at 1 and ends at 1", err)
	_, err = KaplanMeier(Times{Time: []float64{1}, Event: []bool{true}, Weights: []float64{-1}}, 0)
	keep("the weight of row 0 is -1", err)
	_, err = KaplanMeier(good, 95)
	keep("the level of intervals is 95", err)
	_, err = curve.Quantile(1)
	keep("the share is 1", err)
	_, _, err = open.RestrictedMean(5)
	keep("observation ends at 2 with 0.5 still there", err)
	_, err = LogRank(good, []int{1, 1, 1, 1}, nil, "")
	keep("one group only", err)
	_, err = LogRank(good, []int{1, 2, 1, 1}, nil, "magic")
	keep(`no emphasis "magic"`, err)
	_, err = FitCox(short, good, CoxOptions{})
	keep("column 0 (x1) has 2 values for 4 rows", err)
	_, err = FitCox(Columns{}, Times{Time: []float64{1}, Event: []bool{false}}, CoxOptions{})
	keep("no row has the event", err)
	_, err = FitCox(Columns{}, good, CoxOptions{Ties: "exact"})
	keep(`no way "exact" with ties`, err)
	_, err = FitLifetime(Weibull, Columns{}, Times{Time: []float64{0, 1}, Event: []bool{true, true}}, LifetimeOptions{})
	keep("the time of row 0 is 0", err)
	_, err = FitLifetime("gamma", Columns{}, good, LifetimeOptions{})
	keep(`no law "gamma"`, err)
	_, err = FitHazard(Columns{}, Times{Time: []float64{1.5}, Event: []bool{true}}, HazardOptions{})
	keep("row 0 ends at 1.5", err)
	_, err = CohortOf(100, 110)
	keep("the number active after 1 periods is 110", err)
	_, err = FitContract(ShiftedBeta, []Cohort{{Left: []float64{0, 0}, Stayed: 9}}, 0)
	keep("no customer has left", err)
	_, err = FitContract(BetaWeibull, []Cohort{{Left: []float64{5, 1}, Stayed: 9}}, 0)
	keep("seen in 2 different periods of their age; bdw needs at least 3", err)
	_, err = NewProcess(ShiftedBeta, -1, 2, 1)
	keep("alpha is -1", err)
	_, err = Process{ShiftedBeta, 1, 2, 1}.DERL(0, 0)
	keep("the discount rate is 0", err)
	_, err = Brier(good, [][]float64{{1}, {1}, {1}, {2}}, []float64{2})
	keep("the prediction of row 3 at time 2 is 2", err)
	_, err = Concordance(good, []float64{1, 2, nan, 1}, 0)
	keep("the score of row 2 is NaN", err)
	for want, err := range errs {
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
