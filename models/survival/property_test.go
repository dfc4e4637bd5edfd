package survival

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// drawTimes draws rows with ties, zeros, late entries and weights.
func drawTimes(t *rapid.T, least float64) (Times, Columns) {
	n := rapid.IntRange(1, 40).Draw(t, "rows")
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
	grid := rapid.IntRange(1, 15).Draw(t, "distinct times")
	times, c := Times{}, Columns{X: make([][]float64, rapid.IntRange(0, 3).Draw(t, "columns"))}
	kind := rapid.IntRange(0, 2).Draw(t, "kind")
	for i := range n {
		times.Time = append(times.Time, least+float64(rng.IntN(grid)))
		times.Event = append(times.Event, rng.IntN(3) > 0)
		for j := range c.X {
			v := rng.NormFloat64()
			switch kind {
			case 1:
				v = float64(rng.IntN(2))
			case 2:
				v = times.Time[i]*1e3 + float64(rng.IntN(2)) // tells the answer nearly
			}
			c.X[j] = append(c.X[j], v)
		}
	}
	if rapid.Bool().Draw(t, "weighted") {
		for range n {
			times.Weights = append(times.Weights, float64(rng.IntN(4)))
		}
	}
	if rapid.Bool().Draw(t, "late") {
		for _, at := range times.Time {
			times.Entry = append(times.Entry, at-1-float64(rng.IntN(grid)))
		}
	}
	return times, c
}

// expected is true of the errors that such draws may give.
func expected(err error) bool {
	var e *Error
	return errors.As(err, &e)
}

// TestCurvesAreCurves: shares fall from 1, intervals hold them, everything is
// finite, and quantiles belong to the curve.
func TestCurvesAreCurves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times, _ := drawTimes(t, 0)
		c, err := KaplanMeier(times, 0)
		if err != nil {
			if !expected(err) {
				t.Fatal(err)
			}
			return
		}
		if _, err := json.Marshal(c); err != nil {
			t.Fatal(err)
		}
		last, hazard := 1.0, 0.0
		for _, p := range c.Points {
			if !(p.Low <= p.Survival+1e-12 && p.Survival <= p.High+1e-12 && p.Low >= 0 && p.High <= 1) {
				t.Fatalf("%+v", p)
			}
			if p.Survival > last || p.Hazard < hazard || p.Survival > math.Exp(-p.Hazard)+1e-12 {
				t.Fatalf("%+v after %v, %v", p, last, hazard)
			}
			last, hazard = p.Survival, p.Hazard
		}
		q, err := c.Quantile(0.3)
		if err != nil {
			t.Fatal(err)
		}
		if q.Reached {
			if s, _, _ := c.Survival(q.Time); s > 0.7+1e-9 {
				t.Fatalf("%v at the quantile of 0.3", s)
			}
		}
		if end := c.Points[len(c.Points)-1].Time; end > 0 {
			mean, se, err := c.RestrictedMean(end)
			if err != nil || !(mean >= 0 && mean <= end+1e-9) || !(se >= 0) {
				t.Fatalf("mean %v ± %v until %v: %v", mean, se, end, err)
			}
		}
	})
}

