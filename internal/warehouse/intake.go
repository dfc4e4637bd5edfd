package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/warehouse/columns"
)

// Person is a customer new to the warehouse.
type Person struct {
	Key                    uint32
	ID, Name, Email, Phone string
}

// Taken says what an intake added.
type Taken struct {
	Purchases      int64 // purchase lines added
	RefundLines    int64 // refund lines added
	AlreadyPresent int64 // lines that were here before
	RefundsBeside  int64 // refunds added that stand beside purchases and are no lines of the file
	Withdrawn      int64 // orders taken in earlier that the file cancels, and that were withdrawn by a refund
	ToldLess       int64 // orders of which the file says that less was given back than an earlier one said, which stays
	Orders         int64 // distinct purchase orders among the lines added
	Customers      int64 // distinct customers among the purchase lines added
	changed        bool  // anything at all
}

// Intake takes order lines of one source into the warehouse in one transaction.
// It is used by one goroutine; nothing is visible to others before Take returns nil.
type Intake struct {
	conn     *sql.Conn
	staged   string
	lines    *staging
	products map[string]uint32
	fresh    []product
	contexts map[orderContext]uint32
	common   []orderContext // new contexts, in the order of their keys
	id       int64
	people   int // new ones
	besides  int // what was told beside lines
	undated  day.Day
}

// couponBit makes the contexts with a coupon the greatest: an order takes the greatest of its lines' contexts, so that a coupon on
// one of its lines is a coupon of the order, whichever was met first.
const couponBit = 1 << 31

// orderContext is what the lines of many orders share.
type orderContext struct{ currency, market, channel, coupon string }

type product struct {
	key                uint32
	id, name, category string
}

// Source fills an intake: it calls Add for each line and returns the customers it met for the first time.
type Source func(*Intake) ([]Person, error)

// Take runs fill inside one transaction and commits what it added together with the record of the
// import, so that import id is either here whole or not at all. nowUS is the time kept in the record.
func (w *Warehouse) Take(ctx context.Context, id, nowUS int64, fill Source) (Taken, error) {
	defer w.Work(ctx)()
	var t Taken
	err := w.Bulk(ctx, func(conn *sql.Conn) error {
		in, err := newIntake(ctx, conn, id)
		if err != nil {
			return err
		}
		defer func() { _ = in.lines.stop() }() // where fill panics; otherwise it has stopped
		people, err := fill(in)
		if err != nil {
			return errors.Join(err, in.lines.abandon())
		}
		in.people = len(people)
		if err := in.flush(people); err != nil {
			return err
		}
		t, err = in.settle(ctx, nowUS)
		return err
	})
	if err != nil {
		return Taken{}, err
	}
	if t.changed { // a file that brought nothing new leaves every answer as it is
		w.version.Add(1)
	}
	t.changed = false
	return t, nil
}

// TakenBy returns what import id added, and whether it committed here at all.
func (w *Warehouse) TakenBy(ctx context.Context, id int64) (t Taken, done bool, err error) {
	err = w.db.QueryRowContext(ctx, `SELECT lines - refund_lines, refund_lines, already_present, orders, customers, refunds_beside, withdrawn, told_less FROM import_done WHERE import_id = $1`, id).
		Scan(&t.Purchases, &t.RefundLines, &t.AlreadyPresent, &t.Orders, &t.Customers, &t.RefundsBeside, &t.Withdrawn, &t.ToldLess)
	if errors.Is(err, sql.ErrNoRows) {
		return t, false, nil
	}
	if err != nil {
		return t, false, fmt.Errorf("import record: %w", err)
	}
	return t, true, nil
}

