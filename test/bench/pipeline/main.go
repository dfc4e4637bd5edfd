package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/dangol/dangol/test/bench/load"
)

type options struct {
	load.Options
	batch, rate  int // rate 0: as fast as it goes
	binary, data string
	asJSON       bool
	profile      string
	segments     int
	warm         float64
	look, count  float64 // a second
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	rate := flag.String("rate", "20000", "events/s to send, or max")
	flag.Float64Var(&o.Seconds, "seconds", 60, "how long events are sent")
	flag.IntVar(&o.batch, "batch", 100, "events a request; 0: single calls")
	flag.IntVar(&o.Connections, "connections", 64, "kept-alive connections")
	flag.IntVar(&o.Customers, "customers", 100_000, "different customers in the events")
	flag.StringVar(&o.Prefix, "prefix", "cust_", "of user ids, before seven digits from 1000000 on; those of test/bench/lines have none")
	flag.StringVar(&o.Key, "key", "bench", "write key, where the folder has any")
	flag.StringVar(&o.binary, "binary", "", "the program to measure; empty: it is built")
	flag.StringVar(&o.data, "data", "", "a data folder that is kept, with what is in it already; empty: a fresh one")
	flag.BoolVar(&o.asJSON, "json", false, "print the figures as JSON")
	flag.IntVar(&o.segments, "segments", 50, "live segments, at most 50, besides the one that probes enter")
	flag.Float64Var(&o.warm, "warm", 8, "seconds before that, of events at half the rate, after which every segment follows events")
	flag.Float64Var(&o.look, "look", 0, "customers' pages, and as many \"why in\", asked for each second meanwhile")
	flag.Float64Var(&o.count, "count", 0, "rules that are counted each second meanwhile, as while somebody types them")
	flag.StringVar(&o.profile, "perf", "", "record the server with perf into this file")
	flag.Parse()
	if err := parseRate(&o, *rate); err == nil {
		err = run(ctx, o, os.Stdout)
		exit(err)
	} else {
		exit(err)
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "pipeline:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func parseRate(o *options, text string) (err error) {
	if text == "max" {
		return nil
	}
	if o.rate, err = strconv.Atoi(text); err != nil || o.rate <= 0 {
		return fmt.Errorf("-rate is a number of events a second, or max; not %q", text)
	}
	return nil
}

// report is what a run found.
type report struct {
	Seconds       float64       `json:"seconds"`
	Asked         int           `json:"asked_per_s"` // 0: as fast as it went
	Accepted      int           `json:"accepted"`
	Refused       int           `json:"refused_requests"`
	AcceptedRate  float64       `json:"accepted_per_s"`
	AllTheWayRate float64       `json:"all_the_way_per_s"` // while events were sent
	DrainSeconds  float64       `json:"drain_s"`           // until the rest was through
	Backlog       [3]int64      `json:"backlog_events"`    // start, middle, end
	Acks          quantiles     `json:"acks"`
	Seen          quantiles     `json:"until_seen"`
	Entered       quantiles     `json:"until_entered"`
	Probes        int           `json:"probes"`
	ProbesSeen    int           `json:"probes_seen"`
	ProbesEntered int           `json:"probes_entered"`
	Page          quantiles     `json:"page"`
	Why           quantiles     `json:"why"`
	Count         quantiles     `json:"count"`
	Looks         int           `json:"looks"` // pages and why
	Counts        int           `json:"counts"`
	Estimates     int           `json:"estimates"` // of the counts
	LooksFailed   int           `json:"looks_failed"`
	CPUPerEvent   time.Duration `json:"cpu_ns_per_event"`
	CPUShare      float64       `json:"cpu_cores"`
	MemoryMin     int64         `json:"memory_min_mb"`
	MemoryMax     int64         `json:"memory_max_mb"`
	MemoryLast    int64         `json:"memory_last_mb"`
	Samples       []sample      `json:"samples"`
}

type quantiles struct {
	P50, P95, P99, Longest time.Duration
}

// MarshalJSON tells milliseconds.
func (q quantiles) MarshalJSON() ([]byte, error) {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return json.Marshal(map[string]float64{"p50_ms": ms(q.P50), "p95_ms": ms(q.P95), "p99_ms": ms(q.P99), "longest_ms": ms(q.Longest)})
}

func run(ctx context.Context, o options, out io.Writer) (err error) {
	s, err := start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	r, err := measure(ctx, o, s)
	if err != nil {
		return errors.Join(err, s.said())
	}
	if o.asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	r.print(out)
	return nil
}

// measure drives the plan while it watches the server, and waits for what is left.
func measure(ctx context.Context, o options, s *server) (*report, error) {
	to, err := url.Parse(s.url)
	if err != nil {
		return nil, err
	}
	if err := s.makeSegments(ctx, o.segments); err != nil {
		return nil, err
	}
	if err := warm(ctx, o, s, to.Host); err != nil {
		return nil, err
	}
	p := newProbes(s.url, o.Key)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	looking, noMore := context.WithCancel(watching)
	defer noMore()
	probing := p.run(looking)
	l := &lookers{server: s, o: o, took: map[string][]time.Duration{}}
	asking := l.run(looking)
	w := watch(watching, s)
	before, err := s.meters(ctx)
	if err != nil {
		return nil, err
	}
	used := load.Usage(s.pid)
	perf := record(watching, s.pid, o.profile)
	driven, err := load.Drive(ctx, to.Host, o.Options, load.Plan{Name: "pipeline", Batch: o.batch, Rate: o.rate}, 0)
	if err != nil {
		return nil, err
	}
	after, err := s.meters(ctx)
	if err != nil {
		return nil, err
	}
	noMore() // or there would always be one on its way
	probing.Wait()
	asking.Wait()
	ended := time.Now()
	if err := s.drain(ctx); err != nil {
		return nil, err
	}
	drained := time.Since(ended)
	usedAfter := load.Usage(s.pid)
	stop()
	r := &report{
		Seconds: driven.Lasted.Seconds(), Asked: o.rate, Accepted: driven.Events, Refused: driven.Refused,
		AcceptedRate: float64(driven.Events) / driven.Lasted.Seconds(), AllTheWayRate: (after.through - before.through) / driven.Lasted.Seconds(),
		DrainSeconds: drained.Seconds(),
		Acks:         quantiles{driven.Quantile(0.50), driven.Quantile(0.95), driven.Quantile(0.99), driven.Longest},
		CPUPerEvent:  (usedAfter.CPU - used.CPU) / time.Duration(max(driven.Events, 1)),
		CPUShare:     (usedAfter.CPU - used.CPU).Seconds() / (driven.Lasted + drained).Seconds(),
	}
	r.Probes, r.ProbesSeen, r.ProbesEntered = p.n, len(p.waits), len(p.entries)
	r.Seen, r.Entered = spread(p.waits), spread(p.entries)
	r.Page, r.Why, r.Count = spread(l.took["page"]), spread(l.took["why"]), spread(l.took["count"])
	r.Looks, r.Counts, r.Estimates, r.LooksFailed = len(l.took["page"])+len(l.took["why"]), len(l.took["count"]), l.estimates, l.failed
	r.take(w.all(), ended)
	return r, perf()
}

// warm sends some of every event first: rules that name one which never came are found anew when it does, once in the life of a shop.
func warm(ctx context.Context, o options, s *server, host string) error {
	if o.warm <= 0 {
		return nil
	}
	before := o.Options
	before.Seconds = o.warm
	rate := o.rate / 2
	if rate == 0 {
		rate = 10_000
	}
	if _, err := load.Drive(ctx, host, before, load.Plan{Name: "warm", Batch: o.batch, Rate: rate}, 1); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(settling):
	}
	return errors.Join(s.allLive(ctx), s.drain(ctx))
}

