package warehouse

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

// paid is a line of an order that pays until a day.
func paid(l event.OrderLine, until day.Day) event.OrderLine {
	l.PaidUntil = until
	return l
}

// paidUntil writes until when each order pays: customer, order, kind and day.
func paidUntil(t *testing.T, w *Warehouse) string {
	t.Helper()
	return one[string](t, w, `SELECT coalesce(string_agg(customer_key || ':' || order_id || ':' || kind || ':' || coalesce(paid_until_day::VARCHAR, '-'), ' ' ORDER BY customer_key, order_id, kind), '') FROM orders`)
}

func TestAnOrderPaysUntilTheLastDayOfItsLines(t *testing.T) {
	t.Parallel()
	w, k := open(t, filepath.Join(t.TempDir(), "w.duckdb")), keys{}
	month, year := paid(line("a", "1", "month", event.Purchase, 100, 250), 130), paid(line("a", "1", "year", event.Purchase, 100, 2500), 465)
	mug := line("b", "2", "mug", event.Purchase, 101, 300)
	k.take(t, w, 1, month, year, mug)
	if got := paidUntil(t, w); got != "0:1:1:465 1:2:1:-" {
		t.Errorf("the first file: %s", got)
	}
	again := paid(line("a", "3", "month", event.Purchase, 131, 250), 160)
	longer := paid(line("b", "2", "month", event.Purchase, 101, 250), 131) // completes an order that is here
	if got := k.take(t, w, 2, month, year, mug, again, longer); got.Purchases != 2 || got.AlreadyPresent != 3 {
		t.Errorf("the second file: %+v", got)
	}
	if got := paidUntil(t, w); got != "0:1:1:465 0:3:1:160 1:2:1:131" {
		t.Errorf("the second file: %s", got)
	}
	if got := one[string](t, w, `SELECT string_agg(coalesce(paid_until_day::VARCHAR, '-'), ' ' ORDER BY paid_until_day) FROM order_line`); got != "130 131 160 465 -" {
		t.Errorf("lines pay until %s", got)
	}
	k.take(t, w, 3, beside(event.OfLine, "a", "3", "month", 100))
	k.take(t, w, 4, beside(event.OfLine, "a", "3", "month", 200))
	k.takeCancelled(t, w, 5, []event.OrderLine{month, year})
	if got := paidUntil(t, w); got != "0:1:1:465 0:1:2:- 0:3:1:160 0:3:2:- 1:2:1:131" {
		t.Errorf("after refunds and a withdrawal: %s", got)
	}
}

// TestAnEventMovesUntilWhenAnOrderPays, and a merge that joins orders folds the file's day with them.
func TestAnEventMovesUntilWhenAnOrderPays(t *testing.T) {
	t.Parallel()
	w, k := open(t, filepath.Join(t.TempDir(), "w.duckdb")), keys{}
	k.take(t, w, 1, paid(line("a", "1", "p0", event.Purchase, 100, 250), 130), line("b", "9", "p0", event.Purchase, 100, 250))
	fold := func(told [][]byte, fromFiles []event.OrderLine) ([]ChangeLine, error) {
		until := day.Unknown
		for _, l := range fromFiles {
			until = max(until, l.PaidUntil)
		}
		lines, err := foldTold(told, fromFiles)
		for i := range lines {
			if lines[i].Kind == event.Purchase {
				lines[i].PaidUntil = until + 31
			}
		}
		return lines, err
	}
	follow(t, w, Following{Log: 1, Changes: []Change{told(PutOrder, 1<<12, k["a"], 1, 260)}, Fold: fold})
	if got := paidUntil(t, w); got != "0:1:1:161 1:9:1:-" {
		t.Errorf("after the event: %s", got)
	}
	follow(t, w, Following{Log: 1, Journal: 1, Steps: []Step{{Rev: 1, Kind: Move, Origin: k["b"], To: k["a"]}}, Fold: fold})
	if got := paidUntil(t, w); got != "0:1:1:161 0:9:1:-" {
		t.Errorf("after the merge: %s", got)
	}
	follow(t, w, Following{Log: 1, Journal: 2, Steps: []Step{{Rev: 2, Kind: Move, Origin: k["b"], To: k["b"]}}, Fold: fold})
	if got := paidUntil(t, w); got != "0:1:1:161 1:9:1:-" {
		t.Errorf("after it was taken back: %s", got)
	}
	copied := filepath.Join(t.TempDir(), "copy.duckdb")
	if err := w.Snapshot(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if got := paidUntil(t, open(t, copied)); got != "0:1:1:161 1:9:1:-" {
		t.Errorf("in the copy: %s", got)
	}
}

// TestOldWarehousesLearnUntilWhenOrdersPay opens a file that was written before orders told it.
func TestOldWarehousesLearnUntilWhenOrdersPay(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "old.duckdb")
	db, err := sql.Open("duckdb", path)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{`CREATE TABLE schema_version (version INTEGER NOT NULL)`}
	for i, name := range []string{"0001_orders", "0002_event", "0003_event_identities", "0004_told", "0005_beside"} {
		texts = append(texts, migration(t, name+".sql"), fmt.Sprintf(`INSERT INTO schema_version VALUES (%d)`, i+1))
	}
	old := line("a", "1", "mug", event.Purchase, 100, 250)
	order, hash := old.Keys()
	texts = append(texts,
		`INSERT INTO order_context VALUES (1, 'GBP', 'GB', '', '')`, `INSERT INTO product VALUES (1, 'mug', '', '')`, `INSERT INTO customer VALUES (0, 'a', '', '', '', 1)`,
		fmt.Sprintf(`INSERT INTO line VALUES (0, %d, %d, %d, 100, 1, 1, 1000, 250, 250, 1, '1', 105, 106, 1, 0)`, order, hash, old.AtUS),
		`INSERT INTO line SELECT 1, range, range, 0, 90, 1, 1, 1000, 1, 1, 1, 'x' || range, -2147483648, -2147483648, 1, 1 FROM range(200000)`,
		fmt.Sprintf(`INSERT INTO orders VALUES (0, %d, 1, '1', %d, 100, 1, 1000, 250, 250, 'GBP', 'GB', '', '', 105, 106, 0)`, order, old.AtUS),
	)
	for _, text := range texts {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatalf("%v in %s", err, strings.TrimSpace(text))
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	w, k := open(t, path), keys{"a": 0}
	if got := paidUntil(t, w); got != "0:1:1:-" {
		t.Errorf("what was here: %s", got)
	}
	if n := one[int](t, w, `SELECT count(*) FROM line WHERE paid_raw = -2147483648`); n != 200_001 {
		t.Errorf("%d lines do not tell until when they pay", n)
	}
	if got := one[string](t, w, `SELECT promised_day || ' ' || delivered_day || ' ' || coalesce(paid_until_day::VARCHAR, '-') FROM order_line WHERE order_id = '1'`); got != "105 106 -" {
		t.Errorf("the view: %s", got)
	}
	k.take(t, w, 2, old, paid(line("a", "2", "month", event.Purchase, 101, 300), 131))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := paidUntil(t, open(t, path)); got != "0:1:1:- 0:2:1:131" {
		t.Errorf("after a file: %s", got)
	}
}
