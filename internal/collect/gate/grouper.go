package gate

import (
	"context"
	"sync"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
)

const (
	groupBytes = 1 << 20 // a group is closed when it would grow beyond
	// maxFlights is how many full groups are under way at once: while one is being written, the next are packed and
	// handed over.
	maxFlights = 4
	// pace is the shortest time from one group's start to that of the next, unless it is full. The first event after a
	// pause does not wait; of a stream of single events, each write serves those of a millisecond.
	pace = time.Millisecond
)

// group is what will be one message of the log.
type group struct {
	ctx      context.Context // of its first request, without its end: the group belongs to many, none of whom may end it
	requests []byte          // appended, unpacked
	events   int
	first    time.Time     // when its first request joined
	before   chan struct{} // closed when the group before it was handed to the log: groups keep their order
	handed   chan struct{}
	done     chan struct{}
	err      error // valid once done is closed
}

// grouper joins requests into groups. A group is written at once when nothing else is; while something is, the next one
// gathers all who come, until it is full. So a lonely event does not wait, and under load one write serves many.
type grouper struct {
	log     Log
	clock   clock.Clock
	timeout time.Duration
	stats   *counters

	mu      sync.Mutex
	last    chan struct{} // handed of the group that was begun last
	open    *group        // takes requests
	full    []*group      // wait for a flight
	needed  int           // bytes, of the last full group
	flights int
	started time.Time // the last group
	waiting bool      // a timer is set
	closed  bool
	writing sync.WaitGroup

	rooms sync.Pool // *[]byte, for requests
	packs sync.Pool // *[]byte, for messages
}

func newGrouper(o Options, stats *counters) *grouper {
	g := &grouper{log: o.Bus, clock: o.Clock, timeout: o.WriteTimeout, stats: stats, last: make(chan struct{})}
	close(g.last)
	g.open = g.begin()
	return g
}

func (g *grouper) begin() *group {
	n := &group{done: make(chan struct{}), before: g.last, handed: make(chan struct{})}
	g.last = n.handed
	if room, ok := g.rooms.Get().(*[]byte); ok {
		n.requests = (*room)[:0]
	} else { // as much as the last one needed, or it would be enlarged many times
		n.requests = make([]byte, 0, g.needed)
	}
	return n
}

// add lets a request join a group, or several when it is too large for one, and returns joined with them appended. What
// was handed in is copied.
func (g *grouper) add(ctx context.Context, joined []*group, h *event.Header, events [][]byte) ([]*group, error) {
	now := g.clock()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return joined, fault.New(fault.Unavailable, "gate.closed", "the server is stopping").Then("Send it again in a moment.")
	}
	for len(events) > 0 {
		n, size := fitting(events)
		if g.open.events > 0 && (g.open.events+n > event.GroupLimit || len(g.open.requests)+size > groupBytes) {
			g.full = append(g.full, g.open)
			g.needed = len(g.open.requests) + 4<<10
			g.open = g.begin()
		}
		if g.open.events == 0 {
			g.open.first, g.open.ctx = now, context.WithoutCancel(ctx)
		}
		g.open.requests = event.AppendRequest(g.open.requests, h, events[:n])
		g.open.events += n
		joined = append(joined, g.open)
		events = events[n:]
	}
	g.launch()
	return joined, nil
}

// fitting tells how many events one group takes, and their bytes: one at least.
func fitting(events [][]byte) (n, size int) {
	for n < len(events) && n < event.GroupLimit && (n == 0 || size+len(events[n]) <= groupBytes) {
		size += len(events[n])
		n++
	}
	return n, size
}

// launch starts what may start; g.mu is held.
func (g *grouper) launch() {
	for len(g.full) > 0 && g.flights < maxFlights {
		one := g.full[0]
		g.full = g.full[1:]
		g.start(one)
	}
	if g.flights > 0 || g.open.events == 0 || g.waiting {
		return
	}
	if since := g.clock().Sub(g.started); since >= 0 && since < pace && !g.closed {
		g.waiting = true
		time.AfterFunc(pace-since, g.waited)
		return
	}
	one := g.open
	g.open = g.begin()
	g.start(one)
}

func (g *grouper) waited() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = false
	g.started = time.Time{}
	g.launch()
}

func (g *grouper) start(one *group) {
	g.flights++
	g.started = g.clock()
	g.writing.Go(func() {
		g.write(one)
		g.mu.Lock()
		g.flights--
		g.launch()
		g.mu.Unlock()
	})
}

// write packs a group, puts it into the log and tells those who wait.
func (g *grouper) write(one *group) {
	room, ok := g.packs.Get().(*[]byte)
	if !ok {
		room = new([]byte)
	}
	*room = event.PackGroup(*room, one.requests)
	<-one.before
	began := g.clock()
	onDisk, err := g.log.Begin(*room)
	close(one.handed)
	if one.err = err; err == nil {
		ctx, cancel := context.WithTimeout(one.ctx, g.timeout)
		_, one.err = onDisk(ctx)
		cancel()
	}
	ended := g.clock()
	g.stats.groups.Add(1)
	g.stats.writes.add(ended.Sub(began))
	g.stats.waits.add(ended.Sub(one.first))
	close(one.done)
	g.packs.Put(room)
	requests := one.requests
	g.rooms.Put(&requests)
}

func (g *grouper) close() {
	g.mu.Lock()
	g.closed = true
	g.waiting = false
	g.started = time.Time{}
	g.launch()
	g.mu.Unlock()
	g.writing.Wait()
}

// wait returns when all groups are on disk, or one is not.
func wait(ctx context.Context, joined []*group) error {
	for i, one := range joined {
		if i > 0 && one == joined[i-1] {
			continue
		}
		select {
		case <-one.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if one.err != nil {
			return one.err
		}
	}
	return nil
}
