package recommend

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Hits at ranks 1 and 3 of four, three relevant.
func TestMarksByHand(t *testing.T) {
	got := mark([]int32{7, 1, 9, 2}, []int32{3, 7, 9}, 4)
	ideal := 1 + 1/math.Log2(3) + 0.5
	want := marks{1.5 / ideal, (1 + 2.0/3) / 3, 2.0 / 3, 1, 1}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("mark %d: %v, should be %v", i, got[i], want[i])
		}
	}
	// More relevant than places: ideal is two.
	got = mark([]int32{5, 1}, []int32{1, 2, 3, 4}, 2)
	want = marks{1 / math.Log2(3) / (1 + 1/math.Log2(3)), 0.25, 0.25, 1, 0.5}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("mark %d: %v, should be %v", i, got[i], want[i])
		}
	}
}

func TestEvaluateByHand(t *testing.T) {
	// Popularity learns a 3, b 2, c 1; d is only sold after the cut.
	in := build(t, "u1 a 1", "u2 a 1", "u3 a 1", "u1 b 1", "u2 b 2", "u3 c 2", "u1 c 9", "u2 d 9", "u2 c 9", "u3 d 9")
	past, cases, err := in.SplitAt(5, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) != 3 || cases[0].History.At != 5 || !slices.Equal(cases[1].Truth, []int32{2, 3}) {
		t.Fatalf("%+v", cases)
	}
	m := mustFit(t, past, Options{Kind: Popularity})
	q, err := Evaluate(m, cases, Judgement{K: 2})
	if err != nil {
		t.Fatal(err)
	}
	// u1 and u2 own a and b and are shown c; d is unknown, so u3 does not count.
	if q.People != 2 || q.NDCG.Value != 1 || q.MAP.Value != 1 || q.Recall.Value != 1 || math.Abs(q.Coverage-1.0/3) > 1e-12 || math.Abs(q.Novelty-math.Log2(6)) > 1e-12 {
		t.Errorf("%+v", q)
	}
	q, err = Evaluate(m, cases, Judgement{K: 2, Rules: Rules{Bought: AllowBought}})
	if err != nil {
		t.Fatal(err)
	}
	if q.People != 2 || q.HitRate.Value != 0 { // everybody is shown a and b
		t.Errorf("%+v", q)
	}
}

