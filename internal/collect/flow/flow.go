package flow

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dangol/dangol/internal/bus"
	"github.com/dangol/dangol/internal/collect/commerce"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/patient"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/warehouse"
)

//go:embed queries.sql
var queries string

//go:embed migrations
var migrations embed.FS

// Schema is what the room keeps in the record store.
var Schema = store.Schema{Room: "flow", Queries: queries, Migrations: migrations}

// Who is whose a fact is, and to whom it was first given.
type Who struct{ Customer, Origin uint32 }

// Nobody stands for a fact that belongs to no one: all its identities are blocked, or its person was erased.
const Nobody uint32 = 1<<32 - 1

// People resolves facts; it is what flow needs of profile, joined in app.
type People interface {
	Apply(ctx context.Context, seq uint64, facts []event.Fact) ([]Who, error)
	Offset(ctx context.Context) (uint64, error)
	Tell(ctx context.Context) error
}

// Journal is how profile tells who the customers are.
type Journal interface {
	Steps(ctx context.Context, after uint64, limit int) ([]warehouse.Step, error)
	Drop(ctx context.Context, upTo uint64) error
	Changed() <-chan struct{}
}

// Committed is what the warehouse has just committed, for those who follow it.
type Committed struct {
	Log, Journal uint64
	Facts        []event.Fact
	Whose        []Who
	Ordered      []uint32         // customers whose orders changed
	Bought       map[uint32]int64 // customers of whom orders came that were not here before, and the time of the first line
	Steps        []warehouse.Step
}

// Audience moves people between segments; it is what flow needs of audience, joined in app.
type Audience interface {
	Claim(ids []string, places []uint64, duplicate []bool) (int, error)
	Offsets() (message, revision uint64)
	Follow(ctx context.Context, c Committed) error
	// Wanted tells that somebody waits for an instant at which the warehouse is not ahead of the audience.
	Wanted() bool
}

// Options are what a flow stands on.
type Options struct {
	Bus       *bus.Bus
	Warehouse *warehouse.Warehouse
	Records   *store.Store
	Workspace *market.Workspace
	People    People
	Journal   Journal
	Audience  Audience
	Put       func(ctx context.Context, source string, events [][]byte) error // into the log
	// Again takes in anew what another way, such as a webhook, set aside.
	Again   func(ctx context.Context, source string, raw []byte) error
	Clock   clock.Clock
	Log     *slog.Logger
	Room    func() error // refuses while the disk has no room for a step; nil: not asked
	Waiting func() int   // senders who wait for their answer; nil: not asked
	// KeepBytes is how large the log grows before what every stage has taken is dropped from it; 0 means 1 GiB. What
	// the warehouse holds only in a log of its own stays, for that can be cut off by a crash.
	KeepBytes int64
}

// Flow takes the log through the house, one step at a time.
type Flow struct {
	Options
	between  sync.Mutex // held during a step
	trailing *trailing  // the step before, while its audience follows; written under between, by Run alone
	tail     tail
	counts   counts
	state    atomic.Pointer[trouble] // of the stages
	reading  atomic.Pointer[trouble] // of the log
	buried   bool                    // the last message was
	dropped  uint64                  // of the journal
	wake     chan struct{}
	settled  atomic.Uint64 // the newest message that every stage has taken
	journal  atomic.Uint64
}

// counts are since the start.
type counts struct {
	accepted, quarantined, duplicates, steps atomic.Int64
	bySource                                 sync.Map // source → *sourceCounts
}

type sourceCounts struct{ duplicates atomic.Int64 }

func (c *counts) of(source string) *sourceCounts {
	if v, ok := c.bySource.Load(source); ok {
		return v.(*sourceCounts)
	}
	v, _ := c.bySource.LoadOrStore(source, &sourceCounts{})
	return v.(*sourceCounts)
}

// defaultKeep is how large the log grows.
const defaultKeep = 1 << 30

// New returns a flow; Run takes it through.
func New(o Options) *Flow {
	if o.KeepBytes == 0 {
		o.KeepBytes = defaultKeep
	}
	return &Flow{Options: o, wake: make(chan struct{}, 1), tail: newTail()}
}

// offset is where to read on: behind what every stage has taken.
func (f *Flow) offset(ctx context.Context) (uint64, error) {
	known, err := f.People.Offset(ctx)
	if err != nil {
		return 0, err
	}
	kept, err := f.Warehouse.Followed(ctx)
	if err != nil {
		return 0, err
	}
	f.journal.Store(kept.Journal)
	followed, _ := f.Audience.Offsets()
	return min(known, kept.Log, followed), nil
}

