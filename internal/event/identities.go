package event

import "strings"

// kindOf names the kinds under which senders file external ids.
var kindOf = map[string]string{
	"user_id": KindUser, "userid": KindUser, "anonymous_id": KindAnonymous, "anonymousid": KindAnonymous,
	"email": KindEmail, "email_address": KindEmail, "phone": KindPhone, "phone_number": KindPhone,
	"shop": KindShop, "shopify": KindShop, "shopify_customer_id": KindShop, "woocommerce": KindShop, "woocommerce_customer_id": KindShop,
	"cafe24": KindShop, "cafe24_member_id": KindShop,
	"line": KindLine, "line_id": KindLine, "line_user_id": KindLine, "kakao": KindKakao, "kakao_id": KindKakao, "kakao_user_id": KindKakao,
	"pos": KindPOS, "pos_card": KindPOS,
	"device": KindDevice, "device_id": KindDevice, "android.id": KindDevice, "ios.id": KindDevice, "idfa": KindDevice, "ios.idfa": KindDevice,
	"android.idfa": KindDevice, "ga_client_id": KindDevice,
	"push": KindPush, "push_token": KindPush, "device_token": KindPush, "android.push_token": KindPush, "ios.push_token": KindPush,
}

// identify collects the names by which the call knows its person.
func (f *Fact) identify(h *Header, c *call) *Trouble {
	f.Identities = make([]Identity, 0, 3)
	email, phone := c.email, c.phone
	if f.Type == Group { // its traits are the company's
		email, phone = nil, nil
	}
	for _, one := range []struct {
		kind, field string
		raw         []byte
		strict      bool // a value that is no text spoils the event
	}{
		{KindUser, "userId", c.user, true},
		{KindAnonymous, "anonymousId", c.anonymous, true},
		{KindEmail, "traits.email", email, false},
		{KindEmail, "context.traits.email", c.contextEmail, false},
		{KindPhone, "traits.phone", phone, false},
		{KindPhone, "context.traits.phone", c.contextPhone, false},
	} {
		if one.raw == nil {
			continue
		}
		value, t := text(one.field, one.raw, maxIdentity)
		if t != nil && one.strict {
			return t
		}
		f.add(one.kind, value)
	}
	c.context.identify(f, h)
	if f.Type == Alias {
		previous, t := text("previousId", c.previous, maxIdentity)
		if t != nil {
			return t
		}
		if previous == "" {
			return &Trouble{NoPrevious, "the alias call names no former id", "Set \"previousId\"; then replay it."}
		}
		f.Previous.Value = previous
	}
	if len(f.Identities) == 0 {
		return &Trouble{
			NoIdentity, "the event names no person: userId and anonymousId are missing",
			"Set \"userId\" or \"anonymousId\"; then replay it.",
		}
	}
	return nil
}

// add notes an identity once.
func (f *Fact) add(kind, value string) {
	if value == "" || len(f.Identities) >= maxIdentities {
		return
	}
	for _, have := range f.Identities {
		if have.Kind == kind && have.Value == value {
			return
		}
	}
	f.Identities = append(f.Identities, Identity{kind, value})
}

// externalKind gives the kind of an external id. A kind that we do not know keeps its own name; the one that names our
// own keys is not for others to give.
func externalKind(written string, own bool) (kind string, ok bool) {
	written = strings.ToLower(strings.TrimSpace(written))
	if known := kindOf[written]; known != "" {
		return known, true
	}
	if written == KindKey {
		return KindKey, own
	}
	if written == "" || len(written) > 40 {
		return "", false
	}
	for _, c := range []byte(written) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.' && c != '-' {
			return "", false
		}
	}
	return written, true
}
