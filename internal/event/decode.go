package event

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The limits of an event.
const (
	DefaultMaxEvent = 32 << 10 // bytes of one event
	maxDepth        = 32       // levels of nesting
	maxMessageID    = 100      // characters, as in the specification
	maxName         = 200      // characters
	maxIdentity     = 255      // characters
	maxIdentities   = 20
	maxInterned     = 16 << 10 // names remembered
)

// The stable reasons of Trouble.
const (
	BadJSON        = "bad_json"
	BadType        = "bad_type"
	BadField       = "bad_field"
	BadTime        = "bad_time"
	ImpossibleTime = "impossible_time"
	NoIdentity     = "no_identity"
	NoName         = "no_name"
	NoGroup        = "no_group"
	NoPrevious     = "no_previous"
	TooLarge       = "too_large"
	TooDeep        = "too_deep"
)

// Error is the sentence with its next step.
func (t *Trouble) Error() string { return t.Sentence + ". " + t.Next }

// DecoderOptions say how events are read.
type DecoderOptions struct {
	Rename   func(name string) string // gives older names their present form; nil keeps all
	MaxEvent int                      // bytes; 0 means DefaultMaxEvent
}

// Decoder reads raw events; it remembers names, so that each is made and renamed once. One goroutine uses it.
type Decoder struct {
	rename   func(string) string
	maxEvent int
	names    map[string]string
}

// NewDecoder returns a decoder.
func NewDecoder(o DecoderOptions) *Decoder {
	if o.MaxEvent == 0 {
		o.MaxEvent = DefaultMaxEvent
	}
	return &Decoder{rename: o.Rename, maxEvent: o.MaxEvent, names: map[string]string{}}
}

// Decode reads one raw event with the default limits, keeping names as they are.
func Decode(h Header, raw []byte, place uint64) (Fact, *Trouble) {
	return NewDecoder(DecoderOptions{}).Decode(&h, raw, place)
}

// call is a raw event taken apart: each field as it is written, checked JSON, nil where it was not given.
type call struct {
	kind, name, title, category              []byte // type, event, name
	messageID, user, anonymous, previous     []byte
	group, timestamp, original, sentAt       []byte
	properties, traits                       []byte
	context                                  contextParts
	email, phone, contextEmail, contextPhone []byte
}

// Decode reads one raw event. The fact is good for as long as raw is not changed.
func (d *Decoder) Decode(h *Header, raw []byte, place uint64) (Fact, *Trouble) {
	if len(raw) > d.maxEvent {
		return Fact{}, &Trouble{
			TooLarge, fmt.Sprintf("the event has %d bytes; at most %d are taken", len(raw), d.maxEvent),
			"Send less with it, for example a link instead of a document; then replay it.",
		}
	}
	var c call
	if t := c.read(raw); t != nil {
		return Fact{}, t
	}
	f := Fact{Place: place, ReceivedUS: h.ReceivedUS, Source: h.Source, Type: h.Type}
	if f.Type == 0 {
		if f.Type = typeOf(c.kind); f.Type == 0 {
			return Fact{}, &Trouble{
				BadType, "the event's type is not one of track, page, screen, identify, group, alias" + given(c.kind),
				"Set \"type\" in each event of a batch.",
			}
		}
	}
	t := f.identify(h, &c)
	if t == nil {
		t = d.nameIt(&f, &c)
	}
	if t == nil {
		t = f.date(h, &c)
	}
	if t == nil {
		t = f.fill(h, &c)
	}
	if t != nil {
		return Fact{}, t
	}
	return f, nil
}

// read takes raw apart in one pass over its bytes.
func (c *call) read(raw []byte) *Trouble {
	i := skipSpace(raw, 0)
	if i >= len(raw) || raw[i] != '{' {
		return &Trouble{BadJSON, "the event is not a JSON object", "Send each event as an object: {\"type\": \"track\", …}."}
	}
	w := open(raw, i, maxDepth)
	for {
		name, ok := w.field()
		if !ok {
			break
		}
		if !c.take(string(name), &w) {
			break
		}
	}
	if w.problem == "" {
		if w.i = skipSpace(raw, w.i); w.i < len(raw) {
			w.problem = badTrailing
		}
	}
	switch w.problem {
	case "":
		return nil
	case badDepth:
		return &Trouble{
			TooDeep, fmt.Sprintf("the event is nested more than %d levels deep", maxDepth),
			"Send flatter properties; then replay it.",
		}
	}
	return &Trouble{
		BadJSON, (&SyntaxError{w.i, w.problem}).Error(),
		"Mend the JSON; a client's library never makes such a text.",
	}
}

