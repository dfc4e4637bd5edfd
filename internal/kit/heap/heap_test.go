package heap_test

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/heap"
)

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		live, floor uint64
		working     bool
		want        int
	}{
		{0, 0, false, 100},
		{0, 320 << 20, false, 100}, // before the first collection nothing is known
		{80 << 20, 0, false, 100},
		{80 << 20, 320 << 20, false, 300},
		{160 << 20, 320 << 20, false, 100},
		{200 << 20, 320 << 20, false, 100},
		{500 << 20, 320 << 20, false, 100},
		{100 << 20, 320 << 20, true, 300},
		{50 << 20, 320 << 20, true, 540},
		{1 << 20, 320 << 20, false, 2000}, // a heap that small is collected before it is that large
	} {
		if got := heap.Percent(c.live, c.floor, c.working); got != c.want {
			t.Errorf("Percent(%d, %d, %t) = %d, want %d", c.live, c.floor, c.working, got, c.want)
		}
	}
}

var kept []byte

// The runtime's goal follows what lives, from one collection to the next.
func TestFloor(t *testing.T) {
	const floor, living = 128 << 20, 32 << 20
	before := debug.SetGCPercent(100)
	t.Cleanup(func() {
		heap.Floor(0)
		debug.SetGCPercent(before)
	})
	kept = make([]byte, living)
	heap.Floor(floor)
	waitForGoal(t, floor)
	kept = make([]byte, 3*living) // twice that is more
	waitForGoal(t, 6*living)
	done, other := heap.Work(), heap.Work()
	waitForGoal(t, 12*living)
	done()
	done() // a second call changes nothing
	waitForGoal(t, 12*living)
	other()
	waitForGoal(t, 6*living)
}

// waitForGoal collects until the size at which the next collection is due is within a quarter of want: what lives is known after a
// collection, and sets the goal of the next.
func waitForGoal(t *testing.T, want uint64) {
	t.Helper()
	var goal uint64
	for range 100 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
		if goal = read("/gc/heap/goal:bytes"); goal > want*3/4 && goal < want*5/4 {
			return
		}
	}
	t.Errorf("the heap is collected at %d MB, want some %d MB", goal>>20, want>>20)
}

func read(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
