package flow

import (
	"slices"
	"strconv"
	"testing"

	"github.com/dangol/dangol/internal/bus"
	"github.com/dangol/dangol/internal/event"
)

// TestABatchIsCutIntoSteps checks that the cuts hold every message's facts once, in order, and no more than a step takes unless
// one message alone has more.
func TestABatchIsCutIntoSteps(t *testing.T) {
	t.Parallel()
	b := &batch{}
	for i, n := range []int{1, 9_000, 8_000, 3_000, 0, 4_000, 15_999, 1, 1, 20_000, 5} {
		b.messages = append(b.messages, bus.Message{Seq: uint64(i + 1)})
		for range n {
			b.facts = append(b.facts, event.Fact{MessageID: strconv.Itoa(len(b.facts))})
		}
		if n == 0 {
			b.asides = append(b.asides, aside{name: "unusable"})
		}
		b.ends, b.asideEnd = append(b.ends, len(b.facts)), append(b.asideEnd, len(b.asides))
	}
	var facts []event.Fact
	var sizes []int
	asides, messages := 0, 0
	for _, s := range b.steps() {
		if len(s.facts) > stepFacts && len(s.messages) > 1 {
			t.Errorf("a step of %d facts", len(s.facts))
		}
		if s.ends[len(s.ends)-1] != len(s.facts) || s.asideEnd[len(s.asideEnd)-1] != len(s.asides) || len(s.ends) != len(s.messages) {
			t.Errorf("ends %v, %v of %d facts, %d set aside", s.ends, s.asideEnd, len(s.facts), len(s.asides))
		}
		facts, asides, messages, sizes = append(facts, s.facts...), asides+len(s.asides), messages+len(s.messages), append(sizes, len(s.facts))
	}
	if messages != len(b.messages) || asides != 1 || !slices.EqualFunc(facts, b.facts, func(a, b event.Fact) bool { return a.MessageID == b.MessageID }) {
		t.Errorf("%d messages, %d set aside, %d facts in steps of %v", messages, asides, len(facts), sizes)
	}
}

// TestWhatFollowsJoinsABatch checks that a batch that waits grows by what comes, as long as one step takes both, and leaves alone
// what it was cut from.
func TestWhatFollowsJoinsABatch(t *testing.T) {
	t.Parallel()
	made := func(seq uint64, facts int) *batch {
		b := &batch{messages: []bus.Message{{Seq: seq}}, ends: []int{facts}, asideEnd: []int{1}, asides: []aside{{place: seq}}, bytes: 1}
		for range facts {
			b.facts = append(b.facts, event.Fact{Place: event.PlaceOf(seq, 0)})
		}
		return b
	}
	whole := made(1, 2)
	for seq := uint64(2); seq < 5; seq++ {
		if !whole.join(made(seq, 3)) {
			t.Fatalf("message %d does not join", seq)
		}
	}
	first, rest := whole.span(0, 2), whole.span(2, 4)
	if !first.join(made(9, 1)) {
		t.Fatal("a span is not joined")
	}
	if first.seq() != 9 || len(first.facts) != 6 || !slices.Equal(first.ends, []int{2, 5, 6}) || !slices.Equal(first.asideEnd, []int{1, 2, 3}) || len(first.asides) != 3 {
		t.Errorf("joined it is %+v", first)
	}
	if event.SeqOf(rest.facts[0].Place) != 3 || rest.messages[0].Seq != 3 || rest.asides[0].place != 3 {
		t.Error("the span behind it was written over")
	}
	if full := made(1, stepFacts); full.join(made(2, 1)) || (&batch{upTo: 7}).join(made(8, 1)) || made(8, 1).join(&batch{upTo: 9}) {
		t.Error("more joined than one step takes")
	}
}
