package recall

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// A whole record, the first chunk of a chain, lies in the order in which it is read, with a list of what there is before it: whoever
// asks for a few strands of somebody who did thousands of things passes over all others. Its payload is
//
//	facts | the latest time | strands | strand, bytes, of each | the facts by strand, time and place
//
// The chunks behind it are few and small, and are facts as they came.

// arranging makes whole records, each in the room of the one before.
type arranging struct {
	record, list []byte
	facts        []arranged
	has          strands // in the last one
}

// arranged is where a fact lies, and what decides where it is to lie.
type arranged struct {
	strand   uint32
	from, to uint32
	atUS     int64
	place    uint64
}

// whole is the record of some facts; not ok says that they do not read.
func (a *arranging) whole(customer uint32, facts []byte) (record []byte, ok bool) {
	a.facts = a.facts[:0]
	var f packed
	lastUS := int64(0)
	for at := 0; at < len(facts); at = f.to {
		if !f.next(facts, at, customer) {
			return nil, false
		}
		lastUS = max(lastUS, f.atUS)
		a.facts = append(a.facts, arranged{f.strand, uint32(f.from), uint32(f.to), f.atUS, f.place})
	}
	slices.SortFunc(a.facts, func(a, b arranged) int { // of what is there twice the earlier stays the first
		return cmp.Or(cmp.Compare(a.strand, b.strand), cmp.Compare(a.atUS, b.atUS), cmp.Compare(a.place, b.place), cmp.Compare(a.from, b.from))
	})
	count := uint64(0)
	a.list, a.has = a.list[:0], 0
	for i := 0; i < len(a.facts); count++ {
		strand, size := a.facts[i].strand, uint32(0)
		for ; i < len(a.facts) && a.facts[i].strand == strand; i++ {
			size += a.facts[i].to - a.facts[i].from
		}
		a.has |= strandBit(strand)
		a.list = binary.AppendUvarint(binary.AppendUvarint(a.list, uint64(strand)), uint64(size))
	}
	b := binary.AppendUvarint(a.record[:0], uint64(len(a.facts)))
	b = binary.AppendVarint(b, lastUS)
	b = append(binary.AppendUvarint(b, count), a.list...)
	for i := range a.facts {
		b = append(b, facts[a.facts[i].from:a.facts[i].to]...)
	}
	a.record = b
	return b, true
}

// contents are what a whole record says of itself.
type contents struct {
	facts  int
	lastUS int64
	list   int // where in the payload the list of strands begins
	body   int // where the facts begin
}

// read reads the head of a whole record, and calls f with the facts of each strand: where in the payload they lie.
func (c *contents) read(b []byte, f func(strand uint32, from, to int)) bool {
	facts, n := binary.Uvarint(b)
	if n <= 0 {
		return false
	}
	at := n
	if c.lastUS, n = binary.Varint(b[at:]); n <= 0 {
		return false
	}
	at += n
	count, n := binary.Uvarint(b[at:])
	if n <= 0 || count > uint64(len(b)) {
		return false
	}
	at += n
	c.facts, c.list = int(facts), at
	for range 2 * count {
		if _, n = binary.Uvarint(b[at:]); n <= 0 {
			return false
		}
		at += n
	}
	c.body = at
	if f == nil {
		return true
	}
	for list := c.list; list < c.body; {
		strand, n := binary.Uvarint(b[list:])
		size, m := binary.Uvarint(b[list+n:])
		if size > uint64(len(b)-at) {
			return false
		}
		f(uint32(strand), at, at+int(size))
		list, at = list+n+m, at+int(size)
	}
	return at == len(b)
}

// parts calls f with where each chunk's payload lies in what was read of a chain, the oldest first, which is the whole one.
func parts(size int, chain []link, f func(from, to int, whole bool) error) error {
	to := size
	for i := len(chain) - 1; i >= 0; i-- {
		from := to - (chain[i].size() - chunkHead)
		if from < 0 {
			return errDamaged
		}
		if err := f(from, to, chain[i].chain() == 1); err != nil {
			return err
		}
		to = from
	}
	return nil
}

// loose appends the facts of a chain to dst, without any list before them.
func loose(dst, stored []byte, chain []link) ([]byte, error) {
	err := parts(len(stored), chain, func(from, to int, whole bool) error {
		if whole && from < to {
			var c contents
			if !c.read(stored[from:to], nil) {
				return errDamaged
			}
			from += c.body
		}
		dst = append(dst, stored[from:to]...)
		return nil
	})
	return dst, err
}
