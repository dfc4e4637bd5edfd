package warehouse

import (
	"context"
	"fmt"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

// What a file tells beside its lines waits in a table of its own: refunds on the rows of their purchases, which say what was given
// back so far, and sales that were called off, which matter where an earlier import took them in.

// calledOff is the kind of a staged line that is no line: the sale of a cancelled order.
const calledOff event.Kind = 3

// Undated gives the day of withdrawals for which the file has none.
func (in *Intake) Undated(on day.Day) { in.undated = on }

// AddCancelled tells of a sale that was called off at an instant, on a day that may be unknown. What an earlier import took in of it
// is withdrawn.
func (in *Intake) AddCancelled(l *event.OrderLine, atUS int64, on day.Day) error {
	if in.staged == "line" {
		return nil // nothing was taken in before
	}
	in.besides++
	l.SoFar = event.OfOrder
	order, hash := l.Keys()
	id := l.Product
	if id == "" {
		id = l.ProductName
	}
	return in.lines.add(stagedRow{
		source: l.SourceLine, order: order, hash: hash, at: atUS, amount: l.AmountMinor, product: in.products[id], day: int32(on), kind: calledOff, beside: true,
	}, l.Order)
}

// Refunds of orders of which nothing came back before are taken as they are.
const addNewRefunds = `INSERT INTO line SELECT s.* FROM staged_beside s ANTI JOIN given_back g USING (order_key) WHERE s.kind = 2`

// Of the others only what they say beyond what is here: of each product, of the sum that has one identity, and of the order, of which
// never more comes back than was bought.
const addFurtherRefunds = `INSERT INTO line (customer_key, order_key, line_hash, at_us, day, kind, product_key, quantity_milli, amount_minor, base_minor, context_key, order_id,
  promised_raw, delivered_raw, paid_raw, import_id, origin_key)
WITH told AS (SELECT order_key, line_hash, product_key, min(customer_key) AS customer_key, max(at_us) AS at_us, max(day) AS day, sum(quantity_milli)::BIGINT AS quantity, sum(amount_minor)::HUGEINT AS amount,
    sum(base_minor)::HUGEINT AS base, min(context_key) AS context_key, min(order_id) AS order_id, max(promised_raw) AS promised, max(delivered_raw) AS delivered, max(paid_raw) AS paid, min(import_id) AS import_id, min(origin_key) AS origin_key
  FROM staged_beside SEMI JOIN given_back USING (order_key) WHERE kind = 2 GROUP BY order_key, line_hash, product_key),
here AS (SELECT line_hash, product_key, sum(amount_minor)::HUGEINT AS amount FROM line SEMI JOIN told USING (line_hash) GROUP BY line_hash, product_key),
sums AS (SELECT line_hash, any_value(order_key) AS order_key, sum(amount) - coalesce((SELECT sum(h.amount) FROM here h WHERE h.line_hash = told.line_hash), 0) AS room FROM told GROUP BY line_hash),
more AS (SELECT t.*, s.room, greatest(0, t.amount - coalesce(h.amount, 0)) AS further FROM told t JOIN sums s USING (line_hash) LEFT JOIN here h ON h.line_hash = t.line_hash AND h.product_key = t.product_key),
capped AS (SELECT *, least(further, greatest(0, room - coalesce(sum(further) OVER (PARTITION BY line_hash ORDER BY product_key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))) AS part FROM more),
given AS (SELECT c.*, least(part, greatest(0, g.room - coalesce(sum(part) OVER (PARTITION BY c.order_key ORDER BY c.line_hash, c.product_key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))) AS taken
  FROM capped c JOIN given_back g USING (order_key))
SELECT customer_key, order_key, line_hash, at_us, day, 2, product_key, CASE WHEN taken = amount THEN quantity ELSE 0 END, taken::BIGINT, ((base * taken + amount // 2) // amount)::BIGINT,
  context_key, order_id, promised, delivered, paid, import_id, origin_key FROM given WHERE taken > 0`

// What the file calls off of the sales that earlier files told of: all of an order that stands nowhere in this file, and otherwise what
// does not, of the products that it calls off. A sale that was given back already is not withdrawn again.
const withdrawals = `CREATE OR REPLACE TEMP TABLE withdrawal AS
WITH gone AS (SELECT order_key, CASE WHEN max(day) = -2147483648 THEN $2::BIGINT * 86400000000 ELSE max(at_us) END AS at_us, CASE WHEN max(day) = -2147483648 THEN $2::INTEGER ELSE max(day) END AS day, min(line_hash) AS line_hash FROM staged_beside WHERE kind = 3 GROUP BY order_key),
gone_product AS (SELECT order_key, product_key, sum(amount_minor)::HUGEINT AS amount FROM staged_beside WHERE kind = 3 GROUP BY order_key, product_key),
standing AS (SELECT order_key, product_key, sum(amount_minor)::HUGEINT AS amount FROM standing_line SEMI JOIN gone USING (order_key) GROUP BY order_key, product_key),
sold AS (SELECT l.order_key, l.product_key, min(l.customer_key) AS customer_key, min(l.origin_key) AS origin_key, min(l.context_key) AS context_key, min(l.order_id) AS order_id, max(l.at_us) AS at_us, max(l.day) AS day,
    coalesce(sum(l.quantity_milli) FILTER (l.kind = 1), 0)::BIGINT AS quantity, coalesce(sum(l.amount_minor) FILTER (l.kind = 1), 0)::HUGEINT AS amount, coalesce(sum(l.base_minor) FILTER (l.kind = 1), 0)::HUGEINT AS base,
    coalesce(sum(l.amount_minor) FILTER (l.kind = 2), 0)::HUGEINT AS back
  FROM line l SEMI JOIN gone USING (order_key) WHERE l.import_id > 0 AND NOT EXISTS (FROM order_change c WHERE c.customer_key = l.customer_key AND c.order_id = l.order_id) GROUP BY l.order_key, l.product_key),
rooms AS (SELECT order_key, sum(amount) - sum(back) AS room FROM sold GROUP BY order_key),
off AS (SELECT s.*, r.room, greatest(0, least(s.amount - coalesce(t.amount, 0),
    CASE WHEN s.order_key NOT IN (SELECT order_key FROM standing) THEN s.amount WHEN p.amount IS NULL THEN 0 WHEN p.amount > 0 THEN p.amount ELSE s.amount END) - s.back) AS part
  FROM sold s JOIN rooms r USING (order_key) LEFT JOIN standing t ON t.order_key = s.order_key AND t.product_key = s.product_key
  LEFT JOIN gone_product p ON p.order_key = s.order_key AND p.product_key = s.product_key),
given AS (SELECT *, least(part, greatest(0, room - coalesce(sum(part) OVER (PARTITION BY order_key ORDER BY product_key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))) AS taken FROM off)
SELECT customer_key, order_key, g.line_hash, CASE WHEN g.day >= o.day THEN greatest(g.at_us, o.at_us) ELSE o.at_us END AS at_us, greatest(g.day, o.day) AS day, 2 AS kind, product_key,
  CASE WHEN taken = amount THEN quantity ELSE 0 END AS quantity_milli, taken::BIGINT AS amount_minor, ((base * taken + amount // 2) // amount)::BIGINT AS base_minor, context_key, order_id,
  -2147483648 AS promised_raw, -2147483648 AS delivered_raw, -2147483648 AS paid_raw, $1::BIGINT AS import_id, origin_key
FROM given o JOIN gone g USING (order_key) WHERE taken > 0`

// takeBeside adds the refunds and withdrawals that go beside the lines, which are in the table by now.
func (in *Intake) takeBeside(ctx context.Context, t *Taken) error {
	if in.besides == 0 {
		return nil
	}
	rows := func(n *int64, text string, args ...any) error {
		done, err := in.conn.ExecContext(ctx, text, args...)
		if err != nil {
			return fmt.Errorf("settle import: %w", err)
		}
		part, err := done.RowsAffected()
		*n += part
		return err
	}
	if in.staged == "line" {
		return rows(&t.RefundsBeside, `INSERT INTO line FROM staged_beside`)
	}
	for _, text := range []string{
		`DELETE FROM staged_beside WHERE kind = 2 AND EXISTS (FROM order_change c WHERE c.customer_key = staged_beside.customer_key AND c.order_id = staged_beside.order_id AND c.kind IN (2, 3))`,
		`CREATE OR REPLACE TEMP TABLE given_back AS SELECT order_key, greatest(0, sum(CASE kind WHEN 1 THEN amount_minor ELSE -amount_minor END))::HUGEINT AS room FROM line
			SEMI JOIN (SELECT order_key FROM staged_beside WHERE kind = 2) USING (order_key) GROUP BY order_key HAVING bool_or(kind = 2)`,
	} {
		if err := in.exec(ctx, text); err != nil {
			return err
		}
	}
	// Before anything is added, what is told is compared with what is here.
	if err := in.conn.QueryRowContext(ctx, `WITH told AS (SELECT line_hash, any_value(order_key) AS order_key, sum(amount_minor) AS amount FROM staged_beside SEMI JOIN given_back USING (order_key) WHERE kind = 2 GROUP BY line_hash)
		SELECT count(DISTINCT t.order_key) FROM told t WHERE t.amount < (SELECT sum(l.amount_minor) FROM line l WHERE l.line_hash = t.line_hash)`).Scan(&t.ToldLess); err != nil {
		return fmt.Errorf("settle import: %w", err)
	}
	for _, text := range []string{addNewRefunds, addFurtherRefunds} {
		if err := rows(&t.RefundsBeside, text); err != nil {
			return err
		}
	}
	if err := in.exec(ctx, withdrawals, in.id, int32(in.undated)); err != nil {
		return err
	}
	if err := in.exec(ctx, `INSERT INTO line BY NAME FROM withdrawal`); err != nil {
		return err
	}
	if err := in.conn.QueryRowContext(ctx, `SELECT count(DISTINCT order_key) FROM withdrawal`).Scan(&t.Withdrawn); err != nil {
		return fmt.Errorf("settle import: %w", err)
	}
	return nil
}
