package webhook

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// shopify reads a payload of the Admin REST API's webhooks.
func (t *translation) shopify() {
	t.body = gjson.ParseBytes(t.delivery.Body)
	t.shop = t.delivery.Shop
	if t.shop == "" {
		t.shop = t.body.Get("shop_domain").String()
	}
	b := t.body
	switch t.delivery.Topic {
	case "orders/create", "orders/paid", "orders/updated", "orders/fulfilled", "orders/partially_fulfilled", "orders/cancelled":
		t.shopifyOrder(b)
	case "refunds/create":
		t.shopifyRefund(b)
	case "customers/create", "customers/update", "customers/enable", "customers/disable":
		t.shopifyCustomer(b)
	case "customers_marketing_consent/update", "customers_email_marketing_consent/update":
		p := person{email: b.Get("email_address").String()}
		t.shopifyPerson(&p, b.Get("customer_id"))
		t.shopifyConsents(&p, b, time.Time{})
	case "customers/delete":
		p := person{}
		t.shopifyPerson(&p, b.Get("id"))
		t.tell(call{Type: "track", Event: "Customer Deleted"}, &p, time.Time{}, b.Get("id").String())
	case "customers/redact", "customers/data_request":
		t.shopifyPrivacy(b)
	case "shop/redact":
		t.problem("$.shop_domain", "the shop "+b.Get("shop_domain").String()+" asks that everything of it be erased",
			"Erase its customers with `dangol erase`; if nothing else is kept here, delete the data folder.")
	case "products/create", "products/update", "products/delete":
		t.shopifyProduct(b)
	case "":
		t.problem("header X-Shopify-Topic", "the delivery does not say what it tells of", "Send it as Shopify does; in a preview, give the topic, such as orders/create.")
	default:
		t.ignore("%s tells nothing of a customer", t.delivery.Topic)
	}
}

// shopifyPerson gives a person the shop's number, which is one for all shops of Shopify.
func (t *translation) shopifyPerson(p *person, id gjson.Result) {
	number := id.String()
	if number != "" && number != "0" {
		p.shopID = "shopify:" + number
	} else {
		number = ""
	}
	t.settle(p, number)
}

func (t *translation) shopifyBuyer(o gjson.Result) person {
	c := o.Get("customer")
	country := firstOf(o, "shipping_address.country_code", "billing_address.country_code", "customer.default_address.country_code").String()
	p := person{
		email: firstOf(o, "email", "contact_email", "customer.email").String(),
		phone: e164(firstOf(o, "phone", "customer.phone", "shipping_address.phone", "billing_address.phone").String(), country),
		first: firstOf(o, "customer.first_name", "billing_address.first_name").String(),
		last:  firstOf(o, "customer.last_name", "billing_address.last_name").String(),
	}
	t.shopifyPerson(&p, c.Get("id"))
	return p
}

// firstOf is the first of the paths that holds something.
func firstOf(v gjson.Result, paths ...string) gjson.Result {
	for _, path := range paths {
		if r := v.Get(path); r.Type != gjson.Null && r.String() != "" {
			return r
		}
	}
	return gjson.Result{}
}

func (t *translation) shopifyOrder(o gjson.Result) {
	id := o.Get("id").String()
	if id == "" {
		t.problem("$.id", "the order has no id", "Send the order as Shopify does.")
		return
	}
	if o.Get("test").Bool() {
		t.ignore("order %s is a test order", o.Get("name").String())
		return
	}
	p := t.shopifyBuyer(o)
	if !p.known() {
		t.problem("$.customer", "the order has no customer, e-mail or phone number", "Ask for one of them at checkout or at the till; such orders stay here.")
		return
	}
	placed, updated := instant(firstOf(o, "processed_at", "created_at"), time.UTC), instant(o.Get("updated_at"), time.UTC)
	orderID := t.shopifyOrderID(o)
	taxed := o.Get("taxes_included").Bool()
	t.remember(id, orderID, taxed, &p)
	c := call{Type: "track", Event: "Order Updated", Properties: t.shopifyOrderProperties(o, orderID, taxed)}
	at, version := updated, o.Get("updated_at").String()
	if t.delivery.Topic == "orders/create" {
		c.Event, at = "Order Completed", placed
		t.identify(&p, fields{}, placed, "buyer", id)
		if o.Get("buyer_accepts_marketing").Bool() && p.email != "" {
			t.consent(&p, "email", true, placed, "accepted at the checkout of order "+o.Get("name").String(), "order", id)
		}
	}
	t.tell(c, &p, at, id, version)
	for _, r := range o.Get("refunds").Array() {
		t.shopifyGivenBack(r, &p, orderID, o.Get("currency"), taxed)
	}
	for _, f := range o.Get("fulfillments").Array() {
		t.shopifyShipment(f, &p, orderID)
	}
	if cancelled := instant(o.Get("cancelled_at"), time.UTC); !cancelled.IsZero() {
		c := call{Type: "track", Event: "Order Cancelled", Properties: fields{"order_id": orderID}.put("reason", o.Get("cancel_reason"))}
		t.tell(c, &p, cancelled, id)
	}
}

func (t *translation) shopifyOrderID(o gjson.Result) string {
	if t.hook.shop.OrderID == "number" && o.Get("name").String() != "" {
		return o.Get("name").String()
	}
	return o.Get("id").String()
}

