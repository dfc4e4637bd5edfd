package gate

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/dangol/dangol/internal/kit/clock"
)

// Log is where groups of events go; *bus.Bus is one.
type Log interface {
	Publish(ctx context.Context, payload []byte) (uint64, error)
}

// Verifier tells which source holds a write key; a fault of code unauthenticated or forbidden refuses it.
type Verifier func(ctx context.Context, writeKey string) (source string, err error)

// Options say what the gate stands on; zero limits mean the defaults.
type Options struct {
	Bus   Log
	Keys  Verifier
	Clock clock.Clock
	Log   *slog.Logger
	Dir   string // whose disk must not become full; empty: not watched

	MaxBody      int           // bytes of a request, after expansion; default 500 KB
	MaxEvent     int           // bytes of a single call; default 32 KB
	MaxEvents    int           // events of a batch; default 2,500
	MaxInFlight  int64         // bytes of requests being taken in; default 64 MiB
	MinFreeBytes int64         // of the disk, below which the gate closes; default 512 MiB
	Linger       time.Duration // how long a group waits for company while others are being written; default 5 ms
}

// Gate takes events in.
type Gate struct{}

// New returns the gate. Close it before the log.
func New(o Options) *Gate { return &Gate{} }

// Handler answers Segment's addresses below /v1.
func (g *Gate) Handler() http.Handler { return nil }

// Paths lists the patterns that Handler answers, for the mux it is mounted on.
func Paths() []string { return nil }

// Put takes in events of this process and returns once they are on disk.
func (g *Gate) Put(ctx context.Context, source string, events [][]byte) error { return nil }

// Forget drops what is remembered of write keys, after one was revoked.
func (g *Gate) Forget() {}

// Close finishes the groups on their way and takes in no more.
func (g *Gate) Close() error { return nil }

// Stats returns what the gate has done so far.
func (g *Gate) Stats() Stats { return Stats{} }

// Stats counts since the gate was made.
type Stats struct {
	Events, Requests, Bytes int64            // accepted
	Refused                 map[string]int64 // requests, by reason
	Groups                  int64            // messages written
	InFlightBytes           int64
	Waits                   Histogram // from a request's arrival in a group to the group's being on disk
	Writes                  Histogram // of a group alone: handed to the log until on disk
}

// Histogram counts durations in buckets; Counts has one more entry than Bounds, for what is longer.
type Histogram struct {
	Bounds []time.Duration
	Counts []int64
	Sum    time.Duration
}
