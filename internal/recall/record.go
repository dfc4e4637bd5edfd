package recall

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/dangol/dangol/internal/query/rule"
)

// Fact is one thing that a person did, as a strand keeps it.
type Fact struct {
	Strand uint32
	AtUS   int64
	Place  uint64
	Origin uint32 // the person it was first given to
	Values []rule.Value
}

// A fact in a payload is: strand, time, place, origin (0: the customer herself, else one more than its key), the length of the
// values, and each value's length (0: unset, else one more) with its text. Numbers are varints; the time is a signed one.
func appendFact(b []byte, customer uint32, f *Fact) []byte {
	b = binary.AppendUvarint(b, uint64(f.Strand))
	b = binary.AppendVarint(b, f.AtUS)
	b = binary.AppendUvarint(b, f.Place)
	if f.Origin == customer {
		b = append(b, 0)
	} else {
		b = binary.AppendUvarint(b, uint64(f.Origin)+1)
	}
	size := 0
	for i := range f.Values {
		size += valueSize(&f.Values[i])
	}
	b = binary.AppendUvarint(b, uint64(size))
	for i := range f.Values {
		v := &f.Values[i]
		if !v.Set {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, uint64(len(v.Text))+1)
		b = append(b, v.Text...)
	}
	return b
}

func valueSize(v *rule.Value) int {
	if !v.Set {
		return 1
	}
	n, size := uint64(len(v.Text))+1, len(v.Text)+1
	for ; n >= 0x80; n >>= 7 {
		size++
	}
	return size
}

// packed is a fact as it lies in a payload.
type packed struct {
	strand   uint32
	origin   uint32
	atUS     int64
	place    uint64
	values   []byte
	from, to int // of the whole fact
}

// next reads the fact at position from of a customer's payload.
func (f *packed) next(b []byte, from int, customer uint32) bool {
	at := from
	strand, n := binary.Uvarint(b[at:])
	if n <= 0 {
		return false
	}
	at += n
	when, n := binary.Varint(b[at:])
	if n <= 0 {
		return false
	}
	at += n
	place, n := binary.Uvarint(b[at:])
	if n <= 0 {
		return false
	}
	at += n
	origin, n := binary.Uvarint(b[at:])
	if n <= 0 {
		return false
	}
	at += n
	size, n := binary.Uvarint(b[at:])
	if n <= 0 || size > uint64(len(b)-at-n) {
		return false
	}
	at += n
	f.strand, f.atUS, f.place, f.origin = uint32(strand), when, place, customer
	if origin > 0 {
		f.origin = uint32(origin - 1)
	}
	f.values, f.from, f.to = b[at:at+int(size)], from, at+int(size)
	return true
}

// Record is what one person did, on the strands that somebody asked for. It is filled again and again; what it shows is valid
// until the next time.
type Record struct {
	Customer uint32
	Facts    int   // stored, on whatever strands
	LastUS   int64 // the latest of them
	slots    *Slots
	groups   []group  // by slot: of the whole record
	packed   [][]lain // by slot: of what lies behind it
	lain     []lain
	moments  [][]rule.Moment
	ready    []bool
	values   []rule.Value
	payload  []byte
	chain    []link
	err      error
	unread   *people // where the rest is read from, if it has not been
	rest     link    // the newest chunk that was not
	has      strands // in the rest, as far as that is known
}

// group is where the facts of a strand lie in the payload.
type group struct{ from, to int }

// lain is where a fact lies in the payload. Most strands of a record are never looked at, so values are read when they are.
type lain struct {
	atUS     int64
	place    uint64
	from, to uint32
}

func (l lain) compare(m lain) int {
	if l.atUS != m.atUS {
		return cmp.Compare(l.atUS, m.atUS)
	}
	return cmp.Compare(l.place, m.place)
}

// Moments are the facts of a strand's slot, by time and place.
func (r *Record) Moments(slot int) []rule.Moment {
	if slot < 0 || slot >= len(r.packed) {
		return nil
	}
	if r.ready[slot] {
		return r.moments[slot]
	}
	if r.unread != nil && (r.has == 0 || r.has&r.slots.strandsOf(slot) != 0) {
		r.fetch()
	}
	r.ready[slot] = true
	list := r.moments[slot]
	for _, l := range inOrder(r.all(slot)) {
		values := r.read(r.payload[l.from:l.to])
		if pick := r.slots.Pick; pick != nil && pick[slot] != nil {
			values = r.pick(values, pick[slot])
		}
		list = append(list, rule.Moment{AtUS: l.atUS, Place: l.place, Values: values})
	}
	r.moments[slot] = list
	return list
}

// all is where the facts of a slot lie.
func (r *Record) all(slot int) []lain {
	g := r.groups[slot]
	if g.from == g.to {
		return r.packed[slot]
	}
	r.lain = r.lain[:0]
	var f packed
	for at := g.from; at < g.to; at = f.to {
		if !f.next(r.payload[:g.to], at, r.Customer) || !valuesFit(f.values) {
			r.err = errDamaged
			break
		}
		r.lain = append(r.lain, f.lain())
	}
	r.lain = append(r.lain, r.packed[slot]...)
	return r.lain
}

func (f *packed) lain() lain {
	return lain{f.atUS, f.place, uint32(f.to - len(f.values)), uint32(f.to)}
}

// inOrder sorts by time and place, and leaves out what is there twice: a strand that is being filled may hear of a fact from
// the log and from the warehouse.
func inOrder(list []lain) []lain {
	sorted := true
	for i := 1; i < len(list) && sorted; i++ {
		sorted = list[i-1].compare(list[i]) < 0
	}
	if sorted {
		return list
	}
	slices.SortStableFunc(list, lain.compare)
	return slices.CompactFunc(list, func(a, b lain) bool { return a.compare(b) == 0 })
}

