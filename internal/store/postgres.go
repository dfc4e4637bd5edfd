package store

import (
	"context"
	"errors"
	"net/url"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/dangol/dangol/internal/kit/fault"
)

func openPostgres(ctx context.Context, address string) (*Store, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The parser's own message may hold the password.
		return nil, fault.New(fault.Invalid, "store.bad_address", "the store's postgres:// address cannot be read").
			Then("Write it as postgres://user:password@host:5432/database?sslmode=require.")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	config.RuntimeParams["application_name"] = "dangol"
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(max(8, 4*runtime.NumCPU()))
	db.SetMaxIdleConns(4)
	db.SetConnMaxIdleTime(5 * time.Minute)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(unreachable(withoutPassword(address), err), db.Close())
	}
	return &Store{dialect: Postgres, write: db, read: db}, nil
}

func withoutPassword(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "postgres://…"
	}
	return u.Redacted()
}

// PostgreSQL's codes for "another transaction got in the way": serialization failure, deadlock.
func isSerialization(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

// IsConflict reports whether err says that a key is taken already, or that a row referred to is not there.
func IsConflict(err error) bool {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code == "23505" || e.Code == "23503"
	}
	return sqliteConflict(err)
}
