package webhook

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// seoul is the zone of Cafe24's times where they name none.
var seoul = time.FixedZone("KST", 9*3600)

// cafe24 reads a webhook of Cafe24: {"event_no": 90023, "resource": {…}}; some kinds have no resource and stand bare.
func (t *translation) cafe24() {
	t.body = gjson.ParseBytes(t.delivery.Body)
	r := t.body.Get("resource")
	if !r.IsObject() {
		r = t.body
	}
	t.shop = r.Get("mall_id").String()
	if t.shop == "" {
		t.shop = t.delivery.Shop
	}
	number := t.body.Get("event_no").Int()
	if number == 0 {
		number = t.body.Get("resource.event_no").Int()
	}
	if number == 0 && t.body.Get("diff_key").Exists() {
		number = 90080 // which comes without it
	}
	switch number {
	case 90023, 90024, 90025, 90026, 90027, 90028, 90029, 90031:
		t.cafe24Order(number, r)
	case 90071, 90072, 90073, 90074:
		t.cafe24Bulk(number, r)
	case 90160:
		t.cafe24Claim(r)
	case 90032:
		t.cafe24Customer(r)
	case 90080, 90143, 90145, 90146, 90147:
		t.cafe24Member(number, r)
	case 90084:
		t.cafe24Cart(r)
	case 90001, 90002, 90003, 90022, 90075:
		t.cafe24Product(number, r)
	case 0:
		t.problem("$.event_no", "the delivery does not say what it tells of", "Send it as Cafe24 does, with event_no and resource.")
	default:
		t.ignore("event %d tells nothing of a customer", number)
	}
}

func (t *translation) cafe24Person(p *person, member string) {
	// A number followed by @n, @k and the like is a member who signed in through another service.
	if member = strings.TrimSpace(member); member != "" {
		p.shopID = "cafe24:" + t.shop + ":" + member
	}
	t.settle(p, member)
}

func (t *translation) cafe24Buyer(r gjson.Result) person {
	p := person{email: r.Get("buyer_email").String(), phone: e164(firstOf(r, "buyer_cellphone", "buyer_phone").String(), "KR"), name: r.Get("buyer_name").String()}
	t.cafe24Person(&p, r.Get("member_id").String())
	return p
}

// The codes by which an order's event says more than its number.
var (
	cafe24Cancelled = map[string]bool{"cancel_order": true, "cancellation_complete": true, "auto_order_cancel": true, "cancel_unpaid_order": true}
	cafe24Refunded  = map[string]bool{"refund_order": true, "return_complete_refunded": true}
	cafe24Shipped   = map[string]bool{"shipping_start": true}
	cafe24Delivered = map[string]bool{"shipping_end": true, "purchase_confirm": true}
)

func (t *translation) cafe24Order(number int64, r gjson.Result) {
	id := r.Get("order_id").String()
	if id == "" {
		t.problem("$.resource.order_id", "the event does not say of which order it is", "Send it as Cafe24 does.")
		return
	}
	p := t.cafe24Buyer(r)
	b, told := t.recall(id)
	if !p.known() && told {
		p.key = b
	}
	if !p.known() {
		t.problem("$.resource.member_id", "the order has no member, e-mail or phone number", "Orders of other markets may hide their buyers; they stay here.")
		return
	}
	code, paid := r.Get("event_code").String(), r.Get("paid").String()
	placed := instant(r.Get("order_date"), seoul)
	f := t.cafe24OrderProperties(r, id)
	switch {
	case number == 90023 || number == 90025 || number == 90031:
		t.cafe24Bought(&p, r, f, number, told)
	case number == 90026 && r.Get("withdraw").String() != "T" && (cafe24Cancelled[code] || code == "" && !instant(r.Get("cancel_date"), seoul).IsZero()):
		if paid == "F" && !told || code == "auto_order_cancel" || code == "cancel_unpaid_order" {
			t.ignore("order %s was cancelled before it was paid", id)
			return
		}
		t.tell(call{Type: "track", Event: "Order Cancelled", Properties: fields{"order_id": id}}, &p, instant(r.Get("cancel_date"), seoul), id)
	case number == 90029 && code != "unrefund_order":
		t.cafe24Refund(id, &p, r)
	case number == 90024 && (cafe24Delivered[code] || r.Get("shipping_status").String() == "T"):
		t.tell(call{Type: "track", Event: "Order Delivered", Properties: fields{"order_id": id}}, &p, time.Time{}, id)
	case number == 90024 && (cafe24Shipped[code] || r.Get("shipping_status").String() == "M"):
		t.tell(call{Type: "track", Event: "Order Shipped", Properties: fields{"order_id": id}}, &p, time.Time{}, id)
	case number == 90026:
		t.tell(call{Type: "track", Event: "Order Cancellation Requested", Properties: fields{"order_id": id}.text("code", code)}, &p, time.Time{}, id, code, t.once())
	case number == 90027 && cafe24Refunded[code]:
		t.cafe24Refund(id, &p, r)
	case number == 90027:
		t.tell(call{Type: "track", Event: "Order Return Requested", Properties: fields{"order_id": id}.text("code", code).put("reason", firstOf(r, "claim_reason_type_text", "claim_reason"))}, &p, time.Time{}, id, code, t.once())
	case number == 90028:
		t.tell(call{Type: "track", Event: "Order Exchange Requested", Properties: fields{"order_id": id}.text("code", code)}, &p, time.Time{}, id, code, t.once())
	default:
		t.ignore("order %s of %s is %s (paid %s), which neither buys nor gives back", id, placed.Format(time.DateOnly), code, paid)
	}
}

