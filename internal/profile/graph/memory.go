package graph

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"

	"github.com/dangol/dangol/internal/profile/identity"
)

// Nobody is the person of a fact that is no one's, and the key of an origin that is gone.
const Nobody uint32 = 1<<32 - 1

// none is no identity.
const none uint32 = 1<<32 - 1

// What an entry's flags say.
const (
	imported    uint8 = 1 << iota // its value is in the row of the customer that a file brought
	provisional                   // of an import that has not committed
	unwritten                     // not in the records yet
	shared
)

// entry is one identity. Its value is in the records; here is its hash, of 96 bits, so that two values never pass for one.
type entry struct {
	hash   uint64
	born   uint64 // place at which it was first met
	check  uint32
	origin uint32
	next   uint32 // identity of the same origin
	seen   uint32 // hour since 1970
	kind   identity.Kind
	flags  uint8
}

// origin is what is known of the number under which identities entered.
type origin struct {
	person uint32
	ring   uint32 // the next origin of the same person
	first  uint32 // its last identity
	mark   uint32 // of the contact last written, see SetMark
	hour   uint32
}

// BlockSize is how many identities or origins share a block of the records.
const BlockSize = 256

const (
	pageSize   = 4096 // of pages of memory, so that growing copies nothing
	entryBytes = 30
)

type pages[T any] struct {
	list []*[pageSize]T
	n    uint32
}

func (p *pages[T]) at(i uint32) *T { return &p.list[i/pageSize][i%pageSize] }

func (p *pages[T]) grow(n uint32) {
	for uint32(len(p.list))*pageSize < n {
		p.list = append(p.list, new([pageSize]T))
	}
	p.n = max(p.n, n)
}

// print is the hash of an identity.
type print struct {
	hash  uint64
	check uint32
}

func (g *Graph) print(k identity.Kind, value string) print {
	h := xxh3.HashString128Seed(value, g.seed^uint64(k)<<56)
	return print{h.Lo, uint32(h.Hi)}
}

// find returns the number of an identity, none where it is not known.
func (g *Graph) find(k identity.Kind, p print) uint32 {
	if len(g.index) == 0 {
		return none
	}
	mask := uint64(len(g.index) - 1)
	for at := p.hash & mask; ; at = (at + 1) & mask {
		n := g.index[at]
		if n == 0 {
			return none
		}
		e := g.entries.at(n - 1)
		if e.hash == p.hash && e.check == p.check && e.kind == k {
			return n - 1
		}
	}
}

// place puts an entry into the index. One that is dead stays in it until the next growth.
func (g *Graph) place(n uint32) {
	if (g.indexed+1)*4 > len(g.index)*3 {
		g.rehash(max(1024, 2*len(g.index)))
		if e := g.entries.at(n); g.find(e.kind, print{e.hash, e.check}) == n {
			return
		}
	}
	mask := uint64(len(g.index) - 1)
	at := g.entries.at(n).hash & mask
	for g.index[at] != 0 {
		at = (at + 1) & mask
	}
	g.index[at] = n + 1
	g.indexed++
}

func (g *Graph) rehash(size int) {
	g.index, g.indexed = make([]uint32, size), 0
	mask := uint64(size - 1)
	for n := range g.entries.n {
		e := g.entries.at(n)
		if e.kind == identity.None {
			continue
		}
		at := e.hash & mask
		for g.index[at] != 0 {
			at = (at + 1) & mask
		}
		g.index[at] = n + 1
		g.indexed++
	}
}

// IdentityBlock writes a block of identities as it is to be kept. What is not written yet is left empty.
func (g *Graph) IdentityBlock(block uint32) []byte {
	b := make([]byte, 0, BlockSize*entryBytes)
	for n := block * BlockSize; n < min((block+1)*BlockSize, g.entries.n); n++ {
		e := g.entries.at(n)
		if e.kind == identity.None || e.flags&unwritten != 0 {
			b = append(b, make([]byte, entryBytes)...)
			continue
		}
		b = binary.LittleEndian.AppendUint64(b, e.hash)
		b = binary.LittleEndian.AppendUint64(b, e.born)
		b = binary.LittleEndian.AppendUint32(b, e.check)
		b = binary.LittleEndian.AppendUint32(b, e.origin)
		b = binary.LittleEndian.AppendUint32(b, e.seen)
		b = append(b, byte(e.kind), e.flags&imported)
	}
	return b
}

// PersonBlock writes a block of the people that origins belong to.
func (g *Graph) PersonBlock(block uint32) []byte {
	b := make([]byte, 0, BlockSize*4)
	for o := block * BlockSize; o < min((block+1)*BlockSize, g.origins.n); o++ {
		person := g.origins.at(o).person
		if g.origins.at(o).first != none && g.entries.at(g.origins.at(o).first).flags&unwritten != 0 {
			person = Nobody // of an import that is only being read
		}
		b = binary.LittleEndian.AppendUint32(b, person)
	}
	return b
}

// LoadIdentities reads a block of identities.
func (g *Graph) LoadIdentities(block uint32, b []byte) {
	n := block * BlockSize
	g.entries.grow(n + uint32(len(b)/entryBytes))
	for ; len(b) >= entryBytes; n, b = n+1, b[entryBytes:] {
		*g.entries.at(n) = entry{
			hash: binary.LittleEndian.Uint64(b), born: binary.LittleEndian.Uint64(b[8:]), check: binary.LittleEndian.Uint32(b[16:]),
			origin: binary.LittleEndian.Uint32(b[20:]), seen: binary.LittleEndian.Uint32(b[24:]), kind: identity.Kind(b[28]), flags: b[29] & imported, next: none,
		}
	}
}

// LoadPeople reads a block of people.
func (g *Graph) LoadPeople(block uint32, b []byte) {
	o := block * BlockSize
	g.growOrigins(o + uint32(len(b)/4))
	for ; len(b) >= 4; o, b = o+1, b[4:] {
		g.origins.at(o).person = binary.LittleEndian.Uint32(b)
	}
}

// LoadShared marks an identity as shared from the place on.
func (g *Graph) LoadShared(n uint32, from uint64) {
	if n < g.entries.n && g.entries.at(n).kind != identity.None {
		g.entries.at(n).flags |= shared
		g.shared[n] = from
	}
}

// Loaded ends the loading: it joins what the blocks held. origins is the number of the next origin.
func (g *Graph) Loaded(origins uint32) {
	g.growOrigins(origins)
	size := 1024
	for size*3 < int(g.entries.n)*4+4 {
		size *= 2
	}
	g.rehash(size)
	for n := range g.entries.n {
		if e := g.entries.at(n); e.kind != identity.None {
			o := g.origins.at(e.origin)
			e.next, o.first = o.first, n
			g.identities++
		}
	}
	for o := range g.origins.n {
		switch at := g.origins.at(o); {
		case at.person == o:
			g.people++
		case at.person != Nobody:
			g.splice(o, at.person)
		}
	}
}

func (g *Graph) growOrigins(n uint32) {
	for o := g.origins.n; o < n; o++ {
		g.origins.grow(o + 1)
		*g.origins.at(o) = origin{person: Nobody, ring: o, first: none}
	}
}

// splice makes one ring of two, or two of one.
func (g *Graph) splice(a, b uint32) {
	x, y := g.origins.at(a), g.origins.at(b)
	x.ring, y.ring = y.ring, x.ring
}
