package orders

import (
	"strconv"
	"strings"
	"unsafe"

	"github.com/zeebo/xxh3"

	"github.com/dangol/dangol/internal/collect/orders/tally"
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
	CancelledOrder     Reason = "cancelled_order"
	UnpaidOrder        Reason = "unpaid_order"
)

// maxIDBytes bounds customer and order ids, which become keys.
const maxIDBytes = 1024

// money is a currency as it occurs in the file, with what was taken in it.
type money struct {
	code             string
	digits           int
	revenue, refunds int64
}

// rowReader reads the rows of one pass. It is used by one goroutine.
type rowReader struct {
	p     *plan
	arena *[]byte // strings made for the lines of the batch at hand

	customer, order, product, productName, category    int
	quantity, price, amount, currency, market, channel int
	at, clock, promised, delivered, paidUntil          int
	name, email, phone, coupon, kind                   int
	trimCustomer, trimOrder, trimProduct, trimPhone    bool
	atReader, promisedReader, deliveredReader          *instants
	paidReader                                         *instants
	kindReader                                         kindReader
	ordinals                                           tally.Ordinals
	currencies                                         map[string]*money // by the cell's text; nil where it is none
	lastCurrency                                       *money
	second, micro                                      int // of the local day at hand
	lastCell                                           string
	phones                                             phoneKeys
	whole                                              wholeOrder
	marks                                              marks // of the column cancelledAt
	offReader                                          *instants
	sold                                               tally.Sales // of the rows that stand so far, by order and product

	// Of the row just read: completed, what its status says, what was given back of it, and when where the file says so.
	row     []string
	said    undoing
	back    int64
	undone  day.Day
	undoing int64
}

func newRowReader(p *plan) *rowReader {
	z := newZone(p.loc)
	r := &rowReader{
		p: p, customer: p.column(Customer), order: p.column(Order), product: p.column(Product), productName: p.column(ProductName), category: p.column(Category),
		quantity: p.column(Quantity), price: p.column(Price), amount: p.column(Amount), currency: p.column(Currency), market: p.column(Market), channel: p.column(Channel),
		at: p.column(At), clock: p.column(Time), promised: p.column(Promised), delivered: p.column(Delivered), paidUntil: p.column(PaidUntil),
		name: p.column(Name), email: p.column(Email), phone: p.column(Phone), coupon: p.column(Coupon), kind: p.column(Kind),
		trimCustomer: p.trimZero[Customer], trimOrder: p.trimZero[Order], trimProduct: p.trimZero[Product], trimPhone: p.trimZero[Phone],
		atReader: newInstants(p.at, z, p.zoned), promisedReader: newInstants(p.promised, z, p.zoned), deliveredReader: newInstants(p.delivered, z, p.zoned), paidReader: newInstants(p.paidUntil, z, p.zoned), offReader: newInstants(p.off, z, p.zoned),
		kindReader: newKindReader(p.kind, p.kindHeader), marks: newMarks(p.mark, z, p.zoned), currencies: map[string]*money{},
	}
	r.kindReader.marks = newMarks(p.mark, z, p.zoned)
	if p.useAmount {
		if p.lines && r.price >= 0 {
			return r // the price still tells free lines
		}
		r.price = -1
	} else {
		r.amount = -1
	}
	return r
}

// fault is a reason with the column at fault; the zero value means that the row was read.
type rowFault struct {
	reason Reason
	column int
}

// read fills l from a row, or says why the row is set aside.
func (r *rowReader) read(row []string, line int64, l *event.OrderLine) rowFault {
	row, r.back = r.completed(row), 0
	r.row = row
	*l = event.OrderLine{SourceLine: line, Promised: day.Unknown, Delivered: day.Unknown, PaidUntil: day.Unknown}
	l.Customer = r.customerOf(row)
	if l.Customer == "" {
		return rowFault{MissingCustomer, r.customer}
	}
	if len(l.Customer) > maxIDBytes {
		return rowFault{TooLarge, r.customer}
	}
	if r.order >= 0 {
		if l.Order = r.id(row, r.order, r.trimOrder); l.Order == "" {
			return rowFault{MissingOrder, r.order}
		}
		if len(l.Order) > maxIDBytes {
			return rowFault{TooLarge, r.order}
		}
	}
	if f := r.when(row, l); f.reason != "" {
		return f
	}
	if f := r.worth(row, l); f.reason != "" {
		return f
	}
	r.describe(row, l)
	if r.order < 0 {
		l.Order = r.madeOrder(l)
	}
	return rowFault{}
}

