package insight

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
)

// movementDays is how far back groups are compared; customer_state keeps the group of that day.
const movementDays = 90

// cell is one (r, f, m) with its sums.
type cell struct {
	r, f, m                              int
	group                                string
	customers, spend, recency, orders    int64
	recencyMost, ordersLeast, spendLeast int64
}

// Over a fresh analysis the same cells are read from customer_state, an order of magnitude faster.
const stateCells = `SELECT r, f, m, min(rfm_group), count(*), sum(spend)::BIGINT, sum(days_since_last_order)::BIGINT, sum(orders)::BIGINT,
 max(days_since_last_order), min(orders), min(spend) FROM customer_state GROUP BY r, f, m ORDER BY r, f, m`

const stateMoves = `SELECT CASE WHEN rfm_group_before = '' THEN 'none' ELSE rfm_group_before END AS b, rfm_group, count(*) FROM customer_state GROUP BY 1, 2 ORDER BY 1, 2`

// RFM answers the report on recency, frequency and money.
func (s *Service) RFM(ctx context.Context, asOf day.Day, marketName string) (RFM, error) {
	sc, err := s.scope(ctx, asOf, marketName)
	if err != nil {
		return RFM{}, err
	}
	return cached(ctx, s, sc.key("rfm"), func(ctx context.Context) (RFM, error) { return s.rfm(ctx, sc) })
}

func (s *Service) rfm(ctx context.Context, sc scope) (RFM, error) {
	cells, err := s.cells(ctx, sc)
	if err != nil {
		return RFM{}, err
	}
	expected, err := s.expectedByGroup(ctx, sc)
	if err != nil {
		return RFM{}, err
	}
	flows, err := s.flows(ctx, sc)
	if err != nil {
		return RFM{}, err
	}
	return RFM{
		AsOf: sc.asOf, Method: query.MethodRFM, Scores: 5, Cells: grid(sc, cells), Groups: groups(sc, cells, expected),
		Movement: Movement{From: sc.asOf - movementDays, To: sc.asOf, Flows: flows}, Breaks: breaks(sc, cells),
	}, nil
}

func (s *Service) cells(ctx context.Context, sc scope) ([]cell, error) {
	var out []cell
	read := func(scan scanner) error {
		var c cell
		err := scan(&c.r, &c.f, &c.m, &c.group, &c.customers, &c.spend, &c.recency, &c.orders, &c.recencyMost, &c.ordersLeast, &c.spendLeast)
		out = append(out, c)
		return err
	}
	if sc.analysed && sc.market == "" {
		err := s.each(ctx, stateCells, nil, read)
		return out, err
	}
	err := s.ask(ctx, query.RFMCells{AsOf: sc.asOf, Market: sc.market}, read)
	return out, err
}

func (s *Service) flows(ctx context.Context, sc scope) ([]Flow, error) {
	out := []Flow{}
	read := func(scan scanner) error {
		var f Flow
		err := scan(&f.From, &f.To, &f.Customers)
		out = append(out, f)
		return err
	}
	var err error
	if sc.analysed && sc.market == "" {
		err = s.each(ctx, stateMoves, nil, read)
	} else {
		err = s.ask(ctx, query.RFMMovement{From: sc.asOf - movementDays, To: sc.asOf, Market: sc.market}, read)
	}
	sortFlows(out)
	return out, err
}

// expectedByGroup sums what the analysis expects; without an analysis of the day it is empty.
func (s *Service) expectedByGroup(ctx context.Context, sc scope) (map[string]int64, error) {
	out := map[string]int64{}
	if !sc.analysed {
		return out, nil
	}
	text, args := `SELECT rfm_group, sum(expected_value_minor)::BIGINT FROM customer_state GROUP BY 1`, []any(nil)
	if sc.market != "" {
		r, err := query.Render(query.RFM{AsOf: sc.asOf, Market: sc.market}, s.dialect)
		if err != nil {
			return nil, err
		}
		text = `SELECT a.rfm_group, sum(s.expected_value_minor)::BIGINT FROM (` + r.SQL + `) a JOIN customer_state s ON s.customer_key = a.customer_key GROUP BY 1`
		args = r.Args
	}
	err := s.each(ctx, text, args, func(scan scanner) error {
		var group string
		var v sql.NullInt64
		err := scan(&group, &v)
		if v.Valid {
			out[group] = v.Int64
		}
		return err
	})
	return out, err
}

func grid(sc scope, cells []cell) []Cell {
	out := []Cell{}
	for r := 1; r <= 5; r++ {
		for f := 1; f <= 5; f++ {
			t := add(cells, func(c cell) bool { return c.r == r && c.f == f })
			out = append(out, Cell{R: r, F: f, Customers: t.customers, Spend: sc.money(t.spend), AvgRecency: ratio(t.recency, t.customers), AvgOrders: ratio(t.orders, t.customers)})
		}
	}
	return out
}

func groups(sc scope, cells []cell, expected map[string]int64) []GroupRow {
	all := add(cells, func(cell) bool { return true })
	out := []GroupRow{}
	for _, g := range query.Groups() {
		t := add(cells, func(c cell) bool { return c.group == string(g) })
		row := GroupRow{
			Group: string(g), Customers: t.customers, Share: ratio(t.customers, all.customers), Spend: sc.money(t.spend), SpendShare: ratio(t.spend, all.spend),
			AvgRecency: ratio(t.recency, t.customers), AvgOrders: ratio(t.orders, t.customers),
		}
		if v, ok := expected[string(g)]; ok {
			m := sc.money(v)
			row.ExpectedValue = &m
		}
		out = append(out, row)
	}
	return out
}

func add(cells []cell, which func(cell) bool) (t cell) {
	for _, c := range cells {
		if which(c) {
			t.customers += c.customers
			t.spend += c.spend
			t.recency += c.recency
			t.orders += c.orders
		}
	}
	return t
}

// breaks are the worst values that still reach each score. A score that nobody has needs what the
// next higher one needs; above the highest given score there is no value.
func breaks(sc scope, cells []cell) Breaks {
	b := Breaks{Recency: []int64{}, Orders: []int64{}, Spend: []market.Money{}}
	reach := func(score int, of func(cell) (int, int64), worst func(a, b int64) int64) (v int64, found bool) {
		for _, c := range cells {
			if s, x := of(c); s >= score {
				if !found {
					v = x
				}
				v, found = worst(v, x), true
			}
		}
		return v, found
	}
	most := func(a, b int64) int64 { return max(a, b) }
	least := func(a, b int64) int64 { return min(a, b) }
	for score := 2; score <= 5; score++ {
		if v, ok := reach(score, func(c cell) (int, int64) { return c.r, c.recencyMost }, most); ok {
			b.Recency = append(b.Recency, v)
		}
		if v, ok := reach(score, func(c cell) (int, int64) { return c.f, c.ordersLeast }, least); ok {
			b.Orders = append(b.Orders, v)
		}
		if v, ok := reach(score, func(c cell) (int, int64) { return c.m, c.spendLeast }, least); ok {
			b.Spend = append(b.Spend, sc.money(v))
		}
	}
	return b
}

// sortFlows puts flows in the order of the groups.
func sortFlows(flows []Flow) {
	rank := func(g string) int { return slices.Index(query.Groups(), query.Group(g)) }
	slices.SortFunc(flows, func(a, b Flow) int {
		return cmp.Or(cmp.Compare(rank(a.From), rank(b.From)), cmp.Compare(rank(a.To), rank(b.To)))
	})
}
