package store_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/store/pgtest"
	"github.com/dangol/dangol/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		storetest.Run(t, func(t testing.TB) string { return filepath.Join(t.TempDir(), "with space?&#.db") })
	})
	t.Run("postgres", func(t *testing.T) {
		storetest.Run(t, pgtest.Start(t).Database)
	})
}

func TestPrepare(t *testing.T) { storetest.Prepare(t, storetest.Sample) }

func TestSnapshot(t *testing.T) {
	s := storetest.Open(t, storetest.Sample)
	err := s.In(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "sample.PutThing", 1, "one", 1, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "it's a copy.db")
	if err := s.Snapshot(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	if err := s.Snapshot(t.Context(), to); fault.From(err).Reason != "store.snapshot_exists" {
		t.Errorf("the copy was overwritten: %v", err)
	}
	copied := storetest.OpenAt(t, to, storetest.Sample)
	var n int
	err = copied.View(t.Context(), func(tx *store.Tx) error {
		_, err := tx.One(t.Context(), "sample.Count", nil, &n)
		return err
	})
	if err != nil || n != 1 {
		t.Errorf("the copy holds %d rows, %v", n, err)
	}
}

func TestOpenFaults(t *testing.T) {
	for address, reason := range map[string]string{
		"mysql://somewhere/else":                      "store.unknown_engine",
		"postgres://u:secret@127.0.0.1:1/nowhere":     "store.unreachable",
		"postgres://u:secret@127.0.0.1:notaport/db":   "store.bad_address",
		filepath.Join(t.TempDir(), "\x00", "file.db"): "store.unreachable",
	} {
		_, err := store.Open(t.Context(), address)
		f := fault.From(err)
		if f.Reason != reason || f.Next == "" {
			t.Errorf("%q gave %v (%s)", address, err, f.Reason)
		}
		if strings.Contains(f.Error(), "secret") {
			t.Errorf("%q shows the password: %v", address, f)
		}
	}
}

func TestParseFaults(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1":                  "before the first",
		"-- name: A :one\nSELECT 1": "no comment line",
		"-- name: A :one\n-- why":   "no text",
		"-- name: A :one\n-- why\nSELECT 1\n-- name: A :one\n-- why\nSELECT 1": "twice",
		"-- name: A :one\n-- why\nSELECT 1\n-- dialect: mysql\nSELECT 2":       "only one override",
	} {
		_, err := store.Schema{Room: "sample", Queries: text}.Parse(store.SQLite)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gave %v", text, err)
		}
	}
	if _, err := (store.Schema{Room: "Two Words"}).Parse(store.SQLite); err == nil {
		t.Error("a room of two words was accepted")
	}
}

func BenchmarkBatch(b *testing.B) {
	for name, open := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return filepath.Join(t.TempDir(), "records.db") },
		"postgres": func(t testing.TB) string { return pgtest.Start(t).Database(t) },
	} {
		b.Run(name, func(b *testing.B) {
			s := storetest.OpenAt(b, open(b), storetest.Sample)
			b.ResetTimer()
			err := s.In(b.Context(), func(tx *store.Tx) error {
				batch, err := tx.Batch(b.Context(), "sample.PutThing")
				if err != nil {
					return err
				}
				for i := range b.N {
					if err := batch.Add(int64(i), "customer name", int64(i), int64(i)); err != nil {
						return err
					}
				}
				return batch.Close()
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
