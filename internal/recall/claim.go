package recall

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/zeebo/xxh3"

	"github.com/dangol/dangol/internal/kit/fault"
)

// spillAfter is how many claims are gathered in memory before they are written as a run, with room for one large call of Claim behind
// them: they take 13 MB.
const spillAfter = 360_000

// A claim is the first place at which a message id stood. Files, and the values under keyFresh, hold claims as they lie in memory.
type claim struct {
	hash  xxh3.Uint128
	place uint64
}

// claimBatch is the room of one call of Claim, kept for the next.
type claimBatch struct {
	fresh []claim
	table []int32 // open addressing over fresh; 0 is free
}

func (b *claimBatch) reset(n int) {
	size := 16
	for size < 2*n {
		size *= 2
	}
	b.fresh = b.fresh[:0]
	if cap(b.table) < size {
		b.table = make([]int32, size)
	}
	b.table = b.table[:size]
	clear(b.table)
}

// slot finds an id among those of this batch, or where it would be.
func (b *claimBatch) slot(h xxh3.Uint128) (at int, known bool) {
	mask := len(b.table) - 1
	for at = int(h.Lo>>32) & mask; b.table[at] != 0; at = (at + 1) & mask {
		if b.fresh[b.table[at]-1].hash == h {
			return at, true
		}
	}
	return at, false
}

// Claim tells of each message id whether an earlier place has it, and claims the places of those that are new. places rise. A
// place that comes again is its own first, so a log that is read again gives the same answers.
func (r *Recall) Claim(ids []string, places []uint64, duplicate []bool) (int, error) {
	r.claiming.Lock()
	defer r.claiming.Unlock()
	b := &r.batch
	b.reset(len(ids))
	duplicates := 0
	for i, id := range ids {
		h := xxh3.HashString128(id)
		first, err := r.first(h, places[i])
		if err != nil {
			return 0, err
		}
		duplicate[i] = first != places[i]
		if duplicate[i] {
			duplicates++
		}
	}
	if len(b.fresh) == 0 {
		return duplicates, nil
	}
	for _, c := range b.fresh { // first, for a filter that knows more than there is only costs a look
		if err := r.ids.add(c.hash); err != nil {
			return 0, err
		}
	}
	if err := r.keepClaims(); err != nil {
		return 0, err
	}
	r.unsaved += len(b.fresh)
	return duplicates, r.makeRoom()
}

// first is the place that has the id: the one given, where no other had it before.
func (r *Recall) first(h xxh3.Uint128, place uint64) (uint64, error) {
	b := &r.batch
	at, known := b.slot(h)
	if known {
		return b.fresh[b.table[at]-1].place, nil
	}
	if r.ids.maybe(h) {
		if first, known := r.recent.find(h); known {
			return first, nil
		}
		first, known, err := r.runs.find(h)
		if err != nil {
			return 0, r.damaged(err)
		}
		if known {
			return first, nil
		}
	}
	b.fresh = append(b.fresh, claim{h, place})
	b.table[at] = int32(len(b.fresh))
	return place, nil
}

// keepClaims puts the new claims into the engine, from where the next start takes those that are in no run, and into memory.
func (r *Recall) keepClaims() error {
	fresh := r.batch.fresh
	if err := r.recent.reserve(len(r.recent.claims) + len(fresh)); err != nil {
		return err
	}
	batch := r.db.NewBatchWithSize(len(claimBytes(fresh)) + 64)
	err := batch.Set(numberKey(keyFresh, r.fresh), claimBytes(fresh), nil)
	r.fresh++
	if err == nil {
		err = r.commit(batch, pebble.NoSync)
	}
	if err := errors.Join(err, batch.Close()); err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	for _, c := range fresh {
		r.recent.add(c)
	}
	return nil
}

// makeRoom writes the recent claims as a run when there are enough of them. Where that fails they stay where they are, and it is tried
// again when some more have come. Of far too many the claim waits for room on the disk, as the engine does, and fails by anything else.
func (r *Recall) makeRoom() error {
	n := len(r.recent.claims)
	if n < r.spillAt {
		return nil
	}
	err := r.spill()
	if err == nil || errors.Is(err, errDamaged) {
		return r.damaged(err)
	}
	if n < 2*r.spillAfter && !r.broken.Load() {
		r.log.Warn("recall keeps message ids in memory that could not be written", "ids", n, "error", err.Error())
		r.spillAt = n + r.spillAfter/8
		return nil
	}
	for vfs.IsNoSpaceError(err) && !r.room.released() {
		r.room.wait()
		err = r.spill()
	}
	if err == nil {
		return nil
	}
	return fault.New(fault.Unavailable, "recall.not_written", "the message ids that came cannot be written").
		At(fault.Place{File: r.folder}).Then("See that the disk has room and can be written; what was not taken comes again from the log.").Because(err)
}