func newIntake(ctx context.Context, conn *sql.Conn, id int64) (*Intake, error) {
	in := &Intake{conn: conn, staged: "line", id: id, products: map[string]uint32{}, contexts: map[orderContext]uint32{}}
	var any bool
	if err := conn.QueryRowContext(ctx, `SELECT count(*) > 0 FROM (SELECT 1 FROM line LIMIT 1)`).Scan(&any); err != nil {
		return nil, fmt.Errorf("intake: %w", err)
	}
	if any {
		// Lines that may be here already wait in a side table until they are compared.
		in.staged = "staged_line"
		if _, err := conn.ExecContext(ctx, `CREATE OR REPLACE TEMP TABLE staged_line AS FROM line LIMIT 0`); err != nil {
			return nil, fmt.Errorf("intake: %w", err)
		}
	}
	if err := in.loadProducts(ctx); err != nil {
		return nil, err
	}
	if err := in.loadContexts(ctx); err != nil {
		return nil, err
	}
	lines, err := columns.NewWriter(conn, in.staged)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, `CREATE OR REPLACE TEMP TABLE staged_beside AS FROM line LIMIT 0`); err != nil {
		return nil, errors.Join(fmt.Errorf("intake: %w", err), lines.Abandon())
	}
	beside, err := columns.NewWriter(conn, "staged_beside")
	if err != nil {
		return nil, errors.Join(err, lines.Abandon())
	}
	in.lines = newStaging(lines, beside, id)
	return in, nil
}

