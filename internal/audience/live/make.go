package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/recall"
)

// drawUp reads the definitions and makes the roster of them.
func (e *Engine) drawUp(ctx context.Context) (*Known, *roster, error) {
	known, err := e.Known(ctx)
	if err != nil {
		return nil, nil, err
	}
	catalog, rules, err := e.bind(&known)
	if err != nil {
		return nil, nil, err
	}
	return &known, newRoster(catalog, rules), nil
}

// bind makes members of the segments that have a rule. One that cannot be bound any more is left out and said.
func (e *Engine) bind(k *Known) (*rule.Catalog, []*member, error) {
	e.mu.Lock()
	book := e.book.Copy()
	e.mu.Unlock()
	catalog, err := catalogOf(k, book, e.Warehouse.Names())
	if err != nil {
		return nil, nil, err
	}
	e.learned.Store(&learned{catalog})
	var rules []*member
	for _, s := range k.Segments {
		if s.Rule == nil {
			continue
		}
		m := &member{Segment: s}
		if m.bound, err = rule.Bind(s.Rule, catalog); err == nil {
			m.print, err = fingerprint(m.bound)
		}
		if err != nil {
			e.Log.Warn("a segment's rule cannot be followed", "segment", s.Slug, "error", err.Error())
			continue
		}
		rules = append(rules, m)
	}
	return catalog, rules, nil
}

// asKept leaves the strands there are.
func asKept(*rule.Need) bool { return false }

// remake brings the roster to the definitions as they are: strands first, then the rules, then the members of what is new or
// was changed. anew chooses the needs that are read anew for everybody, because what is kept of them is not what there is.
func (e *Engine) remake(ctx context.Context, anew func(*rule.Need) bool) error {
	e.working.Lock()
	defer e.working.Unlock()
	defer e.tellSettled()
	known, next, err := e.drawUp(ctx)
	if err != nil {
		return err
	}
	if err := e.prepareStrands(ctx, next, anew); err != nil {
		return err
	}
	waiting, err := e.install(ctx, known, next)
	if err != nil || len(waiting) == 0 {
		return err
	}
	return e.bringLive(ctx, waiting)
}

// prepareStrands makes those that the roster needs and fills them.
func (e *Engine) prepareStrands(ctx context.Context, next *roster, anew func(*rule.Need) bool) error {
	var fresh []*strand
	e.mu.Lock()
	for i := range next.needs {
		n := &next.needs[i]
		if s := e.covering(n, true); s != nil && !anew(n) {
			continue
		}
		s, err := e.addStrand(n)
		if err != nil {
			e.mu.Unlock()
			return err
		}
		fresh = append(fresh, s)
	}
	e.mu.Unlock()
	for i, s := range fresh {
		if err := e.fill(ctx, s); err != nil {
			return errors.Join(err, e.dropStrands(fresh[i:]...))
		}
	}
	return nil
}

func (e *Engine) dropStrands(list ...*strand) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range list {
		delete(e.strands, s.ID)
	}
	e.retain()
	return nil
}

// install puts the roster in place of the one before and returns the rules that have no members yet.
func (e *Engine) install(ctx context.Context, known *Known, next *roster) (waiting []*member, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if next.slots, err = e.slotsFor(next.needs); err != nil {
		return nil, err
	}
	c := e.Recall.Begin(e.instant())
	defer c.Discard()
	for _, m := range next.rules {
		before := e.roster.find(m.Key)
		if before == nil {
			before = e.from(m)
		}
		if before == nil || before.print != m.print || !before.live {
			waiting = append(waiting, m)
			continue
		}
		m.live, m.sweptUS = true, before.sweptUS
	}
	if err := e.clearSegments(c, known); err != nil {
		return nil, err
	}
	if err := e.dropUnused(c, next); err != nil {
		return nil, err
	}
	if err := c.End(); err != nil {
		return nil, err
	}
	e.adopt(known)
	next.count()
	e.roster, e.last = next, nil
	e.retain()
	return waiting, e.chooseAnew(ctx, known)
}

// adopt takes in the definitions. It is called under the lock.
func (e *Engine) adopt(known *Known) {
	clear(e.hand)
	clear(e.slugs)
	clear(e.chosen)
	for _, s := range known.Segments {
		e.slugs[s.Key] = s
		if s.Rule == nil {
			e.hand[s.Slug] = s.Key
		}
	}
	for segment, people := range known.Chosen {
		for _, origin := range people {
			e.chosen[origin] = append(e.chosen[origin], segment)
		}
	}
}

// from is what a segment was before the start: where its rule meant the same, its members are those it had.
func (e *Engine) from(m *member) *member {
	text, err := e.Recall.Kept(printName(m.Key))
	if err != nil || text == nil {
		return nil
	}
	return &member{print: string(text), live: true, sweptUS: e.sweptBefore}
}

// clearSegments takes the members from segments that are followed no more; their history stays.
func (e *Engine) clearSegments(c *recall.Commit, known *Known) error {
	return e.Recall.EachKept(printPrefix, func(name string, _ []byte) error {
		for _, s := range known.Segments {
			if s.Rule != nil && printName(s.Key) == name {
				return nil
			}
		}
		key, err := strconv.ParseUint(strings.TrimPrefix(name, printPrefix), 10, 32)
		if err != nil {
			return fmt.Errorf("segments: %w", err)
		}
		c.Start(uint32(key), roaring.New())
		return c.Keep(name, nil)
	})
}

// dropUnused forgets strands that the roster does not read.
func (e *Engine) dropUnused(c *recall.Commit, next *roster) error {
	for id, s := range e.strands {
		if s.filled && (int(id) >= len(next.slots.At) || next.slots.At[id] == 0) {
			delete(e.strands, id)
			if err := e.drop(c, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// chooseAnew brings the segments by hand to the lists in the store.
func (e *Engine) chooseAnew(ctx context.Context, known *Known) error {
	f := e.begin(ctx, e.instant())
	defer f.c.Discard()
	people := e.Recall.Look(recall.Population)
	for _, s := range known.Segments {
		if s.Rule != nil {
			continue
		}
		should := roaring.New()
		for _, origin := range known.Chosen[s.Key] {
			if owner := f.c.Owner(origin); people.Contains(owner) {
				should.Add(owner)
			}
		}
		for it := roaring.Xor(should, e.Recall.Look(s.Key)).Iterator(); it.HasNext(); {
			who := it.Next()
			f.putHand(s.Key, who, should.Contains(who))
			for i, m := range e.roster.rules {
				if m.live && slices.Contains(m.bound.ByHand(), s.Slug) {
					f.touches = append(f.touches, touch{customer: who, need: everything, fact: -1})
					_ = i
					break
				}
			}
		}
	}
	if len(f.hand) == 0 {
		return nil
	}
	if err := f.evaluate(&Batch{}, ByHand); err != nil {
		return err
	}
	return f.finish()
}

// bringLive evaluates rules that have no members yet, or those of an earlier rule.
func (e *Engine) bringLive(ctx context.Context, waiting []*member) error {
	s, err := e.still(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	found, err := e.evaluate(ctx, s, waiting)
	if err != nil {
		return fmt.Errorf("evaluate segments: %w", err)
	}
	for i, m := range waiting {
		had, err := e.Recall.Kept(printName(m.Key))
		if err != nil {
			return err
		}
		if had == nil {
			continue
		}
		// It had members by an earlier rule: whoever differs enters or leaves.
		if err := e.settle(ctx, s, waiting[i:i+1], found[i:i+1], settling{reason: ByRule}); err != nil {
			return err
		}
		found[i] = nil
	}
	return e.goLive(ctx, s, waiting, found)
}
