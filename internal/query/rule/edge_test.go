package rule_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
)

// TestBetweenEdgesNothingChanges walks over the edges of a rule and a person, with facts themselves and, where the
// rule says so, midnights: between two of them the answer stays.
func TestBetweenEdgesNothingChanges(t *testing.T) {
	s := seed(t)
	for round := range rounds(6) {
		r := rand.New(rand.NewPCG(s, uint64(round)+1_000_000))
		w := drawWorld(r)
		for range 60 {
			b := drawer{r}.draw(t, w.catalog)
			c := &w.customers[r.IntN(len(w.customers))]
			ev := ref.New(b.Set())
			holds := func(at int64) bool {
				ev.Begin(person{w, c}, at)
				return ev.Holds(0)
			}
			instants := instants(w, b, c)
			for i, at := range instants[:len(instants)-1] {
				end := instants[i+1]
				first := holds(at)
				for _, inside := range []int64{end - 1, at + r.Int64N(end-at), at + r.Int64N(end-at)} {
					if holds(inside) != first {
						text, _ := b.Rule().MarshalJSON()
						t.Fatalf("round %d: %v at %s and not at %s, though the next edge is %s\n%s\n%s", round, first, shown(at), shown(inside), shown(end), text, w.story(c.key))
					}
				}
			}
		}
	}
}

func shown(us int64) string { return time.UnixMicro(us).UTC().Format(time.RFC3339Nano) }

// instants are when the answer may change.
func instants(w *world, b *rule.Bound, c *customer) []int64 {
	found := map[int64]bool{origin - 400*days: true, origin + 500*days: true}
	needs := b.Needs()
	for i := range needs {
		for _, m := range (person{w, c}).Moments(&needs[i]) {
			found[m.AtUS] = true
		}
	}
	for _, e := range b.Edges() {
		for _, m := range (person{w, c}).Moments(&e.Need) {
			found[m.AtUS+e.Offset.Microseconds()] = true
		}
	}
	if b.Midnight() {
		zone := b.Catalog().Zone
		for d := day.Of(time.UnixMicro(origin - 400*days).UTC()); d < day.Of(time.UnixMicro(origin+500*days).UTC()); d++ {
			y, m, n := d.Time().Date()
			found[time.Date(y, m, n, 0, 0, 0, 0, zone).UnixMicro()] = true
		}
	}
	var out []int64
	for at := range found {
		if at >= origin-400*days && at <= origin+500*days {
			out = append(out, at)
		}
	}
	slices.Sort(out)
	return out
}

// forgotten tells whether every need that reads an event has it beyond its horizon.
func forgotten(b *rule.Bound, f *fact, now int64) bool {
	read := false
	for _, n := range b.Needs() {
		if _, ok := n.Project(f.typ, f.name, []byte(f.props), []byte(f.context)); !ok {
			continue
		}
		if read = true; n.Horizon == 0 || f.at > now-n.Horizon.Microseconds() {
			return false
		}
	}
	return read
}

// TestOneMoreFact holds Rising and Falling, and Horizon, against what a new fact does.
func TestOneMoreFact(t *testing.T) {
	s := seed(t)
	risen, fallen, forgot := 0, 0, 0
	for round := range rounds(25) {
		r := rand.New(rand.NewPCG(s, uint64(round)+2_000_000))
		w := drawWorld(r)
		for range 60 {
			b := drawer{r}.draw(t, w.catalog)
			c := &w.customers[r.IntN(len(w.customers))]
			now := origin + 101*days + rule.Late.Microseconds()
			before := ref.Holds(b, person{w, c}, now)
			forgetful := *w
			for _, n := range b.Needs() {
				if n.Source == rule.Events && n.Horizon > 0 {
					forgot++
				}
			}
			forgetful.events = slices.DeleteFunc(slices.Clone(w.events), func(f fact) bool { return forgotten(b, &f, now) })
			if ref.Holds(b, person{&forgetful, c}, now) != before {
				text, _ := b.Rule().MarshalJSON()
				t.Fatalf("round %d: facts beyond the horizon matter\n%s\n%+v\n%s", round, text, b.Needs(), w.story(c.key))
			}
			more := *w
			f := drawFact(r, w)
			f.customer, f.at = c.key, now
			if r.IntN(2) == 0 { // behind all others still
				f.at -= r.Int64N(rule.Late.Microseconds())
			}
			more.events = append(slices.Clone(w.events), f)
			after := ref.Holds(b, person{&more, c}, now)
			for _, n := range b.Needs() {
				if _, ok := n.Project(f.typ, f.name, []byte(f.props), []byte(f.context)); !ok {
					continue
				}
				if others := slices.ContainsFunc(b.Needs(), func(m rule.Need) bool {
					_, also := m.Project(f.typ, f.name, []byte(f.props), []byte(f.context))
					return also && m.ID() != n.ID()
				}); others {
					continue
				}
				if b.Rising(n) {
					risen++
				}
				if b.Falling(n) {
					fallen++
				}
				if before && !after && b.Rising(n) || !before && after && b.Falling(n) {
					text, _ := b.Rule().MarshalJSON()
					t.Fatalf("round %d: %v, then %v, rising %v, falling %v\n%s\n%+v\n%s", round, before, after, b.Rising(n), b.Falling(n), text, f, w.story(c.key))
				}
			}
		}
	}
	t.Logf("%d rising, %d falling, %d with a horizon", risen, fallen, forgot)
}

