package profile

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/profile/identity"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/store/pgtest"
	"github.com/dangol/dangol/internal/warehouse"
)

// town is a registry, the model of it, a log, and a warehouse that follows at its own pace.
type town struct {
	t        *rapid.T
	ctx      context.Context
	store    *store.Store
	registry *Registry
	model    *model
	now      time.Time

	log      [][]event.Fact // message n at n-1
	expected map[uint64]uint32
	told     []string // waiting to come back as facts

	followed uint64 // by the warehouse
	rev      uint64
	facts    map[uint64]Resolved
	rows     map[uint32]string
	erased   map[uint32]bool
	entries  []Entry
	imports  []warehouse.Person // that committed

	importing *People
	kept      bool
	importID  int64
	imported  []uint32 // fresh origins of the import, in the model
	adopted   map[uint32]bool
	common    [][2]any
	orders    map[string]Resolved // rows of committed imports: whose, by customer of the file
	staged    map[string]Resolved
}

var pool = []event.Identity{
	{Kind: "user", Value: "u1"},
	{Kind: "user", Value: "u2"},
	{Kind: "user", Value: "u3"},
	{Kind: "anonymous", Value: "a1"},
	{Kind: "anonymous", Value: "a2"},
	{Kind: "anonymous", Value: "a3"},
	{Kind: "anonymous", Value: "a4"},
	{Kind: "email", Value: "e1@x.kr"},
	{Kind: "email", Value: "e2@x.kr"},
	{Kind: "email", Value: "e3@x.kr"},
	{Kind: "device", Value: "d1"},
	{Kind: "user", Value: "null"},
}

func newTown(ctx context.Context, t *rapid.T, st *store.Store) *town {
	w := &town{
		t: t, ctx: ctx, store: st, now: time.UnixMicro(1_700_000_000_000_000), expected: map[uint64]uint32{}, facts: map[uint64]Resolved{}, rows: map[uint32]string{},
		erased: map[uint32]bool{}, orders: map[string]Resolved{}, adopted: map[uint32]bool{},
	}
	w.model = &model{
		limits:  map[string]int{"user": 1, "email": 2, "anonymous": 2, "device": 1},
		rank:    map[string]int{"user": 1, "email": 2, "device": 3, "anonymous": 4},
		blocked: map[string]bool{"null": true}, people: map[uint32][]uint32{}, names: map[uint32]string{}, namedAt: map[uint32]uint64{},
	}
	w.model.adopting = func(o uint32) { w.adopted[o] = true }
	w.open()
	rules := identity.Rules{Kinds: []identity.Rule{{Kind: "user", Priority: 1, Limit: 1}, {Kind: "email", Priority: 2, Limit: 2}, {Kind: "device", Priority: 3, Limit: 1}, {Kind: "anonymous", Priority: 4, Limit: 2}}, Blocked: []string{"null"}}
	w.must(w.registry.PutRules(ctx, rules, "test"))
	return w
}

// open begins the registry as a start of the process does.
func (w *town) open() {
	w.registry = NewRegistry(w.store, func() time.Time {
		w.now = w.now.Add(time.Second)
		return w.now
	})
	w.registry.Announce(func(_ context.Context, events [][]byte) error {
		for _, e := range events {
			w.told = append(w.told, string(e))
		}
		return nil
	})
}

func (w *town) must(err error) {
	if err != nil {
		w.t.Helper()
		w.t.Fatal(err)
	}
}

