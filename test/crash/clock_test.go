package crash

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/app"
)

// house is the whole application in this process, with a clock that the test sets.
type house struct {
	app *app.App
	url string
	now atomic.Int64 // added to the machine's clock
}

func openHouse(t *testing.T, data string, ahead time.Duration) *house {
	t.Helper()
	h := &house{}
	h.now.Store(int64(ahead))
	a, err := app.Open(t.Context(), app.Options{
		Config: app.Config{Data: data, Addr: "127.0.0.1:0"}, Log: slog.New(slog.DiscardHandler),
		Clock: func() time.Time { return time.Now().Add(time.Duration(h.now.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(a.Handler(true))
	h.app, h.url = a, s.URL
	t.Cleanup(func() { s.Close() })
	return h
}

func (h *house) send(t *testing.T, calls ...string) {
	t.Helper()
	r, err := http.Post(h.url+"/v1/batch", "application/json", strings.NewReader(`{"writeKey":"any","batch":[`+strings.Join(calls, ",")+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	if r.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(r.Body)
		t.Fatalf("%s %s", r.Status, b)
	}
}

func (h *house) ask(t *testing.T, path string, into any) {
	t.Helper()
	r, err := http.Get(h.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	if err := json.NewDecoder(r.Body).Decode(into); err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", path, r.Status, err)
	}
}

type happened struct {
	Items []struct {
		Name      string    `json:"name"`
		MessageID string    `json:"message_id"`
		At        time.Time `json:"at"`
	} `json:"items"`
}

// TestClockJumpsBack sets the server's clock back by an hour, and by ten days over a restart, while events come. All of them are
// kept once, in the order in which they came; a repeated one is known, whatever the clock; none is taken for impossible.
func TestClockJumpsBack(t *testing.T) {
	data := t.TempDir()
	call := func(n int) string {
		return fmt.Sprintf(`{"type":"track","event":"Step %d","userId":"u1","messageId":"m%d"}`, n, n)
	}
	h := openHouse(t, data, 0)
	through := func(want int64) {
		t.Helper()
		var c counted
		if !wait(20*time.Second, func() bool { h.ask(t, "/v1/events/summary", &c); return c.Lag == 0 && c.Events == want }) {
			t.Fatalf("%d events are to be there: %+v", want, c)
		}
		if c.Quarantined > 0 || c.DeadLetters > 0 {
			t.Fatalf("%+v", c)
		}
	}
	h.send(t, call(1), call(2))
	through(2)
	h.now.Store(int64(-time.Hour))
	h.send(t, call(3), call(1)) // the first was here before
	through(3)
	h.now.Store(int64(2 * time.Hour))
	h.send(t, call(4))
	through(4)
	if err := h.app.Close(); err != nil {
		t.Fatal(err)
	}
	h = openHouse(t, data, -240*time.Hour)
	h.send(t, call(5), call(2), call(4))
	through(5)
	var all happened
	h.ask(t, "/v1/events?limit=10", &all)
	var order []string
	for _, e := range all.Items {
		order = append(order, e.MessageID)
	}
	if got := strings.Join(order, " "); got != "m5 m4 m3 m2 m1" {
		t.Errorf("newest first they are %q", got)
	}
	// The event's own time is that of the clock it came by: four after two, five long before.
	at := map[string]time.Time{}
	for _, e := range all.Items {
		at[e.MessageID] = e.At
	}
	if !at["m3"].Before(at["m2"]) || !at["m4"].After(at["m2"]) || !at["m5"].Before(at["m3"]) {
		t.Errorf("times %v", at)
	}
	if err := h.app.Close(); err != nil {
		t.Fatal(err)
	}
}
