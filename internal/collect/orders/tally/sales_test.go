package tally

import "testing"

func TestSalesAreFound(t *testing.T) {
	t.Parallel()
	var s Sales
	if _, _, found := s.Find(7); found {
		t.Error("found in nothing")
	}
	const n = 300_000
	for i := range uint64(n) {
		s.Add(Mix(i), int64(i), 1)
		s.Add(Mix(i), int64(i)-1, 2)
	}
	for i := range uint64(n) {
		if amount, at, found := s.Find(Mix(i)); !found || amount != int64(i) || at != 2 {
			t.Fatalf("%d: %d at %d, %v", i, amount, at, found)
		}
	}
	if _, _, found := s.Find(Mix(n + 1)); found {
		t.Error("found what was never sold")
	}
}

func TestTheOldestOfVeryManyAreForgotten(t *testing.T) {
	t.Parallel()
	var s Sales
	const n = 3 * salesKept
	for i := range uint64(n) {
		s.Add(Mix(i), 5, 1)
	}
	if _, _, found := s.Find(Mix(n - salesKept)); !found {
		t.Error("one of the last is forgotten")
	}
	if _, _, found := s.Find(Mix(0)); found || len(s.recent)+len(s.older) > 8*salesKept {
		t.Errorf("the first is kept: %v, in %d places", found, len(s.recent)+len(s.older))
	}
}