// publish appends a message to the log and lets the registry resolve it.
func (w *town) publish(facts []event.Fact) {
	seq := uint64(len(w.log) + 1)
	for i := range facts {
		f := &facts[i]
		w.now = w.now.Add(61 * time.Minute) // what is said again within the hour is not written again
		f.Place, f.MessageID, f.AtUS, f.ReceivedUS = event.PlaceOf(seq, i), fmt.Sprint(seq, ".", i), w.now.UnixMicro(), w.now.UnixMicro()
		if f.Context == nil {
			f.Context = []byte("{}")
		}
	}
	w.log = append(w.log, facts)
	got, err := w.registry.Apply(w.ctx, seq, facts)
	w.must(err)
	for i := range facts {
		f := &facts[i]
		want := w.expect(f)
		w.expected[f.Place] = want
		if got[i].Origin != want {
			w.t.Fatalf("%s %v (previous %v) has the origin %d, want %d", f.Type, f.Identities, f.Previous, got[i].Origin, want)
		}
	}
	for i := range facts {
		want := Nobody
		if o := got[i].Origin; o != Nobody {
			want = w.model.person(o)
		}
		if got[i].Customer != want {
			w.t.Fatalf("%v is of the customer %d, want %d", facts[i].Identities, got[i].Customer, want)
		}
	}
}

// expect is what the model makes of a fact.
func (w *town) expect(f *event.Fact) uint32 {
	if f.Source == event.OwnSource {
		var key uint32
		_, err := fmt.Sscan(f.Identities[0].Value, &key)
		w.must(err)
		if w.model.person(key) == Nobody {
			return Nobody
		}
		return key
	}
	o := w.model.resolve(f)
	if o == Nobody {
		return o
	}
	switch f.Name {
	case "Consent Given", "Consent Withdrawn":
		a := modelAct{origin: o, scope: slices.Clone(w.model.people[w.model.person(o)]), channel: "email", state: Given}
		if f.Name == "Consent Withdrawn" {
			a.state = Withdrawn
		}
		w.model.acts = append(w.model.acts, a)
	case "Identified":
		w.model.names[o], w.model.namedAt[o] = strings.TrimSuffix(strings.TrimPrefix(string(f.Props), `{"name":"`), `"}`), f.Place
	}
	return o
}

func drawFacts(t *rapid.T) []event.Fact {
	facts := make([]event.Fact, rapid.IntRange(1, 4).Draw(t, "facts"))
	for i := range facts {
		f := &facts[i]
		f.Source, f.Props = "web", []byte("{}")
		f.Identities = rapid.SliceOfNDistinct(rapid.SampledFrom(pool), 1, 3, rapid.ID[event.Identity]).Draw(t, "identities")
		switch rapid.IntRange(0, 6).Draw(t, "type") {
		case 0, 1:
			f.Type, f.Name = event.Identify, "Identified"
			f.Props = []byte(`{"name":"` + rapid.SampledFrom([]string{"Kim", "Lee", "Park"}).Draw(t, "name") + `"}`)
		case 2:
			f.Type, f.Name = event.Alias, "Aliased"
			f.Previous.Value = rapid.SampledFrom([]string{"u1", "u2", "a1", "a2", "new", "null"}).Draw(t, "previous")
			f.Identities = f.Identities[:1]
		case 3:
			f.Type, f.Name, f.Props = event.Track, rapid.SampledFrom([]string{"Consent Given", "Consent Withdrawn"}).Draw(t, "consent"), []byte(`{"channel":"email"}`)
		default:
			f.Type, f.Name = event.Track, "Product Viewed"
		}
	}
	return facts
}

// deliver brings what the registry told back as facts.
func (w *town) deliver() {
	w.must(w.registry.Tell(w.ctx))
	for len(w.told) > 0 {
		var facts []event.Fact
		for _, text := range w.told {
			var e struct {
				Event      string          `json:"event"`
				Properties json.RawMessage `json:"properties"`
				Context    struct {
					ExternalIDs []struct{ Type, ID string } `json:"externalIds"`
				} `json:"context"`
			}
			w.must(json.Unmarshal([]byte(text), &e))
			facts = append(facts, event.Fact{
				Type: event.Track, Name: e.Event, Source: event.OwnSource, Props: e.Properties,
				Identities: []event.Identity{{Kind: e.Context.ExternalIDs[0].Type, Value: e.Context.ExternalIDs[0].ID}},
			})
		}
		w.told = nil
		w.publish(facts)
		w.must(w.registry.Tell(w.ctx))
	}
}

