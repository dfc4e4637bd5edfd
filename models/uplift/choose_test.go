package uplift

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"github.com/dangol/dangol/models/glm"
)

// planted makes a trial whose effects by person are known.
func planted(n int, seed uint64, share, spread float64, amount bool) (Trial, []float64) {
	random := rand.New(rand.NewPCG(seed, 9))
	x, noise, city := make([]float64, n), make([]float64, n), make([]string, n)
	trial, effect := Trial{Treated: make([]bool, n), Outcome: make([]float64, n)}, make([]float64, n)
	for i := range n {
		x[i], noise[i] = random.NormFloat64(), random.NormFloat64()
		city[i] = []string{"Seoul", "Busan", ""}[random.IntN(3)]
		trial.Treated[i] = random.Float64() < share
		effect[i] = 0.05 + spread*math.Tanh(x[i])
		if city[i] == "Busan" {
			effect[i] += spread / 2
		}
		p := 0.3 + 0.05*noise[i]*float64(arm(city[i] == "Seoul"))
		if trial.Treated[i] {
			p += effect[i]
		}
		if amount {
			trial.Outcome[i] = 10*p + random.NormFloat64()
			effect[i] *= 10
		} else if random.Float64() < p {
			trial.Outcome[i] = 1
		}
	}
	trial.Table = []glm.Column{{Name: "x", Numbers: x}, {Name: "noise", Numbers: noise}, {Name: "city", Texts: city}}
	return trial, effect
}

// linear learners are quick.
var linear = []Learner{TLearner, DRLearner, ClassTransformation}

func TestLearnersFindPlantedEffects(t *testing.T) {
	for _, amount := range []bool{false, true} {
		trial, truth := planted(8_000, 1, 0.3, 0.15, amount)
		for _, l := range Learners() {
			least := 0.9
			if _, trees := l.form(); trees {
				least = 0.75 // steps of a slope
			}
			m, warnings, err := Fit(l, trial, Options{})
			if err != nil || len(warnings) > 0 {
				t.Fatal(l, err, warnings)
			}
			got, err := m.Predict(trial.Table)
			if err != nil {
				t.Fatal(err)
			}
			r, bias := stat.Correlation(got, truth, nil), stat.Mean(got, nil)-stat.Mean(truth, nil)
			if scale := stat.StdDev(truth, nil); r < least || math.Abs(bias) > 0.2*scale {
				t.Errorf("%s, amount %v: correlation %.3f, bias %.4f", l, amount, r, bias)
			}
			raw, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			var again Model
			if err := json.Unmarshal(raw, &again); err != nil {
				t.Fatal(l, err)
			}
			if same, err := again.Predict(trial.Table); err != nil || !slices.Equal(same, got) {
				t.Errorf("%s: the saved model predicts otherwise (%v)", l, err)
			}
		}
	}
}

func TestVerdict(t *testing.T) {
	quick := Options{Replicates: 100, Repeats: 1, Seed: 3, Learners: linear}
	for _, amount := range []bool{false, true} {
		trial, truth := planted(6_000, 2, 0.5, 0.15, amount)
		c, err := Choose(trial, quick)
		if err != nil {
			t.Fatal(err)
		}
		if c.Verdict != Targetable || !strings.Contains(c.Words, "better on some") {
			t.Errorf("amount %v: %s", amount, c.Words)
		}
		mean := stat.Mean(truth, nil)
		if e := c.Average.Effect; e.Low > mean || e.High < mean || c.Adjusted.High-c.Adjusted.Low > 1.02*(e.High-e.Low) {
			t.Errorf("amount %v: average %v, adjusted %v, truth %v", amount, e, c.Adjusted, mean)
		}
		if c.Policy.OverNone.Value < c.Policy.OverNone.Low || c.Policy.OverNone.Low <= 0 {
			t.Errorf("amount %v: policy %+v", amount, c.Policy)
		}
		if _, err := json.Marshal(c); err != nil {
			t.Error(err)
		}
	}
	// With one effect for all, the verdict may be wrong in one of twenty.
	wrong := 0
	for seed := range uint64(12) {
		trial, _ := planted(2_000, 100+seed, 0.5, 0, false)
		c, err := Choose(trial, quick)
		if err != nil {
			t.Fatal(err)
		}
		if c.Verdict == Targetable {
			wrong++
		}
	}
	if wrong > 1 {
		t.Errorf("%d of 12 trials without differences were called targetable", wrong)
	}
}

