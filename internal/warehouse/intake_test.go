package warehouse

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

func open(t testing.TB, path string) *Warehouse {
	t.Helper()
	w, err := Open(context.Background(), path, Options{MemoryMB: 256, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func line(customer, order, product string, kind event.Kind, d day.Day, minor int64) event.OrderLine {
	return event.OrderLine{
		Customer: customer, Order: order, Product: product, Kind: kind, Day: d, AtUS: int64(d) * 86400e6,
		QuantityMilli: 1000, AmountMinor: minor, Currency: "GBP", Market: "GB", Promised: day.Unknown, Delivered: day.Unknown, PaidUntil: day.Unknown,
	}
}

// keys numbers customers as profile does.
type keys map[string]uint32

func (k keys) take(t testing.TB, w *Warehouse, id int64, lines ...event.OrderLine) Taken {
	t.Helper()
	taken, err := w.Take(context.Background(), id, id, func(in *Intake) ([]Person, error) {
		var fresh []Person
		for i := range lines {
			key, known := k[lines[i].Customer]
			if !known {
				key = uint32(len(k))
				k[lines[i].Customer] = key
				fresh = append(fresh, Person{Key: key, ID: lines[i].Customer})
			}
			if err := in.Add(&lines[i], key, lines[i].AmountMinor); err != nil {
				return nil, err
			}
		}
		return fresh, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func one[T any](t testing.TB, w *Warehouse, text string, args ...any) T {
	t.Helper()
	var v T
	if err := w.db.QueryRowContext(context.Background(), text, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestIdenticalLinesAreKeptAndRepeatsAreNot(t *testing.T) {
	t.Parallel()
	w, k := open(t, ""), keys{}
	twice := line("a", "1", "mug", event.Purchase, 100, 250)
	lines := []event.OrderLine{twice, twice, line("a", "1", "cup", event.Purchase, 100, 300), line("b", "2", "mug", event.Purchase, 101, 250), line("b", "3", "mug", event.Refund, 110, 250)}
	if got, want := k.take(t, w, 1, lines...), (Taken{Purchases: 4, RefundLines: 1, Orders: 2, Customers: 2}); got != want {
		t.Errorf("first import = %+v, want %+v", got, want)
	}
	version := w.Version()
	if got, want := k.take(t, w, 2, lines...), (Taken{AlreadyPresent: 5}); got != want {
		t.Errorf("same lines again = %+v, want %+v", got, want)
	}
	if got := one[int64](t, w, `SELECT sum(base_minor)::BIGINT FROM orders WHERE kind = 1`); got != 250+250+300+250 {
		t.Errorf("purchases sum to %d", got)
	}
	if got := one[int64](t, w, `SELECT count(*) FROM orders`); got != 3 {
		t.Errorf("%d orders, want 3", got)
	}
	if w.Version() != version {
		t.Error("a file that brought nothing new makes the analysis look old")
	}
	if k.take(t, w, 3, line("c", "4", "mug", event.Purchase, 120, 250)); w.Version() == version {
		t.Error("a commit must raise the version")
	}
}

func TestALaterFileCompletesAnOrder(t *testing.T) {
	t.Parallel()
	w, k := open(t, ""), keys{}
	first, second := line("a", "1", "mug", event.Purchase, 100, 250), line("a", "1", "cup", event.Purchase, 100, 300)
	k.take(t, w, 1, first)
	if got, want := k.take(t, w, 2, first, second), (Taken{Purchases: 1, AlreadyPresent: 1, Orders: 1, Customers: 1}); got != want {
		t.Errorf("second file = %+v, want %+v", got, want)
	}
	if got := one[string](t, w, `SELECT count(*) || ' order, ' || sum(lines) || ' lines, ' || sum(base_minor) FROM orders`); got != "1 order, 2 lines, 550" {
		t.Errorf("orders = %s", got)
	}
}

func TestAFailedImportLeavesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "w.duckdb")
	w, k := open(t, path), keys{}
	k.take(t, w, 1, line("a", "1", "mug", event.Purchase, 100, 250))
	broken := errors.New("the file ended")
	_, err := w.Take(context.Background(), 2, 2, func(in *Intake) ([]Person, error) {
		l := line("z", "9", "new product", event.Purchase, 200, 999)
		for range 5000 {
			if err := in.Add(&l, 7, 999); err != nil {
				return nil, err
			}
		}
		return nil, broken
	})
	if !errors.Is(err, broken) {
		t.Fatalf("err = %v", err)
	}
	for text, want := range map[string]int64{
		`SELECT count(*) FROM line`: 1, `SELECT count(*) FROM orders`: 1, `SELECT count(*) FROM customer`: 1,
		`SELECT count(*) FROM product`: 1, `SELECT count(*) FROM import_done`: 1, `SELECT count(*) FROM order_context`: 1,
	} {
		if got := one[int64](t, w, text); got != want {
			t.Errorf("%s = %d, want %d", text, got, want)
		}
	}
	if _, done, err := w.TakenBy(context.Background(), 2); done || err != nil {
		t.Errorf("import 2 done = %v, %v", done, err)
	}
	k.take(t, w, 3, line("b", "2", "cup", event.Purchase, 100, 250))
}

// TestAnyCutOfALogGivesTheSameOrders imports one log whole, and again in overlapping pieces; the orders must be equal.
func TestAnyCutOfALogGivesTheSameOrders(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 0))
		lines := make([]event.OrderLine, 1+rng.IntN(40))
		for i := range lines {
			kind := event.Purchase
			if rng.IntN(6) == 0 {
				kind = event.Refund
			}
			order := rng.IntN(9)
			lines[i] = line(fmt.Sprint("c", order%3), fmt.Sprint(order), fmt.Sprint("p", rng.IntN(3)), kind, day.Day(100+order), int64(100*(1+order)))
		}
		whole, pieces := open(t, ""), open(t, "")
		keys{}.take(t, whole, 1, lines...)
		k := keys{}
		// Each piece begins at the log's start: an export "until today", made again later.
		for id, end := int64(1), 0; end < len(lines); id++ {
			end = min(len(lines), end+1+rng.IntN(len(lines)))
			k.take(t, pieces, id, lines[:end]...)
		}
		const text = `SELECT string_agg(c.id || ':' || order_id || ':' || kind || ':' || lines || ':' || base_minor, ' ' ORDER BY c.id, order_id, kind) FROM orders o JOIN customer c ON c.key = o.customer_key`
		if a, b := one[string](t, whole, text), one[string](t, pieces, text); a != b {
			t.Fatalf("seed %d\nwhole:  %s\npieces: %s", seed, a, b)
		}
	}
}

func TestSnapshotOpens(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, filepath.Join(dir, "w.duckdb"))
	keys{}.take(t, w, 1, line("a", "1", "mug", event.Purchase, 100, 250))
	dst := filepath.Join(dir, "it's a copy.duckdb")
	if err := w.Snapshot(context.Background(), dst); err != nil {
		t.Fatal(err)
	}
	c := open(t, dst)
	if got := one[int64](t, c, `SELECT count(*) FROM order_line`); got != 1 || c.Version() != w.Version() {
		t.Errorf("the copy holds %d lines at version %d", got, c.Version())
	}
}

func TestANewerFolderIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "w.duckdb")
	w := open(t, path)
	if _, err := w.db.ExecContext(context.Background(), `INSERT INTO schema_version VALUES (99)`); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), path, Options{}); err == nil {
		t.Error("a folder of a newer version must be refused")
	}
}
