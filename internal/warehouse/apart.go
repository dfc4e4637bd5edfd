package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/dangol/dangol/internal/warehouse/columns"
	"github.com/dangol/dangol/internal/warehouse/flat"
)

// apartAt is the place in the table event of the column apart; p0 follows. See migrations/0008_properties.sql.
const apartAt = 12

// apart are the properties with columns by the name's key: in the order in which they got them. It is changed only by the one who follows.
type apart struct {
	mu sync.RWMutex
	of map[uint32][]flat.Property
}

// PropertyColumn tells which of the columns p0 to p5 a property of the events of a name has, if any, and what the column apart is at least where
// that tells it.
func (w *Warehouse) PropertyColumn(name uint32, property string) (column, least int, ok bool) {
	w.apart.mu.RLock()
	defer w.apart.mu.RUnlock()
	for i, p := range w.apart.of[name] {
		if p.Name == property {
			return p.Column, flat.None + i + 1, true
		}
	}
	return 0, 0, false
}

func (a *apart) find(name uint32) []flat.Property {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.of[name]
}

func (a *apart) keep(fresh map[uint32][]flat.Property) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, list := range fresh {
		a.of[name] = list
	}
}

func (w *Warehouse) openApart(ctx context.Context) error {
	rows, err := w.Ask(ctx, `SELECT name_key, number, property FROM event_property ORDER BY name_key, place`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	w.apart.of = map[uint32][]flat.Property{}
	for rows.Next() {
		var name uint32
		var p flat.Property
		if err := rows.Scan(&name, &p.Column, &p.Name); err != nil {
			return fmt.Errorf("warehouse properties: %w", err)
		}
		w.apart.of[name] = append(w.apart.of[name], p)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("warehouse properties: %w", err)
	}
	return nil
}

// wholeFacts is from how many events on a step keeps them whole: it is behind, and TakeApart comes later.
const wholeFacts = 8_000

// appendApart fills in the columns of an event's properties.
func (w *Warehouse) appendApart(a *columns.Writer, name uint32, props []byte, whole bool) error {
	r := flat.Row{}
	told := uint8(flat.Whole)
	if !whole {
		told = w.readApart(&r, name, props)
	}
	a.U8(apartAt, told)
	for i, v := range r.Values {
		if v == nil {
			a.Null(apartAt + 1 + i)
		} else if err := a.Bytes(apartAt+1+i, v); err != nil {
			return err
		}
	}
	return nil
}

// readApart reads what the columns of an event of a name get, which may be new ones.
func (w *Warehouse) readApart(r *flat.Row, name uint32, props []byte) (told uint8) {
	list := w.apart.find(name)
	if fresh, ok := w.fresh.apart[name]; ok {
		list = fresh
	}
	r.List = list
	r.Read(props)
	if len(r.List) > len(list) {
		w.fresh.apart[name] = r.List
	}
	return r.Told()
}

// appendProperties keeps which properties got columns.
func (w *Warehouse) appendProperties(conn *sql.Conn) error {
	if len(w.fresh.apart) == 0 {
		return nil
	}
	return Append(conn, "event_property", func(add func(...any) error) error {
		var err error
		for name, list := range w.fresh.apart {
			for i := len(w.apart.find(name)); i < len(list); i++ {
				err = errors.Join(err, add(name, uint8(i), uint8(list[i].Column), list[i].Name))
			}
		}
		return err
	})
}

// How many events TakeApart reads in one go, and among how many messages of the log it looks for them.
const (
	apartRows     = 50_000
	apartMessages = 512
)

// TakeApart gives events that were kept whole their columns, some at a time, and reports whether there are more. While many come it does nothing.
func (w *Warehouse) TakeApart(ctx context.Context) (more bool, err error) {
	w.following.Lock()
	defer w.following.Unlock()
	if w.memory.thronging() {
		return false, nil
	}
	w.fresh = freshNames{apart: map[uint32][]flat.Property{}}
	defer w.forgetNames()
	err = w.transact(ctx, func(conn *sql.Conn) error {
		var first sql.Null[uint64]
		if err := conn.QueryRowContext(ctx, `SELECT min(place) FROM event WHERE apart = 0`).Scan(&first); err != nil || !first.Valid {
			return err
		}
		more = true
		between := fmt.Sprintf(` BETWEEN %d AND %d`, first.V, first.V+apartMessages<<12)
		if err := w.stageApart(ctx, conn, between); err != nil {
			return err
		}
		if err := execAll(ctx, conn, "properties", `UPDATE event SET apart = n.apart, p0 = n.p0, p1 = n.p1, p2 = n.p2, p3 = n.p3, p4 = n.p4, p5 = n.p5
			FROM apart_next n WHERE event.place = n.place AND event.place`+between, `DROP TABLE apart_next`); err != nil {
			return err
		}
		return w.appendProperties(conn)
	})
	if err != nil {
		return false, fmt.Errorf("properties: %w", err)
	}
	w.apart.keep(w.fresh.apart)
	return more, nil
}

// stageApart reads events that were kept whole, and puts beside them what their columns get.
func (w *Warehouse) stageApart(ctx context.Context, conn *sql.Conn, between string) error {
	if err := execAll(ctx, conn, "properties", `CREATE OR REPLACE TEMP TABLE apart_next (place UBIGINT, apart UTINYINT, p0 VARCHAR, p1 VARCHAR, p2 VARCHAR, p3 VARCHAR, p4 VARCHAR, p5 VARCHAR)`); err != nil {
		return err
	}
	var staged [][]any
	err := eachRow(ctx, conn, fmt.Sprintf(`SELECT place, name_key, props FROM event WHERE apart = 0 AND place%s LIMIT %d`, between, apartRows), func(rows *sql.Rows) error {
		var place uint64
		var name uint32
		var props string
		if err := rows.Scan(&place, &name, &props); err != nil {
			return err
		}
		var r flat.Row
		row := append(make([]any, 0, 2+flat.Columns), place, w.readApart(&r, name, []byte(props)))
		for _, v := range r.Values {
			if v == nil {
				row = append(row, nil)
			} else {
				row = append(row, string(v))
			}
		}
		staged = append(staged, row)
		return nil
	})
	if err != nil {
		return err
	}
	return Append(conn, "apart_next", func(add func(...any) error) error {
		for _, row := range staged {
			if err := add(row...); err != nil {
				return err
			}
		}
		return nil
	})
}
