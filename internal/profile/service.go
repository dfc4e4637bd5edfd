package profile

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/profile/graph"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/warehouse"
)

// What one page shows at most.
const (
	maxOrders = 200
	maxLines  = 5000
)

// Service shows customers.
type Service struct {
	warehouse *warehouse.Warehouse
	workspace *market.Workspace
	foresight Foresight
	registry  *Registry
	joined    Joined
}

// NewService joins the room to its engines. Phone numbers that name no country are of the one whose currency the workspace has.
func NewService(r *Registry, w *warehouse.Warehouse, ws *market.Workspace, f Foresight) *Service {
	r.Region(func(ctx context.Context) (string, error) {
		currency, err := ws.Currency(ctx)
		return graph.CountryOf(currency), err
	})
	return &Service{registry: r, warehouse: w, workspace: ws, foresight: f}
}

// Page gathers one customer by any of her identities.
func (s *Service) Page(ctx context.Context, id string) (*Page, error) {
	p := &Page{}
	key, err := s.registry.page(ctx, id, p)
	if err != nil {
		return nil, err
	}
	if p.Currency, err = s.workspace.Currency(ctx); err != nil {
		return nil, err
	}
	p.notAnalysed()
	if err := s.state(ctx, key, p); err != nil {
		return nil, err
	}
	bought, err := s.orders(ctx, key, p)
	if err != nil {
		return nil, err
	}
	p.onlyRefunds = len(bought.Days) == 0 && p.OrdersTotal > 0
	if p.AsOf == day.Unknown {
		if err := s.figures(ctx, key, p); err != nil {
			return nil, err
		}
	}
	if err := s.items(ctx, key, p); err != nil {
		return nil, err
	}
	if err := s.foresee(ctx, p, bought); err != nil {
		return nil, err
	}
	if p.Attributes, err = s.attributes(ctx, key); err != nil {
		return nil, err
	}
	if p.Segments, err = s.memberships(ctx, key); err != nil {
		return nil, err
	}
	p.summarise()
	return p, nil
}

// state reads the customer's row of the last analysis.
func (s *Service) state(ctx context.Context, key int64, p *Page) error {
	rows, err := s.warehouse.Ask(ctx, `SELECT a.as_of, s.* FROM customer_state s, analysis a WHERE s.customer_key = $1::UINTEGER`, key)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return fmt.Errorf("customer state: %w", err)
	}
	values := make([]any, len(names))
	dest := make([]any, len(names))
	for i := range values {
		dest[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("customer state: %w", err)
		}
		state := make(map[string]any, len(names))
		for i, n := range names {
			state[n] = values[i]
		}
		p.take(state)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("customer state: %w", err)
	}
	return nil
}

// lastDay is the last day that the page counts: that of the analysis, so that figures and orders tell of one moment.
func (p *Page) lastDay() day.Day {
	if p.AsOf == day.Unknown {
		return math.MaxInt32
	}
	return p.AsOf
}

// notAnalysed is what is known of a customer whom the last analysis does not hold: she came after it, or has only refunds.
func (p *Page) notAnalysed() {
	p.AsOf, p.FirstOrderAt, p.LastOrderAt = day.Unknown, day.Unknown, day.Unknown
	p.Spend, p.Refunds, p.AverageOrder = market.Zero(p.Currency), market.Zero(p.Currency), market.Zero(p.Currency)
	p.Traits = []Trait{}
}

