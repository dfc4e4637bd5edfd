package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
)

// Mapping says how the JSON of a generic hook becomes events. A value is a path ("$.order.id"; "@.sku" in a list), a constant, a text
// with holes ("{{$.first}} {{$.last}}"), or an object that says more: see Value.
type Mapping struct {
	Signature Signature   `json:"signature"`
	Zone      string      `json:"zone,omitempty" doc:"IANA zone of times that name none; UTC when absent"`
	Events    []EventRule `json:"events"`
}

// Signature says how a delivery proves where it is from: an HMAC-SHA256 of its body under the hook's secret.
type Signature struct {
	Header          string `json:"header,omitempty" doc:"X-Signature when absent"`
	Encoding        string `json:"encoding,omitempty" enum:"hex,base64" doc:"hex when absent"`
	Prefix          string `json:"prefix,omitempty" doc:"before the signature, such as sha256= ; v1= also finds it in a list such as t=…,v1=…"`
	Signed          string `json:"signed,omitempty" doc:"what is signed: {body} when absent; {timestamp}.{body} guards against old deliveries"`
	TimestampHeader string `json:"timestamp_header,omitempty" doc:"seconds or milliseconds since 1970, or RFC 3339"`
	ToleranceS      int    `json:"tolerance_s,omitempty" doc:"how old the timestamp may be; 300 when absent"`
	DeliveryHeader  string `json:"delivery_header,omitempty" doc:"the sender's id of the delivery, the same when it is sent again"`
	TopicHeader     string `json:"topic_header,omitempty" doc:"what the delivery tells of"`
}

// EventRule makes events of the deliveries that fit it.
type EventRule struct {
	Topic       string                     `json:"topic,omitempty" doc:"a pattern such as order.*; of any topic when absent"`
	When        []Condition                `json:"when,omitempty" doc:"all must hold"`
	Each        string                     `json:"each,omitempty" doc:"a path; one event for each element, to which @ then points"`
	Type        string                     `json:"type,omitempty" enum:"track,identify,page,screen,group,alias" doc:"track when absent"`
	Event       json.RawMessage            `json:"event,omitempty"`
	MessageID   json.RawMessage            `json:"message_id,omitempty" doc:"what makes it one of a kind; the delivery when absent"`
	UserID      json.RawMessage            `json:"user_id,omitempty"`
	AnonymousID json.RawMessage            `json:"anonymous_id,omitempty"`
	Email       json.RawMessage            `json:"email,omitempty"`
	Phone       json.RawMessage            `json:"phone,omitempty"`
	GroupID     json.RawMessage            `json:"group_id,omitempty"`
	PreviousID  json.RawMessage            `json:"previous_id,omitempty"`
	ExternalIDs map[string]json.RawMessage `json:"external_ids,omitempty" doc:"by kind: shop, line, kakao, pos, device"`
	Timestamp   json.RawMessage            `json:"timestamp,omitempty"`
	Properties  map[string]json.RawMessage `json:"properties,omitempty"`
	Traits      map[string]json.RawMessage `json:"traits,omitempty"`
	Context     map[string]json.RawMessage `json:"context,omitempty"`
}

// Condition compares what stands at a path.
type Condition struct {
	Path  string          `json:"path"`
	Op    string          `json:"op,omitempty" enum:"=,!=,in,not in,contains,is set,is not set,>,<" doc:"= when absent"`
	Value json.RawMessage `json:"value,omitempty"`
}

// Value says more of a value than a path can.
type Value struct {
	Path     string                     `json:"path,omitempty"`
	Const    json.RawMessage            `json:"const,omitempty"`
	Text     string                     `json:"text,omitempty" doc:"a text with holes"`
	Each     string                     `json:"each,omitempty" doc:"a path; a list with one element for each"`
	Fields   map[string]json.RawMessage `json:"fields,omitempty" doc:"of an object, or of each element"`
	Unit     string                     `json:"unit,omitempty" enum:"major,minor" doc:"it is an amount of money"`
	Currency json.RawMessage            `json:"currency,omitempty" doc:"of an amount in minor units: a code, or a path to one"`
	Comma    bool                       `json:"decimal_comma,omitempty" doc:"1.234,50 is one thousand two hundred and thirty-four and a half"`
	Date     string                     `json:"date,omitempty" doc:"auto, rfc3339, unix_s, unix_ms, or a pattern such as %d.%m.%Y %H:%M"`
	Zone     string                     `json:"zone,omitempty"`
	As       string                     `json:"as,omitempty" enum:"text,number,boolean,date,list"`
	Default  json.RawMessage            `json:"default,omitempty" doc:"where nothing stands at the path"`
	Required bool                       `json:"required,omitempty" doc:"without it the delivery is set aside"`
}

const (
	mappingLimit = 64 << 10
	rulesLimit   = 100
)

// plan is a mapping that was checked and made ready.
type plan struct {
	mapping Mapping
	rules   []rule
}

type rule struct {
	topic, kind                                                                         string
	when                                                                                []condition
	each                                                                                *pointer
	event, messageID, userID, anonymousID, email, phone, groupID, previousID, timestamp node
	external, properties, traits, context                                               []field
}

type field struct {
	name string
	node node
}

