// Package heap says how often the runtime collects garbage.
//
// The runtime collects when the heap has grown by as much as lives in it. A server whose heap is small beside what its requests
// throw away then collects several times a second, and each time every core does that, a goroutine for each place, before the
// next request.
package heap

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// Of what lives: how much may come on top of it before the next collection.
const (
	usualPercent = 100 // as Go has it
	workPercent  = 300 // long work makes much that is soon forgotten beside much that stays
	mostPercent  = 2000
)

var state = struct {
	mu      sync.Mutex
	floor   uint64 // bytes; 0: none
	working int
	percent int // as it was last set
}{percent: usualPercent}

// Floor lets the heap grow to this many bytes at least before it is collected, from now on and for good.
func Floor(bytes uint64) {
	state.mu.Lock()
	first := state.floor == 0
	state.floor = bytes
	state.mu.Unlock()
	set()
	if first && bytes > 0 {
		watch()
	}
}

// Work has garbage collected less often until done is called: it buys the time of long work with memory.
func Work() (done func()) {
	change := func(by int) {
		state.mu.Lock()
		state.working += by
		state.mu.Unlock()
		set()
	}
	change(1)
	return sync.OnceFunc(func() { change(-1) })
}

// watch sets the percentage after each collection, when what lives is known anew.
func watch() {
	seen := new([64]byte) // large enough to be collected by itself
	runtime.AddCleanup(seen, func(struct{}) {
		set()
		watch()
	}, struct{}{})
}

func set() {
	state.mu.Lock()
	defer state.mu.Unlock()
	want := Percent(living(), state.floor, state.working > 0)
	if near(want, state.percent) {
		return // setting it stops everything for a moment
	}
	state.percent = want
	debug.SetGCPercent(want)
}

func near(a, b int) bool { return math.Abs(float64(a-b)) <= float64(b)/8 }

// Percent is by how many percent of what lives, in bytes, the heap may grow before it is collected: as many as take it to the floor,
// and the usual ones at least.
func Percent(live, floor uint64, working bool) int {
	least := usualPercent
	if working {
		least = workPercent
	}
	if live == 0 || floor <= live {
		return least
	}
	return int(min(max(100*(float64(floor)/float64(live)-1), float64(least)), mostPercent))
}

func living() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
