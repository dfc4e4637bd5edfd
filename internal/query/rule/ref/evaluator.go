package ref

import (
	"crypto/md5" //nolint:gosec // divides people at random, as both engines can; nothing secret
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/dangol/dangol/internal/query/rule"
)

// Evaluator answers a set of rules for one person after another. It remembers what it has found of the person, so that
// what rules have in common is computed once, and computes nothing that is not asked. One goroutine uses it at a time.
type Evaluator struct {
	set    *rule.Set
	needs  []rule.Need
	now    rule.Now
	person Person
	begun  uint32 // counts the persons: what was remembered with another count is forgotten

	nodes    []memo[bool]
	exprs    []memo[rule.Value]
	moments  []memo[[]rule.Moment]
	spans    []memo[rule.Span] // of selections
	resolved map[*rule.Test]rule.Resolved
	facts    []Fact
	counted  []counted
	text     []byte
}

type memo[T any] struct {
	begun uint32
	value T
}

// New makes an evaluator of a set.
func New(s *rule.Set) *Evaluator {
	return &Evaluator{
		set: s, needs: s.Needs(), nodes: make([]memo[bool], len(s.Nodes)), exprs: make([]memo[rule.Value], len(s.Exprs)),
		moments: make([]memo[[]rule.Moment], len(s.Needs())), spans: make([]memo[rule.Span], len(s.Selections)),
	}
}

// Begin turns to a person as of an instant.
func (e *Evaluator) Begin(p Person, asOfUS int64) {
	if e.begun == 0 || !e.now.Same(asOfUS) {
		e.now = rule.At(asOfUS, e.set.Zone())
		e.resolve()
	}
	e.now.AtUS = asOfUS
	e.person = p
	if e.begun++; e.begun == 0 { // all memos of an earlier round would look fresh
		*e = *New(e.set)
		e.Begin(p, asOfUS)
	}
}

// resolve makes the tests of times ready for the day.
func (e *Evaluator) resolve() {
	e.resolved = map[*rule.Test]rule.Resolved{}
	add := func(t *rule.Test) {
		if t.As == rule.Time {
			e.resolved[t] = t.Resolve(e.now)
		}
	}
	for i := range e.set.Selections {
		for j := range e.set.Selections[i].Filters {
			add(&e.set.Selections[i].Filters[j].Test)
		}
	}
	for i := range e.set.Nodes {
		add(&e.set.Nodes[i].Test)
	}
}

// Holds says whether rule i holds.
func (e *Evaluator) Holds(i int) bool {
	root := e.set.Roots[i]
	return root >= 0 && e.node(root)
}

// Bits sets bit i%64 of into[i/64] where rule i holds, and clears all others.
func (e *Evaluator) Bits(into []uint64) {
	clear(into)
	for i := range e.set.Roots {
		if e.Holds(i) {
			into[i/64] |= 1 << (i % 64)
		}
	}
}

func (e *Evaluator) node(i int) bool {
	m := &e.nodes[i]
	if m.begun != e.begun {
		v := e.compute(&e.set.Nodes[i])
		m.begun, m.value = e.begun, v
	}
	return m.value
}

func (e *Evaluator) compute(n *rule.Node) bool {
	switch n.Join {
	case rule.JoinAnd:
		for _, a := range n.Args {
			if !e.node(a) {
				return false
			}
		}
		return true
	case rule.JoinOr:
		return slices.ContainsFunc(n.Args, e.node)
	case rule.JoinNot:
		return !e.node(n.Args[0])
	case rule.JoinTest:
		return e.test(&n.Test, e.expr(n.Expr))
	case rule.JoinSequence:
		return e.sequence(n)
	case rule.JoinHand:
		return e.person.In(n.Segment)
	default: // JoinShare
		e.text = append(append(e.text[:0], n.Salt...), ':')
		e.text = strconv.AppendUint(e.text, uint64(e.person.Key()), 10)
		sum := md5.Sum(e.text) //nolint:gosec // it chooses people at random, it guards nothing
		return uint64(binary.BigEndian.Uint32(sum[:])) < n.Below
	}
}

// Passes says whether a value passes a test of the set, as of the instant.
func (e *Evaluator) Passes(t *rule.Test, v rule.Value) bool { return e.test(t, v) }