// TestRegressionsAlwaysEnd: whatever the rows, Cox, lifetime and hazard models
// end, are finite, survive JSON and predict survival that falls.
func TestRegressionsAlwaysEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times, columns := drawTimes(t, 1)
		row := make([]float64, len(columns.X))
		for j := range row {
			row[j] = columns.X[j][0]
		}
		falls := func(what string, fit any, at func(float64) (float64, error)) {
			raw, err := json.Marshal(fit)
			if err != nil {
				t.Fatalf("%s is not finite: %v: %+v", what, err, fit)
			}
			_ = raw
			last := 1.0
			for _, age := range []float64{0, 1, 2, 5, 12, 100} {
				s, err := at(age)
				if err != nil || !(s >= 0 && s <= last+1e-9) {
					t.Fatalf("%s: survival %v after %v: %v", what, s, last, err)
				}
				last = s
			}
		}
		ridge := rapid.SampledFrom([]float64{0, 0, 1}).Draw(t, "ridge")
		if f, err := FitCox(columns, times, CoxOptions{Ridge: ridge, Robust: rapid.Bool().Draw(t, "robust")}); err == nil {
			falls("cox", f, func(at float64) (float64, error) { return f.Survival(row, 0, at) })
			if f.LogLik < f.NullLogLik-1e-6 {
				t.Fatalf("%v below %v without columns", f.LogLik, f.NullLogLik)
			}
			if _, err := f.TestProportionality(times, ""); err != nil && !expected(err) {
				t.Fatal(err)
			}
		} else if !expected(err) {
			t.Fatal(err)
		}
		law := rapid.SampledFrom([]Law{Weibull, Exponential, LogNormal, LogLogistic}).Draw(t, "law")
		if f, err := FitLifetime(law, columns, times, LifetimeOptions{Ridge: ridge}); err == nil {
			falls(string(law), f, func(at float64) (float64, error) { e, err := f.Survival(row, at); return e.Value, err })
		} else if !expected(err) {
			t.Fatal(err)
		}
		if f, err := FitHazard(columns, times, HazardOptions{Ridge: ridge, Steps: 5}); err == nil {
			falls("hazard", f, func(at float64) (float64, error) { return f.Survival(row, int(at)) })
		} else if !expected(err) {
			t.Fatal(err)
		}
	})
}

// TestConcordanceDefinition counts pairs one by one.
func TestConcordanceDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times, _ := drawTimes(t, 0)
		times.Entry = nil
		risk := make([]float64, len(times.Time))
		for i := range risk {
			risk[i] = float64(rapid.IntRange(0, 6).Draw(t, "risk"))
		}
		c, err := Concordance(times, risk, 0)
		if err != nil {
			return
		}
		right, wrong, tied := 0.0, 0.0, 0.0
		for i := range risk {
			for j := range risk {
				first := times.Time[i] < times.Time[j] || times.Time[i] == times.Time[j] && !times.Event[j]
				if !times.Event[i] || !first {
					continue
				}
				w := times.weight(i) * times.weight(j)
				switch {
				case risk[i] > risk[j]:
					right += w
				case risk[i] < risk[j]:
					wrong += w
				default:
					tied += w
				}
			}
		}
		if math.Abs(c.Right-right)+math.Abs(c.Wrong-wrong)+math.Abs(c.Tied-tied) > 1e-9 {
			t.Fatalf("%+v, counted %v right %v wrong %v tied", c, right, wrong, tied)
		}
		if !(c.Low <= c.Value && c.Value <= c.High && c.Low >= 0 && c.High <= 1) {
			t.Fatalf("%+v", c)
		}
	})
}