// TestWays tells which way one more fact of a need may move a rule, where it is not seen at once.
func TestWays(t *testing.T) {
	w := drawWorld(rand.New(rand.NewPCG(1, 1)))
	const neither, up, down = "neither", "only true", "only false"
	for _, x := range []struct{ text, need, way string }{
		{`{"trait":{"take":"max","of":"Viewed","property":"price"},"op":">=","value":80}`, "Viewed", up},
		{`{"trait":{"take":"max","of":"Viewed","property":"price"},"op":"<","value":80}`, "Viewed", neither},
		{`{"trait":{"take":"min","of":"Viewed","property":"price"},"op":"<","value":80}`, "Viewed", up},
		{`{"trait":{"take":"distinct","of":"Viewed","property":"cat"},"op":">=","value":3}`, "Viewed", up},
		{`{"trait":{"take":"distinct","of":"Viewed","property":"cat"},"op":"<","value":3}`, "Viewed", down},
		{`{"trait":{"take":"sum","of":"Viewed","property":"price"},"op":">=","value":3}`, "Viewed", neither},
		{`{"trait":{"take":"ratio","of":"Viewed","to":{"take":"count","of":"Carted"}},"op":">=","value":0.2}`, "Viewed", up},
		{`{"trait":{"take":"ratio","of":"Viewed","to":{"take":"count","of":"Carted"}},"op":">=","value":0.2}`, "Carted", neither},
		{`{"trait":{"take":"ratio","of":"Viewed","to":{"take":"count","of":"Carted"}},"op":"<","value":0.2}`, "Viewed", down},
		{`{"trait":{"take":"ratio","of":"Viewed","to":{"take":"count","of":"Carted"}},"op":"<","value":0.2}`, "Carted", up},
		{`{"trait":{"take":"trend","of":"Viewed","window":{"last":"14d"}},"op":"<","value":-0.5}`, "Viewed", down},
		{`{"trait":{"take":"trend","of":"Viewed","window":{"last":"14d"}},"op":">","value":-0.5}`, "Viewed", up},
		{`{"trait":{"take":"trend","of":"Viewed","window":{"last":"14d"}},"op":"<=","value":1}`, "Viewed", neither},
		{`{"not":{"trait":{"take":"trend","of":"Viewed","window":{"last":"14d"}},"op":"<","value":-0.5}}`, "Viewed", up},
		{`{"trait":{"take":"trend","of":"Viewed","window":{"last":"30m"}},"op":">","value":-0.5}`, "Viewed", neither},
		{`{"sequence":[{"did":"Viewed"},{"did_not":"Checked"},{"did":"Carted"}]}`, "Checked", neither},
		{`{"sequence":[{"did":"Viewed"},{"did_not":"Checked"},{"did":"Carted"}]}`, "Carted", up},
	} {
		b, err := rule.Bind(parsed(t, x.text), w.catalog)
		if err != nil {
			t.Fatalf("%s: %v", x.text, err)
		}
		for _, n := range b.Needs() {
			if n.Name != x.need {
				continue
			}
			got := neither
			switch {
			case b.Rising(n):
				got = up
			case b.Falling(n):
				got = down
			}
			if got != x.way {
				t.Errorf("%s: one more %s makes it %s, want %s", x.text, x.need, got, x.way)
			}
		}
	}
}
