package recall

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/cockroachdb/pebble/v2"
)

// Two bitmaps are no segments: the people there are, and those whose records are too long to be kept.
const (
	Population uint32 = 0
	Heavy      uint32 = 1
	// FirstSegment is the least number that a segment may have.
	FirstSegment uint32 = 16
)

// membership is a segment's bitmap, with what was written since it was last written whole.
type membership struct {
	bits    *roaring.Bitmap
	rev     uint64
	pending int // bytes of changes since the snapshot
}

// snapshotAfter is how many bytes of changes are kept before a bitmap is written whole again.
const snapshotAfter = 256 << 10

func (r *Recall) loadMembers() error {
	err := r.each([]byte{keyBitmap}, func(key, value []byte) error {
		rev, n := binary.Uvarint(value)
		if len(key) != 5 || n <= 0 {
			return errDamaged
		}
		m := &membership{bits: roaring.New(), rev: rev}
		if err := m.bits.UnmarshalBinary(bytes.Clone(value[n:])); err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
		r.members[binary.BigEndian.Uint32(key[1:])] = m
		return nil
	})
	if err != nil {
		return err
	}
	return r.each([]byte{keyChange}, func(key, value []byte) error {
		if len(key) != 13 {
			return errDamaged
		}
		m := r.membership(binary.BigEndian.Uint32(key[1:]))
		rev := binary.BigEndian.Uint64(key[5:])
		if rev <= m.rev {
			return nil
		}
		entered, left, err := decodeChange(value)
		if err != nil {
			return err
		}
		m.apply(entered, left)
		m.rev = rev
		m.pending += len(value)
		return nil
	})
}

func (r *Recall) membership(segment uint32) *membership {
	m := r.members[segment]
	if m == nil {
		m = &membership{bits: roaring.New()}
		r.members[segment] = m
	}
	return m
}

func (m *membership) apply(entered, left []uint32) {
	m.bits.AddMany(entered)
	for _, c := range left {
		m.bits.Remove(c)
	}
}

func encodeChange(entered, left []uint32) []byte {
	b := binary.AppendUvarint(make([]byte, 0, 8+4*(len(entered)+len(left))), uint64(len(entered)))
	for _, list := range [][]uint32{entered, left} {
		for _, c := range list {
			b = binary.LittleEndian.AppendUint32(b, c)
		}
	}
	return b
}

func decodeChange(b []byte) (entered, left []uint32, err error) {
	n, used := binary.Uvarint(b)
	b = b[max(used, 0):]
	if used <= 0 || len(b)%4 != 0 || n > uint64(len(b)/4) {
		return nil, nil, errDamaged
	}
	all := make([]uint32, len(b)/4)
	for i := range all {
		all[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return all[:n], all[n:], nil
}

// Contains tells whether a customer is in a segment.
func (r *Recall) Contains(segment, customer uint32) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	m := r.members[segment]
	return m != nil && m.bits.Contains(customer)
}

// Size is the number of a segment's members.
func (r *Recall) Size(segment uint32) int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if m := r.members[segment]; m != nil {
		return int64(m.bits.GetCardinality())
	}
	return 0
}

// Revision counts the changes of a segment's members.
func (r *Recall) Revision(segment uint32) uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if m := r.members[segment]; m != nil {
		return m.rev
	}
	return 0
}

// Members is a copy of a segment's bitmap.
func (r *Recall) Members(segment uint32) *roaring.Bitmap {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if m := r.members[segment]; m != nil {
		return m.bits.Clone()
	}
	return roaring.New()
}

// Look shows a segment's bitmap as of the last commit to whoever makes commits; nobody else may use it, and nobody changes it.
func (r *Recall) Look(segment uint32) *roaring.Bitmap {
	if m := r.members[segment]; m != nil {
		return m.bits
	}
	return none
}

var none = roaring.New()

// Since tells when a member came in; known is false for one who was there when the segment began.
func (r *Recall) Since(segment, customer uint32) (atUS int64, known bool, err error) {
	v, err := r.value(sinceKey(segment, customer))
	if err != nil || len(v) != 8 {
		return 0, false, err
	}
	return int64(binary.BigEndian.Uint64(v)), true, nil
}

func sinceKey(segment, customer uint32) []byte {
	return binary.BigEndian.AppendUint32(wordKey(keySince, segment), customer)
}

// Hour is the size of a segment at the end of an hour, and who came and went in it.
type Hour struct {
	StartUS             int64
	Size, Entered, Left int64
}

const hourUS = 3600 * 1_000_000

// History calls f with each hour in which a segment changed, from an instant on.
func (r *Recall) History(segment uint32, fromUS int64, f func(Hour) error) error {
	prefix := wordKey(keyHistory, segment)
	return r.each(prefix, func(key, value []byte) error {
		if len(key) != 9 {
			return errDamaged
		}
		h := Hour{StartUS: int64(binary.BigEndian.Uint32(key[5:])) * hourUS}
		if h.StartUS+hourUS <= fromUS {
			return nil
		}
		if err := h.decode(value); err != nil {
			return err
		}
		return f(h)
	})
}

func (h *Hour) decode(b []byte) error {
	for _, to := range []*int64{&h.Size, &h.Entered, &h.Left} {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return errDamaged
		}
		*to, b = int64(v), b[n:]
	}
	return nil
}