func (p *Page) take(state map[string]any) {
	money := func(name string) market.Money { return market.New(whole(state[name]), p.Currency) }
	p.AsOf = day.Day(whole(state["as_of"]))
	p.Market, _ = state["last_market"].(string)
	p.Orders, p.DaysSinceLast = whole(state["orders"]), whole(state["days_since_last_order"])
	p.Spend, p.Refunds, p.AverageOrder = money("spend"), money("refunds"), money("avg_order_value")
	p.FirstOrderAt, p.LastOrderAt = day.Day(whole(state["first_order_day"])), day.Day(whole(state["last_order_day"]))
	p.PAlive, p.PNoOrder90d, p.Expected = share(state["p_alive"]), share(state["p_no_order_90d"]), share(state["expected_orders_12m"])
	if state["expected_value_minor"] != nil {
		v := money("expected_value_minor")
		p.ExpectedValue = &v
	}
	p.RFM = strconv.FormatInt(whole(state["r"]), 10) + strconv.FormatInt(whole(state["f"]), 10) + strconv.FormatInt(whole(state["m"]), 10)
	p.Group, _ = state["rfm_group"].(string)
	p.GroupBefore, _ = state["rfm_group_before"].(string)
	p.Lifecycle, _ = state["lifecycle"].(string)
	for _, t := range query.BuiltIn() {
		c := t.Column()
		v := state[t.Name]
		switch c.Type {
		case query.TypeMoney:
			if v != nil {
				v = market.New(whole(v), p.Currency)
			}
		case query.TypeDay:
			if v != nil {
				v = day.Day(whole(v))
			}
		}
		p.Traits = append(p.Traits, Trait{Name: t.Name, Label: t.Label, Unit: string(c.Unit), Kind: string(c.Type), Value: v})
	}
}

// whole reads any integer DuckDB gives.
func whole(v any) int64 {
	switch n := v.(type) {
	case int64:
		return n
	case int32:
		return int64(n)
	case uint32:
		return int64(n)
	case uint8:
		return int64(n)
	case int8:
		return int64(n)
	case int16:
		return int64(n)
	case uint16:
		return int64(n)
	case uint64:
		return int64(n)
	}
	return 0
}

func share(v any) *float64 {
	x, ok := v.(float64)
	if !ok {
		return nil
	}
	return &x
}

// orders reads the customer's orders, newest first, and returns the purchases by day, oldest first.
func (s *Service) orders(ctx context.Context, key int64, p *Page) (Purchases, error) {
	var bought Purchases
	rows, err := s.warehouse.Ask(ctx, `SELECT order_id, at_us, day, kind, amount_minor, base_minor, currency, lines, coalesce(market, ''), coalesce(channel, ''), promised_day, delivered_day, paid_until_day
		FROM orders WHERE customer_key = $1::UINTEGER AND day <= $2 ORDER BY at_us DESC, order_key DESC, kind DESC`, key, int32(p.lastDay()))
	if err != nil {
		return bought, err
	}
	defer func() { _ = rows.Close() }()
	p.OrdersList = []Order{}
	var days []int32
	var minors []int64
	for rows.Next() {
		var o Order
		var us, amount, base int64
		var d int32
		var kind uint8
		var currency string
		if err := rows.Scan(&o.ID, &us, &d, &kind, &amount, &base, &currency, &o.Lines, &o.Market, &o.Channel, &o.Promised, &o.Delivered, &o.PaidUntil); err != nil {
			return bought, fmt.Errorf("customer orders: %w", err)
		}
		o.At, o.Day, o.Items = time.UnixMicro(us).UTC(), day.Day(d), []Item{}
		o.Kind = "purchase"
		if kind == 2 {
			o.Kind = "refund"
		} else if n := len(days); n > 0 && days[n-1] == d {
			minors[n-1] += base
		} else {
			days, minors = append(days, d), append(minors, base)
		}
		o.Amount, o.Base = market.New(amount, currency), market.New(base, p.Currency)
		o.late()
		p.OrdersTotal++
		if len(p.OrdersList) < maxOrders {
			p.OrdersList = append(p.OrdersList, o)
		}
	}
	if err := rows.Err(); err != nil {
		return bought, fmt.Errorf("customer orders: %w", err)
	}
	for i := len(days) - 1; i >= 0; i-- {
		bought.Days, bought.Minor = append(bought.Days, days[i]), append(bought.Minor, minors[i])
	}
	p.tell()
	return bought, nil
}

