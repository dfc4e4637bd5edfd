package live

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/pass"
	"github.com/dangol/dangol/internal/query/rule/render"
	"github.com/dangol/dangol/internal/recall"
	"github.com/dangol/dangol/internal/warehouse"
)

// still is one instant at which recall and a reading of the warehouse agree to the last fact.
type still struct {
	reading *warehouse.Reading
	roster  *roster
	atUS    int64
	rules   []*member                  // that were live
	members map[uint32]*roaring.Bitmap // as they were
	people  *roaring.Bitmap
	hand    map[string][]uint32
	touched *roaring.Bitmap // since
	end     func()
	err     error
}

func (s *still) close() {
	if s.reading != nil {
		s.reading.Close()
	}
	if s.end != nil {
		s.end()
	}
}

// still waits for an instant at which the warehouse is not ahead of recall: at once where nothing is on its way, else at the end
// of the batch that is. Time is taken into account up to the still's instant.
func (e *Engine) still(ctx context.Context) (*still, error) {
	if _, err := e.Sweep(ctx); err != nil { // so that little is left to do under the lock
		return nil, err
	}
	e.mu.Lock()
	s, err := e.tryStill(ctx)
	if s != nil || err != nil {
		e.mu.Unlock()
		return s, err
	}
	wait := make(chan *still, 1)
	e.wanted = append(e.wanted, wait)
	e.wanting.Store(true)
	e.mu.Unlock()
	select {
	case s := <-wait:
		return s, s.err
	case <-ctx.Done():
		e.mu.Lock()
		for i, w := range e.wanted {
			if w == wait {
				e.wanted = append(e.wanted[:i:i], e.wanted[i+1:]...)
				e.wanting.Store(len(e.wanted) > 0)
				break
			}
		}
		e.mu.Unlock()
		select {
		case s := <-wait:
			s.close()
		default:
		}
		return nil, ctx.Err()
	}
}

// handOver gives stills to those who wait for one. Follow calls it in its end, when the warehouse cannot go on. Where the
// warehouse is ahead by another batch all the same, as after a start, they wait for that one's end.
func (e *Engine) handOver(ctx context.Context) {
	waiting := e.wanted
	e.wanted = nil
	for i, w := range waiting {
		s, err := e.tryStill(ctx)
		switch {
		case err != nil:
			s = &still{err: err}
		case s == nil:
			e.wanted = waiting[i:]
			return
		}
		w <- s
	}
	e.wanting.Store(false)
}

// Wanted tells that somebody waits for a still: the warehouse should not go on behind the next batch before it was followed.
func (e *Engine) Wanted() bool { return e.wanting.Load() }

// tryStill makes a still where recall and the warehouse agree. It is called under the lock.
func (e *Engine) tryStill(ctx context.Context) (_ *still, err error) {
	atUS := e.instant()
	if err := e.sweepNow(ctx, atUS); err != nil {
		return nil, err
	}
	rd, err := e.Warehouse.Read(ctx)
	if err != nil {
		return nil, err
	}
	agreed, err := e.agrees(ctx, rd)
	if err != nil || !agreed {
		rd.Close()
		return nil, err
	}
	s := &still{reading: rd, roster: e.roster, atUS: atUS, members: map[uint32]*roaring.Bitmap{}, people: e.Recall.Look(recall.Population).Clone(), hand: map[string][]uint32{}}
	for _, r := range e.roster.rules {
		s.members[r.Key] = e.Recall.Look(r.Key).Clone()
		if r.live {
			s.rules = append(s.rules, r)
		}
	}
	for slug, key := range e.hand {
		s.hand[slug] = e.Recall.Look(key).ToArray()
	}
	s.touched, s.end = e.lockedWatch()
	return s, nil
}

// lockedWatch is watch with an end for whoever does not hold the lock.
func (e *Engine) lockedWatch() (*roaring.Bitmap, func()) {
	touched, end := e.watch()
	return touched, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		end()
	}
}

func (e *Engine) agrees(ctx context.Context, rd *warehouse.Reading) (bool, error) {
	o, err := offsetsOf(ctx, rd)
	return err == nil && e.Recall.Offsets() == o, err
}

// evaluate asks the warehouse who is in each of some rules of the still's roster, as of its instant.
func (e *Engine) evaluate(ctx context.Context, s *still, rules []*member) ([]*roaring.Bitmap, error) {
	if len(rules) == 0 {
		return nil, nil
	}
	bounds, err := e.bounds(s.roster, rules)
	if err != nil {
		return nil, err
	}
	byHand := slices.ContainsFunc(rules, func(m *member) bool { return len(m.bound.ByHand()) > 0 })
	if byHand {
		if err := s.writeHand(ctx); err != nil {
			return nil, err
		}
	}
	found, err := pass.Evaluate(ctx, s.reading, rule.NewSet(bounds...), render.Ask{AsOfUS: s.atUS, Members: handTable})
	if err != nil {
		return nil, fmt.Errorf("evaluate rules: %w", err)
	}
	out := make([]*roaring.Bitmap, len(found))
	for i, one := range found {
		out[i] = roaring.FromDense(one, true)
		out[i].RunOptimize()
	}
	return out, nil
}

// bounds are the rules as the warehouse can be asked about them. An event that came for the first time since the roster was
// made has a number now.
func (e *Engine) bounds(r *roster, rules []*member) ([]*rule.Bound, error) {
	catalog := *r.catalog
	fresh := false
	for _, name := range r.unknown {
		if key, known := e.Warehouse.NameKey(name); known {
			if !fresh {
				catalog.Events, fresh = maps.Clone(catalog.Events), true
			}
			catalog.Events[name] = rule.Event{Key: key, Properties: catalog.Events[name].Properties}
		}
	}
	bounds := make([]*rule.Bound, len(rules))
	for i, m := range rules {
		bounds[i] = m.bound
		if fresh {
			var err error
			if bounds[i], err = rule.Bind(m.Rule, &catalog); err != nil {
				return nil, err
			}
		}
	}
	return bounds, nil
}

const handTable = "still_member"

// writeHand puts the members by hand where rules look for them. The table goes with the reading.
func (s *still) writeHand(ctx context.Context) error {
	run := func(text string) error {
		rows, err := s.reading.Ask(ctx, text)
		if err != nil {
			return err
		}
		for rows.Next() {
		}
		return errors.Join(rows.Err(), rows.Close()) //nolint:sqlclosecheck // nothing can come between
	}
	if err := run(`CREATE OR REPLACE TEMP TABLE ` + handTable + ` (segment VARCHAR, customer_key UINTEGER)`); err != nil {
		return err
	}
	for slug, keys := range s.hand {
		for len(keys) > 0 {
			n := min(len(keys), 5_000)
			list := strings.ReplaceAll(keyList(keys[:n]), ",", "), ('"+slug+"', ")
			if err := run(`INSERT INTO ` + handTable + ` VALUES ('` + slug + `', ` + list + `)`); err != nil {
				return err
			}
			keys = keys[n:]
		}
	}
	return nil
}
