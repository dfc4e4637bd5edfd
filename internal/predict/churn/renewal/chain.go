// Package renewal knows what people have paid for by their orders, and how people renew: chains of orders that continue each other, the law by
// which these end, and what follows from it for one of them. Days are integers; it reads nothing and keeps nothing.
package renewal

import "math"

// Never stands for a day that is not known.
const Never = math.MinInt32

// Chain is what somebody has paid for by the orders so far. Orders that continue each other make a chain; of several that pay for the same days,
// the one that ends last counts.
type Chain struct {
	End      int32 // the last day that is paid for; Never before the first order that says
	Began    int32 // when the period that ends then began
	Renewals int   // how often the chain was continued
	Late     int   // how many of these came after the end
}

// New is the chain of somebody who has paid for nothing.
func New() Chain { return Chain{End: Never} }

// Step is what an order does to what is paid for.
type Step uint8

// The steps.
const (
	Besides Step = iota // it pays for nothing, or for no day more
	Begins              // it begins a chain; what there was before ended
	Renews
)

// Take adds the order of a day that pays until another, or Never. It continues the chain up to the last day of the grace.
func (c *Chain) Take(on, until, grace int32) Step {
	switch {
	case until == Never:
		return Besides
	case c.End == Never || on > c.End+grace:
		*c = Chain{End: until, Began: on}
		return Begins
	case until <= c.End:
		return Besides
	}
	c.Renewals++
	if on > c.End {
		c.Late++
	}
	c.Began, c.End = max(c.End, on), until
	return Renews
}

// Open says whether an order after a day may still continue the chain.
func (c *Chain) Open(on, grace int32) bool { return c.End != Never && c.End+grace > on }
