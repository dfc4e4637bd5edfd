package warehouse

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
)

func many(n, minor int) []event.OrderLine {
	lines := make([]event.OrderLine, n)
	for i := range lines {
		lines[i] = line(strconv.Itoa(i), strconv.Itoa(i), "mug", event.Purchase, day.Day(100+i%300), int64(minor+i))
	}
	return lines
}

// DuckDB may report a commit that was interrupted as failed although it has happened; its customers would be forgotten.
func TestAFailedTakeIsNotHere(t *testing.T) {
	t.Parallel()
	w := open(t, filepath.Join(t.TempDir(), "w.duckdb"))
	ctx := context.Background()
	failed := 0
	for id := int64(1); id <= 30; id++ {
		lines := many(1500, int(id)*10_000)
		stopped, stop := context.WithCancel(ctx)
		_, err := w.Take(stopped, id, id, func(in *Intake) ([]Person, error) {
			for i := range lines {
				if err := in.Add(&lines[i], uint32(i), 1); err != nil {
					return nil, err
				}
			}
			time.AfterFunc(time.Duration(id)*500*time.Microsecond, stop)
			return nil, nil
		})
		stop()
		_, done, recordErr := w.TakenBy(ctx, id)
		if recordErr != nil || done != (err == nil) {
			t.Fatalf("import %d: error %v, yet here: %v (%v)", id, err, done, recordErr)
		}
		if err != nil {
			failed++
		}
	}
	if failed == 0 {
		t.Log("no take was stopped in time")
	}
}

func TestAPanicLeavesNoTransactionOpen(t *testing.T) {
	t.Parallel()
	w, k := open(t, filepath.Join(t.TempDir(), "w.duckdb")), keys{}
	k.take(t, w, 1, line("a", "1", "mug", event.Purchase, 100, 250))
	func() {
		defer func() { _ = recover() }()
		_, _ = w.Take(context.Background(), 2, 2, func(in *Intake) ([]Person, error) {
			l := line("z", "9", "cup", event.Purchase, 200, 999)
			for range 5000 {
				if err := in.Add(&l, 7, 999); err != nil {
					t.Error(err)
				}
			}
			panic("on purpose")
		})
	}()
	if got := one[int64](t, w, `SELECT count(*) FROM line`); got != 1 {
		t.Errorf("%d lines, want 1", got)
	}
	k.take(t, w, 3, line("b", "2", "cup", event.Purchase, 100, 250))
}

func TestTemporaryTablesEnd(t *testing.T) {
	t.Parallel()
	w, k := open(t, filepath.Join(t.TempDir(), "w.duckdb")), keys{}
	k.take(t, w, 1, line("a", "1", "mug", event.Purchase, 100, 250))
	k.take(t, w, 2, line("a", "1", "cup", event.Purchase, 100, 250))
	if got := one[int64](t, w, `SELECT count(*) FROM duckdb_tables() WHERE temporary`); got != 0 {
		t.Errorf("%d temporary tables are left", got)
	}
}

func TestSnapshotAfterOneThatWasStopped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, filepath.Join(dir, "w.duckdb"))
	keys{}.take(t, w, 1, many(20_000, 100)...)
	dst := filepath.Join(dir, "copy.duckdb")
	for patience := time.Millisecond; patience < 16*time.Millisecond; patience += 3 * time.Millisecond {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		_ = w.Snapshot(ctx, dst)
		cancel()
		if err := w.Snapshot(context.Background(), dst); err != nil {
			t.Fatalf("after one stopped in %v: %v", patience, err)
		}
	}
}

func TestFoldersOfAnyName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"two words", "a+b", "R&D", "it's", "단골", "a;b=c"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		w := open(t, filepath.Join(dir, "w.duckdb"))
		if got := one[string](t, w, `SELECT current_setting('temp_directory')`); got != filepath.Join(dir, "tmp") {
			t.Errorf("%q: spills to %q", name, got)
		}
	}
	for _, name := range []string{"why?", "a#1", "100%"} {
		_, err := Open(context.Background(), filepath.Join(t.TempDir(), name), Options{})
		if f := fault.From(err); f.Reason != "warehouse.bad_path" {
			t.Errorf("%q gave %v", name, err)
		}
	}
}

func TestACouponOfALineIsOneOfItsOrder(t *testing.T) {
	t.Parallel()
	with := func(order, product, coupon string) event.OrderLine {
		l := line("a", order, product, event.Purchase, 100, 250)
		l.Coupon = coupon
		return l
	}
	for _, before := range []string{"", "SAVE10"} {
		w, k := open(t, ""), keys{}
		k.take(t, w, 1, with("0", "mug", before), with("1", "mug", "SAVE10"), with("1", "cup", ""), with("2", "mug", ""))
		if got := one[string](t, w, `SELECT string_agg(order_id, ' ' ORDER BY order_id) FROM orders WHERE coupon = 'SAVE10' AND order_id > '0'`); got != "1" {
			t.Errorf("after an order with the coupon %q: orders with one are %q, want 1", before, got)
		}
	}
}

// Readers see one state of the customers whole, also while an analysis replaces the table.
func TestReadersBesideAnAnalysis(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t, filepath.Join(t.TempDir(), "w.duckdb"))
	replace := func(n int) {
		err := w.ReplaceState(ctx, nil, func(c *sql.Conn) error {
			if _, err := c.ExecContext(ctx, `CREATE OR REPLACE TABLE customer_state (a INTEGER)`); err != nil {
				return err
			}
			_, err := c.ExecContext(ctx, `INSERT INTO customer_state SELECT $1 FROM range(20000)`, n)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	replace(0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := range 25 {
			replace(n)
		}
	}()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		if got := one[string](t, w, `SELECT count(*) || ' of ' || count(DISTINCT a) FROM customer_state`); got != "20000 of 1" {
			t.Fatalf("a reader saw %s", got)
		}
	}
}
