package warehouse

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/dangol/dangol/internal/event"
)

func identified(seq uint64, customer uint32) Fact {
	f := fact(seq, 0, customer, "Identified")
	f.Type = event.Identify
	f.Props = []byte(`{"plan":"gold"}`)
	return f
}

// copies counts the rows of told that are not copies of an event, and the events that should have one and have none.
const copies = `SELECT (SELECT count(*) FROM told t ANTI JOIN event e ON e.place = t.place AND e.customer_key = t.customer_key AND e.origin_key = t.origin_key
	AND e.at_us = t.at_us AND e.name_key = t.name_key AND e.type = t.type AND e.props = t.props AND e.context = t.context)
	+ (SELECT count(*) FROM event e JOIN event_name n ON n.key = e.name_key ANTI JOIN told t ON t.place = e.place WHERE e.type = 4 OR n.name = 'Consent Changed')`

func toldIs(t *testing.T, w *Warehouse, want int) {
	t.Helper()
	if n := one[int](t, w, `SELECT count(*) FROM told`); n != want {
		t.Errorf("%d rows are told, not %d", n, want)
	}
	if n := one[int](t, w, copies); n != 0 {
		t.Errorf("%d rows of told and event part", n)
	}
}

func TestWhatIsToldFollowsItsEvents(t *testing.T) {
	t.Parallel()
	w := open(t, "")
	follow(t, w, Following{Log: 4, Journal: 3, Facts: []Fact{identified(1, 1), fact(2, 0, 2, "Consent Changed"), fact(3, 0, 3, "Page Viewed"), identified(4, 3)}})
	toldIs(t, w, 3)
	follow(t, w, Following{Log: 4, Journal: 4, Steps: []Step{{Rev: 4, Kind: Move, Origin: 2, To: 1}}})
	if n := one[int](t, w, `SELECT count(*) FROM told WHERE customer_key = 1`); n != 2 {
		t.Errorf("after the merge %d are hers", n)
	}
	toldIs(t, w, 3)
	follow(t, w, Following{Log: 4, Journal: 5, Steps: []Step{{Rev: 5, Kind: Move, Origin: 2, To: 2}}})
	toldIs(t, w, 3)
	if _, err := w.Retain(t.Context(), "Consent Changed", 1<<60); err != nil {
		t.Fatal(err)
	}
	toldIs(t, w, 2)
	follow(t, w, Following{Log: 4, Journal: 6, Steps: []Step{{Rev: 6, Kind: Erase, Origin: 3}}})
	toldIs(t, w, 1)
}

// TestOldWarehousesAreTold opens a file that was written before told was there.
func TestOldWarehousesAreTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "old.duckdb")
	db, err := sql.Open("duckdb", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`CREATE TABLE schema_version (version INTEGER NOT NULL)`,
		migration(t, "0001_orders.sql"), migration(t, "0002_event.sql"), migration(t, "0003_event_identities.sql"),
		`INSERT INTO schema_version VALUES (1), (2), (3)`,
		`INSERT INTO event_name VALUES (16, 'Identified'), (17, 'Consent Changed'), (18, 'Page Viewed')`,
		`INSERT INTO event SELECT i, 1 + i % 7, 1 + i % 7, i, i, 16 + i % 3, CASE i % 3 WHEN 0 THEN 4 WHEN 1 THEN 1 ELSE 2 END, 1, 'm' || i, '{"i":' || i || '}', '{}', NULL FROM range(30000) r(i)`,
	} {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	w := open(t, path)
	toldIs(t, w, 20_000)
	follow(t, w, Following{Log: 100, Facts: []Fact{identified(99, 1)}})
	toldIs(t, w, 20_001)
}

func migration(t *testing.T, name string) string {
	t.Helper()
	text, err := migrations.ReadFile("migrations/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
