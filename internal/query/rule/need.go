package rule

import "time"

// Source is where facts come from.
type Source uint8

// The sources. Events are rows of the table event; Identified are its identify calls, one need for each attribute;
// Orders and Refunds are rows of orders, Lines the products of purchase orders.
const (
	Events Source = iota + 1
	Identified
	Orders
	Refunds
	Lines
)

// Need is a kind of fact that rules read, with the properties they look at: what audience keeps as a strand.
type Need struct {
	Source  Source
	Name    string   // of the event; "*" for any; of reserved names and attributes empty
	NameKey uint32   // 0 while no event of the name has come
	Props   []string // sorted; of Identified exactly one, the attribute
	Horizon time.Duration

	id string
}

// ID is stable over restarts and equal for equal needs. Horizon is no part of it.
func (n *Need) ID() string { return n.id }
