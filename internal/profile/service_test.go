package profile

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/store/pgtest"
	"github.com/dangol/dangol/internal/store/storetest"
	"github.com/dangol/dangol/internal/warehouse"
)

// seer remembers what it was asked.
type seer struct {
	asOf     day.Day
	asked    *Purchases
	currency string
}

func (s *seer) Look(_ context.Context, asOf day.Day, p Purchases, currency string) (Outlook, error) {
	s.asOf, s.asked, s.currency = asOf, &p, currency
	return Outlook{HasAlive: true, History: []Chance{{Day: asOf, PAlive: 0.5}}, Range: &Range{Level: 0.8, OrdersUpper: 3}, NextDay: day.Unknown, NextIf: asOf + 20}, nil
}

type shop struct {
	*Service
	seer     *seer
	registry *Registry
	imports  int64
}

func open(t *testing.T, st *store.Store) *shop {
	t.Helper()
	w, err := warehouse.Open(t.Context(), "", warehouse.Options{MemoryMB: 256, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	ws := market.NewWorkspace(st)
	if err := ws.Put(t.Context(), market.Settings{Currency: "EUR"}, false); err != nil {
		t.Fatal(err)
	}
	s := &shop{seer: &seer{}, registry: NewRegistry(st, time.Now)}
	s.Service = NewService(s.registry, w, ws, s.seer)
	return s
}

// take imports lines as collect does.
func (s *shop) take(t *testing.T, lines ...event.OrderLine) {
	t.Helper()
	s.imports++
	people, err := s.registry.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.warehouse.Take(t.Context(), s.imports, s.imports, func(in *warehouse.Intake) ([]warehouse.Person, error) {
		for i := range lines {
			if err := in.Add(&lines[i], people.Key(&lines[i]), lines[i].AmountMinor); err != nil {
				return nil, err
			}
		}
		return people.Fresh(), s.registry.Keep(t.Context(), s.imports, people.Fresh())
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.registry.Done(t.Context(), s.imports); err != nil {
		t.Fatal(err)
	}
}

// analyse keeps the traits as of a day, with scores that are the same for all.
func (s *shop) analyse(t *testing.T, asOf day.Day) {
	t.Helper()
	r, err := query.Render(query.Traits{AsOf: asOf, Traits: query.BuiltIn()}, query.DuckDB{})
	if err != nil {
		t.Fatal(err)
	}
	s.exec(t, `CREATE OR REPLACE TABLE analysis AS SELECT $1::INTEGER AS as_of`, int32(asOf))
	s.exec(t, `CREATE OR REPLACE TABLE customer_state AS SELECT *, 5::INTEGER AS r, 4::INTEGER AS f, 3::INTEGER AS m, 'loyal' AS rfm_group, '' AS rfm_group_before,
		'active' AS lifecycle, 0.9::DOUBLE AS p_alive, 0.2::DOUBLE AS p_no_order_90d, 2.5::DOUBLE AS expected_orders_12m, 12345::BIGINT AS expected_value_minor FROM (`+r.SQL+`)`, r.Args...)
}

func (s *shop) exec(t *testing.T, text string, args ...any) {
	t.Helper()
	rows, err := s.warehouse.Ask(t.Context(), text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		continue
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

var start = day.New(2024, time.March, 1)

func bought(customer, order, product string, after day.Day, minor int64) event.OrderLine {
	return event.OrderLine{
		Customer: customer, Name: "Ann " + customer, Email: customer + "@example.com", Phone: "+49 30 1", Order: order, Product: product, ProductName: "A " + product, Category: "kitchen",
		Kind: event.Purchase, Day: start + after, AtUS: int64(start+after)*86400e6 + 36_000e6, QuantityMilli: 2000, AmountMinor: minor, Currency: "EUR", Market: "DE", Channel: "web",
		Promised: day.Unknown, Delivered: day.Unknown, PaidUntil: day.Unknown,
	}
}

func refunded(l event.OrderLine, after day.Day) event.OrderLine {
	l.Kind, l.Day, l.AtUS = event.Refund, start+after, int64(start+after)*86400e6
	return l
}

func TestAPage(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.Open(t, Schema, market.Schema))
	late := bought("ann", "2", "cup", 10, 1000)
	late.Promised, late.Delivered, late.PaidUntil = start+12, start+25, start+40
	s.take(
		t, bought("ann", "1", "mug", 0, 500), bought("ann", "1", "cup", 0, 250), late, bought("ann", "3", "mug", 20, 400), bought("ann", "4", "mug", 20, 100),
		refunded(bought("ann", "1", "cup", 0, 250), 15), bought("bob", "9", "mug", 5, 100),
	)
	s.analyse(t, start+30)
	p, err := s.Page(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "Ann ann" || p.Email != "ann@example.com" || p.Market != "DE" || p.Currency != "EUR" || p.AsOf != start+30 {
		t.Errorf("who: %+v", p)
	}
	if p.Orders != 4 || p.Spend.Decimal() != "22.50" || p.Refunds.Decimal() != "2.50" || p.AverageOrder.Decimal() != "5.63" || p.FirstOrderAt != start || p.LastOrderAt != start+20 || p.DaysSinceLast != 10 {
		t.Errorf("figures: %d orders, %s, %s, %s, %s to %s", p.Orders, p.Spend, p.Refunds, p.AverageOrder, p.FirstOrderAt, p.LastOrderAt)
	}
	if p.RFM != "543" || p.Group != "loyal" || *p.PAlive != 0.9 || p.ExpectedValue.Decimal() != "123.45" || p.Interval == nil || p.NextOrderAt != nil || *p.NextIfAny != start+50 || len(p.History) != 1 {
		t.Errorf("outlook: %+v", p)
	}
	var shown, told []string
	for _, o := range p.OrdersList {
		shown = append(shown, fmt.Sprint(o.ID, o.Kind[:1], len(o.Items)))
	}
	for _, m := range p.Timeline {
		told = append(told, fmt.Sprint(int(m.Day-start), " ", m.Kind, " ", m.Title))
	}
	if len(shown) != 5 || p.OrdersTotal != 5 || strings.Join(shown[2:], " ") != "1r1 2p1 1p2" {
		t.Errorf("orders: %v of %d", shown, p.OrdersTotal)
	}
	if got := strings.Join(told, ", "); !strings.HasPrefix(got, "25 late_delivery 2, 20 order ") || !strings.HasSuffix(got, "15 refund 1, 10 order 2, 0 first_order 1") {
		t.Errorf("timeline, newest first: %s", got)
	}
	if it := p.OrdersList[3].Items[0]; it.Name != "A cup" || it.Category != "kitchen" || it.Quantity != 2 || it.Amount.Decimal() != "10.00" {
		t.Errorf("item %+v", it)
	}
	if until := p.OrdersList[3].PaidUntil; until == nil || *until != start+40 || p.OrdersList[4].PaidUntil != nil {
		t.Errorf("paid until %v", until)
	}
	traits := map[string]any{}
	for _, tr := range p.Traits {
		traits[tr.Name] = tr.Value
	}
	if traits["late_deliveries"] != int32(1) || traits["last_delivery_late"] != true || traits["refund_orders"] != int32(1) || traits["favourite_product"] != "A mug" {
		t.Errorf("traits %v", traits)
	}
	if got := *s.seer.asked; fmt.Sprint(got.Days, got.Minor) != fmt.Sprint([]int32{int32(start), int32(start + 10), int32(start + 20)}, []int64{750, 1000, 500}) || s.seer.asOf != start+30 || s.seer.currency != "EUR" {
		t.Errorf("asked to foresee %+v", got)
	}
}

func TestUnknownCustomer(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.Open(t, Schema, market.Schema))
	for _, id := range []string{"nobody", "' OR '1'='1", ""} {
		_, err := s.Page(t.Context(), id)
		if f := fault.From(err); f.Reason != "profile.unknown_customer" || f.Where.Value != id || f.Next == "" {
			t.Errorf("%q gave %v", id, err)
		}
	}
}

// Who is not in the analysis has the days and the money of her orders, and no scores; without orders no day, not one of 1970.
func TestCustomersOutsideTheAnalysis(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.Open(t, Schema, market.Schema))
	s.take(t, bought("ann", "1", "mug", 0, 500), refunded(bought("ret", "8", "mug", 0, 300), 3))
	s.analyse(t, start+5)
	s.take(t, bought("new", "7", "mug", 9, 700))
	for id, want := range map[string]struct {
		first day.Day
		spend string
	}{"ret": {day.Unknown, "0.00 EUR"}, "new": {start + 9, "7.00 EUR"}} {
		p, err := s.Page(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if p.AsOf != day.Unknown || p.FirstOrderAt != want.first || p.LastOrderAt != want.first || p.Spend.String() != want.spend || p.Refunds.Currency != "EUR" || p.AverageOrder.Currency != "EUR" {
			t.Errorf("%s: %+v", id, p)
		}
		if p.OrdersTotal != 1 || len(p.Timeline) != 1 || p.PAlive != nil || p.Interval != nil || p.Traits == nil || p.History == nil {
			t.Errorf("%s: %+v", id, p)
		}
	}
	if s.seer.asked != nil {
		t.Error("nobody asks to foresee what the analysis does not know")
	}
}

// A refund may be dated before its customer's first purchase: the first order is a purchase all the same.
func TestTheFirstOrderIsAPurchase(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.Open(t, Schema, market.Schema))
	s.take(t, refunded(bought("ann", "0", "mug", 0, 300), 0), bought("ann", "1", "mug", 4, 500), bought("ann", "2", "mug", 6, 500))
	s.analyse(t, start+10)
	p, err := s.Page(t.Context(), "ann")
	if err != nil || len(p.Timeline) != 3 {
		t.Fatalf("%+v, %v", p, err)
	}
	if got := p.Timeline[0].Kind + " " + p.Timeline[1].Kind + " " + p.Timeline[2].Kind; got != "order first_order refund" {
		t.Errorf("timeline: %s", got)
	}
}

// A page has its bounds, and what it leaves out is the oldest.
func TestALargeCustomer(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.Open(t, Schema, market.Schema))
	var lines []event.OrderLine
	for o := range 210 {
		for l := range 30 {
			lines = append(lines, bought("big", fmt.Sprint("o", o), fmt.Sprint("p", l), day.Day(o), int64(100+l)))
		}
	}
	s.take(t, lines...)
	s.analyse(t, start+300)
	p, err := s.Page(t.Context(), "big")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.OrdersList) != maxOrders || p.OrdersTotal != 210 || len(p.OrdersList[0].Items) != 30 || len(p.OrdersList[100].Items) != 30 || p.OrdersList[0].ID != "o209" {
		t.Errorf("%d of %d orders, %d items in the newest", len(p.OrdersList), p.OrdersTotal, len(p.OrdersList[0].Items))
	}
	if last := p.Timeline[len(p.Timeline)-1]; last.Kind != "order" {
		t.Errorf("the oldest shown is no first order: %+v", last)
	}
}

// Keys are given once; those of an import that never was are free again.
func TestKeys(t *testing.T) {
	t.Parallel()
	for engine, st := range map[string]*store.Store{
		"sqlite": storetest.Open(t, Schema, market.Schema), "postgres": storetest.OpenAt(t, pgtest.Start(t).Database(t), Schema, market.Schema),
	} {
		s := open(t, st)
		odd := bought("단골\u00a0<1>", "1", "mug", 0, 500)
		s.take(t, odd, bought("bob", "2", "mug", 0, 500))
		lost, err := s.registry.People(t.Context())
		if err != nil || lost.Known() != 2 {
			t.Fatalf("%s: %v", engine, err)
		}
		l := bought("never", "3", "mug", 0, 500)
		key := lost.Key(&l)
		if err := s.registry.Keep(t.Context(), 77, lost.Fresh()); err != nil {
			t.Fatalf("%s: %v", engine, err)
		}
		if err := s.registry.Forget(t.Context(), 77); err != nil {
			t.Fatalf("%s: %v", engine, err)
		}
		again, err := s.registry.People(t.Context())
		if err != nil || again.Known() != 2 || again.Key(&l) != key || again.Key(&odd) == again.Key(&l) {
			t.Errorf("%s: %d customers, %v", engine, again.Known(), err)
		}
	}
}

func TestQueries(t *testing.T) { storetest.Prepare(t, Schema) }
