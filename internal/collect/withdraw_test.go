package collect

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/collect/orders"
)

const exported = "customer,order,date,product,quantity,price,status,cancelled date\n"

// rows are the lines of orders as they are kept, in short: order, kind, day, product, amount.
func (h house) rows(t *testing.T) (list []string) {
	t.Helper()
	rows, err := h.warehouse.Ask(t.Context(), `SELECT l.order_id, l.kind, DATE '1970-01-01' + l.day, coalesce(p.id, ''), l.base_minor FROM line l LEFT JOIN product p ON p.key = l.product_key ORDER BY ALL`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var order, product string
		var kind uint8
		var on time.Time
		var base int64
		if err := rows.Scan(&order, &kind, &on, &product, &base); err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%s %s %s %s %d", order, map[uint8]string{1: "sold", 2: "back"}[kind], on.Format(time.DateOnly), product, base))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestASaleThatIsCancelledLaterIsGivenBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	must := func(name, text string) Result {
		t.Helper()
		r, err := h.take(t, name, exported+text, Options{Options: orders.Options{Currency: "GBP"}})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	must("monday.csv", "ann,1,2026-03-02,tea,1,10,paid,\nann,1,2026-03-02,cup,2,5,paid,\nbob,2,2026-03-02,tea,1,10,paid,\ncem,3,2026-03-02,tea,1,10,paid,\ncem,3,2026-03-02,tea,1,10,paid,\ncem,3,2026-03-02,cup,1,5,paid,\n")
	// The first is called off on a day that is told, the second on one that is not, the third in part, the fourth was never sold.
	tuesday := "ann,1,2026-03-02,tea,1,10,cancelled,2026-03-04\nann,1,2026-03-02,cup,2,5,cancelled,2026-03-04\nbob,2,2026-03-02,tea,1,10,cancelled,\n" +
		"cem,3,2026-03-02,tea,1,10,paid,\ncem,3,2026-03-02,tea,1,10,cancelled,2026-03-03\ncem,3,2026-03-02,cup,1,5,paid,\n" +
		"dee,4,2026-03-03,tea,1,10,cancelled,\ndee,5,2026-03-03,tea,1,10,paid,\n"
	r := must("tuesday.csv", tuesday)
	countsOf(t, r)
	if notes := fmt.Sprint(r.Notes); r.RefundLines != 0 || r.Withdrawn != 3 || !strings.Contains(notes, "3 orders that an earlier import took in are cancelled by this file") {
		t.Errorf("%+v", r)
	}
	want := []string{
		"1 sold 2026-03-02 cup 1000", "1 sold 2026-03-02 tea 1000", "1 back 2026-03-04 cup 1000", "1 back 2026-03-04 tea 1000",
		"2 sold 2026-03-02 tea 1000", "2 back 2026-03-03 tea 1000",
		"3 sold 2026-03-02 cup 500", "3 sold 2026-03-02 tea 1000", "3 sold 2026-03-02 tea 1000", "3 back 2026-03-03 tea 1000",
		"5 sold 2026-03-03 tea 1000",
	}
	if diff := cmp.Diff(want, h.rows(t)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	again := must("tuesday.csv", tuesday)
	countsOf(t, again)
	if diff := cmp.Diff(want, h.rows(t)); diff != "" || again.RefundLines != 0 || again.LinesAccepted != 0 {
		t.Errorf("the same file again: %+v\n%s", again, diff)
	}
	// Wednesday's export calls the rest of the third off too.
	r = must("wednesday.csv", "cem,3,2026-03-02,tea,1,10,cancelled,2026-03-03\ncem,3,2026-03-02,tea,1,10,cancelled,2026-03-05\ncem,3,2026-03-02,cup,1,5,cancelled,2026-03-05\ndee,5,2026-03-03,tea,1,10,paid,\n")
	countsOf(t, r)
	if got := h.rows(t); len(got) != len(want)+2 || !strings.Contains(strings.Join(got, "\n"), "3 back 2026-03-05 cup 500\n3 back 2026-03-05 tea 1000") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// What came back before it was called off does not come back twice.
func TestNothingIsGivenBackTwice(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, text := range []string{
		"ann,1,2026-03-02,tea,1,10,paid,\nann,1,2026-03-03,tea,-1,4,paid,\nbob,2,2026-03-02,tea,1,10,returned,\n",
		"ann,1,2026-03-02,tea,1,10,cancelled,2026-03-05\nbob,2,2026-03-02,tea,1,10,cancelled,2026-03-05\ncem,3,2026-03-05,tea,1,10,paid,\n",
	} {
		if _, err := h.take(t, "x.csv", exported+text, Options{Options: orders.Options{Currency: "GBP"}}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"1 sold 2026-03-02 tea 1000", "1 back 2026-03-03 tea 400", "1 back 2026-03-05 tea 600",
		"2 sold 2026-03-02 tea 1000", "2 back 2026-03-02 tea 1000", "3 sold 2026-03-05 tea 1000",
	}
	if diff := cmp.Diff(want, h.rows(t)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
