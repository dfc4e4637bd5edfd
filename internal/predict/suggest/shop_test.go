package suggest

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/predict/records"
	"github.com/dangol/dangol/internal/store/storetest"
	"github.com/dangol/dangol/internal/warehouse"
	"github.com/dangol/dangol/models/recommend"
)

const (
	lastDay   = 20_300
	customers = 400
	families  = 4
	eachHas   = 12 // products of a family
)

// world is a service over a small shop, in which customers buy within one of four families, and every family has a product that is
// bought again every thirty days.
type world struct {
	*Service
	t         *testing.T
	warehouse *warehouse.Warehouse
	data      string
	segments  segmentsOfTest
}

type days struct{ w *warehouse.Warehouse }

func (d days) AsOf(ctx context.Context, asked day.Day) (day.Day, error) {
	if asked != day.Unknown {
		return asked, nil
	}
	span, err := d.w.Span(ctx)
	return span.Last, err
}

// peopleOfTest know customer n as n.
type peopleOfTest struct{}

func (p peopleOfTest) Find(ctx context.Context, ref string) (uint32, string, error) {
	key, known, err := p.Key(ctx, ref)
	if !known {
		err = fault.New(fault.NotFound, "profile.unknown_customer", "there is no such customer")
	}
	return key, ref, err
}

func (peopleOfTest) Key(_ context.Context, ref string) (uint32, bool, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(ref, "user:"))
	return uint32(max(n, 0)), err == nil && n >= 0 && n <= customers+1, nil
}

// segmentsOfTest has the segment even.
type segmentsOfTest struct{}

func (segmentsOfTest) Number(slug string) (uint32, bool) { return 7, slug == "even" }
func (segmentsOfTest) Contains(segment, who uint32) bool { return segment == 7 && who%2 == 0 }

func newWorld(t *testing.T) *world {
	t.Helper()
	data := t.TempDir()
	w, err := warehouse.Open(t.Context(), filepath.Join(data, "w.duckdb"), warehouse.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	x := &world{t: t, warehouse: w, data: data}
	x.sell()
	st := storetest.Open(t, records.Schema, Schema)
	x.Service = New(Options{
		Warehouse: w, Store: st, Days: days{w}, People: peopleOfTest{}, Segments: x.segments,
		Clock: func() time.Time { return time.Unix(lastDay*86400, 0).UTC() }, Log: slog.New(slog.DiscardHandler), Data: data,
	})
	x.tries = func(int) []recommend.Options {
		return []recommend.Options{{Kind: recommend.Habit}, {Kind: recommend.Linear}, {Kind: recommend.Factors, ALS: recommend.ALS{Factors: 8, Steps: 3, Iterations: 4}}}
	}
	return x
}

func (x *world) run(statements ...string) {
	x.t.Helper()
	err := x.warehouse.Bulk(x.t.Context(), func(conn *sql.Conn) error {
		for _, text := range statements {
			if _, err := conn.ExecContext(x.t.Context(), text); err != nil {
				return fmt.Errorf("%w in\n%s", err, text)
			}
		}
		return nil
	})
	if err != nil {
		x.t.Fatal(err)
	}
}

const derive = `DELETE FROM orders; INSERT INTO orders (customer_key, order_key, kind, order_id, at_us, day, lines, quantity_milli, amount_minor, base_minor, currency, market, channel, coupon, origin_key)
	SELECT customer_key, order_key, kind, min(order_id), min(at_us), min(day), count(*), sum(quantity_milli), sum(amount_minor), sum(base_minor), 'KRW', min(market), '', '', customer_key FROM order_line GROUP BY ALL`

// line is one product of an order, as SQL.
const line = `INSERT INTO line (customer_key, order_key, line_hash, at_us, day, kind, product_key, quantity_milli, amount_minor, base_minor, context_key, order_id, promised_raw, delivered_raw, import_id, origin_key) `

func (x *world) sell() {
	x.run(
		`INSERT INTO order_context VALUES (1, 'KRW', 'KR', '', ''), (2, 'KRW', 'TH', '', '')`,
		fmt.Sprintf(`INSERT INTO product SELECT 1 + i, 'p' || i, 'Product ' || i, ['tea','cups','cake','book'][1 + i // %d] FROM range(%d) r(i)`, eachHas, families*eachHas),
		`INSERT INTO product VALUES (1000, '', NULL, NULL)`,
		fmt.Sprintf(line+`SELECT c, c * 1000 + o, c * 100000 + o * 10 + l, d * 86400000000, d, 1,
			CASE WHEN l = 0 THEN 1 + (c %% %[1]d) * %[2]d WHEN hash(c, o, l) %% 10 = 0 THEN 1 + hash(c, o, l, 1) %% %[3]d ELSE 1 + (c %% %[1]d) * %[2]d + hash(c, o, l, 2) %% %[2]d END,
			1000, 500, 500, 1 + c %% 2, 'o' || (c * 1000 + o), -2147483648, -2147483648, 1, c
			FROM (SELECT c, o, %[4]d - 30 * o - hash(c) %% 20 AS d FROM range(%[5]d) a(c), range(3 + 4) b(o)), range(3) e(l)`, families, eachHas, families*eachHas, lastDay, customers),
		derive,
	)
}

// buys lets a customer buy a product on the last day.
func (x *world) buys(customer, product uint32) {
	x.t.Helper()
	x.run(fmt.Sprintf(line+`VALUES (%[1]d, 9000000 + %[1]d * 100 + %[2]d, 9, 1, %[3]d, 1, %[2]d, 1000, 5, 5, 1, 'x', -2147483648, -2147483648, 1, %[1]d)`, customer, product, lastDay), derive)
}

func (x *world) train() *Card {
	x.t.Helper()
	done, err := x.Train(x.t.Context(), day.Unknown, 0, new(job.Progress))
	if err != nil {
		x.t.Fatal(err)
	}
	return done
}

// again is a service on the same data, as after a start.
func (x *world) again() *Service {
	return New(Options{Warehouse: x.warehouse, Store: x.store, Days: x.Service.days, People: peopleOfTest{}, Segments: x.segments, Clock: x.clock, Log: x.log, Data: x.data})
}
