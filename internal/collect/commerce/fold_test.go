package commerce

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

// told makes the changes of one order, an hour apart; each is "Name {properties}".
func told(t *testing.T, facts ...string) []Change {
	t.Helper()
	changes := make([]Change, 0, len(facts))
	for i, text := range facts {
		name, props, _ := strings.Cut(text, " {")
		f := fact(name, `{"order_id":"1001",`+props)
		f.AtUS += int64(i) * 3_600_000_000
		f.ReceivedUS = f.AtUS
		f.Place, f.MessageID = event.PlaceOf(uint64(i+1), 0), "m-"+strconv.Itoa(i)
		changes = append(changes, must(t, f, Defaults{}))
	}
	return changes
}

// brief is a line as product×pieces=amount.
func brief(lines []event.OrderLine) string {
	var all []string
	for _, l := range lines {
		all = append(all, l.Product+"×"+strconv.FormatInt(l.QuantityMilli/1000, 10)+"="+strconv.FormatInt(l.AmountMinor, 10))
	}
	return strings.Join(all, " ")
}

const (
	two  = `Order Completed {"revenue":25,"currency":"EUR","products":[{"product_id":"m","price":19},{"product_id":"u","price":3,"quantity":2}]}`
	less = `Order Updated {"revenue":22,"currency":"EUR","products":[{"product_id":"m","price":19},{"product_id":"u","price":3}]}`
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		facts             []string
		bought, givenBack string
	}{
		{[]string{two}, "m×1=1900 u×2=600", ""},
		{[]string{two, less}, "m×1=1900 u×1=300", ""},
		{[]string{two, `Order Refunded {"products":[{"product_id":"u","price":3,"quantity":1}]}`}, "m×1=1900 u×2=600", "u×1=300"},
		{[]string{two, `Order Refunded {"total":5,"currency":"EUR"}`}, "m×1=1900 u×2=600", "×1=500"},
		{[]string{two, `Order Refunded {"total":-5}`}, "m×1=1900 u×2=600", "×1=500"},
		{[]string{two, `Order Refunded {"products":[{"product_id":"u","quantity":1}]}`}, "m×1=1900 u×2=600", "u×1=300"},
		{[]string{two, `Order Refunded {"note":"all"}`}, "m×1=1900 u×2=600", "m×1=1900 u×2=600"},
		{[]string{two, `Order Refunded {"total":30,"products":[{"product_id":"m","price":19},{"product_id":"u","price":3,"quantity":2}]}`}, "m×1=1900 u×2=600", "m×1=1900 u×2=600"},
		{[]string{two, `Order Refunded {"products":[{"product_id":"u","price":3}]}`, `Order Cancelled {"x":1}`}, "m×1=1900 u×2=600", "u×1=300 m×1=1900 u×1=300"},
		{[]string{two, `Order Cancelled {"x":1}`, `Order Cancelled {"x":2}`, `Order Refunded {"total":25}`}, "m×1=1900 u×2=600", "m×1=1900 u×2=600"},
		{[]string{two, `Order Refunded {"total":24}`, `Order Refunded {"total":24}`}, "m×1=1900 u×2=600", "×1=2400 ×1=100"},
		{[]string{two, `Order Refunded {"refund_id":"r","total":5}`, `Order Refunded {"refund_id":"r","total":6}`}, "m×1=1900 u×2=600", "×1=600"},
		{[]string{two, `Order Refunded {"total":9,"currency":"USD"}`}, "m×1=1900 u×2=600", "×1=900"},
		// Nothing is known of what was bought.
		{[]string{`Order Refunded {"total":5}`, `Order Refunded {"all":1}`}, "", "×1=500"},
		{[]string{`Order Cancelled {"revenue":5}`, `Order Refunded {"all":1}`}, "", ""},
		// The currency of the order is that of its changes that name none.
		{[]string{`Order Completed {"revenue":48000,"currency":"KRW"}`, `Order Updated {"revenue":47000}`, `Order Refunded {"total":7000}`}, "×1=47000", "×1=7000"},
	} {
		got := Fold(told(t, c.facts...), nil)
		if b, g := brief(got.Purchases), brief(got.Refunds); b != c.bought || g != c.givenBack {
			t.Errorf("%s\n bought %s, given back %s", strings.Join(c.facts, "\n"), b, g)
		}
		for _, l := range got.Refunds {
			if l.Kind != event.Refund {
				t.Errorf("%+v", l)
			}
		}
	}
}