// build reads "user item day" lines.
func build(t testing.TB, lines ...string) *Interactions {
	t.Helper()
	var b Builder
	for _, l := range lines {
		var p Purchase
		if _, err := fmt.Sscan(l, &p.User, &p.Item, &p.Day); err != nil {
			t.Fatal(err)
		}
		if err := b.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	in, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestBuildIgnoresTheOrderOfLines(t *testing.T) {
	lines := []string{"u2 b 3", "u1 a 1", "u1 b 1", "u1 a 5", "u2 a 2"}
	a := build(t, lines...)
	slices.Reverse(lines)
	b := build(t, lines...)
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("%v\n%v", a, b)
	}
	past, cases, err := a.SplitLast(2)
	if err != nil || past.Len() != 3 || past.Baskets() != 2 || len(cases) != 2 {
		t.Errorf("%v %v %v", past, cases, err)
	}
}

// What is sold only after the cut, and whatever happens after it, changes no
// part of what is learned, and no answer.
func TestNothingIsLearnedFromAfterTheCut(t *testing.T) {
	in := shop(t, 200)
	first, last := in.Span()
	cut := first + (last-first)*2/3
	past, _, err := in.SplitAt(cut, 30)
	if err != nil {
		t.Fatal(err)
	}
	var b Builder // the same shop with another future
	for u, user := range in.users {
		b.Segment(user, in.segments[in.segment[u]])
		for _, l := range in.of(u) {
			p := Purchase{User: user, Item: in.items[l.item], Day: l.day}
			if l.day >= cut {
				p.Item = in.items[(int(l.item)+7)%len(in.items)]
				if u%3 == 0 {
					p.Item = "planted" // sold only after the cut
				}
			}
			if err := b.Add(p); err != nil {
				t.Fatal(err)
			}
		}
	}
	other, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	otherPast, _, err := other.SplitAt(cut, 30)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range kinds {
		o := quick(kind)
		o.Catalogue = nil
		m, n := mustFit(t, past, o), mustFit(t, otherPast, o)
		for u := range 50 {
			h := past.history(u, cut)
			g, ok := otherPast.History(in.users[u], cut)
			if !ok {
				t.Fatal("no such user")
			}
			for _, r := range []Rules{{}, {Bought: AllowBought}} {
				a, err := m.Recommend(h, 40, r)
				if err != nil {
					t.Fatal(err)
				}
				b, err := n.Recommend(g, 40, r)
				if err != nil {
					t.Fatal(err)
				}
				for i := range a {
					if len(a) != len(b) || a[i].ID != b[i].ID || math.Abs(a[i].Score-b[i].Score) > 1e-5*(1+math.Abs(a[i].Score)) {
						t.Fatalf("%s: the future changed an answer:\n%v\n%v", kind, a, b)
					}
				}
				for _, x := range b {
					if x.ID == "planted" {
						t.Fatalf("%s recommends what was never sold before the cut", kind)
					}
				}
			}
		}
	}
}

// Trends look only at what was sold before the day they are asked for.
func TestTrendsDoNotLookAhead(t *testing.T) {
	in := build(t, "u1 a 1", "u2 a 2", "u3 b 7", "u4 b 8", "u5 b 8")
	m := mustFit(t, in, Options{Kind: Trending})
	for at, want := range map[int32]string{3: "a", 9: "b"} {
		list, err := m.Recommend(History{At: at}, 1, Rules{})
		if err != nil || list[0].ID != want {
			t.Errorf("on day %d: %v, %v", at, list, err)
		}
	}
}

func TestChooseFindsTheBlendAndItsWeights(t *testing.T) {
	in := shop(t, 300)
	b := Backtest{Judgement: Judgement{K: 5, Resamples: 200}, Candidates: []Options{
		{Kind: Linear, EASE: EASE{Lambda: 20}}, {Kind: ItemItem}, {Kind: Factors, ALS: ALS{Factors: 8, Iterations: 4, Regularisation: 2}},
	}}
	for _, rule := range []BoughtRule{ExcludeBought, AllowBought} {
		b.Judgement.Rules.Bought = rule
		c, err := Choose(in, b)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Choose(in, b)
		if err != nil || again.Reason != c.Reason {
			t.Errorf("%v, then %v, %v", c.Reason, again.Reason, err)
		}
		if c.Trials[c.Winner].Quality.NDCG.Value < c.Trials[0].Quality.NDCG.Value || c.Gain.Low < 0 {
			t.Errorf("%s: %+v", c.Reason, c.Gain)
		}
		mustFit(t, in, c.Options)
	}
	// A late cut leaves some to be judged; noise is not learned from.
	first, last := in.Span()
	b.Cut, b.Horizon = first+(last-first)*3/4, 60
	if _, err := Choose(in, b); err != nil {
		t.Fatal(err)
	}
}

func TestBadInputIsRefused(t *testing.T) {
	var b Builder
	if _, err := b.Build(); err == nil {
		t.Error("nothing was built")
	}
	for _, p := range []Purchase{
		{Item: "a"},
		{User: "u"},
		{User: "u", Item: "a", Weight: -1},
		{User: "u", Item: "a", Weight: math.NaN()},
		{User: "u", Item: "a", Weight: math.Inf(1)},
		{User: "u", Item: "a", Day: 1700000000},
	} {
		if err := b.Add(p); err == nil || !strings.Contains(err.Error(), "purchase 1") {
			t.Errorf("%+v: %v", p, err)
		}
	}
	in := shop(t, 40)
	for _, o := range []Options{
		{},
		{Kind: "magic"},
		{Kind: Linear, EASE: EASE{Lambda: -1}},
		{Kind: Linear, EASE: EASE{MostItems: 3}},
		{Kind: Factors, ALS: ALS{Factors: -1}},
		{Kind: Factors, ALS: ALS{Regularisation: math.NaN()}},
		{Kind: Factors, ALS: ALS{Scale: 2}},
		{Kind: ItemItem, Neighbours: Neighbours{Measure: "jaccard"}},
		{Kind: ItemItem, Neighbours: Neighbours{K: -1}},
		{Kind: Popularity, Count: "twice"},
		{Kind: Popularity, Forget: 2},
		{Kind: Popularity, Catalogue: []Product{{Item: "x"}, {Item: "x"}}},
		{Kind: Blend, Mix: &Mix{New: []Term{{Feature: "luck"}}}},
	} {
		if _, err := Fit(in, o); err == nil {
			t.Errorf("%+v was fitted", o)
		}
	}
	m := mustFit(t, in, Options{Kind: Popularity})
	for _, r := range []Rules{{Bought: "maybe"}, {Diversity: 2}, {Diversity: math.NaN()}, {PerCategory: 1}, {Pool: -1}, {Only: &Mask{}}} {
		if _, err := m.Recommend(History{}, 5, r); err == nil {
			t.Errorf("%+v was taken", r)
		}
		if _, err := Evaluate(m, []Case{{User: "u", Truth: []int32{1}}}, Judgement{Rules: r}); err == nil {
			t.Errorf("%+v was judged by", r)
		}
	}
	if _, err := m.Recommend(History{}, 0, Rules{}); err == nil {
		t.Error("no recommendations were made")
	}
	if _, err := m.Recommend(History{At: 5, Events: []Event{{Item: -4, Day: 1}, {Item: 9999, Day: 1}, {Item: 1, Day: 9}}}, 5, Rules{}); err != nil {
		t.Error("events that mean nothing are left out:", err)
	}
	if _, _, err := in.SplitLast(1); err == nil {
		t.Error("split with one day")
	}
	if _, _, err := in.SplitAt(-5, 3); err == nil {
		t.Error("split before the data")
	}
	if _, err := FitReplenishment(build(t, "u a 1", "v a 1")); err == nil {
		t.Error("rhythm without repetition")
	}
}

// The blend that Choose puts together of what it has fitted is the one that
// FitMix fits from its options.
func TestTheChosenBlendIsFittedAgain(t *testing.T) {
	in := shop(t, 200)
	c, err := Choose(in, Backtest{Judgement: Judgement{K: 5, Resamples: 50}, Candidates: []Options{
		{Kind: Linear, EASE: EASE{Lambda: 20}, Forget: 0.9},
		{Kind: ItemItem, Neighbours: Neighbours{K: 5}},
		{Kind: Factors, ALS: ALS{Factors: 8, Iterations: 4, Regularisation: 2}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	blend := c.Trials[len(c.Trials)-1].Options
	past, cases, err := in.SplitLast(2)
	if err != nil {
		t.Fatal(err)
	}
	m, err := FitMix(past, cases, blend)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range m.Options().Mix.New {
		if got := blend.Mix.New[i]; math.Abs(got.Weight-w.Weight) > 1e-6 || math.Abs(got.StdError-w.StdError) > 1e-6 {
			t.Errorf("%+v, fitted again %+v", got, w)
		}
	}
	if blend.Forget != 0.9 || blend.Neighbours.K != 5 {
		t.Errorf("%+v", blend)
	}
}

// The weights are those under which choices were drawn.
func TestWeightsAreFound(t *testing.T) {
	const cases, items = 3000, 12
	truth := []float64{1.2, -0.7, 0}
	rng := rand.New(rand.NewPCG(8, 8))
	d := &choices{features: len(truth), first: []int{0}}
	for range cases {
		var sum, total float64
		p := make([]float64, items)
		for i := range p {
			s := 0.0
			for _, w := range truth {
				x := rng.NormFloat64()
				d.x = append(d.x, float32(x))
				s += w * x
			}
			p[i] = math.Exp(s)
			total += p[i]
		}
		at := rng.Float64() * total
		for i := range p {
			y := float32(0)
			if sum <= at && at < sum+p[i] {
				y = 1
			}
			sum += p[i]
			d.bought = append(d.bought, y)
		}
		d.first = append(d.first, len(d.bought))
	}
	b, se := d.maximise(func(int) bool { return true }, 2)
	for i, w := range truth {
		if math.Abs(b[i]-w) > 4*se[i] || se[i] < 0.01 || se[i] > 0.05 {
			t.Errorf("weight %d: %v ± %v, should be %v", i, b[i], se[i], w)
		}
	}
}
