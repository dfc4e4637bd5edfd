package survival

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"
)

// estimate is what a peer found.
type estimate struct {
	Columns  []string
	Coef, SE []float64
	LogLik   float64
	// Lifetime models.
	LogSigma   float64 `json:"log_sigma"`
	LogSigmaSE float64 `json:"log_sigma_se"`
	Median     []float64
	// Rossi.
	Concordance float64
}

// oracle is testdata/oracle.json, made by testdata/oracle.py.
type oracle struct {
	Set struct {
		X      [][]float64
		Time   []float64
		Event  []bool
		Entry  []float64
		Weight []float64
		Group  []int
		Untied []float64
	}
	Cox         map[string]estimate
	CoxSurvival struct {
		At      []float64
		Rows, S [][]float64
	} `json:"cox_survival"`
	ZPH         map[string][]float64
	Concordance float64
	KM          struct {
		At, S, Low, High, Late, Hazard []float64
		Median, Mean12                 float64
	}
	LogRank map[Emphasis]float64
	AFT     map[string]estimate
	Brier   struct {
		At, Score  []float64
		Guess      [][]float64
		Integrated float64
	}
	Rossi        estimate
	RossiWeibull float64 `json:"rossi_weibull"`
}

func readOracle(t testing.TB) *oracle {
	t.Helper()
	raw, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	o := &oracle{}
	if err := json.Unmarshal(raw, o); err != nil {
		t.Fatal(err)
	}
	return o
}

// near fails unless got is within rel of want, or within abs.
func near(t testing.TB, what string, got, want, rel, abs float64) {
	t.Helper()
	if !(math.Abs(got-want) <= math.Max(rel*math.Abs(want), abs)) {
		t.Errorf("%s: got %.12g, want %.12g (off by %.3g)", what, got, want, math.Abs(got-want))
	}
}

