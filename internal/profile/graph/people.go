package graph

import (
	"slices"

	"github.com/dangol/dangol/internal/profile/identity"
)

func (g *Graph) newOrigin() uint32 {
	o := g.origins.n
	g.growOrigins(o + 1)
	g.origins.at(o).person = o
	g.Changes.PersonBlocks[o/BlockSize] = struct{}{}
	return o
}

// add makes an identity known as one of an origin.
func (g *Graph) add(k identity.Kind, p print, o uint32, place uint64, hour uint32) uint32 {
	n := g.entries.n
	g.entries.grow(n + 1)
	at := g.origins.at(o)
	*g.entries.at(n) = entry{hash: p.hash, check: p.check, kind: k, origin: o, born: place, seen: hour, next: at.first}
	at.first = n
	g.place(n)
	g.identities++
	g.Changes.Blocks[n/BlockSize] = struct{}{}
	return n
}

// touch notes that an identity was met, and takes it over from an import that has not committed.
func (g *Graph) touch(n, hour uint32) {
	e := g.entries.at(n)
	if e.flags&provisional != 0 {
		g.adopt(e.origin)
	}
	if e.seen < hour {
		e.seen = hour
		g.Changes.SeenBlocks[n/BlockSize] = struct{}{}
	}
}

func (g *Graph) show(person uint32) { g.Changes.Shown[person] = struct{}{} }

// called notes that somebody has one more identity: her row changes where it is the one that she is called by from now on.
func (g *Graph) called(person, n uint32) {
	if best, found := g.Best(person); !found || best.Number == n {
		g.show(person)
	}
}

// share marks an identity as one that several people use.
func (g *Graph) share(x *named, place uint64) {
	x.shared = true
	g.Share(x.n, place)
}

// Share marks an identity as shared from the place on.
func (g *Graph) Share(n uint32, from uint64) {
	e := g.entries.at(n)
	if e.flags&shared != 0 {
		return
	}
	e.flags |= shared
	g.shared[n] = from
	g.Changes.Marks = append(g.Changes.Marks, Mark{n, from})
}

func (g *Graph) count(person uint32) {
	clear(g.counts[:])
	g.countMore(person)
}

func (g *Graph) countMore(person uint32) {
	for o := range g.ring(person) {
		for n := g.origins.at(o).first; n != none; n = g.entries.at(n).next {
			g.counts[g.entries.at(n).kind]++
		}
	}
}

// room reports whether a person may have one more identity of the kind.
func (g *Graph) room(person uint32, k identity.Kind, b *identity.Book) bool {
	g.count(person)
	return int(g.counts[k]) < b.Limit(k)
}

// fit reports whether two people together keep the limits of the kinds that name a person.
func (g *Graph) fit(p, q uint32, b *identity.Book) bool {
	g.count(p)
	g.countMore(q)
	for k := identity.Kind(1); k < identity.Key; k++ {
		if g.counts[k] > 0 && !k.Mobile() && int(g.counts[k]) > b.Limit(k) {
			return false
		}
	}
	return true
}

// Excess lists the kinds of which two people together have more than one person may.
func (g *Graph) Excess(p, q uint32) []identity.Kind {
	g.count(p)
	g.countMore(q)
	var over []identity.Kind
	for k := identity.Kind(1); k < identity.Key; k++ {
		if g.counts[k] > 0 && int(g.counts[k]) > g.Book().Limit(k) {
			over = append(over, k)
		}
	}
	return over
}

// named reports whether a person has a user id.
func (g *Graph) named(person uint32) bool {
	for o := range g.ring(person) {
		for n := g.origins.at(o).first; n != none; n = g.entries.at(n).next {
			if g.entries.at(n).kind == identity.User {
				return true
			}
		}
	}
	return false
}

