package graph

import (
	"strings"

	"github.com/dangol/dangol/internal/profile/identity"
)

// Met is what a row of a file says of its customer.
type Met struct {
	User, Email, Phone string
	Market, Currency   string // which tell the country of the phone number
}

// Importing is what an import learnt that can only be settled when it has committed.
type Importing struct {
	Fresh []uint32 // origins, rising
	// Values are those of identities that cannot be read from the customer's row, because another country's rules were needed.
	Values map[uint32]string
	// Common are the identities that a customer of the file has in common with another person.
	Common []Common
}

// Common says that a customer of a file has an identity which was first given to another.
type Common struct{ Origin, Number uint32 }

// Customer resolves the customer of a file's row: her origin, and whether she is new. New ones are provisional until
// Written, Adopt or Drop. place is the last of the log that was resolved.
func (g *Graph) Customer(m Met, place uint64, im *Importing) (o uint32, fresh bool) {
	if im.Values == nil {
		im.Values = map[uint32]string{}
	}
	p := g.print(identity.User, m.User)
	if n := g.find(identity.User, p); n != none {
		return g.entries.at(n).origin, false
	}
	o = g.newOrigin()
	g.people++
	g.provide(identity.User, p, o, place)
	im.Fresh = append(im.Fresh, o)
	b, region := g.Book(), m.region()
	for _, x := range []struct {
		kind  identity.Kind
		value string
	}{{identity.Email, m.Email}, {identity.Phone, m.Phone}} {
		if x.value == "" || b.Kind(b.Name(x.kind)) == identity.None {
			continue
		}
		value, ok := b.Normalise(x.kind, x.value, g.phones, region)
		if !ok {
			continue
		}
		p := g.print(x.kind, value)
		n := g.find(x.kind, p)
		if n == none {
			n = g.provide(x.kind, p, o, place)
			if x.kind == identity.Phone && region != "" && region != b.Region() && x.value[0] != '+' {
				g.entries.at(n).flags &^= imported
				im.Values[n] = value
			}
		} else if g.entries.at(n).flags&shared == 0 {
			im.Common = append(im.Common, Common{o, n})
		}
	}
	return o, true
}

func (g *Graph) provide(k identity.Kind, p print, o uint32, place uint64) uint32 {
	n := g.add(k, p, o, place, 0)
	g.entries.at(n).flags = imported | provisional | unwritten
	delete(g.Changes.Blocks, n/BlockSize)
	delete(g.Changes.PersonBlocks, o/BlockSize)
	return n
}

// Written notes that an import's customer is in the records, and that its blocks must follow. It returns her identities
// whose values are not in her row.
func (g *Graph) Written(o uint32) (apart []Known) {
	for n := g.origins.at(o).first; n != none; n = g.entries.at(n).next {
		e := g.entries.at(n)
		if e.flags&unwritten == 0 {
			continue
		}
		e.flags &^= unwritten
		g.Changes.Blocks[n/BlockSize] = struct{}{}
		if e.flags&imported == 0 {
			apart = append(apart, g.known(n))
		}
	}
	g.Changes.PersonBlocks[o/BlockSize] = struct{}{}
	return apart
}

// Committed ends the time in which an import's customer may be taken back.
func (g *Graph) Committed(o uint32) {
	if g.origins.at(o).person == Nobody {
		return
	}
	for n := g.origins.at(o).first; n != none; n = g.entries.at(n).next {
		g.entries.at(n).flags &^= provisional
	}
}

// adopt takes over an import's customer who is met otherwise, so that she stays if the import is taken back.
func (g *Graph) adopt(o uint32) {
	for n := g.origins.at(o).first; n != none; n = g.entries.at(n).next {
		e := g.entries.at(n)
		if e.flags&provisional == 0 {
			continue
		}
		// The value is a copy: the import's rows are gone when the next ones are read.
		value := strings.Clone(g.Value(n))
		e.flags &^= provisional | unwritten | imported
		g.Changes.Blocks[n/BlockSize] = struct{}{}
		g.Changes.Fresh = append(g.Changes.Fresh, Fresh{n, o, e.kind, value, -1})
	}
	g.Changes.PersonBlocks[o/BlockSize] = struct{}{}
	g.Changes.Adopted = append(g.Changes.Adopted, o)
	g.show(g.Person(o))
}

// Adopt takes over an import's customer who is named by hand.
func (g *Graph) Adopt(o uint32) {
	if first := g.origins.at(o).first; first != none && g.entries.at(first).flags&provisional != 0 {
		g.adopt(o)
	}
}

// Provisional reports whether an origin is of an import that has not committed.
func (g *Graph) Provisional(o uint32) bool {
	first := g.origins.at(o).first
	return first != none && g.entries.at(first).flags&provisional != 0
}

// Imported reports whether an origin has identities that only a file brought.
func (g *Graph) Imported(o uint32) bool {
	if g.Person(o) == Nobody {
		return false
	}
	for n := g.origins.at(o).first; n != none; n = g.entries.at(n).next {
		if g.entries.at(n).flags&imported != 0 {
			return true
		}
	}
	return false
}

// Drop takes back the customers of an import, and gives their numbers free where they are the last.
func (g *Graph) Drop(origins []uint32) {
	freed := map[uint32]bool{}
	for _, o := range origins {
		if g.Person(o) == Nobody {
			continue
		}
		g.drop(o)
		g.people--
		freed[o] = true
	}
	for g.origins.n > 0 && freed[g.origins.n-1] {
		g.origins.n--
		g.Changes.PersonBlocks[g.origins.n/BlockSize] = struct{}{}
	}
}

// Dispute settles an identity that a customer of a file has in common with another person, after the import committed: the
// two are merged where they fit together, and else the identity is shared.
func (g *Graph) Dispute(c Common, place uint64) {
	e := g.entries.at(c.Number)
	if e.kind == identity.None || e.flags&shared != 0 || g.Person(c.Origin) == Nobody || g.Person(e.origin) == g.Person(c.Origin) {
		return
	}
	if !g.fit(g.Person(e.origin), g.Person(c.Origin), g.Book()) {
		g.Share(c.Number, place)
		return
	}
	g.join(e.origin, c.Origin).Via = c.Number
}

// OldCustomer takes in a customer whose key was given before there was a graph.
func (g *Graph) OldCustomer(key uint32, m Met, im *Importing) {
	if key < g.origins.n {
		return // keys rise
	}
	g.growOrigins(key)
	g.Customer(m, 0, im)
}