func (h Hour) encode() []byte {
	b := binary.AppendUvarint(nil, uint64(h.Size))
	b = binary.AppendUvarint(b, uint64(h.Entered))
	return binary.AppendUvarint(b, uint64(h.Left))
}

// change is what a commit does to one segment.
type change struct {
	entered, left []uint32
	began         *roaring.Bitmap // the segment's members from now on, instead of those before
	drop          bool
}

// keepMembers writes the changes of memberships into the batch and returns what to do when it has committed.
func (r *Recall) keepMembers(batch *pebble.Batch, changes map[uint32]*change, nowUS int64) (settle func(), err error) {
	var after []func()
	for segment, c := range changes {
		var f func()
		switch {
		case c.drop:
			f, err = r.dropMembers(batch, segment)
		case c.began != nil:
			f, err = r.beginMembers(batch, segment, c, nowUS)
		default:
			f, err = r.changeMembers(batch, segment, c, nowUS)
		}
		if err != nil {
			return nil, err
		}
		after = append(after, f)
	}
	return func() {
		for _, f := range after {
			f()
		}
	}, nil
}

func (r *Recall) dropMembers(batch *pebble.Batch, segment uint32) (func(), error) {
	var errs []error
	for _, kind := range []byte{keyBitmap, keyChange, keySince, keyHistory} {
		prefix := wordKey(kind, segment)
		errs = append(errs, batch.DeleteRange(prefix, behind(prefix), nil))
	}
	return func() { delete(r.members, segment) }, errors.Join(errs...)
}

// beginMembers writes a bitmap whole. Who is in it was there from the beginning and has no time of entering; who entered or left
// by the same commit did so after the beginning.
func (r *Recall) beginMembers(batch *pebble.Batch, segment uint32, c *change, nowUS int64) (func(), error) {
	m := &membership{bits: c.began, rev: 1}
	if old := r.members[segment]; old != nil {
		m.rev = old.rev + 1
	}
	if len(c.entered)+len(c.left) > 0 {
		m.bits = c.began.Clone()
		m.apply(c.entered, c.left)
	}
	prefix := wordKey(keySince, segment)
	err := errors.Join(batch.DeleteRange(prefix, behind(prefix), nil), r.snapshot(batch, segment, m.bits, m.rev))
	if segment >= FirstSegment {
		for _, who := range c.entered {
			err = errors.Join(err, batch.Set(sinceKey(segment, who), binary.BigEndian.AppendUint64(nil, uint64(nowUS)), nil))
		}
		err = errors.Join(err, r.keepHour(batch, segment, Hour{Size: int64(m.bits.GetCardinality()), Entered: int64(len(c.entered)), Left: int64(len(c.left))}, nowUS))
	}
	return func() { r.members[segment] = m }, err
}

func (r *Recall) snapshot(batch *pebble.Batch, segment uint32, bits *roaring.Bitmap, rev uint64) error {
	raw, err := bits.ToBytes()
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	prefix := wordKey(keyChange, segment)
	return errors.Join(batch.Set(wordKey(keyBitmap, segment), append(binary.AppendUvarint(nil, rev), raw...), nil), batch.DeleteRange(prefix, behind(prefix), nil))
}

func (r *Recall) changeMembers(batch *pebble.Batch, segment uint32, c *change, nowUS int64) (func(), error) {
	m := r.members[segment]
	if m == nil {
		m = &membership{bits: roaring.New()}
	}
	rev, text := m.rev+1, encodeChange(c.entered, c.left)
	settled := func() {
		r.members[segment] = m
		m.apply(c.entered, c.left)
		m.rev = rev
		m.pending += len(text)
	}
	if m.pending+len(text) > snapshotAfter {
		next := m.bits.Clone()
		(&membership{bits: next}).apply(c.entered, c.left)
		if err := r.snapshot(batch, segment, next, rev); err != nil {
			return nil, err
		}
		settled = func() { r.members[segment] = &membership{bits: next, rev: rev} }
	} else if err := batch.Set(binary.BigEndian.AppendUint64(wordKey(keyChange, segment), rev), text, nil); err != nil {
		return nil, err
	}
	if segment < FirstSegment {
		return settled, nil
	}
	now := binary.BigEndian.AppendUint64(nil, uint64(nowUS))
	for _, who := range c.entered {
		if err := batch.Set(sinceKey(segment, who), now, nil); err != nil {
			return nil, err
		}
	}
	for _, who := range c.left {
		if err := batch.Delete(sinceKey(segment, who), nil); err != nil {
			return nil, err
		}
	}
	size := int64(m.bits.GetCardinality()) + int64(len(c.entered)) - int64(len(c.left))
	return settled, r.keepHour(batch, segment, Hour{Size: size, Entered: int64(len(c.entered)), Left: int64(len(c.left))}, nowUS)
}

func (r *Recall) keepHour(batch *pebble.Batch, segment uint32, h Hour, nowUS int64) error {
	key := binary.BigEndian.AppendUint32(wordKey(keyHistory, segment), uint32(max(nowUS, 0)/hourUS))
	b, err := r.value(key)
	if err != nil {
		return err
	}
	if b != nil {
		var before Hour
		if err := before.decode(b); err != nil {
			return err
		}
		h.Entered, h.Left = h.Entered+before.Entered, h.Left+before.Left
	}
	return batch.Set(key, h.encode(), nil)
}