func TestALateUpdateDoesNotMoveTheOrder(t *testing.T) {
	t.Parallel()
	changes := told(t, two, less, `Order Shipped {"promised_at":"2026-06-04"}`, `Order Delivered {"carrier":"x"}`)
	for _, l := range Fold(changes, nil).Purchases {
		if l.AtUS != noon.UnixMicro() || l.Promised != day.New(2026, 6, 4) || l.Delivered != day.New(2026, 6, 1) {
			t.Errorf("%+v", l)
		}
	}
}

func TestALaterChangeMovesUntilWhenAnOrderPays(t *testing.T) {
	t.Parallel()
	begun := `Order Completed {"revenue":25,"current_period_end":"2026-07-01"}`
	for _, c := range []struct {
		facts []string
		until day.Day
	}{
		{[]string{begun}, day.New(2026, 7, 1)},
		{[]string{begun, `Order Updated {"revenue":25,"paid_until":"2026-08-01"}`}, day.New(2026, 8, 1)},
		{[]string{begun, `Order Updated {"revenue":20}`}, day.New(2026, 7, 1)},
		{[]string{begun, `Order Shipped {"paid_until":"2026-06-15"}`}, day.New(2026, 6, 15)},
		{[]string{begun, `Order Refunded {"total":10}`}, day.New(2026, 7, 1)},
		{[]string{`Order Completed {"revenue":25}`}, day.Unknown},
	} {
		got := Fold(told(t, c.facts...), nil)
		for _, l := range got.Purchases {
			if l.PaidUntil != c.until {
				t.Errorf("%s: paid until %s, want %s", strings.Join(c.facts, ", "), l.PaidUntil, c.until)
			}
		}
		for _, l := range got.Refunds {
			if l.PaidUntil != day.Unknown {
				t.Errorf("a refund pays until %s", l.PaidUntil)
			}
		}
	}
}