// TestTreesAreChosenWhereLinesFail: the mail works in a corner that no line
// finds, and lines are kept where they do.
func TestTreesAreChosenWhereLinesFail(t *testing.T) {
	trial, _ := planted(8_000, 8, 0.5, 0, false)
	random := rand.New(rand.NewPCG(8, 8))
	x, z := trial.Table[0].Numbers, trial.Table[1].Numbers
	for i := range trial.Outcome {
		p := 0.3
		if trial.Treated[i] && x[i]*z[i] > 0 {
			p = 0.5
		}
		trial.Outcome[i] = float64(arm(random.Float64() < p))
	}
	o := Options{Replicates: 50, Repeats: 1, Learners: []Learner{TLearner, STrees, TTrees, Mean}}
	bent, err := Choose(trial, o)
	if err != nil {
		t.Fatal(err)
	}
	lines := bent.Candidates[0]
	if _, trees := bent.Chosen.form(); !trees || lines.Times > 0 || bent.Qini.Value < lines.Qini.Value+0.05 {
		t.Errorf("chosen %s, Qini %v, of lines %v (%d times)", bent.Chosen, bent.Qini, lines.Qini, lines.Times)
	}
	trial, _ = planted(8_000, 9, 0.5, 0.1, false)
	straight, err := Choose(trial, o)
	if err != nil {
		t.Fatal(err)
	}
	if straight.Chosen != TLearner || straight.Candidates[0].Times < 3 {
		t.Errorf("chosen %s, lines %d times", straight.Chosen, straight.Candidates[0].Times)
	}
}

