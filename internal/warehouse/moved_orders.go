package warehouse

import (
	"context"
	"database/sql"
	"fmt"
)

// The orders of those to whom something moved, and of those with whom they shared an order until now.
var movedOrders = []string{
	`CREATE OR REPLACE TEMP TABLE moved_order AS SELECT customer_key, origin_key, order_key, order_id, 0 AS import_id FROM order_change WHERE customer_key IN (SELECT target FROM moved)
		UNION ALL SELECT customer_key, origin_key, order_key, order_id, import_id FROM line WHERE customer_key IN (SELECT target FROM moved)`,
	`CREATE OR REPLACE TEMP TABLE moved_key AS SELECT DISTINCT order_key FROM moved_order WHERE origin_key IN (SELECT origin FROM moved)`,
}

// sharedOrders joins and parts their keys; the revision makes a key that is given one that no order had.
func sharedOrders(revision uint64) []string {
	return []string{
		`INSERT INTO moved_order SELECT customer_key, origin_key, order_key, order_id, 0 FROM order_change WHERE order_key IN (FROM moved_key) AND customer_key NOT IN (SELECT target FROM moved)
		UNION ALL SELECT customer_key, origin_key, order_key, order_id, import_id FROM line WHERE order_key IN (FROM moved_key) AND customer_key NOT IN (SELECT target FROM moved)`,
		// One key of two customers: who has lines of files keeps it, so that the file is known again.
		`CREATE OR REPLACE TEMP TABLE parted AS SELECT order_key, coalesce(min(customer_key) FILTER (import_id > 0), min(customer_key)) AS keeper FROM moved_order
		GROUP BY order_key HAVING count(DISTINCT customer_key) > 1`,
		`CREATE OR REPLACE TEMP TABLE refolded AS SELECT DISTINCT customer_key, order_id FROM moved_order WHERE order_key IN (SELECT order_key FROM parted)`,
		setPartedKey("moved_order", revision), setPartedKey("order_change", revision), setPartedKey("line", revision), setPartedKey("orders", revision),
		// Two keys of one customer's order.
		`CREATE OR REPLACE TEMP TABLE twin AS SELECT customer_key, order_id, coalesce(min(order_key) FILTER (import_id > 0), min(order_key)) AS kept FROM moved_order
		WHERE customer_key IN (SELECT target FROM moved) GROUP BY customer_key, order_id HAVING count(DISTINCT order_key) > 1`,
		`INSERT INTO refolded SELECT customer_key, order_id FROM twin`,
		setTwinKey("moved_order"), setTwinKey("order_change"), setTwinKey("line"), setTwinKey("orders"),
	}
}

func setPartedKey(table string, revision uint64) string {
	return fmt.Sprintf(`UPDATE %[1]s SET order_key = hash(p.order_key, %[1]s.customer_key, %[2]d) FROM parted p WHERE %[1]s.order_key = p.order_key AND %[1]s.customer_key <> p.keeper`, table, revision)
}

func setTwinKey(table string) string {
	return fmt.Sprintf(`UPDATE %[1]s SET order_key = t.kept FROM twin t WHERE %[1]s.customer_key = t.customer_key AND %[1]s.order_id = t.order_id AND %[1]s.order_key <> t.kept`, table)
}

// foldMoved makes anew the orders that a move joined or parted: those of one customer with two keys, which get one, and those of
// two customers with one key, which get two. Most who are merged ordered nothing before.
func (w *Warehouse) foldMoved(ctx context.Context, conn *sql.Conn, f *Following) error {
	if err := execAll(ctx, conn, "follow merges", movedOrders...); err != nil {
		return err
	}
	var some bool
	if err := conn.QueryRowContext(ctx, `SELECT count(*) > 0 FROM moved_key`).Scan(&some); err != nil || !some {
		return err
	}
	if err := execAll(ctx, conn, "follow merges", sharedOrders(f.Journal)...); err != nil {
		return err
	}
	touched := map[buyer]*touchedOrder{}
	err := eachRow(ctx, conn, `SELECT customer_key, order_id, min(order_key), min(origin_key) FROM moved_order SEMI JOIN refolded USING (customer_key, order_id) GROUP BY ALL`, func(rows *sql.Rows) error {
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