// settling is how long the server may take to see that an event came for the first time.
const settling = 12 * time.Second

// take fills in what the samples tell; those behind ended are of the rest.
func (r *report) take(samples []sample, ended time.Time) {
	var sent []sample
	for _, s := range samples {
		if s.at.Before(ended) {
			sent = append(sent, s)
		}
	}
	r.Samples = samples
	if len(sent) == 0 {
		return
	}
	for i, s := range []sample{sent[0], sent[len(sent)/2], sent[len(sent)-1]} {
		r.Backlog[i] = s.Backlog
	}
	r.MemoryMin = sent[0].Memory
	for _, s := range samples {
		r.MemoryMin, r.MemoryMax, r.MemoryLast = min(r.MemoryMin, s.Memory), max(r.MemoryMax, s.Memory), s.Memory
	}
}

func (r *report) print(out io.Writer) {
	line := func(name, format string, v ...any) { fmt.Fprintf(out, "%-34s %s\n", name, fmt.Sprintf(format, v...)) }
	asked := "as fast as it goes"
	if r.Asked > 0 {
		asked = fmt.Sprintf("%d events/s", r.Asked)
	}
	line("asked for", "%s, %.0f s", asked, r.Seconds)
	line("accepted and on disk", "%.0f events/s (%d events, %d requests refused)", r.AcceptedRate, r.Accepted, r.Refused)
	line("all the way while sending", "%.0f events/s; the rest took %.1f s more", r.AllTheWayRate, r.DrainSeconds)
	line("backlog at start, middle, end", "%d, %d, %d events", r.Backlog[0], r.Backlog[1], r.Backlog[2])
	told := func(q quantiles) string {
		return fmt.Sprintf("p50 %s, p95 %s, p99 %s, longest %s", short(q.P50), short(q.P95), short(q.P99), short(q.Longest))
	}
	line("acknowledgement", "%s", told(r.Acks))
	line("until seen in /v1/events/live", "%s (%d of %d)", told(r.Seen), r.ProbesSeen, r.Probes)
	line("until seen to enter a segment", "%s (%d of %d)", told(r.Entered), r.ProbesEntered, r.Probes)
	if r.Looks+r.LooksFailed > 0 {
		line("a customer's page", "%s", told(r.Page))
		line("why in, or not", "%s (%d of both, %d failed)", told(r.Why), r.Looks, r.LooksFailed)
	}
	if r.Counts > 0 {
		line("how many while typing", "%s (%d, %d of them estimates)", told(r.Count), r.Counts, r.Estimates)
	}
	line("processor", "%.1f µs/event, %.2f cores", float64(r.CPUPerEvent.Nanoseconds())/1000, r.CPUShare)
	line("memory (RSS) min, max, last", "%d, %d, %d MB", r.MemoryMin, r.MemoryMax, r.MemoryLast)
	for i, s := range r.Samples {
		if every := max(1, len(r.Samples)/10); i%every == 0 {
			fmt.Fprintf(out, "  after %5.1f s  backlog %9d events  memory %5d MB\n", s.After, s.Backlog, s.Memory)
		}
	}
}

func short(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