// TestShrunk: what stands out stays, noise goes, and trees come only where lines
// leave something.
func TestShrunk(t *testing.T) {
	trial, truth := planted(8_000, 11, 0.5, 0.1, false)
	random := rand.New(rand.NewPCG(11, 11))
	for k := range 6 {
		noise := make([]float64, len(truth))
		for i := range noise {
			noise[i] = 1000 + 300*random.NormFloat64()
		}
		trial.Table = append(trial.Table, glm.Column{Name: string(rune('a' + k)), Numbers: noise})
	}
	shrunk, _, err := Fit(Shrunk, trial, Options{})
	if err != nil {
		t.Fatal(err)
	}
	plain, _, err := Fit(DRLearner, trial, Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, b := shrunk.Parts[0].Fit.Coefficients, plain.Parts[0].Fit.Coefficients
	if kept := a[1].Value / b[1].Value; kept < 0.9 || kept > 1.05 {
		t.Errorf("of the slope %.2f is kept", kept)
	}
	before, after := 0.0, 0.0
	for j := len(a) - 6; j < len(a); j++ {
		before, after = before+math.Abs(b[j].Value), after+math.Abs(a[j].Value)
	}
	if after > 0.7*before {
		t.Errorf("of the noise %.2f is kept", after/before)
	}
	p, err := shrunk.Predict(trial.Table)
	if err != nil {
		t.Fatal(err)
	}
	q, err := plain.Predict(trial.Table)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean effect", stat.Mean(p, nil), stat.Mean(q, nil), 0.003)
	if r, s := stat.Correlation(p, truth, nil), stat.Correlation(q, truth, nil); r < s {
		t.Errorf("correlation %.3f, without shrinking %.3f", r, s)
	}
	if len(shrunk.Parts) != 1 {
		t.Errorf("%d parts where lines leave next to nothing", len(shrunk.Parts))
	}
	x := trial.Table[0].Numbers
	for i := range trial.Outcome {
		chance := 0.3
		if trial.Treated[i] && math.Abs(x[i]) > 1 {
			chance = 0.6
		}
		trial.Outcome[i] = float64(arm(random.Float64() < chance))
	}
	bent, _, err := Fit(Shrunk, trial, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(bent.Parts) != 1+leftFolds {
		t.Errorf("%d parts where lines see nothing", len(bent.Parts))
	}
}

func TestSameOnAnyCores(t *testing.T) {
	trial, _ := planted(1_000, 4, 0.5, 0.2, false)
	o := Options{Replicates: 20, Repeats: 1, Learners: Learners()}
	a, err := Choose(trial, o)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b, err := Choose(trial, o)
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("one core answers otherwise (%v)", err)
	}
}

func TestPolicyValue(t *testing.T) {
	trial, truth := planted(40_000, 5, 0.3, 0.15, false)
	treat, gain, share := make([]bool, len(truth)), 0.0, 0.0
	for i, e := range truth {
		if treat[i] = e > 0.04; treat[i] {
			gain += (e - 0.04) / float64(len(truth))
			share += 1 / float64(len(truth))
		}
	}
	p, err := PolicyValue(trial, treat, 0.04, 0)
	if err != nil {
		t.Fatal(err)
	}
	if p.OverNone.Low > gain || p.OverNone.High < gain || math.Abs(p.Share-share) > 1e-9 {
		t.Errorf("policy %+v, truth %v of %v", p, gain, share)
	}
	all := make([]bool, len(truth))
	for i := range all {
		all[i] = true
	}
	p, err = PolicyValue(trial, all, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	average, err := Effect(trial, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "treating all over none", p.OverNone.Value, average.Effect.Value, 1e-12)
	near(t, "its interval", p.OverNone.High, average.Effect.High, 1e-4)
	near(t, "treating all over all", p.OverAll.High, 0, 1e-12)
}

func TestPropensities(t *testing.T) {
	trial, _ := planted(8_000, 6, 0.5, 0, false)
	random := rand.New(rand.NewPCG(6, 6))
	e := make([]float64, len(trial.Outcome))
	for i, x := range trial.Table[0].Numbers {
		e[i] = 1 / (1 + math.Exp(-x))
		trial.Treated[i] = random.Float64() < e[i]
		trial.Outcome[i] = float64(arm(random.Float64() < 0.4+0.1*math.Tanh(x)+0.1*float64(arm(trial.Treated[i]))))
	}
	has := func(list []Warning, r Reason) bool {
		return slices.ContainsFunc(list, func(w Warning) bool { return w.Reason == r })
	}
	quick := Options{Replicates: 50, Repeats: 1, Learners: linear}
	for name, want := range map[string]Reason{"share": Imbalanced, "estimated": Estimated, "known": ""} {
		trial.Propensity, quick.EstimatePropensity = nil, name == "estimated"
		if name == "known" {
			trial.Propensity = e
		}
		c, err := Choose(trial, quick)
		if err != nil {
			t.Fatal(err)
		}
		if want != "" && !has(c.Warnings, want) || want == "" && has(c.Warnings, Imbalanced) {
			t.Errorf("%s: warnings %v", name, c.Warnings)
		}
		if want != Imbalanced && (c.Adjusted.Low > 0.1 || c.Adjusted.High < 0.1) {
			t.Errorf("%s: adjusted effect %v, truth 0.1", name, c.Adjusted)
		}
	}
	trial, _ = planted(8_000, 6, 0.4, 0, false)
	trial.Planned = 0.5
	c, err := Choose(trial, quick)
	if err != nil || !has(c.Warnings, SampleRatio) {
		t.Errorf("an arm is short, but no warning tells (%v)", err)
	}
}

func TestErrors(t *testing.T) {
	change := func(f func(*Trial)) Trial {
		trial, _ := planted(300, 7, 0.5, 0, false)
		f(&trial)
		return trial
	}
	fill := func(x float64) []float64 { return slices.Repeat([]float64{x}, 300) }
	for name, c := range map[string]struct {
		trial Trial
		want  Reason
	}{
		"empty":      {Trial{}, TooFew},
		"one arm":    {change(func(t *Trial) { t.Treated = make([]bool, 300) }), OneArm},
		"constant":   {change(func(t *Trial) { t.Outcome = fill(1) }), NoVariation},
		"NaN":        {change(func(t *Trial) { t.Outcome[5] = math.NaN() }), InvalidData},
		"lengths":    {change(func(t *Trial) { t.Outcome = t.Outcome[1:] }), InvalidData},
		"few rows":   {change(func(t *Trial) { t.Treated, t.Outcome = t.Treated[:12], t.Outcome[:12] }), TooFew},
		"few yes":    {change(func(t *Trial) { t.Outcome = fill(0); t.Outcome[1] = 1 }), TooFew},
		"propensity": {change(func(t *Trial) { t.Propensity = fill(1) }), BadPropensity},
		"two many":   {change(func(t *Trial) { t.Propensity = []float64{0.5} }), BadPropensity},
		"planned":    {change(func(t *Trial) { t.Planned = 2 }), InvalidOption},
		"no table":   {change(func(t *Trial) { t.Table = nil }), InvalidData},
		"short":      {change(func(t *Trial) { t.Table[0].Numbers = t.Table[0].Numbers[1:] }), InvalidData},
	} {
		_, err := Choose(c.trial, Options{})
		var e *Error
		if !errors.As(err, &e) || e.Reason != c.want || e.Message == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	trial, _ := planted(300, 7, 0.5, 0, false)
	for _, o := range []Options{{Folds: 1}, {Repeats: -1}, {Replicates: 3}, {Ridge: -1}, {Level: 2}, {Cost: math.NaN()}, {Learners: []Learner{"z"}}, {FoldOf: [][]int{{1}}}} {
		if _, err := Choose(trial, o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
	for _, raw := range []string{`{}`, `{"version":1,"learner":"t","share":0.5}`, `[`, `{"version":2}`} {
		if err := new(Model).UnmarshalJSON([]byte(raw)); err == nil {
			t.Errorf("%s: no error", raw)
		}
	}
}

// TestQiniProperties: it knows only the order of scores, is 1 for the best order
// and 0 without one.
func TestQiniProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(4, 60).Draw(t, "rows")
		score, other, best, y, treated := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]bool, n)
		for i := range n {
			score[i] = float64(rapid.IntRange(-9, 9).Draw(t, "score"))
			other[i] = math.Exp(score[i]/3) + 7
			treated[i], y[i] = rapid.Bool().Draw(t, "treated"), float64(rapid.IntRange(0, 1).Draw(t, "outcome"))
			best[i] = y[i] * float64(2*arm(treated[i])-1)
		}
		q, err := Qini(score, treated, y)
		if err != nil {
			return
		}
		same, _ := Qini(other, treated, y)
		one, _ := Qini(best, treated, y)
		flat, _ := Qini(make([]float64, n), treated, y)
		if q != same || math.Abs(one-1) > 1e-9 || math.Abs(flat) > 1e-9 {
			t.Fatalf("Qini %v, by other scores of the same order %v, of the best %v, of none %v", q, same, one, flat)
		}
	})
}
