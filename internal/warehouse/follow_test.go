package warehouse

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/event"
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
	follow(t, w, Following{
		Log: 7, Journal: 2, Facts: []Fact{fact(6, 0, 1, "Page Viewed"), fact(7, 0, 2, "Cart Viewed"), fact(7, 1, 2, "Order Completed")},
		Steps: []Step{{Rev: 1, Kind: Upsert, Person: Person{Key: 1, ID: "a"}}, {Rev: 2, Kind: Upsert, Person: Person{Key: 2, ID: "b", Email: "b@x.kr"}}},
	})
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
	if n, err := w.ErasedRows(t.Context(), []uint32{b}); err != nil || n["event"] != 1 || n["line"] != 1 || n["orders"] != 1 || n["customer"] != 1 {
		t.Errorf("receipt: %v %v", n, err)
	}
	sheets, err := w.Export(t.Context(), a)
	if err != nil || len(sheets) != 3 || len(sheets[0].Rows) != 1 || len(sheets[1].Rows) != 1 || len(sheets[2].Rows) != 1 {
		t.Errorf("export: %+v %v", sheets, err)
	}
	if n, err := w.Retain(t.Context(), "X", 1<<60); err != nil || n != 1 {
		t.Errorf("retained: %d %v", n, err)
	}
}

// told writes a change as these tests understand it: the newest put counts, refunds add up to at most that, a cancellation is all.
func told(kind ChangeKind, place uint64, customer uint32, version int, minors ...int) Change {
	c := Change{Kind: kind, Order: "1", Place: place, Customer: customer, Origin: customer}
	text := fmt.Sprintf("%d %d", kind, version)
	for _, m := range minors {
		text += fmt.Sprintf(" %d", m)
	}
	c.Told = []byte(text)
	l := line("someone else", "1", "", event.Purchase, 100, 1)
	c.OrderKey, _ = l.Keys()
	return c
}

func foldTold(told [][]byte, fromFiles []event.OrderLine) ([]ChangeLine, error) {
	newest, back, total := -1, 0, 0
	var lines []ChangeLine
	for _, l := range fromFiles {
		if l.Kind == event.Purchase {
			total += int(l.AmountMinor)
		}
	}
	for _, text := range told {
		var kind, version int
		numbers := []int{}
		for _, word := range strings.Fields(string(text)) {
			n, err := strconv.Atoi(word)
			if err != nil {
				return nil, err
			}
			numbers = append(numbers, n)
		}
		kind, version = numbers[0], numbers[1]
		switch ChangeKind(kind) {
		case PutOrder:
			if version < newest {
				continue
			}
			newest, total, lines = version, 0, nil
			for i, m := range numbers[2:] {
				total += m
				lines = append(lines, ChangeLine{line("a", "1", fmt.Sprintf("p%d", i), event.Purchase, 100, int64(m)), int64(m)})
			}
		case RefundOrder:
			back += numbers[2]
		case CancelOrder:
			back = 1 << 30
		}
	}
	if back = min(back, total); back > 0 {
		lines = append(lines, ChangeLine{line("a", "1", "p0", event.Refund, 120, int64(back)), int64(back)})
	}
	return lines, nil
}

