package orders

import (
	"context"

	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

// Reason is why a row was set aside; stable, shown to people and counted.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	MalformedRow       Reason = "malformed_row"
	MissingCustomer    Reason = "missing_customer"
	MissingOrder       Reason = "missing_order"
	UnreadableDate     Reason = "unreadable_date"
	ImpossibleDate     Reason = "impossible_date"
	UnknownCurrency    Reason = "unknown_currency"
	UnreadableAmount   Reason = "unreadable_amount"
	UnreadableQuantity Reason = "unreadable_quantity"
	TooLarge           Reason = "too_large"
	ZeroQuantity       Reason = "zero_quantity"
	NegativePrice      Reason = "negative_price"
	FreeLine           Reason = "free_line"
)

// Reject is a row set aside.
type Reject struct {
	Line   int64  // 1-based line in the file
	Column string // header of the cell at fault, "" where it is the whole row
	Value  string // that cell
	Reason Reason
	Row    string // the row as CSV text
}

// Totals counts what a pass read: LinesRead = LinesAccepted + RefundLines + the sum of SetAside.
type Totals struct {
	LinesRead     int64
	LinesAccepted int64 // purchases
	RefundLines   int64
	SetAside      map[Reason]int64
	FirstDay      day.Day          // of purchases and refunds; day.Unknown when there are none
	LastDay       day.Day
	Revenue       map[string]int64 // purchases, minor units by currency
	Refunds       map[string]int64
}

// Stream reads every row of t. Lines go to emit in file order, in batches of up to BatchLines; rows set aside go to reject.
// Both are called on the caller's goroutine while the next batch is parsed on another; the strings and the slice
// they are given hold only until they return. The first error of either ends the pass and is returned.
func Stream(ctx context.Context, t *table.Table, m *Mapping, emit func([]event.OrderLine) error, reject func(Reject) error) (Totals, error) {
	return Totals{}, nil
}

// BatchLines is the largest number of lines given to emit at once.
const BatchLines = 8192
