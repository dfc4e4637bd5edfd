package orders

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
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

// term is what an order's row says of the time it pays for.
type term struct {
	customer  string
	at, until day.Day
}

// What decides about a column of ends that its header alone does not settle.
const (
	enoughTerms     = 20  // rows; of fewer the header is believed
	enoughCustomers = 5   // who ordered on several days
	commonTerms     = 5   // a shop sells few terms: a month has four lengths, a year two
	commonShare     = 0.5 // of the rows have one of these
	behindShare     = 0.1 // of the rows may end before they begin
)

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
	case bare && !fewTerms(rows):
		note = "its header suggests " + string(PaidUntil) + ", but it is no usual time after the order: of goods or vouchers?"
	case ofCustomers(rows):
		note = "the same on all orders of a customer: how it stood when the file was written, not what each order paid for"
	}
	if note != "" {
		col := &r.m.Columns[c]
		col.Role, col.By, col.Note = "", "", note
	}
	return nil
}

// terms reads the sample's rows on which an order's day and its end are known.
func (r *recogniser) terms(c int) []term {
	zone := newZone(time.UTC)
	at, until := newInstants(r.p.at, zone, false), newInstants(r.p.paidUntil, zone, false)
	customer, when := r.column(Customer), r.column(At)
	var rows []term
	for _, row := range r.s.rows {
		if at.read(row[when]) == dateOK && until.read(row[c]) == dateOK {
			rows = append(rows, term{row[customer], at.day, until.day})
		}
	}
	return rows
}

// fewTerms tells what was sold for a time from what goes off some time: the same few lengths come again and again.
func fewTerms(rows []term) bool {
	if len(rows) < enoughTerms {
		return true
	}
	lengths, behind := map[day.Day]int{}, 0
	for _, t := range rows {
		if lengths[t.until-t.at]++; t.until < t.at {
			behind++
		}
	}
	counts := make([]int, 0, len(lengths))
	for _, n := range lengths {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	common := 0
	for _, n := range counts[max(0, len(counts)-commonTerms):] {
		common += n
	}
	n := float64(len(rows))
	return float64(common) >= commonShare*n && float64(behind) <= behindShare*n
}

// ofCustomers tells a column that says how a customer stands from one that says what her orders paid for: most who ordered on
// several days have one value on all of them. It would tell the past what came later.
func ofCustomers(rows []term) bool {
	type seen struct {
		first      term
		days, ends bool // several
	}
	people := map[string]*seen{}
	for _, t := range rows {
		s := people[t.customer]
		if s == nil {
			people[t.customer] = &seen{first: t}
			continue
		}
		s.days = s.days || t.at != s.first.at
		s.ends = s.ends || t.until != s.first.until
	}
	several, one := 0, 0
	for _, s := range people {
		if s.days {
			several++
			if !s.ends {
				one++
			}
		}
	}
	return several >= enoughCustomers && 2*one > several
}
