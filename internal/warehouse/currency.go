package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
)

// Naming gives amounts that came without a currency the one they are in.
type Naming struct {
	None, Code string
	Shift      int // decimals that Code has more than None; fewer where negative
	// Forget drops, in the same transaction, what was computed from the amounts as they were.
	Forget func(context.Context, *sql.Conn) error
}

// namedPrefix begins the name under which meta keeps that a currency was named: the commit point for the records.
const namedPrefix = "base_currency:"

// rehashed bounds the lines that wait in memory for their new identity.
const rehashed = 500_000

// NameCurrency rewrites every amount without a currency, and the base amounts, in one transaction. A line's identity covers its
// currency and amount, so it is computed anew: the same file, read again in that currency, still adds nothing.
func (w *Warehouse) NameCurrency(ctx context.Context, n Naming) error {
	err := w.ReplaceState(ctx, nil, func(conn *sql.Conn) error {
		if err := n.possible(ctx, conn); err != nil {
			return err
		}
		if err := n.rewrite(ctx, conn); err != nil {
			return err
		}
		return n.Forget(ctx, conn)
	})
	if err == nil {
		w.version.Add(1)
	}
	return err
}

// NamedCurrency is the currency named by NameCurrency, "" where none was.
func (w *Warehouse) NamedCurrency(ctx context.Context) (string, error) {
	var name string
	err := w.db.QueryRowContext(ctx, `SELECT name FROM meta WHERE starts_with(name, $1)`, namedPrefix).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("named currency: %w", err)
	}
	return strings.TrimPrefix(name, namedPrefix), nil
}

// scaled is a column in minor units of the named currency.
func (n *Naming) scaled(column string) string {
	power := "1" + strings.Repeat("0", max(n.Shift, -n.Shift))
	if n.Shift < 0 {
		return column + " // " + power
	}
	return column + " * " + power
}

// elsewhere is the step left where naming cannot be done.
func (n *Naming) elsewhere() string {
	return "Import the files into a new data folder with --currency " + n.Code + "."
}

// possible refuses what could not be done exactly.
func (n *Naming) possible(ctx context.Context, conn *sql.Conn) error {
	power := "1" + strings.Repeat("0", max(0, -n.Shift))
	var told, broken int64
	err := conn.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM order_change), (SELECT count(*) FROM line l JOIN order_context c ON c.key = l.context_key
		WHERE base_minor % `+power+` <> 0 OR (c.currency = $1 AND amount_minor % `+power+` <> 0))`, n.None).Scan(&told, &broken)
	if err != nil {
		return fmt.Errorf("name currency: %w", err)
	}
	if told > 0 {
		return fault.New(fault.Conflict, "warehouse.orders_told", "orders came as events too, and those stand on amounts without a currency").
			At(fault.Place{Field: "currency", Value: n.Code}).Then(n.elsewhere())
	}
	if broken > 0 {
		return fault.Newf(fault.Conflict, "warehouse.currency_too_coarse", "%d amounts have decimals, which %s has not", broken, n.Code).
			At(fault.Place{Field: "currency", Value: n.Code}).Then("Name the currency that the amounts are in. If it is this one: " + n.elsewhere())
	}
	return nil
}

func (n *Naming) rewrite(ctx context.Context, conn *sql.Conn) error {
	if err := n.rehash(ctx, conn); err != nil {
		return err
	}
	none, code := quoted(n.None), quoted(n.Code)
	mine := `context_key IN (SELECT key FROM order_context WHERE currency = ` + none + `)`
	for _, text := range []string{
		`UPDATE line SET line_hash = r.hash FROM rehashed r WHERE r.id = line.rowid`,
		`UPDATE line SET base_minor = ` + n.scaled("base_minor") + `, amount_minor = CASE WHEN ` + mine + ` THEN ` + n.scaled("amount_minor") + ` ELSE amount_minor END`,
		`UPDATE orders SET base_minor = ` + n.scaled("base_minor") + `, amount_minor = CASE WHEN currency = ` + none + ` THEN ` + n.scaled("amount_minor") + ` ELSE amount_minor END,
			currency = CASE WHEN currency = ` + none + ` THEN ` + code + ` ELSE currency END`,
		`UPDATE order_context SET currency = ` + code + ` WHERE currency = ` + none,
		`INSERT INTO meta VALUES (` + quoted(namedPrefix+n.Code) + `, 1)`,
		`UPDATE meta SET value = value + 1 WHERE name = 'data_version'`,
	} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("name currency: %w", err)
		}
	}
	return nil
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// rehash fills the temporary table rehashed with the new identity of each line that had no currency.
func (n *Naming) rehash(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, `CREATE TEMP TABLE rehashed (id BIGINT, hash UBIGINT)`); err != nil {
		return fmt.Errorf("rehash: %w", err)
	}
	var last sql.NullInt64
	if err := conn.QueryRowContext(ctx, `SELECT max(rowid) FROM line`).Scan(&last); err != nil {
		return fmt.Errorf("rehash: %w", err)
	}
	for first := int64(0); last.Valid && first <= last.Int64; first += rehashed {
		type row struct {
			id   int64
			hash uint64
		}
		var rows []row
		err := eachRow(ctx, conn, fmt.Sprintf(`SELECT l.rowid, l.line_hash, c.id, l.order_id, coalesce(p.id, ''), l.at_us, l.quantity_milli, l.amount_minor, l.kind
			FROM line l JOIN order_context x ON x.key = l.context_key LEFT JOIN customer c ON c.key = l.origin_key LEFT JOIN product p ON p.key = l.product_key
			WHERE x.currency = %s AND l.rowid >= %d AND l.rowid < %d`, quoted(n.None), first, first+rehashed), func(found *sql.Rows) error {
			var r row
			var was uint64
			var customer sql.NullString
			l := event.OrderLine{Currency: n.None}
			if err := found.Scan(&r.id, &was, &customer, &l.Order, &l.Product, &l.AtUS, &l.QuantityMilli, &l.AmountMinor, &l.Kind); err != nil {
				return err
			}
			l.Customer = customer.String
			var err error
			r.hash, err = n.identity(l, was)
			rows = append(rows, r)
			return err
		})
		if err != nil {
			return fmt.Errorf("rehash: %w", err)
		}
		err = Append(conn, "rehashed", func(add func(...any) error) error {
			for _, r := range rows {
				if err := add(r.id, r.hash); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// identity is the line's hash in the named currency. A product without an id is kept under its name, so which of the two the
// source gave is read from the hash there was.
func (n *Naming) identity(l event.OrderLine, was uint64) (uint64, error) {
	for _, sum := range []event.Extent{event.OfLine, event.OfOrder} { // whose hashes do not say how much, nor of what
		l.SoFar = sum
		if _, hash := l.Keys(); l.Kind == event.Refund && hash == was {
			return was, nil
		}
	}
	l.SoFar = event.Single
	if _, hash := l.Keys(); hash != was {
		l.Product, l.ProductName = "", l.Product
		if _, hash := l.Keys(); hash != was {
			return 0, fault.Newf(fault.Conflict, "warehouse.line_renamed", "the order %q is kept under another name than its file gave, so the file could not be known again", l.Order).
				At(fault.Place{Field: "currency", Value: n.Code}).Then(n.elsewhere())
		}
	}
	l.Currency = n.Code
	for range n.Shift {
		l.AmountMinor *= 10
	}
	for range -n.Shift {
		l.AmountMinor /= 10
	}
	_, hash := l.Keys()
	return hash, nil
}
