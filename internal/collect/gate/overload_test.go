package gate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/bus"
	"github.com/dangol/dangol/internal/collect/gate"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
)

// dam is a log before which messages wait until it is opened.
type dam struct {
	behind gate.Log
	open   chan struct{}
	fail   error
	at     chan int // the sizes of what arrives
}

func (d *dam) Begin(payload []byte) (func(context.Context) (uint64, error), error) {
	if d.at != nil {
		d.at <- len(payload)
	}
	payload = bytes.Clone(payload)
	return func(ctx context.Context) (uint64, error) {
		select {
		case <-d.open:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		if d.fail != nil {
			return 0, d.fail
		}
		wait, err := d.behind.Begin(payload)
		if err != nil {
			return 0, err
		}
		return wait(ctx)
	}, nil
}

const single = `{"userId":"u","event":"E","writeKey":"wk"}`

func TestRequestsGatherWhileTheDiskIsBusy(t *testing.T) {
	t.Parallel()
	d := &dam{open: make(chan struct{}), at: make(chan int, 100)}
	h := open(t, func(o *gate.Options) { d.behind, o.Bus = o.Bus, d })
	var g sync.WaitGroup
	send := func() {
		g.Go(func() {
			if a := h.send(t, http.MethodPost, "/v1/track", single); a.status != 200 {
				t.Errorf("%+v", a)
			}
		})
	}
	send()
	<-d.at // the first is being written
	for range 50 {
		send()
	}
	for h.gate.Stats().InFlightBytes < 51*int64(len(single)) {
		time.Sleep(time.Millisecond) // the number of those who wait has no signal
	}
	if n := h.gate.Stats().Requests; n != 0 {
		t.Errorf("%d acknowledged before the disk has them", n)
	}
	close(d.open)
	g.Wait()
	if s := h.gate.Stats(); s.Requests != 51 || s.Groups > 5 {
		t.Errorf("%d requests in %d groups", s.Requests, s.Groups)
	}
	if got := len(h.facts(t)); got != 51 {
		t.Errorf("%d events in the log", got)
	}
}

func TestOverloadIsRefused(t *testing.T) {
	t.Parallel()
	d := &dam{open: make(chan struct{}), at: make(chan int, 100)}
	h := open(t, func(o *gate.Options) { d.behind, o.Bus, o.MaxInFlight = o.Bus, d, 3*int64(len(single)) })
	var g sync.WaitGroup
	for range 3 {
		g.Go(func() {
			if a := h.send(t, http.MethodPost, "/v1/track", single); a.status != 200 {
				t.Errorf("%+v", a)
			}
		})
	}
	for h.gate.Stats().InFlightBytes < 3*int64(len(single)) {
		time.Sleep(time.Millisecond) // as above
	}
	for range 5 {
		a := h.send(t, http.MethodPost, "/v1/track", single)
		if a.status != http.StatusTooManyRequests || a.reason != "gate.busy" || a.header.Get("Retry-After") != "1" {
			t.Errorf("%+v", a)
		}
	}
	close(d.open)
	g.Wait()
	if a := h.send(t, http.MethodPost, "/v1/track", single); a.status != 200 {
		t.Errorf("afterwards: %+v", a)
	}
	if s := h.gate.Stats(); s.Refused["gate.busy"] != 5 || s.Requests != 4 || s.InFlightBytes != 0 || len(h.facts(t)) != 4 {
		t.Errorf("%+v", s)
	}
}

func TestFailuresOfTheLog(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fail   error
		reason string
	}{
		{fault.New(fault.Unavailable, "bus.full", "the log is full").Because(errors.New("secret")), "bus.full"},
		{errors.New("secret"), "gate.not_written"},
	} {
		d := &dam{open: make(chan struct{}), fail: c.fail}
		close(d.open)
		h := open(t, func(o *gate.Options) { o.Bus = d })
		a := h.send(t, http.MethodPost, "/v1/track", single)
		if a.status != 503 || a.reason != c.reason || a.header.Get("Retry-After") == "" || strings.Contains(a.body, "secret") {
			t.Errorf("%+v", a)
		}
	}
	d := &dam{open: make(chan struct{})}
	h := open(t, func(o *gate.Options) { o.Bus, o.WriteTimeout = d, 10*time.Millisecond })
	if a := h.send(t, http.MethodPost, "/v1/track", single); a.status != 503 || a.reason != "gate.not_written" {
		t.Errorf("a log that hangs: %+v", a)
	}
}

