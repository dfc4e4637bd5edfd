package orders

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/kit/fault"
)

// essentials refuses a file that lacks what an order cannot be without.
func (r *recogniser) essentials(context.Context) error {
	var words []string
	if r.column(Customer) < 0 {
		r.m.Missing = append(r.m.Missing, Customer)
		words = append(words, "the customer")
	}
	if r.column(At) < 0 {
		r.m.Missing = append(r.m.Missing, At)
		words = append(words, "the date")
	}
	if r.column(Amount) < 0 && r.column(Price) < 0 {
		r.m.Missing = append(r.m.Missing, Amount)
		words = append(words, "the amount or the unit price")
	}
	if len(words) == 0 {
		return nil
	}
	var example []string
	for _, m := range r.m.Missing {
		example = append(example, string(m)+"=HEADER")
	}
	return fault.Newf(fault.Invalid, "collect.missing_columns", "No column was recognised for %s. The columns are: %s", joined(words), listed(r.t.Columns())).
		At(fault.Place{File: r.t.Info().Name}).Then("Name them with --columns " + strings.Join(example, ",") + ", by header or by number counted from 1")
}

// fewCustomers of manyRows is no shop: another column was taken for the customer.
const (
	fewCustomers = 2
	manyRows     = 1000
)

// crowd refuses a customer column of one or two values in a long file, unless the user named it.
func (r *recogniser) crowd(context.Context) error {
	c := r.column(Customer)
	if r.m.Columns[c].By == "given" {
		return nil
	}
	values, different := r.s.column(c), map[string]bool{}
	for _, v := range values {
		if different[v] = true; len(different) > fewCustomers {
			return nil
		}
	}
	if len(values) < manyRows {
		return nil
	}
	return fault.Newf(fault.Invalid, "collect.missing_columns", "No column was recognised for the customer: %q holds only %d different values in %d rows. The columns are: %s", r.header(Customer), len(different), len(values), listed(r.t.Columns())).
		At(fault.Place{File: r.t.Info().Name, Column: r.header(Customer)}).Then("Name it with --columns customer=HEADER, by header or by number counted from 1; name this same column if it is right")
}

