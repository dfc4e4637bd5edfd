package gate

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// Stats counts since the gate was made.
type Stats struct {
	Events, Requests, Bytes int64            // accepted; bytes as they came over the wire, without headers
	Refused                 map[string]int64 // requests, by the reason of the fault
	Groups                  int64            // messages written
	InFlightBytes           int64
	Waits                   Histogram // from the first event of a group until it is on disk
	Writes                  Histogram // from handing a group to the log until it is on disk
}

// Histogram counts durations in buckets; Counts has one more entry than Bounds, for what is longer.
type Histogram struct {
	Bounds []time.Duration
	Counts []int64
	Sum    time.Duration
}

var bounds = []time.Duration{
	100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 10 * time.Second,
}

type histogram struct {
	counts []atomic.Int64
	sum    atomic.Int64
}

func (h *histogram) add(d time.Duration) {
	i := 0
	for i < len(bounds) && d > bounds[i] {
		i++
	}
	h.counts[i].Add(1)
	h.sum.Add(int64(d))
}

func (h *histogram) read() Histogram {
	out := Histogram{Bounds: bounds, Counts: make([]int64, len(h.counts)), Sum: time.Duration(h.sum.Load())}
	for i := range h.counts {
		out.Counts[i] = h.counts[i].Load()
	}
	return out
}

type counters struct {
	events, requests, bytes, groups, inFlight, waiting atomic.Int64
	waits, writes                                      histogram

	mu      sync.Mutex
	refused map[string]int64
	told    map[string]time.Time // when a refusal was last told of, by its reason
}

// tellEvery bounds how often refusals of one reason are told of: a full disk refuses thousands a second.
const tellEvery = 5 * time.Second

func newCounters() *counters {
	buckets := func() histogram { return histogram{counts: make([]atomic.Int64, len(bounds)+1)} }
	return &counters{waits: buckets(), writes: buckets(), refused: map[string]int64{}, told: map[string]time.Time{}}
}

// refuse counts a refusal. It returns how many of the reason there are, and whether to tell of this one.
func (c *counters) refuse(reason string, now time.Time) (n int64, tell bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused[reason]++
	since := now.Sub(c.told[reason])
	if tell = since >= tellEvery || since < 0; tell {
		c.told[reason] = now
	}
	return c.refused[reason], tell
}

func (c *counters) read() Stats {
	c.mu.Lock()
	refused := maps.Clone(c.refused)
	c.mu.Unlock()
	return Stats{
		Events: c.events.Load(), Requests: c.requests.Load(), Bytes: c.bytes.Load(), Refused: refused, Groups: c.groups.Load(),
		InFlightBytes: c.inFlight.Load(), Waits: c.waits.read(), Writes: c.writes.read(),
	}
}
