package gbdt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// mixed is a random set with numbers, missing values, whole numbers and
// categories, and the margin that made its labels.
func mixed(t testing.TB, n int, seed uint64) (*Data, []float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 9))
	a, b, c, codes := make([]float64, n), make([]float32, n), make([]float64, n), make([]int32, n)
	margin := make([]float64, n)
	for i := range n {
		a[i], b[i], c[i], codes[i] = rng.NormFloat64(), float32(rng.NormFloat64()), float64(rng.IntN(6)), int32(rng.IntN(12))-1
		margin[i] = 0.8*a[i] + 0.5*math.Sin(3*a[i]) - 0.3*c[i] + 0.6
		if rng.IntN(5) == 0 {
			b[i] = float32(math.NaN())
			margin[i] += 0.7
		} else if b[i] > 0 && c[i] > 2 {
			margin[i]++
		}
		margin[i] += []float64{0.4, 0, 1, -1, 0.5, -0.5, 0, 1, 0, -1, 0.3, 0}[codes[i]+1]
	}
	d, err := NewData(Float64("a", a), Float32("b", b), Float64("c", c), Categorical("k", codes, nil))
	if err != nil {
		t.Fatal(err)
	}
	return d, margin
}

// binary draws labels from margins.
func binary(margin []float64, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 8))
	y := make([]float64, len(margin))
	for i, f := range margin {
		if rng.Float64() < sigmoid(f) {
			y[i] = 1
		}
	}
	return y
}

