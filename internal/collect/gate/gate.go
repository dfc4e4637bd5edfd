package gate

import (
	"context"
	"log/slog"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
)

// Log is where groups of events go; *bus.Bus is one. Begin takes a message over, in the order of its calls and without
// keeping the payload, and returns what waits for the message to be on disk.
type Log interface {
	Begin(payload []byte) (wait func(context.Context) (uint64, error), err error)
}

// Verifier tells which source holds a write key. A fault of code unauthenticated or forbidden refuses the caller; any
// other error means that it cannot be told now.
type Verifier func(ctx context.Context, writeKey string) (source string, err error)

// Options say what the gate stands on; zero limits mean the defaults.
type Options struct {
	Bus   Log
	Keys  Verifier
	Clock clock.Clock
	Log   *slog.Logger
	Dir   string // whose disk must not become full; empty: not watched

	MaxBody      int           // bytes of a request, after expansion; default 500 KiB
	MaxEvent     int           // bytes of a single call; default event.DefaultMaxEvent
	MaxEvents    int           // events of a batch; default 2,500
	MaxInFlight  int64         // bytes of requests being taken in; default 64 MiB
	MinFreeBytes int64         // of the disk, below which the gate closes; default 512 MiB
	WriteTimeout time.Duration // how long a group may take to be on disk; default 30 s
	Forwarded    bool          // a proxy stands before: the sender's address is the last of X-Forwarded-For
}

// The defaults, after Segment's limits.
const (
	defaultMaxBody      = 500 << 10
	defaultMaxEvents    = 2500
	defaultMaxInFlight  = 64 << 20
	defaultMinFree      = 512 << 20
	defaultWriteTimeout = 30 * time.Second
)

// Gate takes events in.
type Gate struct {
	o      Options
	keys   *keyring
	groups *grouper
	disk   *disk
	stats  *counters
}

// New returns the gate. Close it before the log.
func New(o Options) *Gate {
	o.MaxBody = orDefault(o.MaxBody, defaultMaxBody)
	o.MaxEvent = orDefault(o.MaxEvent, event.DefaultMaxEvent)
	o.MaxEvents = orDefault(o.MaxEvents, defaultMaxEvents)
	o.MaxInFlight = orDefault(o.MaxInFlight, defaultMaxInFlight)
	o.MinFreeBytes = orDefault(o.MinFreeBytes, defaultMinFree)
	o.WriteTimeout = orDefault(o.WriteTimeout, defaultWriteTimeout)
	stats := newCounters()
	return &Gate{
		o: o, keys: newKeyring(o.Keys, o.Clock), stats: stats,
		groups: newGrouper(o, stats), disk: newDisk(o),
	}
}

func orDefault[T int | int64 | time.Duration](v, fallback T) T {
	if v == 0 {
		return fallback
	}
	return v
}

// Put takes in events of this process, raw JSON each with its type, and returns once they are on disk.
func (g *Gate) Put(ctx context.Context, source string, events [][]byte) error {
	return g.PutRequests(ctx, []event.Request{{Header: event.Header{ReceivedUS: g.o.Clock().UnixMicro(), Source: source}, Events: events}})
}

// PutRequests takes in events with the headers under which they came, as replaying them needs, and returns once they
// are on disk.
func (g *Gate) PutRequests(ctx context.Context, requests []event.Request) error {
	if err := g.disk.check(); err != nil {
		return err
	}
	n := 0
	for _, r := range requests {
		n += len(r.Events)
		for _, e := range r.Events {
			if len(e) > g.o.MaxBody {
				return fault.Newf(fault.TooLarge, "gate.event_too_large", "an event has %d bytes; at most %d are taken", len(e), g.o.MaxBody)
			}
		}
	}
	var joined []*group
	for i := range requests {
		var err error
		if joined, err = g.groups.add(ctx, joined, &requests[i].Header, requests[i].Events); err != nil {
			return err
		}
	}
	if err := wait(ctx, joined); err != nil {
		return err
	}
	g.stats.events.Add(int64(n))
	return nil
}

// Forget drops what is remembered of write keys, after one was made or revoked.
func (g *Gate) Forget() { g.keys.forget() }

// Close finishes the groups on their way and takes in no more.
func (g *Gate) Close() error {
	g.groups.close()
	return nil
}

// Waiting is how many requests wait for their answer now.
func (g *Gate) Waiting() int { return int(g.stats.waiting.Load()) }

// Stats returns what the gate has done so far.
func (g *Gate) Stats() Stats { return g.stats.read() }
