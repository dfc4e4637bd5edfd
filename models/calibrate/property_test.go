package calibrate

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawRows draws probabilities with ties and answers of both kinds.
func drawRows(t *rapid.T) (p, y []float64) {
	n := rapid.IntRange(2, 60).Draw(t, "rows")
	grid := rapid.IntRange(1, 30).Draw(t, "distinct")
	for i := range n {
		p = append(p, float64(rapid.IntRange(0, grid).Draw(t, "p"))/float64(grid))
		y = append(y, float64(rapid.IntRange(0, 1).Draw(t, "y")))
		if i == 0 {
			y[0] = 1
		}
	}
	y[n-1] = 0
	return p, y
}

// TestMapsRise: every map rises, stays inside (0, 1) and survives JSON.
func TestMapsRise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, y := drawRows(t)
		for _, method := range []Method{Sigmoid, Beta, Isotonic} {
			m, err := Fit(method, p, y, Options{})
			if err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			back := &Map{}
			if err := json.Unmarshal(raw, back); err != nil {
				t.Fatal(err)
			}
			last := 0.0
			for s := 0.0; s <= 1; s += 0.02 {
				v := back.Apply(s)
				if !(v > 0 && v < 1) {
					t.Fatalf("%s: %v → %v", method, s, v)
				}
				if v < last-1e-12 && (method != Sigmoid || m.A >= 0) {
					t.Fatalf("%s falls from %v to %v at %v", method, last, v, s)
				}
				last = v
			}
		}
	})
}

// TestStepsAreBest: the staircase is the max-min of means, its definition.
func TestStepsAreBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, y := drawRows(t)
		points := distinct(p, y, nil)
		steps := pool(slices.Clone(points))
		average := func(a, b int) float64 {
			s := points[a]
			for _, next := range points[a+1 : b+1] {
				s = joined(s, next)
			}
			return s.Mean
		}
		for k := range points {
			best := math.Inf(-1)
			for a := 0; a <= k; a++ {
				least := math.Inf(1)
				for b := k; b < len(points); b++ {
					least = math.Min(least, average(a, b))
				}
				best = math.Max(best, least)
			}
			at := slices.IndexFunc(steps, func(s Step) bool { return s.From <= points[k].From && points[k].From <= s.To })
			if math.Abs(steps[at].Mean-best) > 1e-9 {
				t.Fatalf("at %v: %v, best %v", points[k].From, steps[at].Mean, best)
			}
		}
	})
}

// TestVennAbersDefinition: both answers are isotonic regression with the row.
func TestVennAbersDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, y := drawRows(t)
		v, err := FitVennAbers(p, y)
		if err != nil {
			t.Fatal(err)
		}
		s := rapid.SampledFrom(append([]float64{-1, 2, 0.123456}, p...)).Draw(t, "score")
		_, low, high := v.Interval(s)
		for answer, got := range []float64{low, high} {
			steps := pool(distinct(append(slices.Clone(p), s), append(slices.Clone(y), float64(answer)), nil))
			at := slices.IndexFunc(steps, func(step Step) bool { return step.From <= s && s <= step.To })
			if math.Abs(steps[at].Mean-got) > 1e-9 {
				t.Fatalf("answer %d at %v: %v, by definition %v", answer, s, got, steps[at].Mean)
			}
		}
	})
}

// TestSortByDigits: the same order as by comparison.
func TestSortByDigits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	scores := []float64{0, math.Copysign(0, -1), math.MaxFloat64, -math.MaxFloat64, 5e-324, -5e-324}
	for len(scores) < 3*fewToSort {
		scores = append(scores, math.Round(rng.NormFloat64()*100)/10*math.Pow(10, float64(rng.IntN(9)-4)))
	}
	last := int32(-1)
	for k, i := range ascending(scores) {
		if k > 0 && (scores[last] > scores[i] || scores[last] == scores[i] && last > i) {
			t.Fatalf("row %d (%v) before row %d (%v)", last, scores[last], i, scores[i])
		}
		last = i
	}
}