// How a flow waits and tries again.
const (
	readMessages   = 1000
	readBytes      = 2 << 20 // little beside a step, so that steps become full
	readWait       = 250 * time.Millisecond
	gatherLook     = 5 * time.Millisecond // between two looks at the log while a batch waits to be taken
	firstPause     = 50 * time.Millisecond
	longestPause   = 5 * time.Second
	triesAlone     = 5  // of a message by itself, before it is a dead letter
	triesAgain     = 20 // and of the next: a minute and a half
	trimEvery      = 30 * time.Second
	checkpointWait = 200 * time.Millisecond
	drainLook      = 10 * time.Millisecond
	stepApart      = 100 * time.Millisecond // at least between the beginnings of steps that are not full
	farApart       = 250 * time.Millisecond // at most
	smallStep      = 500                    // facts up to which steps lie stepApart
	throng         = 24                     // of senders
	throngLook     = 10 * time.Millisecond  // between two looks at whether they still wait
	longestRest    = 500 * time.Millisecond
)

// Run takes the log through until ctx ends. It reads and decodes the next batch while a step is under way.
func (f *Flow) Run(ctx context.Context) error {
	after, err := f.offset(ctx)
	if err != nil {
		return err
	}
	f.settled.Store(after)
	defer func() { _ = f.await() }() // what failed is taken again at the next start
	batches := make(chan *batch)
	go func() {
		defer close(batches)
		f.read(ctx, after, batches)
	}()
	trimmed := f.Clock()
	for {
		select {
		case b, open := <-batches:
			if !open {
				return nil
			}
			began := f.Clock()
			patient.Do(func() { f.take(ctx, b) })
			f.breathe(ctx, began, len(b.facts))
		case <-f.Journal.Changed():
			f.take(ctx, &batch{})
		case <-f.wake:
			f.take(ctx, &batch{})
		case <-f.ended():
			f.look(ctx)
		case <-ctx.Done():
			return nil // the reader waits for ctx too
		}
		if now := f.Clock(); now.Sub(trimmed) > trimEvery || now.Before(trimmed) { // the clock may be set back
			trimmed = now
			f.trim(ctx)
		}
	}
}

// breathe lets a step be followed by a larger one: each costs some ten milliseconds of the processor, however few its events.
// The more events come, the longer the next step gathers; where more wait than a step takes there is no rest, but for one: while
// a throng of senders waits for answers, every other moment is theirs, for the log can wait and they cannot.
func (f *Flow) breathe(ctx context.Context, began time.Time, facts int) {
	ended := f.Clock()
	took := ended.Sub(began)
	if apart := min(stepApart*time.Duration(max(facts, smallStep))/smallStep, farApart); facts < stepFacts/2 && apart > took {
		pause(ctx, apart-took)
	}
	for f.Waiting != nil && f.Waiting() >= throng && ctx.Err() == nil {
		if rested := f.Clock().Sub(ended); rested < 0 || rested >= min(took, longestRest) {
			return
		}
		pause(ctx, throngLook)
	}
}

// read decodes what the log brings, a batch ahead of the step under way. A log that does not answer is asked until it does.
func (f *Flow) read(ctx context.Context, after uint64, batches chan<- *batch) {
	for tries := 1; ctx.Err() == nil; tries++ {
		before := after
		err := f.readOn(ctx, &after, batches)
		if err == nil || ctx.Err() != nil {
			return
		}
		if after != before {
			tries = 1
		}
		f.reading.Store(&trouble{f.Clock(), err})
		f.say(ctx, "the log cannot be read", err, tries)
		pause(ctx, min(firstPause<<min(tries, 10), longestPause))
	}
}