func train(t testing.TB, s Set, o Options) *Model {
	t.Helper()
	m, err := Train(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func saved(t testing.TB, m *Model) []byte {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// everything is a setting of each kind.
func everything() map[string]Options {
	return map[string]Options{
		"defaults":   {Trees: 20},
		"sampled":    {Trees: 20, RowFraction: 0.6, ColumnFraction: 0.7, NodeColumnFraction: 0.7, Seed: 3},
		"penalised":  {Trees: 20, L1: 2, L2: 3, MinGain: 0.1, MaxDepth: 4, MaxBins: 40},
		"monotone":   {Trees: 20, Monotone: map[string]int{"a": 1, "c": -1}},
		"squared":    {Trees: 20, Objective: Squared},
		"poisson":    {Trees: 20, Objective: Poisson},
		"tweedie":    {Trees: 20, Objective: Tweedie, TweediePower: 1.3},
		"categories": {Trees: 20, OneAgainstRest: 1, MinRowsPerCategory: 1, CategorySmoothing: 1},
	}
}

// TestSameModelOnAnyNumberOfCores compares the saved bytes, with the histograms of few rows and with those of many.
func TestSameModelOnAnyNumberOfCores(t *testing.T) {
	for _, n := range []int{5000, wideRows + 7000} {
		d, margin := mixed(t, n, 1)
		y := binary(margin, 2)
		for name, o := range everything() {
			if n > wideRows { // takes long
				if o.Trees = 2; name == "squared" || name == "penalised" || name == "categories" {
					continue
				}
			}
			o.Cores = 1
			want := saved(t, train(t, Set{Data: d, Labels: y}, o))
			for _, cores := range []int{2, 3, 7} {
				o.Cores = cores
				if n > wideRows && cores > 2 {
					continue // takes long
				}
				if !bytes.Equal(saved(t, train(t, Set{Data: d, Labels: y}, o)), want) {
					t.Errorf("%s, %d rows: %d cores give another model than one", name, n, cores)
				}
			}
		}
	}
}

// TestSavedModelPredictsTheSameBits for every kind of split.
func TestSavedModelPredictsTheSameBits(t *testing.T) {
	d, margin := mixed(t, 3000, 4)
	y := binary(margin, 5)
	x := make([]float64, d.Width())
	for name, o := range everything() {
		m := train(t, Set{Data: d, Labels: y}, o)
		text := saved(t, m)
		read, err := Read(bytes.NewReader(text))
		if err != nil {
			t.Fatal(name, err)
		}
		if !bytes.Equal(saved(t, read), text) {
			t.Errorf("%s: saving again gives other bytes", name)
		}
		one, two := make([]float64, d.Width()), make([]float64, d.Width())
		all := make([]float64, d.Rows())
		if err := read.Margins(all, d); err != nil {
			t.Fatal(err)
		}
		for i := range 500 {
			d.Row(x, i)
			a, b := m.marginOf(x), read.marginOf(x)
			if a != b || all[i] != a {
				t.Fatalf("%s: row %d is %v, read again %v, in a batch %v", name, i, a, b, all[i])
			}
			base, _ := m.Explain(one, x)
			again, _ := read.Explain(two, x)
			if fmt.Sprint(base, one) != fmt.Sprint(again, two) {
				t.Fatalf("%s: row %d is explained differently", name, i)
			}
		}
	}
}

// TestTrainingFindsTheSignal on data whose process is known.
func TestTrainingFindsTheSignal(t *testing.T) {
	d, margin := mixed(t, 20_000, 6)
	y := binary(margin, 7)
	fresh, truth := mixed(t, 20_000, 8)
	labels := binary(truth, 9)
	m := train(t, Set{Data: d, Labels: y}, Options{Trees: 150, LearningRate: 0.05, MaxLeaves: 15})
	got := make([]float64, fresh.Rows())
	if err := m.Margins(got, fresh); err != nil {
		t.Fatal(err)
	}
	best, have := auc(truth, labels, nil), auc(got, labels, nil)
	t.Logf("AUC %.4f, of the true margins %.4f", have, best)
	if have < best-0.01 {
		t.Errorf("AUC %.4f, the true margins have %.4f", have, best)
	}
}

// TestValidationStops keeps the best number of trees.
func TestValidationStops(t *testing.T) {
	d, margin := mixed(t, 2000, 10)
	y := binary(margin, 11)
	other, more := mixed(t, 2000, 12)
	v := Set{Data: other, Labels: binary(more, 13)}
	for _, metric := range []Metric{Loss, AUC} {
		var scores []float64
		m := train(t, Set{Data: d, Labels: y}, Options{
			Trees: 500, LearningRate: 0.3, Validation: &v, Patience: 10, Metric: metric,
			Progress: func(r Round) bool { scores = append(scores, r.Validation); return true },
		})
		best := 0
		for i, s := range scores {
			if (metric == Loss && s < scores[best]) || (metric == AUC && s > scores[best]) {
				best = i
			}
		}
		if m.Trees() != best+1 || len(scores) != best+11 || len(scores) == 500 {
			t.Errorf("%s: %d trees kept, the best of %d was %d", metric, m.Trees(), len(scores), best+1)
		}
		got := make([]float64, other.Rows())
		if err := m.Margins(got, other); err != nil {
			t.Fatal(err)
		}
		if metric == AUC {
			near(t, "AUC of the kept trees", auc(got, v.Labels, nil), scores[best], 0)
		}
	}
}

// TestOffsetsAreWhatIsAlreadyKnown: with the true margin as offset there is nothing to learn, and with half of it
// the other half is.
func TestOffsetsAreWhatIsAlreadyKnown(t *testing.T) {
	d, margin := mixed(t, 30_000, 14)
	rng := rand.New(rand.NewPCG(1, 2))
	y := make([]float64, len(margin))
	for i, f := range margin {
		y[i] = poissonDraw(rng, math.Exp(f-0.5))
	}
	o := Options{Objective: Poisson, Trees: 100, MaxLeaves: 8, LearningRate: 0.15}
	known := train(t, Set{Data: d, Labels: y, Offset: margin}, o)
	near(t, "intercept", known.Intercept(), -0.5, 0.02)
	half := make([]float64, len(margin))
	for i, f := range margin {
		half[i] = f / 2
	}
	rest := train(t, Set{Data: d, Labels: y, Offset: half}, o)
	x := make([]float64, d.Width())
	var spreadKnown, wrong, all float64
	for i := range 5000 {
		d.Row(x, i)
		a, b := known.marginOf(x), rest.marginOf(x)
		spreadKnown += (a + 0.5) * (a + 0.5)
		wrong += (b - (half[i] - 0.5)) * (b - (half[i] - 0.5))
		all += half[i] * half[i]
	}
	t.Logf("left of nothing %.4f, of half %.4f", spreadKnown/5000, wrong/all)
	if spreadKnown/5000 > 0.02 || wrong/all > 0.06 {
		t.Errorf("the residual model is off: %.4f and %.4f", spreadKnown/5000, wrong/all)
	}
}

func poissonDraw(rng *rand.Rand, mean float64) float64 {
	k, p, limit := 0.0, rng.Float64(), math.Exp(-mean)
	for ; p > limit; k++ {
		p *= rng.Float64()
	}
	return k
}
