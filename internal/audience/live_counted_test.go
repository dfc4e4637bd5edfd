package audience

import (
	"testing"
	"time"
)

func TestWhatWasCountedHoldsForAWhile(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	k := newCountedAt()
	k.begin(began, began.UnixMicro(), 1, 7)
	for _, c := range []struct {
		took, age time.Duration
		state     int64
		holds     bool
	}{
		{time.Millisecond, 90 * time.Millisecond, 7, true},
		{time.Millisecond, 110 * time.Millisecond, 7, false},
		{500 * time.Millisecond, 49 * time.Second, 7, true},
		{500 * time.Millisecond, 49 * time.Second, 8, false}, // analysed anew
		{2 * time.Second, 61 * time.Second, 7, false},
		{2 * time.Second, -time.Second, 7, false}, // the clock was put back
	} {
		k.took = c.took
		if got := k.holds(began.Add(c.age), 1, c.state); got != c.holds {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
