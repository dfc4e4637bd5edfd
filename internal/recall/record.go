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
	packed   [][]lain
	moments  [][]rule.Moment
	ready    []bool
	values   []rule.Value
	payload  []byte
	chain    []link
}

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
	r.ready[slot] = true
	r.packed[slot] = inOrder(r.packed[slot])
	list := r.moments[slot]
	for _, l := range r.packed[slot] {
		values := r.read(r.payload[l.from:l.to])
		if pick := r.slots.Pick; pick != nil && pick[slot] != nil {
			values = r.pick(values, pick[slot])
		}
		list = append(list, rule.Moment{AtUS: l.atUS, Place: l.place, Values: values})
	}
	r.moments[slot] = list
	return list
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

// begin empties the record for another person; slots is how many there are.
func (r *Record) begin(customer uint32, slots int) {
	r.Customer, r.Facts, r.LastUS = customer, 0, 0
	for len(r.packed) < slots {
		r.packed, r.moments, r.ready = append(r.packed, nil), append(r.moments, nil), append(r.ready, false)
	}
	r.packed, r.moments, r.ready = r.packed[:slots], r.moments[:slots], r.ready[:slots]
	for i := range r.packed {
		r.packed[i], r.moments[i], r.ready[i] = r.packed[i][:0], r.moments[i][:0], false
	}
	r.values, r.payload, r.chain = r.values[:0], r.payload[:0], r.chain[:0]
}

// take finds the facts of the payload. slots maps strands to slots; a strand without one is passed over.
func (r *Record) take(slots *Slots) error {
	r.slots = slots
	var f packed
	for at := 0; at < len(r.payload); at = f.to {
		if !f.next(r.payload, at, r.Customer) || !valuesFit(f.values) {
			return fmt.Errorf("%w (customer %d)", errDamaged, r.Customer)
		}
		r.Facts++
		r.LastUS = max(r.LastUS, f.atUS)
		if slot := slots.of(f.strand); slot >= 0 {
			r.packed[slot] = append(r.packed[slot], lain{f.atUS, f.place, uint32(f.to - len(f.values)), uint32(f.to)})
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
}

func (s *Slots) of(strand uint32) int {
	if int(strand) < len(s.At) {
		return int(s.At[strand]) - 1
	}
	return -1
}
