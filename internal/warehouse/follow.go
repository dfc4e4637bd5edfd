package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/warehouse/columns"
)

// The reserved names; see migrations/0002_event.sql.
const (
	OrderCompleted uint32 = 1
	OrderRefunded  uint32 = 2
	ProductBought  uint32 = 3
	firstName      uint32 = 16
)

// maxNames bounds the distinct event names kept: a client that makes up names must not fill every catalogue.
const maxNames = 50_000

// Fact is an event with the person it belongs to.
type Fact struct {
	*event.Fact
	Customer, Origin uint32
}

// Following is what one step of the pipeline brings: everything of the log up to Log, and of the journal up to Journal.
type Following struct {
	Log, Journal uint64
	Facts        []Fact
	Changes      []Change // of orders
	Fold         Fold     // where there are changes, or steps that move orders
	Steps        []Step   // of the journal, in its order
	Duplicates   int64    // facts that were here before, for the count

	// Told by Follow: customers of whom an order changed that may have been here, and of whom one came that was not, with the
	// time of her first line of such.
	Changed []uint32
	Added   map[uint32]int64
}

// Offsets say how far the warehouse has followed.
type Offsets struct{ Log, Journal, Duplicates uint64 }

// dictionary gives numbers to names; it is loaded once and changed only by the one who follows.
type dictionary struct {
	mu   sync.RWMutex
	keys map[string]uint32
	text map[uint32]string
	next uint32
}

func (d *dictionary) find(name string) (uint32, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	k, ok := d.keys[name]
	return k, ok
}

func (d *dictionary) name(key uint32) string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.text[key]
}

// show lets a key be read before the transaction that gives it has committed: its rows are seen the moment it has.
func (d *dictionary) show(fresh map[string]uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, key := range fresh {
		d.text[key] = name
	}
}

// hide takes back what was shown for a transaction that failed.
func (d *dictionary) hide(fresh map[string]uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, key := range fresh {
		delete(d.text, key)
	}
}

func (d *dictionary) add(name string, key uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keys[name], d.text[key] = key, name
	d.next = max(d.next, key+1)
}

func loadDictionary(ctx context.Context, db *sql.DB, text string, first uint32) (*dictionary, error) {
	d := &dictionary{keys: map[string]uint32{}, text: map[uint32]string{}, next: first}
	rows, err := db.QueryContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("warehouse names: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key uint32
		var name string
		if err := rows.Scan(&key, &name); err != nil {
			return nil, fmt.Errorf("warehouse names: %w", err)
		}
		d.add(name, key)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("warehouse names: %w", err)
	}
	return d, nil
}

// NameKey returns the number of an event's name, and whether it has been seen. The raw calls of orders are kept under
// their names too, apart from the orders made of them.
func (w *Warehouse) NameKey(name string) (uint32, bool) { return w.names.find(name) }

// Name is the name that has the key, empty for none.
func (w *Warehouse) Name(key uint32) string { return w.names.name(key) }

// Source is the id of the source that has the key, empty for none.
func (w *Warehouse) Source(key uint32) string { return w.sources.name(key) }

// SourceKey returns the number of a source, and whether it has sent anything.
func (w *Warehouse) SourceKey(id string) (uint32, bool) { return w.sources.find(id) }

// RoomForName reports whether an event of that name can be kept; the number of names is bounded.
func (w *Warehouse) RoomForName(name string) bool {
	_, known := w.names.find(name)
	return known || w.names.next < maxNames
}

// Followed says how far the warehouse has followed the log and the journal.
func (w *Warehouse) Followed(ctx context.Context) (Offsets, error) { return readOffsets(ctx, w.db) }

func readOffsets(ctx context.Context, q interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
},
) (o Offsets, err error) {
	err = q.QueryRowContext(ctx, `SELECT max(value) FILTER (name = 'log'), max(value) FILTER (name = 'journal'), max(value) FILTER (name = 'duplicates') FROM followed`).
		Scan(&o.Log, &o.Journal, &o.Duplicates)
	if err != nil {
		return o, fmt.Errorf("warehouse offsets: %w", err)
	}
	return o, nil
}

// Places are those between two, the ends included, at which an event is kept.
func (w *Warehouse) Places(ctx context.Context, first, last uint64) (map[uint64]bool, error) {
	rows, err := w.Ask(ctx, `SELECT place FROM event WHERE place BETWEEN $1 AND $2`, first, last)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	kept := map[uint64]bool{}
	for rows.Next() {
		var place uint64
		if err := rows.Scan(&place); err != nil {
			return nil, fmt.Errorf("places: %w", err)
		}
		kept[place] = true
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("places: %w", err)
	}
	return kept, nil
}

