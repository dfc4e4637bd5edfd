package orders

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/collect/orders/tally"
	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/datatest"
)

// result is what a file gives, gathered for comparing.
type result struct {
	mapping *Mapping
	totals  Totals
	counter *tally.Counter
	lines   []event.OrderLine // strings cloned
	rejects []Reject
}

// run opens, recognises and streams a file; keep gathers lines and rejects.
func run(tb testing.TB, path string, o Options, keep bool) result {
	tb.Helper()
	ctx := context.Background()
	t, err := table.Open(ctx, path, o.Table(""))
	if err != nil {
		tb.Fatal(err)
	}
	m, err := Recognise(ctx, t, o)
	if err != nil {
		tb.Fatalf("%v\nmapping: %+v", err, m)
	}
	r := result{mapping: m, counter: tally.NewCounter()}
	r.totals, err = Stream(ctx, t, m, func(lines []event.OrderLine) error {
		r.counter.Add(lines)
		for i := range lines {
			if keep {
				r.lines = append(r.lines, clonedLine(lines[i]))
			}
		}
		return nil
	}, func(x Reject) error {
		if keep {
			r.rejects = append(r.rejects, clonedReject(x))
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	sum := r.totals.LinesAccepted + r.totals.RefundLines
	for _, n := range r.totals.SetAside {
		sum += n
	}
	if sum != r.totals.LinesRead {
		tb.Errorf("the counts add up to %d of %d lines: %+v", sum, r.totals.LinesRead, r.totals)
	}
	return r
}

func TestOnlineRetail(t *testing.T) {
	path := datatest.Path(t, "online_retail/online_retail.csv.gz")
	r := run(t, path, Options{}, false)
	if r.totals.LinesRead != 541909 || r.totals.LinesAccepted != 397884 || r.totals.RefundLines != 8905 {
		t.Errorf("read %d, accepted %d, refunds %d", r.totals.LinesRead, r.totals.LinesAccepted, r.totals.RefundLines)
	}
	if diff := cmp.Diff(map[Reason]int64{MissingCustomer: 135080, FreeLine: 40}, r.totals.SetAside); diff != "" {
		t.Errorf("set aside (-want +got):\n%s", diff)
	}
	if r.counter.Orders() != 18532 || r.counter.Customers() != 4338 {
		t.Errorf("%d orders of %d customers", r.counter.Orders(), r.counter.Customers())
	}
	if diff := cmp.Diff(map[string]int64{"GBP": 891140790}, r.totals.Revenue); diff != "" {
		t.Errorf("revenue (-want +got):\n%s", diff)
	}
	if m := r.mapping; m.Shape != PerLine || m.CurrencyBy != "country" || m.DateFormat != "ymd" || m.DecimalComma {
		t.Errorf("mapping %+v", m)
	}
	if a, b := r.totals.FirstDay.String(), r.totals.LastDay.String(); a != "2010-12-01" || b != "2011-12-09" {
		t.Errorf("from %s to %s", a, b)
	}
}

func TestCDNOW(t *testing.T) {
	path := datatest.Path(t, "cdnow/CDNOW_master.txt")
	for name, o := range map[string]Options{
		"given": {Columns: map[string]string{"customer": "1", "at": "2", "quantity": "3", "amount": "4"}},
		"found": {},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, path, o, true)
			zero := 0
			for _, l := range r.lines {
				if l.AmountMinor == 0 {
					zero++
				}
			}
			if r.totals.LinesAccepted != 69659 || r.counter.Customers() != 23570 || r.counter.Orders() != 69659 || zero != 80 {
				t.Errorf("%+v, %d customers, %d orders, %d of zero", r.totals, r.counter.Customers(), r.counter.Orders(), zero)
			}
			if r.totals.Revenue["USD"] != 250031563 {
				t.Errorf("revenue %v", r.totals.Revenue)
			}
			if l := r.lines[2]; l.Customer != "00002" || l.Order != "00002@1997-01-12#2" || l.Day.String() != "1997-01-12" || l.QuantityMilli != 5000 || l.AmountMinor != 7700 {
				t.Errorf("line %+v", l)
			}
		})
	}
}
