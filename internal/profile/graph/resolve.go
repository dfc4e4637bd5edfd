package graph

import (
	"strings"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/profile/identity"
)

// named is an identity of the fact at hand.
type named struct {
	kind   identity.Kind
	rank   uint8
	shared bool
	alias  bool // it is the previous one of an alias
	erased bool // of a person who was erased after the fact was received
	print  print
	value  string
	n      uint32 // its number, none where it was never met
}

// Lookup tells the origin that a fact was given when it was resolved, changing nothing.
func (g *Graph) Lookup(f *event.Fact) uint32 {
	if o, own := g.own(f); own {
		return o
	}
	g.read(f, g.bookAt(f.Place))
	if head := g.head(); head >= 0 && g.list[head].n != none {
		return g.entries.at(g.list[head].n).origin
	}
	return Nobody
}

// Resolve gives a fact its origin, and makes known what the fact says of who is who. at is its index in the batch.
func (g *Graph) Resolve(f *event.Fact, at int) uint32 {
	if o, own := g.own(f); own {
		return o
	}
	b := g.bookAt(f.Place)
	g.read(f, b)
	hour := uint32(f.ReceivedUS / 3_600_000_000)
	for i := range g.list {
		if n := g.list[i].n; n != none {
			g.touch(n, hour)
		}
	}
	i := g.head()
	if i < 0 || g.list[i].erased {
		return Nobody
	}
	head := &g.list[i]
	if head.n == none {
		g.enter(head, f, b, at, hour)
	}
	o := g.entries.at(head.n).origin
	if len(g.list) > 1 && !head.shared {
		g.relate(i, o, f, b, at, hour)
	}
	return o
}

// own reads the facts that the platform itself tells: they name their person by key.
func (g *Graph) own(f *event.Fact) (uint32, bool) {
	if f.Source != event.OwnSource || len(f.Identities) == 0 {
		return 0, false
	}
	key, ok := ParseKey(f.Identities[0])
	if !ok {
		return 0, false
	}
	if g.Person(key) == Nobody {
		return Nobody, true
	}
	return key, true
}

// read lists what a fact's identities are, strongest first.
func (g *Graph) read(f *event.Fact, b *identity.Book) {
	g.list = g.list[:0]
	region, asked := "", false
	for i := range f.Identities {
		id := &f.Identities[i]
		k := b.Kind(id.Kind)
		if k == identity.None || k == identity.Key {
			continue
		}
		if k == identity.Phone && !asked {
			region, asked = regionOf(f), true
		}
		g.take(f, b, k, id.Value, region, false)
	}
	if f.Type == event.Alias && f.Previous.Value != "" {
		g.readPrevious(f, b)
	}
}

// readPrevious takes the id before an alias: a user id where one is known, else an anonymous id.
func (g *Graph) readPrevious(f *event.Fact, b *identity.Book) {
	kind := b.Kind(f.Previous.Kind)
	if kind == identity.None {
		kind = identity.Anonymous
		if n := g.find(identity.User, g.print(identity.User, strings.TrimSpace(f.Previous.Value))); n != none && g.entries.at(n).born <= f.Place {
			kind = identity.User
		}
	}
	if kind != identity.Key && b.Priority(kind) != 255 {
		g.take(f, b, kind, f.Previous.Value, "", true)
	}
}

func (g *Graph) take(f *event.Fact, b *identity.Book, k identity.Kind, value, region string, alias bool) {
	value, ok := b.Normalise(k, value, g.phones, region)
	if !ok {
		return
	}
	x := named{kind: k, rank: b.Priority(k), alias: alias, print: g.print(k, value), value: value}
	for i := range g.list {
		if g.list[i].kind == k && g.list[i].print == x.print {
			return
		}
	}
	g.know(&x, f, b)
	at := len(g.list)
	g.list = append(g.list, x)
	if alias {
		return // it stays last: it never decides
	}
	for ; at > 0 && g.list[at-1].rank > x.rank; at-- {
		g.list[at], g.list[at-1] = g.list[at-1], g.list[at]
	}
}

// know looks up what was known of an identity when the fact came.
func (g *Graph) know(x *named, f *event.Fact, b *identity.Book) {
	x.n = none
	if g.Forgotten != nil {
		if from, erased := g.Forgotten(f.ReceivedUS, b.Name(x.kind), x.value); erased {
			x.erased, x.shared = true, from != 0 && from < f.Place
			return
		}
	}
	n := g.find(x.kind, x.print)
	if n == none || g.entries.at(n).born > f.Place {
		return
	}
	x.n = n
	x.shared = g.entries.at(n).flags&shared != 0 && g.shared[n] < f.Place
}

// head finds the identity that decides.
func (g *Graph) head() int {
	first := -1
	for i := range g.list {
		switch {
		case g.list[i].alias:
		case !g.list[i].shared:
			return i
		case first < 0:
			first = i
		}
	}
	return first
}

// enter makes a deciding identity known, and links it to whom the others speak of.
func (g *Graph) enter(head *named, f *event.Fact, b *identity.Book, at int, hour uint32) {
	o := g.newOrigin()
	head.n = g.add(head.kind, head.print, o, f.Place, hour)
	g.Changes.Fresh = append(g.Changes.Fresh, Fresh{head.n, o, head.kind, head.value, at})
	for pass := range 2 { // an alias's previous identity speaks first
		for i := range g.list {
			x := &g.list[i]
			if x == head || x.n == none || x.shared || x.erased || x.alias != (pass == 0) {
				continue
			}
			into := g.Person(g.entries.at(x.n).origin)
			if g.room(into, head.kind, b) || x.alias && x.kind == identity.User && head.kind == identity.User {
				g.origins.at(o).person = into
				g.splice(o, into)
				g.Changes.Links = append(g.Changes.Links, Link{A: g.entries.at(x.n).origin, B: o, From: into, Into: into, Via: x.n, Fact: at, Alias: x.alias})
				g.called(into, head.n)
				return
			}
			g.share(x, f.Place)
		}
	}
	g.people++
	g.show(o)
}

// relate says of the other identities that they are the deciding one's.
func (g *Graph) relate(head int, o uint32, f *event.Fact, b *identity.Book, at int, hour uint32) {
	for i := range g.list {
		x := &g.list[i]
		if i == head || x.shared || x.erased {
			continue
		}
		person := g.Person(o)
		renamed := x.alias && x.kind == identity.User && g.list[head].kind == identity.User
		if x.n == none {
			if g.room(person, x.kind, b) || renamed {
				x.n = g.add(x.kind, x.print, o, f.Place, hour)
				g.Changes.Fresh = append(g.Changes.Fresh, Fresh{x.n, o, x.kind, x.value, at})
				g.called(person, x.n)
			}
			continue
		}
		other := g.entries.at(x.n).origin
		switch {
		case g.Person(other) == person:
		case renamed || g.fit(person, g.Person(other), b):
			l := g.join(other, o)
			l.Via, l.Fact, l.Alias = x.n, at, x.alias
		default:
			g.share(x, f.Place)
		}
	}
}