// compile checks a mapping. Its faults name the place in it.
func compile(text json.RawMessage) (*plan, error) {
	if len(text) > mappingLimit {
		return nil, fault.New(fault.TooLarge, "webhook.mapping_large", "the mapping is larger than 64 KiB").At(fault.Place{Field: "mapping"}).Then("Give each kind of delivery a hook of its own.")
	}
	p := &plan{}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, badMapping("", "a generic hook needs a mapping", `Send for example {"events":[{"event":"Order Completed","user_id":"$.customer.id","properties":{"order_id":"$.id"}}]}.`)
	}
	if err := strict(text, &p.mapping); err != nil {
		return nil, badMapping("", "the mapping cannot be read: "+err.Error(), "See docs/do/webhooks.md for what it holds.")
	}
	m := &p.mapping
	if len(m.Events) == 0 || len(m.Events) > rulesLimit {
		return nil, badMapping("events", fmt.Sprintf("a mapping makes between 1 and %d events", rulesLimit), "Say which event a delivery becomes.")
	}
	if err := m.Signature.settle(); err != nil {
		return nil, err
	}
	zone, err := location(m.Zone, time.UTC, "zone")
	if err != nil {
		return nil, err
	}
	for i := range m.Events {
		c := compiler{zone: zone, place: fmt.Sprintf("events[%d]", i)}
		r, err := c.rule(&m.Events[i])
		if err != nil {
			return nil, err
		}
		p.rules = append(p.rules, r)
	}
	return p, nil
}

// strict reads JSON and refuses what it does not know.
func strict(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return fmt.Errorf("%s is a %s, which does not fit there", wrong.Field, wrong.Value)
		}
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if d.More() {
		return errors.New("something follows it")
	}
	return nil
}

func badMapping(where, sentence, next string) error {
	place := "mapping"
	if where != "" {
		place += "." + where
	}
	return fault.New(fault.Invalid, "webhook.mapping", sentence).At(fault.Place{Field: place}).Then(next)
}

func location(name string, otherwise *time.Location, where string) (*time.Location, error) {
	if name == "" {
		return otherwise, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, badMapping(where, fmt.Sprintf("%q is no time zone", name), "Write an IANA name such as Asia/Seoul.")
	}
	return zone, nil
}

func (s *Signature) settle() error {
	if s.Header == "" {
		s.Header = "X-Signature"
	}
	if s.Signed == "" {
		s.Signed = "{body}"
	}
	if s.Encoding == "" {
		s.Encoding = "hex"
	}
	if s.ToleranceS == 0 {
		s.ToleranceS = 300
	}
	timed := strings.Contains(s.Signed, "{timestamp}")
	switch {
	case s.Encoding != "hex" && s.Encoding != "base64":
		return badMapping("signature.encoding", "the encoding is neither hex nor base64", "Leave it out for hex.")
	case !strings.Contains(s.Signed, "{body}"):
		return badMapping("signature.signed", "what is signed does not hold {body}", "Write {body} or {timestamp}.{body}.")
	case s.TimestampHeader != "" && !timed:
		return badMapping("signature.timestamp_header", "the timestamp is not among what is signed, so anybody could change it", "Write {timestamp}.{body} as signed, if the sender does so; else leave the header out.")
	case s.ToleranceS < 0 || s.ToleranceS > 86_400:
		return badMapping("signature.tolerance_s", "the tolerance is not between 1 second and a day", "Leave it out for five minutes.")
	}
	return nil
}

// compiler makes one rule ready.
type compiler struct {
	zone  *time.Location
	place string
}

func (c *compiler) bad(where, sentence, next string) error {
	return badMapping(c.place+"."+where, sentence, next)
}

func (c *compiler) rule(e *EventRule) (r rule, err error) {
	r.topic, r.kind = e.Topic, e.Type
	if r.kind == "" {
		r.kind = "track"
	}
	if !contains([]string{"track", "identify", "page", "screen", "group", "alias"}, r.kind) {
		return r, c.bad("type", fmt.Sprintf("%q is no type of call", e.Type), "Leave it out for track.")
	}
	if _, err := path.Match(r.topic, ""); err != nil {
		return r, c.bad("topic", "the pattern of the topic cannot be read", "Write for example order.*.")
	}
	if r.kind == "track" && len(e.Event) == 0 {
		return r, c.bad("event", "the event has no name", `Write for example "Order Completed".`)
	}
	if e.Each != "" {
		if r.each, err = c.pointer(e.Each, "each"); err != nil {
			return r, err
		}
	}
	for i, w := range e.When {
		k, err := c.condition(w, fmt.Sprintf("when[%d]", i))
		if err != nil {
			return r, err
		}
		r.when = append(r.when, k)
	}
	for _, v := range []struct {
		name string
		text json.RawMessage
		into *node
	}{
		{"event", e.Event, &r.event},
		{"message_id", e.MessageID, &r.messageID},
		{"user_id", e.UserID, &r.userID},
		{"anonymous_id", e.AnonymousID, &r.anonymousID},
		{"email", e.Email, &r.email},
		{"phone", e.Phone, &r.phone},
		{"group_id", e.GroupID, &r.groupID},
		{"previous_id", e.PreviousID, &r.previousID},
	} {
		if *v.into, err = c.node(v.text, v.name); err != nil {
			return r, err
		}
	}
	if r.timestamp, err = c.timestamp(e.Timestamp); err != nil {
		return r, err
	}
	for _, v := range []struct {
		name   string
		fields map[string]json.RawMessage
		into   *[]field
	}{{"external_ids", e.ExternalIDs, &r.external}, {"properties", e.Properties, &r.properties}, {"traits", e.Traits, &r.traits}, {"context", e.Context, &r.context}} {
		if *v.into, err = c.fields(v.fields, v.name); err != nil {
			return r, err
		}
	}
	if r.userID == nil && r.anonymousID == nil && r.email == nil && r.phone == nil && len(r.external) == 0 {
		return r, c.bad("user_id", "the event does not say whose it is", `Give user_id, email, phone or external_ids, for example "$.customer.id".`)
	}
	return r, nil
}