// take reads the field at which w stands.
func (c *call) take(name string, w *walk) (ok bool) {
	var to *[]byte
	switch name {
	case "context":
		return c.context.read(w, c)
	case "traits":
		start := w.i
		ok = readTraits(w, &c.email, &c.phone)
		c.traits = w.b[start:w.i]
		return ok
	case "type":
		to = &c.kind
	case "event":
		to = &c.name
	case "name":
		to = &c.title
	case "category":
		to = &c.category
	case "messageId":
		to = &c.messageID
	case "userId":
		to = &c.user
	case "anonymousId":
		to = &c.anonymous
	case "previousId":
		to = &c.previous
	case "groupId":
		to = &c.group
	case "timestamp":
		to = &c.timestamp
	case "originalTimestamp":
		to = &c.original
	case "sentAt":
		to = &c.sentAt
	case "properties":
		to = &c.properties
	default:
		_, ok = w.skip()
		return ok
	}
	*to, ok = w.skip()
	return ok
}

// readTraits passes over traits and notes the e-mail and the phone in them.
func readTraits(w *walk, email, phone *[]byte) (ok bool) {
	if w.at() != '{' {
		_, ok = w.skip()
		return ok
	}
	in := w.down()
	for {
		name, more := in.field()
		if !more {
			return w.up(&in)
		}
		raw, whole := in.skip()
		if !whole {
			return w.up(&in)
		}
		switch string(name) {
		case "email":
			*email = raw
		case "phone":
			*phone = raw
		}
	}
}

func typeOf(raw []byte) Type {
	if len(raw) < 2 || raw[0] != '"' {
		return 0
	}
	for t := Track; t <= Alias; t++ {
		if strings.EqualFold(t.String(), string(raw[1:len(raw)-1])) {
			return t
		}
	}
	return 0
}

// given shows what was sent instead, shortly.
func given(raw []byte) string {
	if raw == nil {
		return ""
	}
	s := strings.ToValidUTF8(string(raw[:min(len(raw), 60)]), "")
	if len(raw) > 60 {
		s += "…"
	}
	return ": it is " + s
}

// scalar gives the text of a string, or of a number as it is written; null, false for what is neither.
func scalar(raw []byte) (s string, isNull, ok bool) {
	switch {
	case len(raw) == 0 || raw[0] == 'n':
		return "", true, true
	case raw[0] == '"':
		return unquote(raw), false, true
	case raw[0] == '-' || raw[0]-'0' <= 9:
		return string(raw), false, true
	}
	return "", false, false
}

// text reads a short text: trimmed, without control characters, at most limit characters.
func text(field string, raw []byte, limit int) (string, *Trouble) {
	s, _, ok := scalar(raw)
	if !ok {
		return "", &Trouble{BadField, field + " is neither a text nor a number" + given(raw), "Send " + field + " as a string; then replay the event."}
	}
	s = strings.TrimSpace(s)
	if len(s) > limit && utf8.RuneCountInString(s) > limit {
		return "", &Trouble{
			BadField, fmt.Sprintf("%s has %d characters; at most %d are taken", field, utf8.RuneCountInString(s), limit),
			"Send a shorter " + field + "; then replay the event.",
		}
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return "", &Trouble{BadField, field + " holds a control character" + given(raw), "Send " + field + " as plain text; then replay the event."}
		}
	}
	return s, nil
}

