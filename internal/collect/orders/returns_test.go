package orders

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
