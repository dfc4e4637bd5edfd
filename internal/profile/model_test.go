package profile

import (
	"slices"
	"sort"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/profile/identity"
)

// model is who is who, worked out as naively as the rule in package graph reads: lists that are searched from the
// beginning, people as sets of origins, sides of an undone merge found by walking the links.
type model struct {
	limits   map[string]int
	rank     map[string]int
	blocked  map[string]bool
	ids      []*modelID
	people   map[uint32][]uint32 // origins by key
	next     uint32
	links    []*modelLink
	acts     []modelAct
	names    map[uint32]string // by origin, what was said last
	namedAt  map[uint32]uint64
	place    uint64 // of the fact at hand
	adopting func(origin uint32)
}

type modelID struct {
	kind, value string
	origin      uint32
	shared      bool
}

type modelLink struct {
	id     int
	a, b   uint32
	via    *modelID
	undone bool
}

type modelAct struct {
	origin         uint32
	scope          []uint32
	channel, state string
}

var mobile = map[string]bool{event.KindPush: true, event.KindDevice: true, event.KindAnonymous: true}

func (m *model) find(kind, value string) *modelID {
	for _, id := range m.ids {
		if id.kind == kind && id.value == value {
			return id
		}
	}
	return nil
}

func (m *model) person(o uint32) uint32 {
	for key, origins := range m.people {
		if slices.Contains(origins, o) {
			return key
		}
	}
	return Nobody
}

func (m *model) count(key uint32, kind string) int {
	n := 0
	for _, id := range m.ids {
		if id.kind == kind && slices.Contains(m.people[key], id.origin) {
			n++
		}
	}
	return n
}

func (m *model) room(key uint32, kind string) bool { return m.count(key, kind) < m.limits[kind] }

func (m *model) fit(p, q uint32) bool {
	for kind, limit := range m.limits {
		if n := m.count(p, kind) + m.count(q, kind); !mobile[kind] && n > limit {
			return false
		}
	}
	return true
}

// usable are the identities of a fact, strongest first; previous ones of an alias last.
func (m *model) usable(f *event.Fact) (list []event.Identity, previous *event.Identity) {
	for _, id := range f.Identities {
		if !m.blocked[id.Value] && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return m.rank[list[i].Kind] < m.rank[list[j].Kind] })
	if f.Type == event.Alias && !m.blocked[f.Previous.Value] {
		p := event.Identity{Kind: event.KindAnonymous, Value: f.Previous.Value}
		if m.find(event.KindUser, p.Value) != nil {
			p.Kind = event.KindUser
		}
		if !slices.Contains(list, p) {
			previous = &p
		}
	}
	return list, previous
}

func (m *model) resolve(f *event.Fact) uint32 {
	list, previous := m.usable(f)
	all := slices.Clone(list)
	if previous != nil {
		all = append(all, *previous)
	}
	for _, id := range all {
		if known := m.find(id.Kind, id.Value); known != nil && m.adopting != nil {
			m.adopting(known.origin)
		}
	}
	open := slices.DeleteFunc(slices.Clone(list), func(id event.Identity) bool {
		known := m.find(id.Kind, id.Value)
		return known != nil && known.shared
	})
	if len(open) == 0 {
		if len(list) == 0 {
			return Nobody
		}
		return m.find(list[0].Kind, list[0].Value).origin
	}
	head := open[0]
	if m.find(head.Kind, head.Value) == nil {
		m.enter(head, open[1:], previous)
	}
	o := m.find(head.Kind, head.Value).origin
	for _, id := range open[1:] {
		m.relate(o, head, id, false)
	}
	if previous != nil {
		m.relate(o, head, *previous, true)
	}
	return o
}

func (m *model) enter(head event.Identity, others []event.Identity, previous *event.Identity) {
	o := m.next
	m.next++
	m.ids = append(m.ids, &modelID{kind: head.Kind, value: head.Value, origin: o})
	if previous != nil {
		others = append([]event.Identity{*previous}, others...)
	}
	for i, id := range others {
		known := m.find(id.Kind, id.Value)
		if known == nil || known.shared {
			continue
		}
		renamed := previous != nil && i == 0 && id.Kind == event.KindUser && head.Kind == event.KindUser
		if key := m.person(known.origin); m.room(key, head.Kind) || renamed {
			m.people[key] = append(m.people[key], o)
			m.links = append(m.links, &modelLink{id: len(m.links) + 1, a: o, b: known.origin, via: known})
			return
		}
		known.shared = true
	}
	m.people[o] = []uint32{o}
}

