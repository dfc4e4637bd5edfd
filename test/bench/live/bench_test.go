package live

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/audience/live"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/recall"
	"github.com/dangol/dangol/internal/warehouse"
	"github.com/dangol/dangol/test/bench/load"
	bench "github.com/dangol/dangol/test/bench/shop"
)

func size(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return usual
}

// shop is the folder with an engine over it; its clock goes on from the end of the data.
type shop struct {
	tb        testing.TB
	folder    string
	warehouse *warehouse.Warehouse
	recall    *recall.Recall
	engine    *live.Engine
	customers int
	from      time.Time
	began     time.Time
	seq       uint64
	random    *rand.Rand
	made      map[string]string

	mu      sync.Mutex
	sent    map[uint64]time.Time // place → when its event came
	delays  []time.Duration
	heard   int
	reasons map[string]int
}

func (s *shop) clock() time.Time { return s.from.Add(time.Since(s.began)) }

// last is the time of the latest event: the clock goes on from there.
func (s *shop) last() time.Time {
	rows, err := s.warehouse.Ask(context.Background(), `SELECT max(received_us) FROM event`)
	s.must(err)
	defer func() { _ = rows.Close() }()
	at := int64(0)
	for rows.Next() {
		s.must(rows.Scan(&at))
	}
	s.must(rows.Err())
	return time.UnixMicro(at).Add(time.Second)
}