// follow lets the warehouse catch up, looking up what the registry has resolved already.
func (w *town) follow() {
	for ; w.followed < uint64(len(w.log)); w.followed++ {
		facts := w.log[w.followed]
		got, err := w.registry.Apply(w.ctx, w.followed+1, facts)
		w.must(err)
		for i := range facts {
			w.check(&facts[i], got[i].Origin)
			if got[i].Origin != Nobody {
				w.facts[facts[i].Place] = got[i]
			}
		}
	}
	for {
		entries, err := w.registry.Journal(w.ctx, w.rev, rapid.IntRange(1, 3).Draw(w.t, "limit"))
		w.must(err)
		if len(entries) == 0 {
			break
		}
		for _, e := range entries {
			if e.Rev != w.rev+1 {
				w.t.Fatalf("after entry %d comes %d", w.rev, e.Rev)
			}
			w.rev = e.Rev
		}
		w.entries = append(w.entries, entries...)
		applyEntries(entries, w.facts, w.orders, w.rows, w.erased)
	}
	w.must(w.registry.DropJournal(w.ctx, w.rev))
}

// check compares the origin of a fact that is looked up with the one it was given; of an erased person there is none.
func (w *town) check(f *event.Fact, got uint32) {
	want := w.expected[f.Place]
	if want != Nobody && w.model.person(want) == Nobody {
		want = Nobody
	}
	if got != want {
		w.t.Fatalf("%s %v at %d is looked up as of the origin %d, and was %d", f.Type, f.Identities, f.Place, got, want)
	}
}

// applyEntries is what a warehouse does with the journal.
func applyEntries(entries []Entry, facts map[uint64]Resolved, orders map[string]Resolved, rows map[uint32]string, erased map[uint32]bool) {
	for _, e := range entries {
		switch e.Kind {
		case Upsert:
			rows[e.Key] = e.ID + "|" + e.Name
		case Gone:
			delete(rows, e.Key)
		case Move:
			for place, f := range facts {
				if f.Origin == e.Origin {
					facts[place] = Resolved{e.To, e.Origin}
				}
			}
			for line, f := range orders {
				if f.Origin == e.Origin {
					orders[line] = Resolved{e.To, e.Origin}
				}
			}
		case Erase:
			erased[e.Origin] = true
			for place, f := range facts {
				if f.Origin == e.Origin {
					delete(facts, place)
				}
			}
			for line, f := range orders {
				if f.Origin == e.Origin {
					delete(orders, line)
				}
			}
		}
	}
}

func (w *town) refs() []string {
	var refs []string
	for _, id := range w.model.ids {
		refs = append(refs, identity.Ref(id.kind, id.value))
	}
	return refs
}

func (w *town) merge() {
	refs := w.refs()
	if len(refs) == 0 {
		return
	}
	a, b := rapid.SampledFrom(refs).Draw(w.t, "a"), rapid.SampledFrom(refs).Draw(w.t, "b")
	x, y := w.byRef(a), w.byRef(b)
	_, err := w.registry.Merge(w.ctx, a, b, "minji", "the same")
	if w.model.person(x.origin) == w.model.person(y.origin) {
		if err == nil {
			w.t.Fatalf("%s and %s were merged twice", a, b)
		}
		return
	}
	w.must(err)
	w.adopted[x.origin], w.adopted[y.origin] = true, true
	w.model.join(x.origin, y.origin, nil)
}

func (w *town) byRef(ref string) *modelID {
	for _, id := range w.model.ids {
		if identity.Ref(id.kind, id.value) == ref {
			return id
		}
	}
	return nil
}