// nameIt sets the fact's name and message id, and what a call of its type must have besides.
func (d *Decoder) nameIt(f *Fact, c *call) (t *Trouble) {
	if f.MessageID, t = text("messageId", c.messageID, maxMessageID); t != nil {
		return t
	}
	if f.MessageID == "" {
		f.MessageID = "place:" + strconv.FormatUint(f.Place, 10)
	}
	switch f.Type {
	case Track:
		f.Name, t = d.eventName(c.name)
	case Page:
		f.Name = PageViewed
	case Screen:
		f.Name = ScreenViewed
	case Identify:
		f.Name = Identified
	case Group:
		f.Name = Grouped
	case Alias:
		f.Name = Aliased
	}
	return t
}

func (d *Decoder) eventName(raw []byte) (string, *Trouble) {
	if name, known := d.names[string(raw)]; known {
		return name, nil
	}
	name, t := text("event", raw, maxName)
	if t != nil {
		return "", t
	}
	if name == "" {
		return "", &Trouble{NoName, "the track call names no event", "Set \"event\", for example \"Product Viewed\"; then replay it."}
	}
	if d.rename != nil {
		name = d.rename(name)
	}
	if len(d.names) >= maxInterned {
		clear(d.names)
	}
	d.names[string(raw)] = name
	return name, nil
}

// date corrects the sender's clock: what matters is how long before sending the event was, by that clock.
func (f *Fact) date(h *Header, c *call) *Trouble {
	field, raw := "timestamp", c.timestamp
	if len(plain(c.original)) > 0 {
		field, raw = "originalTimestamp", c.original
	}
	f.AtUS = h.ReceivedUS
	if len(raw) == 0 || raw[0] == 'n' || string(raw) == `""` {
		return nil
	}
	at, readable := parseTime(plain(raw))
	if !readable {
		return &Trouble{
			BadTime, field + " is no time that can be read" + given(raw),
			"Send ISO 8601, for example 2026-01-31T09:30:00.000Z; then replay the event.",
		}
	}
	sent := plain(c.sentAt)
	if h.SentAt != "" {
		sent = []byte(h.SentAt)
	}
	if sentAt, readable := parseTime(sent); readable {
		at = h.ReceivedUS - (sentAt - at)
	}
	if at < 0 {
		return &Trouble{
			ImpossibleTime, "by " + field + " and sentAt the event was before 1970" + given(raw),
			"Mend the time, or leave it out to take the time of arrival; then replay the event.",
		}
	}
	f.AtUS = min(at, h.ReceivedUS)
	return nil
}

// plain is the inside of a string, or a number as it is written; a time never needs an escape.
func plain(raw []byte) []byte {
	switch {
	case len(raw) == 0:
		return nil
	case raw[0] == '"':
		return raw[1 : len(raw)-1]
	case raw[0] == '-' || raw[0]-'0' <= 9:
		return raw
	}
	return nil
}

var empty = []byte("{}")

// object checks that a field is an object, or absent.
func object(field string, raw []byte) ([]byte, *Trouble) {
	switch {
	case len(raw) == 0 || raw[0] == 'n':
		return empty, nil
	case raw[0] == '{':
		return mend(raw), nil
	}
	return nil, &Trouble{BadField, field + " is not an object" + given(raw), "Send " + field + " as {\"name\": value}; then replay the event."}
}

// fill sets the properties and the context.
func (f *Fact) fill(h *Header, c *call) (t *Trouble) {
	field, raw := "properties", c.properties
	if f.Type == Identify || f.Type == Group {
		field, raw = "traits", c.traits
	}
	if f.Props, t = object(field, raw); t != nil {
		return t
	}
	switch f.Type {
	case Page:
		f.Props = withField(f.Props, "category", c.category)
		fallthrough
	case Screen:
		f.Props = withField(f.Props, "name", c.title)
	case Group:
		if id, t := text("groupId", c.group, maxIdentity); t != nil {
			return t
		} else if id == "" {
			return &Trouble{NoGroup, "the group call names no group", "Set \"groupId\"; then replay it."}
		}
		f.Props = withField(f.Props, "group_id", c.group)
	case Track, Identify, Alias:
	}
	f.Context = c.context.build(h)
	return nil
}

// withField adds a text or number that was given to an object that has none of that name.
func withField(object []byte, name string, raw []byte) []byte {
	if s, isNull, ok := scalar(raw); !ok || isNull || s == "" {
		return object
	}
	return with(object, name, mend(raw))
}
