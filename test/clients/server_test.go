package clients_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/bus"
	"github.com/dangol/dangol/internal/collect/gate"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
)

// told is an event as the server tells of it.
type told struct {
	MessageID  string         `json:"message_id"`
	Type       string         `json:"type"`
	Name       string         `json:"name"`
	At         time.Time      `json:"at"`
	ReceivedAt time.Time      `json:"received_at"`
	Source     string         `json:"source"`
	Customer   string         `json:"customer"`
	Fate       string         `json:"fate"`
	Identities []string       `json:"identities"`
	Properties map[string]any `json:"properties"`
	Context    map[string]any `json:"context"`
}

// server is what the clients send to: the whole program, or the gate and the log alone.
type server struct {
	url, key string
	events   func(t *testing.T) []told // so far, without duplicates
	// person tells the identities of the customer whom an identity leads to; nil where nobody resolves them.
	person func(t *testing.T, ref string) (id string, identities []string)
}

func startServer(t *testing.T) *server {
	t.Helper()
	if binary := os.Getenv("DANGOL_BINARY"); binary != "" {
		return startProgram(t, binary)
	}
	return startGate(t)
}

func startGate(t *testing.T) *server {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	b, err := bus.Open(t.Context(), bus.Options{Dir: t.TempDir(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	const key = "dgl_clients"
	g := gate.New(gate.Options{Bus: b, Clock: clock.System(), Log: log, Keys: func(_ context.Context, k string) (string, error) {
		if k != key {
			return "", fault.New(fault.Unauthenticated, "account.bad_key", "unknown key")
		}
		return "key_clients", nil
	}})
	mux := http.NewServeMux()
	for _, p := range gate.Paths() {
		mux.Handle(p, g.Handler())
	}
	s := httptest.NewServer(mux)
	t.Cleanup(func() {
		s.Close()
		if err := errors.Join(g.Close(), b.Close()); err != nil {
			t.Error(err)
		}
	})
	return &server{url: s.URL, key: key, events: func(t *testing.T) []told { return inLog(t, b) }}
}

// inLog reads the log; of those with the same message id the first counts.
func inLog(t *testing.T, b *bus.Bus) (all []told) {
	t.Helper()
	r, err := b.Read(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	seen := map[string]bool{}
	for {
		messages, err := r.Next(t.Context(), 1000, 8<<20, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(messages) == 0 {
			return all
		}
		for _, m := range messages {
			requests, err := event.ReadGroup(m.Data)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range requests {
				for i, raw := range q.Events {
					one := tell(t, q.Header, raw, event.PlaceOf(m.Seq, i))
					if !seen[one.MessageID] {
						all = append(all, one)
					}
					seen[one.MessageID] = true
				}
			}
		}
	}
}

func tell(t *testing.T, h event.Header, raw []byte, place uint64) told {
	t.Helper()
	f, trouble := event.Decode(h, raw, place)
	if trouble != nil {
		t.Fatalf("%s: %v", raw, trouble)
	}
	one := told{
		MessageID: f.MessageID, Type: f.Type.String(), Name: f.Name, At: time.UnixMicro(f.AtUS).UTC(), ReceivedAt: time.UnixMicro(f.ReceivedUS).UTC(),
		Fate: "accepted", Properties: map[string]any{}, Context: map[string]any{},
	}
	for _, i := range f.Identities {
		one.Identities = append(one.Identities, i.Kind+":"+i.Value)
	}
	if err := errors.Join(json.Unmarshal(f.Props, &one.Properties), json.Unmarshal(f.Context, &one.Context)); err != nil {
		t.Fatal(err)
	}
	return one
}

// startProgram serves the whole program on a fresh data folder, with a key to send and one to look.
func startProgram(t *testing.T, binary string) *server {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	var keys [2]string
	for i, scope := range []string{"collect", "read"} {
		out, err := exec.CommandContext(t.Context(), binary, "key", "create", scope, "--scope", scope, "--json", "--data", data).Output()
		var made struct{ Key string }
		if err == nil {
			err = json.Unmarshal(out, &made)
		}
		if err != nil {
			t.Fatalf("key create: %v\n%s", err, out)
		}
		keys[i] = made.Key
	}
	command := exec.CommandContext(t.Context(), binary, "serve", "--addr", "127.0.0.1:0", "--data", data)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Wait() }) // the test's context ends before its cleanup
	line, err := bufio.NewReader(out).ReadString('\n')
	at := strings.Index(line, "http://")
	if err != nil || at < 0 {
		t.Fatalf("serve said %q, %v", line, err)
	}
	s := &server{url: strings.Fields(line[at:])[0], key: keys[0]}
	s.events = func(t *testing.T) []told { return s.ask(t, keys[1]) }
	s.person = func(t *testing.T, ref string) (string, []string) {
		var p struct {
			ID         string
			Identities []struct{ Kind, Value string }
		}
		s.get(t, keys[1], "/v1/customers/"+url.PathEscape(ref), &p)
		var all []string
		for _, i := range p.Identities {
			all = append(all, i.Kind+":"+i.Value)
		}
		return p.ID, all
	}
	return s
}

func (s *server) get(t *testing.T, key, path string, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil || got.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d %s %v", path, got.StatusCode, text, err)
	}
}

// ask pages through the program's list of events; duplicates and what the program tells of itself are left out.
func (s *server) ask(t *testing.T, key string) (all []told) {
	t.Helper()
	for before := ""; ; {
		var page struct {
			Items []told
			Next  string
		}
		s.get(t, key, "/v1/events?limit=200&before="+before, &page)
		for _, one := range page.Items {
			if one.Fate == "quarantined" {
				t.Errorf("quarantined: %s", fmt.Sprint(one))
			}
			if one.Fate == "accepted" && one.Source != event.OwnSource {
				all = append(all, one)
			}
		}
		if before = page.Next; before == "" || len(page.Items) == 0 {
			return all
		}
	}
}
