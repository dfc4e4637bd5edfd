package webhook

import (
	"time"

	"github.com/tidwall/gjson"
)

// shopifyCustomer tells who a customer is and what she allows.
func (t *translation) shopifyCustomer(c gjson.Result) {
	id := c.Get("id").String()
	if id == "" {
		t.problem("$.id", "the customer has no id", "Send the customer as Shopify does.")
		return
	}
	country := c.Get("default_address.country_code").String()
	p := person{
		email: c.Get("email").String(), phone: e164(firstOf(c, "phone", "default_address.phone").String(), country),
		first: c.Get("first_name").String(), last: c.Get("last_name").String(),
	}
	t.shopifyPerson(&p, c.Get("id"))
	updated := instant(firstOf(c, "updated_at", "created_at"), time.UTC)
	traits := fields{}.put("createdAt", c.Get("created_at")).put("locale", c.Get("locale")).put("tags", c.Get("tags")).put("shop_state", c.Get("state"))
	if a := c.Get("default_address"); a.IsObject() {
		traits["address"] = fields{}.put("street", a.Get("address1")).put("city", a.Get("city")).put("state", a.Get("province")).
			put("postalCode", a.Get("zip")).put("country", a.Get("country_code"))
	}
	t.identify(&p, traits, updated, id, firstOf(c, "updated_at", "created_at").String())
	t.shopifyConsents(&p, c, updated)
}

// shopifyConsents tells the marketing consents that stand in a payload; one that was never asked for is not told.
func (t *translation) shopifyConsents(p *person, c gjson.Result, updated time.Time) {
	for _, channel := range []string{"email", "sms"} {
		v := c.Get(channel + "_marketing_consent")
		state := v.Get("state").String()
		if state != "subscribed" && state != "unsubscribed" {
			continue
		}
		at := instant(v.Get("consent_updated_at"), time.UTC)
		if at.IsZero() {
			at = updated
		}
		proof := "Shopify, " + state
		if level := v.Get("opt_in_level").String(); level != "" {
			proof += ", " + level
		}
		t.consent(p, channel, state == "subscribed", at, proof, p.shopID, p.email, v.Get("consent_updated_at").String())
	}
	// Before 2022 there was one switch for e-mail.
	if accepts := c.Get("accepts_marketing"); accepts.IsBool() && !c.Get("email_marketing_consent").Exists() {
		if at := instant(c.Get("accepts_marketing_updated_at"), time.UTC); accepts.Bool() || !at.IsZero() {
			t.consent(p, "email", accepts.Bool(), at, "Shopify, accepts_marketing", p.shopID, c.Get("accepts_marketing_updated_at").String())
		}
	}
	if len(t.out.Events) == 0 {
		t.ignore("the consent is neither given nor withdrawn")
	}
}

// shopifyPrivacy passes on what the law asks of a shop, for a person to act on.
func (t *translation) shopifyPrivacy(b gjson.Result) {
	p := person{email: b.Get("customer.email").String(), phone: b.Get("customer.phone").String()}
	t.shopifyPerson(&p, b.Get("customer.id"))
	name, id := "Privacy Erasure Requested", b.Get("customer.id").String()
	if t.delivery.Topic == "customers/data_request" {
		name, id = "Privacy Export Requested", b.Get("data_request.id").String()
	}
	f := fields{}.put("shop_domain", b.Get("shop_domain")).put("orders", firstOf(b, "orders_to_redact", "orders_requested"))
	t.tell(call{Type: "track", Event: name, Properties: f}, &p, time.Time{}, id)
}

func (t *translation) shopifyProduct(b gjson.Result) {
	t.product(Product{
		ID: b.Get("id").String(), Name: b.Get("title").String(), Category: b.Get("product_type").String(), Brand: b.Get("vendor").String(),
		SKU: b.Get("variants.0.sku").String(), Price: b.Get("variants.0.price").String(), ImageURL: firstOf(b, "image.src", "images.0.src").String(),
		Deleted: t.delivery.Topic == "products/delete",
	}, b.Get("updated_at"))
}

// product tells of a thing that is sold.
func (t *translation) product(p Product, version gjson.Result) {
	if p.ID == "" {
		t.problem("$.id", "the product has no id", "Send the product as the shop does.")
		return
	}
	if p.At = instant(version, time.UTC); p.At.IsZero() {
		p.At = t.delivery.At
	}
	p.At = p.At.UTC()
	t.out.Products = append(t.out.Products, p)
}
