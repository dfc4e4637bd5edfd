package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dangol/dangol/test/bench/load"
)

// server is the binary that is measured.
type server struct {
	url     string
	pid     int
	command *exec.Cmd
	scratch string
	log     *bytes.Buffer
}

func start(ctx context.Context, o options) (*server, error) {
	scratch, err := os.MkdirTemp("", "pipeline")
	if err != nil {
		return nil, err
	}
	s := &server{scratch: scratch, log: &bytes.Buffer{}}
	if err := s.start(ctx, o); err != nil {
		return nil, errors.Join(err, s.said(), os.RemoveAll(scratch))
	}
	return s, nil
}

func (s *server) start(ctx context.Context, o options) error {
	if o.binary == "" {
		o.binary = filepath.Join(s.scratch, "dangol")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", o.binary, "./cmd/dangol").CombinedOutput(); err != nil {
			return fmt.Errorf("build: %w: %s", err, out)
		}
	}
	if o.data == "" {
		o.data = filepath.Join(s.scratch, "data")
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	s.command = exec.CommandContext(ctx, o.binary, "serve", "--addr", addr, "--data", o.data)
	s.command.Stderr = s.log
	out, err := s.command.StdoutPipe()
	if err == nil {
		err = s.command.Start()
	}
	if err != nil {
		return err
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		return errors.Join(errors.New("the server does not start"), s.command.Wait())
	}
	s.url, s.pid = "http://"+addr, s.command.Process.Pid
	return nil
}

func (s *server) stop() error {
	err := s.command.Process.Signal(os.Interrupt)
	return errors.Join(err, s.command.Wait(), os.RemoveAll(s.scratch))
}

// said is the end of the server's log, as an error to be told beside another.
func (s *server) said() error {
	text := strings.TrimSpace(s.log.String())
	if text == "" {
		return nil
	}
	return errors.New("the server said: " + text[max(0, len(text)-2000):])
}

// meters are what GET /metrics tells.
type meters struct {
	accepted, through float64 // events on disk, and through every stage
	lag               float64 // messages
}

func (s *server) meters(ctx context.Context) (m meters, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/metrics", http.NoBody)
	if err != nil {
		return m, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return m, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return m, fmt.Errorf("metrics: %s", answer.Status)
	}
	text, err := io.ReadAll(answer.Body)
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, _ := strconv.ParseFloat(value, 64)
		switch name {
		case "gate_events_total":
			m.accepted = n
		case "flow_accepted_total", "flow_duplicates_total":
			m.through += n
		case "flow_lag_messages":
			m.lag = n
		}
	}
	return m, err
}

// drainEvery is how often it is asked what waits: each question costs the server some milliseconds of its processor.
const drainEvery = 250 * time.Millisecond

// drain waits until nothing of the log waits.
func (s *server) drain(ctx context.Context) error {
	tick := time.NewTicker(drainEvery)
	defer tick.Stop()
	for {
		m, err := s.meters(ctx)
		if err != nil || m.lag == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// sample is how the server was doing at a moment.
type sample struct {
	at      time.Time
	After   float64 `json:"after_s"`
	Backlog int64   `json:"backlog_events"`
	Memory  int64   `json:"memory_mb"`
}

type watcher struct {
	mu      sync.Mutex
	samples []sample
}

const sampleEvery = 500 * time.Millisecond

// watch takes samples until ctx ends.
func watch(ctx context.Context, s *server) *watcher {
	w := &watcher{}
	began := time.Now()
	go func() {
		tick := time.NewTicker(sampleEvery)
		defer tick.Stop()
		for {
			if m, err := s.meters(ctx); err == nil {
				now := time.Now()
				w.mu.Lock()
				w.samples = append(w.samples, sample{now, now.Sub(began).Seconds(), max(0, int64(m.accepted-m.through)), load.Usage(s.pid).Memory >> 20})
				w.mu.Unlock()
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return w
}

func (w *watcher) all() []sample {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.samples
}

// record lets perf look on, where a file is named; what it returns waits for it.
func record(ctx context.Context, pid int, file string) func() error {
	if file == "" {
		return func() error { return nil }
	}
	c := exec.CommandContext(ctx, "perf", "record", "-F", "199", "-g", "-o", file, "-p", strconv.Itoa(pid))
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	if err := c.Start(); err != nil {
		return func() error { return err }
	}
	return func() error {
		_ = c.Wait() // it was interrupted
		return nil
	}
}