// customerOf is the customer's key; empty for nobody in particular.
func (r *rowReader) customerOf(row []string) string {
	s := r.id(row, r.customer, r.trimCustomer)
	switch {
	case s == "" || isWalkIn(s):
		return ""
	case r.p.phoneKey:
		return r.phones.key(s, r.p)
	}
	return s
}

// id is an identifier's cell, without the .0 of spreadsheets; words for absence are empty.
func (r *rowReader) id(row []string, c int, trimZero bool) string {
	s := trimmed(row[c])
	if isNull(s) {
		return ""
	}
	if trimZero && len(s) > 2 && s[len(s)-2] == '.' && s[len(s)-1] == '0' {
		return s[:len(s)-2]
	}
	return s
}

// text is an optional cell.
func text(row []string, c int) string {
	if c < 0 {
		return ""
	}
	if s := trimmed(row[c]); !isNull(s) {
		return s
	}
	return ""
}

// trimmed is s without blanks around it; most cells have none, and two looks tell.
func trimmed(s string) string {
	if n := len(s); n > 0 && (s[0] <= ' ' || s[0] >= 0x80 || s[n-1] <= ' ' || s[n-1] >= 0x80) {
		return strings.TrimSpace(s)
	}
	return s
}

// when reads the instant and the day.
func (r *rowReader) when(row []string, l *event.OrderLine) rowFault {
	switch r.atReader.read(trimmed(row[r.at])) {
	case dateOK:
	case dateImpossible:
		return rowFault{ImpossibleDate, r.at}
	default:
		return rowFault{UnreadableDate, r.at}
	}
	l.AtUS, l.Day = r.atReader.us, r.atReader.day
	r.second, r.micro = int(r.atReader.c.secondOfDay()), r.atReader.c.micro
	if r.clock >= 0 {
		if s := trimmed(row[r.clock]); s != "" {
			seconds, micro, ok := parseClock(s)
			if !ok {
				return rowFault{UnreadableDate, r.clock}
			}
			if !r.atReader.c.timed {
				r.second, r.micro = seconds, micro
			}
			l.AtUS, l.Day = r.atReader.withClock(seconds, micro)
		}
	}
	return rowFault{}
}

// worth reads what the line comes to, in which currency, and whether it is a purchase or a refund.
func (r *rowReader) worth(row []string, l *event.OrderLine) rowFault {
	cur := r.currencyOf(row)
	if cur == nil {
		return rowFault{UnknownCurrency, r.currency}
	}
	quantity, price, amount, priced := one, one, one, false
	if r.price >= 0 {
		var f rowFault
		if price, f = r.number(row, r.price, &cur); f.reason != "" && r.amount < 0 {
			return f
		}
		priced = f.reason == ""
	}
	if r.amount >= 0 {
		var f rowFault
		if amount, f = r.number(row, r.amount, &cur); f.reason != "" {
			return f
		}
	}
	if r.quantity >= 0 {
		var st readState
		if quantity, _, st = parseNumber(trimmed(row[r.quantity]), r.p.comma); st == readEmpty && !r.p.lines {
			quantity, st = one, readOK
		}
		if st == readTooLarge {
			return rowFault{TooLarge, r.quantity}
		} else if st != readOK {
			return rowFault{UnreadableQuantity, r.quantity}
		}
	}
	factor, decides, counted := one, amount, r.amount
	switch {
	case r.amount < 0:
		amount, factor, decides, counted = price, quantity, price, r.price
	case priced:
		decides, counted = price, r.price
	}
	var ok bool
	if l.AmountMinor, ok = minor(amount, factor, cur.digits); !ok {
		return rowFault{TooLarge, counted}
	}
	if l.QuantityMilli, ok = minor(quantity, one, 3); !ok {
		return rowFault{TooLarge, r.quantity}
	}
	l.Currency = cur.code
	if f := r.judge(row, l, quantity, amount); f.reason != "" {
		return f
	}
	if f := r.refuse(l, quantity, decides, counted); f.reason != "" {
		return f
	}
	if l.Kind == event.Refund {
		cur.refunds += l.AmountMinor
		return rowFault{}
	}
	if r.said == stands && r.order >= 0 && (r.kind >= 0 || r.p.cancelledAt >= 0) {
		r.sold.Add(saleKey(l, r.productOf(row)), l.AmountMinor, l.AtUS)
	}
	r.settle(row, l)
	cur.revenue += l.AmountMinor
	cur.refunds += r.back
	return rowFault{}
}

