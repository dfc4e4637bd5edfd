package gate_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/bus"
	"github.com/dangol/dangol/internal/collect/gate"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
)

var nolog = slog.New(slog.DiscardHandler)

// keys knows one write key.
func keys(_ context.Context, key string) (string, error) {
	if key == "wk" {
		return "key_1", nil
	}
	return "", fault.New(fault.Unauthenticated, "account.bad_key", "unknown key")
}

type house struct {
	bus    *bus.Bus
	gate   *gate.Gate
	server *httptest.Server
}

// open makes a log and a gate before it, changed by change.
func open(t *testing.T, change func(*gate.Options)) *house {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	b, err := bus.Open(t.Context(), bus.Options{Dir: t.TempDir(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	o := gate.Options{Bus: b, Keys: keys, Clock: clock.System(), Log: log}
	if change != nil {
		change(&o)
	}
	h := &house{bus: b, gate: gate.New(o)}
	mux := http.NewServeMux()
	for _, p := range gate.Paths() {
		mux.Handle(p, h.gate.Handler())
	}
	h.server = httptest.NewServer(mux)
	t.Cleanup(func() {
		h.server.Close()
		if err := errors.Join(h.gate.Close(), b.Close()); err != nil {
			t.Error(err)
		}
	})
	return h
}

// answer is what a request came to.
type answer struct {
	status int
	header http.Header
	body   string
	reason string // of a problem
	next   string
}

func (h *house) send(t *testing.T, method, path, body string, header ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	got, err := h.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: got.StatusCode, header: got.Header, body: string(text)}
	if got.Header.Get("Content-Type") == "application/problem+json" {
		var p struct{ Type, Next string }
		if err := json.Unmarshal(text, &p); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		a.reason, a.next = p.Type, p.Next
	}
	return a
}

// facts reads and decodes what is in the log.
func (h *house) facts(t *testing.T) (facts []event.Fact) {
	t.Helper()
	r, err := h.bus.Read(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		messages, err := r.Next(t.Context(), 100, 1<<20, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(messages) == 0 {
			return facts
		}
		for _, m := range messages {
			requests, err := event.ReadGroup(m.Data)
			if err != nil {
				t.Fatal(err)
			}
			index := 0
			for _, q := range requests {
				for _, raw := range q.Events {
					f, trouble := event.Decode(q.Header, raw, event.PlaceOf(m.Seq, index))
					if trouble != nil {
						t.Errorf("%s: %v", raw, trouble)
					}
					facts = append(facts, f)
					index++
				}
			}
			if index > event.GroupLimit {
				t.Errorf("a group of %d", index)
			}
		}
	}
}

func look(facts []event.Fact) string {
	var all []string
	for _, f := range facts {
		s := f.Type.String() + " " + f.Name
		for _, i := range f.Identities {
			s += " " + i.Kind + ":" + i.Value
		}
		all = append(all, s)
	}
	return strings.Join(all, "\n")
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	calls := map[string]string{
		"track": `{"userId":"u","event":"E"}`, "page": `{"userId":"u"}`, "screen": `{"userId":"u"}`, "identify": `{"userId":"u"}`,
		"group": `{"userId":"u","groupId":"g"}`, "alias": `{"userId":"u","previousId":"p"}`,
		"batch": `{"batch":[{"type":"track","userId":"u","event":"E"},{"type":"page","userId":"u"}],"sentAt":"2026-03-01T00:00:00Z"}`,
	}
	var want []string
	for name, body := range calls {
		for _, path := range []string{"/v1/" + name, "/v1/" + name[:1]} {
			a := h.send(t, http.MethodPost, path, body, "Authorization", "Bearer wk", "Content-Type", "application/json")
			if a.status != http.StatusOK || a.body != `{"success":true}` || a.header.Get("X-Request-Id") == "" || a.header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: %+v", path, a)
			}
			switch name {
			case "batch":
				want = append(want, "track E user:u", "page Page Viewed user:u")
			case "track":
				want = append(want, "track E user:u")
			default:
				want = append(want, name)
			}
		}
	}
	facts := h.facts(t)
	if len(facts) != len(want) {
		t.Fatalf("%d facts, want %d", len(facts), len(want))
	}
	for i, f := range facts {
		if !strings.HasPrefix(look([]event.Fact{f}), want[i]) || f.Source != "key_1" {
			t.Errorf("%d: %s, want %s", i, look([]event.Fact{f}), want[i])
		}
	}
	if a := h.send(t, http.MethodPost, "/v1/m", `{"series":[]}`); a.status != http.StatusOK || len(h.facts(t)) != len(want) {
		t.Errorf("a client's own figures: %+v", a)
	}
	if a := h.send(t, http.MethodGet, "/v1/track", ""); a.status != http.StatusMethodNotAllowed || a.reason != "gate.method" {
		t.Errorf("GET: %+v", a)
	}
	if s := h.gate.Stats(); s.Events != int64(len(want)) || s.Requests != 14 || s.Groups != 14 || s.InFlightBytes != 0 || s.Refused["gate.method"] != 1 || s.Bytes == 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestWriteKeys(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	basic := func(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }
	bare, keyed := `{"userId":"u","event":"E"}`, `{"userId":"u","event":"E","writeKey":"wk"}`
	for _, c := range []struct {
		name, authorization, body string
		status                    int
		reason                    string
	}{
		{"basic", basic("wk:"), bare, 200, ""},
		{"basic without a colon", basic("wk"), bare, 200, ""},
		{"basic without padding", strings.TrimRight(basic("wk"), "="), bare, 200, ""},
		{"bearer", "Bearer wk", bare, 200, ""},
		{"body", "", keyed, 200, ""},
		{"a token of someone else and the key in the body", "Bearer token", keyed, 200, ""},
		{"empty basic and the key in the body", basic(":"), keyed, 200, ""},
		{"none", "", bare, 401, "gate.no_key"},
		{"wrong", "Bearer x", bare, 401, "account.bad_key"},
		{"no base64", "Basic %%%", bare, 401, "gate.no_key"},
		{"endless", "Bearer " + strings.Repeat("x", 1000), bare, 401, "gate.bad_key"},
		{"wrong in the body", "", `{"writeKey":"x"}`, 401, "account.bad_key"},
		{"a list as key", "", `{"writeKey":["wk"]}`, 401, "gate.no_key"},
	} {
		a := h.send(t, http.MethodPost, "/v1/track", c.body, "Authorization", c.authorization)
		if a.status != c.status || a.reason != c.reason {
			t.Errorf("%s: %d %s", c.name, a.status, a.reason)
		}
	}
}

func TestKeysAreRememberedShortly(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now, asked, broken := time.Unix(1_770_000_000, 0), 0, false
	h := open(t, func(o *gate.Options) {
		o.Clock = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
		o.Keys = func(ctx context.Context, key string) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			asked++
			if broken {
				return "", errors.New("no disk")
			}
			return keys(ctx, key)
		}
	})
	send := func(key string) int {
		return h.send(t, http.MethodPost, "/v1/track", `{"userId":"u","event":"E"}`, "Authorization", "Bearer "+key).status
	}
	expect := func(what string, want int) {
		t.Helper()
		if asked != want {
			t.Errorf("%s: asked %d times, want %d", what, asked, want)
		}
		asked = 0
	}
	for range 3 {
		send("wk")
		send("bad")
	}
	expect("thrice each", 2)
	mu.Lock()
	now = now.Add(3 * time.Second)
	mu.Unlock()
	send("wk")
	send("bad")
	expect("later", 1)
	h.gate.Forget()
	send("wk")
	expect("after forgetting", 1)
	broken = true
	if status := send("other"); status != http.StatusServiceUnavailable {
		t.Errorf("while keys cannot be checked: %d", status)
	}
	if status := send("wk"); status != http.StatusOK {
		t.Errorf("a known key meanwhile: %d", status)
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	zip := func(s string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(s))
		_ = z.Close()
		return b.String()
	}
	batch := func(n int, pad int) string {
		one := `{"type":"track","userId":"u","event":"E","properties":{"x":"` + strings.Repeat("x", pad) + `"}}`
		return `{"batch":[` + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + `]}`
	}
	for _, c := range []struct {
		name, path, body string
		header           []string
		status           int
		reason           string
	}{
		{"gzip", "/v1/batch", zip(batch(100, 10)), []string{"Content-Encoding", "gzip"}, 200, ""},
		{"gzip that expands too far", "/v1/batch", zip(batch(100, 6000)), []string{"Content-Encoding", "gzip"}, 400, "gate.body_too_large"},
		{"no gzip", "/v1/batch", batch(1, 1), []string{"Content-Encoding", "gzip"}, 400, "gate.bad_gzip"},
		{"half a gzip", "/v1/batch", zip(batch(100, 10))[:60], []string{"Content-Encoding", "gzip"}, 400, "gate.bad_gzip"},
		{"unknown packing", "/v1/batch", batch(1, 1), []string{"Content-Encoding", "br"}, 400, "gate.encoding"},
		{"beacon", "/v1/b", batch(2, 1), []string{"Content-Type", "text/plain;charset=UTF-8", "Origin", "https://shop.example"}, 200, ""},
		{"2,500 events", "/v1/batch", batch(2500, 1), nil, 200, ""},
		{"one more", "/v1/batch", batch(2501, 1), nil, 400, "gate.too_many_events"},
		{"nearly the limit", "/v1/batch", batch(100, 5000), nil, 200, ""},
		{"too large", "/v1/batch", batch(100, 5200), nil, 400, "gate.body_too_large"},
		{"a large call", "/v1/track", `{"userId":"u","event":"E","properties":{"x":"` + strings.Repeat("x", 32<<10) + `"}}`, nil, 400, "gate.event_too_large"},
		{"no JSON", "/v1/track", `hello`, nil, 400, "gate.bad_json"},
		{"half JSON", "/v1/batch", `{"batch":[{"type":"track"}`, nil, 400, "gate.bad_json"},
		{"latin-1", "/v1/track", "{\"userId\":\"caf\xe9\",\"event\":\"E\"}", nil, 400, "gate.bad_json"},
		{"nothing", "/v1/track", ``, nil, 400, "gate.bad_json"},
		{"no batch", "/v1/batch", `{"userId":"u"}`, nil, 400, "gate.no_batch"},
		{"empty batch", "/v1/batch", `{"batch":[]}`, nil, 200, ""},
	} {
		a := h.send(t, http.MethodPost, c.path, c.body, append([]string{"Authorization", "Bearer wk"}, c.header...)...)
		if a.status != c.status || a.reason != c.reason {
			t.Errorf("%s: %d %s", c.name, a.status, a.body)
		}
		if c.reason != "" && a.next == "" {
			t.Errorf("%s: no next step", c.name)
		}
	}
	if got := len(h.facts(t)); got != 100+2+2500+100 {
		t.Errorf("%d events in the log", got)
	}
	if n := h.gate.Stats().InFlightBytes; n != 0 {
		t.Errorf("%d bytes still in flight", n)
	}
}

func TestPagesOfOtherSites(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	a := h.send(t, http.MethodOptions, "/v1/t", "", "Origin", "https://shop.example", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,authorization")
	if a.status != http.StatusNoContent || a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Access-Control-Allow-Headers") != "content-type,authorization" ||
		!strings.Contains(a.header.Get("Access-Control-Allow-Methods"), "POST") || a.header.Get("Access-Control-Max-Age") == "" {
		t.Errorf("preflight: %+v", a)
	}
	for _, body := range []string{`{"anonymousId":"a","event":"E","writeKey":"wk","context":{"locale":"ko"}}`, `bad`} {
		a = h.send(t, http.MethodPost, "/v1/t", body, "Origin", "https://shop.example", "User-Agent", "Firefox")
		if a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %+v", body, a)
		}
	}
	if f := h.facts(t); len(f) != 1 || string(f[0].Context) != `{"locale":"ko","ip":"127.0.0.1","userAgent":"Firefox"}` {
		t.Errorf("facts %s %s", look(f), f[0].Context)
	}
}

func TestSettingsForTheBrowserClient(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	a := h.send(t, http.MethodGet, "/v1/projects/wk/settings", "", "Origin", "https://shop.example")
	var s struct {
		Integrations map[string]struct{ APIKey, APIHost, Protocol string }
	}
	if err := json.Unmarshal([]byte(a.body), &s); err != nil {
		t.Fatal(err)
	}
	got := s.Integrations["Segment.io"]
	if a.status != 200 || got.APIKey != "wk" || "http://"+got.APIHost != h.server.URL+"/v1" || got.Protocol != "http" || a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%+v", a)
	}
	if a := h.send(t, http.MethodGet, "/v1/projects/other/settings", ""); a.status != 404 || a.reason != "gate.unknown_project" {
		t.Errorf("another key: %+v", a)
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for given, kept := range map[string]bool{"abc-1": true, "two words": false, strings.Repeat("x", 65): false} {
		a := h.send(t, http.MethodPost, "/v1/track", "{}", "X-Request-Id", given)
		if got := a.header.Get("X-Request-Id"); (got == given) != kept || got == "" {
			t.Errorf("%q became %q", given, got)
		}
	}
}
