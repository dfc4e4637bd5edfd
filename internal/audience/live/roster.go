package live

import (
	"fmt"
	"maps"
	"slices"

	"github.com/dangol/dangol/internal/audience/names"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
	"github.com/dangol/dangol/internal/recall"
)

// member is a rule of a roster.
type member struct {
	Segment
	bound   *rule.Bound
	print   string // of all that its answer depends on besides facts
	live    bool   // it is evaluated as batches come
	sweptUS int64  // up to which time has been taken into account
	edges   []edge
}

// edge is a rule.Edge by the index of its need.
type edge struct {
	need   int
	offset int64 // microseconds
}

// mask has a bit for each rule of a roster.
type mask []uint64

func newMask(n int) mask { return make(mask, (n+63)/64) }

func (m mask) set(i int)      { m[i/64] |= 1 << (i % 64) }
func (m mask) has(i int) bool { return m[i/64]>>(i%64)&1 == 1 }
func (m mask) add(other mask) {
	for i := range other {
		m[i] |= other[i]
	}
}

func (m mask) empty() bool {
	for _, w := range m {
		if w != 0 {
			return false
		}
	}
	return true
}

// roster is the rules that are evaluated together. It is made whole and then only its members' state changes, under the
// engine's lock.
type roster struct {
	catalog *rule.Catalog
	rules   []*member
	set     *rule.Set
	needs   []rule.Need
	evals   []*ref.Evaluator // one for each goroutine that has evaluated yet
	slots   recall.Slots     // need i is slot i
	all     mask             // of those that are live
	byNeed  []mask           // rules that read a need, live or not
	contact mask             // rules that read a column of the customer's row
	reads   []bool           // by need: some rule that reads it reads columns, too
	either  []mask           // by need: rules that one more fact may move either way
	rising  [][]int          // by need: rules that one more fact, behind all others, may only make true
	falling [][]int          // and those that it may only make false
	unknown []string         // events that rules name and that have not come yet
}

func emptyRoster() *roster { return newRoster(&rule.Catalog{}, nil) }

func newRoster(c *rule.Catalog, rules []*member) *roster {
	bounds := make([]*rule.Bound, len(rules))
	for i, m := range rules {
		bounds[i] = m.bound
	}
	r := &roster{catalog: c, rules: rules, set: rule.NewSet(bounds...)}
	r.needs = r.set.Needs()
	r.byNeed, r.all, r.contact = make([]mask, len(r.needs)), newMask(len(rules)), newMask(len(rules))
	for i := range r.byNeed {
		r.byNeed[i] = newMask(len(rules))
	}
	r.reads, r.either, r.rising, r.falling = make([]bool, len(r.needs)), make([]mask, len(r.needs)), make([][]int, len(r.needs)), make([][]int, len(r.needs))
	for i := range r.either {
		r.either[i] = newMask(len(rules))
	}
	unknown := map[string]bool{}
	for i, m := range rules {
		for _, n := range m.bound.Needs() {
			at := r.index(&n)
			r.byNeed[at].set(i)
			switch {
			case m.bound.Rising(n):
				r.rising[at] = append(r.rising[at], i)
			case m.bound.Falling(n):
				r.falling[at] = append(r.falling[at], i)
			default:
				r.either[at].set(i)
			}
			if n.Source == rule.Identified && (n.Name == "name" || n.Name == "email" || n.Name == "phone") {
				r.contact.set(i)
			}
			if n.Source == rule.Events && n.NameKey == 0 && n.Name != "*" {
				unknown[n.Name] = true
			}
		}
		for _, n := range m.bound.Needs() {
			r.reads[r.index(&n)] = r.reads[r.index(&n)] || r.contact.has(i) || m.bound.Analysis()
		}
		m.edges = m.edges[:0]
		for _, x := range m.bound.Edges() {
			m.edges = append(m.edges, edge{r.index(&x.Need), x.Offset.Microseconds()})
		}
		for at := range r.needs { // an order of tomorrow counts from tomorrow on
			if s := r.needs[at].Source; r.byNeed[at].has(i) && (s == rule.Orders || s == rule.Refunds || s == rule.Lines) {
				m.edges = append(m.edges, edge{at, 0})
			}
		}
	}
	r.unknown = slices.Sorted(maps.Keys(unknown))
	r.count()
	return r
}

// index is the need of the set that covers a need of one rule.
func (r *roster) index(n *rule.Need) int {
	return slices.IndexFunc(r.needs, func(m rule.Need) bool { return m.Source == n.Source && m.Name == n.Name })
}

// count finds anew which rules are live.
func (r *roster) count() {
	clear(r.all)
	for i, m := range r.rules {
		if m.live {
			r.all.set(i)
		}
	}
}

// sweptUS is up to when time was taken into account for every live rule.
func (r *roster) sweptUS(nowUS int64) int64 {
	for _, m := range r.rules {
		if m.live {
			nowUS = min(nowUS, m.sweptUS)
		}
	}
	return nowUS
}

func (r *roster) find(key uint32) *member {
	for _, m := range r.rules {
		if m.Key == key {
			return m
		}
	}
	return nil
}

// catalogOf joins what is known with what was learned.
func catalogOf(k *Known, b *names.Book, keys map[string]uint32) (*rule.Catalog, error) {
	c := &rule.Catalog{
		Events: b.Events(keys), Attributes: b.Attributes(), State: query.StateSchema(), Traits: map[string]rule.Named{}, Segments: map[string]rule.Segment{},
		Markets: k.Markets, Zone: k.Zone, Currency: k.Currency, Digits: k.Digits,
	}
	for _, t := range rule.BuiltIn() {
		c.Traits[t.Name] = t
	}
	maps.Copy(c.Traits, k.Traits)
	for _, s := range k.Segments {
		if _, twice := c.Segments[s.Slug]; twice {
			return nil, fmt.Errorf("two segments are called %q", s.Slug)
		}
		c.Segments[s.Slug] = rule.Segment{Name: s.Name, Rule: s.Rule}
	}
	return c, nil
}
