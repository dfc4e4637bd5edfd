package webhook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
	"github.com/tidwall/gjson"
)

// fields are the properties, traits or context of a call; they are written in the order of their names, so that equal calls are equal bytes.
type fields map[string]any

// put sets a field to a JSON value as it came, unless it is null or empty.
func (f fields) put(name string, v gjson.Result) fields {
	switch v.Type {
	case gjson.String:
		if text := strings.TrimSpace(v.Str); text != "" {
			f[name] = text
		}
	case gjson.Number, gjson.True, gjson.False, gjson.JSON:
		f[name] = json.RawMessage(v.Raw)
	case gjson.Null:
	}
	return f
}

// amount sets a field to an amount of money as a JSON number with its digits, for shops write amounts as texts.
func (f fields) amount(name string, v gjson.Result) fields {
	text := strings.TrimSpace(v.String())
	if strings.Trim(text, "-0123456789.") == "" && len(text) <= longestAmount && json.Valid([]byte(text)) {
		f[name] = json.RawMessage(text)
		return f
	}
	return f.put(name, v)
}

// name sets a field to an id, which is a text even where it is written in digits.
func (f fields) name(field string, v gjson.Result) fields { return f.text(field, v.String()) }

// text sets a field to a text, unless it is empty.
func (f fields) text(name, value string) fields {
	if value = strings.TrimSpace(value); value != "" {
		f[name] = value
	}
	return f
}

// call is one call of the Segment specification.
type call struct {
	Type        string `json:"type"`
	MessageID   string `json:"messageId"`
	Event       string `json:"event,omitempty"`
	UserID      string `json:"userId,omitempty"`
	AnonymousID string `json:"anonymousId,omitempty"`
	GroupID     string `json:"groupId,omitempty"`
	PreviousID  string `json:"previousId,omitempty"`
	Timestamp   string `json:"timestamp"`
	Properties  fields `json:"properties,omitempty"`
	Traits      fields `json:"traits,omitempty"`
	Context     fields `json:"context,omitempty"`

	external []fields
}

// person is who a delivery is about.
type person struct {
	shopID       string // "shopify:207119551", one for each customer of each shop
	userID       string
	email, phone string
	first, last  string
	name         string
	key          *buyer // what an earlier delivery said of her
}

func (p *person) known() bool {
	return p.shopID != "" || p.userID != "" || p.email != "" || p.phone != "" || p.key != nil
}

func (p *person) fullName() string {
	if p.name != "" {
		return p.name
	}
	return strings.TrimSpace(p.first + " " + p.last)
}

// identity is the one by which an order's buyer is remembered.
func (p *person) identity() (kind, value string) {
	switch {
	case p.shopID != "":
		return "shop", p.shopID
	case p.userID != "":
		return "user", p.userID
	case p.email != "":
		return "email", strings.ToLower(p.email)
	case p.phone != "":
		return "phone", p.phone
	}
	return "", ""
}

// translation is a delivery that is being read.
type translation struct {
	hook     *Hook
	delivery Delivery
	memory   memory
	out      Translation
	shop     string // domain or id, "" where unknown
	body     gjson.Result
	seen     map[string]int // of a generic hook: how often an event of this name and delivery was made
}

func (t *translation) problem(path, sentence, next string) {
	t.out.Problems = append(t.out.Problems, Problem{Path: path, Sentence: sentence, Next: next})
}

func (t *translation) ignore(format string, args ...any) { t.out.Note = fmt.Sprintf(format, args...) }