// judge tells a purchase from a refund, and sets aside what was not bought in the end.
func (r *rowReader) judge(row []string, l *event.OrderLine, quantity, amount decimal) rowFault {
	c := r.listen(row)
	l.Kind = event.Purchase
	switch {
	case r.ownRefund(l, quantity, amount), (r.said == cancelled || r.said == returned) && r.undoesAnother(row, l):
		l.Kind = event.Refund
	case r.said == cancelled:
		return rowFault{CancelledOrder, c}
	case r.said == neverPaid:
		return rowFault{UnpaidOrder, c}
	}
	return rowFault{}
}

// listen reads what the row's status columns say of its sale, and returns which of them decided.
func (r *rowReader) listen(row []string) int {
	r.said, r.undone = stands, day.Unknown
	if c := r.p.cancelledAt; c >= 0 {
		if cell := trimmed(row[c]); !isNull(cell) && r.marks.read(cell) {
			r.said, r.undone, r.undoing = cancelled, r.marks.day, r.marks.us
			return c
		}
	}
	if r.kind >= 0 {
		r.said = r.kindReader.read(trimmed(row[r.kind]))
		if r.said != stands && r.p.kind == kindFilled {
			r.undone, r.undoing = r.kindReader.marks.day, r.kindReader.marks.us
		}
	}
	return r.kind
}

// undoesAnother tells a row that undoes the sale of an earlier row of its order from one that says what became of its own.
func (r *rowReader) undoesAnother(row []string, l *event.OrderLine) bool {
	if r.order < 0 {
		return false
	}
	amount, at, found := r.sold.Find(saleKey(l, r.productOf(row)))
	if !found || amount < l.AmountMinor {
		return r.p.newestFirst
	}
	// Twice the same product for the same amount, at the instant of the order: two lines of it, each with a fate of its own.
	return r.product < 0 && r.productName < 0 || at != l.AtUS || amount != l.AmountMinor
}

func saleKey(l *event.OrderLine, product string) uint64 {
	return xxh3.HashString(l.Order) ^ tally.Mix(xxh3.HashString(product)+tally.Mix(xxh3.HashString(l.Customer)))
}

// productOf is what tells the row's product from others.
func (r *rowReader) productOf(row []string) string {
	if r.product >= 0 {
		if id := r.id(row, r.product, r.trimProduct); id != "" {
			return id
		}
	}
	return text(row, r.productName)
}

// cancelledSale completes a line that was set aside as cancelled to what it was while it stood.
func (r *rowReader) cancelledSale(l *event.OrderLine) CancelledSale {
	r.discounted(l)
	r.describe(r.row, l)
	if c := r.p.offAt; r.undone == day.Unknown && c >= 0 && r.offReader.read(trimmed(r.row[c])) == dateOK {
		r.undoing, r.undone = r.offReader.us, r.offReader.day
	}
	return CancelledSale{Line: *l, AtUS: r.undoing, Day: r.undone}
}

// ownRefund tells a refund on a row of its own: by its type, a negative quantity, a credit note's number, or a negative amount in a file of orders.
func (r *rowReader) ownRefund(l *event.OrderLine, quantity, amount decimal) bool {
	switch {
	case quantity.m < 0:
		return true
	case r.said == givenBack:
		return true
	case amount.m < 0 && (!r.p.lines || (r.quantity < 0 && r.price < 0)):
		return true
	}
	return r.p.creditNotes && isCreditNote(l.Order)
}

// refuse finds the lines that are neither purchase nor refund.
func (r *rowReader) refuse(l *event.OrderLine, quantity, price decimal, column int) rowFault {
	if !r.p.lines {
		return rowFault{}
	}
	switch {
	case quantity.m == 0:
		return rowFault{ZeroQuantity, r.quantity}
	case l.Kind == event.Refund:
	case price.m < 0:
		return rowFault{NegativePrice, column}
	case price.m == 0:
		return rowFault{FreeLine, column}
	}
	return rowFault{}
}

