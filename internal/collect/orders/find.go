package orders

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// candidate is a column that could play a role.
type candidate struct {
	column, rank int
	empty        bool
}

// byHeader gives roles to the columns whose headers name them and whose values agree.
func (r *recogniser) byHeader(context.Context) error {
	if !r.t.Info().HasHeader {
		return nil
	}
	found := map[Role][]candidate{}
	for c, col := range r.m.Columns {
		if col.Role != "" {
			continue
		}
		m, ok := matchHeader(col.Header)
		switch normalise(col.Header) {
		case "name":
			m, ok = wordMatch{Name, 50}, true
			if r.mostlyCodes(c) {
				m = wordMatch{Order, 5} // Shopify calls the order's number so
			}
		case "id":
			ok = false // told below, when the others are known
		}
		if ok {
			found[m.role] = append(found[m.role], candidate{c, m.rank, len(r.s.column(c)) == 0})
		}
	}
	for _, role := range allRoles {
		if r.column(role) >= 0 || slices.Contains(r.p.refused, role) {
			continue
		}
		cands := found[role]
		sort.SliceStable(cands, func(i, j int) bool {
			if cands[i].empty != cands[j].empty {
				return cands[j].empty
			}
			return cands[i].rank < cands[j].rank
		})
		if role == Kind {
			cands = r.statusFirst(r.refundsFirst(cands))
		}
		for _, c := range cands {
			if r.suits(role, c.column) {
				r.assign(role, c.column, "header")
				break
			}
			r.m.Columns[c.column].Note = "its header suggests " + string(role) + ", its values do not"
		}
	}
	r.bareID()
	return nil
}

// bareID decides what a column called just "id" identifies.
func (r *recogniser) bareID() {
	c := slices.IndexFunc(r.m.Columns, func(c Column) bool { return c.Role == "" && normalise(c.Header) == "id" })
	if c < 0 {
		return
	}
	p := r.s.profile(c)
	switch {
	case r.column(Customer) < 0 && r.column(Email) < 0 && (p.repeats || r.column(Order) >= 0):
		r.assign(Customer, c, "header")
	case r.column(Order) < 0 && r.column(Customer) >= 0 && !slices.Contains(r.p.refused, Order):
		r.assign(Order, c, "header")
	}
}

// mostlyCodes tells whether a column's values are numbers such as #1001 and not people.
func (r *recogniser) mostlyCodes(c int) bool {
	values, codes := r.s.column(c), 0
	for _, v := range values {
		if strings.HasPrefix(v, "#") || (strings.ContainsAny(v, "0123456789") && !strings.Contains(v, " ")) {
			codes++
		}
	}
	return codes*2 > len(values)
}

// refundsFirst puts the status columns in which refunds occur before the others.
func (r *recogniser) refundsFirst(cands []candidate) []candidate {
	sort.SliceStable(cands, func(i, j int) bool { return r.refundShare(cands[i].column) > 0 && r.refundShare(cands[j].column) == 0 })
	return cands
}

// statusFirst puts the columns of states before those of the day of a cancellation, which count beside any of them.
func (r *recogniser) statusFirst(cands []candidate) []candidate {
	dated := func(c candidate) bool { return kindModeOf(r.m.Columns[c.column].Header) == kindFilled }
	sort.SliceStable(cands, func(i, j int) bool { return !cands[i].empty && dated(cands[j]) && !dated(cands[i]) })
	return cands
}

func (r *recogniser) refundShare(c int) float64 {
	header := r.m.Columns[c].Header
	k := newKindReader(kindModeOf(header), header)
	values, n := r.s.column(c), 0
	for _, v := range values {
		if k.read(v) != stands {
			n++
		}
	}
	return float64(n) / float64(max(1, len(values)))
}

// suits tells whether a column's values can be what its header says; an empty column may be anything.
func (r *recogniser) suits(role Role, c int) bool {
	values := r.s.column(c)
	if len(values) == 0 {
		return role != Customer && role != At || len(r.s.rows) == 0
	}
	share := func(ok func(string) bool) bool {
		n := 0
		for _, v := range values {
			if ok(v) {
				n++
			}
		}
		return n*2 >= len(values)
	}
	switch role {
	case At, Promised, Delivered, PaidUntil:
		if role == At && r.p.dateGiven {
			return true
		}
		var d dateCount
		for _, v := range values {
			d.add(v)
		}
		return d.share() >= 0.5
	case Time:
		return share(func(v string) bool { _, _, ok := parseClock(v); return ok })
	case Quantity, Price, Amount:
		comma := r.comma(values)
		return share(func(v string) bool { _, _, st := parseNumber(v, comma); return st == readOK })
	case Currency:
		return share(func(v string) bool { _, ok := currencyCode(v); return ok })
	}
	return true
}

func (r *recogniser) comma(values []string) bool {
	if r.o.DecimalComma != nil {
		return *r.o.DecimalComma
	}
	comma := prefersComma(values)
	return comma
}