func TestAnOrderIsWhatAllEventsTell(t *testing.T) {
	t.Parallel()
	w, k := open(t, filepath.Join(t.TempDir(), "w.duckdb")), keys{}
	k.take(t, w, 1, line("a", "1", "p0", event.Purchase, 100, 250), line("a", "1", "p1", event.Purchase, 100, 50), line("b", "1", "p1", event.Purchase, 100, 7))
	a, seq := k["a"], uint64(0)
	state := func() string {
		return one[string](t, w, fmt.Sprintf(`SELECT coalesce(string_agg(kind || ':' || amount_minor || '/' || lines, ' ' ORDER BY kind), '') FROM orders WHERE customer_key = %d`, a))
	}
	step := func(want string, kind ChangeKind, version int, minors ...int) {
		t.Helper()
		seq++
		follow(t, w, Following{Log: seq, Changes: []Change{told(kind, seq<<12, a, version, minors...)}, Fold: foldTold})
		if got := state(); got != want {
			t.Errorf("step %d: %s, want %s", seq, got, want)
		}
	}
	step("1:300/2 2:100/1", RefundOrder, 5, 100) // of the file's order
	step("1:310/2 2:100/1", PutOrder, 20, 250, 60)
	step("1:310/2 2:100/1", PutOrder, 10, 999) // a late older version
	step("1:310/2 2:310/1", CancelOrder, 40)
	k.take(t, w, 2, line("a", "1", "p9", event.Purchase, 100, 777), line("a", "1", "p9", event.Refund, 100, 777), line("b", "1", "p9", event.Purchase, 100, 3))
	if got := state(); got != "1:310/2 2:310/1" {
		t.Errorf("a file changed an order that events tell of: %s", got)
	}
	if n := one[int](t, w, `SELECT sum(amount_minor)::INT FROM orders WHERE customer_key = 1`); n != 10 {
		t.Errorf("another customer's order of that id sums to %d", n)
	}
}

func TestAMergeJoinsTheTwoHalvesOfAnOrder(t *testing.T) {
	t.Parallel()
	w, k := open(t, filepath.Join(t.TempDir(), "w.duckdb")), keys{}
	k.take(t, w, 1, line("a", "1", "p0", event.Purchase, 100, 250))
	guest := uint32(77)
	follow(t, w, Following{Log: 1, Changes: []Change{told(PutOrder, 1<<12, guest, 1, 260)}, Fold: foldTold})
	follow(t, w, Following{Log: 1, Journal: 1, Steps: []Step{{Rev: 1, Kind: Move, Origin: guest, To: k["a"]}}, Fold: foldTold})
	if got := one[string](t, w, `SELECT string_agg(customer_key || ':' || amount_minor, ' ') FROM orders`); got != "0:260" {
		t.Errorf("after the merge: %s", got)
	}
}

func TestACustomerHasOneRow(t *testing.T) {
	t.Parallel()
	w := open(t, filepath.Join(t.TempDir(), "w.duckdb"))
	for rev, email := range []string{"", "a@x.kr", "b@x.kr"} {
		follow(t, w, Following{Log: 1, Journal: uint64(rev) + 1, Steps: []Step{{Rev: uint64(rev) + 1, Kind: Upsert, Person: Person{Key: 0, ID: "42", Email: email}}}})
		if got := one[string](t, w, `SELECT string_agg(key || id || email, ' ') FROM customer`); got != "042"+email {
			t.Errorf("revision %d: %q", rev+1, got)
		}
	}
}

func TestProductsAreNamedBeforeAndAfterTheyAreOrdered(t *testing.T) {
	t.Parallel()
	w, k := open(t, filepath.Join(t.TempDir(), "w.duckdb")), keys{}
	k.take(t, w, 1, line("a", "1", "mug", event.Purchase, 100, 250))
	if err := w.PutProducts(t.Context(), []Product{{"mug", "Mug", ""}, {"tea", "Tea", "Drinks"}, {"mug", "Large mug", "Kitchen"}, {"", "Nameless", ""}}); err != nil {
		t.Fatal(err)
	}
	follow(t, w, Following{Log: 1, Changes: []Change{told(PutOrder, 1<<12, k["a"], 1, 260)}, Fold: foldTold})
	k.take(t, w, 2, line("a", "2", "tea", event.Purchase, 101, 90), line("a", "2", "cup", event.Purchase, 101, 90))
	want := "1 mug Large mug Kitchen, 2 tea Tea Drinks, 3 p0  , 4 cup  "
	if got := one[string](t, w, `SELECT string_agg(concat_ws(' ', key, id, name, category), ', ' ORDER BY key) FROM product`); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
