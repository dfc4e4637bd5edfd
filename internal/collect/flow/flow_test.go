package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/bus"
	"github.com/dangol/dangol/internal/collect/commerce"
	"github.com/dangol/dangol/internal/collect/gate"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/store/storetest"
	"github.com/dangol/dangol/internal/warehouse"
)

func TestQueries(t *testing.T) { storetest.Prepare(t, Schema) }

// crowd knows a person by her first identity, and can be made to fail.
type crowd struct {
	mu      sync.Mutex
	keys    map[event.Identity]uint32
	offset  uint64
	failing atomic.Pointer[error]
	poison  atomic.Pointer[string] // a fact of this name fails each time
	tries   atomic.Int64
}

func (c *crowd) Apply(_ context.Context, seq uint64, facts []event.Fact) ([]Who, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tries.Add(1)
	if err := c.failing.Load(); err != nil {
		return nil, *err
	}
	whose := make([]Who, len(facts))
	for i := range facts {
		if name := c.poison.Load(); name != nil && facts[i].Name == *name {
			return nil, errors.New("poisoned")
		}
		id := facts[i].Identities[0]
		if id.Value == "null" {
			whose[i] = Who{Nobody, Nobody}
			continue
		}
		key, known := c.keys[id]
		if !known {
			key = uint32(len(c.keys))
			c.keys[id] = key
		}
		whose[i] = Who{key, key}
	}
	c.offset = max(c.offset, seq)
	return whose, nil
}

func (c *crowd) Offset(context.Context) (uint64, error)                       { return c.offset, nil }
func (c *crowd) Tell(context.Context) error                                   { return nil }
func (c *crowd) Steps(context.Context, uint64, int) ([]warehouse.Step, error) { return nil, nil }
func (c *crowd) Drop(context.Context, uint64) error                           { return nil }
func (c *crowd) Changed() <-chan struct{}                                     { return nil }

// onlookers remember message ids and what they were shown.
type onlookers struct {
	mu     sync.Mutex
	places map[string]uint64
	log    uint64
	names  []string
	fails  func() error // before it follows; nil: never
	wanted func() bool
}

func (o *onlookers) Claim(ids []string, places []uint64, duplicate []bool) (n int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, id := range ids {
		if first, seen := o.places[id]; seen && first != places[i] {
			duplicate[i] = true
			n++
			continue
		}
		o.places[id] = places[i]
	}
	return n, nil
}

func (o *onlookers) Offsets() (message, revision uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log, 0
}

func (o *onlookers) Wanted() bool { return o.wanted != nil && o.wanted() }

func (o *onlookers) Follow(_ context.Context, c Committed) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fails != nil {
		if err := o.fails(); err != nil {
			return err
		}
	}
	for i := range c.Facts {
		if event.SeqOf(c.Facts[i].Place) > o.log {
			o.names = append(o.names, c.Facts[i].Name)
		}
	}
	o.log = max(o.log, c.Log)
	return nil
}

type house struct {
	flow      *Flow
	gate      *gate.Gate
	warehouse *warehouse.Warehouse
	crowd     *crowd
	onlookers *onlookers
}

// open makes a house of which the flow runs.
func open(t testing.TB) house {
	t.Helper()
	h := still(t)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.flow.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return h
}

