package live

import (
	"slices"

	"github.com/dangol/dangol/internal/recall"
	"github.com/dangol/dangol/internal/warehouse"
)

// steps follows the journal of customers: who is new, who is gone, whose facts now belong to whom.
func (f *following) steps(steps []warehouse.Step, after uint64) error {
	people := f.e.Recall.Look(recall.Population)
	present := map[uint32]bool{}
	for i := range steps {
		s := &steps[i]
		if s.Rev <= after {
			continue
		}
		switch s.Kind {
		case warehouse.Upsert:
			present[s.Key] = true
		case warehouse.Gone:
			present[s.Key] = false
		case warehouse.Move:
			if err := f.move(s.Origin, s.To); err != nil {
				return err
			}
		case warehouse.Erase:
			if err := f.erase(s.Origin); err != nil {
				return err
			}
		}
	}
	for key, here := range present {
		known := people.Contains(key)
		switch {
		case here && !known:
			f.c.Enter(recall.Population, key)
			f.joined[key] = true
			f.touches = append(f.touches, touch{customer: key, need: everything, fact: -1})
			for _, segment := range f.e.chosen[key] {
				f.putHand(segment, key, true) // she was put on a list before the journal told of her
			}
		case here:
			f.contact(key)
		case known:
			f.c.Leave(recall.Population, key)
			f.leave(key)
		default:
			f.gone[key] = true
		}
	}
	return nil
}

// contact touches the rules that read the customer's row, which changed.
func (f *following) contact(key uint32) {
	for at, m := range f.roster.byNeed {
		for i := range m {
			if m[i]&f.roster.contact[i] != 0 {
				f.touches = append(f.touches, touch{customer: key, need: int32(at), fact: -1})
				break
			}
		}
	}
}

// leave takes somebody who is no customer any more out of every segment.
func (f *following) leave(key uint32) {
	f.gone[key] = true
	for _, w := range f.e.watchers {
		w.Add(key)
	}
	for _, r := range f.roster.rules {
		if f.e.Recall.Look(r.Key).Contains(key) {
			f.put(r.Segment, key, false, cause{reason: ByMerge})
		}
	}
	for _, hand := range f.e.hand {
		f.putHand(hand, key, false)
	}
}

// move gives an origin's facts, and the lists by hand that she was put on, to another customer.
func (f *following) move(origin, to uint32) error {
	from, err := f.c.Move(origin, to)
	if err != nil {
		return err
	}
	if from == to {
		return nil
	}
	for _, key := range []uint32{from, to} {
		f.e.forgetLast(key)
		f.merged[key], f.everRead[key] = true, true
		f.touches = append(f.touches, touch{customer: key, need: everything, fact: -1})
	}
	for _, segment := range f.e.chosen[origin] {
		f.putHand(segment, to, true)
		f.putHand(segment, from, f.chosen(segment, from))
	}
	return nil
}

// chosen tells whether somebody is in a segment by hand through any of those she once was.
func (f *following) chosen(segment, customer uint32) bool {
	for origin, segments := range f.e.chosen {
		if slices.Contains(segments, segment) && f.c.Owner(origin) == customer {
			return true
		}
	}
	return false
}

// putHand says that somebody is in a segment by hand from this commit on, or is not.
func (f *following) putHand(segment, who uint32, in bool) {
	if f.hand[segment] == nil {
		f.hand[segment] = map[uint32]bool{}
	}
	f.hand[segment][who] = in
}

// settleHand brings the memberships by hand to what they should be.
func (f *following) settleHand(reason Reason) {
	for segment, who := range f.hand {
		for key, in := range who {
			why := cause{reason: reason}
			if f.merged[key] || f.gone[key] {
				why.reason = ByMerge
			}
			f.put(f.e.slugs[segment], key, in, why)
		}
	}
}

// erase forgets what was first given to somebody.
func (f *following) erase(origin uint32) error {
	owner, err := f.c.Forget(origin)
	if err != nil {
		return err
	}
	f.erased[origin], f.everRead[owner] = true, true
	f.touches = append(f.touches, touch{customer: owner, need: everything, fact: -1})
	return nil
}
