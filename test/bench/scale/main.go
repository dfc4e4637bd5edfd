// Command scale measures the real binary on a large, SIMULATED file: import, analysis, start, memory and the answers of
// the console's screens.
//
//	go run ./test/bench/scale -binary bin/dangol                        # 1M customers, 20M order lines
//	go run ./test/bench/scale -binary bin/dangol -file orders.csv.gz    # a file of your own
//
// It prints a Markdown table. Nothing is asserted: machines differ, and a slow one is no bug.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/dangol/dangol/internal/simulate"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

type bench struct {
	binary, data string
	out          *bufio.Writer
}

func run(ctx context.Context) error {
	var crowd simulate.Crowd
	binary := flag.String("binary", "bin/dangol", "the binary to measure")
	file := flag.String("file", "", "file of orders; a simulated one when empty")
	rounds := flag.Int("rounds", 40, "requests of each screen")
	flag.IntVar(&crowd.Customers, "customers", 1_000_000, "customers of the simulated file")
	flag.IntVar(&crowd.Lines, "lines", 20_000_000, "lines of the simulated file")
	keep := flag.String("data", "", "data folder to keep; an imported one is not imported again")
	flag.Parse()
	scratch, err := os.MkdirTemp("", "dangol-scale-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	b := bench{binary: *binary, data: *keep, out: bufio.NewWriter(os.Stdout)}
	defer func() { _ = b.out.Flush() }()
	if b.data == "" {
		b.data = filepath.Join(scratch, "data")
	}
	if *file == "" {
		crowd.Seed, crowd.Cancelled = 1, 0.015
		*file = filepath.Join(scratch, "orders.csv")
		if err := write(*file, crowd); err != nil {
			return err
		}
	}
	b.row("what", "measured", "")
	b.row("---", "---:", "---")
	b.size()
	if _, err := os.Stat(filepath.Join(b.data, "warehouse.duckdb")); err != nil {
		if err := b.imports(ctx, *file); err != nil {
			return err
		}
	}
	if err := b.analyses(ctx); err != nil {
		return err
	}
	if err := b.serves(ctx, *rounds); err != nil {
		return err
	}
	return b.trains(ctx)
}

func write(path string, c simulate.Crowd) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(simulate.WriteLines(f, c), f.Close())
}

func (b *bench) row(cells ...string) {
	_, _ = fmt.Fprintf(b.out, "| %s |\n", strings.Join(cells, " | "))
	_ = b.out.Flush()
}

func (b *bench) size() {
	if info, err := os.Stat(b.binary); err == nil {
		b.row("binary", fmt.Sprintf("%.0f MB", float64(info.Size())/1e6), "")
	}
}

// command runs the binary and returns its standard output, its time and its peak memory.
func (b *bench) command(ctx context.Context, args ...string) (out []byte, took time.Duration, peakMB int64, err error) {
	cmd := exec.CommandContext(ctx, b.binary, append(args, "--data", b.data)...)
	cmd.Stderr = os.Stderr
	began := time.Now()
	out, err = cmd.Output()
	took = time.Since(began)
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		peakMB = usage.Maxrss / 1024
	}
	return out, took, peakMB, err
}

func (b *bench) imports(ctx context.Context, file string) error {
	out, took, peak, err := b.command(ctx, "import", "orders", file, "--json", "--quiet")
	if err != nil {
		return fmt.Errorf("import: %w\n%s", err, out)
	}
	var r struct {
		Lines int64 `json:"lines_read"`
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return err
	}
	b.row("import of "+strconv.FormatInt(r.Lines, 10)+" lines", fmt.Sprintf("%.1f s", took.Seconds()), fmt.Sprintf("%.0f lines/s, peak %d MB", float64(r.Lines)/took.Seconds(), peak))
	return nil
}

func (b *bench) analyses(ctx context.Context) error {
	out, took, peak, err := b.command(ctx, "analyze", "--json", "--quiet")
	if err != nil {
		return fmt.Errorf("analyze: %w\n%s", err, out)
	}
	b.row("analyze", fmt.Sprintf("%.1f s", took.Seconds()), fmt.Sprintf("peak %d MB", peak))
	return nil
}

// trains lets the models learn and score everybody; an analysis after that scores, too.
func (b *bench) trains(ctx context.Context) error {
	for _, verb := range [][]string{{"train", "churn"}, {"train", "recommend"}, {"analyze"}} {
		out, took, peak, err := b.command(ctx, append(verb, "--quiet")...)
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(verb, " "), err, out)
		}
		b.row(strings.Join(verb, " ")+", with scoring", fmt.Sprintf("%.1f s", took.Seconds()), fmt.Sprintf("peak %d MB", peak))
	}
	return nil
}

// screens are the requests that the console makes on each screen.
var screens = []struct{ name, path string }{
	{"overview", "/v1/overview?days=90"},
	{"RFM", "/v1/rfm"},
	{"cohorts", "/v1/cohorts"},
	{"value", "/v1/value"},
	{"segments", "/v1/segments"},
	{"customers, first page", "/v1/customers?limit=50"},
	{"customers, by value", "/v1/customers?limit=50&sort=expected_value"},
	{"customers, search", "/v1/customers?limit=50&q=4711"},
}

func (b *bench) serves(ctx context.Context, rounds int) error {
	addr, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, b.binary, "serve", "--addr", addr, "--data", b.data)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() }()
	for {
		if _, err := fetch(ctx, "http://"+addr+"/healthz"); err == nil {
			break
		}
		if time.Since(began) > time.Minute {
			return errors.New("serve did not answer within a minute")
		}
		time.Sleep(5 * time.Millisecond)
	}
	b.row("start to serving", fmt.Sprintf("%.2f s", time.Since(began).Seconds()), "")
	time.Sleep(time.Second)
	b.row("idle memory", fmt.Sprintf("%d MB", resident(cmd.Process.Pid)), "resident, one second after the start")
	for _, s := range screens {
		cold, err := fetch(ctx, "http://"+addr+s.path)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		times := make([]time.Duration, rounds)
		for i := range times {
			if times[i], err = fetch(ctx, "http://"+addr+s.path); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
		slices.Sort(times)
		b.row(s.name, fmt.Sprintf("%.0f ms", ms(times[rounds*95/100])), fmt.Sprintf("p95 of %d warm; median %.0f ms, first %.0f ms", rounds, ms(times[rounds/2]), ms(cold)))
	}
	b.row("memory after all screens", fmt.Sprintf("%d MB", resident(cmd.Process.Pid)), "resident")
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}

func fetch(ctx context.Context, url string) (time.Duration, error) {
	began := time.Now()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0, err
	}
	if answer.StatusCode != http.StatusOK {
		return 0, errors.New(answer.Status)
	}
	return time.Since(began), nil
}

// resident is the process's memory in megabytes.
func resident(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kb / 1024
		}
	}
	return 0
}
