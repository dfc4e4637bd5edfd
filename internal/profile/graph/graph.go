package graph

import (
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/profile/identity"
)

// Graph is used by one goroutine at a time.
type Graph struct {
	seed       uint64
	entries    pages[entry]
	index      []uint32 // open addressing: number of an identity + 1
	indexed    int
	origins    pages[origin]
	shared     map[uint32]uint64 // place from which an identity is shared
	books      []dated
	phones     *identity.Phones
	people     int64
	identities int64
	list       []named // scratch
	counts     [256]uint16

	// Forgotten reports whether an identity, in a fact received then, was of a person erased since, and from which place on it
	// was shared, 0 for never; nil where nobody was erased.
	Forgotten func(receivedUS int64, kind, value string) (sharedFrom uint64, erased bool)
	// Value gives the value of a provisional identity.
	Value func(n uint32) string

	Changes Changes
}

// dated are rules with the place from which they hold.
type dated struct {
	from uint64
	book *identity.Book
}

// New returns an empty graph. The seed keeps strangers from making up identities whose hashes are equal.
func New(seed uint64) *Graph {
	return &Graph{seed: seed, shared: map[uint32]uint64{}, phones: identity.NewPhones()}
}

// Rule makes rules hold from a place on; they are given in the order of their places.
func (g *Graph) Rule(from uint64, b *identity.Book) { g.books = append(g.books, dated{from, b}) }

// Book returns the rules that hold now.
func (g *Graph) Book() *identity.Book { return g.books[len(g.books)-1].book }

func (g *Graph) bookAt(place uint64) *identity.Book {
	for i := len(g.books) - 1; i > 0; i-- {
		if g.books[i].from <= place {
			return g.books[i].book
		}
	}
	return g.books[0].book
}

// Sizes of the graph.
type Sizes struct{ Identities, People, Shared int64 }

// Sizes counts what is known.
func (g *Graph) Sizes() Sizes { return Sizes{g.identities, g.people, int64(len(g.shared))} }

// Origins is the number of the next origin, and Identities of the next identity.
func (g *Graph) Origins() uint32 { return g.origins.n }

// Identities is the number of the next identity.
func (g *Graph) Identities() uint32 { return g.entries.n }

// Person is whom an origin belongs to today, Nobody where it is gone.
func (g *Graph) Person(o uint32) uint32 {
	if o >= g.origins.n {
		return Nobody
	}
	return g.origins.at(o).person
}

// Single reports whether a person has no other origin.
func (g *Graph) Single(o uint32) bool { return g.origins.at(o).ring == o }

// Members lists the origins of a person.
func (g *Graph) Members(person uint32) []uint32 {
	var all []uint32
	for o := range g.ring(person) {
		all = append(all, o)
	}
	return all
}

func (g *Graph) ring(o uint32) func(yield func(uint32) bool) {
	return func(yield func(uint32) bool) {
		for at := o; ; {
			next := g.origins.at(at).ring
			if !yield(at) || next == o {
				return
			}
			at = next
		}
	}
}

// SharedFrom is the place from which an identity is shared, 0 where it is not.
func (g *Graph) SharedFrom(n uint32) uint64 { return g.shared[n] }

// Known is one identity as the graph holds it.
type Known struct {
	Number, Origin uint32
	Kind           identity.Kind
	Imported       bool // its value is in the row of the customer that a file brought
	Unwritten      bool // it is of an import that is being read
	Shared         bool
	SeenHour       uint32
}

func (g *Graph) known(n uint32) Known {
	e := g.entries.at(n)
	return Known{n, e.origin, e.kind, e.flags&imported != 0, e.flags&unwritten != 0, e.flags&shared != 0, e.seen}
}

// Known returns an identity by its number.
func (g *Graph) Known(n uint32) Known { return g.known(n) }

// Of lists the identities of an origin.
func (g *Graph) Of(o uint32) []Known {
	var all []Known
	for n := g.origins.at(o).first; n != none; n = g.entries.at(n).next {
		if g.entries.at(n).kind != identity.None {
			all = append(all, g.known(n))
		}
	}
	return all
}

// Find looks an identity up, as it would be written by the rules that hold now.
func (g *Graph) Find(kind, value string) (Known, bool) {
	b := g.Book()
	k := b.Numbers[kind]
	if k == identity.None || k == identity.Key {
		return Known{}, false
	}
	normal, ok := b.Normalise(k, value, g.phones, "")
	if !ok {
		normal = value // files may have brought what events may not
	}
	n := g.find(k, g.print(k, normal))
	if n == none {
		return Known{}, false
	}
	return g.known(n), true
}

// Normal writes a value in its one spelling.
func (g *Graph) Normal(kind, value, region string) (string, bool) {
	b := g.Book()
	return b.Normalise(b.Kind(kind), value, g.phones, region)
}

// Spell writes the value of a known identity as it was when it was met, from what a file says of it.
func (g *Graph) Spell(k Known, raw string) string {
	e := g.entries.at(k.Number)
	for i := len(g.books) - 1; i >= 0; i-- {
		if value, ok := g.books[i].book.Normalise(k.Kind, raw, g.phones, ""); ok && g.print(k.Kind, value) == (print{e.hash, e.check}) {
			return value
		}
	}
	return raw
}

// Best returns the identity by which a person is called: the strongest of her number's own origin, else the strongest of all.
func (g *Graph) Best(person uint32) (Known, bool) {
	best, found := Known{}, false
	b := g.Book()
	for o := range g.ring(person) {
		for n := g.origins.at(o).first; n != none; n = g.entries.at(n).next {
			e := g.entries.at(n)
			if e.kind == identity.None {
				continue
			}
			k := g.known(n)
			if !found || g.better(b, k, best, person) {
				best, found = k, true
			}
		}
	}
	return best, found
}

func (g *Graph) better(b *identity.Book, x, y Known, person uint32) bool {
	if p, q := b.Priority(x.Kind), b.Priority(y.Kind); p != q {
		return p < q
	}
	if own, other := x.Origin == person, y.Origin == person; own != other {
		return own
	}
	return x.Number < y.Number
}

// Said reports whether just that contact was written of an origin within the hour, and none other of her person.
func (g *Graph) Said(o, hash, hour uint32) bool {
	at := g.origins.at(o)
	if at.mark != hash || at.hour < hour {
		return false
	}
	for other := range g.ring(o) {
		if m := g.origins.at(other).mark; m != 0 && m != hash {
			return false
		}
	}
	return true
}

// SetMark remembers a hash of the contact that was written of an origin, and the hour in which it was said; 0 is none.
func (g *Graph) SetMark(o, hash, hour uint32) {
	at := g.origins.at(o)
	at.mark, at.hour = hash, hour
}

// ParseKey reads the value of an identity of the kind key.
func ParseKey(id event.Identity) (uint32, bool) {
	if id.Kind != event.KindKey || id.Value == "" || len(id.Value) > 10 {
		return 0, false
	}
	n := uint64(0)
	for _, c := range []byte(id.Value) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return uint32(n), n < uint64(Nobody)
}
