package webhook

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dangol/dangol/internal/kit/fault"
)

// Kind is who sends.
type Kind string

// The kinds of hook.
const (
	Shopify     Kind = "shopify"
	WooCommerce Kind = "woocommerce"
	Cafe24      Kind = "cafe24"
	Generic     Kind = "generic"
)

// State is how the last delivery went.
type State string

// The states of a delivery.
const (
	Told     State = "told"
	Ignored  State = "ignored"   // it tells nothing of a customer
	SetAside State = "set_aside" // it could not be read and waits in quarantine
	Refused  State = "refused"   // its signature was wrong
)

// Hook is an address to which others send.
type Hook struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Kind      Kind            `json:"kind" enum:"shopify,woocommerce,cafe24,generic"`
	Enabled   bool            `json:"enabled"`
	URL       string          `json:"url" doc:"path on this server to which the shop sends"`
	Mapping   json.RawMessage `json:"mapping,omitempty" doc:"of a generic hook: how its JSON becomes events; of a shop: options"`
	CreatedAt time.Time       `json:"created_at"`
	LastAt    *time.Time      `json:"last_at" doc:"of the last delivery, to the minute"`
	LastState State           `json:"last_state,omitempty" enum:"told,ignored,set_aside,refused"`
	LastNote  string          `json:"last_note,omitempty"`

	secret string
	plan   *plan // of a generic hook
	shop   ShopOptions
}

// ShopOptions are the mapping of a hook whose payloads are known.
type ShopOptions struct {
	UserID  string `json:"user_id,omitempty" enum:"customer,email" doc:"what is also her user id in your other sources: the shop's customer number, or the e-mail"`
	OrderID string `json:"order_id,omitempty" enum:"id,number" doc:"which of the two names an order in your other sources; id when absent"`
	Market  string `json:"market,omitempty" doc:"market of all its orders; the country of the order when absent"`
	Channel string `json:"channel,omitempty" doc:"channel of all its orders; what the shop says when absent"`
}

// Problem is what of a delivery could not be read.
type Problem struct {
	Path     string `json:"path" doc:"where in the JSON"`
	Sentence string `json:"sentence"`
	Next     string `json:"next"`
}

// Delivery is one request, or a sample of one.
type Delivery struct {
	Topic string    // what it tells of, as the sender names it
	Shop  string    // domain or id of the shop
	ID    string    // the sender's id of the delivery, the same when it is sent again
	At    time.Time // when it came
	Body  []byte
}

// Product is what a shop says of a thing it sells. It is nobody's doing, and so no event.
type Product struct {
	ID       string    `json:"id" doc:"by which orders name it"`
	Name     string    `json:"name,omitempty"`
	Category string    `json:"category,omitempty"`
	Brand    string    `json:"brand,omitempty"`
	SKU      string    `json:"sku,omitempty"`
	Price    string    `json:"price,omitempty"`
	ImageURL string    `json:"image_url,omitempty"`
	URL      string    `json:"url,omitempty"`
	Deleted  bool      `json:"deleted,omitempty"`
	At       time.Time `json:"at" doc:"of this version"`
}

// Translation is what a delivery tells.
type Translation struct {
	Events   [][]byte
	Products []Product
	Problems []Problem
	Note     string // why it tells nothing
	buyers   []buyer
}

// memory finds the buyer of an order that an earlier delivery told of.
type memory func(shop, order string) (buyer, bool)

const (
	nameLimit  = 80
	bodyLimit  = 1 << 20
	eventLimit = 1000 // one delivery tells no more
)

func (h *Hook) check() error {
	if h.Name == "" || utf8.RuneCountInString(h.Name) > nameLimit || strings.ContainsFunc(h.Name, func(r rune) bool { return r < ' ' }) {
		return fault.Newf(fault.Invalid, "webhook.name", "a hook needs a name of 1 to %d characters on one line", nameLimit).
			At(fault.Place{Field: "name", Value: h.Name}).Then("Name it after the shop or program that will send.")
	}
	if h.Kind != Generic {
		if len(h.Mapping) == 0 {
			return nil
		}
		return h.options()
	}
	p, err := compile(h.Mapping)
	h.plan = p
	return err
}

// options reads the mapping of a shop's hook.
func (h *Hook) options() error {
	d := json.NewDecoder(strings.NewReader(string(h.Mapping)))
	d.DisallowUnknownFields()
	h.shop = ShopOptions{}
	if err := d.Decode(&h.shop); err != nil {
		return fault.New(fault.Invalid, "webhook.options", "the mapping of a shop's hook holds user_id, order_id, market and channel, and nothing else").
			At(fault.Place{Field: "mapping"}).Then("Leave it out, or send for example {\"user_id\":\"customer\"}.").Because(err)
	}
	for _, f := range []struct {
		name, value string
		allowed     []string
	}{{"user_id", h.shop.UserID, []string{"", "customer", "email"}}, {"order_id", h.shop.OrderID, []string{"", "id", "number"}}} {
		if !contains(f.allowed, f.value) {
			return fault.Newf(fault.Invalid, "webhook.options", "%s is not one of %s", f.name, strings.Join(f.allowed[1:], ", ")).
				At(fault.Place{Field: "mapping." + f.name, Value: f.value}).Then("Leave it out for the usual.")
		}
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// deliveryOf reads what the headers say.
func (h *Hook) deliveryOf(header http.Header, body []byte, at time.Time) Delivery {
	d := Delivery{At: at, Body: body}
	switch h.Kind {
	case Shopify:
		d.Topic, d.Shop, d.ID = header.Get("X-Shopify-Topic"), header.Get("X-Shopify-Shop-Domain"), header.Get("X-Shopify-Webhook-Id")
	case WooCommerce:
		d.Topic, d.Shop, d.ID = header.Get("X-WC-Webhook-Topic"), header.Get("X-WC-Webhook-Source"), header.Get("X-WC-Webhook-Delivery-ID")
	case Cafe24:
		d.ID = header.Get("X-Trace-ID")
	case Generic:
		s := &h.plan.mapping.Signature
		if s.TopicHeader != "" {
			d.Topic = header.Get(s.TopicHeader)
		}
		if s.DeliveryHeader != "" {
			d.ID = header.Get(s.DeliveryHeader)
		}
	}
	return d
}

// translate turns a delivery into events. It is a function of its arguments alone.
func (h *Hook) translate(d Delivery, m memory) Translation {
	t := translation{hook: h, delivery: d, memory: m}
	if !json.Valid(d.Body) {
		t.problem("$", "the body is not JSON", "Set the format of the webhook to JSON in the shop; older API versions may also send XML.")
		return t.out
	}
	switch h.Kind {
	case Shopify:
		t.shopify()
	case WooCommerce:
		t.woo()
	case Cafe24:
		t.cafe24()
	case Generic:
		t.generic()
	}
	return t.out
}
