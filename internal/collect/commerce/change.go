package commerce

import (
	"encoding/json"
	"fmt"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

// Kind is what a change does to its order.
type Kind uint8

// The kinds of change.
const (
	Put     Kind = 1 + iota // the order is as these lines say
	Refund                  // some of it, or what is left of it, was given back
	Cancel                  // what is left of it was given back
	Deliver                 // its delivery was promised for a day, or came on one, or it pays until another day
)

// Change is what one event says of one order.
type Change struct {
	Kind      Kind    `json:"kind"`
	OrderID   string  `json:"order"`
	RefundID  string  `json:"refund,omitempty"` // of a Refund: the refund's own id, else the message id; a later change of the same refund replaces it
	VersionUS int64   `json:"version"`          // time of the event: by it, then by Place, changes count, whatever the order in which they came
	Place     uint64  `json:"place"`
	AtUS      int64   `json:"at"`  // of a Put: when the order was placed, as far as the event knows; otherwise when it happened
	Day       day.Day `json:"day"` // of AtUS, in the zone of the order's country
	// Whole is set for a Cancel, and for a Refund that names neither amount nor products: it gives back what is left.
	Whole bool `json:"whole,omitempty"`
	// Unpriced is set for a Refund that names products but no amounts: they are worth what they brought.
	Unpriced  bool              `json:"unpriced,omitempty"`
	Promised  day.Day           `json:"promised"`
	Delivered day.Day           `json:"delivered"`
	PaidUntil day.Day           `json:"paid_until"`      // the last day that the order pays for
	Lines     []event.OrderLine `json:"lines,omitempty"` // without Customer; their amounts sum to what was paid or given back
	// Assumed holds the properties of a later change that names no currency: they are read again in the order's own.
	Assumed json.RawMessage `json:"assumed,omitempty"`
}

// Encode writes the change as JSON, for the table that keeps it.
func (c *Change) Encode() ([]byte, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode change of order: %w", err)
	}
	return b, nil
}

// DecodeChange reads what Encode wrote.
func DecodeChange(b []byte) (Change, error) {
	c := Change{PaidUntil: day.Unknown} // changes that were kept before do not tell of it
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("decode change of order: %w", err)
	}
	return c, nil
}
