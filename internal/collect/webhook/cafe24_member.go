package webhook

import (
	"strconv"
	"time"

	"github.com/tidwall/gjson"
)

// cafe24Customer tells of a new member and of what she allowed when she signed up.
func (t *translation) cafe24Customer(r gjson.Result) {
	member := r.Get("member_id").String()
	if member == "" {
		t.problem("$.resource.member_id", "the event does not say which member it is of", "Send it as Cafe24 does.")
		return
	}
	p := person{email: r.Get("email").String(), phone: e164(firstOf(r, "cellphone", "phone").String(), "KR"), name: r.Get("name").String()}
	t.cafe24Person(&p, member)
	at := instant(r.Get("created_date"), seoul)
	traits := fields{}.put("createdAt", r.Get("created_date")).put("birthday", r.Get("birthday")).put("gender", r.Get("gender")).name("member_group", r.Get("group_no")).
		put("username", r.Get("nick_name"))
	t.identify(&p, traits, at, member, r.Get("created_date").String())
	t.tell(call{Type: "track", Event: "Signed Up", Properties: fields{}.put("recommended_by", r.Get("recommend_id"))}, &p, at, member, r.Get("created_date").String())
	for _, c := range []struct{ field, channel string }{{"news_mail", "email"}, {"sms", "sms"}} {
		if v := r.Get(c.field).String(); v == "T" || v == "F" {
			t.consent(&p, c.channel, v == "T", at, "Cafe24, "+c.field+" at sign-up", member, r.Get("created_date").String())
		}
	}
}

// cafe24Members are the events that name members and nothing else of them.
var cafe24Members = map[int64]string{
	90080: "Account Updated", 90143: "Signed In", 90145: "Account Deactivated", 90146: "Account Reactivated", 90147: "Customer Deleted",
}

func (t *translation) cafe24Member(number int64, r gjson.Result) {
	members := split(r.Get("member_id").String())
	if len(members) == 0 {
		t.problem("$.member_id", "the event does not say which member it is of", "Send it as Cafe24 does.")
		return
	}
	for _, m := range members[:min(len(members), eventLimit)] {
		p := person{}
		t.cafe24Person(&p, m)
		f := fields{}.put("changed", r.Get("diff_key")).put("front", r.Get("inflow_name"))
		t.tell(call{Type: "track", Event: cafe24Members[number], Properties: f}, &p, time.Time{}, m, strconv.FormatInt(number, 10), t.once())
	}
}

// once tells one delivery from the next where a payload has neither time nor version.
func (t *translation) once() string {
	if t.delivery.ID != "" {
		return t.delivery.ID
	}
	return t.delivery.At.UTC().Format(time.RFC3339Nano)
}

func (t *translation) cafe24Cart(r gjson.Result) {
	p := person{}
	t.cafe24Person(&p, r.Get("member_id").String())
	if !p.known() {
		t.ignore("the cart is a guest's, whom Cafe24 does not name")
		return
	}
	f := fields{}.name("product_id", r.Get("product_no")).name("variant", r.Get("variant_code")).put("quantity", r.Get("quantity"))
	t.tell(call{Type: "track", Event: "Product Added", Properties: f}, &p, time.Time{}, r.Get("variant_code").String(), t.once())
}

// cafe24Product tells of a product by its code, by which orders name it too.
func (t *translation) cafe24Product(number int64, r gjson.Result) {
	t.product(Product{
		ID: firstOf(r, "product_code", "product_no").String(), Name: r.Get("product_name").String(), Brand: r.Get("brand_code").String(), SKU: r.Get("custom_product_code").String(),
		Price: r.Get("price").String(), Deleted: number == 90003,
	}, r.Get("updated_date"))
}
