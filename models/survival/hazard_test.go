package survival

import (
	"encoding/json"
	"testing"

	"github.com/dangol/dangol/models/glm"
)

// TestHazardIsLogistic: the short form has the estimates and the likelihood of
// logistic regression on a row a period.
func TestHazardIsLogistic(t *testing.T) {
	o := readOracle(t)
	s := o.Set
	times := Times{Time: s.Time, Event: s.Event, Entry: s.Entry, Weights: s.Weight}
	h, err := FitHazard(Columns{X: s.X}, times, HazardOptions{Steps: 6})
	if err != nil {
		t.Fatal(err)
	}
	m := len(h.Ends)
	if m < 4 || m > 6 {
		t.Fatalf("steps end at %v", h.Ends)
	}
	long := aRowAPeriod(o, h)
	f, err := glm.Fit(glm.Logistic, long, glm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log-likelihood", h.Model.LogLik, f.LogLik, 1e-11, 0)
	for j, c := range f.Coefficients {
		near(t, h.Model.Coefficients[j].Name, h.Model.Coefficients[j].Value, c.Value, 1e-7, 1e-10)
		near(t, h.Model.Coefficients[j].Name+" SE", h.Model.Coefficients[j].SE, c.SE, 1e-7, 0)
	}
	raw, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	back := &Hazard{}
	if err := json.Unmarshal(raw, back); err != nil {
		t.Fatal(err)
	}
	row, product, sum := []float64{0.3, 1, 45}, 1.0, 0.0
	for period := 1; period <= 40; period++ {
		p, err := back.At(row, period)
		if err != nil {
			t.Fatal(err)
		}
		product *= 1 - p
		if period > 2 {
			sum += product
		}
		got, err := back.Survival(row, period)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "survival", got, product, 1e-11, 0)
	}
	two, err := back.Survival(row, 2)
	if err != nil {
		t.Fatal(err)
	}
	left, err := back.Remaining(row, 2, 38)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "remaining", left, sum/two, 1e-11, 0)
}

// aRowAPeriod is the data of a hazard model written out.
func aRowAPeriod(o *oracle, h *Hazard) glm.Data {
	s, m := o.Set, len(h.Ends)
	long := glm.Data{X: make([][]float64, m-1+3)}
	for i, at := range s.Time {
		for period := int(s.Entry[i]) + 1; period <= int(at); period++ {
			y := 0.0
			if s.Event[i] && period == int(at) {
				y = 1
			}
			long.Y, long.Weights = append(long.Y, y), append(long.Weights, s.Weight[i])
			for k := 1; k < m; k++ {
				on := 0.0
				if h.step(period) == k {
					on = 1
				}
				long.X[k-1] = append(long.X[k-1], on)
			}
			for j := range 3 {
				long.X[m-1+j] = append(long.X[m-1+j], s.X[j][i])
			}
		}
	}
	return long
}

// TestTelcoHazard: the marginal curve of the model is close to Kaplan–Meier.
func TestTelcoHazard(t *testing.T) {
	times, table := telco(t)
	c := pick(t, table, "Contract", "InternetService", "PaymentMethod")
	h, err := FitHazard(c, times, HazardOptions{})
	if err != nil {
		t.Fatal(err)
	}
	curve, err := KaplanMeier(times, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{6, 24, 48} {
		mean := 0.0
		for i := range times.Time {
			row := make([]float64, len(c.X))
			for j := range row {
				row[j] = c.X[j][i]
			}
			s, err := h.Survival(row, at)
			if err != nil {
				t.Fatal(err)
			}
			mean += s / float64(len(times.Time))
		}
		want, _, _ := curve.Survival(float64(at))
		near(t, "mean survival", mean, want, 0.1, 0)
	}
	if len(h.Warnings) > 0 || len(h.Ends) < 15 {
		t.Errorf("%v %+v", h.Ends, h.Warnings)
	}
}

// TestBrierOfPeer compares with scikit-survival.
func TestBrierOfPeer(t *testing.T) {
	o := readOracle(t)
	times := Times{Time: o.Set.Untied, Event: o.Set.Event}
	points, err := Brier(times, o.Brier.Guess, o.Brier.At)
	if err != nil {
		t.Fatal(err)
	}
	for k, p := range points {
		near(t, "Brier", p.Score, o.Brier.Score[k], 1e-10, 0)
		if !(p.Null > 0 && p.Skill < 1) {
			t.Errorf("%+v", p)
		}
	}
	score, skill, err := IntegratedBrier(points)
	if err != nil || !(skill > 0 && skill < 1) {
		t.Errorf("%v %v", skill, err)
	}
	near(t, "integrated", score, o.Brier.Integrated, 1e-10, 0)
}

// TestModelsBeatTheCurve: on their own rows, models with columns have a
// smaller Brier score than the curve of all.
func TestModelsBeatTheCurve(t *testing.T) {
	c, times := rossi(t)
	at, weeks := []float64{10, 20, 30, 40, 50}, []int{10, 20, 30, 40, 50}
	cox, err := FitCox(c, times, CoxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	life, err := FitLifetime(Weibull, c, times, LifetimeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	hazard, err := FitHazard(c, times, HazardOptions{})
	if err != nil {
		t.Fatal(err)
	}
	predicted := map[string][][]float64{}
	for name, of := range map[string]func() ([][]float64, error){
		"cox":     func() ([][]float64, error) { return cox.SurvivalOf(c.X, nil, at) },
		"weibull": func() ([][]float64, error) { return life.SurvivalOf(c.X, at) },
		"hazard":  func() ([][]float64, error) { return hazard.SurvivalOf(c.X, weeks) },
	} {
		if predicted[name], err = of(); err != nil {
			t.Fatal(err)
		}
		points, err := Brier(times, predicted[name], at)
		if err != nil {
			t.Fatal(err)
		}
		if _, skill, err := IntegratedBrier(points); err != nil || !(skill > 0.03 && skill < 0.2) {
			t.Errorf("%s: skill %v, %v", name, skill, err)
		}
	}
	if _, err := cox.SurvivalOf(c.X[:2], nil, at); err == nil {
		t.Error("two of seven columns were taken")
	}
}
