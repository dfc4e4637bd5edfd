package orders

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/datatest"
)

// writeLines writes a file of n rows under a header.
func writeLines(tb testing.TB, name, header string, n int, row func(w *bufio.Writer, i int)) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	_, _ = w.WriteString(header)
	for i := range n {
		row(w, i)
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return path
}

func benchmarkStream(b *testing.B, path string, lines int, o Options) {
	ctx := context.Background()
	t, err := table.Open(ctx, path, o.Table(""))
	if err != nil {
		b.Fatal(err)
	}
	m, err := Recognise(ctx, t, o)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		var sink int64
		x, err := Stream(ctx, t, m, func(l []event.OrderLine) error { sink += l[0].AmountMinor; return nil }, func(Reject) error { return nil })
		if err != nil || x.LinesRead != int64(lines) || x.LinesAccepted < int64(lines)*9/10 {
			b.Fatal(err, x)
		}
	}
	b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

// BenchmarkStreamRetail reads lines like Online Retail's into a trivial sink.
func BenchmarkStreamRetail(b *testing.B) {
	const lines = 400_000
	path := writeLines(b, "retail.csv", "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n", lines, func(w *bufio.Writer, i int) {
		fmt.Fprintf(w, "%d,%dA,WHITE HANGING HEART T-LIGHT HOLDER,%d,2010-12-%02d %02d:26:00,%d.%02d,%d.0,United Kingdom\n",
			536365+i/20, 10000+i%4000, i%12+1, i/20%28+1, i/20%24, i%9+1, i%100, 12346+i/20%4000)
	})
	benchmarkStream(b, path, lines, Options{})
}

// BenchmarkStreamSlashes reads day/month dates with a zone, thousands separators and no order numbers.
func BenchmarkStreamSlashes(b *testing.B) {
	const lines = 400_000
	path := writeLines(b, "orders.csv", "member_id;order date;amount\n", lines, func(w *bufio.Writer, i int) {
		fmt.Fprintf(w, "M%06d;%02d/%02d/2024 %02d:%02d;%d.%03d,%02d\n", i*7919%100000, i%28+1, i%12+1, i%24, i%60, i%9+1, i%1000, i%100)
	})
	benchmarkStream(b, path, lines, Options{TZ: "Europe/Berlin", Currency: "EUR"})
}

// BenchmarkStreamPublic reads the real Online Retail file, compressed as it is.
func BenchmarkStreamPublic(b *testing.B) {
	const lines = 541_909
	path := datatest.Path(b, "online_retail/online_retail.csv.gz")
	ctx := context.Background()
	for b.Loop() {
		t, err := table.Open(ctx, path, table.Options{})
		if err != nil {
			b.Fatal(err)
		}
		m, err := Recognise(ctx, t, Options{})
		if err != nil {
			b.Fatal(err)
		}
		x, err := Stream(ctx, t, m, func([]event.OrderLine) error { return nil }, func(Reject) error { return nil })
		if err != nil || x.LinesRead != lines {
			b.Fatal(err, x)
		}
	}
	b.ReportMetric(lines*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