// cafe24Bought tells a purchase as soon as it is paid; until then it is a checkout that was begun.
func (t *translation) cafe24Bought(p *person, r gjson.Result, f fields, number int64, told bool) {
	id, paid := r.Get("order_id").String(), r.Get("paid").String()
	placed, payment := instant(r.Get("order_date"), seoul), r.Get("payment_date").String()
	if paid == "F" {
		t.tell(call{Type: "track", Event: "Checkout Started", Properties: f}, p, placed, id)
		return
	}
	if b, ok := t.recall(id); ok && told && b.version != payment || number == 90031 {
		t.tell(call{Type: "track", Event: "Order Updated", Properties: f}, p, time.Time{}, id, t.once(), payment, r.Get("order_price_amount").String())
		return
	}
	t.remember(id, payment, false, p)
	t.identify(p, fields{}, placed, "buyer", id)
	t.tell(call{Type: "track", Event: "Order Completed", Properties: f}, p, placed, id)
}

// cafe24Refund gives back what is left: the event does not say how much it was, 90160 does.
func (t *translation) cafe24Refund(id string, p *person, r gjson.Result) {
	f := fields{"order_id": id, "refund_id": "all"}
	f.put("reason", firstOf(r, "claim_reason_type_text", "claim_reason"))
	t.tell(call{Type: "track", Event: "Order Refunded", Properties: f}, p, instant(r.Get("return_confirmed_date"), seoul), id)
}

// cafe24Channels are the order_place_id of the shop's own fronts; others are markets, whose names stay.
var cafe24Channels = map[string]string{"cafe24": "web", "self": "web", "mobile": "mobile", "mobile_d": "app"}

func (t *translation) cafe24OrderProperties(r gjson.Result, id string) fields {
	f := fields{"order_id": id}
	f.put("currency", r.Get("currency")).put("payment_method", r.Get("payment_method")).amount("shipping", r.Get("shipping_fee")).amount("discount", r.Get("membership_discount_amount"))
	f.amount("total", r.Get("actual_payment_amount")).amount("mileage_spent", r.Get("mileage_spent_amount"))
	if at := instant(r.Get("order_date"), seoul); !at.IsZero() {
		f["ordered_at"] = at.UTC().Format(time.RFC3339)
	}
	f["revenue"] = (&sum{}).plus(r.Get("order_price_amount")).less(r.Get("membership_discount_amount")).number()
	codes, names := split(r.Get("ordering_product_code").String()), split(r.Get("ordering_product_name").String())
	var products []fields
	for i, code := range codes {
		q := fields{"product_id": code}
		if len(names) == len(codes) { // a name may hold a comma itself
			q.text("name", names[i])
		}
		products = append(products, q)
	}
	if products != nil {
		f["products"] = products
	}
	channel := r.Get("order_place_id").String()
	if own, ok := cafe24Channels[channel]; ok {
		channel = own
	}
	t.place(f, "", channel)
	return f
}

func split(list string) (parts []string) {
	for _, p := range strings.Split(list, ",") {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	return parts
}

// cafe24Bulk reads the events that name many orders and nothing else of them.
func (t *translation) cafe24Bulk(number int64, r gjson.Result) {
	ids := split(r.Get("order_id").String())
	unknown := 0
	for _, id := range ids[:min(len(ids), eventLimit)] {
		b, told := t.recall(id)
		if !told {
			unknown++
			continue
		}
		p := person{key: b}
		switch number {
		case 90072:
			t.tell(call{Type: "track", Event: "Order Cancelled", Properties: fields{"order_id": id}}, &p, time.Time{}, id)
		case 90073:
			t.cafe24Refund(id, &p, r)
		case 90074:
			t.tell(call{Type: "track", Event: "Order Return Requested", Properties: fields{"order_id": id}}, &p, time.Time{}, id, t.once())
		case 90071:
			t.tell(call{Type: "track", Event: "Order Shipped", Properties: fields{"order_id": id}}, &p, time.Time{}, id)
		}
	}
	if len(t.out.Events) == 0 {
		t.ignore("none of the %d orders was told of before", unknown)
	}
}

// cafe24Claim tells how much of an order was given back.
func (t *translation) cafe24Claim(r gjson.Result) {
	id := r.Get("order_id").String()
	b, told := t.recall(id)
	if !told {
		t.problem("$.resource.order_id", "the refund does not say whose order "+id+" was, and no order with this id was told of",
			"Subscribe to 90023 and 90025 too, then replay this delivery.")
		return
	}
	goods := (&sum{}).plus(r.Get("refund_amount")).less(r.Get("refund_shipping_fee")).less(r.Get("refund_regional_surcharge"))
	f := fields{"order_id": id, "refund_id": r.Get("claim_code").String(), "revenue": goods.number()}
	f.put("reason", firstOf(r, "claim_reason_type_text", "claim_reason"))
	t.tell(call{Type: "track", Event: "Order Refunded", Properties: f}, &person{key: b}, time.Time{}, r.Get("claim_code").String())
}
