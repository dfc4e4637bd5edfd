package commerce

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func fact(name, props string) *event.Fact {
	return &event.Fact{
		Place: event.PlaceOf(7, 3), MessageID: "m-1", Type: event.Track, Name: name, AtUS: noon.UnixMicro(), ReceivedUS: noon.Add(time.Hour).UnixMicro(),
		Props: []byte(props), Context: []byte(`{}`),
	}
}

// cart is the one of the specification's examples.
const cart = `"products":[{"product_id":"507f1f77bcf86cd799439011","sku":"45790-32","name":"Monopoly: 3rd Edition","price":19,"quantity":1,"category":"Games",
	"url":"https://www.example.com/product/path","image_url":"https:///www.example.com/product/path.jpg"},
	{"product_id":"505bd76785ebb509fc183733","sku":"46493-32","name":"Uno Card Game","price":3,"quantity":2,"category":"Games"}]`

const completed = `{"checkout_id":"fksdjfsdjfisjf9sdfjsd9f","order_id":"50314b8e9bcf000000000000","affiliation":"Google Store","total":27.50,"subtotal":22.50,
	"revenue":25.00,"shipping":3,"tax":2,"discount":2.5,"coupon":"hasbros","currency":"USD",` + cart + `}`

func sumOf(lines []event.OrderLine) (n int64) {
	for _, l := range lines {
		n += l.AmountMinor
	}
	return n
}

func must(t *testing.T, f *event.Fact, d Defaults) Change {
	t.Helper()
	c, is, trouble := Orders(f, d)
	if !is || trouble != nil {
		t.Fatalf("%s %s: an order %v, trouble %v", f.Name, f.Props, is, trouble)
	}
	return c
}

func TestTheSpecificationsOrder(t *testing.T) {
	t.Parallel()
	c := must(t, fact(OrderCompleted, completed), Defaults{})
	shared := event.OrderLine{
		Order: "50314b8e9bcf000000000000", AtUS: noon.UnixMicro(), Day: day.New(2026, 6, 1), Kind: event.Purchase, Category: "Games", Currency: "USD",
		Channel: "Google Store", Promised: day.Unknown, Delivered: day.Unknown, PaidUntil: day.Unknown, Coupon: "hasbros",
	}
	monopoly, uno := shared, shared
	monopoly.Product, monopoly.ProductName, monopoly.QuantityMilli, monopoly.AmountMinor = "507f1f77bcf86cd799439011", "Monopoly: 3rd Edition", 1000, 1900
	uno.Product, uno.ProductName, uno.QuantityMilli, uno.AmountMinor = "505bd76785ebb509fc183733", "Uno Card Game", 2000, 600
	want := Change{
		Kind: Put, OrderID: "50314b8e9bcf000000000000", VersionUS: noon.UnixMicro(), Place: event.PlaceOf(7, 3), AtUS: noon.UnixMicro(), Day: day.New(2026, 6, 1),
		Promised: day.Unknown, Delivered: day.Unknown, PaidUntil: day.Unknown, Lines: []event.OrderLine{monopoly, uno},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	b, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := DecodeChange(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, again, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("encoded and decoded: %s", diff)
	}
}

func TestRevenue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		props string
		want  []int64
	}{
		{`"revenue":25,` + cart, []int64{1900, 600}},
		{`"subtotal":22.5,"total":27.5,` + cart, []int64{1710, 540}}, // the discount is shared in proportion
		{`"total":27.5,"shipping":3,"tax":2,` + cart, []int64{1710, 540}},
		{`"total":27.5,` + cart, []int64{2090, 660}}, // nothing says what of it is shipping
		{`"discount":2.5,` + cart, []int64{1710, 540}},
		{`"discount":"10%","revenue":25,` + cart, []int64{1900, 600}},
		{`"value":25,` + cart, []int64{1900, 600}},
		{cart, []int64{1900, 600}},
		{`"revenue":0,` + cart, []int64{0, 0}},
		{`"revenue":"25.01",` + cart, []int64{1901, 600}},
		{`"revenue":10,"products":[{"name":"a"},{"name":"b"},{"name":"c"}]`, []int64{334, 333, 333}},
		{`"revenue":10,"products":[{"name":"a","price":4},{"name":"b","quantity":1},{"name":"c","quantity":2}]`, []int64{400, 200, 400}},
		{`"revenue":3,"products":[{"name":"a","price":4},{"name":"b"}]`, []int64{300, 0}},
		{`"revenue":5,"products":[{"name":"a","price":0},{"name":"b","price":0,"quantity":4}]`, []int64{100, 400}},
		{`"revenue":5,"products":[{"name":"a","price":5},{"name":"b","price":1,"quantity":0}]`, []int64{500}},
		{`"revenue":5`, []int64{500}},
		{`"revenue":5,"products":[]`, []int64{500}},
		{`"revenue":5,"products":"two"`, []int64{500}},
		{`"revenue":null,"total":"5.00"`, []int64{500}},
		{`"products":[{"name":"a"}]`, []int64{0}},
		{`"note":"nothing of money"`, []int64{0}},
		{`"currency":"krw","revenue":"48,000"`, []int64{48000}},
		{`"currency":"KWD","revenue":1.2345`, []int64{1235}},
		{`"products":[{"price":0.1,"quantity":3}]`, []int64{30}},
		{`"products":[{"price":19.99,"quantity":0.5}]`, []int64{1000}},
		{`"products":[{"price":19,"quantity":2,"line_total":"33.50"},{"price":3}]`, []int64{3350, 300}},
	} {
		got := must(t, fact(OrderCompleted, `{"order_id":1001,`+c.props+`}`), Defaults{})
		var amounts []int64
		for _, l := range got.Lines {
			amounts = append(amounts, l.AmountMinor)
		}
		if diff := cmp.Diff(c.want, amounts); diff != "" || got.OrderID != "1001" {
			t.Errorf("%s: %v of order %q, want %v", c.props, amounts, got.OrderID, c.want)
		}
	}
}

