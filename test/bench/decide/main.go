// Command decide measures POST /v1/decide: a server with as many customers as asked for, questions at a fixed rate over kept connections from
// this process, on the same machine, and how long each waited from the instant at which it was due.
//
//	go run ./test/bench/decide -customers 1000000 -rate 5000 -for 60s
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/dangol/dangol/test/bench/beside"
)

type options struct {
	customers, orders, products int
	rate, connections           int
	length, warm                time.Duration
	binary, data                string
	prefix                      string
	first                       int
}

func main() {
	var o options
	flag.IntVar(&o.customers, "customers", 1_000_000, "who ordered")
	flag.IntVar(&o.orders, "orders", 4, "orders of each, on average")
	flag.IntVar(&o.products, "products", 4000, "in the shop")
	flag.IntVar(&o.rate, "rate", 5000, "questions a second")
	flag.IntVar(&o.connections, "connections", 32, "kept open")
	flag.DurationVar(&o.length, "for", 60*time.Second, "how long it is measured")
	flag.DurationVar(&o.warm, "warm", 5*time.Second, "how long before")
	flag.StringVar(&o.binary, "binary", "", "the program; built when empty")
	flag.StringVar(&o.data, "data", "", "a data folder that is kept and used again; a scratch one when empty")
	flag.StringVar(&o.prefix, "prefix", "c", "of user ids, before their number; those of test/bench/lines have none")
	flag.IntVar(&o.first, "first", 0, "the first number; of test/bench/lines 1000000")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, &o); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be undone
	}
}

func run(ctx context.Context, o *options) (err error) {
	scratch, err := os.MkdirTemp("", "dangol-decide-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	if o.binary == "" {
		o.binary = filepath.Join(scratch, "dangol")
		if err := command(ctx, "go", "build", "-o", o.binary, filepath.Join(beside.Root(), "cmd", "dangol")); err != nil {
			return err
		}
	}
	if o.data == "" {
		o.data = filepath.Join(scratch, "data")
	}
	if _, err := os.Stat(filepath.Join(o.data, "models")); err != nil {
		if err := prepare(ctx, o, scratch); err != nil {
			return err
		}
	}
	server, url, err := serve(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = server.Process.Signal(syscall.SIGTERM); _ = server.Wait() }()
	if err := ready(ctx, url); err != nil {
		return err
	}
	return measure(ctx, o, strings.TrimPrefix(url, "http://"), server.Process.Pid)
}

func command(ctx context.Context, name string, args ...string) error {
	c := exec.CommandContext(ctx, name, args...)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	return c.Run()
}

// prepare invents orders, imports them and trains. People buy in families of products, the first ones of a family most.
func prepare(ctx context.Context, o *options, scratch string) error {
	path := filepath.Join(scratch, "orders.csv")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	_, _ = w.WriteString("order_id,customer_id,date,product_id,category,quantity,amount\n")
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	n, families := 0, max(o.products/40, 1)
	for c := range o.customers {
		family := r.IntN(families)
		for range 1 + r.IntN(2*o.orders-1) {
			n++
			day := start.AddDate(0, 0, r.IntN(500)).Format(time.DateOnly)
			for range 1 + r.IntN(3) {
				product := family*40 + int(40*r.Float64()*r.Float64())
				if r.IntN(5) == 0 {
					product = r.IntN(o.products)
				}
				_, _ = fmt.Fprintf(w, "o%d,c%d,%s,p%d,f%d,1,%d\n", n, c, day, product, product/40%12, 100+product%900)
			}
		}
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		return err
	}
	began := time.Now()
	if err := command(ctx, o.binary, "import", "orders", path, "--data", o.data, "--tz", "UTC", "--currency", "KRW", "--market", "KR", "-q"); err != nil {
		return err
	}
	imported := time.Now()
	if err := command(ctx, o.binary, "train", "recommend", "--data", o.data, "-q"); err != nil {
		return err
	}
	fmt.Printf("prepared: %d orders imported in %.0f s, trained and told of %d customers in %.0f s\n", n, imported.Sub(began).Seconds(), o.customers, time.Since(imported).Seconds())
	return nil
}

