package orders

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAPhoneInSeveralSpellingsIsOneCustomer(t *testing.T) {
	for name, c := range map[string]struct {
		rows string
		o    Options
		want []string
	}{
		"Thai": {
			"1,01/04/2568,081-234-5678,890.-\n2,13/04/2568,+66812345678,\"1,290.-\"\n3,14/04/2568,0812345678,฿890.-\n4,15/04/2568,812345678,890 บาท\n5,16/04/2568,******12,1\n",
			Options{},
			[]string{"1 +66812345678 buys 89000", "2 +66812345678 buys 129000", "3 +66812345678 buys 89000", "4 +66812345678 buys 89000", "5 ******12 buys 100"},
		},
		"of no country": {"1,13/04/2025,081-234-5678,5\n2,14/04/2025,081 234 5678,6\n", Options{}, []string{"1 0812345678 buys 500", "2 0812345678 buys 600"}},
		"named":         {"1,13/04/2025,081-234-5678,5\n", Options{Columns: map[string]string{"customer": "phone"}, Currency: "THB"}, []string{"1 +66812345678 buys 500"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, file(t, "x.csv", "order id,date,phone,total\n"+c.rows), c.o, true)
			if diff := cmp.Diff(c.want, told(r.lines)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWalkInsAreNobody(t *testing.T) {
	r := run(t, file(t, "x.csv", "order id,customer,date,total\n1,ลูกค้าทั่วไป,2026-01-13,5\n2,비회원,2026-01-13,5\n3,Walk-In Customer,2026-01-13,5\n4,Guest,2026-01-13,5\n5,Guest 7,2026-01-13,5\n"), Options{}, true)
	if diff := cmp.Diff([]string{"5 Guest 7 buys 500"}, told(r.lines)); diff != "" || r.totals.SetAside[MissingCustomer] != 4 {
		t.Errorf("%+v -want +got:\n%s", r.totals, diff)
	}
}

func TestThaiDigitsAndDates(t *testing.T) {
	r := run(t, file(t, "x.csv", "order id,customer,date,total\n๑,a,๐๑/๐๔/๒๕๖๘,๘๙๐.-\n๒,b,๑๓ เม.ย. ๒๕๖๘,๕\n๓,b,๑๓/๐๔/๒๕๖๘ ๑๔:๐๕ น.,๕\n"), Options{}, true)
	if r.totals.FirstDay.String() != "2025-04-01" || r.totals.LastDay.String() != "2025-04-13" || len(r.lines) != 3 || r.lines[0].AmountMinor != 89000 {
		t.Errorf("%+v", r.totals)
	}
}

// What the user names is what is counted, though another column would do.
func TestTheNamedAmountWins(t *testing.T) {
	content := "order id,customer,date,item name,quantity,unit price,total\n1,a,2026-01-13,T,2,10.00,17.00\n1,a,2026-01-13,U,1,5.00,4.00\n2,b,2026-01-14,T,1,10.00,9.00\n"
	for named, want := range map[string]int64{"": 3500, "amount": 3000, "price": 3500} {
		o := Options{}
		if named != "" {
			o.Columns = map[string]string{named: map[string]string{"amount": "total", "price": "unit price"}[named]}
		}
		if r := run(t, file(t, "x.csv", content), o, false); r.totals.Revenue[r.mapping.Currency] != want {
			t.Errorf("%q named: %+v", named, r.totals.Revenue)
		}
	}
}