// test says whether a value passes a test.
func (e *Evaluator) test(t *rule.Test, v rule.Value) bool {
	switch {
	case t.Op == rule.IsNotSet:
		return !v.Set
	case !v.Set:
		return false
	case t.Op == rule.IsSet:
		return true
	}
	switch t.As {
	case rule.Number:
		return v.Num && compareNumber(t, v.Number)
	case rule.Flag:
		return (v.Text == "true" || v.Text == "false") && ((v.Text == "true") == t.Flag) == (t.Op == rule.Eq)
	case rule.Time:
		at, ok := rule.ReadTime(v.Text)
		return ok && e.resolved[t].Holds(at)
	}
	return compareText(t, v.Text)
}

func compareNumber(t *rule.Test, f float64) bool {
	switch c := t.Numbers[0]; t.Op {
	case rule.Lt:
		return f < c
	case rule.Le:
		return f <= c
	case rule.Gt:
		return f > c
	case rule.Ge:
		return f >= c
	case rule.Ne, rule.NotIn:
		return !slices.Contains(t.Numbers, f)
	default:
		return slices.Contains(t.Numbers, f)
	}
}

func compareText(t *rule.Test, s string) bool {
	switch t.Op {
	case rule.Contains:
		return contains(s, t.Texts[0])
	case rule.StartsWith:
		return len(s) >= len(t.Texts[0]) && s[:len(t.Texts[0])] == t.Texts[0]
	case rule.Ne, rule.NotIn:
		return !slices.Contains(t.Texts, s)
	default:
		return slices.Contains(t.Texts, s)
	}
}

// of gives the person's facts of a need.
func (e *Evaluator) of(need int) []rule.Moment {
	m := &e.moments[need]
	if m.begun != e.begun {
		v := e.person.Moments(&e.needs[need])
		m.begun, m.value = e.begun, v
	}
	return m.value
}

// cursor walks over the facts of a selection.
type cursor struct {
	sel     *rule.Selection
	moments []rule.Moment
	i       int
	to      int64
	unset   bool // the event is missing since which facts count
}

func (e *Evaluator) over(sel int) cursor {
	s := &e.set.Selections[sel]
	m := &e.spans[sel]
	if m.begun != e.begun {
		m.begun, m.value = e.begun, s.Within.Span(e.now)
	}
	span := m.value
	if s.Since >= 0 {
		since := e.expr(s.Since)
		if !since.Set {
			return cursor{unset: true}
		}
		span.From = max(span.From, int64(since.Number)+1)
	}
	moments := e.of(s.Need)
	return cursor{sel: s, moments: moments, i: from(moments, span.From), to: span.To}
}

// from is the index of the first fact that is not before an instant.
func from(moments []rule.Moment, atUS int64) int {
	if len(moments) == 0 || moments[0].AtUS >= atUS {
		return 0
	}
	lo, hi := 0, len(moments)
	for lo < hi {
		if mid := (lo + hi) / 2; moments[mid].AtUS < atUS {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// next gives the next fact, or nil after the last.
func (e *Evaluator) next(c *cursor) *rule.Moment {
	for c.i < len(c.moments) {
		m := &c.moments[c.i]
		c.i++
		if m.AtUS >= c.to {
			break
		}
		if e.passes(c.sel.Filters, m) {
			return m
		}
	}
	c.i = len(c.moments)
	return nil
}

func (e *Evaluator) passes(filters []rule.Filter, m *rule.Moment) bool {
	for i := range filters {
		if f := &filters[i]; !e.test(&f.Test, e.property(&f.Prop, m)) {
			return false
		}
	}
	return true
}

// property is the value of a fact's property; one that is not known yet is unset.
func (e *Evaluator) property(p *rule.Prop, m *rule.Moment) rule.Value {
	if p.Gate >= 0 {
		if known := m.Values[p.Gate]; !known.Num || known.Number > float64(e.now.Today) {
			return rule.Value{}
		}
	}
	return m.Values[p.Index]
}

// read is the property where it can be read as it is to be.
func (e *Evaluator) read(p *rule.Prop, m *rule.Moment) (rule.Value, bool) {
	v := e.property(p, m)
	return v, v.Set && (p.As != rule.Number || v.Num)
}

// Holds says whether a rule holds of a person as of an instant.
func Holds(b *rule.Bound, p Person, asOfUS int64) bool {
	e := New(b.Set())
	e.Begin(p, asOfUS)
	return e.Holds(0)
}
