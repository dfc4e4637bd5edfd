package recommend

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// kin are people who buy within one of four families of items, and few things besides.
func kin(t testing.TB) *Interactions {
	t.Helper()
	r, b := rand.New(rand.NewPCG(1, 2)), Builder{}
	for u := range 300 {
		for day := range 6 {
			for range 3 {
				item := u%4*10 + r.IntN(10)
				if r.IntN(10) == 0 {
					item = r.IntN(40)
				}
				if err := b.Add(Purchase{User: strconv.Itoa(u), Item: "i" + strconv.Itoa(100+item), Day: int32(30*day + r.IntN(20))}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	in, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// Suggest gives what Recommend gives, for several questions at once, and reasons that Explain agrees with.
func TestSuggestIsRecommendWithReasons(t *testing.T) {
	in := kin(t)
	_, last := in.Span()
	choice, err := Choose(in, Backtest{Judgement: Judgement{Resamples: 20}, Candidates: Candidates(40)[:8]})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{choice.Trials[len(choice.Trials)-1].Options, {Kind: Linear}, {Kind: Factors}, {Kind: ItemItem}, {Kind: Habit}, {Kind: Trending}, {Kind: Popularity}} {
		m, err := Fit(in, o)
		if err != nil {
			t.Fatal(err)
		}
		rules, traced := []Rules{{}, {Bought: AllowBought}, {Bought: AllowDue}}, 0
		for u := range 20 {
			h := in.history(u, last+1)
			got, err := m.Suggest(h, []int{5, 4, 3}, rules)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range rules {
				want, err := m.Recommend(h, []int{5, 4, 3}[i], r)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.EqualFunc(got[i], want, func(a Suggestion, b Recommendation) bool { return a.Recommendation == b }) {
					t.Fatalf("%s, %+v: %v, not %v", o.Kind, r, got[i], want)
				}
			}
			traced += checkReasons(t, m, h, got[0])
		}
		if needs := m.options.needs(); len(needs) > 0 && traced == 0 {
			t.Errorf("%s: no purchase is behind anything", o.Kind)
		}
	}
	m, err := Fit(in, Options{Kind: Popularity})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := m.Suggest(History{At: last}, []int{3}, []Rules{{}}); err != nil || len(got[0]) != 3 || got[0][0].Feature != Popular || got[0][0].Because != -1 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := m.Suggest(History{}, []int{1}, []Rules{{Diversity: math.NaN()}}); err == nil {
		t.Error("a diversity that is no number was taken")
	}
}

func checkReasons(t *testing.T, m *Model, h History, list []Suggestion) (traced int) {
	t.Helper()
	for _, s := range list {
		if s.Because < 0 {
			continue
		}
		traced++
		e, err := m.Explain(h, s.Item, Rules{})
		if err != nil {
			t.Fatal(err)
		}
		if m.options.Kind != Blend && e.Because[0].Item != s.Because && e.Because[0].Item != s.Item {
			t.Errorf("%s: because of %d, not of %d", m.options.Kind, s.Because, e.Because[0].Item)
		}
		if !slices.ContainsFunc(h.Events, func(e Event) bool { return e.Item == s.Because }) {
			t.Errorf("%s: because of what she never bought", m.options.Kind)
		}
	}
	return traced
}

func TestRhythmsAreKept(t *testing.T) {
	in := kin(t)
	m, err := Fit(in, Options{Kind: Popularity})
	if err != nil {
		t.Fatal(err)
	}
	want, err := FitReplenishment(in)
	if err != nil {
		t.Fatal(err)
	}
	h := in.history(1, 200)
	a, err := m.Rhythms().Due(h, 0.8)
	b, err2 := want.Due(h, 0.8)
	if err != nil || err2 != nil || len(a) == 0 || !slices.Equal(a, b) {
		t.Errorf("%v %v, %v %v", a, err, b, err2)
	}
}