// TestMeasuresAddUp: decompositions add up, slices hold everybody, the area is
// the share of ordered pairs.
func TestMeasuresAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, y := drawRows(t)
		same := func(what string, a, b float64) {
			if !(math.Abs(a-b) < 1e-9) {
				t.Fatalf("%s: %v and %v", what, a, b)
			}
		}
		for _, by := range []Binning{EqualWidth, EqualMass} {
			d, err := Decompose(p, y, 5, by)
			if err != nil {
				t.Fatal(err)
			}
			same("bins", d.Brier, d.Reliability-d.Resolution+d.Uncertainty+d.Within)
			list, err := Reliability(p, y, 5, by, 0.9)
			if err != nil {
				t.Fatal(err)
			}
			rows := 0
			for _, b := range list {
				rows += b.Rows
				if !(b.Low <= b.Observed+1e-12 && b.Observed <= b.High+1e-12) {
					t.Fatalf("%+v", b)
				}
			}
			same("rows", float64(rows), float64(len(y)))
		}
		d, err := DecomposeIsotonic(p, y)
		if err != nil {
			t.Fatal(err)
		}
		same("isotonic", d.Brier, d.Reliability-d.Resolution+d.Uncertainty)
		if d.Reliability < -1e-12 || d.Resolution < -1e-12 {
			t.Fatalf("%+v", d)
		}
		pairs, ordered := 0.0, 0.0
		for i := range y {
			for j := range y {
				if y[i] == 1 && y[j] == 0 {
					pairs++
					if p[i] > p[j] {
						ordered++
					} else if p[i] == p[j] {
						ordered += 0.5
					}
				}
			}
		}
		a, err := AUC(p, y, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		same("area", a.Value, ordered/pairs)
		if !(a.Low <= a.Value && a.Value <= a.High && a.Low >= 0 && a.High <= 1) {
			t.Fatalf("%+v", a)
		}
		list, err := Lift(p, y, rapid.IntRange(1, len(y)).Draw(t, "slices"))
		if err != nil {
			t.Fatal(err)
		}
		last := list[len(list)-1]
		same("reached", last.Reached, 1)
		same("gained", last.Gain, 1)
		for _, s := range list {
			same("rows of a slice", s.Rows, float64(len(y))/float64(len(list)))
		}
	})
}

