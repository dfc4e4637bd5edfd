package recall

import (
	"errors"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	fanIn     = 8                // runs of about the same length that become one
	mergeRest = time.Millisecond // between pieces of a merge: nobody waits for it
)

var errHalted = errors.New("the merge was halted")

// merging is the goroutine that merges runs.
type merging struct {
	once  sync.Once
	stop  chan struct{}
	ended chan struct{}
}

// due are the runs to be merged next: the oldest of those of the least length of which there are enough.
func (r *runs) due(shortest int) []*run {
	tiers := map[int][]*run{}
	for _, one := range r.list {
		tier := 0
		for n := one.claims / int64(shortest); n >= fanIn; n /= fanIn {
			tier++
		}
		tiers[tier] = append(tiers[tier], one)
	}
	for tier := range 64 {
		if len(tiers[tier]) >= fanIn {
			return tiers[tier][:fanIn]
		}
	}
	return nil
}

// mergeSoon lets runs be merged beside what else goes on, one merge at a time.
func (r *Recall) mergeSoon() {
	if r.merging != nil || r.still || r.runs.due(r.spillAfter) == nil {
		return
	}
	r.merging = &merging{stop: make(chan struct{}), ended: make(chan struct{})}
	go r.mergeAll(r.merging)
}

func (r *Recall) mergeAll(m *merging) {
	defer close(m.ended)
	for {
		r.claiming.Lock()
		due := r.runs.due(r.spillAfter)
		if due == nil || r.still || !r.roomFor(due) {
			r.merging = nil
			r.claiming.Unlock()
			return
		}
		number := r.runs.take()
		r.claiming.Unlock()
		err := r.merge(m, due, number)
		if err == nil {
			continue
		}
		r.claiming.Lock()
		defer r.claiming.Unlock()
		r.merging = nil
		if errors.Is(err, errDamaged) {
			r.still = true
			r.log.Error("recall cannot read message ids: they are made anew at the next start", "error", r.damaged(err).Error())
		} else if !errors.Is(err, errHalted) { // the next spill tries again
			r.log.Warn("recall could not merge message ids, and goes on with what there is", "error", err.Error())
		}
		return
	}
}

// mergeSpare is how much of the disk a merge leaves to others, in bytes.
const mergeSpare = 256 << 20

// roomFor tells whether the disk has room for runs a second time. Where it has not they are left as they are.
func (r *Recall) roomFor(due []*run) bool {
	need := uint64(mergeSpare)
	for _, one := range due {
		need += uint64(one.bytes())
	}
	use, err := vfs.Default.GetDiskUsage(r.folder)
	return err != nil || use.AvailBytes >= need
}

// haltMerge ends a merge that goes on, and lets none begin until still is taken back. What it wrote is given up.
func (r *Recall) haltMerge() {
	r.claiming.Lock()
	r.still = true
	m := r.merging
	r.claiming.Unlock()
	if m != nil {
		m.once.Do(func() { close(m.stop) })
		<-m.ended
	}
}

// merge writes runs as one and puts it in their place. Claims go on meanwhile: runs do not change.
func (r *Recall) merge(m *merging, due []*run, number uint64) error {
	made := run{number: number}
	for _, one := range due {
		made.claims += one.claims
		made.upTo = max(made.upTo, one.upTo)
	}
	t, err := newTournament(due)
	if err != nil {
		return err
	}
	merged, err := writeRun(r.runs.folder, made, t.fill, func() error {
		select {
		case <-m.stop:
			return errHalted
		case <-time.After(mergeRest):
			return nil
		}
	})
	if err != nil {
		return err
	}
	r.writing.Lock() // no commit that does not wait for the disk comes between the sync of the records and the one here
	defer r.writing.Unlock()
	r.claiming.Lock()
	defer r.claiming.Unlock()
	if err := r.people.sync(); err != nil {
		return errors.Join(err, merged.file.Close(), removeIfThere(merged.name(r.runs.folder)))
	}
	if err := r.keepRuns(r.runs.with(merged, due...), pebble.Sync, func(*pebble.Batch) error { return nil }); err != nil {
		return errors.Join(err, merged.file.Close()) // the engine may yet name it
	}
	return nil
}

// tournament merges runs: of each it knows the next claim, of each pair of those the one that lost and waits.
type tournament struct {
	walks  [fanIn]walk
	rest   [fanIn][]claim // of the page read, the next first; none of those that have ended
	losers [fanIn]int     // by node of a binary tree with the root at 1, whose leaves are the runs
	winner int
}

func newTournament(of []*run) (*tournament, error) {
	t := &tournament{}
	for i := range of {
		t.walks[i].run = of[i]
		var err error
		if t.rest[i], err = t.walks[i].next(); err != nil {
			return nil, err
		}
	}
	t.winner = t.play(1)
	return t, nil
}

// play tells who wins below a node.
func (t *tournament) play(node int) int {
	if node >= fanIn {
		return node - fanIn
	}
	a, b := t.play(2*node), t.play(2*node+1)
	if t.before(b, a) {
		a, b = b, a
	}
	t.losers[node] = b
	return a
}

func (t *tournament) before(a, b int) bool {
	if len(t.rest[a]) == 0 || len(t.rest[b]) == 0 {
		return len(t.rest[a]) > 0
	}
	return lessHash(&t.rest[a][0].hash, &t.rest[b][0].hash)
}

// fill gives the next claims of all.
func (t *tournament) fill(block []claim) error {
	for i := range block {
		w := t.winner
		if len(t.rest[w]) == 0 {
			return errDamaged
		}
		block[i] = t.rest[w][0]
		if t.rest[w] = t.rest[w][1:]; len(t.rest[w]) == 0 {
			var err error
			if t.rest[w], err = t.walks[w].next(); err != nil {
				return err
			}
		}
		for node := (w + fanIn) / 2; node > 0; node /= 2 {
			if l := t.losers[node]; t.before(l, w) {
				t.losers[node], w = w, l
			}
		}
		t.winner = w
	}
	return nil
}
