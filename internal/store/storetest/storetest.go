// Package storetest holds what every implementation of a store must do, as tests that run on any of them, and
// what rooms need to test their own tables.
package storetest

import (
	"context"
	"embed"
	"path/filepath"
	"testing"

	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/store/pgtest"
)

//go:embed testschema/queries.sql
var queries string

//go:embed testschema/migrations
var migrations embed.FS

// Sample is the schema that the conformance tests use.
var Sample = store.Schema{Room: "sample", Queries: queries, Migrations: subFS{migrations}}

// Open gives a migrated SQLite store in a temporary folder, closed when the test ends.
func Open(t testing.TB, schemas ...store.Schema) *store.Store {
	t.Helper()
	return OpenAt(t, filepath.Join(t.TempDir(), "records.db"), schemas...)
}

// OpenAt opens the store at an address, to be closed when the test ends.
func OpenAt(t testing.TB, address string, schemas ...store.Schema) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), address, schemas...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// Prepare compiles every named query of the schemas against migrated tables, on SQLite and on a real PostgreSQL.
func Prepare(t *testing.T, schemas ...store.Schema) {
	prepare := func(t *testing.T, s *store.Store) {
		t.Helper()
		for _, name := range s.Queries() {
			if err := s.Prepare(t.Context(), name); err != nil {
				t.Error(err)
			}
		}
	}
	t.Run("sqlite", func(t *testing.T) { prepare(t, Open(t, schemas...)) })
	t.Run("postgres", func(t *testing.T) { prepare(t, OpenAt(t, pgtest.Start(t).Database(t), schemas...)) })
}

// in runs fn in a transaction that must succeed.
func in(t testing.TB, s *store.Store, fn func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := s.In(t.Context(), func(tx *store.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}
