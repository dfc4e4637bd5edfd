package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Args are the values of a query's numbered arguments, the first for $1.
type Args = []any

// Scan copies the columns of the current row into dest.
type Scan func(dest ...any) error

// Tx is one transaction; it belongs to the goroutine that runs the function it was given to.
type Tx struct {
	store    *Store
	raw      *sql.Tx
	prepared map[string]*sql.Stmt
	unsent   int // rows of open batches
}

func (tx *Tx) query(name string, kinds ...Kind) (Query, error) {
	q, ok := tx.store.queries[name]
	if !ok {
		return q, fmt.Errorf("store: no query is named %q", name)
	}
	for _, k := range kinds {
		if q.Kind == k {
			return q, nil
		}
	}
	return q, fmt.Errorf("store: the query %s is :%s and was called as %v", name, q.Kind, kinds)
}

// stmt compiles a query once a transaction; the PostgreSQL driver caches by text itself.
func (tx *Tx) stmt(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := tx.prepared[text]; ok {
		return s, nil
	}
	s, err := tx.raw.PrepareContext(ctx, text)
	if err == nil {
		tx.prepared[text] = s
	}
	return s, err
}

func (tx *Tx) exec(ctx context.Context, text string, args []any) (sql.Result, error) {
	if tx.store.dialect == Postgres {
		return tx.raw.ExecContext(ctx, text, args...)
	}
	s, err := tx.stmt(ctx, text) //nolint:sqlclosecheck // the end of the transaction closes it
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

func (tx *Tx) rows(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	if tx.store.dialect == Postgres {
		return tx.raw.QueryContext(ctx, text, args...)
	}
	s, err := tx.stmt(ctx, text) //nolint:sqlclosecheck // the end of the transaction closes it
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// Exec runs an :exec query and tells how many rows it changed.
func (tx *Tx) Exec(ctx context.Context, name string, args ...any) (int64, error) {
	q, err := tx.query(name, Exec)
	if err != nil {
		return 0, err
	}
	result, err := tx.exec(ctx, q.SQL, args)
	if err != nil {
		return 0, fmt.Errorf("store: %s: %w", name, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("store: %s: %w", name, err)
	}
	return n, nil
}

// One reads the single row of a :one query into dest; found is false, without an error, when there is none.
func (tx *Tx) One(ctx context.Context, name string, args Args, dest ...any) (found bool, err error) {
	q, err := tx.query(name, One)
	if err != nil {
		return false, err
	}
	err = tx.each(ctx, q, args, func(scan Scan) error {
		if found {
			return errors.New("more than one row came back")
		}
		found = true
		return scan(dest...)
	})
	return found, err
}

// Each calls row for every row of a :many query; an error of row ends the reading and is returned.
func (tx *Tx) Each(ctx context.Context, name string, args Args, row func(scan Scan) error) error {
	q, err := tx.query(name, Many)
	if err != nil {
		return err
	}
	return tx.each(ctx, q, args, row)
}

func (tx *Tx) each(ctx context.Context, q Query, args Args, row func(scan Scan) error) (err error) {
	rows, err := tx.rows(ctx, q.SQL, args)
	if err != nil {
		return fmt.Errorf("store: %s: %w", q.Name, err)
	}
	defer func() {
		if closing := rows.Close(); closing != nil && err == nil {
			err = fmt.Errorf("store: %s: %w", q.Name, closing)
		}
	}()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return fmt.Errorf("store: %s: %w", q.Name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("store: %s: %w", q.Name, err)
	}
	return nil
}

// Collect reads all rows of a :many query.
func Collect[T any](ctx context.Context, tx *Tx, name string, args Args, row func(scan Scan) (T, error)) ([]T, error) {
	var out []T
	err := tx.Each(ctx, name, args, func(scan Scan) error {
		v, err := row(scan)
		if err == nil {
			out = append(out, v)
		}
		return err
	})
	return out, err
}
