package recall

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Told calls f with what waits in the outbox, the oldest first, at most limit of it, and returns how far that was.
func (r *Recall) Told(limit int, f func(what []byte) error) (upTo uint64, err error) {
	stop := errors.New("enough")
	n := 0
	err = r.each([]byte{keyTold}, func(key, value []byte) error {
		if n >= limit {
			return stop
		}
		n++
		upTo = numberOf(key) + 1
		return f(append([]byte{}, value...))
	})
	if errors.Is(err, stop) {
		err = nil
	}
	return upTo, err
}

func numberOf(key []byte) (n uint64) {
	for _, b := range key[1:] {
		n = n<<8 | uint64(b)
	}
	return n
}

// DropTold forgets what was told. If a crash brings it back it is told again, under the same message id.
func (r *Recall) DropTold(upTo uint64) error {
	err := r.guard(func() error { return r.db.DeleteRange([]byte{keyTold}, numberKey(keyTold, upTo), pebble.NoSync) })
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	return nil
}

// Waiting counts what is in the outbox.
func (r *Recall) Waiting() (int64, error) {
	it, err := r.db.NewIter(&pebble.IterOptions{LowerBound: []byte{keyTold}, UpperBound: []byte{keyTold + 1}})
	if err != nil {
		return 0, fmt.Errorf("recall: %w", err)
	}
	n := int64(0)
	if it.First() {
		first := numberOf(it.Key())
		it.Last()
		n = int64(numberOf(it.Key()) - first + 1)
	}
	return n, errors.Join(it.Error(), it.Close())
}

// Retain is asked, when a record is written whole, which facts stay: a strand that no rule reads is forgotten, and so is what
// lies further back than any rule looks.
func (r *Recall) Retain(stays func(strand uint32, atUS int64) bool) {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.retain = stays
}

// Heft is how large what is here is: FilterBytes in memory, the others on the disk.
type Heft struct {
	IndexBytes, RecordBytes, LiveBytes, FilterBytes, ClaimBytes int64
}

// Heft measures.
func (r *Recall) Heft() Heft {
	r.claiming.Lock()
	filter, claims := r.ids.bytes()+r.recent.bytes(), r.runs.bytes()
	r.claiming.Unlock()
	r.mu.RLock()
	defer r.mu.RUnlock()
	size, live := r.people.bytes()
	return Heft{IndexBytes: int64(r.db.Metrics().DiskSpaceUsage()), RecordBytes: size, LiveBytes: live, FilterBytes: filter, ClaimBytes: claims}
}
