package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// StepKind says what a step of the customers' journal does.
type StepKind uint8

// The steps.
const (
	Upsert StepKind = iota + 1 // a customer's row as it is now
	Gone                       // the key is no customer any more
	Move                       // everything first given to Origin now belongs to To
	Erase                      // everything first given to Origin is forgotten
)

// Step is one entry of the journal by which profile tells who the customers are.
type Step struct {
	Rev        uint64
	Kind       StepKind
	Person            // Upsert: the row; Gone: its key
	Origin, To uint32 // Move, Erase
}

func touchOrders(steps []Step) bool {
	for i := range steps {
		if steps[i].Kind == Move || steps[i].Kind == Erase {
			return true
		}
	}
	return false
}

// applySteps brings the tables to what the journal says. Of several steps about one customer or origin only the last
// counts, but for an erasure, which nothing takes back.
func (w *Warehouse) applySteps(ctx context.Context, conn *sql.Conn, f *Following) error {
	steps := f.Steps
	if len(steps) == 0 {
		return nil
	}
	rows, moves, erased := map[uint32]*Person{}, map[uint32]uint32{}, map[uint32]bool{}
	for i := range steps {
		switch s := &steps[i]; s.Kind {
		case Upsert:
			rows[s.Key] = &s.Person
		case Gone:
			rows[s.Key] = nil
		case Move:
			moves[s.Origin] = s.To
		case Erase:
			erased[s.Origin] = true
		}
	}
	if err := putCustomers(ctx, conn, rows); err != nil {
		return err
	}
	if err := w.moveOrigins(ctx, conn, f, moves); err != nil {
		return err
	}
	return eraseOrigins(ctx, conn, erased)
}

// putCustomers replaces the rows of customers, nil for one who is gone. Keys are given in rising order, so that one above all that
// there are is new, and is only added: most steps bring nobody else.
func putCustomers(ctx context.Context, conn *sql.Conn, rows map[uint32]*Person) error {
	if len(rows) == 0 {
		return nil
	}
	var highest sql.Null[uint32]
	if err := conn.QueryRowContext(ctx, `SELECT max(key) FROM customer`).Scan(&highest); err != nil {
		return fmt.Errorf("follow customers: %w", err)
	}
	known := map[uint32]*Person{}
	err := Append(conn, "customer", func(add func(...any) error) error {
		for key, p := range rows {
			if highest.Valid && key <= highest.V {
				known[key] = p
			} else if p != nil {
				if err := add(key, p.ID, p.Name, p.Email, p.Phone, int64(0)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil || len(known) == 0 {
		return err
	}
	return replaceCustomers(ctx, conn, known)
}

// replaceCustomers is putCustomers for those who may have a row. Each keeps the import that brought her.
func replaceCustomers(ctx context.Context, conn *sql.Conn, rows map[uint32]*Person) error {
	keys := slices.Sorted(maps.Keys(rows))
	list := make([]byte, 0, 8*len(keys))
	for i, key := range keys {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendUint(list, uint64(key), 10)
	}
	imports := map[uint32]int64{}
	err := eachRow(ctx, conn, `SELECT key, import_id FROM customer WHERE key IN (`+string(list)+`)`, func(rows *sql.Rows) error {
		var key uint32
		var id int64
		err := rows.Scan(&key, &id)
		imports[key] = id
		return err
	})
	if err != nil {
		return err
	}
	if len(imports) > 0 {
		if err := execAll(ctx, conn, "follow customers", `DELETE FROM customer WHERE key IN (`+string(list)+`)`); err != nil {
			return err
		}
	}
	return Append(conn, "customer", func(add func(...any) error) error {
		for _, key := range keys {
			if p := rows[key]; p != nil {
				if err := add(key, p.ID, p.Name, p.Email, p.Phone, imports[key]); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// moveOrigins gives everything of an origin to the person it now belongs to. An order that was told of for each of two merged people
// is one order from then on, and two again when they part.
func (w *Warehouse) moveOrigins(ctx context.Context, conn *sql.Conn, f *Following, moves map[uint32]uint32) error {
	if len(moves) == 0 {
		return nil
	}
	if _, err := conn.ExecContext(ctx, `CREATE OR REPLACE TEMP TABLE moved (origin UINTEGER, target UINTEGER)`); err != nil {
		return fmt.Errorf("follow merges: %w", err)
	}
	err := Append(conn, "moved", func(add func(...any) error) error {
		for origin, target := range moves {
			if err := add(origin, target); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, text := range []string{
		formerOwners,
		`UPDATE event SET customer_key = m.target FROM moved m WHERE event.origin_key = m.origin AND event.customer_key <> m.target`,
		`UPDATE seen SET customer_key = m.target FROM moved m WHERE seen.origin_key = m.origin AND seen.customer_key <> m.target`,
		`UPDATE told SET customer_key = m.target FROM moved m WHERE told.origin_key = m.origin AND told.customer_key <> m.target`,
		`UPDATE line SET customer_key = m.target FROM moved m WHERE line.origin_key = m.origin AND line.customer_key <> m.target`,
		`UPDATE order_change SET customer_key = m.target FROM moved m WHERE order_change.origin_key = m.origin AND order_change.customer_key <> m.target`,
		`UPDATE orders SET customer_key = m.target FROM moved m WHERE orders.origin_key = m.origin AND orders.customer_key <> m.target`,
	} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("follow merges: %w", err)
		}
	}
	if err := w.foldMoved(ctx, conn, f); err != nil {
		return err
	}
	return execAll(ctx, conn, "follow merges", `UPDATE meta SET value = value + 1 WHERE name = 'data_version'`)
}

// eraseOrigins deletes what was first given to an origin.
func eraseOrigins(ctx context.Context, conn *sql.Conn, erased map[uint32]bool) error {
	if len(erased) == 0 {
		return nil
	}
	if _, err := conn.ExecContext(ctx, `CREATE OR REPLACE TEMP TABLE erase_now (origin UINTEGER)`); err != nil {
		return fmt.Errorf("follow erasure: %w", err)
	}
	err := Append(conn, "erase_now", func(add func(...any) error) error {
		for origin := range erased {
			if err := add(origin); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, text := range []string{
		`INSERT INTO erased SELECT origin_key, 'event', count(*) FROM event WHERE origin_key IN (FROM erase_now) GROUP BY 1
			UNION ALL SELECT origin_key, 'line', count(*) FROM line WHERE origin_key IN (FROM erase_now) GROUP BY 1
			UNION ALL SELECT origin_key, 'orders', count(*) FROM orders WHERE origin_key IN (FROM erase_now) GROUP BY 1
			UNION ALL SELECT origin_key, 'order_change', count(*) FROM order_change WHERE origin_key IN (FROM erase_now) GROUP BY 1
			UNION ALL SELECT key, 'customer', count(*) FROM customer WHERE key IN (FROM erase_now) GROUP BY 1`,
		`DELETE FROM order_change WHERE origin_key IN (FROM erase_now)`,
		`DELETE FROM event WHERE origin_key IN (FROM erase_now)`,
		`DELETE FROM seen WHERE origin_key IN (FROM erase_now)`,
		`DELETE FROM told WHERE origin_key IN (FROM erase_now)`,
		`DELETE FROM line WHERE origin_key IN (FROM erase_now)`,
		`DELETE FROM orders WHERE origin_key IN (FROM erase_now)`,
		`DELETE FROM customer WHERE key IN (FROM erase_now)`,
		`UPDATE meta SET value = value + 1 WHERE name = 'data_version'`,
	} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("follow erasure: %w", err)
		}
	}
	return nil
}
