package tally

import (
	"github.com/zeebo/xxh3"

	"github.com/dangol/dangol/internal/event"
)

// Counter counts distinct purchase orders and their customers over the lines it is shown, in a few bytes each.
type Counter struct {
	orders, customers Ordinals
	last              uint64
}

// NewCounter returns an empty counter.
func NewCounter() *Counter { return &Counter{} }

// Add counts the purchases among lines.
func (c *Counter) Add(lines []event.OrderLine) {
	for i := range lines {
		l := &lines[i]
		if l.Kind != event.Purchase {
			continue
		}
		customer := xxh3.HashString(l.Customer)
		key := xxh3.HashString(l.Order) ^ Mix(customer)
		if key == c.last {
			continue // the lines of an order mostly stand together
		}
		c.last = key
		c.orders.Next(key)
		c.customers.Next(customer)
	}
}

// Orders is the number of distinct purchase orders so far.
func (c *Counter) Orders() int64 { return c.orders.Distinct() }

// Customers is the number of distinct customers with a purchase so far.
func (c *Counter) Customers() int64 { return c.customers.Distinct() }
