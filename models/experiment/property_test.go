package experiment

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func values(t *rapid.T, n int, name string) []float64 {
	return rapid.SliceOfN(rapid.Float64Range(-50, 50), n, n).Draw(t, name)
}

func TestJoinIsMeasuringTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(0, 9).Draw(t, "n"), rapid.IntRange(1, 9).Draw(t, "m")
		y, x := values(t, n+m, "y"), values(t, n+m, "x")
		whole, err := Measure(Values{Outcome: y, Covariate: x})
		if err != nil {
			t.Fatal(err)
		}
		a, errA := Measure(Values{Outcome: y[:n], Covariate: x[:n]})
		b, errB := Measure(Values{Outcome: y[n:], Covariate: x[n:]})
		if err := errors.Join(errA, errB); err != nil {
			t.Fatal(err)
		}
		both := a.Join(b)
		for j := range whole.mean {
			if math.Abs(both.mean[j]-whole.mean[j]) > 1e-9 {
				t.Fatalf("mean %v, want %v", both.mean[j], whole.mean[j])
			}
			for k := range whole.mean {
				if math.Abs(both.product[j][k]-whole.product[j][k]) > 1e-7 {
					t.Fatalf("product %v, want %v", both.product[j][k], whole.product[j][k])
				}
			}
		}
	})
}

// What must hold of every comparison: exchange turns the sign, another unit of
// money changes nothing relative, a shift nothing absolute, and a covariate or
// the right strata never widen it much.
func TestComparisonsAreConsistent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(5, 40).Draw(t, "n"), rapid.IntRange(5, 40).Draw(t, "m")
		y, x := values(t, n+m, "y"), values(t, n+m, "x")
		scale := rapid.Float64Range(0.1, 1000).Draw(t, "scale")
		y[0], y[1] = 1, 2 // some variation
		run := func(by, plus float64, covariate bool) (a, b Arm) {
			v := Values{}
			for _, one := range y {
				v.Outcome = append(v.Outcome, one*by+plus)
			}
			if covariate {
				v.Covariate = x
			}
			part := func(from, to int) Arm {
				w := Values{Outcome: v.Outcome[from:to]}
				if covariate {
					w.Covariate = v.Covariate[from:to]
				}
				arm, err := Measure(w)
				if err != nil {
					t.Fatal(err)
				}
				return arm
			}
			return part(0, n), part(n, n+m)
		}
		a, b := run(1, 0, false)
		one, err := Compare(a, b, Options{})
		if err != nil {
			t.Fatal(err)
		}
		other, err := Compare(b, a, Options{})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "exchanged", other.Absolute.Value, -one.Absolute.Value)
		equal(t, "exchanged: p", other.Absolute.P, one.Absolute.P)
		sa, sb := run(scale, 0, false)
		scaled, err := Compare(sa, sb, Options{})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "another unit", scaled.Absolute.SE, scale*one.Absolute.SE)
		if one.Relative != nil {
			equal(t, "another unit, relative", scaled.Relative.Low, one.Relative.Low)
		}
		ca, cb := run(1, 0, true)
		adjusted, err := Compare(ca, cb, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if adjusted.Absolute.SE > one.Absolute.SE*(1+1e-9) {
			t.Fatalf("a covariate widened: %v from %v", adjusted.Absolute.SE, one.Absolute.SE)
		}
		watched, err := Compare(a, b, Options{Sequential: true})
		if err != nil {
			t.Fatal(err)
		}
		if watched.Absolute.High-watched.Absolute.Low < one.Absolute.High-one.Absolute.Low && n+m > 20 {
			t.Fatal("looking all the time is not free")
		}
	})
}

