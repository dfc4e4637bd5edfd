package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/warehouse/columns"
)

// ChangeKind says what an event told of an order.
type ChangeKind uint8

// The changes.
const (
	PutOrder     ChangeKind = iota + 1 // what was bought
	RefundOrder                        // what came back
	CancelOrder                        // what is left comes back
	DeliverOrder                       // when it was promised and delivered, until when it pays
)

// Change is what one event told of one order. Told is opaque here: Fold reads it.
type Change struct {
	Kind             ChangeKind
	Order            string // the source's id; with the customer it names the order
	OrderKey         uint64 // of the order where it is new: event.OrderLine.Keys
	Place            uint64
	Customer, Origin uint32
	Told             []byte
}

// ChangeLine is a line with its amount in the workspace's currency.
type ChangeLine struct {
	event.OrderLine
	BaseMinor int64
}

// Fold makes the lines of an order of all that events told of it and of the lines that files brought. It is a function of
// the set of changes: neither their order nor doubles matter. No purchases mean that the file's stay.
type Fold func(told [][]byte, fromFiles []event.OrderLine) ([]ChangeLine, error)

// fromEvent stands in a line in place of an import's number.
const fromEvent = 0

// wares are the numbers of products and contexts, kept between batches while no import gives new ones.
type wares struct {
	version  int64
	products map[string]uint32
	contexts map[orderContext]uint32
}

// buyer names an order among all.
type buyer struct {
	customer uint32
	order    string
}

// touchedOrder is an order that a batch tells of.
type touchedOrder struct {
	key       uint64
	origin    uint32
	known     bool // it may be here already
	told      [][]byte
	replaced  [3]bool // by kind: events told it, and lines of files give way
	fromFiles []event.OrderLine
}

// changeOrders keeps what a batch told, and makes the orders it touches anew. Orders that are certainly new are only added.
func (w *Warehouse) changeOrders(ctx context.Context, conn *sql.Conn, f *Following) error {
	if len(f.Changes) == 0 {
		return nil
	}
	touched, err := w.touchOf(ctx, conn, f)
	if err != nil {
		return err
	}
	if err := keepChanges(conn, f.Changes, touched); err != nil {
		return err
	}
	if err := w.refold(ctx, conn, f, touched); err != nil {
		return err
	}
	return execAll(ctx, conn, "change orders", `UPDATE meta SET value = value + 1 WHERE name = 'data_version'`)
}

// refold makes the lines and rows of orders of what was told of them.
func (w *Warehouse) refold(ctx context.Context, conn *sql.Conn, f *Following, touched map[buyer]*touchedOrder) error {
	if err := execAll(ctx, conn, "change orders", `CREATE OR REPLACE TEMP TABLE staged_line AS FROM line LIMIT 0`); err != nil {
		return err
	}
	linesOf := "staged_line"
	if known := keysOf(touched); known != "" {
		stay, err := dropLines(ctx, conn, known, touched)
		if err != nil {
			return err
		}
		if stay {
			linesOf = "line"
		}
	}
	if err := w.stageFolded(ctx, conn, f, touched); err != nil {
		return err
	}
	chosen := ""
	if linesOf == "line" {
		if err := keepTouched(ctx, conn, touched); err != nil {
			return err
		}
		chosen = `WHERE order_key IN (FROM touched)`
	}
	return execAll(ctx, conn, "change orders", `INSERT INTO line SELECT * FROM staged_line`, ordersFrom(linesOf, chosen))
}

// keysOf lists the keys of those orders that may be here already, for an IN.
func keysOf(touched map[buyer]*touchedOrder) string {
	var list []byte
	for _, t := range touched {
		if t.known {
			if len(list) > 0 {
				list = append(list, ',')
			}
			list = strconv.AppendUint(list, t.key, 10)
		}
	}
	return string(list)
}

