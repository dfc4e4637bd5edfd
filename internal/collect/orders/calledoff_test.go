package orders

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

// A till knows its members by their telephone numbers, whatever it calls the column, and writes them as they were typed in.
func TestMembersKnownByTelephoneAreNotTwo(t *testing.T) {
	for name, c := range map[string]struct {
		rows string
		want []string
	}{
		"Thai":            {"1,01/04/2568,0885653330,฿5\n2,13/04/2568,088-565-3330,฿6\n3,14/04/2568,,฿7\n", []string{"1 +66885653330 buys 500", "2 +66885653330 buys 600"}},
		"plain alone":     {"1,13/04/2568,0885653330,฿5\n", []string{"1 +66885653330 buys 500"}},
		"no telephones":   {"1,01/04/2568,0012345,฿5\n2,13/04/2568,00-123-45,฿6\n", []string{"1 0012345 buys 500", "2 00-123-45 buys 600"}},
		"of no country":   {"1,01/04/2568,010-2010-7370,5\n2,13/04/2568,01020107370,6\n", []string{"1 01020107370 buys 500", "2 01020107370 buys 600"}},
		"numbers and one": {"1,01/04/2568,4711,฿5\n2,13/04/2568,4712,฿6\n3,13/04/2568,088-565-3330,฿6\n", []string{"1 4711 buys 500", "2 4712 buys 600", "3 088-565-3330 buys 600"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, file(t, "x.csv", "เลขที่บิล,วันที่,สมาชิก,ยอดสุทธิ\n"+c.rows), Options{}, true)
			if diff := cmp.Diff(c.want, told(r.lines)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if len(r.lines) > 0 && strings.HasPrefix(r.lines[0].Customer, "+") && r.lines[0].Phone == "" {
				t.Error("who is known by her telephone has none")
			}
		})
	}
}

// A cancelled row is told as the sale that an earlier export may have brought, with the day on which it was called off.
func TestCancelledRowsTellTheirSale(t *testing.T) {
	for name, c := range map[string]struct{ earlier, later, on string }{
		"Cafe24":  {"주문번호,주문자ID,주문일시,상품명,수량,판매가,주문상태,취소완료일\n1,a,2026-03-01 10:00:00,차,2,12000,배송중,\n", "주문번호,주문자ID,주문일시,상품명,수량,판매가,주문상태,취소완료일\n1,a,2026-03-01 10:00:00,차,2,12000,취소완료,2026-03-04 09:00\n", "2026-03-04"},
		"Shopify": {shopify + "#1,a@x,paid,,GBP,8.00,2.00,2026-01-13 10:00:00 +0000,1,Tea,10.00,,0.00\n", shopify + "#1,a@x,refunded,,GBP,8.00,2.00,2026-01-13 10:00:00 +0000,1,Tea,10.00,2026-01-15 11:00:00 +0000,8.00\n", "2026-01-15"},
		"Thai":    {"เลขที่คำสั่งซื้อ,วันที่,รหัสลูกค้า,ยอดรวม,สถานะ\n1,13/04/2568,7,500,สำเร็จ\n", "เลขที่คำสั่งซื้อ,วันที่,รหัสลูกค้า,ยอดรวม,สถานะ\n1,13/04/2568,7,500,ยกเลิกแล้ว\n", "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			sold := run(t, file(t, "x.csv", c.earlier), Options{}, true).lines
			path := file(t, "y.csv", c.later)
			in, err := table.Open(t.Context(), path, Options{}.Table(""))
			if err != nil {
				t.Fatal(err)
			}
			m, err := Recognise(t.Context(), in, Options{})
			if err != nil {
				t.Fatal(err)
			}
			rows := 0
			_, err = Stream(t.Context(), in, m, nil, func(r Reject) error {
				rows++
				if r.Cancelled == nil || len(sold) != 1 {
					t.Fatalf("%+v, %d sold", r, len(sold))
				}
				order, hash := r.Cancelled.Line.Keys()
				wantOrder, wantHash := sold[0].Keys()
				on := "unknown"
				if r.Cancelled.Day != day.Unknown {
					on = r.Cancelled.Day.String()
				}
				if order != wantOrder || hash != wantHash || on != c.on || r.Cancelled.Line.Kind != event.Purchase {
					t.Errorf("%+v on %s, sold was %+v", r.Cancelled, on, sold[0])
				}
				return nil
			})
			if err != nil || rows != 1 {
				t.Errorf("%d rows, %v", rows, err)
			}
		})
	}
}

// Some exports write a nought or a no where an order was not cancelled.
func TestANoIsNoDayOfCancelling(t *testing.T) {
	for _, no := range []string{"", "0", "false", "No", "-"} {
		r := run(t, file(t, "x.csv", shopify+"#1,a@x,paid,,GBP,10.00,0.00,2026-01-13 10:00:00 +0000,1,Tea,10.00,"+no+",0.00\n#2,b@x,paid,,GBP,10.00,0.00,2026-01-13 10:00:00 +0000,1,Tea,10.00,2026-01-15 11:00:00 +0000,0.00\n"), Options{}, true)
		if r.totals.LinesAccepted != 1 || r.totals.SetAside[CancelledOrder] != 1 {
			t.Errorf("%q: %+v", no, r.totals)
		}
	}
}

func TestAZoneIsProposedWhereTheFileTellsTheCountry(t *testing.T) {
	for header, want := range map[string]string{
		"주문번호,주문자ID,주문일시,결제금액": "such as --tz Asia/Seoul.", "order,customer,date,total (GBP)": "such as --tz Europe/London.", "order,customer,date,total": "--tz says otherwise.",
	} {
		r := run(t, file(t, "x.csv", header+"\n1,a,2026-03-01 10:00:00,12\n"), Options{}, false)
		if !strings.Contains(fmt.Sprint(r.mapping.Notes), want) {
			t.Errorf("%s: %q", header, r.mapping.Notes)
		}
	}
}
