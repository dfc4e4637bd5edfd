package recommend

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// Ten baskets: a in five, b in four, both in three.
func TestBoughtTogetherByHand(t *testing.T) {
	var b Builder
	for i, items := range []string{"ab", "ab", "ab", "a", "a", "b", "c", "c", "c", "c"} {
		for _, item := range items {
			// All on one day by one person: the orders tell the baskets apart.
			if err := b.Add(Purchase{User: "u", Item: string(item), Order: strconv.Itoa(i), Day: 3}); err != nil {
				t.Fatal(err)
			}
		}
	}
	in, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	p, err := BoughtTogether(in, Together{Least: 2, Level: 0.3})
	if err != nil {
		t.Fatal(err)
	}
	got := p.With("a", 5)
	if len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	g := got[0]
	sd := math.Sqrt(1./3 - 1./5 - 1./4 + (2*1.5-1)/10)
	z := 0.38532046640756773 // the normal quantile of 0.65
	if g.B != "b" || g.Together != 3 || g.Support != 0.3 || g.Confidence != 0.6 || math.Abs(g.Lift-1.5) > 1e-12 ||
		math.Abs(g.Low-1.5*math.Exp(-z*sd)) > 1e-9 || math.Abs(g.High-1.5*math.Exp(z*sd)) > 1e-9 {
		t.Errorf("%+v, sd %v", g, sd)
	}
	if top := p.Top(10); len(top) != 1 || top[0].A != "a" {
		t.Errorf("%+v", top)
	}
	if got := p.With("zebra", 5); got != nil {
		t.Errorf("%+v", got)
	}
}

// The lift's interval holds the truth about as often as it says.
func TestLiftsIntervalCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	inside, all := 0, 400
	for range all {
		p := &Pairs{items: []string{"a", "b"}, baskets: 3000}
		var x, y, both int
		for range p.baskets { // P(a) = .1, P(b | a) = .2, P(b | not a) = .05: lift .2/.065
			a := rng.Float64() < 0.1
			b := rng.Float64() < map[bool]float64{true: 0.2, false: 0.05}[a]
			if a {
				x++
			}
			if b {
				y++
			}
			if a && b {
				both++
			}
		}
		if g := p.pair(0, 1, both, x, y, 1.959964); g.Low <= 0.2/0.065 && 0.2/0.065 <= g.High {
			inside++
		}
	}
	if share := float64(inside) / float64(all); share < 0.92 || share > 0.98 {
		t.Errorf("95 %% intervals hold the truth in %.3f", share)
	}
}

// Rhythms that are known are found again, and the intervals hold.
func TestReplenishmentFindsRhythms(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	var b Builder
	type next struct {
		user, item string
		day        int32
	}
	var truth []next
	item := make([]float64, 40)
	for i := range item {
		item[i] = math.Log(40) + 0.5*rng.NormFloat64()
	}
	for u := range 600 {
		i := u % len(item)
		own := item[i] + 0.4*rng.NormFloat64()
		day := 0.0
		user, id := "u"+strconv.Itoa(u), "i"+strconv.Itoa(100+i)
		for n := range 5 {
			if n == 4 {
				truth = append(truth, next{user, id, int32(day)})
				break
			}
			if err := b.Add(Purchase{User: user, Item: id, Day: int32(day)}); err != nil {
				t.Fatal(err)
			}
			day += math.Max(1, math.Exp(own+0.3*rng.NormFloat64()))
		}
	}
	in, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	r, err := FitReplenishment(in)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(r.Within-0.3) > 0.03 || math.Abs(r.Person-0.4) > 0.05 || math.Abs(r.Item-0.5) > 0.15 || r.Intervals != 1800 {
		t.Errorf("%+v", *r)
	}
	inside, early := 0, 0
	for _, n := range truth {
		h, _ := in.History(n.user, maxDay)
		due, err := r.Due(h, 0.8)
		if err != nil || len(due) != 1 {
			t.Fatal(due, err)
		}
		d := due[0]
		if d.Own != 3 || d.Seen != 45 || d.Share < 0.99 || d.Low > d.Day || d.Day > d.High {
			t.Fatalf("%+v", d)
		}
		if d.Low <= n.day && n.day <= d.High {
			inside++
		}
		if n.day < d.Day {
			early += 2
		} else if n.day == d.Day {
			early++
		}
	}
	if share := float64(inside) / float64(len(truth)); share < 0.76 || share > 0.85 {
		t.Errorf("80 %% intervals hold the next day in %.3f", share)
	}
	if share := float64(early) / float64(2*len(truth)); share < 0.44 || share > 0.56 {
		t.Errorf("%.3f come before their expected day", share)
	}
}

// By hand: with all variances known, an own mean and the item's are weighed by
// their precisions.
func TestReplenishmentShrinks(t *testing.T) {
	r := &Replenishment{Person: 0.5, Within: 0.25, mean: []float32{3}, spread: []float32{0}}
	mean, sd := r.rhythm(0, 2, 2*4)
	// Precisions 1/.25 and 2/.0625: (4·3 + 32·4)/36.
	if math.Abs(mean-140./36) > 1e-9 || math.Abs(sd-math.Sqrt(1./36+0.0625)) > 1e-9 {
		t.Errorf("%v, %v", mean, sd)
	}
	if mean, _ := r.rhythm(0, 0, 0); math.Abs(mean-3) > 1e-9 {
		t.Errorf("without own intervals %v", mean)
	}
}
