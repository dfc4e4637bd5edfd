package recall

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/zeebo/xxh3"
)

// saveEvery is how many ids may come before the filter is saved; those since are read again after a crash.
const saveEvery = 4 << 20

// claimBatch is the room of one call of Claim, kept for the next.
type claimBatch struct {
	fresh []freshID
	table []int32 // open addressing over fresh; 0 is free
	log   []byte
}

type freshID struct {
	hash  xxh3.Uint128
	place uint64
}

func (b *claimBatch) reset(n int) {
	size := 16
	for size < 2*n {
		size *= 2
	}
	b.fresh, b.log = b.fresh[:0], b.log[:0]
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
	if err := r.keepClaims(); err != nil {
		return 0, err
	}
	for _, f := range b.fresh {
		if err := r.ids.add(f.hash); err != nil {
			return 0, err
		}
	}
	if r.unsaved += len(b.fresh); r.unsaved >= saveEvery {
		return duplicates, r.saveFilter()
	}
	return duplicates, nil
}

// first is the place that has the id: the one given, where no other had it before.
func (r *Recall) first(h xxh3.Uint128, place uint64) (uint64, error) {
	b := &r.batch
	at, known := b.slot(h)
	if known {
		return b.fresh[b.table[at]-1].place, nil
	}
	if r.ids.maybe(h) {
		v, closer, err := r.db.Get(claimKey(make([]byte, 0, 17), h))
		if err == nil {
			first := binary.BigEndian.Uint64(v)
			return first, closer.Close()
		}
		if !errors.Is(err, pebble.ErrNotFound) {
			return 0, fmt.Errorf("recall: %w", err)
		}
	}
	b.fresh = append(b.fresh, freshID{h, place})
	b.table[at] = int32(len(b.fresh))
	return place, nil
}

func claimKey(b []byte, h xxh3.Uint128) []byte {
	b = append(b, keyClaim)
	b = binary.BigEndian.AppendUint64(b, h.Hi)
	return binary.BigEndian.AppendUint64(b, h.Lo)
}

func (r *Recall) keepClaims() error {
	b := &r.batch
	for _, f := range b.fresh {
		b.log = binary.BigEndian.AppendUint64(b.log, f.hash.Hi)
		b.log = binary.BigEndian.AppendUint64(b.log, f.hash.Lo)
	}
	// A sorted run is cheaper to put into the memtable.
	slices.SortFunc(b.fresh, func(a, b freshID) int {
		if a.hash.Hi != b.hash.Hi {
			if a.hash.Hi < b.hash.Hi {
				return -1
			}
			return 1
		}
		if a.hash.Lo < b.hash.Lo {
			return -1
		}
		return 1
	})
	batch := r.db.NewBatchWithSize(len(b.fresh)*30 + len(b.log) + 64)
	for _, f := range b.fresh {
		d := batch.SetDeferred(17, 8)
		claimKey(d.Key[:0], f.hash)
		binary.BigEndian.PutUint64(d.Value, f.place)
		if err := d.Finish(); err != nil {
			return errors.Join(fmt.Errorf("recall: %w", err), batch.Close())
		}
	}
	if err := batch.Set(numberKey(keyFresh, r.fresh), b.log, nil); err != nil {
		return errors.Join(fmt.Errorf("recall: %w", err), batch.Close())
	}
	r.fresh++
	if err := errors.Join(r.commit(batch, pebble.NoSync), batch.Close()); err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	return nil
}

// saveFilter writes the filter and forgets the list of what came since the time before.
func (r *Recall) saveFilter() error {
	if r.unsaved == 0 {
		return nil
	}
	if err := r.ids.save(r.folder); err != nil {
		return err
	}
	if err := r.people.sync(); err != nil { // the batch brings the tables of earlier commits to the disk
		return err
	}
	batch := r.db.NewBatch()
	count := binary.BigEndian.AppendUint64(nil, uint64(len(r.ids.eras)))
	err := errors.Join(batch.Set(keptKey(filterKept), count, nil), batch.DeleteRange([]byte{keyFresh}, numberKey(keyFresh, r.fresh), nil), r.commit(batch, pebble.Sync), batch.Close())
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	r.unsaved = 0
	return nil
}

// loadFilter reads the filter saved and adds what came since; where it cannot be read it is made anew of all claims.
func (r *Recall) loadFilter() error {
	var err error
	if r.fresh, err = r.lastNumber(keyFresh); err != nil {
		return err
	}
	count, err := r.keptBytes(filterKept)
	if err != nil {
		return err
	}
	if len(count) == 8 {
		if err := r.ids.load(r.folder, int(binary.BigEndian.Uint64(count))); err != nil {
			r.log.Warn("recall makes its filter anew", "reason", err)
			return r.filterClaims()
		}
	}
	return r.each([]byte{keyFresh}, func(_, value []byte) error {
		for ; len(value) >= 16; value = value[16:] {
			if err := r.ids.add(xxh3.Uint128{Hi: binary.BigEndian.Uint64(value), Lo: binary.BigEndian.Uint64(value[8:])}); err != nil {
				return err
			}
			r.unsaved++
		}
		return nil
	})
}

func (r *Recall) filterClaims() error {
	return r.each([]byte{keyClaim}, func(key, _ []byte) error {
		if len(key) != 17 || !bytes.HasPrefix(key, []byte{keyClaim}) {
			return errDamaged
		}
		r.unsaved++
		return r.ids.add(xxh3.Uint128{Hi: binary.BigEndian.Uint64(key[1:]), Lo: binary.BigEndian.Uint64(key[9:])})
	})
}

// DropClaims forgets every message id, before they are claimed anew.
func (r *Recall) DropClaims() error {
	r.claiming.Lock()
	defer r.claiming.Unlock()
	batch := r.db.NewBatch()
	err := errors.Join(batch.DeleteRange([]byte{keyClaim}, []byte{keyFresh + 1}, nil), batch.Delete(keptKey(filterKept), nil), r.commit(batch, pebble.Sync), batch.Close())
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	r.unsaved, r.fresh = 0, 0
	return r.ids.close()
}
