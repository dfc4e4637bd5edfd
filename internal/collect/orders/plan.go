package orders

import "time"

// plan is a mapping made ready for reading rows.
type plan struct {
	columns map[Role]int
	also    map[Role]int // further roles of a column that already has one
	refused []Role       // roles the caller wants no column for

	lines     bool
	useAmount bool // the amount column says what a line comes to, not unit price × quantity
	comma     bool

	at, promised, delivered dateNotation
	paidUntil               dateNotation
	dateGiven               bool
	loc                     *time.Location
	zoned                   bool // a zone was asked for

	currency      string
	givenCurrency bool
	market        string

	trimZero    map[Role]bool
	creditNotes bool
	kind        kindMode
	kindHeader  string
	phoneKey    bool // customers are told apart by their phone numbers

	newestFirst bool         // refunds stand on rows of their own, before the sales they undo
	mark        dateNotation // of the days in a column that is filled where a sale was undone

	cancelledAt int // a column beside the status that is filled where the order was called off, or -1
	offAt       int // a column with the day on which the order was called off, or -1
	off         dateNotation
	refunded    int   // a column with what was given back of the whole order, or -1
	refundsTold bool  // that column says something somewhere
	discount    int   // a column with what was taken off the whole order, or -1
	carry       []int // columns that are filled on an order's first row only
}

func newPlan() *plan {
	return &plan{columns: map[Role]int{}, also: map[Role]int{}, trimZero: map[Role]bool{}, cancelledAt: -1, offAt: -1, refunded: -1, discount: -1}
}

// column is the place of the column with a role, or -1.
func (p *plan) column(role Role) int {
	if c, ok := p.columns[role]; ok {
		return c
	}
	if c, ok := p.also[role]; ok {
		return c
	}
	return -1
}
