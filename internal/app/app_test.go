package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
)

func testOptions(t *testing.T) Options {
	t.Helper()
	c, err := Load(Config{Data: t.TempDir(), Addr: "127.0.0.1:0"}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return Options{Config: c, Build: Build{Version: "test"}, Log: slog.New(slog.DiscardHandler), Clock: time.Now}
}

func openTest(t *testing.T) *App {
	t.Helper()
	a, err := Open(t.Context(), testOptions(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

type shot struct {
	method, path, host string
	header             map[string]string
	body               string
}

func (s shot) at(t *testing.T, h http.Handler) (*httptest.ResponseRecorder, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), s.method, s.path, strings.NewReader(s.body))
	r.Host = "127.0.0.1:8080"
	if s.host != "" {
		r.Host = s.host
	}
	if s.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range s.header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var p rest.Problem
	if w.Code >= 400 {
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatalf("%+v: no problem in %q", s, w.Body)
		}
	}
	return w, p.Type
}

const newKeyBody = `{"name":"sync","scope":"read"}`

func TestOpenOnLoopbackOnly(t *testing.T) {
	a := openTest(t)
	near, far := a.Handler(true), a.Handler(false)
	keys := func(h map[string]string, host string) shot {
		return shot{method: "GET", path: "/v1/keys", host: host, header: h}
	}
	post := func(h map[string]string) shot {
		return shot{method: "POST", path: "/v1/keys", header: h, body: newKeyBody}
	}
	for _, c := range []struct {
		name   string
		to     http.Handler
		shot   shot
		status int
		reason string
	}{
		{"this machine", near, keys(nil, ""), 200, ""},
		{"this machine by name", near, keys(nil, "localhost:8080"), 200, ""},
		{"this machine on IPv6", near, keys(nil, "[::1]:8080"), 200, ""},
		{"a rebound name", near, keys(nil, "evil.example:8080"), 403, "app.foreign_host"},
		{"a name that only begins so", near, keys(nil, "127.0.0.1.evil.example"), 403, "app.foreign_host"},
		{"a decimal address", near, keys(nil, "2130706433"), 403, "app.foreign_host"},
		{"through a proxy", near, keys(map[string]string{"X-Forwarded-For": "1.2.3.4"}, ""), 403, "app.proxied"},
		{"another site's form", near, post(map[string]string{"Origin": "http://evil.example"}), 403, "app.foreign_origin"},
		{"another port's form", near, post(map[string]string{"Origin": "http://127.0.0.1:9999"}), 403, "app.foreign_origin"},
		{"a sandboxed frame", near, post(map[string]string{"Origin": "null"}), 403, "app.foreign_origin"},
		{"a browser that says so", near, post(map[string]string{"Sec-Fetch-Site": "cross-site"}), 403, "app.foreign_origin"},
		{"our own console", near, post(map[string]string{"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"}), 201, ""},
	} {
		w, reason := c.shot.at(t, c.to)
		if w.Code != c.status || reason != c.reason {
			t.Errorf("%s: %d %q, want %d %q", c.name, w.Code, reason, c.status, c.reason)
		}
	}
	// A key exists now, so the loopback address is open no longer.
	for _, h := range []http.Handler{near, far} {
		if w, reason := keys(nil, "").at(t, h); w.Code != 401 || reason != "rest.no_key" {
			t.Errorf("without a key: %d %q", w.Code, reason)
		}
	}
}

func TestFarNeedsKey(t *testing.T) {
	a := openTest(t)
	h := a.Handler(false)
	if w, _ := (shot{method: "GET", path: "/v1/keys"}).at(t, h); w.Code != 401 {
		t.Errorf("status %d", w.Code)
	}
	if err := (&App{Options: Options{Config: Config{Addr: "127.0.0.1:1"}}}).mayServe(t.Context()); err != nil {
		t.Error(err)
	}
	a.Config.Addr = "0.0.0.0:8080"
	if f := fault.From(a.mayServe(t.Context())); f.Reason != "app.key_needed" || !strings.Contains(f.Next, "dangol key create") {
		t.Errorf("%+v", f)
	}
	_, secret, err := a.accounts.CreateKey(t.Context(), "boss", rest.Admin)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.mayServe(t.Context()); err != nil {
		t.Error(err)
	}
	for header, status := range map[string]int{"Bearer " + secret: 200, "bearer " + secret: 200, "Bearer x": 401, "Basic " + secret: 401, "Bearer": 401} {
		w, _ := (shot{method: "GET", path: "/v1/keys", host: "dangol.example.com", header: map[string]string{"Authorization": header}}).at(t, h)
		if w.Code != status {
			t.Errorf("%q gave %d, want %d", header, w.Code, status)
		}
	}
}

// TestEveryRouteNeedsAScope walks the operations: without a key none answers but the public ones.
func TestEveryRouteNeedsAScope(t *testing.T) {
	a := openTest(t)
	h := a.Handler(false)
	_, reader, err := a.accounts.CreateKey(t.Context(), "reader", rest.Read)
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range a.API().Routes() {
		path := strings.NewReplacer("{id}", "1", "{slug}", "x", "{what}", "customers").Replace(op.Path)
		if w, _ := (shot{method: op.Method, path: path}).at(t, h); op.Needs != rest.Public && w.Code != http.StatusUnauthorized {
			t.Errorf("%s %s answered %d to nobody", op.Method, op.Path, w.Code)
		}
		if op.Needs == rest.Write || op.Needs == rest.Admin {
			w, _ := (shot{method: op.Method, path: path, header: map[string]string{"Authorization": "Bearer " + reader}}).at(t, h)
			if w.Code != http.StatusForbidden {
				t.Errorf("%s %s answered %d to a reader", op.Method, op.Path, w.Code)
			}
		}
	}
}

func TestPages(t *testing.T) {
	a := openTest(t)
	h := a.Handler(true)
	for _, c := range []struct {
		method, path string
		status       int
		kind         string
	}{
		{"GET", "/", 200, "text/html"},
		{"GET", "/customers/17850.0", 200, "text/html"},
		{"POST", "/customers", 404, "application/problem+json"},
		{"GET", "/v1/nothing", 404, "application/problem+json"},
		{"PATCH", "/v1/keys", 405, "application/problem+json"},
		{"GET", "/healthz", 200, "application/json"},
		{"GET", "/metrics", 200, "text/plain"},
		{"GET", "/docs/", 200, "text/html"},
		{"GET", "/docs/docs.js", 200, "text/javascript"},
		{"GET", "/v1/openapi.json", 200, "application/"},
		{"GET", "/../../etc/passwd", 307, "text/html"},
	} {
		w, _ := (shot{method: c.method, path: c.path}).at(t, h)
		if w.Code != c.status || !strings.HasPrefix(w.Header().Get("Content-Type"), c.kind) {
			t.Errorf("%s %s: %d %q", c.method, c.path, w.Code, w.Header().Get("Content-Type"))
		}
		if w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s lacks security headers", c.method, c.path)
		}
	}
	w, _ := (shot{method: "GET", path: "/v1/openapi.json", header: map[string]string{"Accept-Encoding": "gzip"}}).at(t, h)
	if w.Header().Get("Content-Encoding") != "gzip" || !strings.HasPrefix(w.Body.String(), "\x1f\x8b") {
		t.Errorf("not zipped: %q", w.Header())
	}
}