func (m *model) relate(o uint32, head, id event.Identity, alias bool) {
	key := m.person(o)
	known := m.find(id.Kind, id.Value)
	renamed := alias && id.Kind == event.KindUser && head.Kind == event.KindUser
	switch {
	case known == nil:
		if m.room(key, id.Kind) || renamed {
			m.ids = append(m.ids, &modelID{kind: id.Kind, value: id.Value, origin: o})
		}
	case known.shared || m.person(known.origin) == key:
	case renamed || m.fit(key, m.person(known.origin)):
		m.join(known.origin, o, known)
	default:
		known.shared = true
	}
}

func (m *model) named(key uint32) bool { return m.count(key, event.KindUser) > 0 }

func (m *model) join(a, b uint32, via *modelID) {
	p, q := m.person(a), m.person(b)
	into, from := min(p, q), max(p, q)
	if m.named(p) != m.named(q) {
		if into = p; m.named(q) {
			into = q
		}
		from = p + q - into
	}
	m.people[into] = append(m.people[into], m.people[from]...)
	delete(m.people, from)
	m.links = append(m.links, &modelLink{id: len(m.links) + 1, a: a, b: b, via: via})
}

// undo takes a link away and walks the others.
func (m *model) undo(l *modelLink) {
	l.undone = true
	key := m.person(l.a)
	reached := map[uint32]bool{key: true}
	for again := true; again; {
		again = false
		for _, k := range m.links {
			if !k.undone && reached[k.a] != reached[k.b] {
				reached[k.a], reached[k.b], again = true, true, true
			}
		}
	}
	var stay, leave []uint32
	for _, o := range m.people[key] {
		if reached[o] {
			stay = append(stay, o)
		} else {
			leave = append(leave, o)
		}
	}
	m.people[key] = stay
	to := Nobody
	for _, id := range m.ids {
		if id.kind == event.KindUser && slices.Contains(leave, id.origin) {
			to = min(to, id.origin)
		}
	}
	if to == Nobody {
		to = slices.Min(leave)
	}
	m.people[to] = leave
	if l.via != nil {
		l.via.shared = true
	}
}

func (m *model) erase(key uint32) {
	gone := m.people[key]
	delete(m.people, key)
	m.ids = slices.DeleteFunc(m.ids, func(id *modelID) bool { return slices.Contains(gone, id.origin) })
	for _, l := range m.links {
		l.undone = l.undone || slices.Contains(gone, l.a)
	}
	m.acts = slices.DeleteFunc(m.acts, func(a modelAct) bool { return slices.Contains(gone, a.origin) && subset(a.scope, gone) })
}

func subset(a, b []uint32) bool {
	return !slices.ContainsFunc(a, func(o uint32) bool { return !slices.Contains(b, o) })
}

// best is the id by which a person is shown.
func (m *model) best(key uint32) string {
	var best *modelID
	own := func(id *modelID) bool { return id.origin == key }
	for _, id := range m.ids { // in the order in which they were met
		if !slices.Contains(m.people[key], id.origin) {
			continue
		}
		if best == nil || m.rank[id.kind] < m.rank[best.kind] || m.rank[id.kind] == m.rank[best.kind] && own(id) && !own(best) {
			best = id
		}
	}
	return identity.Ref(best.kind, best.value)
}

// consent works out a person's consent by the words of the package's description.
func (m *model) consent(key uint32, channel string) string {
	members := m.people[key]
	state := Unknown
	for _, o := range members {
		last := -1
		for i, a := range m.acts {
			if a.channel == channel && (a.origin == o || a.state == Withdrawn && slices.Contains(a.scope, o)) {
				last = i
			}
		}
		if last < 0 {
			continue
		}
		now := m.acts[last].state
		if now == Withdrawn {
			for _, a := range m.acts[last+1:] {
				if a.channel == channel && a.state == Given && slices.Contains(members, a.origin) && slices.Contains(a.scope, o) {
					now = Given
				}
			}
		}
		if now == Withdrawn || state == Unknown {
			state = now
		}
	}
	return state
}
