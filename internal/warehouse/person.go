package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErasedRows tells how many rows of each table the erasure of these origins deleted. It is asked when the journal's step has
// been followed.
func (w *Warehouse) ErasedRows(ctx context.Context, origins []uint32) (map[string]int64, error) {
	rows, err := w.Ask(ctx, `SELECT tab, sum(amount)::BIGINT FROM erased WHERE origin_key IN (`+numbers(origins)+`) GROUP BY tab`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	counts := map[string]int64{}
	for rows.Next() {
		var name string
		var n int64
		if err := rows.Scan(&name, &n); err != nil {
			return nil, fmt.Errorf("erased rows: %w", err)
		}
		counts[name] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("erased rows: %w", err)
	}
	return counts, nil
}

// numbers lists keys for IN; NULL stands for none.
func numbers(keys []uint32) string {
	if len(keys) == 0 {
		return "NULL"
	}
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = strconv.FormatUint(uint64(k), 10)
	}
	return strings.Join(texts, ",")
}

// ForgetState deletes what the last analysis says of these customers.
func (w *Warehouse) ForgetState(ctx context.Context, keys []uint32) (rows int64, err error) {
	err = w.Bulk(ctx, func(conn *sql.Conn) error {
		var there bool
		if err := conn.QueryRowContext(ctx, `SELECT count(*) > 0 FROM duckdb_tables() WHERE table_name = 'customer_state' AND NOT temporary`).Scan(&there); err != nil || !there {
			return err
		}
		done, err := conn.ExecContext(ctx, `DELETE FROM customer_state WHERE customer_key IN (`+numbers(keys)+`)`) //nolint:gosec // numbers alone
		if err != nil {
			return err
		}
		rows, err = done.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget state: %w", err)
	}
	return rows, nil
}

// Retain deletes the events of a name that happened before an instant. Orders made of them stay: they are the business's books.
func (w *Warehouse) Retain(ctx context.Context, name string, beforeUS int64) (rows int64, err error) {
	key, known := w.NameKey(name)
	if !known {
		return 0, nil
	}
	w.following.Lock()
	defer w.following.Unlock()
	err = w.transact(ctx, func(conn *sql.Conn) error {
		done, err := conn.ExecContext(ctx, `DELETE FROM event WHERE name_key = $1 AND at_us < $2`, key, beforeUS)
		if err != nil {
			return err
		}
		if rows, err = done.RowsAffected(); err != nil {
			return err
		}
		if _, err = conn.ExecContext(ctx, `DELETE FROM told WHERE name_key = $1 AND at_us < $2`, key, beforeUS); err != nil || rows == 0 {
			return err
		}
		// Who was seen last in what is gone was seen last some time before; the next step that is followed looks.
		return errors.Join(forgetSeen(ctx, conn), w.countUnseen(ctx, conn))
	})
	if err != nil {
		return 0, fmt.Errorf("retain %s: %w", name, err)
	}
	return rows, nil
}

// Sheet is a table of everything kept of one person.
type Sheet struct {
	Name    string
	Columns []string
	Rows    [][]any
}

// dated writes a day as people do; NULL stays.
func dated(column string) string { return `strftime(DATE '1970-01-01' + ` + column + `, '%Y-%m-%d')` }

// Export gives everything that is kept of a customer, a sheet a table.
func (w *Warehouse) Export(ctx context.Context, customer uint32) ([]Sheet, error) {
	var sheets []Sheet
	for _, q := range []struct{ name, text string }{
		{"events", `SELECT e.place, make_timestamp(e.at_us) AS at_utc, make_timestamp(e.received_us) AS received_at_utc, n.name, s.id AS source, e.message_id, e.identities, e.props AS properties, e.context
			FROM event e JOIN event_name n ON n.key = e.name_key JOIN event_source s ON s.key = e.source_key WHERE e.customer_key = $1::UINTEGER ORDER BY e.place`},
		{"orders", `SELECT order_id, CASE kind WHEN 1 THEN 'purchase' ELSE 'refund' END AS kind, make_timestamp(at_us) AS at_utc, lines, amount_minor, currency, market, channel, coupon,
			` + dated("promised_day") + ` AS promised, ` + dated("delivered_day") + ` AS delivered, ` + dated("paid_until_day") + ` AS paid_until FROM orders WHERE customer_key = $1::UINTEGER ORDER BY at_us`},
		{"order_lines", `SELECT l.order_id, CASE l.kind WHEN 1 THEN 'purchase' ELSE 'refund' END AS kind, make_timestamp(l.at_us) AS at_utc, p.id AS product, p.name AS product_name, p.category,
			l.quantity_milli / 1000.0 AS quantity, l.amount_minor, l.currency FROM order_line l LEFT JOIN product p ON p.key = l.product_key WHERE l.customer_key = $1::UINTEGER ORDER BY l.at_us`},
	} {
		s, err := w.sheet(ctx, q.name, q.text, customer)
		if err != nil {
			return nil, err
		}
		sheets = append(sheets, s)
	}
	var analysed int
	if err := w.db.QueryRowContext(ctx, `SELECT count(*) FROM duckdb_tables() WHERE table_name = 'customer_state'`).Scan(&analysed); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if analysed > 0 {
		s, err := w.sheet(ctx, "traits_and_scores", `SELECT * FROM customer_state WHERE customer_key = $1::UINTEGER`, customer)
		if err != nil {
			return nil, err
		}
		sheets = append(sheets, s)
	}
	return sheets, nil
}

func (w *Warehouse) sheet(ctx context.Context, name, text string, customer uint32) (s Sheet, err error) {
	rows, err := w.Ask(ctx, text, customer)
	if err != nil {
		return s, err
	}
	defer func() { _ = rows.Close() }()
	s.Name = name
	if s.Columns, err = rows.Columns(); err != nil {
		return s, fmt.Errorf("export %s: %w", name, err)
	}
	for rows.Next() {
		row, dest := make([]any, len(s.Columns)), make([]any, len(s.Columns))
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return s, fmt.Errorf("export %s: %w", name, err)
		}
		s.Rows = append(s.Rows, row)
	}
	if err := rows.Err(); err != nil {
		return s, fmt.Errorf("export %s: %w", name, err)
	}
	return s, nil
}