func open(b *testing.B) *shop {
	b.Helper()
	s := &shop{
		tb: b, folder: os.Getenv("DANGOL_BENCH_FOLDER"), customers: size("DANGOL_BENCH_CUSTOMERS", 1_000_000), began: time.Now(), random: rand.New(rand.NewPCG(1, 1)),
		sent: map[uint64]time.Time{}, made: map[string]string{}, reasons: map[string]int{},
	}
	if s.folder == "" {
		s.folder = b.TempDir()
	}
	path := filepath.Join(s.folder, "warehouse.duckdb")
	_, missing := os.Stat(path)
	if missing != nil {
		began := time.Now()
		s.must(bench.Fill(context.Background(), path, s.customers, size("DANGOL_BENCH_EVENTS", 20_000_000)))
		b.Logf("the data were made in %s", time.Since(began).Round(time.Second))
	}
	var err error
	s.warehouse, err = warehouse.Open(context.Background(), path, warehouse.Options{})
	s.must(err)
	s.recall, err = recall.Open(context.Background(), filepath.Join(s.folder, "recall"), recall.Options{})
	s.must(err)
	s.seq, err = s.warehouse.Offset(context.Background())
	s.must(err)
	s.engine = live.New(live.Options{Warehouse: s.warehouse, Recall: s.recall, Known: s.known, Announce: s.hear, Clock: s.clock, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	s.from = s.last()
	s.step("opening, with what is remembered made anew where it is missing", func() { s.must(s.engine.Open(context.Background())) })
	b.Cleanup(func() {
		s.must(s.recall.Close())
		s.must(s.warehouse.Close())
	})
	return s
}

func (s *shop) must(err error) {
	s.tb.Helper()
	if err != nil {
		s.tb.Fatal(err)
	}
}

func (s *shop) step(name string, do func()) {
	began, busy := time.Now(), processors()
	do()
	s.tb.Logf("%s: %s (%s of the processors), %d MB resident", name, time.Since(began).Round(time.Millisecond), (processors() - busy).Round(time.Millisecond), resident()>>20)
}

func (s *shop) known(context.Context) (live.Known, error) {
	k := live.Known{Zone: time.UTC, Currency: "EUR", Digits: 2, Markets: []string{"KR", "TH", "DE"}, Chosen: map[uint32][]uint32{16: {}}}
	for i := range s.customers / 200 {
		k.Chosen[16] = append(k.Chosen[16], uint32(1+i*97)%uint32(s.customers)+1)
	}
	k.Segments = append(k.Segments, live.Segment{Key: 16, Slug: "friends", Name: "Friends"})
	for i, text := range load.Fifty {
		r, err := rule.Parse([]byte(text))
		if err != nil {
			return k, err
		}
		k.Segments = append(k.Segments, live.Segment{Key: uint32(17 + i), Slug: fmt.Sprintf("s%02d", i), Name: text, Rule: r})
	}
	return k, nil
}

// hear stands for the log: it takes the time from an event to what it moved.
func (s *shop) hear(_ context.Context, events [][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range events {
		var e struct {
			Properties struct{ Segment, Reason, Event string }
			Context    struct{ ExternalIDs []struct{ ID string } }
		}
		if err := json.Unmarshal(text, &e); err != nil {
			return err
		}
		s.heard++
		s.reasons[e.Properties.Reason]++
		who, _ := strconv.ParseUint(e.Context.ExternalIDs[0].ID, 10, 32)
		if at, ok := s.sent[who]; ok && e.Properties.Reason == "event" {
			s.delays = append(s.delays, time.Since(at))
		}
	}
	return nil
}

// batch makes a message of events as they come in, one after another, and what the warehouse keeps of them.
func (s *shop) batch(n int) ([]event.Fact, []live.Resolved, *warehouse.Following) {
	facts, people := make([]event.Fact, n), make([]live.Resolved, n)
	w := &warehouse.Following{Facts: make([]warehouse.Fact, n)}
	now, at := s.clock().UnixMicro(), time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range facts {
		if i%event.GroupLimit == 0 {
			s.seq++
		}
		who := uint32(1 + s.random.IntN(s.customers))
		name, typ, props := s.call()
		facts[i] = event.Fact{
			Place: event.PlaceOf(s.seq, i%event.GroupLimit), MessageID: fmt.Sprintf("ajs-next-%d-%d-2f1c", s.seq, i), Type: typ, Name: name, AtUS: now, ReceivedUS: now, Source: "bench",
			Props: []byte(props), Context: []byte(`{"ip":"10.0.0.1","page":{"path":"/p/17","url":"https://shop.example/p/17"}}`),
		}
		people[i] = live.Resolved{Customer: who, Origin: who}
		w.Facts[i] = warehouse.Fact{Fact: &facts[i], Customer: who, Origin: who}
		s.sent[uint64(who)] = at
	}
	w.Log = s.seq
	return facts, people, w
}

func (s *shop) call() (name string, typ event.Type, props string) {
	k := s.random.IntN(1000)
	category := []string{"tea", "coffee", "cups", "cake", "gift", "book"}[s.random.IntN(6)]
	for _, n := range bench.Names {
		if k -= n.Share; k >= 0 {
			continue
		}
		switch n.Name {
		case "Identified":
			props = fmt.Sprintf(`{"plan":%q,"age":%d,"birthday":"1980-03-%02d","country":"KR","newsletter":true}`, []string{"free", "gold", "black"}[s.random.IntN(3)], 18+k+60, 1+s.random.IntN(28))
		case "Consent Changed":
			props = `{"purpose":"marketing","channel":"email","state":"given","source":"form"}`
		default:
			props = fmt.Sprintf(`{"product_id":"p%d","category":%q,"brand":"b1","price":%d.5,"currency":"KRW","quantity":1,"name":"Product %d","url":"https://shop.example/p/%d"}`, s.random.IntN(20000), category, s.random.IntN(90), s.random.IntN(20000), s.random.IntN(20000))
		}
		return n.Name, event.Type(n.Type), props
	}
	return "Page Viewed", event.Page, `{"name":"Home"}`
}

func (s *shop) claim(facts []event.Fact) {
	ids, places := make([]string, len(facts)), make([]uint64, len(facts))
	for i := range facts {
		ids[i], places[i] = facts[i].MessageID, facts[i].Place
	}
	n, err := s.recall.Claim(ids, places, make([]bool, len(ids)))
	s.must(err)
	if n > 0 {
		s.tb.Fatalf("%d new events are taken for old ones", n)
	}
}

func BenchmarkLive(b *testing.B) {
	s := open(b)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	s.step("fifty segments: their strands, and everybody evaluated", func() {
		s.must(s.engine.Settle(ctx))
	})
	state, err := s.engine.State()
	s.must(err)
	b.Logf("%+v", state)
	s.step("everybody compared", func() {
		v, err := s.engine.Compare(ctx, false)
		s.must(err)
		b.Logf("%+v", v)
	})
	s.step("one sweep", func() { _, err := s.engine.Sweep(ctx); s.must(err) })
	var ended sync.WaitGroup
	ended.Go(func() { s.must(s.engine.Run(ctx)) })
	for b.Loop() {
		s.rush(b)
		s.steady(b)
	}
	stop()
	ended.Wait()
	s.must(s.engine.Tell(context.Background()))
	v, err := s.engine.Compare(context.Background(), false)
	s.must(err)
	b.Logf("in the end: %+v; %d transitions told, %v", v, s.heard, s.reasons)
	if v.Differing > 0 {
		b.Fatal("memberships differ from what the facts say")
	}
}

// steady sends 2,000 events a second in small steps, as the pipeline takes them.
func (s *shop) steady(b *testing.B) {
	s.mu.Lock()
	clear(s.sent)
	s.delays = nil
	s.mu.Unlock()
	const rate, steps = 2_000, 10
	tick := time.NewTicker(time.Second / steps)
	defer tick.Stop()
	busy, began := processors(), time.Now()
	seconds := size("DANGOL_BENCH_SECONDS", 60)
	for range seconds * steps {
		<-tick.C
		facts, people, w := s.batch(rate / steps)
		s.claim(facts)
		s.must(s.warehouse.Follow(context.Background(), w))
		_, err := s.engine.Follow(context.Background(), live.Batch{Log: w.Log, Facts: facts, People: people})
		s.must(err)
	}
	b.ReportMetric(float64(rate*seconds)/time.Since(began).Seconds(), "events/s")
	b.Logf("at %d events a second the processors are busy %.0f%% of one", rate, 100*(processors()-busy).Seconds()/time.Since(began).Seconds())
	time.Sleep(500 * time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.delays)
	if n := len(s.delays); n > 0 {
		b.Logf("%d transitions; event to transition told: median %s, p95 %s, p99 %s, longest %s", n, s.delays[n/2], s.delays[n*95/100], s.delays[n*99/100], s.delays[n-1])
		b.ReportMetric(float64(s.delays[n*95/100].Microseconds())/1000, "p95_ms")
	}
}

// rush sends as fast as it can, and takes the processors' time of this stage alone.
func (s *shop) rush(b *testing.B) {
	const batches, each = 30, 20_000
	var claim, follow, store time.Duration
	var wall time.Duration
	for range batches {
		facts, people, w := s.batch(each)
		t0 := processors()
		s.claim(facts)
		t1 := processors()
		s.must(s.warehouse.Follow(context.Background(), w))
		t2, began := processors(), time.Now()
		_, err := s.engine.Follow(context.Background(), live.Batch{Log: w.Log, Facts: facts, People: people})
		s.must(err)
		wall += time.Since(began)
		claim, store, follow = claim+t1-t0, store+t2-t1, follow+processors()-t2
	}
	n := float64(batches * each)
	us := func(d time.Duration) float64 { return float64(d.Microseconds()) / n }
	b.Logf("in batches of %d, of the processors an event: claim %.1f µs, follow %.1f µs (the warehouse %.1f µs); follow alone goes at %.0f events/s", each, us(claim), us(follow), us(store), n/wall.Seconds())
	b.ReportMetric(us(claim)+us(follow), "µs/event")
}

func processors() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resident is the memory of the process that is not in files.
func resident() int64 {
	runtime.GC()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return n << 10
		}
	}
	return 0
}
