package orders

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
)

// told is the lines in short: order, customer, kind, amount.
func told(lines []event.OrderLine) []string {
	var out []string
	for _, l := range lines {
		kind := "buys"
		if l.Kind == event.Refund {
			kind = "gives back"
		}
		out = append(out, fmt.Sprintf("%s %s %s %d", l.Order, l.Customer, kind, l.AmountMinor))
	}
	return out
}

const shopify = "Name,Email,Financial Status,Fulfillment Status,Currency,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Cancelled at,Refunded Amount\n"

// Shopify writes what is of the whole order on its first row.
func TestAnOrdersFirstRowSpeaksForAll(t *testing.T) {
	r := run(t, file(t, "x.csv", shopify+
		"#1,a@x,paid,fulfilled,GBP,28.00,2.00,2026-01-13 10:00:00 +0000,1,Tea,10.00,,0.00\n"+
		"#1,,,,,,,,2,Cup,10.00,,\n"+
		"#2,b@x,partially_refunded,fulfilled,GBP,20.00,0.00,2026-01-14 10:00:00 +0000,1,Tea,10.00,,12.00\n"+
		"#2,,,,,,,,1,Cup,10.00,,\n"+
		"#3,a@x,refunded,fulfilled,GBP,14.90,0.00,2026-01-15 10:00:00 +0000,1,Tea,10.00,,14.90\n"+
		"#4,c@x,refunded,,GBP,20.00,0.00,2026-01-16 10:00:00 +0000,1,Tea,10.00,2026-01-16 11:00:00 +0000,20.00\n"+
		"#4,,,,,,,,1,Cup,10.00,,\n"+
		"#5,c@x,voided,,GBP,10.00,0.00,2026-01-17 10:00:00 +0000,1,Tea,10.00,,0.00\n"+
		"#6,c@x,pending,,GBP,10.00,0.00,2026-01-17 10:00:00 +0000,1,Tea,10.00,,0.00\n"+
		"#7,d@x,paid,,GBP,12.00,8.00,2026-01-18 10:00:00 +0000,1,Filter,5.00,,0.00\n"+
		"#7,,,,,,,,1,Cup,15.00,,\n"), Options{}, true)
	want := []string{
		"#1 a@x buys 800", "#1 a@x buys 2000",
		"#2 b@x buys 1000", "#2 b@x gives back 1000", "#2 b@x buys 1000", "#2 b@x gives back 200",
		"#3 a@x buys 1000", "#3 a@x gives back 1000",
		"#7 d@x buys 0", "#7 d@x buys 1200",
	}
	if diff := cmp.Diff(want, told(r.lines)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[Reason]int64{CancelledOrder: 2, UnpaidOrder: 2}, r.totals.SetAside); diff != "" {
		t.Errorf("set aside (-want +got):\n%s", diff)
	}
	if r.totals.RefundsBeside != 3 || len(r.totals.Notes()) != 2 || r.totals.Revenue["GBP"] != 7000 || r.totals.Refunds["GBP"] != 2200 {
		t.Errorf("%+v, %q", r.totals, r.totals.Notes())
	}
}

// A sale and its refund on rows of their own stay what they are, whatever the status is called.
func TestRefundsOnRowsOfTheirOwn(t *testing.T) {
	r := run(t, file(t, "x.csv", "order id,customer id,date,total,status\n1,a,2026-01-13,10.00,sold\n1,a,2026-01-14,10.00,refunded\n2,b,2026-01-14,7.00,sold\n"), Options{}, true)
	if diff := cmp.Diff([]string{"1 a buys 1000", "1 a gives back 1000", "2 b buys 700"}, told(r.lines)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAStatusIsNobody(t *testing.T) {
	rows := func(head string) string {
		var b strings.Builder
		b.WriteString(head)
		for i := range 1500 {
			fmt.Fprintf(&b, "#%d,%s,2026-01-%02d,%d.50\n", i, []string{"fulfilled", "unfulfilled"}[i%2], i%28+1, i)
		}
		return b.String()
	}
	for _, head := range []string{"Order ID,Fulfillment Status,Date,Total\n", "Order ID,Customer,Date,Total\n"} {
		tab, err := table.Open(context.Background(), file(t, "x.csv", rows(head)), table.Options{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := Inspect(context.Background(), tab, Options{}, "EUR", 0)
		if err != nil || len(p.Problems) != 1 || !p.Problems[0].Fatal {
			t.Errorf("%s: %v, %+v", head, err, p)
		}
		if _, err := Recognise(context.Background(), tab, Options{}); fault.From(err).Reason != "collect.missing_columns" {
			t.Errorf("%s: %v", head, err)
		}
		if _, err := Recognise(context.Background(), tab, Options{Columns: map[string]string{"customer": "2"}}); err != nil {
			t.Errorf("%s, named: %v", head, err)
		}
	}
}
