package rule

import (
	"time"

	"github.com/dangol/dangol/internal/query"
)

// Event is what is known of an event's name.
type Event struct {
	Key        uint32 // in the warehouse; 0 while no fact of the name has come
	Properties map[string]Kind
}

// Segment is one that rules may name.
type Segment struct {
	Name string
	Rule *Rule // nil: its members are chosen by hand
}

// Named is a trait with a name.
type Named struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"` // by language: en, ko, th
	Unit   query.Unit        `json:"unit,omitempty"`
	Trait  *Trait            `json:"trait"`
}

// Catalog is what rules can name, and the place they are read for.
type Catalog struct {
	Events     map[string]Event
	Attributes map[string]Kind
	State      query.Schema // of customer_state
	Traits     map[string]Named
	Segments   map[string]Segment
	Markets    []string
	Zone       *time.Location // nil is UTC
	Currency   string
	Digits     int // decimals of Currency
}