// number reads a cell of money; a currency sign in it overrides what was assumed, unless the user said which.
func (r *rowReader) number(row []string, c int, cur **money) (decimal, rowFault) {
	d, code, st := parseNumber(trimmed(row[c]), r.p.comma)
	if st == readTooLarge {
		return d, rowFault{TooLarge, c}
	}
	if st != readOK {
		return d, rowFault{UnreadableAmount, c}
	}
	if code != "" && code != (*cur).code && !r.p.givenCurrency && r.currency < 0 {
		*cur = r.moneyOf(code)
	}
	return d, rowFault{}
}

// currencyOf is the currency the row names, or the one assumed; nil when it names one that does not exist.
func (r *rowReader) currencyOf(row []string) *money {
	cell := ""
	if r.currency >= 0 {
		cell = text(row, r.currency)
	}
	if r.lastCurrency != nil && cell == r.lastCell {
		return r.lastCurrency
	}
	m, ok := r.currencies[cell]
	if !ok {
		code := r.p.currency
		known := true
		if cell != "" {
			code, known = currencyCode(cell)
		}
		if known {
			m = r.moneyOf(code)
		}
		cell = strings.Clone(cell)
		if len(r.currencies) < 4096 {
			r.currencies[cell] = m
		}
	}
	if m != nil {
		r.lastCell, r.lastCurrency = strings.Clone(cell), m
	}
	return m
}

// moneyOf is the one money of a code.
func (r *rowReader) moneyOf(code string) *money {
	key := "\x00" + code // beside the cells' own texts
	m, ok := r.currencies[key]
	if !ok {
		m = &money{code: code, digits: currencyDigits(code)}
		r.currencies[key] = m
	}
	return m
}

// describe fills in what is optional.
func (r *rowReader) describe(row []string, l *event.OrderLine) {
	if r.product >= 0 {
		l.Product = r.id(row, r.product, r.trimProduct)
	}
	l.ProductName, l.Category = text(row, r.productName), text(row, r.category)
	if l.Market = text(row, r.market); l.Market == "" {
		l.Market = r.p.market
	}
	l.Channel, l.Coupon = text(row, r.channel), text(row, r.coupon)
	l.Name, l.Email = text(row, r.name), text(row, r.email)
	if r.phone >= 0 {
		l.Phone = r.id(row, r.phone, r.trimPhone)
	}
	if r.promised >= 0 && r.promisedReader.read(trimmed(row[r.promised])) == dateOK {
		l.Promised = r.promisedReader.day
	}
	if r.delivered >= 0 && r.deliveredReader.read(trimmed(row[r.delivered])) == dateOK {
		l.Delivered = r.deliveredReader.day
	}
	if r.paidUntil >= 0 && r.paidReader.read(trimmed(row[r.paidUntil])) == dateOK {
		l.PaidUntil = r.paidReader.day
	}
}

// madeOrder names the order of a row in a file without order numbers: customer@date#ordinal.
func (r *rowReader) madeOrder(l *event.OrderLine) string {
	n := r.ordinals.Next(xxh3.HashString(l.Customer) ^ tally.Mix(uint64(l.AtUS)))
	a := *r.arena
	from := len(a)
	a = append(append(a, l.Customer...), '@')
	a = appendInstant(a, l.Day, r.second, r.micro)
	a = strconv.AppendInt(append(a, '#'), int64(n), 10)
	*r.arena = a
	return unsafe.String(&a[from], len(a)-from) //nolint:gosec // lives as long as the batch
}

// appendInstant writes the local day, and the time where it is not midnight.
func appendInstant(a []byte, d day.Day, second, micro int) []byte {
	c := civilOf(int64(d))
	a = appendPadded(a, c.year, 4)
	a = appendPadded(append(a, '-'), c.month, 2)
	a = appendPadded(append(a, '-'), c.day, 2)
	if second == 0 && micro == 0 {
		return a
	}
	a = appendPadded(append(a, 'T'), second/3600, 2)
	a = appendPadded(append(a, ':'), second/60%60, 2)
	a = appendPadded(append(a, ':'), second%60, 2)
	if micro != 0 {
		a = appendPadded(append(a, '.'), micro, 6)
	}
	return a
}

func appendPadded(a []byte, v, width int) []byte {
	for unit := int(pow10[width-1]); unit > 0; unit /= 10 {
		a = append(a, byte('0'+v/unit%10))
	}
	return a
}