func serve(ctx context.Context, o *options) (*exec.Cmd, string, error) {
	c := exec.CommandContext(ctx, o.binary, "serve", "--addr", "127.0.0.1:0", "--data", o.data)
	c.Stderr = io.Discard
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := c.Start(); err != nil {
		return nil, "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	at := strings.Index(line, "http")
	if err != nil || at < 0 {
		return nil, "", fmt.Errorf("the server said %q: %w", line, err)
	}
	return c, strings.TrimSpace(line[at:]), nil
}

// ready waits until the model answers, and what a start does besides is over.
func ready(ctx context.Context, url string) error {
	for range 600 {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/decide", strings.NewReader(`{"customer":"c1"}`))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			var d struct {
				Version int64 `json:"version"`
			}
			err = json.NewDecoder(answer.Body).Decode(&d)
			_ = answer.Body.Close()
			if err == nil && d.Version > 0 {
				time.Sleep(15 * time.Second) // everybody is looked at once after a start
				return nil
			}
		}
		time.Sleep(time.Second)
	}
	return errors.New("the server has no model")
}

// tally is what one connection met.
type tally struct {
	waits  []time.Duration
	failed int
	err    error
}

func measure(ctx context.Context, o *options, host string, pid int) error {
	load := uptime()
	before := cpu(pid)
	tallies := make([]tally, o.connections)
	var all sync.WaitGroup
	start := time.Now().Add(100 * time.Millisecond)
	for i := range tallies {
		all.Go(func() { tallies[i].ask(ctx, o, host, i, start) })
	}
	all.Wait()
	spent := cpu(pid) - before
	var waits []time.Duration
	failed := 0
	for i := range tallies {
		if tallies[i].err != nil {
			return tallies[i].err
		}
		waits, failed = append(waits, tallies[i].waits...), failed+tallies[i].failed
	}
	slices.Sort(waits)
	if len(waits) == 0 {
		return errors.New("nothing was answered")
	}
	q := func(p float64) float64 {
		return float64(waits[min(int(p*float64(len(waits))), len(waits)-1)].Microseconds()) / 1000
	}
	seconds := o.length.Seconds()
	fmt.Printf("decide: %d customers, %d questions/s asked, %.0f/s answered over %d connections, %d failed, %s with %d cores\n",
		o.customers, o.rate, float64(len(waits))/seconds, o.connections, failed, o.length, runtime.NumCPU())
	fmt.Printf("waits from the instant due, ms: p50 %.2f  p90 %.2f  p99 %.2f  p99.9 %.2f  max %.2f   (p99 at most 5: ratio %.2f)\n", q(0.5), q(0.9), q(0.99), q(0.999), q(1), q(0.99)/5)
	fmt.Printf("server: %.0f µs of processor a question, %d MB resident; load of the machine before %s, after %s\n",
		1e6*spent/(float64(len(waits))+o.warm.Seconds()*float64(o.rate)), resident(pid), load, uptime())
	return nil
}

// ask sends this connection's share of the questions when they are due, whatever those before took.
func (t *tally) ask(ctx context.Context, o *options, host string, nth int, start time.Time) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", host)
	if err != nil {
		t.err = err
		return
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReaderSize(conn, 16<<10)
	r := rand.New(rand.NewPCG(uint64(nth), 9))
	gap := time.Duration(float64(time.Second) * float64(o.connections) / float64(o.rate))
	due := start.Add(gap * time.Duration(nth) / time.Duration(o.connections))
	measured, end := start.Add(o.warm), start.Add(o.warm+o.length)
	for ; due.Before(end); due = due.Add(gap) {
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		}
		body := fmt.Sprintf(`{"customer":"user:%s%d","slot":"home","count":3}`, o.prefix, o.first+r.IntN(o.customers))
		_, err := fmt.Fprintf(conn, "POST /v1/decide HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", host, len(body), body)
		if err != nil {
			t.err = err
			return
		}
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			t.err = err
			return
		}
		_, err = io.Copy(io.Discard, answer.Body)
		if answer.StatusCode != http.StatusOK || err != nil {
			t.failed++
		}
		if !due.Before(measured) {
			t.waits = append(t.waits, time.Since(due))
		}
	}
}

func uptime() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

// cpu is what a process has spent, in seconds.
func cpu(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var user, system float64
	_, _ = fmt.Sscan(fields[11]+" "+fields[12], &user, &system)
	return (user + system) / 100
}

// resident is a process's memory in MB.
func resident(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb := 0
			_, _ = fmt.Sscan(rest, &kb)
			return kb / 1024
		}
	}
	return 0
}
