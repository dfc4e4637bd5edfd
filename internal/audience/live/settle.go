package live

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/recall"
)

// settling brings the members of some rules to what the warehouse found at a still.
type settling struct {
	reason Reason
	mend   bool // what differs should not: records are read anew as well, and it is counted
	quiet  *roaring.Bitmap
}

// settle applies an answer. Whoever was touched since the still is evaluated again instead.
func (e *Engine) settle(ctx context.Context, s *still, rules []*member, found []*roaring.Bitmap, how settling) error {
	for i, m := range rules {
		before := s.members[m.Key]
		if before == nil {
			before = roaring.New()
		}
		diff := roaring.Xor(found[i], before).ToArray()
		for len(diff) > 0 {
			n := min(len(diff), sweepPiece)
			if how.mend {
				n = min(n, 200) // records are read anew
			}
			if err := e.settlePart(ctx, s, m, found[i], diff[:n], how); err != nil {
				return err
			}
			diff = diff[n:]
		}
	}
	return nil
}

func (e *Engine) settlePart(ctx context.Context, s *still, m *member, found *roaring.Bitmap, who []uint32, how settling) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := e.roster.at(m)
	if i < 0 {
		return nil // the rule was changed meanwhile
	}
	f := e.begin(ctx, e.instant())
	defer f.c.Discard()
	if how.mend {
		if err := f.readAnew(who); err != nil {
			return err
		}
	}
	one := newMask(len(e.roster.rules))
	one.set(i)
	for _, key := range who {
		f.touches = append(f.touches, touch{customer: key, need: everything, fact: -1}) // for the columns that are read of them
	}
	people := e.Recall.Look(recall.Population)
	for _, key := range who {
		why := cause{reason: how.reason}
		f.came[key] = how.quiet != nil && !how.quiet.Contains(key)
		switch {
		case !people.Contains(key):
			f.put(m.Segment, key, false, why)
		case (how.mend || s.touched.Contains(key)) && !f.c.IsHeavy(key):
			if err := f.one(key, one, why); err != nil {
				return err
			}
		default:
			f.put(m.Segment, key, found.Contains(key), why)
		}
	}
	return f.finish()
}

// at finds a member's place in the roster; -1 where it is in it no more.
func (r *roster) at(m *member) int {
	for i, other := range r.rules {
		if other == m {
			return i
		}
	}
	return -1
}

// readAnew replaces the records of some people by what the warehouse holds.
func (f *following) readAnew(who []uint32) error {
	if err := func() error {
		for _, key := range who {
			if err := f.c.Clear(key, func(uint32) bool { return true }); err != nil {
				return err
			}
		}
		return nil
	}(); err != nil {
		return err
	}
	for _, s := range f.e.strands {
		if !s.filled {
			s.reread.AddMany(who)
		}
		if err := f.readFacts(s, who, nil); err != nil {
			return err
		}
	}
	return nil
}

// goLive lets a rule follow events from now on, by one commit. found are the first members of a segment that had none, nil for one
// that has its members already. Who was touched since the still is evaluated by herself.
func (e *Engine) goLive(ctx context.Context, s *still, m *member, found *roaring.Bitmap) (err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := e.roster.at(m)
	if i < 0 {
		return nil // the rule was changed meanwhile
	}
	f := e.begin(ctx, e.instant())
	defer f.c.Discard()
	m.live, m.sweptUS = true, s.atUS
	defer func() {
		m.live = err == nil
		e.roster.count()
	}()
	if found != nil {
		f.c.Start(m.Key, found)
		f.began = map[uint32]*roaring.Bitmap{m.Key: found}
	}
	if err := f.c.Keep(printName(m.Key), []byte(m.print)); err != nil {
		return err
	}
	one := newMask(len(e.roster.rules))
	one.set(i)
	for it := s.touched.Iterator(); it.HasNext(); {
		f.touches = append(f.touches, touch{customer: it.Next(), need: everything, fact: -1})
	}
	people := e.Recall.Look(recall.Population)
	for _, t := range f.touches {
		if !people.Contains(t.customer) {
			f.put(m.Segment, t.customer, false, cause{reason: ByEvent})
		} else if err := f.one(t.customer, one, cause{reason: ByEvent}); err != nil {
			return err
		}
	}
	return f.finish()
}

func printName(key uint32) string { return printPrefix + keyList([]uint32{key}) }

const printPrefix = "print/"