func TestTrouble(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, props, reason, says string }{
		{OrderCompleted, `{"order_id":"1","revenue":"free"}`, badAmount, `properties.revenue is "free"`},
		{OrderCompleted, `{"order_id":"1","revenue":-5}`, badAmount, "-5"},
		{OrderCompleted, `{"order_id":"1","products":[{"price":1},{"price":{}}]}`, badAmount, "products[1].price"},
		{OrderCompleted, `{"order_id":"1","products":[{"price":1,"quantity":"many"}]}`, badQuantity, "products[0].quantity"},
		{OrderCompleted, `{"order_id":"1","products":[{"price":1,"quantity":-1}]}`, badQuantity, "-1"},
		{OrderCompleted, `{"order_id":"1","revenue":5,"currency":"dollars"}`, badCurrency, "DOLLARS"},
		{OrderCompleted, `{"order_id":"1","revenue":1e15}`, tooMuch, "1e15"},
		{OrderCompleted, `{"order_id":"` + strings.Repeat("x", 201) + `"}`, noOrder, "which order"},
		{OrderCompleted, `{"order_id":"1","products":[` + strings.Repeat(`{"price":1},`, 1000) + `{"price":1}]}`, tooMany, "1000"},
		{OrderRefunded, `{"total":5}`, noOrder, "Order Refunded"},
		{OrderCancelled, `{}`, noOrder, "Order Cancelled"},
		{OrderUpdated, `{"revenue":5}`, noOrder, "Order Updated"},
	} {
		_, is, trouble := Orders(fact(c.name, c.props), Defaults{})
		if !is || trouble == nil || trouble.Reason != c.reason || !strings.Contains(trouble.Sentence, c.says) || trouble.Next == "" {
			t.Errorf("%s %.80s: %+v", c.name, c.props, trouble)
		}
	}
}

func TestAnOrderWithoutIDGoesByItsMessage(t *testing.T) {
	t.Parallel()
	if c := must(t, fact(OrderCompleted, `{"revenue":5}`), Defaults{}); c.OrderID != "m-1" {
		t.Errorf("its id is %q", c.OrderID)
	}
}

func TestWhatIsNoOrder(t *testing.T) {
	t.Parallel()
	for _, f := range []*event.Fact{fact("Product Added", completed), fact("Checkout Started", completed), fact("Order Pondered", completed), {Type: event.Page, Name: OrderCompleted}} {
		if _, is, trouble := Orders(f, Defaults{}); is || trouble != nil {
			t.Errorf("%v %q is taken for an order", f.Type, f.Name)
		}
	}
}

