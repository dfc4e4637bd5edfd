package ref

import (
	"cmp"
	"slices"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query"
)

// rows are one customer's rows of a source up to a day, in time order.
func (d Data) rows(s query.Source, customer uint32, asOf day.Day) []row {
	switch s {
	case query.Lines:
		return d.lineRows(customer, asOf)
	case query.CustomerDays:
		return d.dayRows(customer, asOf)
	}
	kind := Purchase
	if s == query.Refunds {
		kind = Refund
	}
	var out []row
	for _, o := range d.orders(kind, asOf, "") {
		if o.Customer == customer {
			out = append(out, row{day: o.Day, props: orderProps(o, asOf)})
		}
	}
	return out
}

func orderProps(o Order, asOf day.Day) map[string]any {
	p := lineProps(o.Line)
	p["lines"] = int64(o.Lines)
	if o.Promised != day.Unknown && o.Delivered != day.Unknown && o.Delivered <= asOf {
		p["late"] = o.Delivered > o.Promised
		p["late_days"] = int64(o.Delivered - o.Promised)
	}
	if o.PaidUntil != day.Unknown {
		p["paid_until_day"] = int64(o.PaidUntil)
	}
	return p
}

func lineProps(l Line) map[string]any {
	return map[string]any{
		"day": int64(l.Day), "amount": l.Amount, "quantity": float64(l.QuantityMilli) / 1000,
		"market": l.Market, "channel": l.Channel, "coupon": l.Coupon,
	}
}

func (d Data) lineRows(customer uint32, asOf day.Day) []row {
	var lines []Line
	for _, l := range d.Lines {
		if l.Customer == customer && l.Kind == Purchase && l.Day <= asOf {
			lines = append(lines, l)
		}
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Or(cmp.Compare(a.AtUS, b.AtUS), cmp.Compare(a.Product, b.Product)) })
	var out []row
	for _, l := range lines {
		p := d.product(l.Product)
		props := lineProps(l)
		props["product"], props["category"] = p.label(), p.Category
		out = append(out, row{day: l.Day, props: props, code: int64(l.Product)})
	}
	return out
}

func (d Data) dayRows(customer uint32, asOf day.Day) []row {
	var out []row
	for _, o := range d.purchases(asOf, "") {
		if o.Customer != customer {
			continue
		}
		i := slices.IndexFunc(out, func(r row) bool { return r.day == o.Day })
		if i < 0 {
			i = len(out)
			out = append(out, row{day: o.Day, props: map[string]any{"day": int64(o.Day), "amount": int64(0), "orders": int64(0)}})
		}
		out[i].props["amount"] = out[i].props["amount"].(int64) + o.Amount
		out[i].props["orders"] = out[i].props["orders"].(int64) + 1
	}
	slices.SortFunc(out, func(a, b row) int { return cmp.Compare(a.day, b.day) })
	for i := range out {
		out[i].props["first"] = i == 0
	}
	return out
}
