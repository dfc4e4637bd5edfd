package orders

import (
	"context"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/collect/orders/term"
)

// bareEnds are the headers that say that something ends, and not what: it may as well be milk or a voucher.
var bareEnds = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Split(`expires|expires at|expires on|expire date|expiry|expiry date|expiration|expiration date|valid until|valid till|valid through|valid to|만료일|만료일자|만료일시|วันหมดอายุ|วันที่หมดอายุ|ใช้ได้ถึง|ใช้ได้ถึงวันที่`, "|") {
		m[normalise(w)] = true
	}
	return m
}()

// endingThings are in the header before the end of something that is no subscription.
var endingThings = []string{"coupon", "voucher", "promo", "giftcard", "cardnumber", "lotn", "batch", "points", "쿠폰", "상품권", "포인트", "카드", "로트", "คูปอง", "แต้ม", "ล็อต"}

// paysUntil takes the role away from a column that its header gave it to, where its days are not those that orders pay until.
func (r *recogniser) paysUntil(context.Context) error {
	c := r.column(PaidUntil)
	if c < 0 || r.m.Columns[c].By == "given" {
		return nil
	}
	note, rows := "", r.terms(c)
	switch bare := bareEnds[normalise(withoutBrackets(r.m.Columns[c].Header))]; {
	case bare && c > 0 && containsAny(normalise(r.m.Columns[c-1].Header), endingThings):
		note = "seems to be the end of " + r.m.Columns[c-1].Header
	case bare && !term.Usual(rows):
		note = "its header suggests " + string(PaidUntil) + ", but it is no usual time after the order: of goods or vouchers?"
	case term.OfCustomers(rows):
		note = "the same on all orders of a customer: how it stood when the file was written, not what each order paid for"
	}
	if note != "" {
		col := &r.m.Columns[c]
		col.Role, col.By, col.Note = "", "", note
	}
	return nil
}

// terms reads the sample's rows on which an order's day and its end are known.
func (r *recogniser) terms(c int) []term.Row {
	zone := newZone(time.UTC)
	at, until := newInstants(r.p.at, zone, false), newInstants(r.p.paidUntil, zone, false)
	customer, when := r.column(Customer), r.column(At)
	var rows []term.Row
	for _, row := range r.s.rows {
		if at.read(row[when]) == dateOK && until.read(row[c]) == dateOK {
			rows = append(rows, term.Row{Customer: row[customer], At: at.day, Until: until.day})
		}
	}
	return rows
}