func (in *Intake) loadProducts(ctx context.Context) error {
	rows, err := in.conn.QueryContext(ctx, `SELECT key, id FROM product`)
	if err != nil {
		return fmt.Errorf("intake products: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key uint32
		var id string
		if err := rows.Scan(&key, &id); err != nil {
			return fmt.Errorf("intake products: %w", err)
		}
		in.products[id] = key
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("intake products: %w", err)
	}
	return nil
}

// Add stages one line of the customer with the given key; baseMinor is its amount in the workspace's currency.
func (in *Intake) Add(l *event.OrderLine, customerKey uint32, baseMinor int64) error {
	return in.AddMoved(l, customerKey, customerKey, baseMinor)
}

// AddMoved is Add for a line whose id was first given to another person, since merged into the customer.
func (in *Intake) AddMoved(l *event.OrderLine, customerKey, originKey uint32, baseMinor int64) error {
	order, line := l.Keys()
	return in.addKeyed(l, [2]uint64{order, line}, customerKey, originKey, baseMinor)
}

// addKeyed is AddMoved for an order that may be known under another key than its line gives.
func (in *Intake) addKeyed(l *event.OrderLine, keys [2]uint64, customerKey, originKey uint32, baseMinor int64) error {
	beside := l.SoFar != event.Single
	if beside {
		in.besides++
	}
	return in.lines.add(stagedRow{
		source: l.SourceLine, order: keys[0], hash: keys[1], at: l.AtUS, quantity: l.QuantityMilli, amount: l.AmountMinor, base: baseMinor,
		customer: customerKey, origin: originKey, product: in.productKey(l), context: in.contextKey(l),
		day: int32(l.Day), promised: int32(l.Promised), delivered: int32(l.Delivered), paidUntil: int32(l.PaidUntil), kind: l.Kind, beside: beside,
	}, l.Order)
}

func (in *Intake) productKey(l *event.OrderLine) uint32 {
	id := l.Product
	if id == "" {
		id = l.ProductName
	}
	if key, ok := in.products[id]; ok {
		return key
	}
	key := uint32(len(in.products) + 1)
	id = strings.Clone(id)
	in.products[id] = key
	in.fresh = append(in.fresh, product{key, id, strings.Clone(l.ProductName), strings.Clone(l.Category)})
	return key
}

func (in *Intake) loadContexts(ctx context.Context) error {
	rows, err := in.conn.QueryContext(ctx, `SELECT key, currency, market, channel, coupon FROM order_context`)
	if err != nil {
		return fmt.Errorf("intake contexts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key uint32
		var c orderContext
		if err := rows.Scan(&key, &c.currency, &c.market, &c.channel, &c.coupon); err != nil {
			return fmt.Errorf("intake contexts: %w", err)
		}
		in.contexts[c] = key
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("intake contexts: %w", err)
	}
	return nil
}

func (in *Intake) contextKey(l *event.OrderLine) uint32 {
	c := orderContext{l.Currency, l.Market, l.Channel, l.Coupon}
	if key, ok := in.contexts[c]; ok {
		return key
	}
	c = orderContext{strings.Clone(c.currency), strings.Clone(c.market), strings.Clone(c.channel), strings.Clone(c.coupon)}
	key := uint32(len(in.contexts) + 1)
	if c.coupon != "" {
		key |= couponBit
	}
	in.contexts[c] = key
	in.common = append(in.common, c)
	return key
}

func (in *Intake) flush(people []Person) error {
	if err := in.lines.finish(); err != nil {
		return err
	}
	err := Append(in.conn, "order_context", func(add func(...any) error) error {
		for _, c := range in.common {
			if err := add(in.contexts[c], c.currency, c.market, c.channel, c.coupon); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = Append(in.conn, "product", func(add func(...any) error) error {
		for _, p := range in.fresh {
			if err := add(p.key, p.id, p.name, p.category); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(people) == 0 {
		return err
	}
	w, err := columns.NewWriter(in.conn, "customer")
	if err != nil {
		return err
	}
	for i := range people {
		p := &people[i]
		w.U32(0, p.Key)
		w.I64(5, in.id)
		if err := errors.Join(w.Text(1, p.ID), w.Text(2, p.Name), w.Text(3, p.Email), w.Text(4, p.Phone), w.Next()); err != nil {
			return errors.Join(err, w.Abandon())
		}
	}
	return w.Close()
}

// Lines equal in order, content and time are the same line as often as they are already here;
// only what exceeds that number is new. So a file imported twice adds nothing, and two identical
// lines of one order both stay.
//
// An order that events told of is what they say: a file's lines of it are here already.
const addUnknownLines = `INSERT INTO line
WITH here AS (SELECT line_hash, count(*) AS n FROM line WHERE line_hash IN (SELECT line_hash FROM staged_line) GROUP BY line_hash),
known AS (SELECT s.*, row_number() OVER (PARTITION BY s.line_hash) AS nth, h.n FROM staged_line s JOIN here h USING (line_hash))
SELECT s.* FROM staged_line s ANTI JOIN here h USING (line_hash)
UNION ALL SELECT * EXCLUDE (nth, n) FROM known WHERE nth > n`

// ordersFrom derives orders from the lines of a table that a condition chooses.
func ordersFrom(table, condition string) string {
	return fmt.Sprintf(deriveOrders, table, condition)
}

const deriveOrders = `INSERT INTO orders SELECT g.* EXCLUDE (context_key, promised, delivered, paid, origin), c.currency, c.market, c.channel, c.coupon,
  nullif(promised, -2147483648), nullif(delivered, -2147483648), g.origin, nullif(paid, -2147483648)
FROM (SELECT customer_key, order_key, kind, any_value(order_id), min(at_us), min(day), count(*), sum(quantity_milli)::BIGINT,
  sum(amount_minor)::BIGINT, sum(base_minor)::BIGINT, max(context_key) AS context_key, max(promised_raw) AS promised, max(delivered_raw) AS delivered, max(paid_raw) AS paid, any_value(origin_key) AS origin
  FROM %s %s GROUP BY customer_key, order_key, kind, (kind - 1) * day) g JOIN order_context c ON c.key = g.context_key`

func (in *Intake) settle(ctx context.Context, nowUS int64) (Taken, error) {
	var t Taken
	var staged int64
	count := `SELECT count(*), count(*) FILTER (kind = 1), count(*) FILTER (kind = 2) FROM `
	if in.staged == "line" {
		if err := in.conn.QueryRowContext(ctx, count+`line`).Scan(&staged, &t.Purchases, &t.RefundLines); err != nil {
			return t, fmt.Errorf("settle import: %w", err)
		}
		if err := errors.Join(in.takeBeside(ctx, &t), in.exec(ctx, ordersFrom("line", ""))); err != nil {
			return t, err
		}
	} else {
		if err := in.merge(ctx, &staged); err != nil {
			return t, err
		}
		if err := in.conn.QueryRowContext(ctx, count+`line WHERE import_id = $1`, in.id).Scan(new(int64), &t.Purchases, &t.RefundLines); err != nil {
			return t, fmt.Errorf("settle import: %w", err)
		}
		if err := errors.Join(in.takeBeside(ctx, &t), in.deriveTouched(ctx)); err != nil {
			return t, err
		}
	}
	t.AlreadyPresent = staged - t.Purchases - t.RefundLines
	// In a first import every order is its own, and counting rows of orders is cheaper than distinct keys of lines.
	distinct := `SELECT count(*), count(DISTINCT customer_key) FROM orders WHERE kind = 1 AND $1 = $1`
	if in.staged != "line" {
		distinct = `SELECT count(DISTINCT order_key), count(DISTINCT customer_key) FROM line WHERE import_id = $1 AND kind = 1`
	}
	if err := in.conn.QueryRowContext(ctx, distinct, in.id).Scan(&t.Orders, &t.Customers); err != nil {
		return t, fmt.Errorf("settle import: %w", err)
	}
	if err := in.exec(ctx, `INSERT INTO import_done VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, in.id, nowUS,
		t.Purchases+t.RefundLines, t.AlreadyPresent, t.Orders, t.RefundLines, t.Customers, t.RefundsBeside, t.Withdrawn, t.ToldLess); err != nil {
		return t, err
	}
	if t.changed = in.people+len(in.fresh)+len(in.common) > 0 || t.Purchases+t.RefundLines+t.RefundsBeside+t.Withdrawn > 0; t.changed {
		return t, in.exec(ctx, `UPDATE meta SET value = value + 1 WHERE name = 'data_version'`)
	}
	return t, nil
}

// merge adds the staged lines that are new.
func (in *Intake) merge(ctx context.Context, staged *int64) error {
	if err := in.conn.QueryRowContext(ctx, `SELECT count(*) FROM staged_line`).Scan(staged); err != nil {
		return fmt.Errorf("settle import: %w", err)
	}
	if err := in.exec(ctx, `DELETE FROM staged_line WHERE EXISTS (FROM order_change c WHERE c.customer_key = staged_line.customer_key
		AND c.order_id = staged_line.order_id AND (staged_line.kind = 1 AND c.kind = 1 OR staged_line.kind = 2 AND c.kind IN (2, 3)))`); err != nil {
		return err
	}
	if in.besides > 0 { // what stands in this file is needed once more
		if err := in.exec(ctx, `CREATE OR REPLACE TEMP TABLE standing_line AS SELECT order_key, product_key, amount_minor FROM staged_line
			WHERE kind = 1 AND order_key IN (SELECT order_key FROM staged_beside WHERE kind = 3)`); err != nil {
			return err
		}
	}
	return in.exec(ctx, addUnknownLines)
}

// deriveTouched rebuilds the orders of which lines were added.
func (in *Intake) deriveTouched(ctx context.Context) error {
	for _, text := range []string{
		`CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT order_key FROM line WHERE import_id = $1`,
		`DELETE FROM orders WHERE order_key IN (SELECT order_key FROM touched) AND $1 = $1`,
		ordersFrom("line", `WHERE order_key IN (SELECT order_key FROM touched) AND $1 = $1`),
	} {
		if err := in.exec(ctx, text, in.id); err != nil {
			return err
		}
	}
	return nil
}

func (in *Intake) exec(ctx context.Context, text string, args ...any) error {
	if _, err := in.conn.ExecContext(ctx, text, args...); err != nil {
		return fmt.Errorf("settle import: %w", err)
	}
	return nil
}