// late notes by how many days the delivery was late, where that is known.
func (o *Order) late() {
	if o.Promised != nil && o.Delivered != nil {
		days := int(max(0, *o.Delivered-*o.Promised))
		o.LateDays = &days
	}
}

// tell makes the timeline of the orders shown. A delivery is told on its own day, not on its order's.
func (p *Page) tell() {
	p.Timeline = []Moment{}
	first := -1 // the oldest purchase, where it is among the orders shown
	for i := range p.OrdersList {
		if p.OrdersList[i].Kind == "purchase" && p.OrdersTotal <= maxOrders {
			first = i
		}
	}
	for i := range p.OrdersList {
		o := &p.OrdersList[i]
		if o.LateDays != nil && *o.LateDays > 0 {
			p.Timeline = append(p.Timeline, Moment{At: o.Delivered.Time(), Day: *o.Delivered, Kind: "late_delivery", Title: o.ID, Days: *o.LateDays})
		}
		m := Moment{At: o.At, Day: o.Day, Kind: "order", Title: o.ID, Money: &o.Amount}
		if o.Kind == "refund" {
			m.Kind = "refund"
		} else if i == first {
			m.Kind = "first_order"
		}
		p.Timeline = append(p.Timeline, m)
	}
	slices.SortStableFunc(p.Timeline, func(a, b Moment) int { return cmp.Or(cmp.Compare(b.Day, a.Day), b.At.Compare(a.At)) })
}

// items reads the lines of the orders shown; where there are too many, the oldest orders go without.
func (s *Service) items(ctx context.Context, key int64, p *Page) error {
	if len(p.OrdersList) == 0 {
		return nil
	}
	oldest := p.OrdersList[len(p.OrdersList)-1].At.UnixMicro()
	rows, err := s.warehouse.Ask(ctx, `SELECT l.order_id, l.kind, coalesce(r.id, ''), coalesce(r.name, ''), coalesce(r.category, ''), l.quantity_milli, l.amount_minor, l.currency
		FROM order_line l LEFT JOIN product r ON r.key = l.product_key WHERE l.customer_key = $1::UINTEGER AND l.at_us >= $2 ORDER BY l.at_us DESC, l.line_hash LIMIT $3`, key, oldest, maxLines)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	type which struct {
		id   string
		kind string
	}
	at := map[which]int{}
	for i := range p.OrdersList {
		at[which{p.OrdersList[i].ID, p.OrdersList[i].Kind}] = i
	}
	for rows.Next() {
		var id, currency string
		var kind uint8
		var it Item
		var milli, minor int64
		if err := rows.Scan(&id, &kind, &it.Product, &it.Name, &it.Category, &milli, &minor, &currency); err != nil {
			return fmt.Errorf("order lines: %w", err)
		}
		it.Quantity, it.Amount = float64(milli)/1000, market.New(minor, currency)
		w := which{id, "purchase"}
		if kind == 2 {
			w.kind = "refund"
		}
		if i, ok := at[w]; ok {
			p.OrdersList[i].Items = append(p.OrdersList[i].Items, it)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("order lines: %w", err)
	}
	return nil
}

func (s *Service) foresee(ctx context.Context, p *Page, bought Purchases) error {
	p.History = []Chance{}
	if p.Expected == nil || len(bought.Days) == 0 {
		return nil // the analysis gave no number, so none is made here
	}
	o, err := s.foresight.Look(ctx, p.AsOf, bought, p.Currency)
	if err != nil {
		return err
	}
	p.Interval = o.Range
	if o.HasAlive {
		p.History = o.History
	}
	if o.NextDay != day.Unknown {
		p.NextOrderAt = &o.NextDay
	}
	if o.NextIf != day.Unknown {
		p.NextIfAny = &o.NextIf
	}
	return nil
}
