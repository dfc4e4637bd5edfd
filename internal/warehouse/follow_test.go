package warehouse

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

func fact(seq uint64, i int, customer uint32, name string) Fact {
	place := seq<<12 | uint64(i)
	return Fact{Fact: &event.Fact{
		Place: place, MessageID: fmt.Sprintf("m%d", place), Type: event.Track, Name: name, AtUS: int64(place), ReceivedUS: int64(place),
		Source: "key_1", Props: []byte(`{"a":1}`), Context: []byte(`{}`),
	}, Customer: customer, Origin: customer}
}

func follow(t *testing.T, w *Warehouse, f Following) {
	t.Helper()
	if err := w.Follow(t.Context(), &f); err != nil {
		t.Fatal(err)
	}
}

func TestFactsCommitWithTheirOffset(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "w.duckdb")
	w := open(t, path)
	follow(t, w, Following{Log: 7, Journal: 2, Facts: []Fact{fact(6, 0, 1, "Page Viewed"), fact(7, 0, 2, "Cart Viewed"), fact(7, 1, 2, "Order Completed")},
		Steps: []Step{{Rev: 1, Kind: Upsert, Person: Person{Key: 1, ID: "a"}}, {Rev: 2, Kind: Upsert, Person: Person{Key: 2, ID: "b", Email: "b@x.kr"}}}})
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := w.Follow(stopped, &Following{Log: 8, Facts: []Fact{fact(8, 0, 1, "Never")}}); err == nil {
		t.Fatal("a stopped step was taken")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = open(t, path)
	o, err := w.Followed(t.Context())
	if err != nil || o.Log != 7 || o.Journal != 2 {
		t.Fatalf("%+v %v", o, err)
	}
	if n := one[int](t, w, `SELECT count(*) FROM event`); n != 3 {
		t.Errorf("%d events", n)
	}
	if key, ok := w.NameKey("Cart Viewed"); !ok || key < 16 || w.Name(key) != "Cart Viewed" {
		t.Errorf("cart has key %d", key)
	}
	if key, _ := w.NameKey("Order Completed"); key != OrderCompleted {
		t.Errorf("orders have key %d", key)
	}
	if _, ok := w.NameKey("Never"); ok {
		t.Error("a name outlived its transaction")
	}
}

func TestAMergeMovesWhatCameAndUnmergeBringsItBack(t *testing.T) {
	t.Parallel()
	w, k := open(t, filepath.Join(t.TempDir(), "w.duckdb")), keys{}
	k.take(t, w, 1, line("a", "1", "mug", event.Purchase, 100, 250), line("b", "2", "mug", event.Purchase, 100, 300))
	a, b := k["a"], k["b"]
	follow(t, w, Following{Log: 1, Facts: []Fact{fact(1, 0, a, "X"), fact(1, 1, b, "X")}})
	follow(t, w, Following{Log: 1, Journal: 2, Steps: []Step{{Rev: 1, Kind: Move, Origin: b, To: a}, {Rev: 2, Kind: Gone, Person: Person{Key: b}}}})
	of := func(table string, key uint32) int {
		return one[int](t, w, fmt.Sprintf(`SELECT count(*) FROM %s WHERE customer_key = %d`, table, key))
	}
	for _, table := range []string{"event", "line", "orders"} {
		if of(table, a) != 2 || of(table, b) != 0 {
			t.Errorf("%s after the merge: %d %d", table, of(table, a), of(table, b))
		}
	}
	follow(t, w, Following{Log: 1, Journal: 4, Steps: []Step{{Rev: 3, Kind: Upsert, Person: Person{Key: b, ID: "b"}}, {Rev: 4, Kind: Move, Origin: b, To: b}}})
	for _, table := range []string{"event", "line", "orders"} {
		if of(table, a) != 1 || of(table, b) != 1 {
			t.Errorf("%s after the unmerge: %d %d", table, of(table, a), of(table, b))
		}
	}
	follow(t, w, Following{Log: 1, Journal: 5, Steps: []Step{{Rev: 5, Kind: Erase, Origin: b}}})
	for _, table := range []string{"event", "line", "orders"} {
		if of(table, a) != 1 || of(table, b) != 0 {
			t.Errorf("%s after the erasure: %d %d", table, of(table, a), of(table, b))
		}
	}
}

func change(kind ChangeKind, version int64, customer uint32, minors ...int64) Change {
	c := Change{Kind: kind, VersionUS: version, AtUS: version, Day: 110, Customer: customer, Origin: customer}
	for i, m := range minors {
		l := line("a", "1", fmt.Sprintf("p%d", i), event.Purchase, day.Day(100), m)
		if kind == RefundOrder {
			l.Kind, l.AtUS = event.Refund, version
		}
		c.Lines = append(c.Lines, ChangeLine{l, m})
	}
	probe := line("a", "1", "", event.Purchase, 100, 1)
	c.OrderKey, _ = probe.Keys()
	return c
}

func TestAnOrderIsItsNewestVersion(t *testing.T) {
	t.Parallel()
	w, k := open(t, filepath.Join(t.TempDir(), "w.duckdb")), keys{}
	k.take(t, w, 1, line("a", "1", "p0", event.Purchase, 100, 250), line("a", "1", "p1", event.Purchase, 100, 50))
	a, seq := k["a"], uint64(0)
	state := func() string {
		return one[string](t, w, `SELECT coalesce(string_agg(kind || ':' || amount_minor || '/' || lines, ' ' ORDER BY kind), '') FROM orders`)
	}
	step := func(want string, c ...Change) {
		t.Helper()
		seq++
		follow(t, w, Following{Log: seq, Changes: c})
		if got := state(); got != want {
			t.Errorf("step %d: %s, want %s", seq, got, want)
		}
	}
	step("1:310/2", change(PutOrder, 20, a, 250, 60)) // the file's order, as the newest event tells it
	step("1:310/2", change(PutOrder, 10, a, 999))     // a late older version
	step("1:310/2 2:100/1", change(RefundOrder, 30, a, 100))
	step("1:310/2 2:100/1", change(RefundOrder, 30, a, 100)) // told twice, by another source
	step("1:310/2 2:310/2", change(CancelOrder, 40, a))      // gives back the rest
	step("1:400/1 2:100/1", change(PutOrder, 50, a, 400))    // taken up again
	k.take(t, w, 2, line("a", "1", "p9", event.Purchase, 100, 777))
	if got := state(); got != "1:400/1 2:100/1" {
		t.Errorf("a file changed an order that events tell of: %s", got)
	}
}
