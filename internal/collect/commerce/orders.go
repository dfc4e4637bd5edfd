package commerce

import (
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
)

// Defaults are what an order that does not say is taken to mean.
type Defaults struct {
	Currency string         // the workspace's; "" is US dollars, as the specification says
	Zone     *time.Location // nil is UTC; the zone of the order's country, where it names one, comes first
}

// The reasons for which an order fact cannot be used.
const (
	badAmount   = "bad_amount"
	badQuantity = "bad_quantity"
	badCurrency = "bad_currency"
	noOrder     = "no_order"
	tooMuch     = "amount_too_large"
	tooMany     = "too_many_products"
)

const (
	mostProducts = 1000
	longestID    = 200 // characters of an order id
)

// kindOf says what a fact does to an order; 0 for most facts.
func kindOf(f *event.Fact) Kind {
	if f.Type != event.Track || !strings.HasPrefix(f.Name, "Order ") {
		return 0
	}
	switch f.Name {
	case OrderCompleted, OrderUpdated:
		return Put
	case OrderRefunded:
		return Refund
	case OrderCancelled:
		return Cancel
	case OrderShipped, OrderDelivered:
		return Deliver
	}
	return 0
}

// Orders turns a fact with a normalised name into the change it makes to an order; isOrder is false for facts that make none. Trouble means
// that figures would be wrong if it were used. The lines carry no customer yet.
func Orders(f *event.Fact, d Defaults) (c Change, isOrder bool, t *event.Trouble) {
	kind := kindOf(f)
	if kind == 0 {
		return Change{}, false, nil
	}
	o := order{fact: f, kind: kind, line: event.OrderLine{Kind: event.Purchase}}
	if kind != Put {
		o.line.Kind = event.Refund
	}
	o.properties()
	if t := o.identify(); t != nil {
		return Change{}, true, t
	}
	zone := o.place(d)
	c = Change{Kind: kind, OrderID: o.id, VersionUS: f.AtUS, Place: f.Place, AtUS: f.AtUS}
	o.days(&c, zone)
	if c.Whole = kind == Cancel; c.Whole || kind == Deliver {
		return c, true, nil
	}
	if t := o.currency(d); t != nil {
		return Change{}, true, t
	}
	if kind == Refund {
		c.RefundID = first(word(o.refundID), f.MessageID)
	}
	if t := o.fill(&c); t != nil {
		return Change{}, true, t
	}
	if word(o.money) == "" && f.Name != OrderCompleted && len(c.Lines) > 0 {
		c.Assumed = f.Props
	}
	return c, true, nil
}

// fill writes the lines of the change.
func (o *order) fill(c *Change) *event.Trouble {
	if t := o.items(); t != nil {
		return t
	}
	amount, given, t := o.revenue()
	if t != nil {
		return t
	}
	c.Whole = c.Kind == Refund && !given && len(o.products) == 0
	c.Unpriced = c.Kind == Refund && !given && len(o.products) > 0
	if !c.Whole {
		c.Lines = o.lines(amount, given)
	}
	return nil
}

// in is the change read in the currency of its order, where it names none itself.
func (c *Change) in(currency string) *Change {
	if c.Assumed == nil || len(c.Lines) == 0 || currency == "" || c.Lines[0].Currency == currency {
		return c
	}
	o := order{fact: &event.Fact{Props: c.Assumed}, kind: c.Kind, line: c.Lines[0]}
	o.properties()
	o.line.Product, o.line.ProductName, o.line.Category, o.line.Coupon = "", "", "", word(o.coupon)
	o.line.Currency = currency
	again := *c
	if t := o.fill(&again); t != nil {
		return c // what cannot be said in that currency stays as it is
	}
	return &again
}

// order is an order fact that is being read.
type order struct {
	fact *event.Fact
	kind Kind
	id   string
	line event.OrderLine // what all lines share

	orderID, refundID, products0, placed                          gjson.Result
	promised, delivered, paidUntil                                gjson.Result
	amounts                                                       [amountCount]gjson.Result
	money, coupon, channel, affiliation, market, country, version gjson.Result

	products []item
	sum      int64 // of the priced products
}

// The amounts an order may name.
const (
	revenue = iota
	subtotal
	total
	shipping
	tax
	value
	discount
	amountCount
)

var amountNames = [amountCount]string{"revenue", "subtotal", "total", "shipping", "tax", "value", "discount"}

// properties notes what the fact has, in one walk.
func (o *order) properties() {
	gjson.ParseBytes(o.fact.Props).ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "order_id":
			o.orderID = v
		case "orderId", "id", "order_number":
			if !o.orderID.Exists() {
				o.orderID = v
			}
		case "refund_id":
			o.refundID = v
		case "products":
			o.products0 = v
		case "currency":
			o.money = v
		case "coupon":
			o.coupon = v
		case "channel":
			o.channel = v
		case "affiliation":
			o.affiliation = v
		case "market":
			o.market = v
		case "country":
			o.country = v
		case "ordered_at":
			o.placed = v
		case "updated_at":
			o.version = v
		case "promised_at", "promised_delivery_date", "estimated_delivery_date":
			o.promised = v
		case "delivered_at":
			o.delivered = v
		case "paid_until", "subscription_ends_at", "current_period_end":
			if v.Type != gjson.Null {
				o.paidUntil = v
			}
		default:
			for i, name := range amountNames {
				if key.Str == name {
					o.amounts[i] = v
				}
			}
		}
		return true
	})
}

