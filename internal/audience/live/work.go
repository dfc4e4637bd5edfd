package live

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/recall"
)

// How often work comes round.
const (
	sweepEvery   = 8 * time.Second
	compareEvery = 30 * time.Minute
	retryAfter   = 5 * time.Second
)

// learned is the catalogue as of the last remake.
type learned struct{ catalog *rule.Catalog }

// due is when work comes round next; only the worker looks at it.
type due struct {
	midnight, compare time.Time
}

// Run works until ctx ends: sweeps, tells what waits, and does what was asked for. It returns nil.
func (e *Engine) Run(ctx context.Context) error {
	ended := make(chan struct{}, 2)
	go func() { e.sweeping(ctx); ended <- struct{}{} }()
	go func() { e.telling(ctx); ended <- struct{}{} }()
	e.work(ctx)
	<-ended
	<-ended
	return nil
}

func (e *Engine) sweeping(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := e.Sweep(ctx); err != nil && ctx.Err() == nil {
			e.Log.ErrorContext(ctx, "segments could not be swept", "error", err.Error())
		}
		if e.metUnknown() {
			signal(e.changed)
		}
	}
}

// metUnknown tells whether an event came for the first time that a rule has named before.
func (e *Engine) metUnknown() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, name := range e.roster.unknown {
		if _, known := e.Warehouse.NameKey(name); known {
			return true
		}
	}
	return false
}

// work does long work, one piece at a time.
func (e *Engine) work(ctx context.Context) {
	e.plan()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for ctx.Err() == nil {
		var do func(context.Context) error
		var again chan struct{}
		select {
		case <-ctx.Done():
			return
		case <-e.imported:
			do, again = e.afterImport, e.imported
		case <-e.changed:
			do, again = func(ctx context.Context) error { return e.remake(ctx, asKept) }, e.changed
		case <-e.analysed:
			do, again = e.afterAnalysis, e.analysed
		case <-e.deleted:
			do, again = e.afterDeletion, e.deleted
		case <-e.compare:
			do = func(ctx context.Context) error { _, err := e.Compare(ctx, true); return err }
		case <-tick.C:
			do = e.comeRound
		}
		err := do(ctx)
		if err == nil || ctx.Err() != nil {
			continue
		}
		e.Log.ErrorContext(ctx, "work on segments failed", "error", err.Error())
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter):
			if again != nil {
				signal(again)
			}
		}
	}
}

func (e *Engine) plan() {
	now := e.Clock()
	e.due = due{midnight: e.nextMidnight(now), compare: now.Add(compareEvery)}
	if day, err := e.Recall.Kept(dayName); err != nil || string(day) != e.today() {
		e.due.midnight = now // a day began while nobody was there
	}
}

func (e *Engine) zone() *time.Location {
	if l := e.learned.Load(); l != nil && l.catalog.Zone != nil {
		return l.catalog.Zone
	}
	return time.UTC
}

func (e *Engine) today() string { return e.Clock().In(e.zone()).Format(time.DateOnly) }

func (e *Engine) nextMidnight(now time.Time) time.Time {
	y, m, d := now.In(e.zone()).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, e.zone())
}

// comeRound does what the time asks for.
func (e *Engine) comeRound(ctx context.Context) error {
	now := e.Clock()
	if !now.Before(e.due.midnight) {
		if err := e.Midnight(ctx); err != nil {
			return err
		}
		e.due.midnight = e.nextMidnight(now)
	}
	if !now.Before(e.due.compare) {
		e.due.compare = now.Add(compareEvery)
		_, err := e.Compare(ctx, true)
		return err
	}
	return nil
}

// Midnight evaluates the rules that a new day may change.
func (e *Engine) Midnight(ctx context.Context) error {
	day := e.today()
	if err := e.evaluateSome(ctx, (*rule.Bound).Midnight, settling{reason: ByTime}); err != nil {
		return err
	}
	return e.note(dayName, day)
}