// Follow commits facts, changes of orders and steps of the journal together with the offsets they reach. An error means that
// nothing was kept. It is called by one goroutine. Where nothing touches orders it runs beside an import.
func (w *Warehouse) Follow(ctx context.Context, f *Following) error {
	work := func(conn *sql.Conn) error { return w.follow(ctx, conn, f) }
	w.following.Lock()
	defer w.following.Unlock()
	w.spare(ctx)
	var err error
	orders := len(f.Changes) > 0 || touchOrders(f.Steps)
	if orders {
		err = w.Bulk(ctx, work)
	} else {
		err = w.transact(ctx, work)
	}
	if err != nil {
		w.names.hide(w.fresh.names)
		w.sources.hide(w.fresh.sources)
		w.forgetNames()
		w.wares, w.knownOrders = nil, nil // they may hold what was rolled back
		return err
	}
	if orders {
		now := w.version.Add(1)
		if k := w.knownOrders; k != nil && len(f.Changes) == 0 && k.version == now-1 {
			k.version = now // merges and erasures bring no order
		}
	}
	w.stepped(ctx, len(f.Facts))
	w.keepNames()
	w.unseen += int64(len(f.Facts))
	_ = w.refreshSeen(ctx) // what was followed is kept; without, some answers come later
	w.kept.note(w.path, Offsets{Log: f.Log, Journal: f.Journal})
	return nil
}

func (w *Warehouse) follow(ctx context.Context, conn *sql.Conn, f *Following) error {
	if err := w.appendFacts(conn, f.Facts); err != nil {
		return err
	}
	if err := w.applySteps(ctx, conn, f); err != nil {
		return err
	}
	if err := w.changeOrders(ctx, conn, f); err != nil {
		return err
	}
	if err := w.appendNames(conn); err != nil {
		return err
	}
	w.names.show(w.fresh.names)
	w.sources.show(w.fresh.sources)
	_, err := conn.ExecContext(ctx, `UPDATE followed SET value = CASE name WHEN 'log' THEN $1 WHEN 'journal' THEN $2 ELSE value + $3 END`, f.Log, f.Journal, f.Duplicates)
	if err != nil {
		return fmt.Errorf("warehouse offsets: %w", err)
	}
	return nil
}

// freshNames are the names that a transaction on its way gives numbers to.
type freshNames struct {
	names, sources map[string]uint32
}

func freshKey(d *dictionary, fresh map[string]uint32, name string) uint32 {
	if k, ok := d.find(name); ok {
		return k
	}
	k, ok := fresh[name]
	if !ok {
		k = d.next + uint32(len(fresh))
		fresh[name] = k
	}
	return k
}

// identitiesOf writes what the event brought as kind:value, a line each.
func identitiesOf(f *event.Fact) string {
	var b strings.Builder
	for n, i := range f.Identities {
		if n > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(i.Kind)
		b.WriteByte(':')
		b.WriteString(strings.ReplaceAll(i.Value, "\n", " "))
	}
	return b.String()
}

func (w *Warehouse) appendFacts(conn *sql.Conn, facts []Fact) error {
	w.fresh = freshNames{map[string]uint32{}, map[string]uint32{}}
	if len(facts) == 0 {
		return nil
	}
	a, err := columns.NewWriter(conn, "event")
	if err != nil {
		return err
	}
	for i := range facts {
		if err := w.appendFact(a, &facts[i]); err != nil {
			return errors.Join(err, a.Abandon())
		}
	}
	if err := a.Close(); err != nil {
		return err
	}
	return w.appendTold(conn, facts)
}

func (w *Warehouse) appendFact(a *columns.Writer, f *Fact) error {
	a.U64(0, f.Place)
	a.U32(1, f.Customer)
	a.U32(2, f.Origin)
	a.I64(3, f.AtUS)
	a.I64(4, f.ReceivedUS)
	a.U32(5, freshKey(w.names, w.fresh.names, f.Name))
	a.U8(6, uint8(f.Type))
	a.U32(7, freshKey(w.sources, w.fresh.sources, f.Source))
	return errors.Join(a.Text(8, f.MessageID), a.Bytes(9, f.Props), a.Bytes(10, f.Context), a.Text(11, identitiesOf(f.Fact)), a.Next())
}

// consentChanged is the event by which profile tells of consent.
const consentChanged = "Consent Changed"

// appendTold copies what is told of people: see migrations/0004_told.sql.
func (w *Warehouse) appendTold(conn *sql.Conn, facts []Fact) error {
	tells := func(f Fact) bool { return f.Type == event.Identify || f.Name == consentChanged }
	if !slices.ContainsFunc(facts, tells) {
		return nil
	}
	return Append(conn, "told", func(add func(...any) error) error {
		for i := range facts {
			f := &facts[i]
			if !tells(*f) {
				continue
			}
			if err := add(f.Place, f.Customer, f.Origin, f.AtUS, freshKey(w.names, w.fresh.names, f.Name), uint8(f.Type), f.Props, f.Context); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *Warehouse) appendNames(conn *sql.Conn) error {
	for table, fresh := range map[string]map[string]uint32{"event_name": w.fresh.names, "event_source": w.fresh.sources} {
		if len(fresh) == 0 {
			continue
		}
		err := Append(conn, table, func(add func(...any) error) error {
			for name, key := range fresh {
				if err := add(key, name); err != nil {
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

func (w *Warehouse) keepNames() {
	for name, key := range w.fresh.names {
		w.names.add(name, key)
	}
	for id, key := range w.fresh.sources {
		w.sources.add(id, key)
	}
	w.forgetNames()
}

func (w *Warehouse) forgetNames() { w.fresh = freshNames{} }