// messageID is the same whenever the same thing is told again.
func (t *translation) messageID(parts ...string) string {
	h := sha256.New()
	shop := t.shop
	if shop == "" {
		shop = t.hook.ID
	}
	for _, p := range append([]string{string(t.hook.Kind), shop}, parts...) {
		_, _ = fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return "whk:" + hex.EncodeToString(h.Sum(nil)[:16])
}

// tell adds a call about a person. id names what is told: with the shop it makes the message's id.
func (t *translation) tell(c call, p *person, at time.Time, id ...string) {
	c.MessageID = t.messageID(append([]string{c.Type, c.Event}, id...)...)
	if at.IsZero() {
		at = t.delivery.At
	}
	c.Timestamp = at.UTC().Format(time.RFC3339Nano)
	if c.Context == nil {
		c.Context = fields{}
	}
	c.Context["library"] = fields{"name": string(t.hook.Kind)}
	c.Context["channel"] = "server"
	add := func(kind, value string) {
		if value != "" {
			c.external = append(c.external, fields{"id": value, "type": kind, "collection": "users", "encoding": "none"})
		}
	}
	if p.userID != "" {
		c.UserID = p.userID
	}
	add("shop", p.shopID)
	if p.key != nil && p.key.kind == "user" {
		c.UserID = p.key.value
	} else if p.key != nil {
		add(p.key.kind, p.key.value)
	}
	who := fields{}.text("email", p.email).text("phone", p.phone)
	if c.Type == "identify" {
		maps.Copy(c.Traits, who)
	} else {
		if c.Type != "group" { // on any other call they describe the person
			maps.Copy(who, c.Traits)
			c.Traits = nil
		}
		if len(who) > 0 {
			c.Context["traits"] = who
		}
	}
	if c.external != nil {
		c.Context["externalIds"] = c.external
	}
	b, err := json.Marshal(c)
	if products, many := c.Properties["products"].([]fields); many && len(b) > roomyEvent {
		for _, p := range products { // what an order is worth needs none of these
			for _, name := range []string{"brand", "sku", "variant", "price"} {
				delete(p, name)
			}
		}
		b, err = json.Marshal(c)
	}
	if err != nil { // a number that encoding/json refuses although it is valid JSON does not exist
		t.problem("$", "the event cannot be written as JSON", "Please report it with these words.")
		return
	}
	t.out.Events = append(t.out.Events, b)
}

// roomyEvent is near the largest event that is taken.
const roomyEvent = 30_000

// identify tells who somebody is.
func (t *translation) identify(p *person, traits fields, at time.Time, id ...string) {
	traits.text("firstName", p.first).text("lastName", p.last).text("name", p.fullName())
	t.tell(call{Type: "identify", Traits: traits}, p, at, id...)
}

// consent tells that somebody allowed messages, or no longer does.
func (t *translation) consent(p *person, channel string, given bool, at time.Time, proof string, id ...string) {
	name := "Consent Withdrawn"
	if given {
		name = "Consent Given"
	}
	c := call{Type: "track", Event: name, Properties: fields{"purpose": "marketing", "channel": channel, "source": string(t.hook.Kind), "proof": proof}}
	t.tell(c, p, at, append([]string{channel}, id...)...)
}

// settle fills in what the options and earlier deliveries say of a person.
func (t *translation) settle(p *person, customer string) {
	switch t.hook.shop.UserID {
	case "customer":
		p.userID = customer
	case "email":
		p.userID = p.email
	}
}

// recall finds the buyer of an order; false where nobody told of it.
func (t *translation) recall(order string) (*buyer, bool) {
	if t.memory == nil {
		return nil, false
	}
	b, ok := t.memory(t.shop, order)
	return &b, ok
}

// remember keeps whose order it was.
func (t *translation) remember(order, version string, taxed bool, p *person) {
	kind, value := p.identity()
	if kind == "" {
		return
	}
	t.out.buyers = append(t.out.buyers, buyer{shop: t.shop, order: order, kind: kind, value: value, version: version, taxed: taxed})
}

// place sets market and channel of an order.
func (t *translation) place(f fields, market, channel string) {
	if t.hook.shop.Market != "" {
		market = t.hook.shop.Market
	}
	if t.hook.shop.Channel != "" {
		channel = t.hook.shop.Channel
	}
	f.text("market", market).text("channel", channel)
}

// instant reads a time; where it has no offset, it is in zone. The zero time stands for what is none.
func instant(v gjson.Result, zone *time.Location) time.Time {
	text := strings.TrimSpace(v.Str)
	if v.Type != gjson.String || text == "" || strings.HasPrefix(text, "0000") {
		return time.Time{}
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if at, err := time.ParseInLocation(form, text, zone); err == nil {
			return at
		}
	}
	return time.Time{}
}

// e164 writes a phone number with its country's code; what is none stays as it is.
func e164(phone, country string) string {
	phone = strings.TrimSpace(phone)
	n, err := phonenumbers.Parse(phone, strings.ToUpper(country))
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return phone
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

// sum is a decimal's arithmetic: exact, with as many decimals as the longest of its terms.
type sum struct {
	value    big.Rat
	decimals int
}

const longestAmount = 40

// add counts an amount, negative for minus; what is no plain decimal counts nothing.
func (s *sum) add(v gjson.Result, minus bool) *sum {
	text := strings.TrimSpace(v.String())
	if v.Type != gjson.String && v.Type != gjson.Number || text == "" || len(text) > longestAmount || strings.Trim(text, "-0123456789.") != "" {
		return s
	}
	var x big.Rat
	if _, ok := x.SetString(text); !ok {
		return s
	}
	if _, fraction, dotted := strings.Cut(text, "."); dotted {
		s.decimals = max(s.decimals, len(fraction))
	}
	if minus {
		x.Neg(&x)
	}
	s.value.Add(&s.value, &x)
	return s
}

// times multiplies by a number of pieces; one that is none is one.
func (s *sum) times(pieces gjson.Result) {
	n := (&sum{}).plus(pieces)
	if pieces.Exists() && n.value.Sign() >= 0 {
		s.value.Mul(&s.value, &n.value)
		s.decimals += n.decimals
	}
}

func (s *sum) plus(v gjson.Result) *sum { return s.add(v, false) }
func (s *sum) less(v gjson.Result) *sum { return s.add(v, true) }

// number is the sum, at least zero.
func (s *sum) number() json.RawMessage {
	if s.value.Sign() < 0 {
		return json.RawMessage("0")
	}
	return json.RawMessage(s.value.FloatString(s.decimals))
}

func (s *sum) positive() bool { return s.value.Sign() > 0 }
