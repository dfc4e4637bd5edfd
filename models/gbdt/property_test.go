package gbdt

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestMonotoneConstraintsHold at random points, with and without missing values and categories beside.
func TestMonotoneConstraintsHold(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		seed := rapid.Uint64().Draw(r, "seed")
		d, margin := mixed(t, 600, seed)
		y := binary(margin, seed)
		o := Options{
			Trees: 10, LearningRate: 0.5, MinRows: 3, Monotone: map[string]int{"a": 1, "b": -1, "c": rapid.IntRange(-1, 1).Draw(r, "c")},
			L1: float64(rapid.IntRange(0, 1).Draw(r, "l1")), OneAgainstRest: rapid.IntRange(1, 4).Draw(r, "sets"), MinRowsPerCategory: 1,
		}
		m := train(t, Set{Data: d, Labels: y}, o)
		rng := rand.New(rand.NewPCG(seed, 7))
		x := make([]float64, d.Width())
		for range 200 {
			d.Row(x, rng.IntN(d.Rows()))
			for f, name := range []string{"a", "b", "c"} {
				old := x[f]
				low, high := rng.NormFloat64()*3, rng.NormFloat64()*3
				low, high = min(low, high), max(low, high)
				x[f] = low
				before := m.marginOf(x)
				x[f] = high
				after := m.marginOf(x)
				x[f] = old
				if float64(o.Monotone[name])*(after-before) < -1e-12 {
					r.Fatalf("%s from %v to %v: margin from %v to %v", name, low, high, before, after)
				}
			}
		}
	})
}

// TestWeightsAreRepeatedRows: a row of weight k says what k rows say.
func TestWeightsAreRepeatedRows(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		seed := rapid.Uint64().Draw(r, "seed")
		objective := rapid.SampledFrom([]Objective{Binary, Squared, Poisson, Tweedie}).Draw(r, "objective")
		rng := rand.New(rand.NewPCG(seed, 1))
		n := 120
		a, c, y, w := make([]float64, n), make([]int32, n), make([]float64, n), make([]float64, n)
		off := make([]float64, n) // keeps two splits from being equally good
		var a2, y2, off2 []float64
		var c2 []int32
		for i := range n {
			a[i], c[i], w[i] = float64(rng.IntN(40)), int32(rng.IntN(5)), float64(1+rng.IntN(3))
			off[i] = rng.NormFloat64() / 10
			if rng.Float64() < sigmoid(a[i]/10-2+float64(c[i]%2)) {
				y[i] = 1
			}
			for range int(w[i]) {
				off2 = append(off2, off[i])
				a2, y2, c2 = append(a2, a[i]), append(y2, y[i]), append(c2, c[i])
			}
		}
		o := Options{Objective: objective, Trees: 5, MinRows: 1, MinHessian: 1, MinRowsPerCategory: 1, MaxLeaves: 6}
		one := train(t, Set{Data: must(t, Float64("a", a), Categorical("c", c, nil)), Labels: y, Weights: w, Offset: off}, o)
		two := train(t, Set{Data: must(t, Float64("a", a2), Categorical("c", c2, nil)), Labels: y2, Offset: off2}, o)
		if one.Importances()[0].Splits == 0 {
			r.Fatal("no splits")
		}
		for i := range n {
			x := []float64{a[i], float64(c[i])}
			if d := one.marginOf(x) - two.marginOf(x); math.Abs(d) > 1e-5 {
				r.Fatalf("row %d: margin %v with weights, %v with repeated rows", i, one.marginOf(x), two.marginOf(x))
			}
		}
	})
}

