package orders

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/event"
)

func TestReasons(t *testing.T) {
	for _, c := range []struct{ name, header, row, want string }{
		{"purchase", "lines", "17,A1,2024-03-05,2,1.50,T", "purchase 300"},
		{"no customer comes first", "lines", ",,soon,x,y,T", "missing_customer"},
		{"a word for nothing", "lines", "NULL,A1,2024-03-05,2,1.50,T", "missing_customer"},
		{"no order", "lines", "17,,2024-03-05,2,1.50,T", "missing_order"},
		{"date", "lines", "17,A1,soon,2,1.50,T", "unreadable_date"},
		{"no date", "lines", "17,A1,,2,1.50,T", "unreadable_date"},
		{"calendar", "lines", "17,A1,2024-02-30,2,1.50,T", "impossible_date"},
		{"price", "lines", "17,A1,2024-03-05,2,cheap,T", "unreadable_amount"},
		{"quantity", "lines", "17,A1,2024-03-05,two,1.50,T", "unreadable_quantity"},
		{"refund by quantity", "lines", "17,A1,2024-03-05,-2,1.50,T", "refund 300"},
		{"refund of something free", "lines", "17,A1,2024-03-05,-2,0,T", "refund 0"},
		{"credit note", "lines", "17,C77,2024-03-05,2,1.50,T", "refund 300"},
		{"nothing sold", "lines", "17,A1,2024-03-05,0,1.50,T", "zero_quantity"},
		{"nothing sold and free", "lines", "17,A1,2024-03-05,0,0,T", "zero_quantity"},
		{"negative price", "lines", "17,A1,2024-03-05,2,-1.50,T", "negative_price"},
		{"free", "lines", "17,A1,2024-03-05,2,0.00,T", "free_line"},
		{"half a cent", "lines", "17,A1,2024-03-05,1,0.005,T", "purchase 1"},
		{"too large", "lines", "17,A1,2024-03-05,9999999999,9999999999,T", "too_large"},
		{"malformed", "lines", "17,A1", "malformed_row"},
		{"order", "orders", "17,A1,2024-03-05,12.50,EUR,paid", "purchase 1250"},
		{"discounted to nothing", "orders", "17,A1,2024-03-05,0,EUR,paid", "purchase 0"},
		{"refund by amount", "orders", "17,A1,2024-03-05,-12.50,EUR,paid", "refund 1250"},
		{"refund by status", "orders", "17,A1,2024-03-05,12.50,EUR,Refunded", "purchase and refund 1250"},
		{"a refund's own row", "orders", "17,A1,2024-03-05,12.50,EUR,Refund", "refund 1250"},
		{"cancelled in Korean", "orders", "17,A1,2024-03-05,12.50,EUR,취소완료", "cancelled_order"},
		{"given back in Korean", "orders", "17,A1,2024-03-05,12.50,EUR,반품완료", "purchase and refund 1250"},
		{"cancelled in Thai", "orders", "17,A1,2024-03-05,12.50,EUR,ยกเลิกแล้ว", "cancelled_order"},
		{"cancelled, and a negative amount", "orders", "17,A1,2024-03-05,-12.50,EUR,Cancelled", "refund 1250"},
		{"never paid", "orders", "17,A1,2024-03-05,12.50,EUR,voided", "unpaid_order"},
		{"waits for its money", "orders", "17,A1,2024-03-05,12.50,EUR,입금전", "unpaid_order"},
		{"asked to cancel", "orders", "17,A1,2024-03-05,12.50,EUR,취소요청", "purchase 1250"},
		{"refund in Thai", "orders", "17,A1,2024-03-05,12.50,EUR,คืนเงินแล้ว", "purchase and refund 1250"},
		{"not cancelled in Thai", "orders", "17,A1,2024-03-05,12.50,EUR,ไม่ยกเลิก", "purchase 1250"},
		{"refunded in part", "orders", "17,A1,2024-03-05,12.50,EUR,partially_refunded", "purchase 1250"},
		{"won have no decimals", "orders", "17,A1,2024-03-05,12500,KRW,paid", "purchase 12500"},
		{"another currency", "orders", "17,A1,2024-03-05,12.50,quid,paid", "unknown_currency"},
		{"amount", "orders", "17,A1,2024-03-05,,EUR,paid", "unreadable_amount"},
	} {
		t.Run(c.name, func(t *testing.T) {
			content := "customer,order,date,quantity,unit price,item name\n1,1,2024-01-13,1,1.00,T\n2,2,2024-01-13,1,1.00,T\n3,3,2024-01-13,1,1.00,T\n"
			if c.header == "orders" {
				content = "customer,order,date,total,currency,status\n1,1,2024-01-13,1.00,EUR,paid\n2,2,2024-01-13,1.00,EUR,paid\n3,3,2024-01-13,1.00,EUR,paid\n"
			}
			r := run(t, file(t, "x.csv", content+c.row+"\n"), Options{}, true)
			got := ""
			if len(r.rejects) == 1 && len(r.lines) == 3 {
				got = string(r.rejects[0].Reason)
				if x := r.rejects[0]; x.Line != 5 || x.Row != c.row || (x.Column == "" && x.Reason != MalformedRow) {
					t.Errorf("reject %+v", x)
				}
			} else if len(r.lines) > 3 {
				l := r.lines[3]
				if len(r.lines) == 5 && r.lines[4].Kind == event.Refund && r.lines[4].AmountMinor == l.AmountMinor {
					got = "purchase and refund" + fmt.Sprintf(" %d", l.AmountMinor)
				} else {
					got = map[event.Kind]string{event.Purchase: "purchase", event.Refund: "refund"}[l.Kind] + fmt.Sprintf(" %d", l.AmountMinor)
				}
				if l.QuantityMilli < 0 || l.SourceLine != 5 {
					t.Errorf("line %+v", l)
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestFields(t *testing.T) {
	r := run(t, file(t, "x.csv", "customer id,order id,order date,time,sku,product name,category,qty,price,currency,country,channel,promised date,delivered date,paid until,customer name,email,phone,coupon\n"+
		"17.0,A1,25/03/2024,2:30 PM,T1,Tee,Getränke,1.5,10.333333,JPY,Japan,web,28/03/2024,01/04/2024,24/04/2024,Ann,a@x,010.0,SPRING\n"), Options{TZ: "Asia/Tokyo"}, true)
	want := event.OrderLine{
		Customer: "17", Order: "A1", AtUS: 1711344600e6, Day: 19807, Kind: event.Purchase, Product: "T1", ProductName: "Tee", Category: "Getränke", QuantityMilli: 1500, AmountMinor: 15, Currency: "JPY", Market: "Japan",
		Channel: "web", Promised: 19810, Delivered: 19814, PaidUntil: 19837, Name: "Ann", Email: "a@x", Phone: "010", Coupon: "SPRING", SourceLine: 2,
	}
	if diff := cmp.Diff([]event.OrderLine{want}, r.lines); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestMadeOrders(t *testing.T) {
	r := run(t, file(t, "x.csv", "customer,date,total\na,2024-03-15 10:00,1\na,2024-03-15 10:00,2\nb,2024-03-15 10:00,3\na,2024-03-15,4\na,2024-03-15 10:00,x\na,2024-03-15 10:00,5\n"), Options{TZ: "Asia/Seoul"}, true)
	var got []string
	for _, l := range r.lines {
		got = append(got, l.Order)
	}
	want := []string{"a@2024-03-15T10:00:00#1", "a@2024-03-15T10:00:00#2", "b@2024-03-15T10:00:00#1", "a@2024-03-15#1", "a@2024-03-15T10:00:00#3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestStopsWithTheCaller(t *testing.T) {
	path := writeLines(t, "x.csv", "customer,date,total\n", 100_000, func(w *bufio.Writer, i int) { fmt.Fprintf(w, "%d,2024-03-05,%d\n", i, i%7-1) })
	ctx := context.Background()
	tab, err := table.Open(ctx, path, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Recognise(ctx, tab, Options{})
	if err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	calls := 0
	if _, err := Stream(ctx, tab, m, func(l []event.OrderLine) error {
		if len(l) > BatchLines {
			t.Errorf("%d lines at once", len(l))
		}
		if calls++; calls == 3 {
			return enough
		}
		return nil
	}, nil); !errors.Is(err, enough) || calls != 3 {
		t.Errorf("after %d calls: %v", calls, err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	if _, err := Stream(cancelled, tab, m, func([]event.OrderLine) error { cancel(); return nil }, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if x, err := Stream(ctx, tab, m, nil, nil); err != nil || x.LinesRead != 100_000 {
		t.Errorf("afterwards: %+v %v", x, err)
	}
}

// Random files, read by the room and by a few plain lines of Go, come to the same.
func TestAgreesWithPlainReading(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 400).Draw(rt, "rows")
		records := [][]string{{"Invoice", "Customer ID", "Invoice Date", "Quantity", "Unit Price", "Item Name"}}
		cells := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(rt, label) }
		for range n {
			records = append(records, []string{
				cells("order", "1001", "1002", "1003", "C1004", ""), cells("customer", "17850.0", "13047.0", "12583.0", ""),
				cells("date", "2024-03-05 10:00:00", "2024-12-31 23:59:59", "2024-02-30 00:00:00", "x"),
				cells("quantity", "1", "12", "-3", "0", "2.5", "many"), cells("price", "1.10", "0", "-2", "0.005", "19.999", "?"),
				cells("name", "Tea, green", "say \"hi\"", "two\nlines", ""),
			})
		}
		path := filepath.Join(dir, "x.csv")
		f, err := os.Create(path)
		if err != nil {
			rt.Fatal(err)
		}
		if err := errors.Join(csv.NewWriter(f).WriteAll(records), f.Close()); err != nil {
			rt.Fatal(err)
		}
		o := Options{Columns: map[string]string{"order": "1", "customer": "2", "date": "3", "quantity": "4", "price": "5", "product_name": "6"}, Currency: "GBP", DateFormat: "ymd"}
		r := run(t, path, o, true)
		counts, revenue := map[string]int64{}, int64(0)
		creditNotes, whole := mostlyDigits(records[1:])
		for _, rec := range records[1:] {
			outcome, amount := plainly(rec, creditNotes)
			counts[outcome]++
			if outcome == "purchase" {
				revenue += amount
			}
		}
		got := map[string]int64{}
		for k, v := range r.totals.SetAside {
			got[string(k)] = v
		}
		for k, v := range map[string]int64{"purchase": r.totals.LinesAccepted, "refund": r.totals.RefundLines} {
			if v > 0 {
				got[k] = v
			}
		}
		if diff := cmp.Diff(counts, got); diff != "" || revenue != r.totals.Revenue["GBP"] {
			rt.Fatalf("revenue %d, want %d; counts (-want +got):\n%s", r.totals.Revenue["GBP"], revenue, diff)
		}
		for _, l := range r.lines {
			if whole && strings.HasSuffix(l.Customer, ".0") {
				rt.Fatalf("customer %q", l.Customer)
			}
		}
	})
}

// mostlyDigits tells whether credit notes are told by their letter, and whether any customer is named at all.
func mostlyDigits(records [][]string) (creditNotes, customers bool) {
	digits, filled := 0, 0
	for _, r := range records {
		if r[0] != "" {
			filled++
		}
		if r[0] != "" && r[0][0] != 'C' {
			digits++
		}
		customers = customers || r[1] != ""
	}
	return digits*2 > filled, customers
}

// plainly decides a record step by step, with exact rationals.
func plainly(rec []string, creditNotes bool) (outcome string, amount int64) {
	q, qok := new(big.Rat).SetString(rec[3])
	p, pok := new(big.Rat).SetString(rec[4])
	switch {
	case rec[1] == "":
		return "missing_customer", 0
	case rec[0] == "":
		return "missing_order", 0
	case rec[2] == "x":
		return "unreadable_date", 0
	case strings.HasPrefix(rec[2], "2024-02-30"):
		return "impossible_date", 0
	case !pok:
		return "unreadable_amount", 0
	case !qok:
		return "unreadable_quantity", 0
	case q.Sign() == 0:
		return "zero_quantity", 0
	case q.Sign() < 0 || (creditNotes && rec[0][0] == 'C'):
		return "refund", 0
	case p.Sign() < 0:
		return "negative_price", 0
	case p.Sign() == 0:
		return "free_line", 0
	}
	v := new(big.Rat).Mul(q, p)
	v.Mul(v, big.NewRat(100, 1)).Add(v, big.NewRat(1, 2))
	return "purchase", new(big.Int).Div(v.Num(), v.Denom()).Int64()
}

func FuzzStream(f *testing.F) {
	f.Add("customer,date,total\n1,2024-03-05,5\n")
	f.Add("고객번호;주문일;금액\n1;2024. 3. 5.;₩5,000\n")
	f.Add("1 19970101 1 2.5\n2 19970102 1 3.5\n")
	f.Add("{\"customer\":1,\"date\":\"5 มี.ค. 67\",\"total\":\"-1e3\"}")
	f.Fuzz(func(t *testing.T, content string) {
		tab, err := table.Open(context.Background(), file(t, "x.csv", content), table.Options{})
		if err != nil {
			return
		}
		p, err := Inspect(context.Background(), tab, Options{}, "KRW", 0)
		if err != nil {
			return
		}
		sum := p.Totals.LinesAccepted + p.Totals.RefundLines
		for _, n := range p.Totals.SetAside {
			sum += n
		}
		if sum != p.Totals.LinesRead {
			t.Fatalf("%+v", p.Totals)
		}
	})
}
