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
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"
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

// BenchmarkFormats reports the rows a second of the formats that are not CSV.
func BenchmarkFormats(b *testing.B) {
	const rows = 50_000
	files := map[string]func(w *bytes.Buffer) error{
		"x.jsonl": func(w *bytes.Buffer) error {
			for i := range rows {
				fmt.Fprintf(w, `{"id":%d,"customer":{"id":"C%d"},"at":"2024-03-05T10:00:00Z","sku":"A%d","qty":%d,"price":%d.50}`+"\n", i, i%999, i%77, i%5+1, i%90)
			}
			return nil
		},
		"x.parquet": func(w *bytes.Buffer) error {
			type row struct {
				ID, Qty       int64
				Customer, SKU string
				At            time.Time
				Price         float64
			}
			pw := parquet.NewGenericWriter[row](w)
			for i := range rows {
				if _, err := pw.Write([]row{{int64(i), int64(i%5 + 1), fmt.Sprint("C", i%999), fmt.Sprint("A", i%77), time.Unix(1.7e9, 0), float64(i%90) + 0.5}}); err != nil {
					return err
				}
			}
			return pw.Close()
		},
		"x.xlsx": func(w *bytes.Buffer) error {
			f := excelize.NewFile()
			sw, err := f.NewStreamWriter("Sheet1")
			if err != nil {
				return err
			}
			_ = sw.SetRow("A1", []any{"id", "customer", "at", "sku", "qty", "price"})
			for i := range rows {
				_ = sw.SetRow(fmt.Sprint("A", i+2), []any{i, fmt.Sprint("C", i%999), "2024-03-05 10:00", fmt.Sprint("A", i%77), i%5 + 1, float64(i%90) + 0.5})
			}
			if err := sw.Flush(); err != nil {
				return err
			}
			return f.Write(w)
		},
	}
	for name, write := range files {
		var w bytes.Buffer
		if err := write(&w); err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), name)
			if err := os.WriteFile(path, w.Bytes(), 0o600); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				t, err := Open(context.Background(), path, Options{})
				if err != nil {
					b.Fatal(err)
				}
				pass, err := t.Rows(context.Background())
				if err != nil {
					b.Fatal(err)
				}
				var batch Batch
				n := 0
				for err == nil {
					err = pass.Next(&batch)
					n += batch.Len()
				}
				if n != rows {
					b.Fatalf("%d rows: %v", n, err)
				}
				_ = pass.Close()
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