// still makes a house of which the flow stands: a test takes the steps itself.
func still(t testing.TB) house {
	t.Helper()
	dir, quiet := t.TempDir(), slog.New(slog.DiscardHandler)
	w, err := warehouse.Open(t.Context(), filepath.Join(dir, "w.duckdb"), warehouse.Options{MemoryMB: 256, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	b, err := bus.Open(t.Context(), bus.Options{Dir: filepath.Join(dir, "log"), Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	st := storetest.Open(t, market.Schema, Schema)
	g := gate.New(gate.Options{Bus: b, Clock: time.Now, Log: quiet, Dir: dir, Keys: func(context.Context, string) (string, error) { return "key", nil }})
	h := house{gate: g, warehouse: w, crowd: &crowd{keys: map[event.Identity]uint32{}}, onlookers: &onlookers{places: map[string]uint64{}}}
	h.flow = New(Options{
		Bus: b, Warehouse: w, Records: st, Workspace: market.NewWorkspace(st), People: h.crowd, Journal: h.crowd, Audience: h.onlookers, Put: g.Put, Clock: time.Now, Log: quiet,
	})
	t.Cleanup(func() {
		if err := errors.Join(g.Close(), b.Close(), w.Close()); err != nil {
			t.Error(err)
		}
	})
	return h
}

// batch sends calls and reads them from the log, to be taken by the test.
func (h *house) batch(t *testing.T, calls ...string) *batch {
	t.Helper()
	after := h.flow.Bus.Last()
	var raw [][]byte
	for _, c := range calls {
		raw = append(raw, []byte(c))
	}
	if err := h.gate.Put(t.Context(), "key", raw); err != nil {
		t.Fatal(err)
	}
	return h.next(t, after)
}

// next reads what is in the log behind a message.
func (h *house) next(t *testing.T, after uint64) *batch {
	t.Helper()
	r, err := h.flow.Bus.Read(t.Context(), after)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	m, err := r.Next(t.Context(), readMessages, readBytes, 10*time.Second)
	if err != nil || len(m) == 0 {
		t.Fatal(m, err)
	}
	b := newDecoding(commerce.Normalise).batch(m)
	b.alone = true
	return b
}

func (h *house) put(t *testing.T, calls ...string) {
	t.Helper()
	var raw [][]byte
	for _, c := range calls {
		raw = append(raw, []byte(c))
	}
	if err := h.gate.Put(t.Context(), "key", raw); err != nil {
		t.Fatal(err)
	}
	if err := h.flow.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	dead, err := h.flow.DeadLetters(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dead {
		t.Log("dead letter:", d.Problem)
	}
}

func (h *house) summary(t *testing.T) Summary {
	t.Helper()
	s, err := h.flow.Summarise(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *house) text(t *testing.T, question string) (all string) {
	t.Helper()
	rows, err := h.warehouse.Ask(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		all += line + "\n"
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(all)
}

func TestAnEventIsStoredOnceOrSetAside(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.put(t, `{"type":"track","event":"Signed Up","userId":"1","messageId":"a"}`, `{"type":"track","event":"Signed Up","userId":"1","messageId":"a"}`,
		`{"type":"page","anonymousId":"x","messageId":"b","name":"Home"}`, `{"type":"track","userId":"1","messageId":"c"}`, `{"type":"track","event":"Lost"}`,
		`{"type":"track","event":"Blocked","userId":"null","messageId":"d"}`)
	h.put(t, `{"type":"track","event":"Signed Up","userId":"1","messageId":"a"}`)
	s := h.summary(t)
	if s.Events != 2 || s.ByName["Signed Up"] != 1 || s.ByName["Page Viewed"] != 1 || s.Duplicates != 2 || s.Quarantined != 3 || s.Lag != 0 {
		t.Errorf("%+v", s)
	}
	items, by, err := h.flow.Quarantine(t.Context(), Filter{Limit: 10})
	if err != nil || len(items) != 3 || by["no_name"] != 1 || by["no_identity"] != 1 || by["blocked_identity"] != 1 {
		t.Fatalf("%+v %v %v", items, by, err)
	}
	for _, q := range items {
		if q.Sentence == "" || q.Next == "" || q.Raw == "" {
			t.Errorf("it is not said what to do: %+v", q)
		}
	}
}

func TestWhatIsMendedIsStoredOnceAndKeepsItsTime(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.put(t, `{"type":"track","userId":"1","messageId":"c","timestamp":"2026-01-02T03:04:05Z","properties":{"n":1}}`,
		`{"type":"track","event":"Blocked","userId":"null","messageId":"d","timestamp":"2026-01-02T03:04:05Z"}`)
	mend := func(reason string, patch map[string]any) {
		t.Helper()
		n, err := h.flow.Replay(t.Context(), nil, reason, patch)
		if err != nil || n != 1 {
			t.Fatalf("%s: %d %v", reason, n, err)
		}
		if err := h.flow.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	mend("no_name", nil) // not mended: it comes back
	mend("no_name", map[string]any{"event": "Renamed", "properties": map[string]any{"m": 2}})
	mend("blocked_identity", map[string]any{"userId": "7", "context": map[string]any{"externalIds": nil}})
	if s := h.summary(t); s.Quarantined != 0 || s.ByName["Renamed"] != 1 || s.ByName["Blocked"] != 1 {
		t.Errorf("%+v", s)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixMicro()
	if got := h.text(t, `SELECT at_us || ' ' || props FROM event ORDER BY place LIMIT 1`); got != fmt.Sprintf(`%d {"m":2,"n":1}`, at) {
		t.Error(got)
	}
	h.put(t, `{"type":"track","event":"Renamed","userId":"1","messageId":"c"}`)
	if s := h.summary(t); s.ByName["Renamed"] != 1 {
		t.Errorf("the client's next try was stored too: %+v", s)
	}
}

func TestAStageThatFailsHoldsEventsAndLosesNone(t *testing.T) {
	t.Parallel()
	h := open(t)
	away := errors.New("the records are away")
	h.crowd.failing.Store(&away)
	if err := h.gate.Put(t.Context(), "key", [][]byte{[]byte(`{"type":"track","event":"Held","userId":"1"}`)}); err != nil {
		t.Fatal(err)
	}
	events, stop := h.flow.Look(Filter{Name: "Held"}, 0)
	defer stop()
	for h.flow.state.Load() == nil {
		time.Sleep(time.Millisecond)
	}
	if s, err := h.flow.State(t.Context()); err != nil || s.State != "stalled" || s.Lag == 0 || !strings.Contains(s.Problem, "away") {
		t.Errorf("%+v %v", s, err)
	}
	h.crowd.failing.Store(nil)
	if e := <-events; e.Fate != Accepted {
		t.Errorf("%+v", e)
	}
}

// TestAnAudienceThatFailsNowAndThenSeesEverythingOnceInOrder lets the last stage, which runs beside the next step, fail.
func TestAnAudienceThatFailsNowAndThenSeesEverythingOnceInOrder(t *testing.T) {
	t.Parallel()
	h := open(t)
	random := rand.New(rand.NewPCG(7, 7))
	var mu sync.Mutex
	draw := func(n int) bool {
		mu.Lock()
		defer mu.Unlock()
		return random.IntN(n) == 0
	}
	h.onlookers.mu.Lock()
	h.onlookers.fails = func() error {
		if draw(3) {
			return fault.New(fault.Unavailable, "test.away", "the engine is away")
		}
		return nil
	}
	h.onlookers.wanted = func() bool { return draw(4) }
	h.onlookers.mu.Unlock()
	var want []string
	for i := range 300 {
		want = append(want, fmt.Sprintf("Event %d", i%50))
		if err := h.gate.Put(t.Context(), "key", [][]byte{fmt.Appendf(nil, `{"type":"track","event":%q,"userId":"u%d","messageId":"m%d"}`, want[i], i%7, i)}); err != nil {
			t.Fatal(err)
		}
		if i%20 == 19 {
			h.flow.Wake()
			time.Sleep(30 * time.Millisecond) // so that there are many steps
		}
	}
	if err := h.flow.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.flow.Between(func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if got := h.text(t, `SELECT count(*)::VARCHAR FROM event`); got != "300\n" && got != "300" {
		t.Errorf("the warehouse holds %q", got)
	}
	if !slices.Equal(h.onlookers.names, want) {
		t.Errorf("the audience saw %d events, not the %d in their order", len(h.onlookers.names), len(want))
	}
}

// TestAWakeAfterAStartSkipsNothing stops the process between the warehouse and the audience; at the next start somebody wakes the
// flow before the log is read.
func TestAWakeAfterAStartSkipsNothing(t *testing.T) {
	t.Parallel()
	h := still(t)
	b := h.batch(t, `{"type":"track","event":"Signed Up","userId":"1","messageId":"a"}`)
	killed := errors.New("killed")
	h.onlookers.fails = func() error { return killed }
	if err := h.flow.step(t.Context(), b); !errors.Is(err, killed) {
		t.Fatal(err)
	}
	h.onlookers.fails, h.flow.trailing = nil, nil
	for range 2 {
		if err := h.flow.step(t.Context(), &batch{}); err != nil {
			t.Fatal(err)
		}
		if h.onlookers.log != 0 || h.flow.settled.Load() != 0 {
			t.Errorf("the audience is at %d, %d is settled, and nothing was followed", h.onlookers.log, h.flow.settled.Load())
		}
		if err := h.flow.step(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if seq := b.seq(); h.onlookers.log != seq || h.flow.settled.Load() != seq || !slices.Equal(h.onlookers.names, []string{"Signed Up"}) {
			t.Errorf("the audience is at %d and saw %q", h.onlookers.log, h.onlookers.names)
		}
		if err := h.flow.step(t.Context(), &batch{}); err != nil || h.flow.settled.Load() != b.seq() {
			t.Errorf("after a step without messages %d is settled, %v", h.flow.settled.Load(), err)
		}
		h.onlookers.log, h.onlookers.names = 0, nil
		h.flow.settled.Store(0)
	}
}

func TestAPoisonedMessageIsADeadLetterAndCanBeRevived(t *testing.T) {
	t.Parallel()
	h := open(t)
	name := "Poison"
	h.crowd.poison.Store(&name)
	h.put(t, `{"type":"track","event":"Poison","userId":"1","messageId":"p"}`, `{"type":"track","event":"Poison","userId":"gone-1","messageId":"q"}`)
	h.put(t, `{"type":"track","event":"Fine","userId":"1","messageId":"f"}`)
	if s := h.summary(t); s.ByName["Fine"] != 1 || s.ByName["Poison"] != 0 || s.DeadLetters != 1 {
		t.Fatalf("%+v", s)
	}
	h.crowd.poison.Store(nil)
	dead, err := h.flow.DeadLetters(t.Context(), 10)
	if err != nil || len(dead) != 1 || dead[0].Problem != "poisoned" || dead[0].Events != 2 {
		t.Fatalf("%+v %v", dead, err)
	}
	seq, err := placeGiven(dead[0].Seq, "")
	if err != nil {
		t.Fatal(err)
	}
	l, err := h.flow.Letter(t.Context(), seq, 0, 10)
	if err != nil || l.Problem != "poisoned" || len(l.Items) != 2 || l.Next != "" || l.Items[0].Name != "Poison" || l.Items[0].Raw != `{"type":"track","event":"Poison","userId":"1","messageId":"p"}` {
		t.Errorf("%+v %v", l, err)
	}
	if n, err := h.flow.Erase(t.Context(), named(event.Identity{Kind: event.KindUser, Value: "gone-1"})); n != 1 || err != nil {
		t.Errorf("%d events were erased, %v", n, err)
	}
	if l, err = h.flow.Letter(t.Context(), seq, 0, 10); err != nil || l.Events != 1 || len(l.Items) != 1 || strings.Contains(l.Items[0].Raw, "gone-1") {
		t.Errorf("after the erasure: %+v %v", l, err)
	}
	if n, err := h.flow.Revive(t.Context(), seq); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if err := h.flow.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := h.summary(t); s.ByName["Poison"] != 1 || s.DeadLetters != 0 {
		t.Errorf("%+v", s)
	}
}

// TestALetterThatIsStoredIsNotStoredTwice: where only the audience fails, the warehouse has the events.
func TestALetterThatIsStoredIsNotStoredTwice(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.onlookers.mu.Lock()
	h.onlookers.fails = func() error { return errors.New("the segments fail") }
	h.onlookers.mu.Unlock()
	if err := h.gate.Put(t.Context(), "key", [][]byte{[]byte(`{"type":"track","event":"Signed Up","userId":"1","messageId":"a"}`)}); err != nil {
		t.Fatal(err)
	}
	var dead []DeadLetter
	for len(dead) == 0 {
		var err error
		if dead, err = h.flow.DeadLetters(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !strings.Contains(dead[0].Problem, "the segments fail (Its events are stored") {
		t.Errorf("it is not said that the events are stored: %q", dead[0].Problem)
	}
	h.onlookers.mu.Lock()
	h.onlookers.fails = nil
	h.onlookers.mu.Unlock()
	seq, err := placeGiven(dead[0].Seq, "")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := h.flow.Revive(t.Context(), seq); n != 0 || err != nil {
		t.Errorf("%d events were sent again, %v", n, err)
	}
	if err := h.flow.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := h.summary(t); s.ByName["Signed Up"] != 1 || s.DeadLetters != 0 {
		t.Errorf("%+v", s)
	}
}

// TestWhatIsNoMessagesFault: of these no message is buried, by the words that the engines use.
func TestWhatIsNoMessagesFault(t *testing.T) {
	t.Parallel()
	for _, words := range []string{
		"Out of Memory Error: could not allocate block of size 256.0 KiB (7.4 MiB/7.6 MiB used)",
		"Out of Memory Error: failed to offload data block of size 256.0 KiB (0 bytes/0 bytes used).",
		"Out of Memory Error: Failed to allocate block of 262144 bytes", "IO Error: Could not write file: No space left on device",
	} {
		if !passing(errors.New("change orders: " + words)) {
			t.Error(words)
		}
	}
	if passing(errors.New("Constraint Error: duplicate key")) {
		t.Error("a message that fails for ever is waited for")
	}
}

// TestMemoryThatIsShortIsWaitedFor: a step too large for an engine's memory is taken in parts; what does not go through even alone
// waits, and is not buried.
func TestMemoryThatIsShortIsWaitedFor(t *testing.T) {
	t.Parallel()
	h := still(t)
	var messages []bus.Message
	for i := range 3 {
		b := h.batch(t, fmt.Sprintf(`{"type":"track","event":"Event %d","userId":"1","messageId":"m%d"}`, i, i))
		messages = append(messages, b.messages...)
	}
	short := errors.New("Out of Memory Error: could not allocate block of size 256.0 KiB")
	h.crowd.failing.Store(&short)
	all := newDecoding(commerce.Normalise).batch(messages)
	taken := make(chan struct{})
	go func() {
		defer close(taken)
		h.flow.take(t.Context(), all)
	}()
	for i := 0; h.crowd.tries.Load() < 2*triesAlone+2; i++ { // whole, then the first alone
		if i > 3000 {
			t.Fatal("the step was not parted")
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.crowd.failing.Store(nil)
	<-taken
	if err := h.flow.await(); err != nil {
		t.Fatal(err)
	}
	if s := h.summary(t); s.Events != 3 || s.DeadLetters != 0 {
		t.Errorf("%+v", s)
	}
}

// named is a person with identities that are written as they are told.
func named(identities ...event.Identity) *event.Named {
	return event.NewNamed(identities, func(i event.Identity) (string, bool) { return strings.ToLower(i.Value), true })
}

// TestAPersonSetAsideIsFoundHoweverSheIsNamed: by what a batch shares, by a number for a text, in other capitals.
func TestAPersonSetAsideIsFoundHoweverSheIsNamed(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.put(t, `{"type":"track","userId":42,"messageId":"a"}`, `{"type":"track","anonymousId":"x","messageId":"b","context":{"traits":{"email":"KIM@X.KR"}}}`,
		`{"type":"track","userId":"7","messageId":"c","properties":{"quantity":42}}`)
	if err := h.flow.setAside(t.Context(), []aside{{place: event.PlaceOf(1, 4000), header: event.Header{Shared: []byte(`{"traits":{"email":"kim@x.kr"}}`)}, raw: []byte(`{"type":"track"}`)}}); err != nil {
		t.Fatal(err)
	}
	if err := h.flow.SetAside(t.Context(), Aside{Source: "shop", Reason: "webhook", Raw: []byte(`{"body":{"customer":{"id":42,"email":"other@x.kr"}}}`)}); err != nil {
		t.Fatal(err)
	}
	n, err := h.flow.Erase(t.Context(), named(event.Identity{Kind: event.KindUser, Value: "42"}, event.Identity{Kind: event.KindEmail, Value: "kim@x.kr"}))
	if err != nil || n != 4 {
		t.Errorf("%d events went, %v", n, err)
	}
	if left, _, err := h.flow.Quarantine(t.Context(), Filter{Limit: 10}); err != nil || len(left) != 1 || !strings.Contains(left[0].Raw, `"c"`) {
		t.Errorf("%+v %v", left, err)
	}
}

// TestTheLogKeepsWhatTheWarehouseMayLose: what is only in the engine's own log is not trimmed.
func TestTheLogKeepsWhatTheWarehouseMayLose(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.put(t, `{"type":"track","event":"Signed Up","userId":"1","messageId":"a"}`)
	if upTo, err := h.flow.Trim(t.Context()); err != nil || upTo != 0 {
		t.Errorf("trimmed up to %d, %v", upTo, err)
	}
	rd, err := h.warehouse.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer rd.Close()
	if _, err := h.warehouse.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if upTo, err := h.flow.Trim(t.Context()); err != nil || upTo != h.flow.Bus.Last() || upTo == 0 {
		t.Errorf("trimmed up to %d, %v", upTo, err)
	}
}

func TestOrderEventsBecomeOrders(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.put(t, `{"type":"track","event":"Completed Order","userId":"1","messageId":"1","properties":{"order_id":"A1","revenue":30.5,"currency":"EUR","products":[
		{"product_id":"mug","name":"Mug","category":"Kitchen","price":10.25,"quantity":2},{"product_id":"tea","price":10,"quantity":1}]}}`,
		`{"type":"track","event":"Order Refunded","userId":"1","messageId":"2","properties":{"order_id":"A1","total":5,"currency":"EUR"}}`,
		`{"type":"track","event":"Order Completed","userId":"2","messageId":"3","properties":{"order_id":"A2","revenue":10,"currency":"KRW"}}`)
	if got := h.text(t, `SELECT customer_key || ' ' || order_id || ' ' || kind || ' ' || base_minor || ' ' || currency FROM orders ORDER BY kind`); got != "0 A1 1 3050 EUR\n0 A1 2 500 EUR" {
		t.Error(got)
	}
	if got := h.text(t, `SELECT p.id || ' ' || l.amount_minor FROM line l JOIN product p ON p.key = l.product_key WHERE kind = 1 ORDER BY p.id`); got != "mug 2050\ntea 1000" {
		t.Error(got)
	}
	_, by, err := h.flow.Quarantine(t.Context(), Filter{Limit: 10})
	if err != nil || by["no_rate"] != 1 {
		t.Errorf("%v %v", by, err)
	}
	events, err := h.flow.Events(t.Context(), Filter{Name: "Order Completed", Limit: 5}, -1)
	if err != nil || len(events) != 2 || events[0].Fate != SetAside || events[1].Fate != Accepted {
		t.Errorf("%+v %v", events, err)
	}
}

// TestARefusedOrderIsShownToNobody: in a currency without a rate it is set aside, also where its step is taken again, and is
// stored and seen once when it was mended.
func TestARefusedOrderIsShownToNobody(t *testing.T) {
	t.Parallel()
	h := still(t)
	order := `{"type":"track","event":"Order Completed","userId":"1","messageId":"m%s","properties":{"order_id":"%s","revenue":5,"currency":"%s","products":[{"product_id":"p","price":5,"quantity":1}]}}`
	b := h.batch(t, fmt.Sprintf(order, "a", "a", "USD"), fmt.Sprintf(order, "b", "b", "THB"), `{"type":"track","event":"Seen","userId":"1","messageId":"c"}`)
	h.onlookers.fails = func() error { return errors.New("killed") }
	if err := h.flow.step(t.Context(), b); err == nil {
		t.Fatal("the audience did not fail")
	}
	settings, err := h.flow.Workspace.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	settings.Rates = map[string]string{"THB": "25"} // what was refused stays so until it is replayed
	if err := h.flow.Workspace.Put(t.Context(), settings, true); err != nil {
		t.Fatal(err)
	}
	h.onlookers.fails = nil
	if err := h.flow.step(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	want := []string{"Order Completed", "Seen"}
	if !slices.Equal(h.onlookers.names, want) || h.flow.counts.accepted.Load() != 2 {
		t.Errorf("the audience saw %q, %d were accepted", h.onlookers.names, h.flow.counts.accepted.Load())
	}
	if n, err := h.flow.Replay(t.Context(), nil, "no_rate", nil); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if err := h.flow.step(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if s := h.summary(t); s.Quarantined != 0 {
		t.Errorf("what was replayed is set aside again: %+v", s)
	}
	if err := h.flow.step(t.Context(), h.next(t, b.seq())); err != nil {
		t.Fatal(err)
	}
	if want = append(want, "Order Completed"); !slices.Equal(h.onlookers.names, want) {
		t.Errorf("after the replay the audience saw %q", h.onlookers.names)
	}
	if got := h.text(t, `SELECT order_id || ' ' || base_minor FROM orders ORDER BY order_id`); got != "a 500\nb 20" {
		t.Error(got)
	}
}

// TestLookFindsWhatIsRare: who looks for one name is shown it in a step of many others.
func TestLookFindsWhatIsRare(t *testing.T) {
	t.Parallel()
	h := open(t)
	events, stop := h.flow.Look(Filter{Name: "rare"}, 0)
	defer stop()
	calls := []string{`{"type":"track","event":"Rare","userId":"u","messageId":"first"}`}
	for i := range 3 * tailPerStep {
		calls = append(calls, fmt.Sprintf(`{"type":"track","event":"Usual","userId":"u","messageId":"m%d"}`, i))
	}
	h.put(t, calls...)
	select {
	case e := <-events:
		if e.MessageID != "first" {
			t.Errorf("%+v", e)
		}
	case <-time.After(10 * time.Second):
		t.Error("nothing is shown")
	}
}