func (r *Record) pick(values []rule.Value, which []int32) []rule.Value {
	from := len(r.values)
	for _, i := range which {
		if int(i) < len(values) {
			r.values = append(r.values, values[i])
		} else {
			r.values = append(r.values, rule.Value{})
		}
	}
	return r.values[from:len(r.values):len(r.values)]
}

// read decodes the values of a fact, whose lengths were checked.
func (r *Record) read(v []byte) []rule.Value {
	from := len(r.values)
	for len(v) > 0 {
		n, used := binary.Uvarint(v)
		if v = v[used:]; n == 0 {
			r.values = append(r.values, rule.Value{})
			continue
		}
		r.values = append(r.values, rule.ValueOf(textOf(v[:n-1])))
		v = v[n-1:]
	}
	return r.values[from:len(r.values):len(r.values)]
}

// Sound says whether all was shown that Moments was asked for: facts are read when they are asked for, and may not read as they were
// written.
func (r *Recall) Sound(record *Record) error { return r.damaged(record.err) }

// begin empties the record for another person; count is how many slots there are.
func (r *Record) begin(customer uint32, slots *Slots, count int) {
	r.Customer, r.Facts, r.LastUS, r.slots, r.err, r.unread = customer, 0, 0, slots, nil, nil
	for len(r.packed) < count {
		r.groups, r.packed, r.moments, r.ready = append(r.groups, group{}), append(r.packed, nil), append(r.moments, nil), append(r.ready, false)
	}
	r.groups, r.packed, r.moments, r.ready = r.groups[:count], r.packed[:count], r.moments[:count], r.ready[:count]
	for i := range r.packed {
		r.groups[i], r.packed[i], r.moments[i], r.ready[i] = group{}, r.packed[i][:0], r.moments[i][:0], false
	}
	r.values, r.payload, r.chain = r.values[:0], r.payload[:0], r.chain[:0]
}

// load reads what is stored. A strand without a slot is passed over.
func (r *Record) load(p *people) error { return r.from(p, p.find(r.Customer)) }

// from reads a chain from one of its chunks on.
func (r *Record) from(p *people, l link) (err error) {
	base := len(r.payload)
	r.chain = r.chain[:0]
	if r.payload, r.chain, err = p.readFrom(r.Customer, l, r.payload, r.chain); err != nil {
		return err
	}
	return parts(len(r.payload)-base, r.chain, func(from, to int, whole bool) error {
		from, to = base+from, base+to
		if !whole || from == to {
			return r.take(from, to)
		}
		var c contents
		ok := c.read(r.payload[from:to], func(strand uint32, begin, end int) {
			if slot := r.slots.of(strand); slot >= 0 {
				r.groups[slot] = group{from + begin, from + end}
			}
		})
		if !ok {
			return p.damagedFor(r.Customer)
		}
		r.Facts, r.LastUS = r.Facts+c.facts, max(r.LastUS, c.lastUS)
		return nil
	})
}

// postpone takes what is known of a record without reading: its newest chunks, and which strands the others have.
func (r *Record) postpone(p *people) error {
	newest := p.find(r.Customer)
	if newest == 0 {
		return nil
	}
	r.unread, r.rest, r.has = p, newest, 0
	t, ok := p.tails.of(r.Customer, newest)
	if !ok {
		return nil
	}
	r.rest, r.has = t.links[t.known], t.has
	r.payload = append(r.payload, t.payload...)
	return parts(len(t.payload), t.links[:t.known], func(from, to int, _ bool) error { return r.take(from, to) })
}

// fetch reads what was postponed.
func (r *Record) fetch() {
	p := r.unread
	r.unread = nil
	if err := r.from(p, r.rest); err != nil {
		r.err = err
	}
}

// take finds the facts of a part of the payload that are there as they came.
func (r *Record) take(from, to int) error {
	var f packed
	for at := from; at < to; at = f.to {
		if !f.next(r.payload[:to], at, r.Customer) || !valuesFit(f.values) {
			return fmt.Errorf("%w (customer %d)", errDamaged, r.Customer)
		}
		r.Facts++
		r.LastUS = max(r.LastUS, f.atUS)
		if slot := r.slots.of(f.strand); slot >= 0 {
			r.packed[slot] = append(r.packed[slot], f.lain())
		}
	}
	return nil
}

func valuesFit(v []byte) bool {
	for len(v) > 0 {
		n, used := binary.Uvarint(v)
		if used <= 0 || n > uint64(len(v)-used)+1 {
			return false
		}
		v = v[used+int(max(n, 1)-1):]
	}
	return true
}

// Slots says where the moments of each strand are wanted.
type Slots struct {
	At   []int32   // by strand: one more than the slot, 0 for none
	Pick [][]int32 // by slot: which of the strand's values to show, in which order; nil for all as they are
	in   []strands // by slot
}

// Hold says that a strand's facts are wanted at a slot.
func (s *Slots) Hold(strand uint32, slot int) {
	for int(strand) >= len(s.At) {
		s.At = append(s.At, 0)
	}
	s.At[strand] = int32(slot + 1)
	for slot >= len(s.in) {
		s.in = append(s.in, 0)
	}
	s.in[slot] |= strandBit(strand)
}

// strandsOf are those of a slot; where it was not held by Hold, all.
func (s *Slots) strandsOf(slot int) strands {
	if slot < len(s.in) && s.in[slot] != 0 {
		return s.in[slot]
	}
	return ^strands(0)
}

func (s *Slots) of(strand uint32) int {
	if int(strand) < len(s.At) {
		return int(s.At[strand]) - 1
	}
	return -1
}
