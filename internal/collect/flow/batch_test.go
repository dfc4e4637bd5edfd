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
