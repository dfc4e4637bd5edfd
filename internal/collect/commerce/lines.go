package commerce

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/market"
)

// item is a product of an order.
type item struct {
	id, name, category, coupon string
	quantityMilli              int64
	minor                      int64 // price times quantity
	priced                     bool
}

// maxQuantityMilli bounds a quantity to a thousand million.
const maxQuantityMilli = 1_000_000_000_000

// items reads the products.
func (o *order) items() (t *event.Trouble) {
	if !o.products0.IsArray() {
		return nil // a sentence where products should be is kept with the event, and the order is one line
	}
	digits := market.Digits(o.line.Currency)
	at := -1
	o.products0.ForEach(func(_, v gjson.Result) bool {
		at++
		if !v.IsObject() {
			return true
		}
		if len(o.products) == mostProducts {
			t = &event.Trouble{
				Reason: tooMany, Sentence: fmt.Sprintf("the order has more than %d products", mostProducts),
				Next: "Send one product a line, with its quantity.",
			}
			return false
		}
		var p item
		var some bool
		if p, some, t = o.product(v, digits, at); t == nil && some {
			o.products = append(o.products, p)
			o.sum += p.minor
		}
		return t == nil
	})
	return t
}

// product reads one product; some is false where its quantity is zero.
func (o *order) product(v gjson.Result, digits, at int) (p item, some bool, t *event.Trouble) {
	var quantity, price, paid gjson.Result
	var sku, id string
	v.ForEach(func(key, f gjson.Result) bool {
		switch key.Str {
		case "product_id":
			p.id = word(f)
		case "productId", "id":
			id = first(id, word(f))
		case "sku":
			sku = word(f)
		case "name":
			p.name = word(f)
		case "category":
			p.category = word(f)
		case "coupon":
			p.coupon = word(f)
		case "quantity":
			quantity = f
		case "price":
			price = f
		case "line_total":
			paid = f
		}
		return true
	})
	p.id = first(p.id, id, sku)
	q, given, ok := read(quantity)
	if !given {
		q = decimal{mantissa: 1}
	}
	if p.quantityMilli, some = q.scaled(3); !ok || !some || p.quantityMilli > maxQuantityMilli || q.negative && o.kind == Put {
		return p, false, &event.Trouble{
			Reason: badQuantity, Sentence: fmt.Sprintf("properties.products[%d].quantity is %s, which is no number of pieces", at, cut(quantity.Raw)),
			Next: "Send a positive number.",
		}
	}
	field := "price"
	if paid.Exists() { // what the line brought, where its discount is known
		field, price, q = "line_total", paid, decimal{mantissa: 1}
	}
	m, priced, ok := read(price)
	if !ok || m.negative && m.mantissa > 0 && o.kind == Put {
		return p, false, o.unreadable(fmt.Sprintf("products[%d].%s", at, field), price)
	}
	if p.priced = priced; priced {
		if p.minor, ok = m.times(q, digits); !ok {
			return p, false, tooLarge(fmt.Sprintf("products[%d].%s", at, field), price)
		}
	}
	return p, p.quantityMilli > 0, nil
}

func (o *order) unreadable(field string, v gjson.Result) *event.Trouble {
	return &event.Trouble{
		Reason: badAmount, Sentence: fmt.Sprintf("properties.%s is %s, which is no amount of money", field, cut(v.Raw)),
		Next: "Send a positive decimal in major units, such as 25.00; a refund is told by the event's name.",
	}
}

func tooLarge(field string, v gjson.Result) *event.Trouble {
	return &event.Trouble{
		Reason: tooMuch, Sentence: fmt.Sprintf("properties.%s is %s, which is more than can be counted", field, cut(v.Raw)),
		Next: "Check the amount; it is in major units, such as 25.00.",
	}
}