// TestBandsHold: intervals hold the truth as often as they say, whatever the
// noise, and adapt to rows that are harder.
func TestBandsHold(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	draw := func(n int) (y, predicted, scale []float64) {
		for range n {
			x := 10 * rng.Float64()
			predicted, scale = append(predicted, x), append(scale, 0.2+x)
			y = append(y, x+(0.2+x)*(rng.ExpFloat64()-1))
		}
		return y, predicted, scale
	}
	y, predicted, scale := draw(2000)
	testY, testPredicted, testScale := draw(20_000)
	for _, c := range []struct {
		name   string
		scaled bool
		opts   BandOptions
	}{{"plain", false, BandOptions{}}, {"scaled", true, BandOptions{Level: 0.8}}, {"asymmetric", true, BandOptions{Asymmetric: true}}} {
		s := scale
		if !c.scaled {
			s = nil
		}
		b, err := FitInterval(y, predicted, s, c.opts)
		if err != nil {
			t.Fatal(err)
		}
		inside, width := 0.0, 0.0
		for i, v := range testY {
			low, high := b.Interval(testPredicted[i], testScale[i])
			width += (high - low) / float64(len(testY))
			if low <= v && v <= high {
				inside++
			}
		}
		near(t, c.name+" coverage", inside/float64(len(testY)), b.Level, 0.025)
		t.Logf("%s: coverage %.3f, width %.2f", c.name, inside/float64(len(testY)), width)
	}
	b, err := FitQuantileInterval(y, slices.Clone(predicted), predicted, BandOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if low, high := b.QuantileInterval(3, 3); !(low < 3 && high > 3) {
		t.Errorf("%v…%v", low, high)
	}
	if _, err := FitInterval(y[:5], predicted[:5], nil, BandOptions{Level: 0.95}); err == nil || !strings.Contains(err.Error(), "needs at least 19 rows, there are 5") {
		t.Error(err)
	}
}

// distorted are well-ordered but overconfident probabilities.
func distorted(n int, seed uint64) (p, y []float64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for range n {
		eta := 1.2 * rng.NormFloat64()
		p = append(p, 1/(1+math.Exp(-2*eta-0.7)))
		answer := 0.0
		if rng.Float64() < 1/(1+math.Exp(-eta)) {
			answer = 1
		}
		y = append(y, answer)
	}
	return p, y
}

// TestChoose: the true form is chosen, repeatably, and good probabilities are
// left alone.
func TestChoose(t *testing.T) {
	p, y := distorted(3000, 1)
	c, err := Choose(p, y, Options{}, 7)
	if err != nil {
		t.Fatal(err)
	}
	if c.Method != Sigmoid {
		t.Errorf("%s chosen from %+v", c.Method, c.Candidates)
	}
	near(t, "slope", c.A, 0.5, 0.05)
	before, _ := Measure(p, y)
	out := make([]float64, len(p))
	c.ApplyAll(out, p)
	after, err := Measure(out, y)
	if err != nil {
		t.Fatal(err)
	}
	if after.LogLoss > before.LogLoss-0.05 || after.ECE > 0.02 {
		t.Errorf("before %+v after %+v", before, after)
	}
	near(t, "slope after", after.Slope, 1, 0.01)
	good, err := Choose(out, y, Options{}, 7)
	if err != nil || good.Method != Identity {
		t.Errorf("%v %+v", err, good)
	}
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back Choice
	if err := json.Unmarshal(raw, &back); err != nil || back.Apply(0.3) != c.Apply(0.3) || len(back.Candidates) != len(c.Candidates) {
		t.Errorf("%v %+v", err, back)
	}
	many, manyY := distorted(12_000, 2)
	if c, err := Choose(many, manyY, Options{}, 1); err != nil || len(c.Candidates) != 4 {
		t.Errorf("%v %+v", err, c)
	}
	if c, err := Choose([]float64{3, 1, 2, 5}, []float64{1, 0, 0, 1}, Options{Scale: Score}, 1); err != nil || c.Method != Sigmoid {
		t.Errorf("%v %+v", err, c)
	}
}

// TestSmallModels: even of many rows, what is kept is small.
func TestSmallModels(t *testing.T) {
	p, y := distorted(20_000, 3)
	v, err := FitVennAbers(p, y)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(v)
	if err != nil || len(raw) > 100_000 {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
	_, low, high := v.Interval(0.5)
	if high-low > 0.05 || high <= low {
		t.Errorf("%v…%v", low, high)
	}
	raw, err = json.Marshal(fitted(t, Isotonic, p, y, Options{}))
	if err != nil || len(raw) > 20_000 {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
}

// TestErrors: bad input is named, and what is shaky is said.
func TestErrors(t *testing.T) {
	nan := math.NaN()
	_, sigmoid := Fit(Sigmoid, []float64{0.1, 2}, []float64{0, 1}, Options{})
	_, class := Fit(Sigmoid, []float64{0.1, 0.2}, []float64{1, 1}, Options{})
	_, beta := Fit(Beta, []float64{0.1, 2}, []float64{0, 1}, Options{Scale: Score})
	_, answer := AUC([]float64{1, 2}, []float64{0, 0.5}, 0.95)
	_, area := AUC([]float64{1, nan}, []float64{0, 1}, 0.95)
	_, bins := ECE([]float64{1}, []float64{1}, 0, EqualMass)
	_, lift := Lift([]float64{1, 2}, []float64{0, 0}, 1)
	_, band := FitInterval([]float64{1, nan}, []float64{1, 1}, nil, BandOptions{})
	_, scale := FitInterval([]float64{1, 1}, []float64{1, 1}, []float64{1, 0}, BandOptions{})
	_, venn := FitVennAbers(nil, nil)
	_, method := Fit("magic", []float64{0.1, 0.2}, []float64{0, 1}, Options{})
	_, weights := Fit(Isotonic, []float64{0.1, 0.2}, []float64{0, 1}, Options{Weights: []float64{1, -1}})
	for want, err := range map[string]error{
		"the probability of row 1 is 2": sigmoid, "both yes and no are needed": class, "needs probabilities": beta,
		"the answer of row 1 is 0.5": answer, "the score of row 1 is NaN": area, "0 bins": bins, "nothing to gain": lift,
		"row 1 has the answer NaN": band, "the scale of row 1 is 0": scale, "no rows": venn, `no method "magic"`: method,
		"the weight of row 1 is -1": weights,
	} {
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	m := fitted(t, Sigmoid, []float64{0.9, 0.8, 0.2, 0.3}, []float64{0, 0, 1, 1}, Options{})
	if len(m.Warnings) != 2 || m.Warnings[0].Reason != FewRows || m.Warnings[1].Reason != Inverted {
		t.Errorf("%+v", m.Warnings)
	}
	flat := fitted(t, Isotonic, []float64{0.9, 0.8, 0.2, 0.3}, []float64{0, 0, 1, 1}, Options{})
	if len(flat.Warnings) != 2 || flat.Warnings[1].Reason != Uninformative {
		t.Errorf("%+v", flat.Warnings)
	}
}
