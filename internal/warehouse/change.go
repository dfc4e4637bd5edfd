package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/dangol/dangol/internal/event"
)

// ChangeKind says what an event does to an order.
type ChangeKind uint8

// The changes.
const (
	PutOrder    ChangeKind = iota + 1 // the order is now these lines, unless a newer version is here
	RefundOrder                       // these lines came back
	CancelOrder                       // what is left of the order comes back, unless a newer version is here
)

// Change is what one event does to one order.
type Change struct {
	Kind             ChangeKind
	OrderKey         uint64 // as of event.OrderLine.Keys
	VersionUS        int64
	AtUS             int64 // of a cancellation
	Day              int32
	Customer, Origin uint32
	Lines            []ChangeLine
}

// ChangeLine is a line with its amount in the workspace's currency.
type ChangeLine struct {
	event.OrderLine
	BaseMinor int64
}

// Lines that events brought carry these numbers in place of an import's.
const (
	fromEvent        = 0
	fromCancellation = -1
)

// wares are the numbers of products and contexts, kept between batches while no import gives new ones.
type wares struct {
	version  int64
	products map[string]uint32
	contexts map[orderContext]uint32
}

// changeOrders applies the changes of one batch and rebuilds the orders they touch.
func (w *Warehouse) changeOrders(ctx context.Context, conn *sql.Conn, f *Following) error {
	if len(f.Changes) == 0 {
		return nil
	}
	final, err := newestChanges(ctx, conn, f.Changes)
	if err != nil {
		return err
	}
	if err := w.stageChanges(ctx, conn, final); err != nil {
		return err
	}
	for _, text := range []string{
		`DELETE FROM line WHERE order_key IN (SELECT order_key FROM changed WHERE put) AND (kind = 1 OR import_id = -1)`,
		`DELETE FROM staged_line WHERE kind = 1 AND order_key NOT IN (SELECT order_key FROM changed WHERE put)`,
		`INSERT INTO line SELECT * FROM staged_line WHERE kind = 1`,
		`DELETE FROM staged_line WHERE kind = 1`,
		addUnknownLines,
		cancelOrders,
		`DELETE FROM order_version WHERE order_key IN (SELECT order_key FROM changed WHERE version_us IS NOT NULL)`,
		`INSERT INTO order_version SELECT order_key, version_us FROM changed WHERE version_us IS NOT NULL`,
		`DELETE FROM orders WHERE order_key IN (SELECT order_key FROM changed)`,
		fmt.Sprintf(buildOrders, `WHERE order_key IN (SELECT order_key FROM changed)`),
		`UPDATE meta SET value = value + 1 WHERE name = 'data_version'`,
	} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("change orders: %w", err)
		}
	}
	return nil
}

// A cancellation gives back what purchases hold and refunds have not given back yet.
const cancelOrders = `INSERT INTO line
SELECT l.customer_key, l.order_key, hash(l.order_key, c.version_us), c.cancel_us, c.cancel_day, 2, any_value(l.product_key), 1000,
  (sum(l.amount_minor) FILTER (l.kind = 1) - coalesce(sum(l.amount_minor) FILTER (l.kind = 2), 0))::BIGINT AS rest,
  (sum(l.base_minor) FILTER (l.kind = 1) - coalesce(sum(l.base_minor) FILTER (l.kind = 2), 0))::BIGINT,
  max(l.context_key), any_value(l.order_id), -2147483648, -2147483648, -1, any_value(l.origin_key)
FROM line l JOIN changed c ON c.order_key = l.order_key WHERE c.cancel_us IS NOT NULL
GROUP BY l.customer_key, l.order_key, c.version_us, c.cancel_us, c.cancel_day HAVING rest > 0`

// touchedOrder is what a batch makes of one order.
type touchedOrder struct {
	known, version int64 // newest version kept, and after this batch; -1 for none
	put            *Change
	cancel         *Change
	refunds        []*Change
}

