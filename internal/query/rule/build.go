package rule

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/spelling"
)

// Bound is a rule, or a trait, whose names are resolved. It goes on using the catalogue it was bound with.
type Bound struct {
	rule  *Rule
	trait *Trait
	c     *Catalog
	set   *Set // of this one alone
}

// Rule is what was bound; nil of a trait.
func (b *Bound) Rule() *Rule { return b.rule }

// Trait is the trait that was bound; nil of a rule.
func (b *Bound) Trait() *Trait { return b.trait }

// Catalog is what the names were resolved with.
func (b *Bound) Catalog() *Catalog { return b.c }

// Set is the rule alone.
func (b *Bound) Set() *Set { return b.set }

// Needs is what facts the rule reads.
func (b *Bound) Needs() []Need { return b.set.needs }

// Bind checks a rule and resolves its names.
func Bind(r *Rule, c *Catalog) (*Bound, error) {
	b := &Bound{rule: r, c: c}
	return b, b.build()
}

// BindTrait checks a trait and resolves its names: its value can be asked.
func BindTrait(t *Trait, c *Catalog) (*Bound, error) {
	b := &Bound{trait: t, c: c}
	return b, b.build()
}

func (b *Bound) build() error {
	w := newBuilder(b.c)
	w.add(b)
	b.set = w.finish()
	return w.err()
}

// Check holds a rule against what exists; it answers with Faults.
func Check(r *Rule, c *Catalog) error {
	_, err := Bind(r, c)
	return err
}

// CheckTrait checks a trait, and tells how its values are read.
func CheckTrait(t *Trait, c *Catalog) (Kind, error) {
	w := newBuilder(c)
	_, kind := w.trait(t, Unknown)
	return kind, w.err()
}

// Warnings tells in English what of a rule no fact has had yet: it is not wrong, but it may be a slip.
func Warnings(r *Rule, c *Catalog) []string {
	w := newBuilder(c)
	w.add(&Bound{rule: r, c: c})
	return w.warnings
}

// NewSet takes rules together: what they have in common is computed once.
func NewSet(bs ...*Bound) *Set {
	w := newBuilder(&Catalog{})
	for _, b := range bs {
		w.add(b)
	}
	return w.finish()
}

// Limits of what segments within segments grow to.
const (
	maxExpanded = 5000
	maxNested   = 20
)

type builder struct {
	faults
	c         *Catalog
	set       *Set
	seen      map[string]int
	needs     map[string]int
	props     []map[string]bool
	forever   []bool
	expanding []string // the segments and traits that are being expanded, "segment a" and "trait b"
	expanded  int
	warnings  []string
	quiet     bool // inside of a segment, which has told its own warnings
}

func newBuilder(c *Catalog) *builder {
	if c == nil {
		c = &Catalog{}
	}
	return &builder{c: c, set: &Set{zone: zoneOf(c), scale: math.Pow10(c.Digits)}, seen: map[string]int{}, needs: map[string]int{}}
}

func zoneOf(c *Catalog) *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

func (w *builder) add(b *Bound) {
	if b.c != nil {
		w.c = b.c
		w.set.zone, w.set.scale = zoneOf(b.c), math.Pow10(b.c.Digits)
	}
	root, value := -1, -1
	if b.rule != nil {
		root = w.rule(b.rule)
	} else {
		value, _ = w.trait(b.trait, Unknown)
	}
	w.set.Roots, w.set.Values = append(w.set.Roots, root), append(w.set.Values, value)
}

// finish sorts the properties of each need and points at them.
func (w *builder) finish() *Set {
	s := w.set
	for i := range s.needs {
		n := &s.needs[i]
		n.Props = n.Props[:0]
		for p := range w.props[i] {
			n.Props = append(n.Props, p)
		}
		slices.Sort(n.Props)
		if w.forever[i] {
			n.Horizon = 0
		}
		n.index, n.scale = i, s.scale
		n.setID()
	}
	point := func(need int, p *Prop) {
		p.Index, p.Gate = -1, -1
		if p.Name == "" {
			return
		}
		p.Index = slices.Index(s.needs[need].Props, p.Name)
		if p.Name == LateDays {
			p.Gate = slices.Index(s.needs[need].Props, DeliveredDay)
		}
	}
	for i := range s.Selections {
		for j := range s.Selections[i].Filters {
			point(s.Selections[i].Need, &s.Selections[i].Filters[j].Prop)
		}
	}
	for i := range s.Exprs {
		if e := &s.Exprs[i]; e.Sel >= 0 && e.Form != FormAttribute {
			point(s.Selections[e.Sel].Need, &e.Prop)
		}
	}
	return s
}

