package ref

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query"
)

// Data is what the warehouse holds: lines, the orders made of them, and products.
type Data struct {
	Lines    []Line
	Orders   []Order
	Products []Product
}

// Kinds of lines and orders.
const (
	Purchase = 1
	Refund   = 2
)

// Line is a row of order_line.
type Line struct {
	Customer      uint32
	Order         uint64
	AtUS          int64
	Day           day.Day
	Kind          int
	Product       uint32
	QuantityMilli int64
	Amount        int64 // base currency, minor units
	Market        string
	Channel       string
	Coupon        string
	Promised      day.Day // day.Unknown where unset
	Delivered     day.Day
	PaidUntil     day.Day
}

// Order is a row of orders.
type Order struct {
	Line
	Lines int
}

// Product is a row of product.
type Product struct {
	Key                uint32
	ID, Name, Category string
}

func (p Product) label() string { return cmp.Or(p.Name, p.ID) }

// OrdersOf takes the lines of each order and kind together, as the warehouse does.
func OrdersOf(lines []Line) []Order {
	type id struct {
		customer uint32
		order    uint64
		kind     int
	}
	at := map[id]int{}
	var out []Order
	for _, l := range lines {
		k := id{l.Customer, l.Order, l.Kind}
		i, ok := at[k]
		if !ok {
			at[k] = len(out)
			out = append(out, Order{Line: l, Lines: 1})
			continue
		}
		o := &out[i]
		o.Lines++
		o.QuantityMilli += l.QuantityMilli
		o.Amount += l.Amount
		o.AtUS, o.Day = min(o.AtUS, l.AtUS), min(o.Day, l.Day)
		o.Coupon = max(o.Coupon, l.Coupon)
		o.Promised, o.Delivered, o.PaidUntil = max(o.Promised, l.Promised), max(o.Delivered, l.Delivered), max(o.PaidUntil, l.PaidUntil)
	}
	return out
}

func (d Data) product(key uint32) Product {
	for _, p := range d.Products {
		if p.Key == key {
			return p
		}
	}
	return Product{}
}

// purchases are the purchase orders up to a day, in a market if one is named, in time order.
func (d Data) purchases(upTo day.Day, market string) []Order { return d.orders(Purchase, upTo, market) }

func (d Data) orders(kind int, upTo day.Day, market string) []Order {
	var out []Order
	for _, o := range d.Orders {
		if o.Kind == kind && o.Day <= upTo && (market == "" || o.Market == market) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b Order) int { return cmp.Or(cmp.Compare(a.AtUS, b.AtUS), cmp.Compare(a.Order, b.Order)) })
	return out
}

// byCustomer parts orders by their customer; keys lists the customers in order.
func byCustomer(orders []Order) (keys []uint32, of map[uint32][]Order) {
	of = map[uint32][]Order{}
	for _, o := range orders {
		if of[o.Customer] == nil {
			keys = append(keys, o.Customer)
		}
		of[o.Customer] = append(of[o.Customer], o)
	}
	slices.Sort(keys)
	return keys, of
}

// Table is an answer. Values are int64, float64, string, bool, or nil for unset.
type Table struct {
	Columns []query.Column
	Rows    [][]any
}

// Answer answers a question over data.
func Answer(q query.Question, d Data) (Table, error) {
	p, err := q.Plan() // for the checks and the columns only
	if err != nil {
		return Table{}, err
	}
	t := Table{Columns: p.Columns}
	switch q := q.(type) {
	case query.Traits:
		t.Rows = traits(q, d)
	case query.RFM:
		t.Rows = rfm(q, d)
	case query.RFMCells:
		t.Rows = rfmCells(query.RFM(q), d)
	case query.RFMMovement:
		t.Rows = rfmMovement(q, d)
	case query.Cohorts:
		t.Rows = cohorts(q, d)
	case query.KPI:
		t.Rows = kpi(q, d)
	default:
		return Table{}, fmt.Errorf("ref: no answer to %T", q)
	}
	return t, nil
}
