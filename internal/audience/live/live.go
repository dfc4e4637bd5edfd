package live

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/audience/names"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/render"
	"github.com/dangol/dangol/internal/recall"
	"github.com/dangol/dangol/internal/warehouse"
)

// Segment is what the engine is to keep the members of.
type Segment struct {
	Key  uint32 // its number in recall
	Slug string
	Name string
	Rule *rule.Rule // nil: its members are chosen by hand
}

// Known is what rules can name besides what facts have taught.
type Known struct {
	Segments []Segment
	Traits   map[string]rule.Named
	Chosen   map[uint32][]uint32 // of segments by hand: the people chosen, by the keys they had then
	Markets  []string
	Zone     *time.Location
	Currency string
	Digits   int
}

// Options are what an engine stands on.
type Options struct {
	Warehouse *warehouse.Warehouse
	Recall    *recall.Recall
	// Known reads the definitions as they are now.
	Known func(ctx context.Context) (Known, error)
	// Announce puts events of our own into the log; it returns when they are durable.
	Announce func(ctx context.Context, events [][]byte) error
	Clock    clock.Clock
	Log      *slog.Logger
}

// Resolved says whose a fact is, and to whom it was first given.
type Resolved struct{ Customer, Origin uint32 }

// Batch is what one step of the pipeline committed in the warehouse.
type Batch struct {
	Log, Journal uint64 // the offsets it reaches
	Facts        []event.Fact
	People       []Resolved       // People[i] is whose Facts[i] is
	Orders       []uint32         // customers whose orders changed
	Bought       map[uint32]int64 // customers of whom orders came that were not there before, and the time of the first line of those
	Steps        []warehouse.Step // of the journal of customers, in order
}

// Reason says what moved somebody.
type Reason string

// The reasons.
const (
	ByEvent    Reason = "event"
	ByTime     Reason = "time"
	ByAnalysis Reason = "analysis"
	ByRule     Reason = "rule" // the rule changed
	ByMerge    Reason = "merge"
	ByHand     Reason = "hand"
)

// Transition is one person who entered or left a segment.
type Transition struct {
	Segment  string
	Customer uint32
	Entered  bool
	AtUS     int64
	Reason   Reason
	Event    string // by which it came, of ByEvent
	Place    uint64
}

// Engine keeps the members of segments. All its methods are safe from any goroutine.
type Engine struct {
	Options
	dialect render.DuckDB

	mu          sync.Mutex // one at a time: batches, sweeps, settling
	roster      *roster
	strands     map[uint32]*strand
	lastStrand  uint32
	book        *names.Book
	chosen      map[uint32][]uint32 // origin → segments by hand that she was put into
	hand        map[string]uint32   // slugs of segments by hand
	slugs       map[uint32]Segment
	wanted      []chan *still // who waits for a still
	wanting     atomic.Bool   // there are such
	watchers    []*roaring.Bitmap
	nowUS       int64            // of the last commit
	sweptBefore int64            // up to when time was taken into account before the start
	future      map[uint32]int64 // people with facts that the clock has not reached, and until when
	heavyDue    bool             // somebody without a record did something
	heavyUS     int64            // when they were asked about last
	last        lasts
	seen        seen            // by the last analysis
	looked      bool            // for facts that the clock has not reached
	emptied     map[string]bool // names of events of which old ones were deleted

	retained atomic.Pointer[retaining]
	learned  atomic.Pointer[learned]
	counts   counts

	changed, analysed, imported, deleted, compare chan struct{} // work for Run, at most one of each waits
	spoken                                        chan struct{} // something waits in the outbox
	working                                       sync.Mutex    // one long work at a time
	settled                                       chan struct{} // closed and replaced when a work ends
	settledMu                                     sync.Mutex
	due                                           due
}

// counts are for the status.
type counts struct {
	transitions, evaluated, mended, compared, told atomic.Int64
	sweptUS, comparedUS                            atomic.Int64
}

// New makes an engine; Open makes it ready.
func New(o Options) *Engine {
	one := func() chan struct{} { return make(chan struct{}, 1) }
	e := &Engine{
		Options: o, strands: map[uint32]*strand{}, book: names.New(), chosen: map[uint32][]uint32{}, hand: map[string]uint32{}, slugs: map[uint32]Segment{}, future: map[uint32]int64{}, emptied: map[string]bool{},
		changed: one(), analysed: one(), imported: one(), deleted: one(), compare: one(), spoken: one(), settled: make(chan struct{}),
	}
	e.roster = emptyRoster()
	return e
}

// signal asks for work without waiting for it.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// smallStep is how far back a clock may step without anybody noticing: time stands still until it has caught up.
const smallStep = 2 * time.Second

// instant is now. It is asked under the lock, before a commit. A clock that was set back makes everything due to be compared.
func (e *Engine) instant() int64 {
	now := e.Clock().UnixMicro()
	switch {
	case now >= e.nowUS:
	case e.nowUS-now < smallStep.Microseconds():
		return e.nowUS
	default:
		e.Log.Warn("the clock was set back; memberships are compared anew", "seconds", (e.nowUS-now)/1e6)
		for _, m := range e.roster.rules {
			m.sweptUS = min(m.sweptUS, now)
		}
		e.looked = false
		signal(e.compare)
	}
	e.nowUS = now
	return now
}

// watch collects whom batches and sweeps touch from now on, until it is ended. It is called under the lock.
func (e *Engine) watch() (touched *roaring.Bitmap, end func()) {
	touched = roaring.New()
	e.watchers = append(e.watchers, touched)
	return touched, func() {
		for i, w := range e.watchers {
			if w == touched {
				e.watchers = append(e.watchers[:i:i], e.watchers[i+1:]...)
				return
			}
		}
	}
}

// State is how the engine stands, for the status and the metrics.
type State struct {
	Offsets     recall.Offsets
	Segments    int // that are live
	Waiting     int // that are not live yet
	Strands     int
	People      int64
	Transitions int64 // since the start
	Evaluated   int64 // people looked at, since the start
	Mended      int64 // memberships that a comparison found wrong
	SweptUS     int64
	ComparedUS  int64
	Untold      int64
	Heft        recall.Heft
}

// State tells.
func (e *Engine) State() (State, error) {
	untold, err := e.Recall.Waiting()
	s := State{
		Offsets: e.Recall.Offsets(), People: e.Recall.Size(recall.Population), Transitions: e.counts.transitions.Load(), Evaluated: e.counts.evaluated.Load(),
		Mended: e.counts.mended.Load(), SweptUS: e.counts.sweptUS.Load(), ComparedUS: e.counts.comparedUS.Load(), Untold: untold, Heft: e.Recall.Heft(),
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s.Strands = len(e.strands)
	for _, r := range e.roster.rules {
		if r.live {
			s.Segments++
		} else {
			s.Waiting++
		}
	}
	return s, err
}

// Live tells whether a segment's members follow events.
func (e *Engine) Live(key uint32) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.roster.find(key); r != nil {
		return r.live
	}
	_, hand := e.hand[e.slugs[key].Slug]
	return hand
}
