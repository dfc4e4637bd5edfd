package store

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/dangol/dangol/internal/kit/fault"
)

// migrate brings one room's tables up to date; each room counts its own versions.
func (s *Store) migrate(ctx context.Context, schema Schema) error {
	if schema.Migrations == nil {
		return nil
	}
	files := schema.Migrations
	if _, err := fs.Stat(files, "migrations"); err == nil {
		if files, err = fs.Sub(files, "migrations"); err != nil {
			return fmt.Errorf("store: migrations of %s: %w", schema.Room, err)
		}
	}
	options := []goose.ProviderOption{
		goose.WithTableName(schema.Room + "_migration"), goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)),
	}
	dialect := goose.DialectSQLite3
	if s.dialect == Postgres {
		dialect = goose.DialectPostgres
		// Two processes that start together must not migrate together.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
		if err != nil {
			return fmt.Errorf("store: migrations of %s: %w", schema.Room, err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, s.write, dialectFS{files, s.dialect}, options...)
	if err != nil {
		return fmt.Errorf("store: migrations of %s: %w", schema.Room, err)
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("store: migrations of %s: %w", schema.Room, err)
	}
	switch {
	case current == target:
		return nil
	case current > target:
		return fault.Newf(fault.Conflict, "store.newer_records",
			"these records were written by a newer dangol (%s is at version %d, this program knows %d)", schema.Room, current, target).
			Then("Run that newer dangol, or restore a backup made before the upgrade.")
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("store: migrations of %s: %w", schema.Room, err)
	}
	return nil
}

// dialectFS shows one file a migration: NNNN_name.postgres.sql stands in for NNNN_name.sql on PostgreSQL
// and is not there for SQLite.
type dialectFS struct {
	fs.FS
	dialect Dialect
}

const postgresSuffix = ".postgres.sql"

// Open opens the file that the dialect should see under name.
func (d dialectFS) Open(name string) (fs.File, error) {
	if base, ok := strings.CutSuffix(name, ".sql"); ok && d.dialect == Postgres {
		if f, err := d.FS.Open(base + postgresSuffix); err == nil {
			return f, nil
		}
	}
	return d.FS.Open(name)
}

// ReadDir hides the override files.
func (d dialectFS) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(d.FS, name)
	shown := entries[:0:0]
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), postgresSuffix) {
			shown = append(shown, e)
		}
	}
	return shown, err
}