func TestNearlyFullDiskClosesTheGate(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *gate.Options) { o.Dir, o.MinFreeBytes = t.TempDir(), 1<<62 })
	for range 2 {
		a := h.send(t, http.MethodPost, "/v1/track", single)
		if a.status != 503 || a.reason != "gate.disk_full" || a.header.Get("Retry-After") != "60" {
			t.Errorf("%+v", a)
		}
	}
	if err := h.gate.Put(t.Context(), "hook", [][]byte{[]byte(`{}`)}); fault.From(err).Reason != "gate.disk_full" {
		t.Errorf("put: %v", err)
	}
	gone := open(t, func(o *gate.Options) { o.Dir = "/nowhere/at/all" })
	if a := gone.send(t, http.MethodPost, "/v1/track", single); a.status != 503 || a.reason != "gate.disk_unknown" {
		t.Errorf("no disk: %+v", a)
	}
}

func TestPut(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	var events [][]byte
	for i := range 2500 {
		events = append(events, fmt.Appendf(nil, `{"type":"track","event":"E%d","context":{"externalIds":[{"type":"key","id":"7"}]}}`, i))
	}
	if err := h.gate.Put(t.Context(), event.OwnSource, events); err != nil {
		t.Fatal(err)
	}
	facts := h.facts(t)
	for i, f := range facts {
		if f.Name != fmt.Sprint("E", i) || f.Source != event.OwnSource || f.Identities[0] != (event.Identity{Kind: event.KindKey, Value: "7"}) {
			t.Fatalf("%d: %+v", i, f)
		}
	}
	if len(facts) != 2500 || facts[1000].Place != event.PlaceOf(2, 0) {
		t.Errorf("%d facts", len(facts))
	}
	if err := h.gate.Put(t.Context(), "hook", [][]byte{make([]byte, 1<<20)}); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("a huge event: %v", err)
	}
	// What is replayed keeps the time of its arrival.
	old := event.Header{ReceivedUS: 1_700_000_000_000_000, Source: "key_9", SentAt: "2023-11-14T22:13:20Z", Type: event.Page}
	if err := h.gate.PutRequests(t.Context(), []event.Request{{Header: old, Events: [][]byte{[]byte(`{"userId":"u"}`)}}}); err != nil {
		t.Fatal(err)
	}
	if last := h.facts(t)[2500]; last.ReceivedUS != old.ReceivedUS || last.Source != "key_9" || last.Type != event.Page {
		t.Errorf("replayed: %+v", last)
	}
	if err := h.gate.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.gate.Put(t.Context(), "hook", [][]byte{[]byte(`{}`)}); fault.From(err).Reason != "gate.closed" {
		t.Errorf("after closing: %v", err)
	}
	if a := h.send(t, http.MethodPost, "/v1/track", single); a.status != 503 || a.reason != "gate.closed" {
		t.Errorf("after closing: %+v", a)
	}
}

// TestEveryAcknowledgedEventIsThere sends from many connections at once, singles and batches, and stops in the middle.
func TestEveryAcknowledgedEventIsThere(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	var mu sync.Mutex
	acknowledged := map[string]int{}
	var g sync.WaitGroup
	for c := range 12 {
		g.Go(func() {
			for n := range 30 {
				var ids, events []string
				for i := range 1 + (c*n)%90 {
					id := fmt.Sprintf("%d-%d-%d", c, n, i)
					ids = append(ids, id)
					events = append(events, `{"type":"track","userId":"u","event":"E","messageId":"`+id+`"}`)
				}
				a := h.send(t, http.MethodPost, "/v1/batch", `{"writeKey":"wk","batch":[`+strings.Join(events, ",")+`]}`)
				if a.status != 200 {
					t.Errorf("%+v", a)
					return
				}
				mu.Lock()
				for _, id := range ids {
					acknowledged[id]++
				}
				mu.Unlock()
			}
		})
	}
	g.Wait()
	found, places := map[string]int{}, map[uint64]bool{}
	for _, f := range h.facts(t) {
		found[f.MessageID]++
		if places[f.Place] {
			t.Errorf("place %d twice", f.Place)
		}
		places[f.Place] = true
	}
	if diff := cmp.Diff(acknowledged, found); diff != "" {
		t.Error(diff)
	}
}

// TestBrokenOff: a connection that breaks off in the middle of a body leaves nothing behind.
func TestBrokenOff(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	to, err := url.Parse(h.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", to.Host)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wk\r\nContent-Length: 100000\r\n\r\n{\"batch\":[")
		_ = conn.Close()
	}
	for h.gate.Stats().Refused["gate.cut_off"] < 5 {
		time.Sleep(time.Millisecond) // the server learns of it when it reads
	}
	if s := h.gate.Stats(); s.InFlightBytes != 0 || s.Events != 0 {
		t.Errorf("%+v", s)
	}
}

func BenchmarkPut(b *testing.B) {
	l, err := bus.Open(b.Context(), bus.Options{Dir: b.TempDir(), Log: nolog})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	g := gate.New(gate.Options{Bus: l, Clock: time.Now, Log: nolog})
	events := [][]byte{[]byte(single)}
	for b.Loop() {
		if err := g.Put(b.Context(), "x", events); err != nil {
			b.Fatal(err)
		}
	}
}