// amount reads one amount; only those that settle the revenue are read, so that a discount of "10%" does no harm.
func (o *order) amount(which int) (minor int64, given bool, t *event.Trouble) {
	v := o.amounts[which]
	d, given, ok := read(v)
	if !ok || d.negative && d.mantissa > 0 && o.kind == Put && which != discount {
		return 0, false, o.unreadable(amountNames[which], v)
	}
	if minor, ok = d.scaled(market.Digits(o.line.Currency)); !ok {
		return 0, false, tooLarge(amountNames[which], v)
	}
	return minor, given, nil
}

// revenue is what the goods brought or, of a refund, what was given back for them; given is false where nothing says.
func (o *order) revenue() (minor int64, given bool, t *event.Trouble) {
	for _, which := range []int{revenue, subtotal, total, value} {
		if minor, given, t = o.amount(which); t != nil {
			return 0, false, t
		}
		if !given {
			continue
		}
		if which != total {
			return minor, true, nil
		}
		for _, apart := range []int{shipping, tax} {
			less, _, t := o.amount(apart)
			if t != nil {
				return 0, false, t
			}
			minor = max(0, minor-less)
		}
		if o.kind != Put && o.sum > 0 {
			// The products of a refund may be the whole order's, and its total may hold the shipping: neither is exceeded.
			minor = min(minor, o.sum)
		}
		return minor, true, nil
	}
	for _, p := range o.products {
		given = given || p.priced
	}
	if !given {
		return 0, false, nil
	}
	less, _, t := o.amount(discount)
	return max(0, o.sum-less), true, t
}

// lines spreads the amount over the products; an order without products is one line.
func (o *order) lines(amount int64, given bool) []event.OrderLine {
	if len(o.products) == 0 {
		l := o.line
		l.QuantityMilli, l.AmountMinor = 1000, amount
		return []event.OrderLine{l}
	}
	lines := make([]event.OrderLine, len(o.products))
	shares := o.shares(amount, given)
	for i, p := range o.products {
		l := o.line
		l.Product, l.ProductName, l.Category = p.id, p.name, p.category
		l.Coupon = first(l.Coupon, p.coupon)
		l.QuantityMilli, l.AmountMinor = p.quantityMilli, shares[i]
		lines[i] = l
	}
	return lines
}

// shares divides the amount among the products so that they sum to it exactly.
func (o *order) shares(amount int64, given bool) []int64 {
	weights := make([]int64, len(o.products))
	unpriced := false
	for i, p := range o.products {
		weights[i] = p.minor
		unpriced = unpriced || !p.priced
	}
	switch {
	case !given || amount == o.sum:
		return weights
	case unpriced && amount > o.sum:
		// What the priced ones leave belongs to the others, by their pieces.
		rest := make([]int64, len(weights))
		for i, p := range o.products {
			if !p.priced {
				rest[i] = p.quantityMilli
			}
		}
		for i, more := range spread(amount-o.sum, rest) {
			weights[i] += more
		}
		return weights
	case o.sum == 0:
		for i, p := range o.products {
			weights[i] = p.quantityMilli
		}
	}
	return spread(amount, weights)
}

// spread divides amount in proportion to weights, none negative and some positive; what rounding leaves goes, unit by unit, to the largest remainders,
// the earlier of equal ones first.
func spread(amount int64, weights []int64) []int64 {
	var sum uint64
	for _, w := range weights {
		sum += uint64(w)
	}
	type remainder struct {
		index int
		left  uint64
	}
	parts, left := make([]int64, len(weights)), make([]remainder, len(weights))
	rest := amount
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(amount), uint64(w))
		q, r := bits.Div64(hi, lo, sum)
		parts[i], left[i] = int64(q), remainder{i, r}
		rest -= int64(q)
	}
	slices.SortStableFunc(left, func(a, b remainder) int {
		switch {
		case a.left > b.left:
			return -1
		case a.left < b.left:
			return 1
		}
		return a.index - b.index
	})
	for i := range rest {
		parts[left[i].index]++
	}
	return parts
}

// sameProduct tells whether two lines are of one product; one without an id is known by its name, as in files.
func sameProduct(a, b *event.OrderLine) bool {
	if a.Product != "" || b.Product != "" {
		return a.Product == b.Product
	}
	return strings.EqualFold(a.ProductName, b.ProductName)
}
