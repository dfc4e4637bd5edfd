package event

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"

	"github.com/dangol/dangol/internal/kit/day"
)

// Kind says what a line did.
type Kind uint8

// The kinds of order line.
const (
	Purchase Kind = 1
	Refund   Kind = 2
)

// Extent says of what a refund's amount is the sum so far.
type Extent uint8

// The extents. Only refunds told beside their purchases are sums.
const (
	Single  Extent = iota // a refund of its own, no sum
	OfLine                // what was given back of a product in an order
	OfOrder               // the part that falls to a line, of what was given back of its order
)

// OrderLine is one line of an order, as every source reports it: a file row, later a webhook or a track call.
// Amounts are positive integers in minor units of Currency; Kind tells a purchase from a refund.
// In a stream, the strings may alias a buffer that is valid only until the receiver returns.
type OrderLine struct {
	Customer      string  // the source's customer id, trimmed, never empty
	Order         string  // the source's order id; made from customer, date and ordinal where the source has none
	AtUS          int64   // microseconds since 1970 UTC
	Day           day.Day // calendar day in the shop's or market's zone
	Kind          Kind
	Product       string // SKU or product id, may be empty
	ProductName   string
	Category      string
	QuantityMilli int64  // thousandths, positive
	AmountMinor   int64  // line total in minor units, >= 0
	Currency      string // ISO 4217
	Market        string // market code or country as the source names it, may be empty
	Channel       string
	Promised      day.Day // promised delivery, day.Unknown where absent
	Delivered     day.Day
	PaidUntil     day.Day // the last day that the order pays for, of a subscription; day.Unknown where absent
	Name          string  // the customer's name, e-mail and phone, where the row carries them
	Email         string
	Phone         string
	Coupon        string
	SourceLine    int64 // 1-based line in the source, for error messages
	// SoFar is for refunds that a source tells beside their purchases: AmountMinor is all that was given back until now,
	// not one refund among others, and telling it again adds nothing.
	SoFar Extent
}

// Keys identify the line. The order key is the same for every line of one customer's order. The line hash covers
// the content: identical lines of one order share it on purpose, and are told apart by counting. What was given back
// so far of an order has one hash, whatever it comes to.
func (l *OrderLine) Keys() (order, line uint64) {
	var room [256]byte
	b := appendText(room[:0], l.Customer)
	b = appendText(b, l.Order)
	order = xxh3.Hash(b)
	if l.SoFar != Single {
		return order, xxh3.Hash(l.appendSoFar(b))
	}
	b = appendText(b, l.Product)
	if l.Product == "" { // a product without an id is known by its name
		b = appendText(b, l.ProductName)
	}
	b = appendText(b, l.Currency)
	b = binary.LittleEndian.AppendUint64(b, uint64(l.AtUS))
	b = binary.LittleEndian.AppendUint64(b, uint64(l.QuantityMilli))
	b = binary.LittleEndian.AppendUint64(b, uint64(l.AmountMinor))
	b = append(b, byte(l.Kind))
	return order, xxh3.Hash(b)
}

// appendSoFar adds what tells sums from single lines: their amounts grow, and are no part of them.
func (l *OrderLine) appendSoFar(b []byte) []byte {
	b = appendText(b, "\x00given back so far") // where the others have a product
	if l.SoFar == OfOrder {
		return b
	}
	if l.Product == "" {
		return appendText(b, l.ProductName)
	}
	return appendText(b, l.Product)
}

// appendText adds s with its length, so that no two field sequences give the same bytes.
func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}
