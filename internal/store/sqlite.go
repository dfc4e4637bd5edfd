package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/dangol/dangol/internal/kit/fault"
)

func openSQLite(ctx context.Context, path string) (*Store, error) {
	path = strings.TrimPrefix(path, "sqlite://")
	if strings.Contains(path, "://") {
		return nil, fault.New(fault.Invalid, "store.unknown_engine", "the store's address is neither a file nor a postgres:// address").
			Then("Use a file path, or postgres://user:password@host/database.")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return nil, unreachable(path, err)
	}
	write, err := sql.Open("sqlite", sqliteAddress(abs, "_txlock=immediate"))
	if err != nil {
		return nil, unreachable(path, err)
	}
	// One writer by construction: a second one would only wait inside the engine, where no context can end it.
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(unreachable(path, err), write.Close())
	}
	read, err := sql.Open("sqlite", sqliteAddress(abs, "_txlock=deferred&_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(unreachable(path, err), write.Close())
	}
	read.SetMaxOpenConns(max(4, runtime.NumCPU()))
	return &Store{dialect: SQLite, write: write, read: read, path: abs}, nil
}

func sqliteAddress(abs, more string) string {
	u := url.URL{Scheme: "file", Path: abs, RawQuery: "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_pragma=cache_size(-16384)&_pragma=temp_store(MEMORY)&" + more}
	return u.String()
}

func unreachable(where string, err error) error {
	return fault.New(fault.Unavailable, "store.unreachable", "the record store cannot be opened").At(fault.Place{File: where}).
		Then("Check that the place exists and that this user may write there.").Because(err)
}

// Snapshot writes a consistent copy of the records to path, which must not exist, while others go on reading and writing.
func (s *Store) Snapshot(ctx context.Context, path string) error {
	if s.dialect != SQLite {
		return fault.New(fault.Unimplemented, "store.postgres_backup", "records in PostgreSQL are backed up with PostgreSQL's own tools").
			Then("Run `pg_dump` on the database that the store's address names, together with this backup.")
	}
	if _, err := os.Lstat(path); err == nil {
		return fault.New(fault.Conflict, "store.snapshot_exists", "the file for the copy is there already").At(fault.Place{File: path})
	}
	db, err := sql.Open("sqlite", sqliteAddress(s.path, "_txlock=deferred"))
	if err != nil {
		return fmt.Errorf("store: snapshot: %w", err)
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO $1", path)
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("store: snapshot: %w", err)
	}
	return nil
}

// Shred takes deleted rows out of the files too. SQLite zeroes them where they stood when they are deleted, and the log of
// what was written before is emptied here; PostgreSQL keeps them until it vacuums, by itself or by its operator.
func (s *Store) Shred(ctx context.Context) error {
	if s.dialect != SQLite {
		return nil
	}
	var busy, pages, moved int
	if err := s.write.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("store: shred: %w", err)
	}
	if busy != 0 {
		return fault.New(fault.Unavailable, "store.shred_busy", "someone reads the records, so the log of what was deleted could not be emptied").Then("Try again in a moment.")
	}
	return nil
}

func sqliteConflict(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return true
	}
	return false
}