func joined(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// dates settles how each date column is written; for the order's own date, by the whole column if the sample leaves it open.
func (r *recogniser) dates(ctx context.Context) error {
	if !r.p.dateGiven {
		at := r.column(At)
		var d dateCount
		for _, v := range r.s.column(at) {
			d.add(v)
		}
		order, open := d.settle()
		if open {
			var err error
			if order, open, err = r.wholeColumn(ctx, at); err != nil {
				return err
			}
		}
		if open {
			return r.ambiguous(d)
		}
		r.p.at = dateNotation{order: order}
		if share := d.share(); d.values > 0 && share < 0.9 {
			bad := r.unreadableDate(at)
			sentence := fmt.Sprintf("Only %.0f %% of the dates looked at can be read as %s: %q cannot", share*100, order, bad)
			if share == 0 {
				sentence = fmt.Sprintf("None of the dates looked at can be read, such as %q: it is no date in a notation that is known", bad)
			}
			r.problem(Problem{Reason: "collect.unreadable_dates", Column: r.header(At), Value: bad, Sentence: sentence, Next: "Give their format with --date-format, such as %d/%m/%Y"})
		}
	}
	r.m.DateFormat = r.p.at.String()
	for role, into := range map[Role]*dateNotation{Promised: &r.p.promised, Delivered: &r.p.delivered, PaidUntil: &r.p.paidUntil} {
		c := r.column(role)
		if c < 0 {
			continue
		}
		var d dateCount
		for _, v := range r.s.column(c) {
			d.add(v)
		}
		order, open := d.settle()
		if open || d.values == 0 {
			order = r.p.at.order
		}
		n := dateNotation{order: order}
		if order == orderPattern {
			n = r.p.at
		}
		*into = n
	}
	return nil
}

// unreadableDate is the first value of the column that is not read.
func (r *recogniser) unreadableDate(c int) string {
	i := newInstants(r.p.at, newZone(time.UTC), false)
	for _, v := range r.s.column(c) {
		if i.read(v) != dateOK {
			return clip(v)
		}
	}
	return ""
}

func (r *recogniser) ambiguous(d dateCount) error {
	return fault.Newf(fault.Invalid, "collect.ambiguous_date", "The dates of the column %q can be read in two ways: %q is %s or %s, and no value in the file decides", r.header(At), d.example, d.dmyRead, d.mdyRead).
		At(fault.Place{File: r.t.Info().Name, Column: r.header(At), Value: d.example}).Then("Say which with --date-format dmy, mdy or ymd")
}

// wholeColumn reads the column to its end, or until a value decides.
func (r *recogniser) wholeColumn(ctx context.Context, c int) (dateOrder, bool, error) {
	rows, err := r.t.Rows(ctx)
	if err != nil {
		return 0, false, err
	}
	defer rows.Close() //nolint:errcheck // only read from
	var b table.Batch
	var d dateCount
	last := ""
	for {
		err := rows.Next(&b)
		for i := range b.Len() {
			if v := b.Row(i)[c]; v != last {
				d.add(v)
				last = strings.Clone(v)
			}
		}
		order, open := d.settle()
		if !open && d.differ > 0 && err == nil {
			return order, false, nil
		}
		if errors.Is(err, io.EOF) {
			return order, open, nil
		}
		if err != nil {
			return order, open, err
		}
	}
}

// numbers settles the decimal sign over all columns of numbers, and how a line's amount comes about.
func (r *recogniser) numbers(context.Context) error {
	var all []string
	for _, role := range []Role{Price, Amount, Quantity} {
		if c := r.column(role); c >= 0 {
			all = append(all, r.s.column(c)...)
		}
	}
	r.p.comma = r.comma(all)
	r.m.DecimalComma = r.p.comma
	for _, role := range []Role{Price, Amount, Quantity} {
		c := r.column(role)
		if c < 0 {
			continue
		}
		values, bad, example := r.s.column(c), 0, ""
		for _, v := range values {
			if _, _, st := parseNumber(v, r.p.comma); st != readOK {
				bad++
				example = v
			}
		}
		if bad*10 > len(values) {
			r.problem(Problem{Reason: "collect.unreadable_numbers", Column: r.header(role), Value: example, Sentence: fmt.Sprintf("%d of %d values looked at are not numbers", bad, len(values)), Next: "Name another column, or say whether the decimal sign is a comma with --decimal-comma"})
		}
	}
	r.p.useAmount = r.column(Amount) >= 0
	if r.column(Amount) >= 0 && r.column(Price) >= 0 {
		switch amountGiven, priceGiven := r.named(Amount), r.named(Price); {
		case amountGiven != priceGiven: // what the user named is what she wants counted
			r.p.useAmount = amountGiven
		default:
			r.p.useAmount = !r.p.lines || r.amountIsOfLine()
		}
		used, other := Amount, Price
		if !r.p.useAmount {
			used, other = Price, Amount
			r.note("total_unused", fmt.Sprintf("The amount of a line is unit price × quantity; the column %q is of the whole order, or of something else, and is not used.", r.header(other)), "column", r.header(other))
		} else if r.m.Columns[r.column(other)].Note == "" {
			r.m.Columns[r.column(other)].Note = "the line's amount is taken from " + r.header(used)
		}
	}
	r.repeatedTotals()
	return nil
}

// named tells whether the user named the column of a role.
func (r *recogniser) named(role Role) bool {
	c := r.column(role)
	return c >= 0 && r.m.Columns[c].By == "given"
}

// amountIsOfLine tells whether, beside a unit price, the amount column is the line's total and not the order's.
// Orders of several lines decide where there are any: an order's total is the same on each, and above each line's own.
func (r *recogniser) amountIsOfLine() bool {
	price, amount, quantity, order := r.column(Price), r.column(Amount), r.column(Quantity), r.column(Order)
	times := map[string]int{}
	if order >= 0 {
		for _, row := range r.s.rows {
			times[row[order]]++
		}
	}
	several := 0
	for _, n := range times {
		if n > 1 {
			several++
		}
	}
	rows, equal, within := 0, 0, 0
	for _, row := range r.s.rows {
		if several > 0 && times[row[order]] < 2 {
			continue
		}
		p, _, ps := parseNumber(row[price], r.p.comma)
		a, _, as := parseNumber(row[amount], r.p.comma)
		q := one
		qs := readOK
		if quantity >= 0 {
			q, _, qs = parseNumber(row[quantity], r.p.comma)
		}
		rows++
		if ps != readOK || as != readOK || qs != readOK {
			continue
		}
		want, _ := minor(p, q, 4)
		got, _ := minor(a, one, 4)
		if near := max(100, want/1000); got >= want-near && got <= want+near {
			equal++
			within++
		} else if got < want {
			within++
		}
	}
	return rows > 0 && equal*2 >= rows && within*20 >= rows*19
}

// repeatedTotals warns of a file of lines in which each line carries the total of its order.
func (r *recogniser) repeatedTotals() {
	order, amount := r.column(Order), r.column(Amount)
	if !r.p.lines || !r.p.useAmount || r.column(Price) >= 0 && !r.named(Amount) || order < 0 {
		return
	}
	first, same, orders := map[string]string{}, map[string]bool{}, 0
	for _, row := range r.s.rows {
		a, ok := first[row[order]]
		if !ok {
			first[row[order]] = row[amount]
			continue
		}
		had, met := same[row[order]]
		same[row[order]] = (had || !met) && a == row[amount]
	}
	alike := 0
	for _, s := range same {
		orders++
		if s {
			alike++
		}
	}
	if orders >= 5 && alike*10 >= orders*9 {
		r.problem(Problem{Reason: "collect.repeated_totals", Column: r.header(Amount), Sentence: "Every line of an order carries the same amount: it may be the order's total, which would then be counted once for each line", Next: "Name the line's own amount, or its unit price, with --columns"})
	}
}

// remaining settles how refunds are told and which zone times are in.
func (r *recogniser) remaining(context.Context) error {
	if r.column(Kind) >= 0 {
		r.p.kindHeader = r.header(Kind)
		r.p.kind = kindModeOf(r.p.kindHeader)
		r.p.newestFirst = r.refundsComeFirst()
	}
	if word, ok := matchHeader(r.header(Customer)); ok && word.role == Phone {
		r.p.phoneKey = true
	} else if c := r.column(Customer); r.areTelephones(c) {
		r.p.phoneKey = true
		if r.column(Phone) < 0 {
			r.p.also[Phone] = c
		}
		r.m.Columns[c].Note = "telephone numbers: one number in several spellings is one customer"
	}
	r.wholes()
	r.offDay()
	r.markDates()
	if r.p.loc == nil {
		r.p.loc = time.UTC
		if r.timed() {
			if z := r.likelyZone(); z != "" {
				r.note("utc_here", "Times are taken as UTC; --tz says otherwise, such as --tz "+z+".", "zone", z)
			} else {
				r.note("utc", "Times are taken as UTC; --tz says otherwise.")
			}
		}
	}
	return nil
}

// timed tells whether the dates carry times of day without a zone.
func (r *recogniser) timed() bool {
	if r.column(Time) >= 0 {
		return true
	}
	i := newInstants(r.p.at, newZone(time.UTC), false)
	for _, v := range r.s.column(r.column(At)) {
		if i.read(v) == dateOK && i.c.timed && !i.c.zoned {
			return true
		}
	}
	return false
}