func (e *Engine) afterAnalysis(ctx context.Context) error {
	version := strconv.FormatInt(e.Warehouse.StateVersion(), 10)
	met, err := e.metBefore(ctx)
	if err != nil {
		return err
	}
	if err := e.evaluateSome(ctx, (*rule.Bound).Analysis, settling{reason: ByAnalysis, quiet: met}); err != nil {
		return err
	}
	return e.noteAnalysis(ctx, version)
}

// metBefore are the people of whom an analysis tells news: those whom one has seen before, and those who came by events since.
// A file's customers have been what they are for years; that they enter is told of none of them.
func (e *Engine) metBefore(ctx context.Context) (*roaring.Bitmap, error) {
	text, err := e.Recall.Kept(topName)
	if err != nil {
		return nil, err
	}
	met, top := roaring.New(), uint64(0)
	if text != nil {
		if top, err = strconv.ParseUint(string(text), 10, 32); err != nil {
			return nil, fmt.Errorf("the last analysis: %w", err)
		}
		met.AddRange(0, top+1)
	}
	came, err := keysOf(ctx, e.Warehouse.Ask, fmt.Sprintf(`SELECT key FROM customer WHERE key > %d AND import_id = 0`, top))
	if err != nil {
		return nil, err
	}
	met.Or(came)
	return met, nil
}

// noteAnalysis notes which analysis memberships stand on, and whom it has seen.
func (e *Engine) noteAnalysis(ctx context.Context, version string) error {
	e.mu.Lock()
	top, err := e.top(ctx)
	e.mu.Unlock()
	if err != nil {
		return err
	}
	if err := e.note(topName, strconv.FormatUint(uint64(top), 10)); err != nil {
		return err
	}
	return e.note(analysisName, version)
}