func (w *town) undo() {
	if len(w.model.links) == 0 {
		return
	}
	l := rapid.SampledFrom(w.model.links).Draw(w.t, "link")
	err := w.registry.Undo(w.ctx, fmt.Sprint(l.id), "minji", "not the same")
	if l.undone {
		if err == nil {
			w.t.Fatalf("merge %d was undone twice", l.id)
		}
		return
	}
	w.must(err)
	w.model.undo(l)
}

func (w *town) erase() {
	refs := w.refs()
	if len(refs) == 0 {
		return
	}
	ref := rapid.SampledFrom(refs).Draw(w.t, "erased")
	_, _, err := w.registry.forget(w.ctx, ref, "minji", "asked")
	w.must(err)
	id := w.byRef(ref)
	w.adopted[id.origin] = true
	w.model.erase(w.model.person(id.origin))
}

func (w *town) consent() {
	refs := w.refs()
	if len(refs) == 0 {
		return
	}
	ref := rapid.SampledFrom(refs).Draw(w.t, "who")
	state := rapid.SampledFrom([]string{Given, Withdrawn}).Draw(w.t, "state")
	_, err := w.registry.Consent(w.ctx, ref, Consent{Channel: "email", State: state}, "minji")
	w.must(err)
	o := w.byRef(ref).origin
	w.adopted[o] = true
	w.model.acts = append(w.model.acts, modelAct{origin: o, scope: slices.Clone(w.model.people[w.model.person(o)]), channel: "email", state: state})
}

// All that must hold at any time, and of the warehouse when it has caught up.
func (w *town) invariant() {
	for _, id := range w.model.ids {
		key, shown, err := w.registry.Find(w.ctx, id.kind+":"+id.value)
		w.must(err)
		if want := w.model.person(id.origin); key != want || shown != w.model.best(want) {
			w.t.Fatalf("%s:%s is customer %d (%s), want %d (%s)", id.kind, id.value, key, shown, want, w.model.best(want))
		}
	}
	stats, err := w.registry.Stats(w.ctx)
	w.must(err)
	if stats.People != int64(len(w.model.people)) || stats.Identities != int64(len(w.model.ids)) {
		w.t.Fatalf("%+v, want %d people with %d identities", stats, len(w.model.people), len(w.model.ids))
	}
}

func (w *town) name(key uint32) string {
	name, at := "", uint64(0)
	for _, o := range w.model.people[key] {
		if w.model.namedAt[o] > at {
			name, at = w.model.names[o], w.model.namedAt[o]
		}
	}
	return name
}

func (w *town) inTheWarehouse(facts map[uint64]Resolved, orders map[string]Resolved, rows map[uint32]string) {
	for _, message := range w.log {
		for i := range message {
			place := message[i].Place
			o := w.expected[place]
			got, found := facts[place]
			want := Nobody
			if o != Nobody {
				want = w.model.person(o)
			}
			if found != (want != Nobody) || found && (got.Customer != want || got.Origin != o) {
				w.t.Fatalf("%v: the warehouse has customer %d, origin %d (%v); want %d, %d", message[i].Identities, got.Customer, got.Origin, found, want, o)
			}
		}
	}
	for line, got := range orders {
		if want := w.model.person(got.Origin); got.Customer != want {
			w.t.Fatalf("the order of %s lies with customer %d, origin %d; want %d", line, got.Customer, got.Origin, want)
		}
	}
	for key := range w.model.people {
		if w.importing != nil && slices.Contains(w.imported, key) && !w.adopted[key] {
			continue
		}
		if want := w.model.best(key) + "|" + w.name(key); rows[key] != want {
			w.t.Fatalf("the row of customer %d is %q, want %q", key, rows[key], want)
		}
	}
	for key := range rows {
		if w.model.people[key] == nil {
			w.t.Fatalf("there is a row of customer %d, who is gone", key)
		}
	}
}