// newestChanges drops versions older than what is kept: events may come in any order.
func newestChanges(ctx context.Context, conn *sql.Conn, changes []Change) (map[uint64]*touchedOrder, error) {
	final := map[uint64]*touchedOrder{}
	for i := range changes {
		if final[changes[i].OrderKey] == nil {
			final[changes[i].OrderKey] = &touchedOrder{known: -1, version: -1}
		}
	}
	if err := keepKeys(ctx, conn, final); err != nil {
		return nil, err
	}
	rows, err := conn.QueryContext(ctx, `SELECT order_key, version_us FROM order_version WHERE order_key IN (FROM change_key)`)
	if err != nil {
		return nil, fmt.Errorf("versions of orders: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key uint64
		var version int64
		if err := rows.Scan(&key, &version); err != nil {
			return nil, fmt.Errorf("versions of orders: %w", err)
		}
		final[key].known, final[key].version = version, version
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("versions of orders: %w", err)
	}
	for i := range changes {
		final[changes[i].OrderKey].take(&changes[i])
	}
	return final, nil
}

func (t *touchedOrder) take(c *Change) {
	if c.Kind == RefundOrder {
		t.refunds = append(t.refunds, c)
		return
	}
	if c.VersionUS < t.version {
		return
	}
	t.version = c.VersionUS
	if c.Kind == PutOrder {
		t.put, t.cancel = c, nil
	} else {
		t.cancel = c
	}
}

func keepKeys(ctx context.Context, conn *sql.Conn, final map[uint64]*touchedOrder) error {
	if _, err := conn.ExecContext(ctx, `CREATE OR REPLACE TEMP TABLE change_key (order_key UBIGINT)`); err != nil {
		return fmt.Errorf("change orders: %w", err)
	}
	return Append(conn, "change_key", func(add func(...any) error) error {
		for key := range final {
			if err := add(key); err != nil {
				return err
			}
		}
		return nil
	})
}

// stageChanges fills the side tables that the statements of changeOrders read.
func (w *Warehouse) stageChanges(ctx context.Context, conn *sql.Conn, final map[uint64]*touchedOrder) error {
	for _, text := range []string{
		`CREATE OR REPLACE TEMP TABLE changed (order_key UBIGINT, put BOOLEAN, version_us BIGINT, cancel_us BIGINT, cancel_day INTEGER)`,
		`CREATE OR REPLACE TEMP TABLE staged_line AS FROM line LIMIT 0`,
	} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("stage changes: %w", err)
		}
	}
	err := Append(conn, "changed", func(add func(...any) error) error {
		for key, t := range final {
			var version, cancelUS, cancelDay any
			if t.version > t.known {
				version = t.version
			}
			if t.cancel != nil {
				cancelUS, cancelDay = t.cancel.AtUS, t.cancel.Day
			}
			if err := add(key, t.put != nil, version, cancelUS, cancelDay); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	in, err := w.changeIntake(ctx, conn)
	if err != nil {
		return err
	}
	for _, t := range final {
		err := in.addChange(t.put)
		for _, r := range t.refunds {
			err = errors.Join(err, in.addChange(r))
		}
		if err != nil {
			return errors.Join(err, in.lines.abandon())
		}
	}
	return in.flush(nil)
}

// changeIntake stages lines of events; its dictionaries outlive the batch.
func (w *Warehouse) changeIntake(ctx context.Context, conn *sql.Conn) (*Intake, error) {
	in := &Intake{conn: conn, staged: "staged_line", id: fromEvent, products: map[string]uint32{}, contexts: map[orderContext]uint32{}}
	if w.wares != nil && w.wares.version == w.version.Load() {
		in.products, in.contexts = w.wares.products, w.wares.contexts
	} else if err := errors.Join(in.loadProducts(ctx), in.loadContexts(ctx)); err != nil {
		return nil, err
	}
	// The batch on its way raises the version by one when it commits.
	w.wares = &wares{w.version.Load() + 1, in.products, in.contexts}
	lines, err := appender(conn, in.staged)
	if err != nil {
		return nil, err
	}
	in.lines = newStaging(lines, in.id)
	return in, nil
}

func (in *Intake) addChange(c *Change) error {
	if c == nil {
		return nil
	}
	for i := range c.Lines {
		l := &c.Lines[i]
		if err := in.AddMoved(&l.OrderLine, c.Customer, c.Origin, l.BaseMinor); err != nil {
			return err
		}
	}
	return nil
}