func TestPanicIsAProblem(t *testing.T) {
	a := openTest(t)
	h := a.logged("test", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("on purpose") }))
	if w, reason := (shot{method: "GET", path: "/"}).at(t, h); w.Code != 500 || reason != "internal" || strings.Contains(w.Body.String(), "purpose") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// serveTest serves until the test ends and returns the address.
func serveTest(t *testing.T, o Options) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	up, down := make(chan string, 1), make(chan error, 1)
	go func() { down <- Serve(ctx, o, func(url string) { up <- url }) }()
	t.Cleanup(func() {
		stop()
		if err := <-down; err != nil {
			t.Error(err)
		}
	})
	select {
	case url := <-up:
		return url
	case err := <-down:
		down <- nil
		t.Fatal(err)
		return ""
	}
}

func TestClientsGiveTheSame(t *testing.T) {
	o := testOptions(t)
	url := serveTest(t, o)
	ask := func(target Target, local bool) {
		t.Helper()
		c, err := Dial(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		var keys struct{ Items []any }
		if err := c.Call(t.Context(), "GET", "/v1/keys", nil, nil, &keys); err != nil || keys.Items == nil {
			t.Errorf("%+v %v", keys, err)
		}
		if c.Local() != local {
			t.Errorf("local is %v", c.Local())
		}
		err = c.Call(t.Context(), "DELETE", "/v1/keys/none", nil, nil, nil)
		if f := fault.From(err); f.Reason != "account.unknown_key" || f.Next == "" || f.Code != fault.NotFound {
			t.Errorf("%+v", f)
		}
	}
	ask(Target{Server: url}, false)
	ask(Target{Options: o}, true) // over the socket, as the folder is held
	ask(Target{Options: testOptions(t)}, true)
	info, err := os.Stat(filepath.Join(o.Config.Data, socketName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v %v", info, err)
	}
	if _, err := Open(t.Context(), o); !errors.Is(err, errInUse) {
		t.Errorf("two processes opened one folder: %v", err)
	}
}

func TestLongFolder(t *testing.T) {
	o := testOptions(t)
	o.Config.Data = filepath.Join(o.Config.Data, strings.Repeat("long", 30))
	serveTest(t, o)
	c, err := Dial(t.Context(), Target{Options: o})
	if err != nil || c.base != "http://data-folder" {
		t.Fatalf("%+v %v", c, err)
	}
}

func TestInProcessStreams(t *testing.T) {
	rt := inProcess{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body) // echo while it still comes
	})}
	client := http.Client{Transport: rt}
	read, write := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x/", read)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = write.Write([]byte("first ")) }()
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	part := make([]byte, 6)
	if _, err := io.ReadFull(answer.Body, part); err != nil || string(part) != "first " {
		t.Fatalf("%q %v", part, err)
	}
	go func() { _, _ = write.Write([]byte("second")); _ = write.Close() }()
	rest, err := io.ReadAll(answer.Body)
	if err != nil || string(rest) != "second" {
		t.Errorf("%q %v", rest, err)
	}
}

func TestInProcessCancel(t *testing.T) {
	gone := make(chan struct{})
	rt := inProcess{http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); close(gone) })}
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://x/", nil)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	answer, err := rt.RoundTrip(r)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if answer != nil {
		_ = answer.Body.Close()
	}
	<-gone
}