func must(t testing.TB, columns ...Column) *Data {
	t.Helper()
	d, err := NewData(columns...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestUselessColumnsAreHarmless: constants, copies and empty columns change no prediction.
func TestUselessColumnsAreHarmless(t *testing.T) {
	d, margin := mixed(t, 3000, 20)
	y := binary(margin, 21)
	same, empty, single := make([]float64, 3000), make([]float32, 3000), make([]int32, 3000)
	for i := range same {
		same[i], empty[i], single[i] = 7, float32(math.NaN()), 4
	}
	copied := d.columns[0]
	copied.Name = "copy of a"
	wide := must(t, slices.Concat(d.columns, []Column{Float64("same", same), Float32("empty", empty), Categorical("single", single, nil), copied})...)
	one, two := train(t, Set{Data: d, Labels: y}, Options{Trees: 30}), train(t, Set{Data: wide, Labels: y}, Options{Trees: 30})
	a, b := make([]float64, 3000), make([]float64, 3000)
	if err := one.Margins(a, d); err != nil {
		t.Fatal(err)
	}
	if err := two.Margins(b, wide); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a, b) {
		t.Error("useless columns change predictions")
	}
	for _, i := range two.Importances() {
		if (i.Gain > 0) != slices.Contains([]string{"a", "b", "c", "k"}, i.Feature) || (i.Gain > 0) != (i.Splits > 0) {
			t.Errorf("%s has gain %v in %d splits", i.Feature, i.Gain, i.Splits)
		}
	}
}

// TestBinsKeepOrder: a bin holds what its bounds say, for numbers of both widths, and heavy values stand alone.
func TestBinsKeepOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		values := rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(-1e3, 1e3), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, 1.5, math.MaxFloat32, -math.MaxFloat32, math.NaN(), 1e-45})), 1, 300).Draw(r, "values")
		narrow := make([]float32, len(values))
		for i, v := range values {
			narrow[i] = float32(v)
		}
		most := rapid.IntRange(2, 255).Draw(r, "bins")
		for _, c := range []Column{Float64("x", values), Float32("x", narrow)} {
			b, err := newBinning(&c, most, 1, &sampled{})
			if err != nil {
				r.Fatal(err)
			}
			if b.bins > max(most, 1) || !slices.IsSorted(b.bounds) {
				r.Fatalf("%d bins of %d, bounds %v", b.bins, most, b.bounds)
			}
			got := make([]uint8, len(values))
			b.apply(got, &c, 0, len(values))
			for i, bin := range got {
				x := c.At(i)
				switch {
				case x != x:
					if int(bin) != b.missing {
						r.Fatalf("missing is in bin %d", bin)
					}
				case (bin > 0 && x <= b.bounds[bin-1]) || (int(bin) < len(b.bounds) && x > b.bounds[bin]) || int(bin) >= b.values:
					r.Fatalf("%v is in bin %d of %v", x, bin, b.bounds)
				}
			}
		}
	})
}

// TestThresholdsOfXGBoost: the moved threshold decides as a comparison in 32 bits.
func TestThresholdsOfXGBoost(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		at := rapid.OneOf(rapid.Float32(), rapid.SampledFrom([]float32{0, 1, -1, math.SmallestNonzeroFloat32, -math.MaxFloat32, math.MaxFloat32})).Draw(r, "threshold")
		if at != at || math.IsInf(float64(at), 0) {
			return
		}
		moved := below32(float64(at))
		near := float64(at)
		for range rapid.IntRange(0, 3).Draw(r, "steps") {
			near = math.Nextafter(near, rapid.SampledFrom([]float64{math.Inf(1), math.Inf(-1)}).Draw(r, "to"))
		}
		for _, x := range []float64{near, moved, math.Nextafter(moved, math.Inf(1)), math.Nextafter(moved, math.Inf(-1)), rapid.Float64().Draw(r, "x"), 0} {
			if (x <= moved) != (float32(x) < at) && x >= -math.MaxFloat32 {
				r.Fatalf("%v: %v with %v, but %v with %v", x, x <= moved, moved, float32(x) < at, at)
			}
		}
	})
}

// TestManyCategories: ten thousand categories of which some matter, most seen a few times, and new ones later.
func TestManyCategories(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	n := 20_000
	codes, noise, y := make([]int32, n), make([]int32, n), make([]float64, n)
	for i := range n {
		codes[i], noise[i] = int32(rng.ExpFloat64()*30), int32(rng.IntN(10_000))*1000
		if rng.Float64() < 0.2+0.5*float64(codes[i]%2) {
			y[i] = 1
		}
	}
	m := train(t, Set{Data: must(t, Categorical("code", codes, nil), Categorical("noise", noise, nil)), Labels: y}, Options{Trees: 60})
	read, err := Read(bytes.NewReader(saved(t, m)))
	if err != nil {
		t.Fatal(err)
	}
	for c := range 60 {
		p, _ := read.Predict([]float64{float64(c), 77_000_001})
		near(t, "probability of a category", p, 0.2+0.5*float64(c%2), 0.12)
	}
	list := m.Importances()
	if list[0].Feature != "code" || list[1].Gain > list[0].Gain/20 {
		t.Errorf("noise matters: %v", list)
	}
	for _, x := range []float64{-1, 1e9, math.NaN(), math.Inf(1), 0.5} {
		if p, err := m.Predict([]float64{x, x}); err != nil || !(p > 0 && p < 1) {
			t.Errorf("category %v: %v %v", x, p, err)
		}
	}
}