// TestChangesOfBefore: what was kept before orders told until when they pay says nothing of it.
func TestChangesOfBefore(t *testing.T) {
	t.Parallel()
	c, err := DecodeChange([]byte(`{"kind":1,"order":"1","version":1,"place":1,"at":1,"day":"2026-06-01","promised":null,"delivered":"2026-06-03","lines":[{"Order":"1","Kind":1,"AmountMinor":5,"QuantityMilli":1000,"Currency":"USD","Day":"2026-06-01","Promised":null,"Delivered":null}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if l := Fold([]Change{c}, nil).Purchases[0]; l.PaidUntil != day.Unknown || l.Delivered != day.New(2026, 6, 3) {
		t.Errorf("%+v", l)
	}
}

func TestAnOrderOfAFile(t *testing.T) {
	t.Parallel()
	file := []event.OrderLine{{Customer: "42", Order: "1001", Product: "m", Kind: event.Purchase, Currency: "KRW", QuantityMilli: 1000, AmountMinor: 30000}}
	got := Fold(told(t, `Order Refunded {"total":50000}`, `Order Cancelled {"x":1}`), file)
	if got.Purchases != nil || brief(got.Refunds) != "×1=30000" {
		t.Errorf("%+v", got)
	}
	got = Fold(told(t, `Order Cancelled {"x":1}`), file)
	if got.Purchases != nil || brief(got.Refunds) != "m×1=30000" || file[0].AmountMinor != 30000 {
		t.Errorf("%+v", got)
	}
	got = Fold(told(t, two), file)
	if brief(got.Purchases) != "m×1=1900 u×2=600" {
		t.Errorf("the live order does not win: %+v", got)
	}
}

// somebody draws the properties of an order event.
func somebody(t *rapid.T) string {
	money := rapid.StringMatching(`(0|[1-9][0-9]{0,6})(\.[0-9]{1,4})?`)
	var fields []string
	for _, name := range []string{"revenue", "subtotal", "total", "shipping", "tax", "discount"} {
		if rapid.Bool().Draw(t, "has "+name) {
			fields = append(fields, `"`+name+`":`+money.Draw(t, name))
		}
	}
	if rapid.Bool().Draw(t, "says its currency") {
		fields = append(fields, `"currency":"`+rapid.SampledFrom([]string{"USD", "KRW", "KWD"}).Draw(t, "currency")+`"`)
	}
	var products []string
	for range rapid.IntRange(0, 6).Draw(t, "products") {
		p := `{"product_id":"` + rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(t, "product") + `"`
		if rapid.Bool().Draw(t, "priced") {
			p += `,"price":` + money.Draw(t, "price")
		}
		if rapid.Bool().Draw(t, "counted") {
			p += `,"quantity":` + rapid.SampledFrom([]string{"1", "2", "0.5", "17"}).Draw(t, "quantity")
		}
		products = append(products, p+"}")
	}
	fields = append(fields, `"products":[`+strings.Join(products, ",")+`]`, `"order_id":"1001"`)
	return "{" + strings.Join(fields, ",") + "}"
}

// TestLinesSumToTheRevenue: whatever products an order has, its lines are what it brought, to the last minor unit.
func TestLinesSumToTheRevenue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := fact(OrderCompleted, somebody(t))
		c, _, trouble := Orders(f, Defaults{})
		if trouble != nil {
			t.Fatal(trouble)
		}
		o := order{fact: f, kind: Put, line: event.OrderLine{Currency: c.Lines[0].Currency}}
		o.properties()
		if trouble := o.items(); trouble != nil {
			t.Fatal(trouble)
		}
		want, given, trouble := o.revenue()
		if trouble != nil {
			t.Fatal(trouble)
		}
		if got := sumOf(c.Lines); got != want || !given && got != 0 {
			t.Fatalf("%s: the lines sum to %d, the order brought %d", f.Props, got, want)
		}
		for _, l := range c.Lines {
			if l.AmountMinor < 0 {
				t.Fatalf("%+v", l)
			}
		}
	})
}

// TestFoldIsOfTheSet: late, doubled and reordered changes give the same order, and no more is given back than was paid.
func TestFoldIsOfTheSet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var changes []Change
		for i := range rapid.IntRange(1, 8).Draw(t, "changes") {
			name := rapid.SampledFrom([]string{OrderCompleted, OrderUpdated, OrderRefunded, OrderCancelled, OrderDelivered}).Draw(t, "name")
			props := somebody(t)
			if rapid.Bool().Draw(t, "names its refund") {
				props = strings.Replace(props, "{", `{"refund_id":"r1",`, 1)
			}
			f := fact(name, props)
			f.AtUS += int64(rapid.IntRange(0, 3).Draw(t, "hour")) * 3_600_000_000
			f.Place, f.MessageID = event.PlaceOf(uint64(i), 0), strconv.Itoa(i)
			c, _, trouble := Orders(f, Defaults{})
			if trouble != nil {
				t.Fatal(trouble)
			}
			changes = append(changes, c)
		}
		want := Fold(changes, nil)
		shuffled := append(append([]Change{}, changes...), changes[0])
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if diff := cmp.Diff(want, Fold(shuffled, nil)); diff != "" {
			t.Fatal(diff)
		}
		if want.Purchases == nil {
			return
		}
		var back int64
		for _, l := range want.Refunds {
			if l.Currency == want.Purchases[0].Currency {
				back += l.AmountMinor
			}
		}
		if paid := sumOf(want.Purchases); back > paid {
			t.Fatalf("%d were given back of %d", back, paid)
		}
	})
}
