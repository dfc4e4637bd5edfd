package clv

import (
	"fmt"
	"math"
	"slices"

	"github.com/dangol/dangol/models/btyd"
)

// Outlook is what is expected of a customer in the days of the horizon.
type Outlook struct {
	// Known is false, and everything 0, for who had not ordered by the day.
	Known bool `json:"known"`
	// Orders counts days with an order. With probability Level as many as come
	// lie between OrdersLow and OrdersHigh, on average over customers.
	Orders     float64 `json:"orders"`
	OrdersLow  float64 `json:"orders_low"`
	OrdersHigh float64 `json:"orders_high"`
	// Spend is in the currency of the amounts, undiscounted; 0 without amounts.
	Spend     float64 `json:"spend"`
	SpendLow  float64 `json:"spend_low"`
	SpendHigh float64 `json:"spend_high"`
}

// block is how many customers are described at a time.
const block = 1 << 17

// Predict tells what to expect of each customer in the Horizon days after the
// end of day, which is Until or later; of histories only what came up to it is
// looked at. Traits are those that the model was fitted with, or nil.
func (m *Model) Predict(customers []History, day int32, traits Traits) ([]Outlook, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if day < m.Until {
		return nil, &Error{InvalidOption, fmt.Sprintf("the model has seen what came up to day %d and cannot predict from day %d; fit one until then", m.Until, day), -1}
	}
	if err := check(customers); err != nil {
		return nil, err
	}
	if m.Spend != nil && customers[0].Amounts == nil {
		return nil, &Error{InvalidHistory, "the model was fitted to amounts, and these histories have none; give them", -1}
	}
	g := &ground{day: day, ordering: m.Ordering, spend: m.Spending, amount: m.MeanAmount}
	who := known(customers, day, len(customers), 0)
	out := make([]Outlook, len(customers))
	for lo := 0; lo < len(who); lo += block {
		some := who[lo:min(lo+block, len(who))]
		r, err := describe(customers, []part{{g, window{day, m.Horizon}, some}}, traits)
		if err != nil {
			return nil, err
		}
		if err := m.tell(out, customers, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// check reports a model that was not saved by this package.
func (m *Model) check() error {
	if m.Ordering == nil || m.Orders == nil || m.Horizon < 1 || !(m.Level > 0 && m.Level < 1) {
		return &Error{InvalidModel, "the model has no horizon, level or way to predict; load one that was saved", -1}
	}
	if _, err := btyd.New(m.Ordering.Model, m.Ordering.Params); err != nil {
		return &Error{InvalidModel, "the model of ordering cannot be used: " + err.Error(), -1}
	}
	for _, t := range m.targets() {
		b := t.blend
		if b.Residual > 0 && t.counts() && len(b.ResidualTrees) == 0 || b.Direct > 0 && len(b.DirectTrees) == 0 ||
			slices.Contains(b.ResidualTrees, nil) || slices.Contains(b.DirectTrees, nil) {
			return &Error{InvalidModel, "the model lacks trees that have a share in its predictions; load one that was saved", -1}
		}
	}
	return nil
}

// tell fills in the outlooks of rows.
func (m *Model) tell(out []Outlook, customers []History, r *rows) error {
	var orders []float64
	for _, t := range m.targets() {
		parts, err := t.blend.parts(r, t, orders)
		if err != nil {
			return err
		}
		p := t.blend.mix(parts)
		if t.counts() {
			orders = p
		}
		parallel(len(p), func(k int) {
			h := customers[r.asOf[k].Customer]
			o := &out[r.asOf[k].Customer]
			o.Known = true
			switch banded := len(t.blend.Bands) > 0; {
			case t.counts():
				o.Orders = p[k]
				if banded {
					o.OrdersLow, o.OrdersHigh = t.blend.bandOf(r.orders[k]).interval(p[k])
				} else {
					o.OrdersLow, o.OrdersHigh = m.ordersInterval(h, r.asOf[k].Day)
				}
			case banded:
				b := t.blend.bandOf(r.orders[k])
				o.Spend, o.SpendLow, o.SpendHigh = p[k], p[k]*b.Low, p[k]*b.High
			default:
				o.Spend = p[k]
				o.SpendLow, o.SpendHigh = m.spendInterval(h, r.asOf[k].Day, p[k])
			}
		})
	}
	return nil
}

// ordersInterval is that of the ordering model, for want of a measured one.
func (m *Model) ordersInterval(h History, day int32) (low, high float64) {
	p, _ := h.pattern(day)
	from, to := m.Ordering.Interval(p, float64(m.Horizon), m.Level)
	return float64(from), float64(to)
}

// spendInterval is that of the models, or without a model of spending the
// orders' at the expected amount.
func (m *Model) spendInterval(h History, day int32, expected float64) (low, high float64) {
	p, _ := h.pattern(day)
	if m.Spending == nil {
		low, high = m.ordersInterval(h, day)
		each := expected / math.Max(m.Ordering.ConditionalExpected(p, float64(m.Horizon)), leastOrders)
		return low * each, high * each
	}
	sum := 0.0
	for _, v := range h.Amounts[1 : p.X+1] {
		sum += v
	}
	spent := btyd.SpendPattern{N: 1}
	if sum > 0 {
		spent.X, spent.Mean = p.X, sum/float64(p.X)
	}
	return btyd.ValueInterval(m.Ordering.Process, m.Spending.Spend, p, spent, float64(m.Horizon), m.Level)
}
