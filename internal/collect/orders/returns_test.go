package orders

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
)

// Each returned row makes two lines, so that a batch holds more lines than rows, wherever in it they stand.
func TestEveryRowMayBeReturned(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.csv")
	try := func(n, returned int) {
		b := []byte("customer,order,date,total,currency,status\n")
		for i := range n {
			b = fmt.Appendf(b, "c%d,%d,2026-01-13,1.00,EUR,%s\n", i, i, map[bool]string{true: "refunded", false: "paid"}[i < returned])
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		r := run(t, path, Options{}, true)
		if r.totals.LinesRead != int64(n) || len(r.lines) != n+returned || r.totals.RefundsBeside != int64(returned) {
			t.Errorf("%d rows, %d returned: %d lines, %+v", n, returned, len(r.lines), r.totals)
		}
	}
	try(4, 2)
	for n := 1; n <= 1000; n++ {
		if n > 50 {
			n += 48
		}
		try(n, n)
	}
	for n := BatchLines - 1; n <= BatchLines+1; n++ {
		try(n, n)
		try(n, n/4+1)
	}
	try(3*BatchLines, 3*BatchLines)
}

// What goes wrong on the goroutine that parses is a fault of this file; it must not end the process.
func TestAPanicWhileParsingIsAFault(t *testing.T) {
	tab, err := table.Open(context.Background(), file(t, "x.csv", "customer,order,date,total,currency\nc,1,2026-01-13,1.00,EUR\n"), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Recognise(context.Background(), tab, Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.plan.columns[Customer] = 99 // a column that no row has
	_, err = Stream(context.Background(), tab, m, func([]event.OrderLine) error { return nil }, nil)
	f := fault.From(err)
	if f.Code != fault.Internal || f.Reason != "collect.reading_broke" || f.Where.Line != 2 || f.Unwrap() == nil || !strings.Contains(f.Unwrap().Error(), "row.go") {
		t.Errorf("%v: %v", err, f.Unwrap())
	}
}

// A sale is cancelled where the column says when, or yes; not where it says 0, no or no date at all.
func TestACellThatMarksNothingCancelsNothing(t *testing.T) {
	for cell, want := range map[string]int64{
		"0": 0, "false": 0, "no": 0, "N": 0, "0000-00-00 00:00:00": 0, "0000-00-00": 0, "00/00/0000": 0, "NULL": 0, "-": 0, "아니오": 0, "0.0": 0, "12": 0,
		"1": 1, "yes": 1, "TRUE": 1, "2026-01-16": 1, "2026-01-16 11:00:00 +0000": 1, "16/01/2026 11:00": 1, "2026. 1. 16.": 1, "1768561200": 1, "Jan 16, 2026": 1, "16 ม.ค. 2569": 1,
	} {
		for _, head := range []string{"customer,order,date,total,currency,cancelled_at\n", "customer,order,date,total,currency,cancelled_at,status\n"} {
			tail := "\n"
			if strings.HasSuffix(head, "status\n") {
				tail = ",paid\n"
			}
			content := head
			for i := range 4 {
				mark := "" // the column's own notation is not to be had from the sample, or only from this cell
				if i == 3 {
					mark = `"` + cell + `"`
				}
				content += fmt.Sprintf("c%d,%d,2026-01-13,1.00,EUR,%s%s", i, i, mark, tail)
			}
			if r := run(t, file(t, "x.csv", content), Options{}, true); r.totals.SetAside[CancelledOrder] != want {
				t.Errorf("%q in %q: %+v", cell, head, r.totals)
			}
		}
	}
}

func TestEveryOrderCancelledIsAProblem(t *testing.T) {
	content := "customer,order,date,total,currency,cancelled_at\n"
	for i := range 20 {
		content += fmt.Sprintf("c%d,%d,2026-01-13,1.00,EUR,%s\n", i, i, map[bool]string{true: "2026-01-14"}[i > 0])
	}
	tab, err := table.Open(context.Background(), file(t, "x.csv", content), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Inspect(context.Background(), tab, Options{}, "", 0)
	if err != nil || len(p.Problems) != 1 || p.Problems[0].Reason != "collect.cancelled_order" || p.Problems[0].Fatal || p.Problems[0].Column != "cancelled_at" {
		t.Errorf("%v %+v", err, p.Problems)
	}
}

// Each row that undoes something is judged by its own order: the refund of an earlier row, or what became of its own sale.
func TestEachOrderIsJudgedByItself(t *testing.T) {
	for _, c := range []struct {
		name, rows string
		want       []string
		aside      int64
	}{
		{"refunds of another amount", "1,a,2026-01-13,10.00,sold\n1,a,2026-01-14,4.00,refunded\n1,a,2026-01-15,4.00,refunded\n2,b,2026-01-14,7.00,sold\n", []string{"1 a buys 1000", "1 a gives back 400", "1 a gives back 400", "2 b buys 700"}, 0},
		{"one that stands as cancelled only", "1,a,2026-01-13,10.00,sold\n1,a,2026-01-14,10.00,cancelled\n2,b,2026-01-14,7.00,cancelled\n", []string{"1 a buys 1000", "1 a gives back 1000"}, 1},
		{"one that stands as returned only", "1,a,2026-01-13,10.00,sold\n1,a,2026-01-14,10.00,refunded\n2,b,2026-01-14,7.00,refunded\n3,b,2026-01-14,7.00,sold\n", []string{"1 a buys 1000", "1 a gives back 1000", "2 b buys 700", "2 b gives back 700", "3 b buys 700"}, 0},
		{"more came back than was sold", "1,a,2026-01-13,10.00,sold\n1,a,2026-01-14,14.00,refunded\n2,b,2026-01-13,10.00,sold\n", []string{"1 a buys 1000", "1 a buys 1400", "1 a gives back 1400", "2 b buys 1000"}, 0},
		{"the newest first", "1,a,2026-01-14,10.00,refunded\n1,a,2026-01-13,10.00,sold\n2,b,2026-01-12,7.00,sold\n", []string{"1 a gives back 1000", "1 a buys 1000", "2 b buys 700"}, 0},
	} {
		r := run(t, file(t, "x.csv", "order id,customer id,date,total,status\n"+c.rows), Options{}, true)
		if diff := cmp.Diff(c.want, told(r.lines)); diff != "" || r.totals.SetAside[CancelledOrder] != c.aside {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, r.totals.SetAside, diff)
		}
	}
}

// Of two lines of an order with the same product one may come back: what became of a line is said on it.
func TestTwinLinesHaveFatesOfTheirOwn(t *testing.T) {
	const head = "order id,customer id,date,sku,total,status\n"
	r := run(t, file(t, "x.csv", head+"1,a,2026-01-13 10:00:01,tee,10.00,delivered\n1,a,2026-01-13 10:00:01,tee,10.00,returned\n2,b,2026-01-13 10:00:02,tee,10.00,delivered\n2,b,2026-01-13 10:00:02,cup,10.00,returned\n"), Options{}, true)
	if diff := cmp.Diff([]string{"1 a buys 1000", "1 a buys 1000", "1 a gives back 1000", "2 b buys 1000", "2 b buys 1000", "2 b gives back 1000"}, told(r.lines)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The rejects of an order say what its first row says.
func TestARejectShowsTheStatusItsOrderHas(t *testing.T) {
	r := run(t, file(t, "x.csv", shopify+
		"#1,a@x,paid,,GBP,20.00,0.00,2026-01-16 10:00:00 +0000,1,Tea,10.00,,0.00\n#1,,,,,,,,1,Cup,10.00,,\n"+
		"#4,c@x,voided,,GBP,20.00,0.00,2026-01-16 10:00:00 +0000,1,Tea,10.00,,0.00\n#4,,,,,,,,1,Cup,10.00,,\n"+
		"#5,c@x,paid,,GBP,20.00,0.00,2026-01-16 10:00:00 +0000,1,Tea,10.00,2026-01-17 10:00:00 +0000,0.00\n#5,,,,,,,,1,Cup,10.00,,\n"), Options{}, true)
	for i, want := range []string{"voided", "voided", "2026-01-17 10:00:00 +0000", "2026-01-17 10:00:00 +0000"} {
		if i >= len(r.rejects) || r.rejects[i].Value != want {
			t.Errorf("reject %d: %+v", i, r.rejects)
		}
	}
}