// TestWeightsAreCopies: a weight of 3 is the row three times, in every model.
func TestWeightsAreCopies(t *testing.T) {
	o := readOracle(t)
	s := o.Set
	heavy := Times{Time: s.Time, Event: s.Event, Entry: s.Entry, Weights: s.Weight}
	long, x := Times{}, make([][]float64, 3)
	for i, w := range s.Weight {
		for range int(w) {
			long.Time, long.Event, long.Entry = append(long.Time, s.Time[i]), append(long.Event, s.Event[i]), append(long.Entry, s.Entry[i])
			for j := range x {
				x[j] = append(x[j], s.X[j][i])
			}
		}
	}
	a, err := FitCox(Columns{X: s.X}, heavy, CoxOptions{Ties: Breslow})
	if err != nil {
		t.Fatal(err)
	}
	b, err := FitCox(Columns{X: x}, long, CoxOptions{Ties: Breslow})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Cox", a.LogLik, b.LogLik, 1e-10, 0)
	near(t, "concordance", a.Concordance, b.Concordance, 1e-10, 0)
	c, err := FitLifetime(LogNormal, Columns{X: s.X}, heavy, LifetimeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := FitLifetime(LogNormal, Columns{X: x}, long, LifetimeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "lifetime", c.LogLik, d.LogLik, 1e-10, 0)
	e, err := KaplanMeier(heavy, 0)
	if err != nil {
		t.Fatal(err)
	}
	f, err := KaplanMeier(long, 0)
	if err != nil {
		t.Fatal(err)
	}
	for k, p := range e.Points {
		near(t, "curve", p.Survival, f.Points[k].Survival, 1e-12, 0)
		near(t, "its error", p.SE, f.Points[k].SE, 1e-12, 0)
	}
}

// TestRestrictedMeanError: the error is the jackknife's.
func TestRestrictedMeanError(t *testing.T) {
	o := readOracle(t)
	full := Times{Time: o.Set.Time, Event: o.Set.Event}
	c, err := KaplanMeier(full, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, se, err := c.RestrictedMean(12)
	if err != nil {
		t.Fatal(err)
	}
	n := len(full.Time)
	means, centre := make([]float64, n), 0.0
	for i := range n {
		w := make([]float64, n)
		for k := range w {
			if k != i {
				w[k] = 1
			}
		}
		c, err := KaplanMeier(Times{Time: full.Time, Event: full.Event, Weights: w}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if means[i], _, err = c.RestrictedMean(12); err != nil {
			t.Fatal(err)
		}
		centre += means[i] / float64(n)
	}
	square := 0.0
	for _, m := range means {
		square += (m - centre) * (m - centre)
	}
	near(t, "SE", se, math.Sqrt(square*float64(n-1)/float64(n)), 0.03, 0)
}

// TestCoxIntervals: without columns the interval is Nelson and Aalen's; with
// them it holds the truth as often as it says.
func TestCoxIntervals(t *testing.T) {
	o := readOracle(t)
	times := Times{Time: o.Set.Time, Event: o.Set.Event}
	f, err := FitCox(Columns{}, times, CoxOptions{Ties: Breslow})
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.SurvivalInterval(nil, 0, 7)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := KaplanMeier(times, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, low, high := curve.Hazard(7)
	near(t, "low", e.Low, math.Exp(-high), 1e-9, 0)
	near(t, "high", e.High, math.Exp(-low), 1e-9, 0)
	rng, inside := rand.New(rand.NewPCG(4, 4)), 0
	const sets = 300
	for range sets {
		times, x := Times{}, make([]float64, 0, 150)
		for range 150 {
			v := rng.NormFloat64()
			life, end := rng.ExpFloat64()*math.Exp(-0.8*v), 3*rng.Float64()
			x = append(x, v)
			times.Time, times.Event = append(times.Time, math.Min(life, end)), append(times.Event, life <= end)
		}
		f, err := FitCox(Columns{X: [][]float64{x}}, times, CoxOptions{})
		if err != nil {
			t.Fatal(err)
		}
		e, err := f.SurvivalInterval([]float64{1}, 0, 0.5)
		if err != nil {
			t.Fatal(err)
		}
		if s := math.Exp(-0.5 * math.Exp(0.8)); e.Low <= s && s <= e.High {
			inside++
		}
	}
	if share := float64(inside) / sets; share < 0.91 || share > 0.99 {
		t.Errorf("the interval holds the truth in %.3f of the sets", share)
	}
}

// TestScaleOfWeights: weights count by their ratios alone.
func TestScaleOfWeights(t *testing.T) {
	o := readOracle(t)
	times := Times{Time: o.Set.Time, Event: o.Set.Event, Weights: o.Set.Weight}
	light := times
	light.Weights = make([]float64, len(times.Weights))
	for i, w := range times.Weights {
		light.Weights[i] = w * 1e-9
	}
	a, err := FitCox(Columns{X: o.Set.X}, times, CoxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := FitCox(Columns{X: o.Set.X}, light, CoxOptions{})
	if err != nil || len(b.Warnings) > 0 {
		t.Fatal(err, b.Warnings)
	}
	c, err := FitLifetime(Weibull, Columns{X: o.Set.X}, times, LifetimeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := FitLifetime(Weibull, Columns{X: o.Set.X}, light, LifetimeOptions{})
	if err != nil || len(d.Warnings) > 0 {
		t.Fatal(err, d.Warnings)
	}
	for j := range o.Set.X {
		near(t, "Cox", b.Coefficients[j].Value, a.Coefficients[j].Value, 1e-7, 0)
		near(t, "lifetime", d.Coefficients[j+1].Value, c.Coefficients[j+1].Value, 1e-7, 0)
	}
}