// dropLines reads what is known of some orders, and takes away their rows and those of their lines that events replace; stay
// says that lines of files are left. The lines are searched for once: there may be tens of millions.
func dropLines(ctx context.Context, conn *sql.Conn, keys string, touched map[buyer]*touchedOrder) (stay bool, err error) {
	if err := readTold(ctx, conn, keys, touched); err != nil {
		return false, err
	}
	fromFiles, drop := []int64{}, []int64{}
	err = eachRow(ctx, conn, `SELECT rowid, customer_key, order_id, kind, import_id FROM line WHERE order_key IN (`+keys+`)`, func(rows *sql.Rows) error {
		var row, importID int64
		var b buyer
		var kind uint8
		if err := rows.Scan(&row, &b.customer, &b.order, &kind, &importID); err != nil {
			return err
		}
		t := touched[b]
		if importID > 0 {
			fromFiles = append(fromFiles, row)
		}
		if t != nil && (importID == fromEvent || t.replaced[min(kind, 2)]) {
			drop = append(drop, row)
		} else {
			stay = true
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	if len(fromFiles) > 0 {
		if err := readFileLines(ctx, conn, fromFiles, touched); err != nil {
			return false, err
		}
	}
	texts := []string{`DELETE FROM orders WHERE order_key IN (` + keys + `)`}
	if len(drop) > 0 {
		texts = append(texts, `DELETE FROM line WHERE rowid IN (`+rowList(drop)+`)`)
	}
	return stay, execAll(ctx, conn, "change orders", texts...)
}

func rowList(rows []int64) string {
	var list []byte
	for i, r := range rows {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, r, 10)
	}
	return string(list)
}

func execAll(ctx context.Context, conn *sql.Conn, doing string, texts ...string) error {
	for _, text := range texts {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	return nil
}

// touchOf finds the orders of a batch: the key of one that is here, whoever told of it first, else the newcomer's own.
func (w *Warehouse) touchOf(ctx context.Context, conn *sql.Conn, f *Following) (map[buyer]*touchedOrder, error) {
	ids, err := w.orderIDs(ctx, conn)
	if err != nil {
		return nil, err
	}
	touched, known := map[buyer]*touchedOrder{}, 0
	f.Changed, f.Added = nil, map[uint32]int64{}
	for i := range f.Changes {
		c := &f.Changes[i]
		b := buyer{c.Customer, c.Order}
		t := touched[b]
		if t == nil {
			t = &touchedOrder{key: c.OrderKey, origin: c.Origin, known: ids.has(c.Order)}
			touched[b] = t
		}
		if t.known {
			known++
			f.Changed = append(f.Changed, c.Customer)
			continue
		}
		t.told = append(t.told, c.Told) // in the order of their places, as it is read where something is known
	}
	for b := range touched {
		ids.add(b.order)
	}
	ids.version++ // that of this batch, once it is committed
	if known == 0 {
		return touched, nil
	}
	return touched, findOrders(ctx, conn, touched)
}

// findOrders gives orders that are here the keys that they have.
func findOrders(ctx context.Context, conn *sql.Conn, touched map[buyer]*touchedOrder) error {
	if err := execAll(ctx, conn, "change orders", `CREATE OR REPLACE TEMP TABLE told_of (customer_key UINTEGER, order_id VARCHAR)`); err != nil {
		return err
	}
	err := Append(conn, "told_of", func(add func(...any) error) error {
		for b, t := range touched {
			if !t.known {
				continue
			}
			if err := add(b.customer, b.order); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return eachRow(ctx, conn, `SELECT customer_key, order_id, min(order_key) FROM (
		SELECT o.customer_key, o.order_id, o.order_key FROM orders o SEMI JOIN told_of t ON t.customer_key = o.customer_key AND t.order_id = o.order_id
		UNION ALL
		SELECT c.customer_key, c.order_id, c.order_key FROM order_change c SEMI JOIN told_of t ON t.customer_key = c.customer_key AND t.order_id = c.order_id)
		GROUP BY ALL`, func(rows *sql.Rows) error {
		var b buyer
		var key uint64
		if err := rows.Scan(&b.customer, &b.order, &key); err != nil {
			return err
		}
		touched[b].key = key
		return nil
	})
}

func eachRow(ctx context.Context, conn *sql.Conn, text string, take func(*sql.Rows) error) error {
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return fmt.Errorf("change orders: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := take(rows); err != nil {
			return fmt.Errorf("change orders: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("change orders: %w", err)
	}
	return nil
}

func keepChanges(conn *sql.Conn, changes []Change, touched map[buyer]*touchedOrder) error {
	return Append(conn, "order_change", func(add func(...any) error) error {
		for i := range changes {
			c := &changes[i]
			if err := add(c.Customer, c.Origin, touched[buyer{c.Customer, c.Order}].key, c.Order, c.Place, uint8(c.Kind), c.Told); err != nil {
				return err
			}
		}
		return nil
	})
}

func keepTouched(ctx context.Context, conn *sql.Conn, touched map[buyer]*touchedOrder) error {
	if err := execAll(ctx, conn, "change orders", `CREATE OR REPLACE TEMP TABLE touched (order_key UBIGINT)`); err != nil {
		return err
	}
	return Append(conn, "touched", func(add func(...any) error) error {
		for _, t := range touched {
			if err := add(t.key); err != nil {
				return err
			}
		}
		return nil
	})
}

func readTold(ctx context.Context, conn *sql.Conn, keys string, touched map[buyer]*touchedOrder) error {
	return eachRow(ctx, conn, `SELECT customer_key, order_id, kind, change FROM order_change WHERE order_key IN (`+keys+`) ORDER BY place`, func(rows *sql.Rows) error {
		var b buyer
		var kind ChangeKind
		var told []byte
		if err := rows.Scan(&b.customer, &b.order, &kind, &told); err != nil {
			return err
		}
		t := touched[b]
		if t == nil {
			return nil
		}
		t.told = append(t.told, told)
		t.replaced[1] = t.replaced[1] || kind == PutOrder
		t.replaced[2] = t.replaced[2] || kind == RefundOrder || kind == CancelOrder
		return nil
	})
}

func readFileLines(ctx context.Context, conn *sql.Conn, list []int64, touched map[buyer]*touchedOrder) error {
	return eachRow(ctx, conn, `SELECT l.customer_key, l.order_id, l.at_us, l.day, l.kind, coalesce(p.id, ''), coalesce(p.name, ''), coalesce(p.category, ''), l.quantity_milli, l.amount_minor,
		c.currency, c.market, c.channel, c.coupon, l.promised_raw, l.delivered_raw, l.paid_raw
		FROM line l JOIN order_context c ON c.key = l.context_key LEFT JOIN product p ON p.key = l.product_key WHERE l.rowid IN (`+rowList(list)+`)`, func(rows *sql.Rows) error {
		var b buyer
		var l event.OrderLine
		var at, promised, delivered, paid int32
		if err := rows.Scan(&b.customer, &b.order, &l.AtUS, &at, &l.Kind, &l.Product, &l.ProductName, &l.Category, &l.QuantityMilli, &l.AmountMinor,
			&l.Currency, &l.Market, &l.Channel, &l.Coupon, &promised, &delivered, &paid); err != nil {
			return err
		}
		l.Order, l.Day, l.Promised, l.Delivered, l.PaidUntil = b.order, day.Day(at), day.Day(promised), day.Day(delivered), day.Day(paid)
		if t := touched[b]; t != nil {
			t.fromFiles = append(t.fromFiles, l)
		}
		return nil
	})
}

// stageFolded writes the folded lines of each order into the side table, under the order's key.
func (w *Warehouse) stageFolded(ctx context.Context, conn *sql.Conn, f *Following, touched map[buyer]*touchedOrder) error {
	in, err := w.changeIntake(ctx, conn)
	if err != nil {
		return err
	}
	for b, t := range touched {
		if len(t.told) == 0 {
			continue // an order of files that was parted from what events told
		}
		lines, err := f.Fold(t.told, t.fromFiles)
		if err != nil {
			return errors.Join(err, in.lines.abandon())
		}
		for i := range lines {
			lines[i].Order = b.order
			if first, more := f.Added[b.customer]; !t.known && (!more || lines[i].AtUS < first) {
				f.Added[b.customer] = lines[i].AtUS
			}
			_, hash := lines[i].Keys()
			if err := in.addKeyed(&lines[i].OrderLine, [2]uint64{t.key, hash}, b.customer, t.origin, lines[i].BaseMinor); err != nil {
				return errors.Join(err, in.lines.abandon())
			}
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
	lines, err := columns.NewWriter(conn, in.staged)
	if err != nil {
		return nil, err
	}
	in.lines = newStaging(lines, nil, in.id)
	return in, nil
}