// word is a string or number as text.
func word(v gjson.Result) string {
	switch v.Type {
	case gjson.String:
		return strings.TrimSpace(v.Str)
	case gjson.Number:
		return v.Raw
	case gjson.Null, gjson.False, gjson.True, gjson.JSON:
	}
	return ""
}

// identify settles the order's id. An order without one is told apart by its message, but a change needs to say of which order it is.
func (o *order) identify() *event.Trouble {
	o.id = word(o.orderID)
	if o.id == "" && o.fact.Name == OrderCompleted {
		o.id = o.fact.MessageID
	}
	if o.id == "" || utf8.RuneCountInString(o.id) > longestID {
		return &event.Trouble{
			Reason: noOrder, Sentence: fmt.Sprintf("%s does not say of which order it is", o.fact.Name),
			Next: "Send the order's id, of at most 200 characters, as properties.order_id.",
		}
	}
	o.line.Order = o.id
	return nil
}

// place notes market, channel and coupon, and returns the zone whose days count.
func (o *order) place(d Defaults) *time.Location {
	var locale string
	var sort, region gjson.Result
	gjson.ParseBytes(o.fact.Context).ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "channel":
			sort = v
		case "country":
			region = v
		case "location":
			if c := v.Get("country"); c.Exists() {
				region = c
			}
		case "locale":
			locale = v.Str
		}
		return true
	})
	o.line.Coupon = word(o.coupon)
	o.line.Channel = first(word(o.channel), word(o.affiliation), word(sort))
	o.line.Market = first(word(o.market), word(o.country), word(region))
	zone := d.Zone
	if zone == nil {
		zone = time.UTC
	}
	if o.line.Market == "" {
		// A locale says where she may be at home, but not by which clock the shop counts its days.
		o.line.Market = regionOf(locale)
		return zone
	}
	if c, known := market.CountryOf(o.line.Market); known {
		if z := zoneOf(c.Zone); z != nil {
			return z
		}
	}
	return zone
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// regionOf is the country of a locale such as ko-KR or zh_Hant_TW; "" where it names none.
func regionOf(locale string) string {
	parts := strings.FieldsFunc(locale, func(r rune) bool { return r == '-' || r == '_' })
	for _, p := range parts[min(1, len(parts)):] {
		if len(p) == 2 {
			return strings.ToUpper(p)
		}
	}
	return ""
}

var zones sync.Map // name → *time.Location; reading one costs a file

func zoneOf(name string) *time.Location {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	zones.Store(name, z)
	return z
}

// days settles when the order was placed, which version of it this is, when it was promised and delivered, and until when it pays.
func (o *order) days(c *Change, zone *time.Location) {
	if at, ok := instant(o.version); ok && at.UnixMicro() <= o.fact.ReceivedUS {
		c.VersionUS = at.UnixMicro()
	}
	if at, ok := instant(o.placed); ok && o.kind == Put && at.UnixMicro() <= o.fact.ReceivedUS {
		c.AtUS = at.UnixMicro()
	}
	c.Promised, c.Delivered, c.PaidUntil = dayOf(o.promised, zone), dayOf(o.delivered, zone), lastPaid(o.paidUntil, zone)
	if o.fact.Name == OrderDelivered && c.Delivered == day.Unknown {
		c.Delivered = day.Of(time.UnixMicro(o.fact.AtUS).In(zone))
	}
	c.Day = day.Of(time.UnixMicro(c.AtUS).In(zone))
	o.line.AtUS, o.line.Day = c.AtUS, c.Day
	o.line.Promised, o.line.Delivered, o.line.PaidUntil = c.Promised, c.Delivered, c.PaidUntil
}

func instant(v gjson.Result) (time.Time, bool) {
	if v.Type != gjson.String {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, v.Str)
	return t, err == nil && t.Year() >= 1970
}

// dayOf reads a date or an instant; what is neither is not known, for a delivery's day is no reason to refuse an order.
func dayOf(v gjson.Result, zone *time.Location) day.Day {
	if t, ok := instant(v); ok {
		return day.Of(t.In(zone))
	}
	if v.Type == gjson.String {
		if d, err := day.Parse(strings.TrimSpace(v.Str)); err == nil {
			return d
		}
	}
	return day.Unknown
}

// lastPaid is dayOf for the end of what is paid for, which billing services tell in seconds since 1970.
func lastPaid(v gjson.Result, zone *time.Location) day.Day {
	if v.Type != gjson.Number {
		return dayOf(v, zone)
	}
	if seconds := v.Int(); seconds > 0 && seconds < endOfSeconds {
		return day.Of(time.Unix(seconds, 0).In(zone))
	}
	return day.Unknown
}

// endOfSeconds is in the year 2286: a greater number is no time in seconds.
const endOfSeconds = 10_000_000_000

func (o *order) currency(d Defaults) *event.Trouble {
	code := strings.ToUpper(word(o.money))
	if code == "" {
		code = first(d.Currency, "USD")
	}
	if !market.Known(code) {
		return &event.Trouble{
			Reason: badCurrency, Sentence: fmt.Sprintf("the order's currency %q is not an ISO 4217 code", cut(code)),
			Next: "Send a code of three capitals such as KRW, THB or EUR as properties.currency.",
		}
	}
	o.line.Currency = code
	return nil
}

// cut keeps what was sent from filling a sentence.
func cut(text string) string {
	if len(text) > 40 {
		return strings.ToValidUTF8(text[:40], "") + "…"
	}
	return text
}
