package crash

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/warehouse"
)

// flood is many connections that send numbered events of about 600 bytes as fast as the server takes them.
type flood struct {
	hoses   []*hose
	sending sync.WaitGroup
	stop    context.CancelFunc
}

// hose is one connection. What was refused or not answered it sends again, with the same message ids.
type hose struct {
	ready         string // the first body
	number, batch int
	customers     int // different ones; 0: a new one every fourth event
	client        *http.Client
	acknowledged  []bool // by the event's number
	waiting       []int  // first events of requests that were not taken, newest last
	mu            sync.Mutex
	answers       map[int]int // by status
	endless       int         // refusals without Retry-After
	strange       string      // an answer that should not come
}

const refusedPause = 20 * time.Millisecond

func newFlood(connections, batch int) *flood {
	f := &flood{}
	for i := range connections {
		f.hoses = append(f.hoses, &hose{number: i, batch: batch, client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{}}, answers: map[int]int{}})
	}
	return f
}

// among has the events be of a shop's customers, who come back, and not of ever new ones.
func (f *flood) among(customers int) *flood {
	for _, h := range f.hoses {
		h.customers = customers / len(f.hoses)
	}
	return f
}

// start opens the hoses; end closes them.
func (f *flood) start(t *testing.T, url string) {
	var ctx context.Context
	ctx, f.stop = context.WithCancel(t.Context())
	for _, h := range f.hoses { // all at once: writing them while others are sent would spread the flood
		if len(h.waiting) == 0 { // a flood that goes on has what was not taken
			h.next()
		}
		h.ready = h.body(h.waiting[len(h.waiting)-1])
	}
	for _, h := range f.hoses {
		f.sending.Go(func() { h.run(ctx, url) })
	}
}

func (f *flood) end(t *testing.T) {
	t.Helper()
	f.stop()
	f.sending.Wait()
	for _, h := range f.hoses {
		h.client.CloseIdleConnections()
		if h.strange != "" {
			t.Fatalf("a request got an answer that should not come: %s", h.strange)
		}
		if h.endless > 0 {
			t.Fatalf("%d refusals had no Retry-After", h.endless)
		}
	}
}

// answered is how many requests got a status so far.
func (f *flood) answered(status int) (n int) {
	for _, h := range f.hoses {
		h.mu.Lock()
		n += h.answers[status]
		h.mu.Unlock()
	}
	return n
}

func (f *flood) refused() int { return f.answered(429) + f.answered(503) }

func (h *hose) id(n int) string { return fmt.Sprintf("f%d-%d", h.number, n) }

var filling = strings.Repeat("of what a page says about itself, ", 10)

func (h *hose) body(first int) string {
	var b strings.Builder
	b.WriteString(`{"writeKey":"any","batch":[`)
	for n := first; n < first+h.batch; n++ {
		if n > first {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"track","event":"Numbered","messageId":%q,"userId":"u%d-%d","properties":{"n":%d,"title":%q},"context":{"library":{"name":"flood","version":"1"}}}`,
			h.id(n), h.number, h.customer(n), n, filling)
	}
	b.WriteString(`]}`)
	return b.String()
}

func (h *hose) customer(n int) int {
	if h.customers > 0 {
		return n / 4 % h.customers
	}
	return n / 4
}

// next makes room for the answers to one more batch.
func (h *hose) next() {
	h.waiting = append(h.waiting, len(h.acknowledged))
	h.acknowledged = append(h.acknowledged, make([]bool, h.batch)...)
}

func (h *hose) run(ctx context.Context, url string) {
	for ctx.Err() == nil {
		if len(h.waiting) == 0 {
			h.next()
		}
		first := h.waiting[len(h.waiting)-1]
		body := h.ready
		if h.ready = ""; body == "" {
			body = h.body(first)
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/batch", strings.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := h.client.Do(r)
		if err != nil {
			if ctx.Err() == nil {
				time.Sleep(refusedPause) // the server is gone, or being started
			}
			continue
		}
		text, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if !h.note(answer, first, text) {
			return
		}
	}
}

// note takes an answer; false ends the hose.
func (h *hose) note(answer *http.Response, first int, text []byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[answer.StatusCode]++
	switch answer.StatusCode {
	case http.StatusOK:
		h.waiting = h.waiting[:len(h.waiting)-1]
		for n := first; n < first+h.batch; n++ {
			h.acknowledged[n] = true
		}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err != nil || seconds < 1 {
			h.endless++
		}
		time.Sleep(refusedPause) // a client would wait longer; the test has less time
	default:
		h.strange = answer.Status + " " + string(text)
		return false
	}
	return true
}

// stored are the events of a flood in the warehouse of a folder whose server was stopped.
type stored struct {
	acknowledged, missing, doubled, rows, people int
}

func (f *flood) count(t *testing.T, data string) (s stored) {
	t.Helper()
	w, err := warehouse.Open(t.Context(), filepath.Join(data, "warehouse.duckdb"), warehouse.Options{MemoryMB: 1024})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	rows, err := w.Ask(t.Context(), `SELECT split_part(substr(message_id, 2), '-', 1)::INTEGER, split_part(message_id, '-', 2)::INTEGER, count(*)::INTEGER
		FROM event WHERE message_id LIKE 'f%' GROUP BY ALL`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	found := make([][]bool, len(f.hoses))
	for i, h := range f.hoses {
		found[i] = make([]bool, len(h.acknowledged))
	}
	for rows.Next() {
		var hose, n, times int
		if err := rows.Scan(&hose, &n, &times); err != nil {
			t.Fatal(err)
		}
		found[hose][n] = true
		s.rows += times
		if times > 1 {
			s.doubled++
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	s.people = distinctCustomers(t, w)
	for i, h := range f.hoses {
		for n, acknowledged := range h.acknowledged {
			if acknowledged {
				s.acknowledged++
				if !found[i][n] {
					s.missing++
				}
			}
		}
	}
	return s
}

func distinctCustomers(t *testing.T, w *warehouse.Warehouse) (n int) {
	t.Helper()
	rows, err := w.Ask(t.Context(), `SELECT count(DISTINCT customer_key) FROM event`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

// exact requires that everything acknowledged is there once, and nothing twice.
func (f *flood) exact(t *testing.T, data string) stored {
	t.Helper()
	s := f.count(t, data)
	if s.missing > 0 || s.doubled > 0 {
		t.Fatalf("of %d acknowledged events %d are missing, and %d are stored twice", s.acknowledged, s.missing, s.doubled)
	}
	return s
}

// alive reports whether the server's process still runs.
func (s *server) alive() bool {
	r, err := http.Get(s.url + "/healthz")
	if err != nil {
		return false
	}
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// said is what the server's log holds but for its requests, its end at most.
func (s *server) said() string {
	lines := slices.DeleteFunc(strings.Split(s.log.String(), "\n"), func(l string) bool { return strings.Contains(l, "msg=request") || l == "" })
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}

// wait looks until something holds; false means that it did not in time.
func wait(most time.Duration, holds func() bool) bool {
	for deadline := time.Now().Add(most); ; time.Sleep(50 * time.Millisecond) {
		if holds() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}
