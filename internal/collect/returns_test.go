package collect

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/collect/orders"
)

// randomOrders writes a file of which every row may be bought, given back, called off, or nothing that can be read.
func randomOrders(r *rand.Rand, lines bool) string {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	var b strings.Builder
	b.WriteString("order_id,customer_id,order_date,amount,currency,status,cancelled_at,refunded_amount")
	if lines {
		b.WriteString(",sku")
	}
	b.WriteString("\nx1,ann,2024-03-01,5.00,EUR,paid,,0.00" + strings.Repeat(",mug", map[bool]int{true: 1}[lines]) + "\n")
	for range 1 + r.IntN(60) {
		order := r.IntN(12)
		if lines {
			order = r.IntN(5)
		}
		fmt.Fprintf(&b, "%d,c%d,2024-03-%02d,%s,EUR,%s,%s,%s", order, order%3, 1+r.IntN(9), pick("10.00", "4.00", "7.50", "-3.00", "0", "x"),
			pick("paid", "paid", "paid", "refunded", "refund", "cancelled", "voided", ""), pick("", "", "", "", "0", "2024-04-01"), pick("", "", "0.00", "2.00", "40.00"))
		if lines {
			b.WriteString("," + pick("mug", "cup", ""))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Every line read is in exactly one count, whatever was given back or called off; and a dry run counts what the import does.
func TestTheCountsAddUpToTheLinesRead(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 7))
		h, first, second := open(t), randomOrders(r, seed%2 == 0), randomOrders(r, seed%2 == 0)
		p, err := h.Preview(t.Context(), h.file(t, "a.csv", first), "a.csv", Options{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		c, err := h.take(t, "a.csv", first, Options{})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, first)
		}
		countsOf(t, c)
		x, aside := p.Totals, map[string]int64{}
		for reason, n := range x.SetAside {
			aside[string(reason)] = n
		}
		if x.LinesRead != c.LinesRead || x.LinesAccepted != c.LinesAccepted || x.RefundLines != c.RefundLines || x.RefundsBeside != c.RefundsBeside || x.Orders != c.Orders ||
			x.Customers != c.Customers || x.Revenue.Amount != c.Revenue.Format("en")[len(c.Revenue.Format("en"))-len(x.Revenue.Amount):] || !maps.Equal(aside, c.SetAside) {
			t.Errorf("seed %d: the dry run says %+v, the import %+v\n%s", seed, x, c, first)
		}
		before := h.sums(t)
		again, err := h.take(t, "a.csv", first, Options{})
		if countsOf(t, again); err != nil || again.LinesAccepted+again.RefundLines+again.RefundsBeside != 0 || again.AlreadyPresent != c.LinesAccepted+c.RefundLines {
			t.Errorf("seed %d, again: %+v, %v", seed, again, err)
		}
		if again.Withdrawn != 0 || h.sums(t) != before {
			t.Errorf("seed %d: the same file changed %s to %s", seed, before, h.sums(t))
		}
		if other, err := h.take(t, "b.csv", second, Options{}); err == nil {
			countsOf(t, other)
		}
		settled := h.sums(t)
		if other, err := h.take(t, "b.csv", second, Options{}); err == nil && (other.Withdrawn != 0 || h.sums(t) != settled) {
			t.Errorf("seed %d, the other again: %+v; %s, then %s", seed, other, settled, h.sums(t))
		}
	}
}

// sums is what was bought and what came back, in cents.
func (h house) sums(t *testing.T) string {
	t.Helper()
	rows, err := h.warehouse.Ask(context.WithoutCancel(t.Context()), `SELECT coalesce(sum(base_minor) FILTER (kind = 1), 0)::VARCHAR || ' ' || coalesce(sum(base_minor) FILTER (kind = 2), 0)::VARCHAR FROM orders`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	text := ""
	for rows.Next() {
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return text
}

// An export's "Refunded Amount" is what was given back of the order until then.
func TestTheSumGivenBackGrowsWithTheExports(t *testing.T) {
	t.Parallel()
	h := open(t)
	export := func(back string) string {
		return "Name,Email,Financial Status,Currency,Created at,Lineitem quantity,Lineitem name,Lineitem price,Refunded Amount\n" +
			"#1,a@x,partially_refunded,EUR,2026-01-13 10:00:00 +0000,1,Tea,8.00," + back + "\n#1,,,,,1,Cup,12.00,\n"
	}
	for _, c := range []struct{ back, want, note string }{{"5.00", "2000 500", "returned"}, {"5.00", "2000 500", "returned"}, {"10.00", "2000 1000", "returned"}, {"10.00", "2000 1000", "returned"}, {"4.00", "2000 1000", "told_less"}} {
		r, err := h.take(t, "x.csv", export(c.back), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if countsOf(t, r); h.sums(t) != c.want || !slices.ContainsFunc(r.Notes, func(n orders.Note) bool { return n.Code == c.note }) {
			t.Errorf("%s given back: %s, want %s; notes %v", c.back, h.sums(t), c.want, r.Notes)
		}
	}
}

// An order that an earlier file told of and a later one cancels was no sale.
func TestALaterFileCancelsAnOrder(t *testing.T) {
	t.Parallel()
	h := open(t)
	file := func(a, b string) string {
		return "order_id,customer_id,order_date,amount,currency,cancelled_at\n1,ann,2026-03-01,10.00,EUR," + a + "\n2,bob,2026-03-02,20.00,EUR," + b + "\n3,bob,2026-03-02,30.00,EUR,\n"
	}
	for _, c := range []struct {
		a, b, want string
		withdrawn  int64
	}{{"", "", "6000 0", 0}, {"2026-03-09", "", "6000 1000", 1}, {"2026-03-09", "", "6000 1000", 0}, {"2026-03-09", "yes", "6000 3000", 1}, {"", "", "6000 3000", 0}} {
		r, err := h.take(t, "x.csv", file(c.a, c.b), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if n := countsOf(t, r); h.sums(t) != c.want || r.Withdrawn != c.withdrawn || n.LinesRead != 3 ||
			slices.ContainsFunc(r.Notes, func(n orders.Note) bool { return n.Code == "withdrawn" }) != (c.withdrawn > 0) {
			t.Errorf("%q, %q: %s, want %s; %+v", c.a, c.b, h.sums(t), c.want, r)
		}
	}
	only, err := h.take(t, "only.csv", "order_id,customer_id,order_date,amount,currency,status\n3,bob,2026-03-02,30.00,EUR,cancelled\n", Options{})
	if err != nil || only.Withdrawn != 1 || h.sums(t) != "6000 6000" {
		t.Errorf("a file of cancellations alone: %+v, %v, %s", only, err, h.sums(t))
	}
	list, err := h.History(t.Context(), 10)
	if err != nil || list[0].Withdrawn != 1 || list[4].Withdrawn != 1 {
		t.Errorf("history: %v, %+v", err, list)
	}
}
