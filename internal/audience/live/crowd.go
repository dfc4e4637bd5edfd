package live

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/dangol/dangol/internal/kit/patient"
	"github.com/dangol/dangol/internal/query/rule/ref"
)

// crowd is people to be evaluated by one commit. What a rule says of one does not depend on another, so that all cores look at them; what
// follows from it is done by one, in the order of the people.
type crowd struct {
	list []looked
	bits []uint64 // of each: the rules that are asked, then those that hold
}

// looked is one of them.
type looked struct {
	who    uint32
	why    cause
	lastUS int64 // of all her facts; 0 where that was known
}

const (
	fewLooked   = 256 // who are not worth another goroutine
	mostLookers = 4
	lookedPiece = 32
)

func (c *crowd) add(who uint32, asked mask, why cause) {
	c.list = append(c.list, looked{who: who, why: why})
	c.bits = append(append(c.bits, asked...), make([]uint64, len(asked))...)
}

// masks are the rules asked of the i-th, and those that hold.
func (c *crowd) masks(i int) (asked, holds mask) {
	words := len(c.bits) / len(c.list)
	own := c.bits[i*words : (i+1)*words]
	return own[:words/2], own[words/2:]
}

// lookAt evaluates everybody, and then moves who is to be moved.
func (f *following) lookAt(c *crowd) error {
	if len(c.list) == 0 {
		return nil
	}
	f.c.Sort()
	lookers := 1
	if len(c.list) >= fewLooked {
		lookers = min(runtime.NumCPU(), mostLookers)
	}
	for len(f.roster.evals) < lookers {
		f.roster.evals = append(f.roster.evals, ref.New(f.roster.set))
	}
	var next atomic.Int64
	errs := make([]error, lookers)
	var all sync.WaitGroup
	for w := range lookers {
		as := &f.person
		if w > 0 {
			as = &person{columns: f.person.columns, in: f.in}
		}
		all.Go(func() { patient.Do(func() { errs[w] = f.lookAtSome(c, &next, f.roster.evals[w], as) }) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	for i := range c.list {
		one := &c.list[i]
		if one.lastUS > 0 {
			f.e.knowLast(one.who, one.lastUS)
		}
		asked, holds := c.masks(i)
		for k, s := range f.roster.rules {
			if asked.has(k) {
				f.put(s.Segment, one.who, holds.has(k), one.why)
			}
		}
	}
	f.e.counts.evaluated.Add(int64(len(c.list)))
	return f.person.columns.err
}

// lookAtSome evaluates pieces of the crowd until none is left.
func (f *following) lookAtSome(c *crowd, next *atomic.Int64, eval *ref.Evaluator, p *person) error {
	r := f.roster
	for {
		to := int(next.Add(lookedPiece))
		for i := to - lookedPiece; i < min(to, len(c.list)); i++ {
			latest := f.e.lastUnknown(c.list[i].who)
			if err := f.c.Load(c.list[i].who, &r.slots, len(r.needs), latest, &p.record); err != nil {
				return err
			}
			if latest {
				c.list[i].lastUS = max(p.record.LastUS, 1)
			}
			eval.Begin(p, f.nowUS)
			asked, holds := c.masks(i)
			for k := range r.rules {
				if asked.has(k) && eval.Holds(k) {
					holds.set(k)
				}
			}
			if err := f.e.Recall.Sound(&p.record); err != nil {
				return err
			}
		}
		if to >= len(c.list) {
			return nil
		}
	}
}
