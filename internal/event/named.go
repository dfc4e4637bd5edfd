package event

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// Named tells whether raw texts name one person, whatever else they say: events that could not be read, deliveries of shops, rows
// of files. It is for forgetting her, so that where it errs it finds too much: an id of three characters or more counts wherever it
// stands as a whole value, a shorter one only in a field for ids of people. One goroutine uses it.
type Named struct {
	normal  func(Identity) (string, bool)
	ids     map[string]bool // her values, but addresses, numbers and keys
	reaches map[string]bool // kind and address or number, in their one spelling
	keys    map[string]bool // of customers, which only events of our own carry
}

// leastAnywhere is how long an id must be to count wherever it stands.
const leastAnywhere = 3

// NewNamed is for the person with these identities, in the spelling that normal gives.
func NewNamed(identities []Identity, normal func(Identity) (string, bool)) *Named {
	n := &Named{normal: normal, ids: map[string]bool{}, reaches: map[string]bool{}, keys: map[string]bool{}}
	for _, i := range identities {
		switch i.Kind {
		case KindEmail, KindPhone:
			n.reaches[i.Kind+":"+i.Value] = true
		case KindKey:
			n.keys[i.Value] = true
		default:
			n.ids[i.Value] = true
		}
	}
	return n
}

// In looks through a text: all of its values where it is JSON, else its words.
func (n *Named) In(text []byte) bool {
	if len(bytes.TrimSpace(text)) == 0 {
		return false
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if d.Decode(&v) == nil && !d.More() {
		return n.value("", "", v)
	}
	return n.words(string(text))
}

// value looks through a value that stands under a field of an object, which stands under another.
func (n *Named) value(under, field string, v any) bool {
	switch v := v.(type) {
	case map[string]any:
		if id, isText := v["id"].(string); isText && v["type"] == KindKey && n.keys[id] {
			return true
		}
		for name, inner := range v {
			if n.value(field, name, inner) {
				return true
			}
		}
	case []any:
		for _, inner := range v {
			if n.value(under, field, inner) {
				return true
			}
		}
	case json.Number:
		text := v.String()
		return forPeople(under, field) && n.id(text) || n.phone(text) || n.phone("0"+text) || n.phone("+"+text)
	case string:
		text := strings.TrimSpace(v)
		if n.id(text) && (len(text) >= leastAnywhere || forPeople(under, field)) || n.phone(text) {
			return true
		}
		return strings.ContainsAny(text, "@{[<;,\n") && n.words(text)
	}
	return false
}

// id tells of a whole value. Ids of devices are kept in small letters.
func (n *Named) id(text string) bool { return n.ids[text] || n.ids[strings.ToLower(text)] }

func (n *Named) phone(text string) bool {
	if !likePhone.MatchString(text) {
		return false
	}
	value, ok := n.normal(Identity{KindPhone, text})
	return ok && n.reaches[KindPhone+":"+value]
}

var (
	likePhone = regexp.MustCompile(`^[+(]?[0-9０-９][0-9０-９ ().\-‐－]{5,28}$`)
	phones    = regexp.MustCompile(`[+(]?[0-9０-９][0-9０-９ ().\-‐－]{5,28}`)
	emails    = regexp.MustCompile(`[^\s<>"',:;()\[\]{}|\\]+[@＠][^\s<>"',:;()\[\]{}|\\]+`)
)

// words looks through a text of which only its words can be told.
func (n *Named) words(text string) bool {
	for _, found := range emails.FindAllString(text, -1) {
		if value, ok := n.normal(Identity{KindEmail, strings.Trim(found, ".")}); ok && n.reaches[KindEmail+":"+value] {
			return true
		}
	}
	for _, found := range phones.FindAllString(text, -1) {
		if n.phone(strings.TrimSpace(found)) {
			return true
		}
	}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",:;\t|\"'{}[]<>\n\r", r) }) {
		if word = strings.TrimSpace(word); len(word) >= leastAnywhere && n.id(word) {
			return true
		}
	}
	return false
}

// forPeople tells whether a field is one for ids of people: it says so itself, or it is the id of something that is one.
func forPeople(under, field string) bool {
	field = letters(field)
	if field == "id" || field == "value" {
		field = letters(under) + "id"
	}
	for _, who := range []string{"user", "anonymous", "previous", "customer", "member", "buyer", "person", "client", "contact", "device", "external", "externals"} {
		if field == who || strings.HasSuffix(field, who+"id") || strings.HasSuffix(field, who+"ids") || strings.HasSuffix(field, who+"idsid") {
			return true
		}
	}
	return false
}

// letters writes a field's name without what parts its words.
func letters(field string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' || r == '.' {
			return -1
		}
		return r
	}, strings.ToLower(field))
}
