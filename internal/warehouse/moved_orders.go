package warehouse

import (
	"context"
	"database/sql"
	"fmt"
)

// The orders of those to whom something moved.
var movedOrders = []string{
	`CREATE OR REPLACE TEMP TABLE moved_order AS SELECT customer_key, origin_key, order_key, order_id, 0 AS import_id FROM order_change WHERE customer_key IN (SELECT target FROM moved)
		UNION ALL SELECT customer_key, origin_key, order_key, order_id, import_id FROM line WHERE customer_key IN (SELECT target FROM moved)`,
	`CREATE OR REPLACE TEMP TABLE moved_key AS SELECT DISTINCT order_key FROM moved_order WHERE origin_key IN (SELECT origin FROM moved)`,
}

// Who had, before the move, what moves, but for those who have it after.
const formerOwners = `CREATE OR REPLACE TEMP TABLE former AS SELECT DISTINCT customer_key FROM (SELECT customer_key FROM order_change WHERE origin_key IN (SELECT origin FROM moved)
	UNION ALL SELECT customer_key FROM line WHERE origin_key IN (SELECT origin FROM moved)) WHERE customer_key NOT IN (SELECT target FROM moved)`

// The orders of which two customers have one key. Who has lines of files keeps it, so that the file is known again.
var partedOrders = []string{
	`INSERT INTO moved_order SELECT customer_key, origin_key, order_key, order_id, 0 FROM order_change WHERE customer_key IN (FROM former) AND order_key IN (FROM moved_key)
		UNION ALL SELECT customer_key, origin_key, order_key, order_id, import_id FROM line WHERE customer_key IN (FROM former) AND order_key IN (FROM moved_key)`,
	`CREATE OR REPLACE TEMP TABLE parted AS SELECT order_key, coalesce(min(customer_key) FILTER (import_id > 0), min(customer_key)) AS keeper FROM moved_order
		GROUP BY order_key HAVING count(DISTINCT customer_key) > 1`,
	`CREATE OR REPLACE TEMP TABLE refolded AS SELECT DISTINCT customer_key, order_id FROM moved_order WHERE order_key IN (SELECT order_key FROM parted)`,
}

// And those of which one customer has two keys.
var twinOrders = []string{
	`CREATE OR REPLACE TEMP TABLE twin AS SELECT customer_key, order_id, coalesce(min(order_key) FILTER (import_id > 0), min(order_key)) AS kept FROM moved_order
		WHERE customer_key IN (SELECT target FROM moved) GROUP BY customer_key, order_id HAVING count(DISTINCT order_key) > 1`,
	`INSERT INTO refolded SELECT customer_key, order_id FROM twin`,
}

// foldMoved makes anew the orders that a move joined or parted: those of one customer with two keys, which get one, and those of
// two customers with one key, which get two. Most who are merged ordered nothing before.
func (w *Warehouse) foldMoved(ctx context.Context, conn *sql.Conn, f *Following) error {
	if some, err := leads(ctx, conn, movedOrders, "moved_key"); err != nil || !some {
		return err
	}
	some, err := leads(ctx, conn, partedOrders, "parted")
	if err == nil && some {
		// The revision makes the key that is given one that no order had.
		err = setKeys(ctx, conn, fmt.Sprintf(`UPDATE %%[1]s SET order_key = hash(p.order_key, %%[1]s.customer_key, %d) FROM parted p
			WHERE %%[1]s.order_key = p.order_key AND %%[1]s.customer_key <> p.keeper`, f.Journal))
	}
	if err != nil {
		return err
	}
	some, err = leads(ctx, conn, twinOrders, "twin")
	if err == nil && some {
		err = setKeys(ctx, conn, `UPDATE %[1]s SET order_key = t.kept FROM twin t WHERE %[1]s.customer_key = t.customer_key AND %[1]s.order_id = t.order_id AND %[1]s.order_key <> t.kept`)
	}
	if err != nil {
		return err
	}
	touched := map[buyer]*touchedOrder{}
	err = eachRow(ctx, conn, `SELECT customer_key, order_id, min(order_key), min(origin_key) FROM moved_order SEMI JOIN refolded USING (customer_key, order_id) GROUP BY ALL`, func(rows *sql.Rows) error {
		var b buyer
		t := &touchedOrder{known: true}
		err := rows.Scan(&b.customer, &b.order, &t.key, &t.origin)
		touched[b] = t
		return err
	})
	if err != nil || len(touched) == 0 {
		return err
	}
	return w.refold(ctx, conn, f, touched)
}

// leads runs statements and reports whether a table that they made holds anything.
func leads(ctx context.Context, conn *sql.Conn, texts []string, to string) (some bool, err error) {
	if err := execAll(ctx, conn, "follow merges", texts...); err != nil {
		return false, err
	}
	if err := conn.QueryRowContext(ctx, `SELECT count(*) > 0 FROM `+to).Scan(&some); err != nil {
		return false, fmt.Errorf("follow merges: %w", err)
	}
	return some, nil
}

// setKeys changes the keys of orders in every table that has them.
func setKeys(ctx context.Context, conn *sql.Conn, text string) error {
	for _, table := range []string{"moved_order", "order_change", "line", "orders"} {
		if err := execAll(ctx, conn, "follow merges", fmt.Sprintf(text, table)); err != nil {
			return err
		}
	}
	return nil
}
