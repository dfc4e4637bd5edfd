package clients_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const bulk = 40

// home is the folder in which run.sh has installed the clients.
func home(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("DANGOL_CLIENTS")
	if dir == "" {
		t.Skip("the official clients are installed and run by test/clients/run.sh")
	}
	return dir
}

// client runs the program of a client, which ends by itself when all it sent was acknowledged.
func client(t *testing.T, program string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

func TestNode(t *testing.T) {
	t.Parallel()
	dir := home(t)
	s := startServer(t)
	way := newFlaky(t, s.url)
	client(t, "node", "node.mjs", dir, way.url, s.key)
	check(t, s, way, expectation{name: "node", library: "@segment/analytics-node", ip: "203.0.113.7"})
}

func TestPython(t *testing.T) {
	t.Parallel()
	dir := home(t)
	for _, packing := range []string{"plain", "gzip"} {
		t.Run(packing, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			way := newFlaky(t, s.url)
			client(t, filepath.Join(dir, "python", "bin", "python"), "python.py", way.url, s.key, packing)
			check(t, s, way, expectation{name: "python-" + packing, library: "analytics-python", ip: "203.0.113.7"})
		})
	}
}

func TestBrowser(t *testing.T) {
	t.Parallel()
	dir := home(t)
	for _, delivery := range []string{"plain", "batching"} {
		t.Run(delivery, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			way := newFlaky(t, s.url)
			name := "browser-" + delivery
			page := shop(t, dir, func() bool { return len(s.events(t)) >= bulk+7 })
			client(t, "node", "browser.mjs", page, way.url, s.key, delivery)
			check(t, s, way, expectation{name: name, library: "analytics.js", ip: "127.0.0.1"})
		})
	}
}

// shop serves the page of another site, with the client as its package ships it, and tells it whether all has arrived.
func shop(t *testing.T, dir string, arrived func() bool) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "page.html") })
	mux.Handle("GET /umd/", http.StripPrefix("/umd/", http.FileServer(http.Dir(filepath.Join(dir, "node_modules/@segment/analytics-next/dist/umd")))))
	mux.HandleFunc("GET /arrived", func(w http.ResponseWriter, _ *http.Request) {
		if arrived() {
			_, _ = w.Write([]byte("yes"))
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	// Another name for the same machine is another site.
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

type expectation struct{ name, library, ip string }

// check holds that every call has arrived once, with what it said.
func check(t *testing.T, s *server, way *flaky, want expectation) {
	t.Helper()
	var got []told
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) { // the program works through its log
		if got = s.events(t); len(got) >= bulk+7 || time.Now().After(deadline) {
			break
		}
	}
	if len(got) != bulk+7 {
		t.Errorf("%d events of %d", len(got), bulk+7)
	}
	if way.refused.Load() == 0 || way.lost.Load() == 0 {
		t.Errorf("%d requests refused, %d answers lost: nothing was sent again", way.refused.Load(), way.lost.Load())
	}
	byName, ids, numbers := map[string]told{}, map[string]bool{}, map[int]int{}
	for _, one := range got {
		if ids[one.MessageID] || one.MessageID == "" || strings.HasPrefix(one.MessageID, "place:") {
			t.Errorf("message id %q", one.MessageID)
		}
		ids[one.MessageID] = true
		if one.Name == "Bulk" {
			n, _ := one.Properties["n"].(float64)
			numbers[int(n)]++
			continue
		}
		if _, twice := byName[one.Name]; twice {
			t.Errorf("%s twice", one.Name)
		}
		byName[one.Name] = one
	}
	for n := range bulk {
		if numbers[n] != 1 {
			t.Errorf("number %d arrived %d times", n, numbers[n])
		}
	}
	checkCalls(t, byName, want)
	if s.person != nil {
		checkPerson(t, s, got, want.name)
	}
}

// checkPerson holds that all calls, the anonymous and the former ones too, are one customer's.
func checkPerson(t *testing.T, s *server, got []told, name string) {
	t.Helper()
	wanted := []string{"user:" + name + "-user", "email:kim@" + name + ".example", "phone:+821012345678", "anonymous:" + name + "-anonymous"}
	for _, ref := range wanted {
		id, identities := s.person(t, ref)
		if id != name+"-user" {
			t.Errorf("%s leads to %q", ref, id)
		}
		for _, one := range wanted {
			if !slices.Contains(identities, one) {
				t.Errorf("%s is not among %v", one, identities)
			}
		}
		if slices.Contains(identities, "email:info@acme.example") {
			t.Error("the company's e-mail became the person's")
		}
	}
	for _, one := range got {
		if one.Customer != name+"-user" {
			t.Errorf("%s is of customer %q", one.Name, one.Customer)
		}
	}
}

func checkCalls(t *testing.T, byName map[string]told, want expectation) {
	t.Helper()
	user := "user:" + want.name + "-user"
	for _, c := range []struct {
		name, kind, identity string
		properties           map[string]any
	}{
		{"Identified", "identify", user, map[string]any{"name": "김민지", "plan": "gold", "age": 34.0, "email": "kim@" + want.name + ".example", "phone": "+82 10-1234-5678"}},
		{"Identified", "identify", "email:kim@" + want.name + ".example", nil},
		{"Identified", "identify", "phone:+82 10-1234-5678", nil},
		{"Identified", "identify", "anonymous:" + want.name + "-anonymous", nil},
		{"Order Completed", "track", user, map[string]any{
			"order_id": want.name + "-1", "revenue": 39.9, "currency": "USD", "note": `ขอบคุณ 🎁 "quoted" \ back`,
			"products": []any{map[string]any{"product_id": "SKU-1", "quantity": 2.0}},
		}},
		{"Page Viewed", "page", user, map[string]any{"name": "Home", "category": "Docs", "path": "/home"}},
		{"Screen Viewed", "screen", user, map[string]any{"name": "Cart", "items": 3.0}},
		{"Grouped", "group", user, map[string]any{"name": "Acme", "employees": 30.0, "group_id": want.name + "-org"}},
		{"Aliased", "alias", user, nil},
		{"Visited", "track", "anonymous:" + want.name + "-anonymous", nil},
	} {
		one, found := byName[c.name]
		// The program keeps identities with the person, not with each event.
		if !found || one.Type != c.kind || len(one.Identities) > 0 && !slices.Contains(one.Identities, c.identity) {
			t.Errorf("%s: %+v, want %s of %s", c.name, one, c.kind, c.identity)
			continue
		}
		for k, v := range c.properties {
			if diff := cmp.Diff(v, one.Properties[k]); diff != "" {
				t.Errorf("%s, %s: %s", c.name, k, diff)
			}
		}
		library, _ := one.Context["library"].(map[string]any)
		if library["name"] != want.library {
			t.Errorf("%s: context %v", c.name, one.Context)
		}
	}
	if slices.Contains(byName["Grouped"].Identities, "email:info@acme.example") {
		t.Error("the company's e-mail became the person's")
	}
	visited := byName["Visited"]
	if d := visited.At.Sub(time.Date(2024, 5, 1, 10, 0, 0, 123_000_000, time.UTC)).Abs(); d > 5*time.Second {
		t.Errorf("history at %s", visited.At)
	}
	if fmt.Sprint(visited.Context["ip"]) != want.ip || visited.Context["locale"] != "ko-KR" {
		t.Errorf("context %v", visited.Context)
	}
	if lag := visited.ReceivedAt.Sub(byName["Order Completed"].At); lag > time.Minute || lag < -time.Minute {
		t.Errorf("the order was %s before its arrival", lag)
	}
}