func TestPlaceAndTime(t *testing.T) {
	t.Parallel()
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	late := time.Date(2026, 6, 1, 16, 30, 0, 0, time.UTC) // half past one of the next day in Seoul
	for _, c := range []struct {
		props, context  string
		market, channel string
		day             day.Day
	}{
		{`{}`, `{}`, "", "", day.New(2026, 6, 2)},
		{`{"market":"DE"}`, `{}`, "DE", "", day.New(2026, 6, 1)},
		{`{"country":"Germany","channel":"app"}`, `{"channel":"server"}`, "Germany", "app", day.New(2026, 6, 1)},
		{`{"affiliation":"Kiosk"}`, `{"channel":"server","locale":"th-TH"}`, "TH", "Kiosk", day.New(2026, 6, 2)},
		{`{}`, `{"channel":"browser","location":{"country":"TH"},"locale":"en-US"}`, "TH", "browser", day.New(2026, 6, 1)},
		{`{"market":"shop-2"}`, `{}`, "shop-2", "", day.New(2026, 6, 2)},
		{`{}`, `{"locale":"zh_Hant_TW"}`, "TW", "", day.New(2026, 6, 2)},
		{`{}`, `{"locale":"ko"}`, "", "", day.New(2026, 6, 2)},
	} {
		f := fact(OrderCompleted, c.props)
		f.Context, f.AtUS = []byte(c.context), late.UnixMicro()
		got := must(t, f, Defaults{Zone: seoul, Currency: "KRW"})
		l := got.Lines[0]
		if l.Market != c.market || l.Channel != c.channel || l.Day != c.day || got.Day != c.day || l.Currency != "KRW" {
			t.Errorf("%s %s: market %q, channel %q, day %s, %s", c.props, c.context, l.Market, l.Channel, l.Day, l.Currency)
		}
	}
	f := fact(OrderUpdated, `{"order_id":"1","revenue":5,"ordered_at":"2026-05-30T23:30:00Z","updated_at":"2026-06-01T10:00:00+09:00","promised_at":"2026-06-04","delivered_at":"2026-06-05T20:00:00Z"}`)
	got := must(t, f, Defaults{Zone: seoul})
	want := []any{time.Date(2026, 5, 30, 23, 30, 0, 0, time.UTC).UnixMicro(), day.New(2026, 5, 31), time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC).UnixMicro(), day.New(2026, 6, 4), day.New(2026, 6, 6)}
	if diff := cmp.Diff(want, []any{got.AtUS, got.Day, got.VersionUS, got.Promised, got.Delivered}); diff != "" {
		t.Error(diff)
	}
}

func TestUntilWhenAnOrderPays(t *testing.T) {
	t.Parallel()
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	for props, want := range map[string]day.Day{
		`{"revenue":5}`:                                         day.Unknown,
		`{"paid_until":"2026-07-01"}`:                           day.New(2026, 7, 1),
		`{"subscription_ends_at":"2026-07-01T20:00:00Z"}`:       day.New(2026, 7, 2),
		`{"current_period_end":1782936000}`:                     day.New(2026, 7, 2), // 20:00 of the day before in UTC
		`{"current_period_end":1782936000123}`:                  day.Unknown,
		`{"current_period_end":-1}`:                             day.Unknown,
		`{"paid_until":"soon"}`:                                 day.Unknown,
		`{"paid_until":true}`:                                   day.Unknown,
		`{"paid_until":"2026-07-01","current_period_end":null}`: day.New(2026, 7, 1),
	} {
		c := must(t, fact(OrderCompleted, props), Defaults{Zone: seoul})
		if c.PaidUntil != want || c.Lines[0].PaidUntil != want {
			t.Errorf("%s: until %s and %s, want %s", props, c.PaidUntil, c.Lines[0].PaidUntil, want)
		}
	}
}

func BenchmarkOrders(b *testing.B) {
	f := fact(OrderCompleted, completed)
	for b.Loop() {
		if _, _, t := Orders(f, Defaults{}); t != nil {
			b.Fatal(t)
		}
	}
}

// FuzzOrders looks for properties that panic or give lines that do not add up.
func FuzzOrders(f *testing.F) {
	f.Add(OrderCompleted, completed)
	f.Add(OrderRefunded, `{"order_id":1,"total":-30,"currency":"KRW","products":[{"price":"19,000","quantity":0.3},{}]}`)
	f.Add(OrderUpdated, `{"order_id":"a","revenue":1e-3,"products":[{"id":null},{"sku":3e3,"price":"1.5e3"}],"ordered_at":"x"}`)
	f.Fuzz(func(t *testing.T, name, props string) {
		if !json.Valid([]byte(props)) {
			return
		}
		x := fact(name, props)
		c, is, trouble := Orders(x, Defaults{})
		if !is || trouble != nil {
			return
		}
		for _, l := range c.Lines {
			if l.AmountMinor < 0 || l.QuantityMilli <= 0 || l.Order == "" || l.Currency == "" {
				t.Fatalf("%+v", l)
			}
		}
		folded := Fold([]Change{c}, nil)
		if sumOf(folded.Purchases)+sumOf(folded.Refunds) != sumOf(c.Lines) {
			t.Fatal("the fold of one change is not the change")
		}
	})
}
