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

// goLive lets rules follow events from now on, by one commit. found are the first members of a segment that had none, nil for one that
// has its members already. Who was touched since the still is evaluated by herself, once for all of them.
func (e *Engine) goLive(ctx context.Context, s *still, rules []*member, found []*roaring.Bitmap) (err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f := e.begin(ctx, e.instant())
	defer f.c.Discard()
	f.began = map[uint32]*roaring.Bitmap{}
	mask, fresh := newMask(len(e.roster.rules)), []*member(nil)
	for k, m := range rules {
		i := e.roster.at(m)
		if i < 0 {
			continue // the rule was changed meanwhile
		}
		if found[k] != nil {
			f.c.Start(m.Key, found[k])
			f.began[m.Key] = found[k]
		}
		if err := f.c.Keep(printName(m.Key), []byte(m.print)); err != nil {
			return err
		}
		mask.set(i)
		fresh = append(fresh, m)
		m.live, m.sweptUS = true, s.atUS
	}
	defer func() {
		for _, m := range fresh {
			m.live = err == nil
		}
		e.roster.count()
	}()
	if err := f.catchUp(s.touched, mask, fresh); err != nil {
		return err
	}
	return f.finish()
}

// catchUp evaluates rules for people who did something while their members were being found.
func (f *following) catchUp(touched *roaring.Bitmap, mask mask, rules []*member) error {
	for it := touched.Iterator(); it.HasNext(); {
		f.touches = append(f.touches, touch{customer: it.Next(), need: everything, fact: -1})
	}
	people := f.e.Recall.Look(recall.Population)
	var here crowd
	for _, t := range f.touches {
		switch {
		case !people.Contains(t.customer):
			for _, m := range rules {
				f.put(m.Segment, t.customer, false, cause{reason: ByEvent})
			}
		case f.c.IsHeavy(t.customer):
			f.e.heavyDue = true // the sweep asks the warehouse about her
		default:
			here.add(t.customer, mask, cause{reason: ByEvent})
		}
	}
	return f.lookAt(&here)
}

func printName(key uint32) string { return printPrefix + keyList([]uint32{key}) }

const printPrefix = "print/"