// readOn reads behind *after, and moves it with what it has handed over. What comes while a step is under way is one batch, however
// often it was read: an event waits for the step under way and no other, and the next step takes all that came.
func (f *Flow) readOn(ctx context.Context, after *uint64, batches chan<- *batch) error {
	decode := newDecoding(commerce.Normalise)
	reader, err := f.Bus.Read(ctx, *after)
	if err != nil {
		return fmt.Errorf("flow: %w", err)
	}
	defer reader.Close()
	var next *batch // gathers until it is taken
	for ctx.Err() == nil {
		wait := readWait
		if next != nil {
			wait = 0
		}
		messages, err := reader.Next(ctx, readMessages, readBytes, wait)
		if err != nil {
			return fmt.Errorf("flow: %w", err)
		}
		f.reading.Store(nil)
		if b := (&batch{upTo: reader.After()}); len(messages) == 0 && next == nil && b.upTo > *after {
			next = b // the log passed over numbers without content
		}
		for len(messages) > 0 && ctx.Err() == nil {
			n := share(messages)
			for _, b := range decode.batch(messages[:n]).steps() {
				if next != nil && next.join(b) {
					continue
				}
				if hand(ctx, next, batches, nil) {
					*after = next.seq()
				}
				next = b
			}
			messages = messages[n:]
		}
		if hand(ctx, next, batches, time.After(gatherLook)) {
			*after, next = next.seq(), nil
		}
	}
	return nil
}

// hand gives a batch to who takes it through, and tells whether it was taken before ctx ended or the time was up.
func hand(ctx context.Context, b *batch, batches chan<- *batch, enough <-chan time.Time) bool {
	if b == nil {
		return false
	}
	select {
	case batches <- b:
		return true
	case <-enough:
	case <-ctx.Done():
	}
	return false
}

// take brings a batch through. What fails for want of an engine is tried until it works; a message that fails by itself
// becomes a dead letter, and the others go on.
func (f *Flow) take(ctx context.Context, b *batch) {
	wait := firstPause
	for tries := 1; ctx.Err() == nil; tries++ {
		f.ready(ctx)
		err := f.step(ctx, b)
		if errors.Is(err, errBefore) {
			f.look(ctx)
			tries--
			continue
		}
		if err == nil {
			f.state.Store(nil)
			f.buried = f.buried && len(b.facts)+len(b.asides) == 0
			return
		}
		f.tell(ctx, err, tries)
		if tries >= triesAlone && len(b.messages) > 1 && (!passing(err) || strained(err)) {
			for i := range b.messages {
				f.take(ctx, b.span(i, i+1))
			}
			return
		}
		if tries >= f.patience() && !passing(err) && f.bury(ctx, b, err) == nil {
			f.buried = true
			continue
		}
		pause(ctx, wait)
		wait = min(2*wait, longestPause)
	}
}

// Between runs do while no step is under way: for what must see every stage at one offset.
func (f *Flow) Between(do func() error) error {
	f.between.Lock()
	defer f.between.Unlock()
	if err := f.await(); err != nil {
		return err
	}
	return do()
}

// Drain waits until everything that was in the log at the call is through.
func (f *Flow) Drain(ctx context.Context) error {
	target := f.Bus.Last()
	tick := time.NewTicker(drainLook)
	defer tick.Stop()
	for f.settled.Load() < target {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// Follow waits until the warehouse has followed the journal up to a revision.
func (f *Flow) Follow(ctx context.Context, revision uint64) error {
	tick := time.NewTicker(drainLook)
	defer tick.Stop()
	for f.journal.Load() < revision {
		f.Wake()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// Wake asks for a step although no event came, so that the journal is followed.
func (f *Flow) Wake() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Settled is the newest message that every stage has taken, and the newest revision of the journal that the warehouse has.
func (f *Flow) Settled() (message, revision uint64) { return f.settled.Load(), f.journal.Load() }

// trim drops what every stage has taken once the log has grown large.
func (f *Flow) trim(ctx context.Context) {
	if state, err := f.Bus.State(ctx); err != nil || state.Bytes <= f.KeepBytes {
		return
	}
	soon, stop := context.WithTimeout(ctx, checkpointWait)
	defer stop()
	if _, err := f.Warehouse.Checkpoint(soon); err != nil && soon.Err() == nil { // while a file is imported it must wait
		f.Log.WarnContext(ctx, "the warehouse's log could not be emptied", "error", err.Error())
	}
	if _, err := f.Trim(ctx); err != nil {
		f.Log.WarnContext(ctx, "the log could not be trimmed", "error", err.Error())
	}
}

// Trim drops everything from the log that every stage has taken for good, and returns up to where that was. It needs room on disk:
// the log's engine writes what stays of a file anew, and when it cannot, it stands still for good.
func (f *Flow) Trim(ctx context.Context) (upTo uint64, err error) {
	if f.Room != nil {
		if err := f.Room(); err != nil {
			return 0, err
		}
	}
	if upTo, err = f.offset(ctx); err != nil {
		return 0, err
	}
	upTo = min(upTo, f.Warehouse.Kept().Log)
	return upTo, f.Bus.Trim(ctx, upTo)
}