func (t *translation) shopifyOrderProperties(o gjson.Result, orderID string, taxed bool) fields {
	f := fields{"order_id": orderID}
	f.put("order_number", o.Get("name")).put("currency", o.Get("currency")).amount("total", o.Get("total_price")).amount("tax", o.Get("total_tax"))
	f.amount("discount", o.Get("total_discounts")).put("coupon", o.Get("discount_codes.0.code")).amount("shipping", o.Get("total_shipping_price_set.shop_money.amount"))
	f.put("payment_status", o.Get("financial_status")).put("fulfillment_status", o.Get("fulfillment_status"))
	f.put("ordered_at", firstOf(o, "processed_at", "created_at")).put("updated_at", o.Get("updated_at"))
	revenue := (&sum{}).plus(o.Get("subtotal_price"))
	var products []fields
	for _, l := range o.Get("line_items").Array() {
		paid := (&sum{}).plus(l.Get("price"))
		paid.times(l.Get("quantity"))
		for _, d := range l.Get("discount_allocations").Array() {
			paid.less(d.Get("amount"))
		}
		if taxed {
			for _, x := range l.Get("tax_lines").Array() {
				paid.less(x.Get("price"))
				revenue.less(x.Get("price"))
			}
		}
		q := fields{"line_total": paid.number()}
		q.name("product_id", l.Get("product_id")).name("sku", l.Get("sku")).put("name", l.Get("title")).name("variant", l.Get("variant_title"))
		q.put("brand", l.Get("vendor")).amount("price", l.Get("price")).put("quantity", l.Get("quantity"))
		products = append(products, q)
	}
	if o.Get("subtotal_price").Exists() {
		f["revenue"] = revenue.number()
	}
	if products != nil {
		f["products"] = products
	}
	for _, s := range o.Get("fulfillments").Array() {
		if s.Get("shipment_status").String() == "delivered" {
			f.put("delivered_at", s.Get("updated_at"))
		}
	}
	channel := o.Get("source_name").String()
	if strings.Trim(channel, "0123456789") == "" {
		channel = "app" // a sales channel of its own, told by a number
	}
	t.place(f, firstOf(o, "shipping_address.country_code", "billing_address.country_code", "customer.default_address.country_code").String(), channel)
	return f
}

// shopifyShipment tells that an order was sent, and that it came.
func (t *translation) shopifyShipment(s gjson.Result, p *person, orderID string) {
	if status := s.Get("status").String(); status == "cancelled" || status == "failure" || status == "error" {
		return
	}
	f := fields{"order_id": orderID}
	f.put("carrier", s.Get("tracking_company")).put("tracking_number", s.Get("tracking_number"))
	t.tell(call{Type: "track", Event: "Order Shipped", Properties: f}, p, instant(s.Get("created_at"), time.UTC), s.Get("id").String())
	if s.Get("shipment_status").String() == "delivered" {
		t.tell(call{Type: "track", Event: "Order Delivered", Properties: fields{"order_id": orderID}}, p, instant(s.Get("updated_at"), time.UTC), s.Get("id").String())
	}
}

// shopifyRefund reads refunds/create, which does not say whose order it was.
func (t *translation) shopifyRefund(r gjson.Result) {
	id := r.Get("order_id").String()
	b, ok := t.recall(id)
	if !ok {
		t.problem("$.order_id", "the refund does not say whose order "+id+" was, and no order with this id was told of",
			"Send orders/updated to this address too: it brings the order together with its refunds, and this one can be dropped.")
		return
	}
	currency := firstOf(r, "transactions.0.currency", "refund_line_items.0.subtotal_set.shop_money.currency_code")
	t.shopifyGivenBack(r, &person{key: b}, b.version, currency, b.taxed)
}

// shopifyGivenBack tells one refund. Its id is the refund's own, so that it counts once, by whichever topic it came.
func (t *translation) shopifyGivenBack(r gjson.Result, p *person, orderID string, currency gjson.Result, taxed bool) {
	var products []fields
	goods := &sum{}
	for _, l := range r.Get("refund_line_items").Array() {
		paid := (&sum{}).plus(l.Get("subtotal"))
		if taxed {
			paid.less(l.Get("total_tax"))
		}
		goods.value.Add(&goods.value, &paid.value)
		goods.decimals = max(goods.decimals, paid.decimals)
		q := fields{"line_total": paid.number()}
		q.name("product_id", l.Get("line_item.product_id")).name("sku", l.Get("line_item.sku")).put("name", l.Get("line_item.title")).put("quantity", l.Get("quantity"))
		products = append(products, q)
	}
	if products == nil { // an amount without goods: what was paid back, less the part that is of the shipping
		for _, x := range r.Get("transactions").Array() {
			if status := x.Get("status").String(); x.Get("kind").String() == "refund" && (status == "success" || status == "") {
				goods.plus(x.Get("amount"))
			}
		}
		for _, a := range r.Get("order_adjustments").Array() {
			if a.Get("kind").String() == "shipping_refund" { // its amounts are negative
				goods.plus(a.Get("amount")).plus(a.Get("tax_amount"))
			}
		}
		if !goods.positive() {
			return
		}
	}
	f := fields{"order_id": orderID, "refund_id": r.Get("id").String(), "revenue": goods.number()}
	f.put("currency", currency).put("reason", r.Get("note"))
	if products != nil {
		f["products"] = products
	}
	t.tell(call{Type: "track", Event: "Order Refunded", Properties: f}, p, instant(firstOf(r, "processed_at", "created_at"), time.UTC), r.Get("id").String())
}