func equal(t *rapid.T, what string, got, want float64) {
	if math.Abs(got-want) > 1e-7*(1+math.Abs(want)) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// TestLookingAllTheTime simulates trials without any effect that are looked at
// every hundred units: the fixed interval is wrong at some look far more often
// than it says, the sequential one is not.
func TestLookingAllTheTime(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const trials, looks, step = 200, 60, 100
	wrong := map[bool]int{}
	for range trials {
		var arms [2]Arm
		alarm := map[bool]bool{}
		for range looks {
			for i := range arms {
				fresh := make([]float64, step/2)
				for k := range fresh {
					fresh[k] = random.ExpFloat64()
				}
				more, err := Measure(Values{Outcome: fresh})
				if err != nil {
					t.Fatal(err)
				}
				arms[i] = arms[i].Join(more)
			}
			for _, sequential := range []bool{false, true} {
				c := compared(t, arms[0], arms[1], Options{Sequential: sequential, Expected: 3000})
				alarm[sequential] = alarm[sequential] || c.Absolute.Low > 0 || c.Absolute.High < 0
			}
		}
		for sequential, is := range alarm {
			if is {
				wrong[sequential]++
			}
		}
	}
	t.Logf("false alarms in %d trials: fixed %d, sequential %d", trials, wrong[false], wrong[true])
	if wrong[true] > trials*6/100 || wrong[false] < trials*15/100 {
		t.Errorf("false alarms in %d trials: fixed %d, sequential %d", trials, wrong[false], wrong[true])
	}
}

// TestStrataWhenSharesAreDrawn simulates: the standard error told is the
// scatter of the estimates, and truth is inside as often as promised.
func TestStrataWhenSharesAreDrawn(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	const trials = 600
	inside, told, sum, square := 0, 0.0, 0.0, 0.0
	for range trials {
		var list [2][3][]float64
		var before [2][3][]float64
		for range 300 {
			s, i := random.IntN(3), random.IntN(2)
			x := random.NormFloat64()
			list[i][s] = append(list[i][s], float64(4*s)+2*x*float64(s)+random.NormFloat64()+float64(i)*float64(s))
			before[i][s] = append(before[i][s], x)
		}
		var arms [2][]Arm
		for i := range list {
			for s := range list[i] {
				a, err := Measure(Values{Outcome: list[i][s], Covariate: before[i][s]})
				if err != nil {
					t.Fatal(err)
				}
				arms[i] = append(arms[i], a)
			}
		}
		c, err := CompareStrata(arms[0], arms[1], Options{})
		if err != nil {
			t.Fatal(err)
		}
		const truth = 1.0 // the mean of s
		if c.Absolute.Low <= truth && truth <= c.Absolute.High {
			inside++
		}
		told += c.Absolute.SE / trials
		sum += c.Absolute.Value / trials
		square += c.Absolute.Value * c.Absolute.Value / trials
	}
	scatter := math.Sqrt(square - sum*sum)
	if math.Abs(told/scatter-1) > 0.08 || inside < trials*92/100 || math.Abs(sum-1) > 0.03 {
		t.Errorf("mean %v, scatter %v, told %v, inside %d of %d", sum, scatter, told, inside, trials)
	}
}

// TestPower draws trials of the size that a plan asks for.
func TestPower(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, p := range []Plan{{Mean: 0.1, YesNo: true, Share: 0.3}, {Mean: 2, SD: 2, Power: 0.9}} {
		effect := 0.06
		if !p.YesNo {
			effect = 0.7
		}
		n, err := p.Units(effect)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		const trials = 1000
		for range trials {
			var list [2][]float64
			for range n {
				i := 0
				if random.Float64() < max(p.Share, 0.5*float64(b2i(p.Share == 0))) {
					i = 1
				}
				y := p.Mean + p.SD*random.NormFloat64() + effect*float64(i)
				if p.YesNo {
					y = float64(b2i(random.Float64() < p.Mean+effect*float64(i)))
				}
				list[i] = append(list[i], y)
			}
			a, _ := Measure(Values{Outcome: list[0]})
			b, _ := Measure(Values{Outcome: list[1]})
			if compared(t, a, b, Options{}).Absolute.P < 0.05 {
				seen++
			}
		}
		want := p.Power
		if want == 0 {
			want = 0.8
		}
		if share := float64(seen) / trials; math.Abs(share-want) > 0.04 {
			t.Errorf("%+v: %d units see %v of the effects, want %v", p, n, share, want)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestPlans(t *testing.T) {
	// statsmodels 0.15.0, NormalIndPower().solve_power: 1569.77 and 5253.71 units
	// in the first arm, the other as large or a quarter of it.
	for _, c := range []struct {
		p    Plan
		want float64
	}{{Plan{SD: 1}, 2 * 1569.7721019023288}, {Plan{SD: 1, Power: 0.9, Share: 0.2}, 1.25 * 5253.7097054792775}} {
		n, err := c.p.Units(0.1)
		if err != nil {
			t.Fatal(err)
		}
		if float64(n) < c.want || float64(n) > c.want+1 {
			t.Errorf("%d units, want %v", n, c.want)
		}
	}
	effect, err := Plan{SD: 1}.Detectable(1000)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "detectable with 500 an arm", effect, 0.17718769489108327, 1e-6)
	for _, p := range []Plan{{Mean: 0.2, YesNo: true}, {SD: 3, Reduction: 0.4, Comparisons: 3}, {SD: 3, Sequential: true, Expected: 2000}} {
		n, err := p.Units(0.1)
		if err != nil {
			t.Fatal(err)
		}
		effect, err := p.Detectable(n)
		if err != nil {
			t.Fatal(err)
		}
		if effect > 0.1+1e-9 || effect < 0.0999 {
			t.Errorf("%+v: %d units show %v", p, n, effect)
		}
	}
}

// Corrections equal statsmodels 0.15.0's multipletests.
func TestCorrections(t *testing.T) {
	p := []float64{.01, .04, .03, .005, math.NaN(), .2, .6, .04}
	holm := []float64{.06, .16, .15, .035, math.NaN(), .4, .6, .16}
	bh := []float64{.035, .056, .056, .035, math.NaN(), .23333333333333336, .6, .056}
	for i := range p {
		for k, pair := range [][2]float64{{Holm(p)[i], holm[i]}, {BenjaminiHochberg(p)[i], bh[i]}} {
			if math.IsNaN(pair[1]) != math.IsNaN(pair[0]) || math.Abs(pair[0]-pair[1]) > 1e-12 {
				t.Errorf("p %d, correction %d: %v, want %v", i, k, pair[0], pair[1])
			}
		}
	}
}
