package audience

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/recall"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/warehouse"
)

const previewed = 20_000 // customers, every third of whom has an address

// previewing is a service on real engines.
func previewing(t *testing.T) *Service {
	t.Helper()
	ctx := t.Context()
	w, err := warehouse.Open(ctx, "", warehouse.Options{MemoryMB: 500, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	err = w.Bulk(ctx, func(conn *sql.Conn) error {
		return exec(ctx, conn, `INSERT INTO customer SELECT i, 'c' || i, 'Kim ' || i, CASE WHEN i % 3 = 0 THEN 'c' || i || '@example.com' END, NULL, 0 FROM range(20000) r(i)`)
	})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(ctx, t.TempDir()+"/records.db", Schema, market.Schema)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	rec, err := recall.Open(ctx, t.TempDir(), recall.Options{CacheMB: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rec.Close() })
	now, told := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), atomic.Int64{}
	s := NewService(w, st, market.NewWorkspace(st), nil, func() time.Time { return now.Add(time.Duration(told.Add(1)) * time.Millisecond) })
	if err := s.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	people := rec.Begin(now.UnixMicro())
	for key := range uint32(previewed) {
		people.Enter(recall.Population, key)
	}
	if err := people.End(); err != nil {
		t.Fatal(err)
	}
	hears := func(context.Context, [][]byte) error { return nil }
	if err := s.GoLive(ctx, LiveOptions{Recall: rec, Log: slog.New(slog.DiscardHandler), Announce: hears}); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestPreviewSoon: who does not wait for everyone gets an estimate, and it holds; who waits gets the count.
func TestPreviewSoon(t *testing.T) {
	t.Parallel()
	s := previewing(t)
	look := func(text string, o PreviewOptions) *Preview {
		t.Helper()
		o.NowOnly = true
		p, err := s.Preview(t.Context(), json.RawMessage(text), o)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return p
	}
	hasEmail, share := `{"attribute":"email","op":"is set"}`, `{"share":{"percent":30,"salt":"x"}}`
	rules := []string{hasEmail, `{"not":` + hasEmail + `}`, share, `{"and":[` + hasEmail + `,` + share + `]}`, `{"attribute":"email","op":"=","value":"nobody@example.com"}`}
	s.counted.patience = 0
	for _, text := range rules {
		if p := look(text, PreviewOptions{Soon: true}); p.Estimate != nil {
			t.Errorf("%s: %+v, though there are too few people to draw some", text, p.Estimate)
		}
	}
	s.counted = newCountedRules()
	s.counted.enough, s.counted.patience = 2500, 0
	for _, text := range rules {
		p := look(text, PreviewOptions{Soon: true})
		if p.Estimate == nil || p.Estimate.Asked < 2300 || p.Estimate.Asked > 2700 {
			t.Fatalf("%s: %+v", text, p.Estimate)
		}
		exact := look(text, PreviewOptions{})
		if exact.Estimate != nil || exact.Count < p.Estimate.Low || exact.Count > p.Estimate.High {
			t.Errorf("%s: %d people (%+v), not between %d and %d", text, exact.Count, exact.Estimate, p.Estimate.Low, p.Estimate.High)
		}
		if p.Count < p.Estimate.Low || p.Count > p.Estimate.High || p.People != previewed || len(p.Sample) != len(exact.Sample) {
			t.Errorf("%s: %+v", text, p)
		}
	}
	other := `{"share":{"percent":40,"salt":"y"}}`
	if p := look(other, PreviewOptions{Soon: true}); p.Estimate == nil {
		t.Error("it was counted without patience")
	}
	s.counted.patience = time.Minute
	if p := look(other, PreviewOptions{Soon: true}); p.Estimate == nil {
		t.Error("there is an estimate, but everyone was counted")
	}
	if look(other, PreviewOptions{}); look(other, PreviewOptions{Soon: true}).Estimate != nil {
		t.Error("everyone was counted, but an estimate is told")
	}
	if p := look(rules[3], PreviewOptions{Soon: true}); p.Estimate != nil || p.Count == 0 {
		t.Errorf("with time enough: %+v", p)
	}
}

// TestWhatTakesLongIsNotBegun: how long the events of a rule take is foretold.
func TestWhatTakesLongIsNotBegun(t *testing.T) {
	t.Parallel()
	h := &happened{counts: map[string]int64{"Mug Admired": 1000}, firstUS: 1_000_000}
	need := &rule.Need{Source: rule.Events, Name: "Mug Admired"}
	for _, c := range []struct{ from, to, want int64 }{{rule.Always, 2_000_000, 1000}, {1_500_000, 2_000_000, 500}, {2_000_000, 2_000_000, 0}, {rule.Always, 900_000, 0}} {
		if got := h.between(need, c.from, c.to); got != c.want {
			t.Errorf("%d between %d and %d, not %d", got, c.from, c.to, c.want)
		}
	}
	if got := h.between(&rule.Need{Source: rule.Events, Name: rule.AnyEvent}, rule.Always, 2_000_000); got != 1000 {
		t.Errorf("%d of anything", got)
	}
	if got := (&happened{}).between(need, rule.Always, 5); got != 0 {
		t.Errorf("%d of nothing", got)
	}
}
