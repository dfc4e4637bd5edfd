package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
)

// attempts is how often a serializable transaction is tried before its caller hears of the conflict.
const attempts = 12

// Store is an open record store; it is safe for concurrent use.
type Store struct {
	dialect Dialect
	write   *sql.DB
	read    *sql.DB // the same as write on PostgreSQL
	queries map[string]Query
	path    string // SQLite's file
}

// Open opens the store at url, a file path or a postgres:// address, and brings each room's tables up to date.
func Open(ctx context.Context, url string, schemas ...Schema) (*Store, error) {
	open := openSQLite
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		open = openPostgres
	}
	s, err := open(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := s.adopt(ctx, schemas); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) adopt(ctx context.Context, schemas []Schema) error {
	s.queries = map[string]Query{}
	for _, schema := range schemas {
		queries, err := schema.Parse(s.dialect)
		if err != nil {
			return err
		}
		for _, q := range queries {
			if _, twice := s.queries[q.Name]; twice {
				return fmt.Errorf("store: two schemas bring the query %s", q.Name)
			}
			s.queries[q.Name] = q
		}
		if err := s.migrate(ctx, schema); err != nil {
			return err
		}
	}
	return nil
}

// Close releases the engine; a store that is not closed loses nothing that was committed.
func (s *Store) Close() error {
	if s.read == s.write {
		return s.write.Close()
	}
	return errors.Join(s.read.Close(), s.write.Close())
}

// Dialect says which engine answers.
func (s *Store) Dialect() Dialect { return s.dialect }

// In runs fn in a read-write transaction and commits when fn returns nil. On PostgreSQL fn runs again when another
// transaction got in the way, so fn must have no effect but through tx.
func (s *Store) In(ctx context.Context, fn func(tx *Tx) error) error {
	options := &sql.TxOptions{}
	if s.dialect == Postgres {
		options.Isolation = sql.LevelSerializable
	}
	for try := 1; ; try++ {
		err := s.once(ctx, s.write, options, fn)
		if err == nil || !isSerialization(err) {
			return err
		}
		if try == attempts {
			return fault.New(fault.Unavailable, "store.busy", "other work on the same records did not let this one finish").
				Then("Try again in a moment.").Because(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try*try) * 3 * time.Millisecond):
		}
	}
}

// View runs fn in a read-only transaction that sees one state of the records and waits for no writer.
func (s *Store) View(ctx context.Context, fn func(tx *Tx) error) error {
	options := &sql.TxOptions{}
	if s.dialect == Postgres {
		options.Isolation, options.ReadOnly = sql.LevelRepeatableRead, true
	}
	return s.once(ctx, s.read, options, fn)
}

func (s *Store) once(ctx context.Context, db *sql.DB, options *sql.TxOptions, fn func(tx *Tx) error) (err error) {
	raw, err := db.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	tx := &Tx{store: s, raw: raw, prepared: map[string]*sql.Stmt{}}
	done := false
	defer func() {
		if !done { // fn failed or panicked
			if rollback := raw.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) && err == nil {
				err = rollback
			}
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if tx.unsent > 0 {
		return fmt.Errorf("store: a batch was not closed; %d rows would be lost", tx.unsent)
	}
	done = true
	if err := raw.Commit(); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	return nil
}

// Queries lists the names of all queries, for the test that prepares them.
func (s *Store) Queries() []string {
	names := make([]string, 0, len(s.queries))
	for name := range s.queries {
		names = append(names, name)
	}
	return names
}

// Prepare asks the engine to compile one named query without running it.
func (s *Store) Prepare(ctx context.Context, name string) error {
	q, ok := s.queries[name]
	if !ok {
		return fmt.Errorf("store: no query is named %q", name)
	}
	stmt, err := s.write.PrepareContext(ctx, q.SQL)
	if err != nil {
		return fmt.Errorf("store: %s: %w", name, err)
	}
	return stmt.Close() //nolint:sqlclosecheck // its error is the answer
}
