package recommend

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// shop is a small invented one: people are of two tastes, items 0 … 14 are of
// the one and 15 … 29 of the other; people come back on several days.
func shop(t testing.TB, people int) *Interactions {
	t.Helper()
	var b Builder
	rng := rand.New(rand.NewPCG(9, 9))
	for u := range people {
		user := "u" + strconv.Itoa(1000+u)
		b.Segment(user, []string{"north", "south"}[u%2])
		day := int32(rng.IntN(30))
		for range 2 + rng.IntN(5) {
			day += int32(1 + rng.IntN(40))
			for range 1 + rng.IntN(5) {
				item := rng.IntN(15)*rng.IntN(15)/14 + 15*(u%2)
				if rng.IntN(10) == 0 {
					item = rng.IntN(30)
				}
				if err := b.Add(Purchase{User: user, Item: "i" + strconv.Itoa(100+item), Day: day}); err != nil {
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

// catalogue describes the items of shop, and two that nobody bought.
func catalogue() []Product {
	var list []Product
	for i := range 30 {
		list = append(list, Product{Item: "i" + strconv.Itoa(100+i), Category: []string{"a", "b"}[i/15], Attributes: []string{"colour:" + strconv.Itoa(i%4)}})
	}
	return append(list, Product{Item: "new", Category: "a", Attributes: []string{"colour:1"}}, Product{Item: "odd", Category: "c"})
}

// small settings, for speed.
func quick(kind Kind) Options {
	mix := &Mix{}
	for i, f := range AllFeatures {
		mix.Any = append(mix.Any, Term{Feature: f, Weight: 0.1 * float64(1+i%3)})
		if !isHabit(f) {
			mix.New = append(mix.New, Term{Feature: f, Weight: []float64{1, 0.1}[min(i/3, 1)]})
		}
	}
	return Options{Kind: kind, ALS: ALS{Factors: 8, Iterations: 5, Regularisation: 1}, EASE: EASE{Lambda: 10}, Mix: mix, Catalogue: catalogue()}
}

func mustFit(t testing.TB, in *Interactions, o Options) *Model {
	t.Helper()
	m, err := Fit(in, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRulesHold(t *testing.T) {
	in := shop(t, 200)
	_, last := in.Span()
	for _, kind := range kinds {
		m := mustFit(t, in, quick(kind))
		mask, err := m.Mask(func(i int32) bool { return i%2 == 0 }, []string{"a", "b"})
		if err != nil {
			t.Fatal(err)
		}
		for u := range 40 {
			h := in.history(u, last+1)
			bought := func(i int32) bool {
				return slices.ContainsFunc(h.Events, func(e Event) bool { return e.Item == i })
			}
			for _, r := range []Rules{{}, {Only: mask}, {PerCategory: 2, Bought: AllowBought}, {Diversity: 0.5, PerCategory: 3}, {Diversity: 1}, {Bought: AllowDue}} {
				list, err := m.Recommend(h, 8, r)
				if err != nil {
					t.Fatal(err)
				}
				count, seen := map[int32]int{}, map[int32]bool{}
				for n, x := range list {
					if seen[x.Item] || m.items[x.Item] != x.ID || x.ID == "odd" {
						t.Fatalf("%s: %v in %v", kind, x, list)
					}
					seen[x.Item] = true
					count[m.shelf.category[x.Item]]++
					if r.Diversity == 0 && n > 0 && list[n-1].Score < x.Score {
						t.Fatalf("%s: not in order: %v", kind, list)
					}
					if r.Bought == "" && bought(x.Item) || r.Only != nil && x.Item%2 != 0 {
						t.Fatalf("%s: %+v lets %v in", kind, r, x)
					}
					if r.PerCategory > 0 && count[m.shelf.category[x.Item]] > r.PerCategory {
						t.Fatalf("%s: %+v: too many of one category: %v", kind, r, list)
					}
				}
				if len(list) == 0 {
					t.Fatalf("%s: %+v: nothing", kind, r)
				}
			}
		}
	}
}

func TestTastesAreFound(t *testing.T) {
	in := shop(t, 400)
	_, last := in.Span()
	for _, kind := range []Kind{ItemItem, Linear, Factors, Blend} {
		m := mustFit(t, in, quick(kind))
		right, all := 0, 0
		for u := range 200 {
			list, err := m.Recommend(in.history(u, last+1), 3, Rules{})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range list {
				all++
				if m.shelf.category[r.Item] == int32(u%2) {
					right++
				}
			}
		}
		if right*10 < all*8 {
			t.Errorf("%s: %d of %d are to the person's taste", kind, right, all)
		}
	}
}

func TestColdStart(t *testing.T) {
	in := shop(t, 200)
	_, last := in.Span()
	for _, kind := range kinds {
		m := mustFit(t, in, quick(kind))
		// Someone of whom nothing is known gets what her segment buys.
		list, err := m.Recommend(History{At: last + 1, Segment: "north"}, 5, Rules{})
		if err != nil || len(list) != 5 {
			t.Fatalf("%s: %v, %v", kind, list, err)
		}
		if kind == Trending { // knows no segments
			continue
		}
		own := 0
		for _, r := range list {
			if m.shelf.category[r.Item] == 0 {
				own++
			}
		}
		if kind != Blend && own < 4 {
			t.Errorf("%s: %d of 5 are what the segment buys: %v", kind, own, list)
		}
	}
	m := mustFit(t, in, quick(Linear))
	cold, ok := m.Item("new")
	if !ok {
		t.Fatal("the new item is unknown")
	}
	p := m.newPerson()
	score := func(u int) float32 {
		p.read(m, in.history(u, last+1))
		m.scoreAll(p, false)
		return p.score[cold]
	}
	of := [2]float32{}
	for u := range 100 {
		of[u%2] += score(u)
	}
	if of[0] <= 2*of[1] {
		t.Errorf("a new item of the first taste scores %v for those of that taste, %v for the others", of[0], of[1])
	}
}

// What a single kind's explanation adds up to is the score.
func TestExplanationsAddUp(t *testing.T) {
	in := shop(t, 200)
	_, last := in.Span()
	for _, kind := range []Kind{ItemItem, Linear, Factors} {
		m := mustFit(t, in, quick(kind))
		for u := range 20 {
			h := in.history(u, last+1)
			list, err := m.Recommend(h, 20, Rules{Bought: AllowBought})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range list {
				e, err := m.Explain(h, r.Item, Rules{})
				if err != nil {
					t.Fatal(err)
				}
				if math.Abs(e.Score-r.Score) > 1e-4*(1+math.Abs(r.Score)) {
					t.Fatalf("%s: reasons for %s add up to %v, the score is %v", kind, r.ID, e.Score, r.Score)
				}
			}
		}
	}
	m := mustFit(t, in, quick(Blend))
	h := in.history(0, last+1)
	list, err := m.Recommend(h, 2, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := m.Explain(h, list[0].Item, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Explain(h, list[1].Item, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i := range a.Terms {
		sum += a.Terms[i].Part - b.Terms[i].Part
	}
	if len(a.Because) == 0 || math.Abs(sum-(list[0].Score-list[1].Score)) > 1e-4 {
		t.Errorf("the terms of the blend differ by %v, the scores by %v; because %v", sum, list[0].Score-list[1].Score, a.Because)
	}
}

// The same on any number of cores, whatever the order of the lines, and after
// saving and loading; any number of goroutines may ask.
func TestSameAnswers(t *testing.T) {
	in := shop(t, 300)
	_, last := in.Span()
	ask := func(m *Model) [][]Recommendation {
		var all [][]Recommendation
		for u := range 60 {
			for _, r := range []Rules{{}, {Bought: AllowBought}, {Bought: AllowDue, Diversity: 0.3}} {
				list, err := m.Recommend(in.history(u, last+1-int32(u%3)), 10, r)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, list)
			}
		}
		return all
	}
	for _, kind := range kinds {
		o := quick(kind)
		o.Workers = 1
		m := mustFit(t, in, o)
		want := ask(m)
		o.Workers = 3
		if got := ask(mustFit(t, in, o)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: three goroutines fit another model than one", kind)
		}
		var file bytes.Buffer
		if n, err := m.WriteTo(&file); err != nil || n != int64(file.Len()) {
			t.Fatal(n, err)
		}
		again, err := Read(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatal(kind, err)
		}
		if got := ask(again); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: another model after loading", kind)
		}
		var second bytes.Buffer
		if _, err := again.WriteTo(&second); err != nil || !bytes.Equal(file.Bytes(), second.Bytes()) {
			t.Errorf("%s: saved twice, two files", kind)
		}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				if got := ask(m); !reflect.DeepEqual(got, want) {
					t.Errorf("%s: other answers when many ask", kind)
				}
			})
		}
		group.Wait()
	}
}

// A purchase made since is in the history, and at once in the answer.
func TestNewPurchasesNeedNoFit(t *testing.T) {
	in := shop(t, 300)
	_, last := in.Span()
	for _, kind := range []Kind{ItemItem, Linear, Factors, Blend} {
		o := quick(kind)
		o.Catalogue = nil
		m := mustFit(t, in, o)
		h := in.history(0, last+1)
		list, err := m.Recommend(h, 5, Rules{})
		if err != nil {
			t.Fatal(err)
		}
		h.Events = append(h.Events, Event{Item: list[0].Item, Day: last})
		now, err := m.Recommend(h, 5, Rules{})
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(now, func(r Recommendation) bool { return r.Item == list[0].Item }) || now[0].Score == list[1].Score {
			t.Errorf("%s: before %v, after buying the first %v", kind, list, now)
		}
	}
	m := mustFit(t, in, quick(Trending))
	var burst []Sale
	for range 500 {
		burst = append(burst, Sale{Item: 29, Day: last, Segment: "south"})
	}
	n, err := m.WithSales(burst)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		m     *Model
		first bool
	}{{m, false}, {n, true}} {
		list, err := c.m.Recommend(History{At: last + 1}, 1, Rules{})
		if err != nil || (list[0].Item == 29) != c.first {
			t.Errorf("%v, %v", list, err)
		}
	}
}

// Only the answer is allocated.
func TestAnswersAllocateNothingElse(t *testing.T) {
	in := shop(t, 200)
	_, last := in.Span()
	h := in.history(7, last+1)
	for _, kind := range kinds {
		m := mustFit(t, in, quick(kind))
		rules := []Rules{{}, {Bought: AllowBought}, {Diversity: 0.2, PerCategory: 2}}
		ask := func() {
			for _, r := range rules {
				if _, err := m.Recommend(h, 10, r); err != nil {
					t.Fatal(err)
				}
			}
		}
		ask()
		// The pool may lose its memory to the collector now and then.
		if n := testing.AllocsPerRun(100, ask); n > float64(len(rules)) {
			t.Errorf("%s: %v allocations for %d answers", kind, n, len(rules))
		}
	}
}
