package webhook

import (
	"math/big"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// woo reads a payload of WooCommerce's REST API, version 2 or 3.
func (t *translation) woo() {
	t.body = gjson.ParseBytes(t.delivery.Body)
	t.shop = wooShop(t.delivery.Shop)
	resource, what, _ := strings.Cut(t.delivery.Topic, ".")
	switch {
	case resource == "order" && (what == "created" || what == "updated" || what == "restored"):
		t.wooOrder(t.body)
	case resource == "customer" && (what == "created" || what == "updated"):
		t.wooCustomer(t.body)
	case resource == "customer" && what == "deleted":
		p := person{}
		t.wooPerson(&p, t.body.Get("id"))
		if p.known() {
			t.tell(call{Type: "track", Event: "Customer Deleted"}, &p, time.Time{}, t.body.Get("id").String())
		}
	case resource == "product":
		t.wooProduct(t.body, what == "deleted")
	case resource == "":
		t.problem("header X-WC-Webhook-Topic", "the delivery does not say what it tells of", "Send it as WooCommerce does; in a preview, give the topic, such as order.updated.")
	default:
		t.ignore("%s tells nothing of a customer", t.delivery.Topic)
	}
}

// wooShop is the site's host: its numbers are its own.
func wooShop(source string) string {
	if u, err := url.Parse(source); err == nil && u.Host != "" {
		return u.Host + strings.TrimRight(u.Path, "/")
	}
	return source
}

func (t *translation) wooPerson(p *person, id gjson.Result) {
	number := id.String()
	if number != "" && number != "0" { // 0 is a guest
		shop := t.shop
		if shop == "" {
			shop = t.hook.ID
		}
		p.shopID = "woo:" + shop + ":" + number
	} else {
		number = ""
	}
	t.settle(p, number)
}

func (t *translation) wooBuyer(o gjson.Result, customer string) person {
	country := firstOf(o, "billing.country", "shipping.country").String()
	p := person{
		email: firstOf(o, "email", "billing.email").String(), phone: e164(firstOf(o, "billing.phone", "shipping.phone").String(), country),
		first: firstOf(o, "first_name", "billing.first_name").String(), last: firstOf(o, "last_name", "billing.last_name").String(),
	}
	t.wooPerson(&p, o.Get(customer))
	return p
}

// wooBought are the states in which WooCommerce itself counts an order as sold.
var wooBought = map[string]bool{"processing": true, "completed": true, "on-hold": true, "refunded": true}

func (t *translation) wooOrder(o gjson.Result) {
	id, status := o.Get("id").String(), strings.TrimPrefix(o.Get("status").String(), "wc-")
	if id == "" {
		t.problem("$.id", "the order has no id", "Send the order as WooCommerce does.")
		return
	}
	p := t.wooBuyer(o, "customer_id")
	if !p.known() {
		if status == "auto-draft" || status == "checkout-draft" {
			t.ignore("order %s is still being filled in", id)
			return
		}
		t.problem("$.billing", "the order has no customer, e-mail or phone number", "Ask for one of them at checkout; such orders stay here.")
		return
	}
	orderID := id
	if t.hook.shop.OrderID == "number" && o.Get("number").String() != "" {
		orderID = o.Get("number").String()
	}
	version := firstOf(o, "date_modified_gmt", "date_modified").String()
	b, told := t.recall(id)
	f, revenue := t.wooOrderProperties(o, orderID, status)
	placed, modified := wooTime(o, "date_created"), wooTime(o, "date_modified")
	switch {
	case wooBought[status] && (!told || b.version == version):
		t.remember(id, version, false, &p)
		t.identify(&p, fields{}, placed, "buyer", id)
		t.tell(call{Type: "track", Event: "Order Completed", Properties: f}, &p, placed, id)
	case wooBought[status]:
		t.tell(call{Type: "track", Event: "Order Updated", Properties: f}, &p, modified, id, version)
	case status == "cancelled" && (told || !wooTime(o, "date_paid").IsZero()):
		t.tell(call{Type: "track", Event: "Order Cancelled", Properties: fields{"order_id": orderID}}, &p, modified, id)
	case status == "pending":
		t.tell(call{Type: "track", Event: "Checkout Started", Properties: f}, &p, placed, id)
	case status == "failed":
		t.tell(call{Type: "track", Event: "Payment Failed", Properties: f}, &p, modified, id, version)
	default:
		t.ignore("order %s is %s, which neither buys nor gives back", id, status)
	}
	if wooBought[status] {
		t.wooRefunds(o, &p, orderID, status, revenue, modified)
	}
}

// wooTime reads a time of an order: the field that is in UTC, or the one in the site's own zone.
func wooTime(o gjson.Result, name string) time.Time {
	if at := instant(o.Get(name+"_gmt"), time.UTC); !at.IsZero() {
		return at
	}
	return instant(o.Get(name), time.UTC)
}

func (t *translation) wooOrderProperties(o gjson.Result, orderID, status string) (fields, *sum) {
	f := fields{"order_id": orderID, "status": status}
	f.put("order_number", o.Get("number")).put("currency", o.Get("currency")).amount("total", o.Get("total")).amount("tax", o.Get("total_tax"))
	f.amount("shipping", o.Get("shipping_total")).amount("discount", o.Get("discount_total")).put("coupon", o.Get("coupon_lines.0.code")).put("payment_method", o.Get("payment_method"))
	if at := wooTime(o, "date_created"); !at.IsZero() {
		f["ordered_at"] = at.UTC().Format(time.RFC3339)
	}
	if at := wooTime(o, "date_modified"); !at.IsZero() {
		f["updated_at"] = at.UTC().Format(time.RFC3339)
	}
	if status == "completed" { // the shop's word for sent
		if at := wooTime(o, "date_completed"); !at.IsZero() {
			f["completed_at"] = at.UTC().Format(time.RFC3339)
		}
	}
	revenue := &sum{}
	var products []fields
	for _, l := range o.Get("line_items").Array() {
		revenue.plus(l.Get("total")) // after coupons, before tax
		q := fields{}.name("product_id", l.Get("product_id")).name("sku", l.Get("sku")).put("name", firstOf(l, "parent_name", "name")).put("quantity", l.Get("quantity")).
			put("price", l.Get("price")).amount("line_total", l.Get("total"))
		if v := l.Get("variation_id"); v.Int() > 0 {
			q.name("variant", v)
		}
		products = append(products, q)
	}
	f["revenue"] = revenue.number()
	if products != nil {
		f["products"] = products
	}
	t.place(f, firstOf(o, "shipping.country", "billing.country").String(), firstOf(o, "created_via").String())
	return f, revenue
}

// wooRefunds tells the refunds of an order. WooCommerce says of each only how much was paid back, with its share of shipping and tax, so the goods'
// share is taken to be theirs of the whole order.
func (t *translation) wooRefunds(o gjson.Result, p *person, orderID, status string, revenue *sum, modified time.Time) {
	refunds := o.Get("refunds").Array()
	total := (&sum{}).plus(o.Get("total"))
	for _, r := range refunds {
		paid := (&sum{}).plus(r.Get("total"))
		if paid.value.Sign() == 0 {
			continue
		}
		goods := &sum{decimals: max(paid.decimals, revenue.decimals, 2)}
		goods.value.Abs(&paid.value)
		if total.positive() {
			goods.value.Mul(&goods.value, &revenue.value)
			goods.value.Quo(&goods.value, new(big.Rat).Set(&total.value))
		}
		f := fields{"order_id": orderID, "refund_id": r.Get("id").String(), "revenue": goods.number()}
		f.put("currency", o.Get("currency")).text("reason", r.Get("reason").String())
		t.tell(call{Type: "track", Event: "Order Refunded", Properties: f}, p, modified, r.Get("id").String())
	}
	if status == "refunded" && len(refunds) == 0 {
		t.tell(call{Type: "track", Event: "Order Refunded", Properties: fields{"order_id": orderID, "refund_id": "all"}}, p, modified, orderID, "all")
	}
}

func (t *translation) wooCustomer(c gjson.Result) {
	id := c.Get("id").String()
	if id == "" {
		t.problem("$.id", "the customer has no id", "Send the customer as WooCommerce does.")
		return
	}
	p := t.wooBuyer(c, "id")
	traits := fields{}.put("username", c.Get("username"))
	if at := wooTime(c, "date_created"); !at.IsZero() {
		traits["createdAt"] = at.UTC().Format(time.RFC3339)
	}
	if a := c.Get("billing"); a.Get("country").String() != "" || a.Get("city").String() != "" {
		traits["address"] = fields{}.put("street", a.Get("address_1")).put("city", a.Get("city")).put("state", a.Get("state")).
			put("postalCode", a.Get("postcode")).put("country", a.Get("country"))
	}
	t.identify(&p, traits, wooTime(c, "date_modified"), id, firstOf(c, "date_modified_gmt", "date_modified").String())
	t.wooConsent(&p, c)
}

// wooConsents are the keys by which well-known newsletter extensions keep a customer's answer in her meta data.
var wooConsents = map[string]string{
	"mailchimp_woocommerce_is_subscribed": "email", "mailpoet_subscribe_to_newsletter": "email", "_wc_newsletter_opt_in": "email", "marketing_opt_in": "email",
	"accepts_marketing": "email", "sms_marketing_opt_in": "sms",
}

func (t *translation) wooConsent(p *person, c gjson.Result) {
	for _, m := range c.Get("meta_data").Array() {
		channel, known := wooConsents[m.Get("key").String()]
		if !known {
			continue
		}
		var given bool
		switch strings.ToLower(m.Get("value").String()) {
		case "1", "yes", "true", "on", "subscribed":
			given = true
		case "0", "no", "false", "off", "unsubscribed":
		default:
			continue
		}
		t.consent(p, channel, given, wooTime(c, "date_modified"), "WooCommerce, "+m.Get("key").String(), p.shopID, firstOf(c, "date_modified_gmt", "date_modified").String())
	}
}

func (t *translation) wooProduct(b gjson.Result, deleted bool) {
	t.product(Product{
		ID: b.Get("id").String(), Name: b.Get("name").String(), Category: b.Get("categories.0.name").String(), SKU: b.Get("sku").String(), Price: b.Get("price").String(),
		URL: b.Get("permalink").String(), ImageURL: b.Get("images.0.src").String(), Deleted: deleted,
	}, firstOf(b, "date_modified_gmt", "date_modified"))
}