// What rules read of consent, the last Consent Changed of a person, must be what the room says.
func (w *town) consentsTold() {
	last := map[uint32]string{}
	for _, message := range w.log {
		for i := range message {
			if f := &message[i]; f.Name == noticeConsent {
				if got, found := w.facts[f.Place]; found {
					var p struct{ State string }
					w.must(json.Unmarshal(f.Props, &p))
					last[got.Customer] = p.State
				}
			}
		}
	}
	for key := range w.model.people {
		want := w.model.consent(key, "email")
		got := last[key]
		if got == "" {
			got = Unknown
		}
		if got != want {
			w.t.Fatalf("customer %d is told to have %s, and has %s", key, got, want)
		}
	}
}

// TestPeopleAreThoseOfTheModel runs any interleaving of calls, merges, undone merges, imports, crashes and replays.
func TestPeopleAreThoseOfTheModel(t *testing.T) {
	t.Parallel()
	folder, n := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		live(t.Context(), rt, filepath.Join(folder, fmt.Sprint(n, ".db")))
	})
}

func TestPeopleAreThoseOfTheModelOnPostgres(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	left := 5 // each run needs a database of its own, which takes its time
	rapid.Check(t, func(rt *rapid.T) {
		if left--; left >= 0 {
			live(t.Context(), rt, server.Database(t))
		}
	})
}

func live(ctx context.Context, rt *rapid.T, address string) {
	st, err := store.Open(ctx, address, Schema)
	if err != nil {
		rt.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	w := newTown(ctx, rt, st)
	rt.Repeat(map[string]func(*rapid.T){
		"publish":  func(t *rapid.T) { w.t = t; w.publish(drawFacts(t)) },
		"publish2": func(t *rapid.T) { w.t = t; w.publish(drawFacts(t)) },
		"publish3": func(t *rapid.T) { w.t = t; w.publish(drawFacts(t)) },
		"merge":    func(t *rapid.T) { w.t = t; w.merge() },
		"undo":     func(t *rapid.T) { w.t = t; w.undo() },
		"erase": func(t *rapid.T) {
			w.t = t
			if rapid.IntRange(0, 3).Draw(t, "erase") == 0 {
				w.erase()
			}
		},
		"consent": func(t *rapid.T) { w.t = t; w.consent() },
		"import":  func(t *rapid.T) { w.t = t; w.stepImport() },
		"import2": func(t *rapid.T) { w.t = t; w.stepImport() },
		"follow":  func(t *rapid.T) { w.t = t; w.follow() },
		"tell":    func(t *rapid.T) { w.t = t; w.deliver() },
		"crash":   func(t *rapid.T) { w.t = t; w.crash() },
		"replay": func(t *rapid.T) {
			w.t = t
			from := rapid.IntRange(0, len(w.log)).Draw(t, "from")
			for n := from; n < len(w.log); n++ {
				got, err := w.registry.Apply(w.ctx, uint64(n+1), w.log[n])
				w.must(err)
				for i := range got {
					w.check(&w.log[n][i], got[i].Origin)
				}
			}
		},
		"": func(t *rapid.T) { w.t = t; w.invariant() },
	})
	w.t = rt
	for w.importing != nil {
		w.stepImport()
	}
	w.deliver()
	w.follow()
	w.invariant()
	w.inTheWarehouse(w.facts, w.orders, w.rows)
	w.consentsTold()
	w.afresh()
}

// afresh rebuilds the warehouse from the log and the journal.
func (w *town) afresh() {
	facts, orders, rows, erased := map[uint64]Resolved{}, map[string]Resolved{}, map[uint32]string{}, map[uint32]bool{}
	for _, message := range w.log {
		got, err := w.registry.Apply(w.ctx, message[0].Place>>12, message)
		w.must(err)
		for i := range message {
			if got[i].Origin != Nobody {
				facts[message[i].Place] = got[i]
			}
		}
	}
	for _, p := range w.imports {
		rows[p.Key] = p.ID + "|" + p.Name
	}
	applyEntries(w.entries, facts, orders, rows, erased)
	w.inTheWarehouse(facts, orders, rows)
}
