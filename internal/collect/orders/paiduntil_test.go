package orders

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/day"
)

// until is the last paid day of each line of a file, and the header it was found in.
func until(t *testing.T, content string, o Options) (days []string, header string, m *Mapping) {
	t.Helper()
	r := run(t, file(t, "x.csv", content), o, true)
	for _, l := range r.lines {
		days = append(days, l.PaidUntil.String())
	}
	for _, c := range r.mapping.Columns {
		if c.Role == PaidUntil {
			header = c.Header
		}
	}
	return days, header, r.mapping
}

func TestUntilWhenOrdersPay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ header, rows, want string }{
		{"customer id,order id,order date,total,Paid until", "7,1,2024-03-05,9.90,2024-04-04\n8,2,2024-03-15,99,2025-03-14\n9,3,2024-03-16,5,\n", "2024-04-04 2025-03-14 "},
		{"customer id,order id,order date,total,current_period_end", "7,1,2024-03-05,9.90,1712188800\n", "2024-04-04"},
		{"customer id,order id,order date,total,Current Period End (UTC)", "7,1,2024-03-05,9.90,2024-04-04 09:00\n", "2024-04-04"},
		{"customer id,order id,order date,total,Next billing date", "7,1,25/03/2024,9.90,25/04/2024\n8,2,26/03/2024,9.90,soon\n9,3,27/03/2024,9.90,05/04/2024\n", "2024-04-25  2024-04-05"},
		{"customer id,order id,order date,total,lines.data.period.end", "7,1,2024-03-05,9.90,2024-04-04\n", "2024-04-04"},
		{"customer id,order id,order date,total,expires", "7,1,2024-03-05,9.90,2024-04-04\n", "2024-04-04"},
		{"회원번호,주문번호,주문일자,결제금액,구독종료일", "1001,1,2024년 3월 5일,\"9,900\",2024년 4월 4일\n", "2024-04-04"},
		{"회원번호,주문번호,결제일,결제금액,다음결제일", "1001,1,2024.03.05,\"9,900\",2024.04.04\n", "2024-04-04"},
		{"회원번호,주문번호,주문일자,결제금액,만료일", "1001,1,2024-03-05,\"9,900\",2024-04-04\n", "2024-04-04"},
		{"รหัสสมาชิก,เลขที่บิล,วันที่,ยอดสุทธิ,วันต่ออายุ", "M01,B1,05/03/2567,250.00,04/04/2567\nM02,B2,25/03/2567,250.00,24/04/2567\n", "2024-04-04 2024-04-24"},
		{"รหัสสมาชิก,เลขที่บิล,วันที่,ยอดสุทธิ,ใช้ได้ถึง", "M02,B2,25/03/2567,250.00,24/04/2567\n", "2024-04-24"},
	} {
		days, header, m := until(t, c.header+"\n"+c.rows, Options{})
		if got := strings.Join(days, " "); got != c.want || header == "" {
			t.Errorf("%s: %q in the column %q, want %q (%+v)", c.header, got, header, c.want, m.Columns)
		}
	}
	days, _, _ := until(t, "who,bill,when,sum,till\n7,1,2024-03-05,9.90,2024-04-04\n", Options{Columns: map[string]string{"customer": "who", "order": "bill", "at": "when", "amount": "sum", "Paid Until": "till"}})
	if len(days) != 1 || days[0] != "2024-04-04" {
		t.Errorf("a column that was named: %v", days)
	}
}

// sold is a file of rows: an order a day of one of some customers, with an end.
func sold(header string, rows, customers int, end func(i int, at day.Day) day.Day) string {
	var b strings.Builder
	b.WriteString(header + "\n")
	for i := range rows {
		at := day.New(2024, 1, 1) + day.Day(i)
		fmt.Fprintf(&b, "c%d,%d,%s,9.90,X,%s\n", i%customers, i, at, end(i, at))
	}
	return b.String()
}

func TestWhatElseEnds(t *testing.T) {
	t.Parallel()
	monthly := func(_ int, at day.Day) day.Day { return at.AddMonths(1) }
	shelf := func(i int, at day.Day) day.Day { return at + day.Day(5+i*7%60) }
	campaign := func(int, day.Day) day.Day { return day.New(2024, 12, 31) }
	card := func(i int, _ day.Day) day.Day { return day.New(2026, 1, 1) + day.Day(i%7) } // of each of seven customers her own
	for _, c := range []struct {
		name, header string
		end          func(int, day.Day) day.Day
		found        bool
	}{
		{"a subscription", "customer,order,date,total,plan,expiry date", monthly, true},
		{"goods", "customer,order,date,total,product name,expiry date", shelf, false},
		{"an item's own", "customer,order,date,total,product name,item expiry date", monthly, false},
		{"a voucher", "customer,order,date,total,voucher code,valid until", monthly, false},
		{"a campaign", "customer,order,date,total,note,valid until", campaign, false},
		{"how the customer stands", "customer,order,date,total,plan,membership end date", card, false},
		{"a trial", "customer,order,date,total,plan,subscription trial end", monthly, false},
	} {
		_, header, m := until(t, sold(c.header, 60, 7, c.end), Options{})
		if (header != "") != c.found {
			t.Errorf("%s: found in %q (%+v)", c.name, header, m.Columns[5])
		}
		if m.plan.column(At) != 2 {
			t.Errorf("%s: the orders' day is column %d", c.name, m.plan.column(At))
		}
		if _, header, _ := until(t, sold(c.header, 60, 7, c.end), Options{Columns: map[string]string{"paid_until": "6"}}); header == "" {
			t.Errorf("%s: a column that was named is not taken", c.name)
		}
	}
}

// TestAnEndIsNoOrderDate: a file without the day of the order is refused, and not read by the day on which something ends.
func TestAnEndIsNoOrderDate(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"expiry date", "Product expiration date", "subscription renewal date", "valid until date"} {
		if m, ok := matchHeader(header); ok && m.role == At {
			t.Errorf("%q is taken for the day of the order", header)
		}
	}
}

func TestUntilWhenStandsOnAnOrdersFirstRow(t *testing.T) {
	t.Parallel()
	content := "customer,order,date,total,sku,paid until\n" +
		"7,1,2024-03-05,9.90,A,2024-04-04\n,1,,9.90,B,\n8,2,2024-03-06,9.90,A,2024-04-05\n,2,,9.90,B,\n9,3,2024-03-07,9.90,A,2024-04-06\n,3,,9.90,B,\n"
	days, _, _ := until(t, content, Options{})
	if got := strings.Join(days, " "); got != "2024-04-04 2024-04-04 2024-04-05 2024-04-05 2024-04-06 2024-04-06" {
		t.Errorf("the rows pay until %s", got)
	}
}
