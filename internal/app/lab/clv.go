package lab

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/collect/orders"
	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/predict"
)

// CLV fits buy-till-you-die models to a file of orders, which is read as an import reads it. An unknown AsOf is the last day in the file.
func CLV(ctx context.Context, path string, o orders.Options, a predict.Ask) (*predict.Report, error) {
	t, err := table.Open(ctx, path, o.Table(filepath.Base(path)))
	if err != nil {
		return nil, err
	}
	m, err := orders.Recognise(ctx, t, o)
	if err != nil {
		return nil, err
	}
	if m.Currency == "" {
		if err := m.SetCurrency(market.None, "none"); err != nil {
			return nil, err
		}
	}
	b := buyers{at: map[string]int{}, currency: ""}
	totals, err := orders.Stream(ctx, t, m, b.add, func(orders.Reject) error { return nil })
	if err != nil {
		return nil, err
	}
	if len(b.days) == 0 {
		return nil, fault.New(fault.Invalid, "lab.no_purchases", "no line of the file is a purchase that can be used").At(fault.Place{File: t.Info().Name}).
			Then("See how its columns are read with `dangol import orders FILE --dry-run`, and correct that with --columns.")
	}
	if a.AsOf == day.Unknown {
		a.AsOf = totals.LastDay // a refund too shows that the day was watched, as in the platform
	}
	return predict.ReportOn(b.purchases(), a)
}

// buyers gathers what each customer spent on which day.
type buyers struct {
	at       map[string]int
	days     []map[int32]int64 // minor units
	currency string
}

func (b *buyers) add(lines []event.OrderLine) error {
	for i := range lines {
		l := &lines[i]
		if l.Kind != event.Purchase {
			continue
		}
		if b.currency == "" {
			b.currency = strings.Clone(l.Currency)
		}
		if l.Currency != b.currency {
			return fault.Newf(fault.Invalid, "lab.two_currencies", "the file has amounts in %s and in %s", b.currency, l.Currency).At(fault.Place{Line: l.SourceLine}).
				Then("Split it by currency, or import it, which takes rates.")
		}
		k, met := b.at[l.Customer]
		if !met {
			k = len(b.days)
			b.at[strings.Clone(l.Customer)] = k
			b.days = append(b.days, map[int32]int64{})
		}
		b.days[k][int32(l.Day)] += l.AmountMinor
	}
	return nil
}

func (b *buyers) purchases() *predict.Purchases {
	p := &predict.Purchases{}
	scale := math.Pow10(market.Digits(b.currency))
	for _, of := range b.days {
		var days []int32
		for d := range of {
			days = append(days, d)
		}
		slices.Sort(days)
		spend := make([]float64, len(days))
		for k, d := range days {
			spend[k] = float64(of[d]) / scale
		}
		p.Days, p.Spend = append(p.Days, days), append(p.Spend, spend)
	}
	return p
}