// evaluateSome asks the warehouse about the live rules that pick chooses, for everybody.
func (e *Engine) evaluateSome(ctx context.Context, pick func(*rule.Bound) bool, how settling) error {
	e.working.Lock()
	defer e.working.Unlock()
	defer e.tellSettled()
	s, err := e.still(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	var rules []*member
	for _, m := range s.rules {
		if pick(m.bound) {
			rules = append(rules, m)
		}
	}
	found, err := e.evaluate(ctx, s, rules)
	if err != nil {
		return err
	}
	return e.settle(ctx, s, rules, found, how)
}

// afterImport takes in orders and people that came past the log.
func (e *Engine) afterImport(ctx context.Context) error {
	imports, err := e.imports(ctx)
	if err != nil {
		return err
	}
	before, err := e.meetPeople(ctx)
	if err != nil {
		return err
	}
	if err := e.remake(ctx, ofOrders); err != nil {
		return err
	}
	if err := e.evaluateSome(ctx, func(*rule.Bound) bool { return true }, settling{reason: ByAnalysis, quiet: before}); err != nil {
		return err
	}
	return e.note(importsName, imports)
}

// Deleted says that old events of a name were deleted from the warehouse: what they counted for counts no more.
func (e *Engine) Deleted(name string) {
	e.mu.Lock()
	e.emptied[name] = true
	e.mu.Unlock()
	signal(e.deleted)
}

func (e *Engine) afterDeletion(ctx context.Context) error {
	e.mu.Lock()
	gone := maps.Clone(e.emptied)
	e.mu.Unlock()
	if len(gone) == 0 {
		return nil
	}
	lost := func(n *rule.Need) bool {
		return n.Source == rule.Events && (gone[n.Name] || n.Name == "*") || n.Source == rule.Identified && gone[event.Identified]
	}
	if err := e.remake(ctx, lost); err != nil {
		return err
	}
	reads := func(b *rule.Bound) bool {
		needs := b.Needs()
		return slices.ContainsFunc(needs, func(n rule.Need) bool { return lost(&n) })
	}
	if err := e.evaluateSome(ctx, reads, settling{reason: ByTime}); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for name := range gone {
		delete(e.emptied, name)
	}
	return nil
}

// meetPeople takes the people of the warehouse into the population and returns those who were in it before.
func (e *Engine) meetPeople(ctx context.Context) (*roaring.Bitmap, error) {
	here, err := e.customers(ctx, e.Warehouse.Ask)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	before := e.Recall.Look(recall.Population).Clone()
	c := e.Recall.Begin(e.instant())
	defer c.Discard()
	for it := roaring.AndNot(here, before).Iterator(); it.HasNext(); {
		c.Enter(recall.Population, it.Next())
	}
	return before, c.End()
}

// Verdict is what a comparison found.
type Verdict struct {
	Checked   int64    `json:"checked" doc:"segments whose members were computed from all facts"`
	Members   int64    `json:"members" doc:"memberships compared"`
	Differing int64    `json:"differing" doc:"memberships that were not what the facts say"`
	Segments  []string `json:"segments" doc:"where they differ"`
	Log       string   `json:"log_offset" doc:"message of the log as of which all were compared"`
	AtUS      int64    `json:"-"`
}

// Compare computes the members of every live rule from all facts and compares, at one instant of the log. With mend, what
// differs is put right.
func (e *Engine) Compare(ctx context.Context, mend bool) (Verdict, error) {
	e.working.Lock()
	defer e.working.Unlock()
	v := Verdict{Segments: []string{}}
	s, err := e.still(ctx)
	if err != nil {
		return v, err
	}
	defer s.close()
	found, err := e.evaluate(ctx, s, s.rules)
	if err != nil {
		return v, err
	}
	v.judge(s, found)
	e.counts.compared.Add(1)
	e.counts.comparedUS.Store(s.atUS)
	if !mend || v.Differing == 0 {
		return v, nil
	}
	e.counts.mended.Add(v.Differing)
	e.Log.WarnContext(ctx, "memberships differed from what the facts say and are mended", "memberships", v.Differing, "segments", v.Segments)
	return v, e.settle(ctx, s, s.rules, found, settling{reason: ByTime, mend: true})
}

func (v *Verdict) judge(s *still, found []*roaring.Bitmap) {
	v.Log = strconv.FormatUint(s.reading.Offset(), 10)
	v.AtUS = s.atUS
	for i, m := range s.rules {
		v.Checked++
		v.Members += int64(found[i].OrCardinality(s.members[m.Key]))
		if n := int64(roaring.Xor(found[i], s.members[m.Key]).GetCardinality()); n > 0 {
			v.Differing += n
			v.Segments = append(v.Segments, m.Slug)
		}
	}
}

// Changed says that definitions changed; members follow in a moment.
func (e *Engine) Changed() { signal(e.changed) }

// Analysed says that the state of customers was computed anew.
func (e *Engine) Analysed() { signal(e.analysed) }

// Imported says that orders or people came past the log.
func (e *Engine) Imported() { signal(e.imported) }

// tellSettled wakes those who wait for a work's end.
func (e *Engine) tellSettled() {
	e.settledMu.Lock()
	defer e.settledMu.Unlock()
	close(e.settled)
	e.settled = make(chan struct{})
}

// AwaitLive waits until a segment's members follow events by the rule given, and tells whether they do before ctx ends.
func (e *Engine) AwaitLive(ctx context.Context, key uint32, ready func() bool) bool {
	for {
		e.settledMu.Lock()
		settled := e.settled
		e.settledMu.Unlock()
		if e.Live(key) && ready() {
			return true
		}
		select {
		case <-settled:
		case <-ctx.Done():
			return false
		}
	}
}

// Settle does at once what waits to be done, for tests and for those who do not Run.
func (e *Engine) Settle(ctx context.Context) error {
	var errs []error
	for {
		select {
		case <-e.imported:
			errs = append(errs, e.afterImport(ctx))
		case <-e.changed:
			errs = append(errs, e.remake(ctx, asKept))
		case <-e.analysed:
			errs = append(errs, e.afterAnalysis(ctx))
		case <-e.deleted:
			errs = append(errs, e.afterDeletion(ctx))
		case <-e.compare:
			_, err := e.Compare(ctx, true)
			errs = append(errs, err)
		default:
			return errors.Join(errs...)
		}
	}
}
