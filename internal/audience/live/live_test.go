package live_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/audience/live"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/render"
	"github.com/dangol/dangol/internal/recall"
	"github.com/dangol/dangol/internal/warehouse"
)

// shop is a warehouse with an engine behind it, and a clock of its own. It plays the pipeline.
type shop struct {
	t          testing.TB
	now        time.Time
	folder     string
	warehouse  *warehouse.Warehouse
	recall     *recall.Recall
	engine     *live.Engine
	known      live.Known
	log        uint64
	journal    uint64
	people     map[uint32]uint32 // origin → customer; who is not in it was erased
	behind     []live.Batch      // committed in the warehouse, not yet followed
	told       []toldEvent
	announced  map[string]bool
	everJoined map[uint32]bool
}

type toldEvent struct {
	Event      string `json:"event"`
	MessageID  string `json:"messageId"`
	Context    struct{ ExternalIDs []struct{ ID, Type string } }
	Properties struct{ Segment, Reason string }
}

var epoch = time.Date(2024, 3, 10, 9, 0, 0, 0, time.UTC)

func newShop(t testing.TB, folder string) *shop {
	t.Helper()
	w, err := warehouse.Open(context.Background(), "", warehouse.Options{MemoryMB: 500, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, now: epoch, folder: folder, warehouse: w, people: map[uint32]uint32{}, announced: map[string]bool{}, everJoined: map[uint32]bool{}}
	s.known = live.Known{Zone: time.FixedZone("shop", 7*3600), Currency: "EUR", Digits: 2, Chosen: map[uint32][]uint32{}}
	s.state("")
	s.open()
	return s
}

// state replaces customer_state; rows are "(key, orders, lifecycle)".
func (s *shop) state(rows string) {
	var d query.DuckDB
	ddl := "CREATE OR REPLACE TABLE customer_state (customer_key UINTEGER"
	for _, c := range query.StateSchema() {
		ddl += ", " + c.Name + " " + d.TypeName(c.Type)
	}
	err := s.warehouse.ReplaceState(context.Background(), nil, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(context.Background(), ddl+")"); err != nil || rows == "" {
			return err
		}
		_, err := conn.ExecContext(context.Background(), "INSERT INTO customer_state (customer_key, orders, lifecycle) VALUES "+rows)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) open() {
	r, err := recall.Open(context.Background(), s.folder, recall.Options{CacheMB: 8})
	if err != nil {
		s.t.Fatal(err)
	}
	s.recall = r
	s.engine = live.New(live.Options{
		Warehouse: s.warehouse, Recall: r, Known: func(context.Context) (live.Known, error) { return s.known, nil }, Announce: s.hear,
		Clock: func() time.Time { return s.now }, Log: slog.New(slog.DiscardHandler),
	})
	if err := s.engine.Open(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

// hear is the log: what comes twice counts once.
func (s *shop) hear(_ context.Context, events [][]byte) error {
	for _, text := range events {
		var e toldEvent
		if err := json.Unmarshal(text, &e); err != nil {
			return err
		}
		if !s.announced[e.MessageID] {
			s.announced[e.MessageID] = true
			s.told = append(s.told, e)
		}
	}
	return nil
}

func (s *shop) close() {
	if err := s.recall.Close(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// fact is one call of somebody.
type fact struct {
	who   uint32 // origin
	typ   event.Type
	name  string
	props string
	at    time.Time
}

// order is one that somebody placed; the warehouse is told of it as the pipeline does.
type order struct {
	who     uint32
	id      string
	at      time.Time
	amount  int64
	refund  bool
	channel string
}

// step commits in the warehouse, and is followed by the engine unless late.
func (s *shop) step(facts []fact, orders []order, steps []warehouse.Step, late bool) {
	s.t.Helper()
	s.log++
	w := warehouse.Following{Log: s.log, Journal: s.journal, Fold: fold}
	b := live.Batch{Log: s.log}
	for i := range steps {
		if steps[i].Kind == warehouse.Upsert {
			s.everJoined[steps[i].Key] = true
		}
		s.journal++
		steps[i].Rev = s.journal
	}
	w.Steps, w.Journal, b.Steps, b.Journal = steps, s.journal, steps, s.journal
	for i, f := range facts {
		customer, ok := s.people[f.who]
		if !ok {
			continue
		}
		e := event.Fact{
			Place: event.PlaceOf(s.log, i), MessageID: fmt.Sprintf("m%d-%d", s.log, i), Type: f.typ, Name: f.name, AtUS: f.at.UnixMicro(), ReceivedUS: s.now.UnixMicro(), Source: "test",
			Props: []byte(f.props), Context: []byte("{}"),
		}
		b.Facts = append(b.Facts, e)
		b.People = append(b.People, live.Resolved{Customer: customer, Origin: f.who})
		w.Facts = append(w.Facts, warehouse.Fact{Fact: &b.Facts[len(b.Facts)-1], Customer: customer, Origin: f.who})
	}
	for i := range w.Facts { // appending moved them
		w.Facts[i].Fact = &b.Facts[i]
	}
	for i, o := range orders {
		customer, ok := s.people[o.who]
		if !ok {
			continue
		}
		text, err := json.Marshal(o.line())
		s.must(err)
		l := o.line()
		key, _ := l.Keys()
		kind := warehouse.PutOrder
		if o.refund {
			kind = warehouse.RefundOrder
		}
		w.Changes = append(w.Changes, warehouse.Change{Kind: kind, Order: o.id, OrderKey: key, Place: event.PlaceOf(s.log, 500+i), Customer: customer, Origin: o.who, Told: text})
	}
	s.must(s.warehouse.Follow(context.Background(), &w))
	b.Orders, b.Bought = w.Changed, w.Added
	s.behind = append(s.behind, b)
	if !late {
		s.follow()
	}
}

func (s *shop) follow() {
	s.t.Helper()
	for _, b := range s.behind {
		_, err := s.engine.Follow(context.Background(), b)
		s.must(err)
	}
	s.behind = nil
}

func (o order) line() event.OrderLine {
	kind := event.Purchase
	if o.refund {
		kind = event.Refund
	}
	return event.OrderLine{
		Customer: strconv.Itoa(int(o.who)), Order: o.id, AtUS: o.at.UnixMicro(), Day: day.Of(o.at), Kind: kind, Product: "tea", ProductName: "Tea", Category: "drinks", QuantityMilli: 1000,
		AmountMinor: o.amount, Currency: "EUR", Market: "FR", Channel: o.channel, Promised: day.Unknown, Delivered: day.Unknown,
		PaidUntil: day.Of(o.at) + day.Day(o.amount%5) - 1,
	}
}

func fold(told [][]byte, _ []event.OrderLine) ([]warehouse.ChangeLine, error) {
	var lines []warehouse.ChangeLine
	last := map[event.Kind]warehouse.ChangeLine{}
	for _, text := range told {
		var l event.OrderLine
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, err
		}
		last[l.Kind] = warehouse.ChangeLine{OrderLine: l, BaseMinor: l.AmountMinor}
	}
	for _, l := range last {
		lines = append(lines, l)
	}
	return lines, nil
}

func (s *shop) join(keys ...uint32) {
	var steps []warehouse.Step
	for _, k := range keys {
		s.people[k] = k
		steps = append(steps, upsert(k))
	}
	s.step(nil, nil, steps, false)
}

func upsert(key uint32) warehouse.Step {
	return warehouse.Step{Kind: warehouse.Upsert, Person: warehouse.Person{Key: key, ID: strconv.Itoa(int(key)), Email: fmt.Sprintf("p%d@example.com", key)}}
}

// segment defines or changes one and waits until it is live.
func (s *shop) segment(key uint32, text string) {
	s.t.Helper()
	var r *rule.Rule
	if text != "" {
		var err error
		r, err = rule.Parse([]byte(text))
		s.must(err)
	}
	s.known.Segments = slices.DeleteFunc(slices.Clone(s.known.Segments), func(d live.Segment) bool { return d.Key == key })
	s.known.Segments = append(s.known.Segments, live.Segment{Key: key, Slug: fmt.Sprintf("s%d", key), Name: fmt.Sprintf("Segment %d", key), Rule: r})
	s.engine.Changed()
	s.settle()
}

// settle waits until work is done; what the warehouse is ahead comes meanwhile.
func (s *shop) settle() {
	s.t.Helper()
	done := make(chan error, 1)
	go func() { done <- s.engine.Settle(context.Background()) }()
	s.follow()
	s.must(<-done)
}

func (s *shop) archive(key uint32) {
	s.known.Segments = slices.DeleteFunc(slices.Clone(s.known.Segments), func(d live.Segment) bool { return d.Key == key })
	s.engine.Changed()
	s.settle()
}

func (s *shop) members(key uint32) []uint32 { return s.recall.Members(key).ToArray() }

// wants fails unless the members are those.
func (s *shop) wants(key uint32, who ...uint32) {
	s.t.Helper()
	if got := s.members(key); !slices.Equal(got, who) {
		s.t.Fatalf("segment %d holds %v, want %v", key, got, who)
	}
}

// computed asks the warehouse, from scratch, who is in a segment now.
func (s *shop) computed(d live.Segment) []uint32 {
	s.t.Helper()
	ctx := context.Background()
	b, err := rule.Bind(d.Rule, s.catalog())
	s.must(err)
	rows, err := s.warehouse.Ask(ctx, `SELECT count(*) FROM information_schema.tables WHERE table_name = 'hand'`)
	s.must(err)
	s.must(rows.Close())
	s.must(s.warehouse.Bulk(ctx, func(conn *sql.Conn) error {
		text := `CREATE OR REPLACE TABLE hand (segment VARCHAR, customer_key UINTEGER);`
		for _, h := range s.known.Segments {
			if h.Rule == nil {
				for _, who := range s.chosen(h.Key) {
					text += fmt.Sprintf(`INSERT INTO hand VALUES ('%s', %d);`, h.Slug, who)
				}
			}
		}
		_, err := conn.ExecContext(ctx, text)
		return err
	}))
	text, args, err := render.Rules([]*rule.Bound{b}, render.Ask{AsOfUS: s.now.UnixMicro(), Members: "hand"}, render.DuckDB{})
	s.must(err)
	rows, err = s.warehouse.Ask(ctx, text, args...)
	s.must(err)
	defer func() { _ = rows.Close() }()
	var who []uint32
	for rows.Next() {
		var key uint32
		var bits uint64
		s.must(rows.Scan(&key, &bits))
		if bits&1 == 1 {
			who = append(who, key)
		}
	}
	s.must(rows.Err())
	slices.Sort(who)
	return who
}

func (s *shop) chosen(key uint32) []uint32 {
	b := roaring.New()
	for _, origin := range s.known.Chosen[key] {
		if customer, there := s.people[origin]; there {
			b.Add(customer)
		}
	}
	return b.ToArray()
}

func (s *shop) catalog() *rule.Catalog {
	keys := s.warehouse.Names()
	c := &rule.Catalog{
		Events: map[string]rule.Event{}, State: query.StateSchema(), Attributes: map[string]rule.Kind{}, Segments: map[string]rule.Segment{}, Traits: map[string]rule.Named{},
		Zone: s.known.Zone, Currency: s.known.Currency, Digits: s.known.Digits,
	}
	for name, key := range keys {
		c.Events[name] = rule.Event{Key: key}
	}
	for _, d := range s.known.Segments {
		c.Segments[d.Slug] = rule.Segment{Name: d.Name, Rule: d.Rule}
	}
	return c
}

func TestPeopleMoveAsEventsComeAndTimePasses(t *testing.T) {
	t.Parallel()
	s := newShop(t, t.TempDir())
	defer s.close()
	s.join(1, 2, 3)
	s.segment(16, `{"did":"Viewed","times":{">=":2},"window":{"last":"1h"}}`)
	s.segment(17, `{"did_not":"Viewed","window":{"last":"1h"}}`)
	s.segment(18, `{"attribute":"plan","op":"=","value":"gold"}`)
	s.segment(19, `{"trait":{"take":"sum","of":"Order Completed","property":"revenue"},"op":">=","value":10}`)
	s.wants(16)
	s.wants(17, 1, 2, 3)
	viewed := func(who uint32) fact { return fact{who, event.Track, "Viewed", `{"price":5}`, s.now} }
	s.step([]fact{viewed(1), viewed(1), viewed(2)}, nil, nil, false)
	s.wants(16, 1)
	s.wants(17, 3)
	s.step([]fact{{2, event.Identify, "Identified", `{"plan":"gold"}`, s.now}}, []order{{who: 3, id: "a", at: s.now, amount: 1200}}, nil, false)
	s.wants(18, 2)
	s.wants(19, 3)
	s.step(nil, []order{{who: 3, id: "a", at: s.now, amount: 900}}, nil, false) // a later version of the order
	s.wants(19)
	s.now = s.now.Add(61 * time.Minute)
	moved, err := s.engine.Sweep(t.Context())
	s.must(err)
	if len(moved) != 3 || moved[0].Reason != live.ByTime {
		t.Errorf("time moved %+v", moved)
	}
	s.wants(16)
	s.wants(17, 1, 2, 3)
	s.must(s.engine.Tell(t.Context()))
	var got []string
	for _, e := range s.told {
		got = append(got, fmt.Sprint(e.Event[8:], " ", e.Properties.Segment, " ", e.Context.ExternalIDs[0].ID, " ", e.Properties.Reason))
	}
	slices.Sort(got)
	want := []string{
		"Entered s16 1 event", "Entered s17 1 time", "Entered s17 2 time", "Entered s18 2 event", "Entered s19 3 event",
		"Left s16 1 time", "Left s17 1 event", "Left s17 2 event", "Left s19 3 event",
	}
	if !slices.Equal(got, want) {
		t.Errorf("told %q", got)
	}
}

func TestAStartFindsTheMembersItLeft(t *testing.T) {
	t.Parallel()
	s := newShop(t, t.TempDir())
	s.join(1, 2)
	s.segment(16, `{"did":"Viewed"}`)
	s.segment(17, `{"and":[{"segment":"s16"},{"share":{"percent":100,"salt":"x"}}]}`)
	s.step([]fact{{1, event.Track, "Viewed", `{}`, s.now}}, nil, nil, false)
	s.close()
	s.open()
	defer func() { s.close() }()
	s.wants(16, 1)
	s.step([]fact{{2, event.Track, "Viewed", `{}`, s.now}}, nil, nil, false)
	s.wants(16, 1, 2)
	s.wants(17, 1, 2)
	// Without what is remembered everything is made anew, and nobody is told of it.
	s.must(s.engine.Tell(t.Context()))
	before := len(s.told)
	s.close()
	s.must(recall.Discard(s.folder))
	s.open()
	s.must(s.engine.Settle(t.Context()))
	s.wants(16, 1, 2)
	s.wants(17, 1, 2)
	s.must(s.engine.Tell(t.Context()))
	if len(s.told) != before {
		t.Errorf("told again: %v", s.told[before:])
	}
	again := make([]bool, 1)
	if _, err := s.recall.Claim([]string{"m2-0"}, []uint64{1 << 40}, again); err != nil || !again[0] {
		t.Errorf("an id was forgotten: %v", err)
	}
}

func TestOneOnAListBeforeTheJournalTellsOfHerIsInIt(t *testing.T) {
	t.Parallel()
	s := newShop(t, t.TempDir())
	defer s.close()
	s.people[1] = 1
	s.step(nil, nil, []warehouse.Step{upsert(1)}, true)
	s.known.Chosen[22] = []uint32{1}
	s.known.Segments = append(s.known.Segments, live.Segment{Key: 22, Slug: "s22", Name: "Chosen"})
	s.engine.Changed()
	s.must(s.engine.Settle(t.Context()))
	s.wants(22)
	s.follow()
	s.wants(22, 1)
}

// TestOneWhoseRecordIsNotKeptMergesAndParts: what she did is in no record, and counts all the same for whom it is now.
func TestOneWhoseRecordIsNotKeptMergesAndParts(t *testing.T) {
	t.Parallel()
	s := newShop(t, t.TempDir())
	defer s.close()
	s.join(1, 2)
	s.segment(16, `{"trait":{"take":"count","of":"Viewed","where":[{"property":"cat","op":"is set"}]},"op":">=","value":5}`)
	s.segment(17, `{"did_not":"Viewed"}`)
	big := `{"cat":"` + strings.Repeat("x", 4000) + `"}`
	for range 10 {
		var facts []fact
		for range 20 {
			facts = append(facts, fact{1, event.Track, "Viewed", big, s.now})
		}
		s.step(facts, nil, nil, false)
	}
	sweep := func() {
		_, err := s.engine.Sweep(t.Context())
		s.must(err)
	}
	sweep()
	if !s.recall.Contains(recall.Heavy, 1) {
		t.Fatal("a record of this length is kept")
	}
	s.wants(16, 1)
	s.people[1] = 2
	s.step([]fact{{2, event.Track, "Viewed", `{}`, s.now}}, nil, []warehouse.Step{{Kind: warehouse.Move, Origin: 1, To: 2}, {Kind: warehouse.Gone, Person: warehouse.Person{Key: 1}}, upsert(2)}, false)
	sweep()
	s.wants(16, 2)
	s.wants(17)
	s.people[1] = 1
	s.step(nil, nil, []warehouse.Step{upsert(1), {Kind: warehouse.Move, Origin: 1, To: 1}, upsert(2)}, false)
	sweep()
	s.wants(16, 1)
	s.wants(17)
	if v, err := s.engine.Compare(t.Context(), false); err != nil || v.Differing != 0 {
		t.Errorf("%+v %v", v, err)
	}
}

// TestALoginIsNobodyNew: the first login in a browser that is known gives the user id a number of its own, which is hers from the beginning.
func TestALoginIsNobodyNew(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]warehouse.Step{
		"the journal tells": {{Kind: warehouse.Move, Origin: 2, To: 1}, upsert(1)}, "it tells of her row alone": {upsert(1)}, "that nobody is gone": {{Kind: warehouse.Move, Origin: 2, To: 1}, {Kind: warehouse.Gone, Person: warehouse.Person{Key: 2}}},
	} {
		s := newShop(t, t.TempDir())
		s.join(1)
		s.step([]fact{{1, event.Track, "Viewed", `{}`, s.now}}, nil, nil, false)
		s.segment(16, `{"did_not":"Viewed"}`)
		s.segment(17, `{"did_not":"Viewed","window":{"last":"1h"}}`)
		s.people[2] = 1
		s.step([]fact{{2, event.Identify, event.Identified, `{}`, s.now}}, nil, steps, false)
		s.wants(16)
		s.wants(17)
		if len(s.told) > 0 {
			t.Errorf("%s: %+v", name, s.told)
		}
		if v, err := s.engine.Compare(t.Context(), false); err != nil || v.Differing != 0 {
			t.Errorf("%s: %+v %v", name, v, err)
		}
		s.close()
	}
}

// TestWhoOrdersIsNotReadFromAnothersFirstOrderOn: of each buyer of a batch only what is new is added to her record.
func TestWhoOrdersIsNotReadFromAnothersFirstOrderOn(t *testing.T) {
	t.Parallel()
	s := newShop(t, t.TempDir())
	defer s.close()
	s.join(1, 2)
	s.segment(19, `{"did":"Order Completed","times":{">=":2}}`)
	ago := func(days int) time.Time { return s.now.AddDate(0, 0, -days) }
	s.step(nil, []order{{who: 1, id: "a", at: ago(10), amount: 1200}}, nil, false)
	s.step(nil, []order{{who: 1, id: "b", at: ago(1), amount: 1200}, {who: 2, id: "c", at: ago(20), amount: 700}}, nil, false)
	s.wants(19, 1)
	var r recall.Record
	for who, want := range map[uint32]int{1: 2, 2: 1} {
		s.must(s.recall.Read(who, &recall.Slots{}, 0, &r))
		if r.Facts != want {
			t.Errorf("customer %d has %d facts, want %d", who, r.Facts, want)
		}
	}
}

// TestWhatIsMadeAnewForgetsMerges: whoever had the facts of another by what is remembered has them no more where the warehouse knows
// of no merge.
func TestWhatIsMadeAnewForgetsMerges(t *testing.T) {
	t.Parallel()
	s := newShop(t, t.TempDir())
	defer func() { s.close() }()
	s.join(1, 2)
	c := s.recall.Begin(s.now.UnixMicro())
	c.Own(1, 2)
	s.must(c.Keep("made", nil))
	s.must(c.End())
	s.close()
	s.open()
	if who := s.recall.Owner(1); who != 1 {
		t.Errorf("the facts of 1 are those of %d", who)
	}
}

func (s *shop) apply(members map[uint32]map[uint32]bool) {
	s.t.Helper()
	for _, e := range s.told {
		key64, err := strconv.ParseUint(e.Properties.Segment[1:], 10, 32)
		s.must(err)
		who, err := strconv.ParseUint(e.Context.ExternalIDs[0].ID, 10, 32)
		s.must(err)
		set := members[uint32(key64)]
		if set == nil {
			set = map[uint32]bool{}
			members[uint32(key64)] = set
		}
		if e.Event == live.EnteredEvent {
			set[uint32(who)] = true
		} else {
			delete(set, uint32(who))
		}
	}
	s.told = nil
}

func sorted(set map[uint32]bool) []uint32 { return slices.Sorted(maps.Keys(set)) }
