package table

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// retailLike writes n lines that look like Online Retail's.
func retailLike(tb testing.TB, n int) string {
	tb.Helper()
	var w bytes.Buffer
	w.WriteString("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n")
	for i := range n {
		name := "WHITE HANGING HEART T-LIGHT HOLDER"
		if i%50 == 0 {
			name = `"RECORD FRAME 7"" SINGLE, SIZE "`
		}
		fmt.Fprintf(&w, "%d,%dA,%s,%d,2010-12-%02d %02d:26:00,%d.%02d,%d.0,United Kingdom\n",
			536365+i/20, 10000+i%4000, name, i%12+1, i%28+1, i%24, i%9, i%100, 12346+i/20%4000)
	}
	path := filepath.Join(tb.TempDir(), "retail.csv")
	if err := os.WriteFile(path, w.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// BenchmarkScan reports the lines a second of the CSV scanner alone.
func BenchmarkScan(b *testing.B) {
	const lines = 400_000
	path := retailLike(b, lines)
	for b.Loop() {
		t, err := Open(context.Background(), path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		rows, err := t.Rows(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		var batch Batch
		n := 0
		for {
			err := rows.Next(&batch)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			n += batch.Len()
		}
		if n != lines {
			b.Fatalf("read %d lines, want %d", n, lines)
		}
		_ = rows.Close()
	}
	b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
