package suggest

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
)

func decide(t *testing.T, s *Service, q Question) *Decision {
	t.Helper()
	d, err := s.Decide(t.Context(), &q)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDecide: everybody is answered; the same question has the same answer and id; what she buys changes it within a moment.
func TestDecide(t *testing.T) {
	t.Parallel()
	x := newWorld(t)
	if d := decide(t, x.Service, Question{Customer: "5"}); !d.Fallback || d.Why != noModel || len(d.Items) != 0 {
		t.Errorf("%+v", d)
	}
	x.train()
	d := decide(t, x.Service, Question{Customer: "user:5", Slot: "home", Count: 3})
	if d.Fallback || len(d.Items) != 3 || d.Version != 1 || d.Kind != Products {
		t.Fatalf("%+v", d)
	}
	if again := decide(t, x.Service, Question{Customer: "user:5", Slot: "home", Count: 3}); !reflect.DeepEqual(d, again) {
		t.Error("another answer to the same question")
	}
	if other := decide(t, x.Service, Question{Customer: "user:6", Slot: "home", Count: 3}); other.Decision == d.Decision {
		t.Error("one id for two people")
	}
	live, err := x.Recommend(t.Context(), Asking{Customer: "5", Count: 3})
	if err != nil {
		t.Fatal(err)
	}
	for i := range d.Items {
		if d.Items[i].ID != live.Items[i].Product || d.Items[i].Reason.Code != live.Items[i].Reason.Code {
			t.Errorf("decided %+v, recommended %+v", d.Items[i], live.Items[i])
		}
	}
	first := x.now.Load().brain.item(1 + 3) // any product; bought, it is not shown again
	for key, item := range x.now.Load().brain.itemOf {
		if item >= 0 && x.now.Load().brain.shown[item].id == d.Items[0].ID {
			first = int32(key)
		}
	}
	x.buys(5, uint32(first))
	x.Touched([]uint32{5})
	if err := x.follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := decide(t, x.Service, Question{Customer: "user:5", Slot: "home", Count: 3}); now.has(d.Items[0].ID) || now.Decision == d.Decision {
		t.Errorf("%+v", now)
	}
	if unmet := decide(t, x.Service, Question{Customer: "anon:9", Count: 3, Context: Situation{Market: "TH"}}); !unmet.Fallback || unmet.Why != unknownPerson || len(unmet.Items) != 3 || unmet.Items[0].Reason.Sentences["en"] != "Popular in Thailand." {
		t.Errorf("%+v", unmet)
	}
	if new := decide(t, x.Service, Question{Customer: "401"}); new.Why != noPurchases || len(new.Items) != 3 {
		t.Errorf("%+v", new)
	}
	if x.Touched([]uint32{401}); x.follow(t.Context()) != nil || x.now.Load().lists.row(401) != nil {
		t.Error("a list for somebody who bought nothing")
	}
}

func TestRefreshKeepsWhatDidNotChange(t *testing.T) {
	t.Parallel()
	x := newWorld(t)
	x.train()
	before := x.now.Load().lists
	x.buys(7, 20)
	if err := x.Refresh(t.Context(), new(job.Progress)); err != nil {
		t.Fatal(err)
	}
	after := x.now.Load().lists
	changed := 0
	for i := range before.keys {
		if before.marks[i] != after.marks[i] {
			changed++
		}
	}
	if changed != 1 || len(after.keys) != len(before.keys) {
		t.Errorf("%d changed", changed)
	}
	if d := decide(t, x.Service, Question{Customer: "7", Count: 20}); d.has("p19") {
		t.Error("what she bought is shown as new")
	}
	if n, err := x.Forget(t.Context(), []uint32{7}); n != 1 || err != nil {
		t.Errorf("%d forgotten, %v", n, err)
	}
	l, err := x.loadLists(1)
	if err != nil || l.row(7) != nil || l.row(8) == nil || x.now.Load().lists.row(7) != nil {
		t.Errorf("she is still there, %v", err)
	}
}

func TestSlots(t *testing.T) {
	t.Parallel()
	x := newWorld(t)
	x.train()
	put := func(slug string, s Slot) KeptSlot {
		t.Helper()
		k, err := x.PutSlot(t.Context(), slug, s)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	put("banner", Slot{Kind: Offer, Candidates: []Candidate{
		{ID: "all", Value: 1}, {ID: "even", Segment: "even", Value: 5}, {ID: "leaving", RiskMin: 0.5, Value: 9}, {ID: "thai", Market: "TH", Value: 3},
	}, Fallback: []Shown{{ID: "none", Name: "Welcome"}}})
	x.Risks = func(who uint32) (float64, bool) { return map[bool]float64{true: 0.9, false: 0.1}[who == 9], true }
	for who, want := range map[string][]string{"6": {"even", "all"}, "7": {"thai", "all"}, "9": {"leaving", "thai"}, "anon:1": {"all"}} {
		d := decide(t, x.Service, Question{Customer: who, Slot: "banner", Count: 2})
		got := []string{}
		for _, i := range d.Items {
			got = append(got, i.ID)
		}
		if !reflect.DeepEqual(got, want) || d.SlotVersion != 1 || d.Kind != Offer {
			t.Errorf("%s: %v, not %v", who, got, want)
		}
	}
	if k := put("banner", Slot{Kind: Offer, Candidates: []Candidate{{ID: "even", Segment: "even"}}, Fallback: []Shown{{ID: "none"}}}); k.Version != 2 {
		t.Errorf("%+v", k)
	}
	if d := decide(t, x.Service, Question{Customer: "7", Slot: "banner"}); len(d.Items) != 1 || d.Items[0].ID != "none" || !d.Fallback || d.Why != noCandidate {
		t.Errorf("%+v", d)
	}
	put("cakes", Slot{Rules: Rules{Categories: []string{"cake"}}})
	if d := decide(t, x.Service, Question{Customer: "2", Slot: "cakes", Count: 4}); len(d.Items) == 0 || d.Items[0].Category != "cake" {
		t.Errorf("%+v", d)
	}
	put("mixed", Slot{Rules: Rules{Diversity: 1}})
	d := decide(t, x.Service, Question{Customer: "2", Slot: "mixed", Count: 3})
	if len(d.Items) != 3 || d.Items[0].Category == d.Items[1].Category {
		t.Errorf("%+v", d)
	}
	put("due", Slot{Rules: Rules{Bought: "due"}})
	decide(t, x.Service, Question{Customer: "2", Slot: "due", Count: 5})
	put("few", Slot{Candidates: []Candidate{{ID: "p1"}, {ID: "p2", Segment: "even"}}})
	if d := decide(t, x.Service, Question{Customer: "3", Slot: "few", Count: 5}); len(d.Items) > 1 {
		t.Errorf("%+v", d)
	}
	again := x.again()
	if list, err := again.Slots(t.Context()); err != nil || len(list) != 5 || list[0].Slug != "banner" || list[0].Candidates[0].Weight != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := x.DropSlot(t.Context(), "few"); err != nil {
		t.Error(err)
	}
	if err := x.DropSlot(t.Context(), "few"); fault.From(err).Reason != "suggest.unknown_slot" {
		t.Errorf("%v", err)
	}
	for reason, s := range map[string]Slot{
		"suggest.unknown_segment": {Kind: Offer, Candidates: []Candidate{{ID: "a", Segment: "odd"}}}, "suggest.no_candidates": {Kind: Content},
		"suggest.candidate_twice": {Candidates: []Candidate{{ID: "a"}, {ID: "a"}}}, "suggest.bad_candidate": {Candidates: []Candidate{{ID: "a", Value: math.NaN()}}},
	} {
		if _, err := x.PutSlot(t.Context(), "x", s); fault.From(err).Reason != reason {
			t.Errorf("%s: %v", reason, err)
		}
	}
	if _, err := x.PutSlot(t.Context(), "X y", Slot{}); fault.From(err).Reason != "suggest.bad_slug" {
		t.Errorf("%v", err)
	}
}

// Chances of leaving come from the last scoring.
func TestRisksAreRead(t *testing.T) {
	t.Parallel()
	x := newWorld(t)
	x.run(`CREATE TABLE prediction (customer_key UINTEGER, risk DOUBLE)`, `INSERT INTO prediction SELECT i, i / 400.0 FROM range(400) r(i)`)
	if err := x.readRisks(t.Context()); err != nil || x.facts.Load() != nil {
		t.Fatalf("read though nobody asks, %v", err)
	}
	if _, err := x.PutSlot(t.Context(), "stay", Slot{Kind: Offer, Candidates: []Candidate{{ID: "gift", RiskMin: 0.5}}}); err != nil {
		t.Fatal(err)
	}
	if err := x.readRisks(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, b := decide(t, x.Service, Question{Customer: "100", Slot: "stay"}), decide(t, x.Service, Question{Customer: "300", Slot: "stay"}); len(a.Items) != 0 || len(b.Items) != 1 {
		t.Errorf("%+v, %+v", a, b)
	}
}

// Of candidates of equal worth each is seen by as many people as its weight says, and each person always sees the same.
func TestWeights(t *testing.T) {
	t.Parallel()
	x := newWorld(t)
	if _, err := x.PutSlot(t.Context(), "ab", Slot{Kind: Content, Candidates: []Candidate{{ID: "a", Weight: 3}, {ID: "b"}}}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	const people = 4000
	for i := range people {
		seen[decide(t, x.Service, Question{Customer: fmt.Sprintf("anon:%d", i), Slot: "ab", Count: 1}).Items[0].ID]++
	}
	if share := float64(seen["a"]) / people; math.Abs(share-0.75) > 0.03 {
		t.Errorf("%.3f see what 0.75 should", share)
	}
}

func FuzzDecide(f *testing.F) {
	f.Add([]byte(`{"customer":"user:5","slot":"home","count":3,"context":{"market":"TH","exclude":["p1"]}}`))
	f.Add([]byte(`{"count":20,"slot":"banner"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var q Question
		if json.Unmarshal(text, &q) != nil || q.Count < 0 || q.Count > 20 {
			return
		}
		s := &Service{people: peopleOfTest{}, segments: segmentsOfTest{}, wanted: make(chan struct{}, 1)}
		all := map[string]*slot{"banner": KeptSlot{Slot: Slot{Kind: Offer, Candidates: []Candidate{{ID: "a", Weight: 1}}}}.ready()}
		s.slots.Store(&all)
		d, err := s.Decide(t.Context(), &q)
		if err != nil || d.Decision == "" || len(d.Items) > count(&q) {
			t.Errorf("%+v, %v", d, err)
		}
		if _, err := json.Marshal(d); err != nil {
			t.Error(err)
		}
	})
}