// The days late are known from the day of delivery on.
const (
	LateDays     = "late_days"
	DeliveredDay = "delivered_day"
)

// PaidUntilDay is the last day that an order pays for.
const PaidUntilDay = "paid_until_day"

// keep finds an equal part or adds one.
func keep[T any](w *builder, list *[]T, part T) int {
	key := fmt.Sprintf("%T%#v", part, part)
	if i, ok := w.seen[key]; ok {
		return i
	}
	*list = append(*list, part)
	w.seen[key] = len(*list) - 1
	return len(*list) - 1
}

func (w *builder) expr(e Expr) int           { return keep(w, &w.set.Exprs, e) }
func (w *builder) node(n Node) int           { return keep(w, &w.set.Nodes, n) }
func (w *builder) selection(s Selection) int { return keep(w, &w.set.Selections, s) }

// need finds or adds a need that looks back so far; 0 is for ever.
func (w *builder) need(s Source, name string, key uint32, horizon time.Duration) int {
	id := s.String() + "\x1f" + name
	i, ok := w.needs[id]
	if !ok {
		i = len(w.set.needs)
		n := Need{Source: s, Name: name, NameKey: key}
		if s == Events && name == AnyEvent {
			for _, own := range OwnEvents {
				if k := w.c.Events[own].Key; k != 0 {
					n.Own = append(n.Own, k)
				}
			}
		}
		w.set.needs = append(w.set.needs, n)
		w.needs[id] = i
		w.props = append(w.props, map[string]bool{})
		w.forever = append(w.forever, false)
	}
	n := &w.set.needs[i]
	n.NameKey = max(n.NameKey, key)
	n.Horizon = max(n.Horizon, horizon)
	w.forever[i] = w.forever[i] || horizon == 0
	return i
}

func (w *builder) fail(place, reason, sentence, next string) {
	w.faults.add(fault.New(fault.Invalid, reason, sentence).At(at(place)).Then(next))
}

func (w *builder) warn(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if !w.quiet && !slices.Contains(w.warnings, s) {
		w.warnings = append(w.warnings, s)
	}
}

// name answers to a name that is not known: false where it is surely a slip, else a warning.
func (w *builder) name(place, what, name string, known []string) bool {
	if near, ok := slip(name, known); ok {
		w.faults.add(fault.Newf(fault.Invalid, "rule.unknown_name", "there is no %s %q", what, name).
			At(fault.Place{Field: at(place).Field, Value: name}).Then("Did you mean " + near + "?"))
		return false
	}
	if near, ok := spelling.Nearest(name, known); ok {
		w.warn("No %s is called %q yet. Did you mean %s?", what, name, near)
	} else {
		w.warn("No %s is called %q yet.", what, name)
	}
	return true
}

// slip finds the known name that was surely meant: the same but for case, spaces and signs, or with at most two
// letters wrong in words of four letters or more. Names that differ otherwise may both exist.
func slip(name string, known []string) (string, bool) {
	bare := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" _-.:/", r) {
				return -1
			}
			return r
		}, strings.ToLower(s))
	}
	for _, k := range known {
		if bare(k) == bare(name) {
			return k, true
		}
	}
	near, ok := spelling.Nearest(name, known)
	if !ok || spelling.Slips(strings.ToLower(name), strings.ToLower(near)) > 2 {
		return "", false
	}
	mine, theirs := strings.Fields(name), strings.Fields(near)
	if len(mine) != len(theirs) {
		return near, len([]rune(name)) >= 6
	}
	for i, word := range mine {
		if word != theirs[i] && (len([]rune(word)) < 4 || strings.ContainsAny(word+theirs[i], "0123456789")) {
			return "", false
		}
	}
	return near, true
}