// byContent looks for what the headers did not tell: dates first, then money, quantities and ids.
func (r *recogniser) byContent(context.Context) error {
	if len(r.s.rows) == 0 || (r.column(Customer) >= 0 && r.column(At) >= 0 && (r.column(Amount) >= 0 || r.column(Price) >= 0)) {
		return nil
	}
	var free []int
	profiles := map[int]profile{}
	for c, col := range r.m.Columns {
		if _, named := matchHeader(col.Header); col.Role == "" && col.Note == "" && (!named || !r.t.Info().HasHeader) && len(free) < 200 {
			free = append(free, c)
			profiles[c] = r.s.profile(c)
		}
	}
	take := func(role Role, ok func(c int, p profile) bool) {
		if r.column(role) >= 0 || slices.Contains(r.p.refused, role) {
			return
		}
		for i, c := range free {
			if ok(c, profiles[c]) {
				r.assign(role, c, "content")
				r.m.Columns[c].Note = "found by its values: check it"
				free = slices.Delete(free, i, i+1)
				return
			}
		}
	}
	take(At, func(c int, p profile) bool { return p.looksLikeDate(r.s.column(c)) })
	if r.column(Price) < 0 && r.column(Amount) < 0 {
		money := 0
		isMoney := func(_ int, p profile) bool {
			return p.numbers >= 0.95 && p.dates < 0.95 && !p.padded && (p.decimals >= 0.2 || (p.tens >= 0.7 && p.median >= 100))
		}
		for _, c := range free {
			if isMoney(c, profiles[c]) {
				money++
			}
		}
		if money == 1 {
			take(Amount, isMoney)
		}
	}
	if !r.t.Info().HasHeader {
		take(Quantity, func(_ int, p profile) bool {
			return p.numbers >= 0.95 && p.small >= 0.95 && !p.padded && p.median >= 1 && p.median <= 20
		})
	}
	r.idsByContent(free, profiles)
	return nil
}

// idsByContent tells customers from orders: an order belongs to one customer and one instant.
func (r *recogniser) idsByContent(free []int, profiles map[int]profile) {
	at := r.column(At)
	if r.column(Customer) >= 0 || at < 0 || slices.Contains(r.p.refused, Customer) {
		return
	}
	for _, role := range []Role{Email, Phone, Name} {
		if c := r.column(role); c >= 0 && len(r.s.column(c)) > 0 {
			return // settle takes it: a header that names her is surer than values that look like ids
		}
	}
	var ids []int
	for _, c := range free {
		if profiles[c].idShaped() && !isStatusHeader(r.m.Columns[c].Header) && profiles[c].filled*2 >= len(r.s.rows) {
			ids = append(ids, c)
		}
	}
	customer := -1
	for _, c := range ids {
		if profiles[c].repeats && !r.s.determines(c, at) { // comes back on other days
			customer = c
			break
		}
	}
	if customer < 0 && len(ids) == 1 {
		customer = ids[0]
	}
	if customer < 0 {
		return
	}
	r.assign(Customer, customer, "content")
	r.m.Columns[customer].Note = "found by its values: check it"
	for _, c := range ids {
		if c != customer && r.column(Order) < 0 && !r.t.Info().HasHeader && profiles[c].distinct > profiles[customer].distinct &&
			r.s.determines(c, customer) && r.s.determines(c, at) {
			r.assign(Order, c, "content")
			r.m.Columns[c].Note = "found by its values: check it"
		}
	}
}

// settle resolves what hangs on several columns at once.
func (r *recogniser) settle(context.Context) error {
	if r.column(Customer) < 0 && !slices.Contains(r.p.refused, Customer) {
		for _, role := range []Role{Email, Phone, Name} {
			if c := r.column(role); c >= 0 && len(r.s.column(c)) > 0 {
				by := r.m.Columns[c].By
				r.assign(Customer, c, by)
				r.p.also[role] = c
				r.m.Columns[c].Note = "the file has no customer number: the " + string(role) + " identifies the customer"
				h := r.m.Columns[c].Header
				r.note("customer_by", fmt.Sprintf("The file has no customer number, so customers are told apart by the column %q.", h), "column", h)
				break
			}
		}
	}
	price := r.column(Price)
	if price >= 0 && r.m.Columns[price].By != "given" && r.column(Amount) < 0 && r.column(Quantity) < 0 && r.column(Product) < 0 && r.column(ProductName) < 0 {
		r.assign(Amount, price, r.m.Columns[price].By)
	}
	at, clock := r.column(At), r.column(Time)
	if at >= 0 && clock >= 0 && r.m.Columns[clock].By != "given" {
		for _, v := range r.s.column(at) {
			if c, st := parseDate(v, orderDMY); st == dateOK && c.timed {
				r.m.Columns[clock].Role, r.m.Columns[clock].By = "", ""
				break
			}
		}
	}
	return nil
}

// shape tells a file of orders from a file of lines.
func (r *recogniser) shape(context.Context) error {
	order := r.column(Order)
	products := r.column(Product) >= 0 || r.column(ProductName) >= 0
	r.m.Shape = PerOrder
	switch {
	case r.column(Price) >= 0:
		r.m.Shape = PerLine
	case order >= 0 && r.s.profile(order).repeats:
		r.m.Shape = PerLine
	case order < 0 && products:
		r.m.Shape = PerLine
	}
	r.p.lines = r.m.Shape == PerLine
	if order < 0 {
		r.note("no_order", "The file has no order number, so each row is an order of its own.")
	}
	return nil
}
