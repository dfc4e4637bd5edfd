package warehouse

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/event"
)

// things are n events with properties of which some are odd.
func things(from, n int) []Fact {
	facts := make([]Fact, n)
	for i := range facts {
		k := from + i
		props := fmt.Sprintf(`{"category":"c%c","price":%d.5,"sku":"s-%d","on":%v}`, 'a'+rune(k%5), k%90, k%700, k%2 == 0)
		switch k % 97 {
		case 0:
			props = `{"category":{"nested":1},"price":"12.50"}`
		case 1:
			props = `{"category":null,"price":12.50,"more":[1]}`
		case 2:
			props = `{"cat\u0065gory":"tea"}`
		}
		facts[i] = Fact{Fact: &event.Fact{Place: uint64(k+1)<<12 | uint64(k%3), AtUS: int64(k), Type: event.Track, Name: []string{"Viewed", "Bought"}[k%2], Source: "s", MessageID: fmt.Sprint(k), Props: []byte(props), Context: []byte(`{}`)}, Customer: uint32(1 + k%50), Origin: uint32(1 + k%50)}
	}
	return facts
}

// agree compares each property with a column with what its JSON gives, and returns how many events have columns.
func agree(t *testing.T, w *Warehouse) (apart int) {
	t.Helper()
	for _, name := range []string{"Viewed", "Bought"} {
		key, _ := w.NameKey(name)
		for _, p := range []string{"category", "price", "sku", "on"} {
			i, least, ok := w.PropertyColumn(key, p)
			if !ok {
				t.Fatalf("%s of %s has no column", p, name)
			}
			var wrong int
			err := w.db.QueryRowContext(t.Context(), fmt.Sprintf(`SELECT count(*) FROM event WHERE name_key = %d AND apart >= %d AND p%d IS DISTINCT FROM (props->>'$.%s')`, key, least, i, p)).Scan(&wrong)
			if err != nil || wrong > 0 {
				t.Fatalf("%s of %s: %d differ, %v", p, name, wrong, err)
			}
		}
	}
	if err := w.db.QueryRowContext(t.Context(), `SELECT count(*) FROM event WHERE apart > 0`).Scan(&apart); err != nil {
		t.Fatal(err)
	}
	return apart
}

// TestPropertiesHaveColumns follows events slowly and too fast, opens the warehouse again in between, and takes apart later what was kept whole.
func TestPropertiesHaveColumns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	w := reopen(t, nil, path)
	followed(t, w, things(0, 600), 1)
	if n := agree(t, w); n != 600 {
		t.Fatalf("%d of 600 are apart", n)
	}
	key, _ := w.NameKey("Viewed")
	before, _, _ := w.PropertyColumn(key, "sku")
	w = reopen(t, w, path)
	if after, _, ok := w.PropertyColumn(key, "sku"); !ok || after != before {
		t.Fatalf("column %d, then %d", before, after)
	}
	followed(t, w, things(600, wholeFacts), 2)
	if n := agree(t, w); n != 600 {
		t.Fatalf("%d are apart after a step that was behind", n)
	}
	for !w.memory.thronging() { // it is noted beside the step
		time.Sleep(time.Millisecond)
	}
	if more, err := w.TakeApart(t.Context()); more || err != nil {
		t.Fatal("while many events come they are not taken apart", err)
	}
	w.thronged(t.Context(), false)
	goes := 0
	for more := true; more; goes++ {
		var err error
		if more, err = w.TakeApart(t.Context()); err != nil || goes > 1000 {
			t.Fatal(goes, err)
		}
	}
	if n := agree(t, w); n != 600+wholeFacts {
		t.Fatalf("%d are apart after %d goes", n, goes)
	}
	if w = reopen(t, w, path); agree(t, w) != 600+wholeFacts {
		t.Fatal("it was not kept")
	}
}

// TestAStepThatFailsGivesNoColumns: what its transaction gave is not known of afterwards.
func TestAStepThatFailsGivesNoColumns(t *testing.T) {
	w := reopen(t, nil, filepath.Join(t.TempDir(), "w.duckdb"))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := w.Follow(ctx, &Following{Log: 1, Facts: things(3, 10)}); err == nil {
		t.Fatal("it did not fail")
	}
	if len(w.apart.of) > 0 {
		t.Fatalf("%v", w.apart.of)
	}
	followed(t, w, things(0, 10), 1)
	agree(t, w)
}

func followed(t *testing.T, w *Warehouse, facts []Fact, log uint64) {
	t.Helper()
	if err := w.Follow(t.Context(), &Following{Log: log, Facts: facts}); err != nil {
		t.Fatal(err)
	}
}

func reopen(t *testing.T, w *Warehouse, path string) *Warehouse {
	t.Helper()
	if w != nil {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	w, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}
