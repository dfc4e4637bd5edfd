package orders

import (
	"context"

	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

// Money is an amount as a decimal string with its currency.
type Money struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// SampleRow is one of the first rows, read as Stream would read it.
type SampleRow struct {
	Line        int64  `json:"line"`
	Customer    string `json:"customer"`
	Order       string `json:"order"`
	At          string `json:"at"`
	Kind        string `json:"kind"`
	Product     string `json:"product"`
	ProductName string `json:"product_name"`
	Category    string `json:"category"`
	Quantity    string `json:"quantity"`
	Amount      Money  `json:"amount"`
	Market      string `json:"market"`
	Outcome     string `json:"outcome"` // purchase, refund, or the reason for setting it aside
}

// PreviewTotals are what the file, or its first part, holds.
type PreviewTotals struct {
	LinesRead     int64            `json:"lines_read"`
	LinesAccepted int64            `json:"lines_accepted"`
	Orders        int64            `json:"orders"`
	Customers     int64            `json:"customers"`
	RefundLines   int64            `json:"refund_lines"`
	SetAside      map[Reason]int64 `json:"set_aside"`
	FirstDay      day.Day          `json:"first_day"`
	LastDay       day.Day          `json:"last_day"`
	Revenue       Money            `json:"revenue"` // in the file's main currency
	Refunds       Money            `json:"refunds"`
	ByCurrency    []Money          `json:"revenue_by_currency,omitempty"` // only where there are several
	Complete      bool             `json:"complete"`
}

// Preview is what would be taken in, shown before anything is.
type Preview struct {
	table.Info
	Mapping
	Sample []SampleRow   `json:"sample"`
	Totals PreviewTotals `json:"totals"`
}

// Inspect reads up to budget rows (0 means all) and shows what Stream would make of them. base is the currency
// to take where the file names none ("" for none). A fault about the file becomes a fatal Problem in the
// preview; an error means the file could not be read at all.
func Inspect(ctx context.Context, t *table.Table, o Options, base string, budget int64) (*Preview, error) {
	return nil, nil
}

// Counter counts distinct purchase orders and their customers over the lines it is shown.
type Counter struct{}

// NewCounter returns an empty counter.
func NewCounter() *Counter { return &Counter{} }

// Add counts the purchases among lines.
func (c *Counter) Add(lines []event.OrderLine) {}

// Orders is the number of distinct purchase orders so far.
func (c *Counter) Orders() int64 { return 0 }

// Customers is the number of distinct customers with a purchase so far.
func (c *Counter) Customers() int64 { return 0 }
