package table

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"github.com/dangol/dangol/internal/kit/fault"
)

func TestJSONLines(t *testing.T) {
	r := mustRead(t, "x.jsonl", strings.Join([]string{
		`{"id": 7, "customer": {"id": "A\u00e9", "vip": true}, "total": 12.50, "note": null, "tags": ["x", 1]}`,
		`{"total": -3e2, "id": 8, "customer": {"id": "say \"hi\"\n"}, "later": "한국"}`,
		`{"id": 9, "customer": `,
		``,
		`{"id": 10}`,
	}, "\n"), Options{})
	want := [][]string{{"7", "Aé", "true", "12.50", "", `["x", 1]`, ""}, {"8", "say \"hi\"\n", "", "-3e2", "", "", "한국"}, {"10", "", "", "", "", "", ""}}
	if diff := cmp.Diff(want, r.rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"id", "customer.id", "customer.vip", "total", "note", "tags", "later"}, r.columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{1, 2, 5}, r.lines); diff != "" || !cmp.Equal(r.bad, []int64{3}) {
		t.Errorf("lines %v, malformed %v", r.lines, r.bad)
	}
}

func TestJSONLineItems(t *testing.T) {
	const orders = `{"id":1,"line_items":[{"sku":"a","qty":2},{"sku":"b","qty":1,"more":{"x":1}}],"customer":"C1","refunds":[]}
{"id":2,"customer":"C2","line_items":[]}
{"id":3,"customer":"C3","line_items":[{"sku":"c","qty":5}]}
`
	want := [][]string{{"1", "a", "2", "", "C1", "[]"}, {"1", "b", "1", "1", "C1", "[]"}, {"2", "", "", "", "C2", ""}, {"3", "c", "5", "", "C3", ""}}
	r := mustRead(t, "x.jsonl", orders, Options{})
	if diff := cmp.Diff([]string{"id", "line_items.sku", "line_items.qty", "line_items.more.x", "customer", "refunds"}, r.columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, r.rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	array := "[\n" + strings.ReplaceAll(strings.TrimSpace(orders), "}\n{", "},\n  {") + "\n]\n"
	r = mustRead(t, "x.json", array, Options{})
	if diff := cmp.Diff(want, r.rows); diff != "" {
		t.Errorf("rows of an array (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{2, 2, 3, 4}, r.lines); diff != "" {
		t.Errorf("lines of an array (-want +got):\n%s", diff)
	}
}

func TestParquet(t *testing.T) {
	type row struct {
		ID     int64     `parquet:"id"`
		Name   *string   `parquet:"name,optional"`
		Day    int32     `parquet:"day,date"`
		At     time.Time `parquet:"at,timestamp(microsecond)"`
		Amount float64   `parquet:"amount"`
		Exact  int64     `parquet:"exact,decimal(2:18)"`
		Paid   bool      `parquet:"paid"`
	}
	name := "김민수"
	var w bytes.Buffer
	pw := parquet.NewGenericWriter[row](&w)
	at := time.Date(2024, 3, 5, 15, 4, 5, 120_000_000, time.UTC)
	if _, err := pw.Write([]row{{1, &name, 19787, at, 12.5, -1250, true}, {2, nil, 0, at, 0.1, 7, false}}); err != nil {
		t.Fatal(err)
	}
	if err := pw.Close(); err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"1", "김민수", "2024-03-05", "2024-03-05T15:04:05.12Z", "12.5", "-12.50", "true"},
		{"2", "", "1970-01-01", "2024-03-05T15:04:05.12Z", "0.1", "0.07", "false"},
	}
	var gz bytes.Buffer
	g := gzip.NewWriter(&gz)
	_, _ = g.Write(w.Bytes())
	_ = g.Close()
	for file, raw := range map[string][]byte{"x.parquet": w.Bytes(), "x.parquet.gz": gz.Bytes()} {
		r, err := readFile(t, file, raw, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, r.rows); diff != "" || r.info.Format != Parquet {
			t.Errorf("%s %+v (-want +got):\n%s", file, r.info, diff)
		}
		if diff := cmp.Diff([]string{"id", "name", "day", "at", "amount", "exact", "paid"}, r.columns); diff != "" {
			t.Errorf("columns (-want +got):\n%s", diff)
		}
	}
	for cut := 4; cut < w.Len(); cut += 7 { // damaged anywhere, it is a fault and never a panic
		if _, err := readFile(t, "x.parquet", append(append([]byte{}, w.Bytes()[:cut]...), "PAR1"...), Options{}); err == nil {
			t.Errorf("cut at %d: no error", cut)
		}
	}
}

func workbook(t *testing.T, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	var w bytes.Buffer
	if err := f.Write(&w); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

func TestExcel(t *testing.T) {
	raw := workbook(t, func(f *excelize.File) {
		_, _ = f.NewSheet("주문")
		format := "m/d/yy h:mm"
		date, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		money, _ := f.NewStyle(&excelize.Style{NumFmt: 4})
		for cell, v := range map[string]any{
			"A1": "내려받은 주문", "A3": "주문번호", "B3": "주문일시", "C3": "금액", "D3": "메모",
			"A4": 536365, "B4": time.Date(2010, 12, 1, 8, 26, 0, 0, time.UTC), "C4": 1234.5, "D4": "a",
			"A5": 536366, "B5": time.Date(2010, 12, 2, 0, 0, 0, 0, time.UTC), "C5": 12, "D5": "b, c",
			"A7": 536367, "B7": time.Date(2011, 1, 2, 23, 59, 59, 0, time.UTC), "C7": 0.1,
		} {
			_ = f.SetCellValue("주문", cell, v)
		}
		_ = f.SetCellStyle("주문", "B4", "B7", date)
		_ = f.SetCellStyle("주문", "C4", "C7", money)
	})
	r, err := readFile(t, "x.xlsx", raw, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"536365", "2010-12-01 08:26:00", "1234.5", "a"}, {"536366", "2010-12-02", "12", "b, c"}, {"536367", "2011-01-02 23:59:59", "0.1", ""}}
	if diff := cmp.Diff(want, r.rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"주문번호", "주문일시", "금액", "메모"}, r.columns); diff != "" || r.info.Sheet != "주문" {
		t.Errorf("sheet %q, columns (-want +got):\n%s", r.info.Sheet, diff)
	}
	if diff := cmp.Diff([]int64{4, 5, 7}, r.lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	_, err = readFile(t, "x.xlsx", raw, Options{Sheet: "orders"})
	if f := fault.From(err); f.Reason != "collect.no_such_sheet" || !strings.Contains(f.Next, "주문") {
		t.Errorf("another sheet: %v", err)
	}
}