// spill writes the recent claims as a run. The engine forgets them in the batch that names the run, which needs no sync of its own: a
// crash that loses it brings them back, and leaves a file that nothing names.
func (r *Recall) spill() error {
	number := r.runs.take()
	sortClaims(r.recent.claims, 56)
	made, err := r.writeClaims(number)
	if err == nil {
		err = r.keepRuns(r.runs.with(made), pebble.NoSync, func(b *pebble.Batch) error {
			return b.DeleteRange([]byte{keyFresh}, numberKey(keyFresh, r.fresh), nil)
		})
		if err != nil {
			err = errors.Join(err, made.file.Close()) // the engine may yet name it
		}
	}
	if err != nil {
		r.recent.rehash()
		return err
	}
	r.recent.reset()
	r.spillAt = r.spillAfter
	if r.unsaved >= fanIn*r.spillAfter {
		if err := r.saveFilter(); err != nil {
			r.log.Warn("recall could not save its filter: the next start makes it anew of more", "error", err.Error())
		}
	}
	r.mergeSoon()
	return nil
}

// writeClaims makes a run of the recent claims, which are sorted.
func (r *Recall) writeClaims(number uint64) (*run, error) {
	rest := r.recent.claims
	return writeRun(r.runs.folder, run{number: number, claims: int64(len(rest)), upTo: number}, func(block []claim) error {
		rest = rest[copy(block, rest):]
		return nil
	}, func() error { return nil })
}

// saveFilter writes the filter, and up to which spill it knows every run. What it knows beyond that does no harm, so that nothing is synced.
func (r *Recall) saveFilter() error {
	if r.unsaved == 0 {
		return nil
	}
	if err := r.ids.save(r.folder); err != nil {
		return err
	}
	saved := binary.BigEndian.AppendUint64(nil, uint64(len(r.ids.eras)))
	saved = binary.BigEndian.AppendUint64(saved, r.runs.upTo())
	batch := r.db.NewBatch()
	err := errors.Join(batch.Set(keptKey(filterKept), saved, nil), r.commit(batch, pebble.NoSync), batch.Close())
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	r.unsaved = 0
	return nil
}

// loadClaims opens the runs, brings back the claims that are in none, and the filter.
func (r *Recall) loadClaims() error {
	var err error
	if r.fresh, err = r.lastNumber(keyFresh); err != nil {
		return err
	}
	table, err := r.keptBytes(runsKept)
	if err != nil {
		return err
	}
	if err := r.runs.open(table); err != nil {
		return err
	}
	if err := r.loadFilter(); err != nil {
		return err
	}
	r.spillAt = r.spillAfter
	return r.each([]byte{keyFresh}, func(_, value []byte) error {
		if len(value)%claimSize != 0 {
			return errDamaged
		}
		some := make([]claim, len(value)/claimSize)
		copy(claimBytes(some), value)
		if err := r.recent.reserve(len(r.recent.claims) + len(some)); err != nil {
			return err
		}
		for _, c := range some {
			r.recent.add(c)
			if err := r.learn(c.hash); err != nil {
				return err
			}
		}
		return nil
	})
}

// learn lets the filter know an id that it may have known when it was saved.
func (r *Recall) learn(h xxh3.Uint128) error {
	if r.ids.maybe(h) {
		return nil
	}
	r.unsaved++
	return r.ids.add(h)
}

// loadFilter reads the filter saved and adds what the runs hold that were written since; where it cannot be read, all of them.
func (r *Recall) loadFilter() error {
	saved, err := r.keptBytes(filterKept)
	if err != nil {
		return err
	}
	upTo := uint64(0)
	if len(saved) == 16 {
		if err := r.ids.load(r.folder, int(binary.BigEndian.Uint64(saved))); err == nil {
			upTo = binary.BigEndian.Uint64(saved[8:])
		} else {
			r.log.Warn("recall makes its filter anew", "reason", err)
		}
	}
	for _, one := range r.runs.list {
		if one.upTo <= upTo {
			continue
		}
		if err := one.each(func(c *claim) error { return r.learn(c.hash) }); err != nil {
			return err
		}
	}
	return nil
}

// DropClaims forgets every message id, before they are claimed anew.
func (r *Recall) DropClaims() error {
	r.haltMerge()
	r.writing.Lock() // no commit that does not wait for the disk comes between the sync of the records and the one here
	defer r.writing.Unlock()
	r.claiming.Lock()
	defer r.claiming.Unlock()
	defer func() { r.still = false }()
	if err := r.people.sync(); err != nil {
		return err
	}
	err := r.keepRuns(nil, pebble.Sync, func(b *pebble.Batch) error {
		return errors.Join(b.DeleteRange([]byte{keyFresh}, []byte{keyFresh + 1}, nil), b.Delete(keptKey(filterKept), nil))
	})
	if err != nil {
		return err
	}
	r.unsaved, r.fresh, r.spillAt = 0, 0, r.spillAfter
	return errors.Join(r.recent.close(), r.ids.close())
}
