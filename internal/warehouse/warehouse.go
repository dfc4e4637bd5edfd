package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/warehouse/columns"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options bound what the engine may use.
type Options struct {
	MemoryMB int // DuckDB's memory limit; 0 means 2,000
	Threads  int // 0 means every core
	Log      *slog.Logger
}

// Warehouse is the analytical store of one data folder. One process opens it at a time.
type Warehouse struct {
	db        *sql.DB
	connector *duckdb.Connector
	path      string
	version   atomic.Int64 // data_version, raised by each commit of events
	state     atomic.Int64 // state_version, raised by each analysis
	counted   atomic.Pointer[counted]
	writing   sync.Mutex // one writer of orders at a time: DuckDB would refuse the second at commit
	following sync.Mutex // one who follows the log at a time; taken before writing
	names     *dictionary
	sources   *dictionary
	fresh     freshNames // of the transaction on its way
	wares     *wares     // under writing

	knownOrders *knownOrders // under following
	memory      allowance
	kept        checkpoints // under following
	sparing     bool        // under following: the engine's own checkpoints wait
	unseen      int64       // under following: events that seen does not tell
	seenEvery   int64       // how many of them make it worth making anew
}

// Open opens or creates the warehouse file at path and brings its tables up to date. An empty path keeps everything in memory.
func Open(ctx context.Context, path string, o Options) (*Warehouse, error) {
	memory := o.MemoryMB
	if memory <= 0 {
		memory = 2000
	}
	threads := o.Threads
	if threads <= 0 {
		threads = runtime.NumCPU()
	}
	// The driver reads the path as the beginning of a URL.
	if i := strings.IndexAny(path, "?#%"); i >= 0 {
		return nil, fault.Newf(fault.Invalid, "warehouse.bad_path", "the data folder's path holds a %q, which its engine cannot open", path[i:i+1]).
			At(fault.Place{File: path}).Then("Use a folder whose path has none of ? # %.")
	}
	scratch := filepath.Join(filepath.Dir(path), "tmp")
	path = behindLinks(path)
	dsn := fmt.Sprintf("%s?threads=%d&memory_limit=%dMB&preserve_insertion_order=false&checkpoint_threshold=%dMB", path, threads, memory, checkpointMB)
	if path != "" {
		dsn += "&temp_directory=" + url.QueryEscape(scratch)
	}
	connector, err := duckdb.NewConnector(dsn, nil)
	if err != nil && openFault(path, err).Reason != reasonLocked {
		cut, mending := mendLog(path)
		if mending != nil {
			return nil, errors.Join(openFault(path, err), mending)
		}
		if cut > 0 {
			if o.Log != nil {
				o.Log.WarnContext(ctx, "the end of the warehouse's log is damaged and was cut off; its events are taken from the event log again, and a file imported last may have to be imported again",
					"bytes", cut, "kept_as", path+".wal"+damagedEnding, "error", err.Error())
			}
			connector, err = duckdb.NewConnector(dsn, nil)
		}
	}
	if err != nil {
		return nil, openFault(path, err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(4)
	w := &Warehouse{db: db, connector: connector, path: path, memory: allowance{fullMB: memory, cores: threads, threads: threads}, seenEvery: seenEvery}
	if err := w.prepare(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// behindLinks is the file that a path of links leads to, be it there or not yet. The engine keeps its log beside the path that it is given,
// but beside the file once that exists: a link would have it look for the log in one place after it wrote it in another.
func behindLinks(path string) string {
	const deepest = 20
	for range deepest {
		to, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return path
}

const reasonLocked = "warehouse.locked"

func openFault(path string, err error) *fault.Fault {
	if strings.Contains(err.Error(), "Could not set lock") {
		return fault.New(fault.Unavailable, reasonLocked, "the data folder is in use by another process").
			At(fault.Place{File: path}).Then("Stop that process, or point this one at it with --server.").Because(err)
	}
	return fault.New(fault.Unavailable, "warehouse.open", "the warehouse file cannot be opened").
		At(fault.Place{File: path}).Then("Restore it from a backup with `dangol restore FILE`.").Because(err)
}

func (w *Warehouse) prepare(ctx context.Context) error {
	if _, err := w.db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)`); err != nil {
		return fmt.Errorf("warehouse schema: %w", err)
	}
	if err := migrate(ctx, w.db); err != nil {
		return err
	}
	var data, state int64
	if err := w.db.QueryRowContext(ctx, `SELECT max(value) FILTER (name = 'data_version'), max(value) FILTER (name = 'state_version') FROM meta`).Scan(&data, &state); err != nil {
		return fmt.Errorf("warehouse version: %w", err)
	}
	w.version.Store(data)
	w.state.Store(state)
	w.limit(ctx, min(restingMB, w.memory.fullMB))
	reached, err := w.Followed(ctx)
	if err != nil {
		return err
	}
	w.kept.note(w.path, reached)
	if w.names, err = loadDictionary(ctx, w.db, `SELECT key, name FROM event_name`, firstName); err != nil {
		return err
	}
	if w.sources, err = loadDictionary(ctx, w.db, `SELECT key, id FROM event_source`, 1); err != nil {
		return err
	}
	return w.openSeen(ctx)
}

func migrate(ctx context.Context, db *sql.DB) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("warehouse migrations: %w", err)
	}
	sort.Strings(names)
	var at int
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM schema_version`).Scan(&at); err != nil {
		return fmt.Errorf("warehouse schema version: %w", err)
	}
	if at > len(names) {
		return fault.Newf(fault.Conflict, "warehouse.downgrade", "this data folder was written by a newer Dangol (warehouse schema %d, this binary knows %d)", at, len(names)).
			Then("Run the newer binary, or restore a backup made by this version.")
	}
	for i := at; i < len(names); i++ {
		text, err := migrations.ReadFile(names[i])
		if err != nil {
			return fmt.Errorf("read %s: %w", names[i], err)
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		if _, err := tx.ExecContext(ctx, string(text)); err != nil {
			return errors.Join(fmt.Errorf("migrate %s: %w", names[i], err), tx.Rollback())
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO schema_version VALUES ($1)`, i+1); err != nil {
			return errors.Join(fmt.Errorf("migrate %s: %w", names[i], err), tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("migrate %s: %w", names[i], err)
		}
	}
	return nil
}

// Close releases the file.
func (w *Warehouse) Close() error {
	w.memory.end()
	return errors.Join(w.db.Close(), w.connector.Close())
}

// Ask runs a rendered question. The caller closes the rows. A parameter beside a column is cast to the column's type ($1::UINTEGER): the
// engine casts the column to the parameter's otherwise, and reads all of it where its filter would have left out most.
func (w *Warehouse) Ask(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	rows, err := w.db.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("warehouse: %w", err)
	}
	return rows, nil
}

// Imports lists the imports that committed here.
func (w *Warehouse) Imports(ctx context.Context) (ids []int64, err error) {
	rows, err := w.Ask(ctx, `SELECT import_id FROM import_done ORDER BY import_id`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("imports: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("imports: %w", err)
	}
	return ids, nil
}

// Version counts the commits of events: two answers to one question at one version are equal.
func (w *Warehouse) Version() int64 { return w.version.Load() }

// StateVersion counts the analyses kept.
func (w *Warehouse) StateVersion() int64 { return w.state.Load() }

// Span says what the warehouse holds.
type Span struct {
	First, Last day.Day // of orders; day.Unknown when empty
	Customers   int64   // who ordered at least once
	Orders      int64
	Lines       int64
	Markets     []string
}

// counted is a span with the version it belongs to.
type counted struct {
	version int64
	span    Span
}

// Span counts what is here, once a version.
func (w *Warehouse) Span(ctx context.Context) (Span, error) {
	version := w.Version()
	if c := w.counted.Load(); c != nil && c.version == version {
		return c.span, nil
	}
	s, err := w.count(ctx)
	if err == nil {
		w.counted.Store(&counted{version, s})
	}
	return s, err
}

func (w *Warehouse) count(ctx context.Context) (Span, error) {
	s := Span{First: day.Unknown, Last: day.Unknown}
	var first, last sql.NullInt32
	err := w.db.QueryRowContext(ctx, `SELECT min(day), max(day), count(*) FILTER (kind = 1),
		count(DISTINCT customer_key) FILTER (kind = 1), (SELECT count(*) FROM line) FROM orders`).Scan(&first, &last, &s.Orders, &s.Customers, &s.Lines)
	if err != nil {
		return s, fmt.Errorf("warehouse span: %w", err)
	}
	if first.Valid {
		s.First, s.Last = day.Day(first.Int32), day.Day(last.Int32)
	}
	rows, err := w.db.QueryContext(ctx, `SELECT market FROM orders WHERE market <> '' GROUP BY market ORDER BY count(*) DESC, market`)
	if err != nil {
		return s, fmt.Errorf("warehouse markets: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var m string
		if err := rows.Scan(&m); err != nil {
			return s, fmt.Errorf("warehouse markets: %w", err)
		}
		s.Markets = append(s.Markets, m)
	}
	if err := rows.Err(); err != nil {
		return s, fmt.Errorf("warehouse markets: %w", err)
	}
	return s, nil
}

// Snapshot writes a consistent copy of the file to dst; no write runs meanwhile.
func (w *Warehouse) Snapshot(ctx context.Context, dst string) error {
	w.following.Lock()
	defer w.following.Unlock()
	w.writing.Lock()
	defer w.writing.Unlock()
	if err := os.Remove(dst); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("snapshot: %w", err)
	}
	quoted := strings.ReplaceAll(dst, "'", "''")
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	defer discard(conn)
	var current string
	if err := conn.QueryRowContext(ctx, `SELECT current_database()`).Scan(&current); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	attach := fmt.Sprintf(`ATTACH '%s' AS snapshot_copy`, quoted)
	fill := fmt.Sprintf(`COPY FROM DATABASE "%s" TO snapshot_copy`, current) //nolint:gosec // the engine's own name of its database
	if _, err := conn.ExecContext(ctx, attach); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	_, err = conn.ExecContext(ctx, fill)
	// What stays attached stays so for every connection, and no later snapshot could be made.
	always := context.WithoutCancel(ctx)
	if err != nil {
		_, _ = conn.ExecContext(always, "ROLLBACK") // a copy that was stopped leaves its own transaction open, not always
	}
	_, detaching := conn.ExecContext(always, `DETACH snapshot_copy`)
	if err := errors.Join(err, detaching); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return nil
}

// ReplaceState runs f, which rewrites derived state, in one transaction, and raises the state version. prepare, which may be nil, fills
// temporary tables of the same connection before: what a transaction has itself written is read by one core only. Orders do not
// change from the one to the other.
func (w *Warehouse) ReplaceState(ctx context.Context, prepare, f func(*sql.Conn) error) error {
	defer w.Work(ctx)()
	err := w.alone(ctx, func(conn *sql.Conn) error {
		if prepare != nil {
			if err := prepare(conn); err != nil {
				return err
			}
		}
		return transact(ctx, conn, func(conn *sql.Conn) error {
			if err := f(conn); err != nil {
				return err
			}
			_, err := conn.ExecContext(ctx, `UPDATE meta SET value = value + 1 WHERE name = 'state_version'`)
			return err
		})
	})
	if err == nil {
		w.state.Add(1)
	}
	return err
}

// Bulk runs f on one raw connection inside a transaction, committed when f returns nil. An error means that nothing was kept.
func (w *Warehouse) Bulk(ctx context.Context, f func(*sql.Conn) error) error {
	return w.alone(ctx, func(conn *sql.Conn) error { return transact(ctx, conn, f) })
}

// alone gives a connection to the one who writes orders or what is made of them.
func (w *Warehouse) alone(ctx context.Context, f func(*sql.Conn) error) error {
	w.writing.Lock()
	defer w.writing.Unlock()
	return w.on(ctx, f)
}

// on gives a connection that ends with f.
func (w *Warehouse) on(ctx context.Context, f func(*sql.Conn) error) error {
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("warehouse: %w", err)
	}
	defer discard(conn)
	return f(conn)
}

// transact is Bulk for those who write no orders.
func (w *Warehouse) transact(ctx context.Context, f func(*sql.Conn) error) error {
	return w.on(ctx, func(conn *sql.Conn) error { return transact(ctx, conn, f) })
}

func transact(ctx context.Context, conn *sql.Conn, f func(*sql.Conn) error) error {
	if _, err := conn.ExecContext(ctx, "BEGIN TRANSACTION"); err != nil {
		return fmt.Errorf("warehouse begin: %w", err)
	}
	// The caller's context may be the reason for failing; the rollback must run all the same.
	always := context.WithoutCancel(ctx)
	if err := errors.Join(f(conn), ctx.Err()); err != nil {
		_, undo := conn.ExecContext(always, "ROLLBACK")
		return errors.Join(err, undo)
	}
	// A commit that is interrupted may have happened and be reported as failed, so it cannot be.
	if _, err := conn.ExecContext(always, "COMMIT"); err != nil {
		_, undo := conn.ExecContext(always, "ROLLBACK")
		_ = undo // DuckDB has already rolled back a failed commit
		return fmt.Errorf("warehouse commit: %w", err)
	}
	return nil
}

// discard closes the connection for good instead of giving it back. Temporary tables, which may hold a row for every line,
// and the transaction of a function that panicked end with it.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}

// Append fills a table on conn through DuckDB's bulk writer: rows calls add once a row.
func Append(conn *sql.Conn, table string, rows func(add func(...any) error) error) error {
	w, err := columns.NewWriter(conn, table)
	if err != nil {
		return err
	}
	if err := rows(w.Row); err != nil {
		return errors.Join(err, w.Abandon())
	}
	return w.Close()
}