// rossi reads testdata/rossi.csv.
func rossi(t testing.TB) (Columns, Times) {
	t.Helper()
	f, err := os.Open("testdata/rossi.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	c, times := Columns{Names: rows[0][2:], X: make([][]float64, len(rows[0])-2)}, Times{}
	for _, row := range rows[1:] {
		for j, cell := range row {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			switch j {
			case 0:
				times.Time = append(times.Time, v)
			case 1:
				times.Event = append(times.Event, v == 1)
			default:
				c.X[j-2] = append(c.X[j-2], v)
			}
		}
	}
	return c, times
}

// TestCoxRossi reproduces the published fit: R survival's and lifelines'.
func TestCoxRossi(t *testing.T) {
	o := readOracle(t)
	c, times := rossi(t)
	f, err := FitCox(c, times, CoxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	published := []float64{-.379422, -.057438, .313900, -.149796, -.433704, -.084871, .091497}
	for j, k := range f.Coefficients {
		near(t, k.Name, k.Value, published[j], 0, 6e-7)
		near(t, k.Name, k.Value, o.Rossi.Coef[j], 1e-7, 0)
		near(t, k.Name+" SE", k.SE, o.Rossi.SE[j], 1e-6, 0)
	}
	near(t, "log-likelihood", f.LogLik, -658.747659, 0, 6e-7)
	near(t, "null log-likelihood", f.NullLogLik, -675.380632, 0, 6e-7)
	near(t, "concordance", f.Concordance, .640329, 0, 6e-7)
	if len(f.Warnings) != 0 {
		t.Errorf("warnings: %v", f.Warnings)
	}
}

// TestCoxOfPeers: ties, weights, late entry, strata, robust errors.
func TestCoxOfPeers(t *testing.T) {
	o := readOracle(t)
	s := o.Set
	clusters := make([]int, len(s.Time))
	for i := range clusters {
		clusters[i] = i / 3
	}
	late, heavy := Times{Time: s.Time, Event: s.Event, Entry: s.Entry}, Times{Time: s.Time, Event: s.Event, Weights: s.Weight}
	plain, untied := Times{Time: s.Time, Event: s.Event}, Times{Time: s.Untied, Event: s.Event}
	for name, c := range map[string]struct {
		times Times
		opts  CoxOptions
	}{
		"plain": {plain, CoxOptions{}}, "weighted": {heavy, CoxOptions{}}, "entry": {late, CoxOptions{}},
		"strata": {plain, CoxOptions{Strata: s.Group}},
		"robust": {untied, CoxOptions{Robust: true}}, "cluster": {untied, CoxOptions{Clusters: clusters}},
		"breslow": {plain, CoxOptions{Ties: Breslow}},
	} {
		f, err := FitCox(Columns{X: s.X}, c.times, c.opts)
		if err != nil {
			t.Fatal(err)
		}
		want := o.Cox[name]
		for j, k := range f.Coefficients {
			near(t, name+" "+k.Name, k.Value, want.Coef[j], 1e-6, 0)
			near(t, name+" "+k.Name+" SE", k.SE, want.SE[j], 1e-5, 0)
		}
		near(t, name+" log-likelihood", f.LogLik, want.LogLik, 1e-9, 0)
	}
}

// TestCoxSurvivalOfPeer compares predicted survival with scikit-survival.
func TestCoxSurvivalOfPeer(t *testing.T) {
	o := readOracle(t)
	f, err := FitCox(Columns{X: o.Set.X}, Times{Time: o.Set.Time, Event: o.Set.Event}, CoxOptions{Ties: Breslow})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range o.CoxSurvival.Rows {
		curve, err := f.SurvivalCurve(row, 0, o.CoxSurvival.At)
		if err != nil {
			t.Fatal(err)
		}
		for k, at := range o.CoxSurvival.At {
			near(t, fmt.Sprintf("row %d at %v", i, at), curve[k], o.CoxSurvival.S[i][k], 1e-7, 0)
			one, err := f.Survival(row, 0, at)
			if err != nil || one != curve[k] {
				t.Errorf("%v %v %v", one, curve[k], err)
			}
		}
	}
}

// TestProportionalityOfPeer compares with lifelines.
func TestProportionalityOfPeer(t *testing.T) {
	o := readOracle(t)
	times := Times{Time: o.Set.Time, Event: o.Set.Event}
	f, err := FitCox(Columns{X: o.Set.X}, times, CoxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for scale, want := range o.ZPH {
		list, err := f.TestProportionality(times, TimeScale(scale))
		if err != nil {
			t.Fatal(err)
		}
		for j, w := range want {
			near(t, scale+" "+list[j].Name, list[j].Statistic, w, 1e-4, 0)
		}
		if all := list[len(list)-1]; all.Name != "(all)" || all.Freedom != 3 || !(all.Statistic > 0) {
			t.Errorf("%+v", all)
		}
	}
}

// TestCurvesOfPeer compares Kaplan–Meier, its interval, and Nelson–Aalen.
func TestCurvesOfPeer(t *testing.T) {
	o := readOracle(t)
	c, err := KaplanMeier(Times{Time: o.Set.Time, Event: o.Set.Event}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	late, err := KaplanMeier(Times{Time: o.Set.Time, Event: o.Set.Event, Entry: o.Set.Entry}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for k, at := range o.KM.At {
		s, low, high := c.Survival(at)
		near(t, "S", s, o.KM.S[k], 1e-12, 0)
		near(t, "low", low, o.KM.Low[k], 1e-9, 0)
		near(t, "high", high, o.KM.High[k], 1e-9, 0)
		h, _, _ := c.Hazard(at)
		near(t, "hazard", h, o.KM.Hazard[k], 1e-12, 0)
		s, _, _ = late.Survival(at)
		near(t, "late entry", s, o.KM.Late[k], 1e-12, 0)
	}
	q, err := c.Quantile(0.5)
	if err != nil || q.Time != o.KM.Median || !(q.Low <= q.Time && q.Time <= q.High) {
		t.Errorf("median %+v, want %v, %v", q, o.KM.Median, err)
	}
	mean, se, err := c.RestrictedMean(12)
	if err != nil || !(se > 0 && se < 1) {
		t.Errorf("%v %v", se, err)
	}
	near(t, "mean until 12", mean, o.KM.Mean12, 1e-9, 0)
}

// TestLogRankOfPeer compares the statistics by emphasis.
func TestLogRankOfPeer(t *testing.T) {
	o := readOracle(t)
	for by, want := range o.LogRank {
		c, err := LogRank(Times{Time: o.Set.Time, Event: o.Set.Event}, o.Set.Group, nil, by)
		if err != nil {
			t.Fatal(err)
		}
		near(t, string(by), c.Statistic, want, 1e-9, 0)
		if c.Freedom != 2 {
			t.Errorf("%+v", c)
		}
	}
}

// TestConcordanceOfPeer has ties in time and score.
func TestConcordanceOfPeer(t *testing.T) {
	o := readOracle(t)
	risk := make([]float64, len(o.Set.Time))
	for i, v := range o.Set.X[0] {
		risk[i] = math.RoundToEven(v*10) / 10
	}
	c, err := Concordance(Times{Time: o.Set.Time, Event: o.Set.Event}, risk, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "C", c.Value, o.Concordance, 1e-12, 0)
	if !(c.Low < c.Value && c.Value < c.High) {
		t.Errorf("%+v", c)
	}
}

// TestLifetimesOfPeer compares lifetime models with lifelines.
func TestLifetimesOfPeer(t *testing.T) {
	o := readOracle(t)
	s := o.Set
	for _, law := range []Law{Weibull, LogNormal, LogLogistic} {
		for _, late := range []bool{false, true} {
			times, name := Times{Time: s.Time, Event: s.Event}, string(law)
			if late {
				times.Entry = s.Entry
				name += "_entry"
			}
			f, err := FitLifetime(law, Columns{X: s.X}, times, LifetimeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			want := o.AFT[name]
			for j, c := range f.Coefficients {
				near(t, name+" "+c.Name, c.Value, want.Coef[j], 1e-2, 1e-5)
				near(t, name+" SE of "+c.Name, c.SE, want.SE[j], 1e-3, 0)
			}
			near(t, name+" ln sigma", math.Log(f.Sigma), want.LogSigma, 1e-3, 1e-5)
			near(t, name+" its SE", f.SigmaSE/f.Sigma, want.LogSigmaSE, 1e-3, 0)
			near(t, name+" log-likelihood", f.LogLik, want.LogLik, 0, 1e-3) // theirs stops early at times
			if f.LogLik < want.LogLik-1e-7 {
				t.Errorf("%s: %.9f below lifelines' %.9f", name, f.LogLik, want.LogLik)
			}
			if !f.Converged || len(f.Warnings) > 0 {
				t.Errorf("%s: %+v", name, f.Warnings)
			}
			for i, median := range want.Median {
				q, err := f.Quantile([]float64{s.X[0][i], s.X[1][i], s.X[2][i]}, 0.5)
				if err != nil {
					t.Fatal(err)
				}
				near(t, name+" median", q.Value, median, 1e-3, 0)
				back, err := f.Survival([]float64{s.X[0][i], s.X[1][i], s.X[2][i]}, q.Value)
				if err != nil || !(back.Low < 0.5 && back.High > 0.5) {
					t.Errorf("%+v %v", back, err)
				}
				near(t, name+" survival at the median", back.Value, 0.5, 1e-9, 0)
			}
		}
	}
	c, times := rossi(t)
	f, err := FitLifetime(Weibull, c, times, LifetimeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "rossi", f.LogLik, o.RossiWeibull, 0, 1e-4)
	best, all, err := ChooseLifetime(c, times, LifetimeOptions{})
	if err != nil || len(all) != 4 || best.AIC > f.AIC {
		t.Errorf("%v %v", all, err)
	}
}
