package orders

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/collect/orders/tally"
	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
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
	Outcome     string `json:"outcome"` // purchase, refund, purchase_and_refund, or the reason for setting it aside
}

// PreviewTotals are what the file, or its first part, holds.
type PreviewTotals struct {
	LinesRead     int64            `json:"lines_read"`
	LinesAccepted int64            `json:"lines_accepted"`
	Orders        int64            `json:"orders"`
	Customers     int64            `json:"customers"`
	RefundLines   int64            `json:"refund_lines"`
	RefundsBeside int64            `json:"refunds_beside"` // beside purchases of the same row; on top of the lines read
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

// sampleShown is how many rows a preview shows.
const sampleShown = 10

// Inspect reads up to budget rows (0 means all) and shows what Stream would make of them. base is the currency
// to take where the file names none ("" for none). A fault about the file becomes a fatal Problem in the
// preview; an error means the file could not be read at all.
func Inspect(ctx context.Context, t *table.Table, o Options, base string, budget int64) (*Preview, error) {
	m, err := Recognise(ctx, t, o)
	v := &Preview{Info: t.Info(), Mapping: *m, Sample: []SampleRow{}, Totals: PreviewTotals{SetAside: map[Reason]int64{}, FirstDay: day.Unknown, LastDay: day.Unknown}}
	if err != nil {
		var f *fault.Fault
		if !errors.As(err, &f) || f.Reason == "collect.unreadable_file" {
			return nil, err
		}
		v.Problems = append(v.Problems, problemOf(f))
		return v, nil
	}
	if m.Currency == "" && base != "" {
		if err := v.SetCurrency(base, "workspace"); err != nil {
			return nil, err
		}
	}
	if err := v.read(ctx, t, budget); err != nil {
		return nil, err
	}
	v.setAsideProblems()
	return v, nil
}

// problemOf is a fault as a fatal problem.
func problemOf(f *fault.Fault) Problem {
	return Problem{Reason: f.Reason, Column: f.Where.Column, Line: f.Where.Line, Value: f.Where.Value, Sentence: f.Sentence, Next: f.Next, Fatal: true}
}

// read takes the rows in as Stream would, until the budget is spent.
func (v *Preview) read(ctx context.Context, t *table.Table, budget int64) error {
	rows, err := t.Rows(ctx)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // only read from
	p := &parser{reader: newRowReader(v.plan), headers: t.Columns(), totals: newTotals()}
	counter := tally.NewCounter()
	var l load
	for !v.Totals.Complete {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := rows.Next(&l.batch); errors.Is(err, io.EOF) {
			v.Totals.Complete = true
		} else if err != nil {
			return err
		}
		v.show(&l.batch)
		p.parse(&l)
		counter.Add(l.lines)
		if budget > 0 && p.totals.LinesRead >= budget {
			break
		}
	}
	p.sum()
	x := &p.totals
	v.Totals.LinesRead, v.Totals.LinesAccepted, v.Totals.RefundLines, v.Totals.RefundsBeside, v.Totals.SetAside = x.LinesRead, x.LinesAccepted, x.RefundLines, x.RefundsBeside, x.SetAside
	v.Totals.FirstDay, v.Totals.LastDay = x.FirstDay, x.LastDay
	v.Totals.Orders, v.Totals.Customers = counter.Orders(), counter.Customers()
	v.Notes = append(v.Notes, x.Notes()...)
	v.money(x)
	return nil
}

// money shows the totals of the main currency, and of each where there are several.
func (v *Preview) money(x *Totals) {
	codes := []string{}
	main := v.Currency
	for code := range x.Revenue {
		codes = append(codes, code)
	}
	sort.Slice(codes, func(i, j int) bool { return x.Revenue[codes[i]] > x.Revenue[codes[j]] })
	if _, ok := x.Revenue[main]; !ok && len(codes) > 0 {
		main = codes[0]
	}
	v.Totals.Revenue, v.Totals.Refunds = moneyText(x.Revenue[main], main), moneyText(x.Refunds[main], main)
	if len(codes) > 1 {
		for _, c := range codes {
			v.Totals.ByCurrency = append(v.Totals.ByCurrency, moneyText(x.Revenue[c], c))
		}
	}
}

func moneyText(minor int64, code string) Money {
	return Money{Amount: decimalText(minor, currencyDigits(code)), Currency: code}
}

// decimalText writes v / 10^digits.
func decimalText(v int64, digits int) string {
	if digits == 0 {
		return fmt.Sprint(v)
	}
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	return fmt.Sprintf("%s%d.%0*d", sign, v/pow10[digits], digits, v%pow10[digits])
}

// show keeps the first rows with what becomes of them.
func (v *Preview) show(b *table.Batch) {
	if len(v.Sample) >= sampleShown {
		return
	}
	arena := make([]byte, 0, 4096)
	r := newRowReader(v.plan)
	r.arena = &arena
	bad := b.Malformed()
	for i := 0; (i < b.Len() || len(bad) > 0) && len(v.Sample) < sampleShown; {
		if len(bad) > 0 && (i == b.Len() || bad[0].Line < b.Line(i)) {
			v.Sample = append(v.Sample, SampleRow{Line: bad[0].Line, Outcome: string(MalformedRow)})
			bad = bad[1:]
			continue
		}
		v.Sample = append(v.Sample, r.sampleRow(b.Row(i), b.Line(i)))
		i++
	}
}

// sampleRow shows a row as read, or its cells as they stand where it is set aside.
func (r *rowReader) sampleRow(row []string, line int64) SampleRow {
	var l event.OrderLine
	f := r.read(row, line, &l)
	if f.reason != "" {
		s := SampleRow{
			Line: line, Outcome: string(f.reason), Customer: text(row, r.customer), Order: text(row, r.order), At: text(row, r.at), Product: text(row, r.product),
			ProductName: text(row, r.productName), Category: text(row, r.category), Quantity: text(row, r.quantity), Market: text(row, r.market),
		}
		s.Amount.Amount = text(row, max(r.amount, r.price))
		return s.cloned()
	}
	s := SampleRow{
		Line: line, Customer: l.Customer, Order: l.Order, At: time.UnixMicro(l.AtUS).In(r.p.loc).Format(time.RFC3339), Kind: "purchase", Product: l.Product, ProductName: l.ProductName, Category: l.Category,
		Quantity: strings.TrimSuffix(strings.TrimRight(decimalText(l.QuantityMilli, 3), "0"), "."), Amount: moneyText(l.AmountMinor, l.Currency), Market: l.Market, Outcome: "purchase",
	}
	switch {
	case l.Kind == event.Refund:
		s.Kind, s.Outcome = "refund", "refund"
	case r.back > 0:
		s.Outcome = "purchase_and_refund"
	}
	return s.cloned()
}

// cloned frees the row from the buffers it was read from.
func (s SampleRow) cloned() SampleRow {
	for _, p := range []*string{&s.Customer, &s.Order, &s.At, &s.Product, &s.ProductName, &s.Category, &s.Quantity, &s.Amount.Amount, &s.Market} {
		*p = strings.Clone(clip(*p))
	}
	return s
}

// setAsideProblems tells of reasons that concern so many rows that the mapping may be wrong.
func (v *Preview) setAsideProblems() {
	for _, reason := range []Reason{MalformedRow, UnreadableDate, ImpossibleDate, UnknownCurrency, UnreadableAmount, UnreadableQuantity} {
		n := v.Totals.SetAside[reason]
		if n > 0 && n*20 >= v.Totals.LinesRead {
			v.Problems = append(v.Problems, Problem{
				Reason: "collect." + string(reason), Sentence: fmt.Sprintf("%d of %d rows would be set aside as %s", n, v.Totals.LinesRead, strings.ReplaceAll(string(reason), "_", " ")),
				Next: "Check the columns and formats before importing",
			})
		}
	}
	if n := v.Totals.SetAside[CancelledOrder]; n > 1 && n*10 >= v.Totals.LinesRead*9 {
		column := ""
		if c := v.plan.cancelledAt; c >= 0 {
			column = v.Columns[c].Header
		} else if c := v.plan.column(Kind); c >= 0 {
			column = v.Columns[c].Header
		}
		v.Problems = append(v.Problems, Problem{
			Reason: "collect.cancelled_order", Column: column, Sentence: fmt.Sprintf("%d of %d rows would be set aside as cancelled, by the column %q", n, v.Totals.LinesRead, column),
			Next: "Check what that column says; name the column of the status with --columns kind=HEADER, or none with --columns kind=",
		})
	}
}
