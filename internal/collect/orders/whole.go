package orders

import (
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

// wholeOrder is what an order's first row says of all of it, kept while its rows last.
type wholeOrder struct {
	id            string
	cells         []string // by the plan's carry
	row           []string // the row at hand, completed
	discount, due int64    // what is yet to be taken off, and yet to be given back
}

// completed is the row with the cells filled in that stand on its order's first row only.
func (r *rowReader) completed(row []string) []string {
	w := &r.whole
	if r.order < 0 || len(r.p.carry) == 0 && r.p.refunded < 0 && r.p.discount < 0 {
		return row
	}
	id := r.id(row, r.order, r.trimOrder)
	if id == "" || id != w.id {
		w.id, w.cells = strings.Clone(id), w.cells[:0]
		for _, c := range r.p.carry {
			w.cells = append(w.cells, strings.Clone(row[c]))
		}
		w.discount, w.due = r.ofOrder(row, r.p.discount), r.ofOrder(row, r.p.refunded)
		return row
	}
	if len(r.p.carry) == 0 {
		return row
	}
	w.row = append(w.row[:0], row...)
	for i, c := range r.p.carry {
		if isNull(trimmed(row[c])) {
			w.row[c] = w.cells[i]
		}
	}
	return w.row
}

// ofOrder reads an amount that is of the whole order.
func (r *rowReader) ofOrder(row []string, c int) int64 {
	if c < 0 {
		return 0
	}
	cur := r.currencyOf(row)
	d, _, st := parseNumber(trimmed(row[c]), r.p.comma)
	if cur == nil || st != readOK {
		return 0
	}
	v, _ := minor(d, one, cur.digits)
	return v
}

// settle takes the order's discount off its lines, the first first, and says how much of what is left was given back.
func (r *rowReader) settle(row []string, l *event.OrderLine) {
	w := &r.whole
	if r.order < 0 && r.p.refunded >= 0 { // each row is an order
		w.due = r.ofOrder(row, r.p.refunded)
	}
	r.discounted(l)
	switch {
	case r.p.refunded >= 0 && (r.p.refundsTold || r.said != returned):
		r.back = min(w.due, l.AmountMinor)
		w.due -= r.back
	case r.said == returned:
		r.back = l.AmountMinor
	}
}

// discounted takes off the line what is left of its order's discount.
func (r *rowReader) discounted(l *event.OrderLine) {
	off := min(r.whole.discount, l.AmountMinor)
	r.whole.discount -= off
	l.AmountMinor -= off
}

// refund is the line that stands beside a purchase that was given back, in whole or in part.
func (r *rowReader) refund(l *event.OrderLine) event.OrderLine {
	b := *l
	b.Kind, b.SoFar = event.Refund, event.OfLine
	if r.p.refundsTold {
		b.SoFar = event.OfOrder
	}
	if r.undone != day.Unknown && r.undone >= l.Day {
		b.AtUS, b.Day = r.undoing, r.undone
	}
	if b.AmountMinor != r.back {
		b.QuantityMilli = 0 // money came back, and how many pieces is not said
	}
	b.AmountMinor = r.back
	return b
}

// wholes finds the columns that speak of an order as a whole: filled on its first row only, or of its money.
func (r *recogniser) wholes() {
	order := r.column(Order)
	for c, col := range r.m.Columns {
		if col.Role == "" && !slices.Contains(r.p.refused, Kind) && kindModeOf(col.Header) == kindFilled && containsAny(normalise(col.Header), cancelWords) && r.p.cancelledAt < 0 {
			r.p.cancelledAt = c
			r.m.Columns[c].Note = "an order is cancelled where it is filled"
		}
	}
	first, mixed, several := r.onFirst(order)
	for c, col := range r.m.Columns {
		once := !several || first[c]
		switch n := normalise(col.Header); {
		case col.Role != "" || mixed[c] || !once:
		case n == "refundedamount" || n == "refundamount" || n == "amountrefunded" || n == "totalrefunded":
			r.p.refunded = c
			r.m.Columns[c].Note = "given back of the order: counted as a refund beside its purchase"
		case n == "discountamount" && normalise(r.header(Price)) == "lineitemprice" && !r.p.useAmount:
			r.p.discount = c
			r.m.Columns[c].Note = "taken off the order's lines, the first line first"
		}
	}
	if c := r.p.refunded; c >= 0 {
		for _, v := range r.s.column(c) {
			d, _, st := parseNumber(v, r.p.comma)
			r.p.refundsTold = r.p.refundsTold || st == readOK && d.m > 0
		}
	}
	if !several {
		return
	}
	columns := []int{}
	for _, role := range []Role{Customer, At, Time, Currency, Market, Channel, Promised, Delivered, PaidUntil, Name, Email, Phone, Coupon, Kind} {
		if c := r.column(role); c >= 0 {
			columns = append(columns, c)
		}
	}
	if r.p.cancelledAt >= 0 {
		columns = append(columns, r.p.cancelledAt)
	}
	some := false
	for _, c := range columns {
		some = some || first[c] && !mixed[c]
	}
	for _, c := range columns {
		if some && !mixed[c] {
			r.p.carry = append(r.p.carry, c)
		}
	}
	if some {
		r.note("first_row", "Some columns are filled on the first row of each order only; what they say counts for all its rows.")
	}
}

// onFirstOrders is how many orders must leave a column empty after their first row: one or two do so by chance.
const onFirstOrders = 3

// firstRowFile tells by its headers ("Lineitem price") an export known to speak of an order on its first row only,
// where a single order is enough.
func (r *recogniser) firstRowFile() bool {
	return slices.ContainsFunc(r.m.Columns, func(c Column) bool { return strings.HasPrefix(normalise(c.Header), "lineitem") })
}

// onFirst tells of each column whether it is filled on the first of an order's several rows, and whether on a later one too.
func (r *recogniser) onFirst(order int) (first, mixed []bool, several bool) {
	first, mixed = make([]bool, len(r.m.Columns)), make([]bool, len(r.m.Columns))
	orders, enough := make([]int, len(r.m.Columns)), onFirstOrders
	if r.firstRowFile() {
		enough = 1
	}
	if order < 0 {
		return first, mixed, false
	}
	for i, row := range r.s.rows {
		if i == 0 || isNull(row[order]) || row[order] != r.s.rows[i-1][order] {
			continue
		}
		begins := i == 1 || r.s.rows[i-2][order] != row[order]
		several = true
		for c := range row {
			mixed[c] = mixed[c] || !isNull(row[c])
			if begins && !isNull(r.s.rows[i-1][c]) {
				orders[c]++
			}
			first[c] = orders[c] >= enough
		}
	}
	return first, mixed, several
}

// refundsComeFirst tells whether rows that undo a sale stand before the row of the sale, as in an export with the newest first:
// same order, same product, at least the same amount. What comes after cannot be looked up while a file is read, so that the
// sample decides for all of it.
func (r *recogniser) refundsComeFirst() bool {
	kind, order, worth := r.column(Kind), r.column(Order), r.column(Amount)
	if worth < 0 {
		worth = r.column(Price)
	}
	if order < 0 || worth < 0 {
		return false
	}
	k := newKindReader(r.p.kind, r.p.kindHeader)
	key := func(row []string) string {
		product := ""
		for _, role := range []Role{ProductName, Product} {
			if c := r.column(role); c >= 0 && row[c] != "" {
				product = row[c]
			}
		}
		return row[order] + "\x00" + product
	}
	later := map[string]float64{} // the largest sale in the rows behind
	undone, before := 0, 0
	for _, row := range slices.Backward(r.s.rows) {
		d, _, st := parseNumber(row[worth], r.p.comma)
		if st != readOK {
			continue
		}
		switch amount := float64(d.m) / float64(pow10[d.scale]); k.read(row[kind]) {
		case stands:
			later[key(row)] = max(later[key(row)], amount)
		case cancelled, returned:
			undone++
			if most, sold := later[key(row)]; sold && most >= amount {
				before++
			}
		}
	}
	return before*2 > undone
}

// markDates finds how the days are written in the column that is filled where a sale was undone.
func (r *recogniser) markDates() {
	c := r.p.cancelledAt
	if c < 0 && r.p.kind == kindFilled {
		c = r.column(Kind)
	}
	r.p.mark = r.p.at
	if c < 0 {
		return
	}
	var d dateCount
	for _, v := range r.s.column(c) {
		d.add(v)
	}
	if order, open := d.settle(); !open && d.share() > 0 {
		r.p.mark = dateNotation{order: order}
	}
}