// Elder says which of two people keeps the number when they merge.
func (g *Graph) Elder(p, q uint32) (into, from uint32) {
	if a, b := g.named(p), g.named(q); a != b {
		if a {
			return p, q
		}
		return q, p
	}
	return min(p, q), max(p, q)
}

// join makes one person of the two that two origins belong to, and links the origins: A is that of the person taken in.
func (g *Graph) join(a, b uint32) *Link {
	into, from := g.Elder(g.Person(a), g.Person(b))
	if g.Person(a) == into {
		a, b = b, a
	}
	for o := range g.ring(from) {
		g.origins.at(o).person = into
		g.moved(o)
	}
	g.splice(from, into)
	g.people--
	g.Changes.Gone = append(g.Changes.Gone, from)
	g.show(into)
	g.Changes.Links = append(g.Changes.Links, Link{A: a, B: b, From: from, Into: into, Via: Nobody, Fact: -1})
	return &g.Changes.Links[len(g.Changes.Links)-1]
}

func (g *Graph) moved(o uint32) {
	g.Changes.Moved = append(g.Changes.Moved, o)
	g.Changes.PersonBlocks[o/BlockSize] = struct{}{}
}

// Join merges the people of two origins, and returns the link; false where they are one already.
func (g *Graph) Join(a, b uint32) (Link, bool) {
	if g.Person(a) == g.Person(b) {
		return Link{}, false
	}
	return *g.join(a, b), true
}

// Sides divides the origins that links hold together by leaving one link out.
func Sides(links []Link, without Link) (a, b []uint32) {
	reach := func(from uint32) []uint32 {
		side := []uint32{from}
		for i := 0; i < len(side); i++ {
			for _, l := range links {
				if l == without {
					continue
				}
				for _, next := range [][2]uint32{{l.A, l.B}, {l.B, l.A}} {
					if next[0] == side[i] && !slices.Contains(side, next[1]) {
						side = append(side, next[1])
					}
				}
			}
		}
		return side
	}
	return reach(without.A), reach(without.B)
}

// Split makes two people of one. The side that holds the person's number keeps it; the other is known by the smallest of
// its origins with a user id, or else by the smallest.
func (g *Graph) Split(a, b []uint32) (stays, leaves uint32) {
	stays = g.Person(a[0])
	if slices.Contains(b, stays) {
		a, b = b, a
	}
	for _, side := range [][]uint32{a, b} {
		for i, o := range side {
			g.origins.at(o).ring = side[(i+1)%len(side)]
		}
	}
	leaves = Nobody
	for _, o := range b {
		g.origins.at(o).person = b[0]
	}
	for _, o := range b {
		if g.hasUser(o) {
			leaves = min(leaves, o)
		}
	}
	if leaves == Nobody {
		leaves = slices.Min(b)
	}
	for _, o := range b {
		g.origins.at(o).person = leaves
		g.moved(o)
	}
	g.people++
	g.show(stays)
	g.show(leaves)
	return stays, leaves
}

func (g *Graph) hasUser(o uint32) bool {
	for n := g.origins.at(o).first; n != none; n = g.entries.at(n).next {
		if g.entries.at(n).kind == identity.User {
			return true
		}
	}
	return false
}

// Remove forgets a person and everything by which she was known.
func (g *Graph) Remove(person uint32) {
	for _, o := range g.Members(person) {
		g.drop(o)
	}
	g.people--
	g.Changes.Gone = append(g.Changes.Gone, person)
}

// drop ends an origin.
func (g *Graph) drop(o uint32) {
	at := g.origins.at(o)
	for n := at.first; n != none; n = g.entries.at(n).next {
		if e := g.entries.at(n); e.kind != identity.None {
			e.kind, e.flags = identity.None, 0
			delete(g.shared, n)
			g.identities--
			g.Changes.Blocks[n/BlockSize] = struct{}{}
		}
	}
	*at = origin{person: Nobody, ring: o, first: none}
	g.Changes.PersonBlocks[o/BlockSize] = struct{}{}
}
