package webhook

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// condition is a Condition made ready.
type condition struct {
	at     *pointer
	op     string
	values []any
}

func (c *compiler) condition(w Condition, where string) (k condition, err error) {
	k.op = w.Op
	if k.op == "" {
		k.op = "="
	}
	if k.at, err = c.pointer(w.Path, where+".path"); err != nil {
		return k, err
	}
	if !contains([]string{"=", "!=", "in", "not in", "contains", "is set", "is not set", ">", "<"}, k.op) {
		return k, c.bad(where+".op", fmt.Sprintf("%q compares nothing", w.Op), "Write one of = != in, not in, contains, is set, is not set, > and <.")
	}
	if strings.HasPrefix(k.op, "is ") {
		return k, nil
	}
	v, err := parseJSON(w.Value)
	if err != nil || v == nil {
		return k, c.bad(where+".value", "the condition has no value to compare with", `Write for example "paid".`)
	}
	if many, ok := v.([]any); ok {
		k.values = many
	} else {
		k.values = []any{v}
	}
	if len(k.values) == 0 || len(k.values) > 1 && !strings.HasSuffix(k.op, "in") {
		return k, c.bad(where+".value", "only in and not in compare with a list", "Write one value.")
	}
	return k, nil
}

// holds compares by text, so that "7" and 7 are the same; > and < compare numbers.
func (k *condition) holds(s *sight) bool {
	found := k.at.value(s)
	text := textOf(found)
	same := func(v any) bool { return textOf(v) == text }
	switch k.op {
	case "is set":
		return found != nil
	case "is not set":
		return found == nil
	case "!=", "not in":
		return !slices.ContainsFunc(k.values, same)
	}
	if found == nil {
		return false
	}
	switch k.op {
	case "contains":
		wanted := textOf(k.values[0])
		if many, ok := found.([]any); ok {
			return slices.ContainsFunc(many, func(v any) bool { return textOf(v) == wanted })
		}
		return strings.Contains(text, wanted)
	case ">", "<":
		a, err1 := strconv.ParseFloat(text, 64)
		b, err2 := strconv.ParseFloat(textOf(k.values[0]), 64)
		return err1 == nil && err2 == nil && (k.op == ">" && a > b || k.op == "<" && a < b)
	}
	return slices.ContainsFunc(k.values, same)
}

// generic reads any JSON by the hook's mapping.
func (t *translation) generic() {
	root, err := parseJSON(t.delivery.Body)
	if err != nil {
		t.problem("$", "the body is not JSON", "Send JSON.")
		return
	}
	fits := false
	for i := range t.hook.plan.rules {
		r := &t.hook.plan.rules[i]
		if ok, _ := path.Match(r.topic, t.delivery.Topic); r.topic != "" && !ok {
			continue
		}
		s := sight{root: root, item: root, t: t}
		items := []any{root}
		if r.each != nil {
			items = r.each.all(&s)
		}
		for n, item := range items {
			if len(t.out.Events) == eventLimit {
				t.problem(r.each.text, fmt.Sprintf("the delivery tells of more than %d events", eventLimit), "Send fewer in one delivery.")
				return
			}
			s := sight{root: root, item: item, t: t}
			if r.each != nil {
				s.place = fmt.Sprintf("%s[%d]", r.each.text, n)
			}
			if !slices.ContainsFunc(r.when, func(k condition) bool { return !k.holds(&s) }) {
				fits = true
				t.make(r, &s, n)
			}
		}
	}
	if !fits && len(t.out.Problems) == 0 {
		t.ignore("no event of the mapping fits the delivery")
	}
}

// make tells one event.
func (t *translation) make(r *rule, s *sight, n int) {
	before := len(t.out.Problems)
	text := func(of node) string {
		if of == nil {
			return ""
		}
		return textOf(of.value(s))
	}
	c := call{
		Type: r.kind, Event: text(r.event), AnonymousID: text(r.anonymousID), GroupID: text(r.groupID), PreviousID: text(r.previousID),
		Properties: filled(r.properties, s), Traits: filled(r.traits, s), Context: filled(r.context, s),
	}
	p := person{userID: text(r.userID), email: text(r.email), phone: text(r.phone)}
	external := filled(r.external, s)
	at := t.delivery.At
	if r.timestamp != nil {
		if v, ok := r.timestamp.value(s).(string); ok {
			if read, err := time.Parse(time.RFC3339Nano, v); err == nil {
				at = read
			}
		}
	}
	if len(t.out.Problems) > before {
		return // an event with a hole would be taken for the whole
	}
	if r.kind == "track" && c.Event == "" {
		t.problem(s.at("@"), "the event's name is empty", "Correct the path of the name, or write the name itself.")
		return
	}
	if !p.known() && c.AnonymousID == "" && len(external) == 0 {
		t.problem(s.at("@"), "nothing says whose event this is", "Correct the paths of user_id, email, phone and external_ids, or add a condition that leaves such deliveries out.")
		return
	}
	t.external(&c, external)
	unique := text(r.messageID)
	if unique == "" {
		unique = t.unique() + "/" + strconv.Itoa(n)
	}
	if c.Type == "page" || c.Type == "screen" {
		if c.Event != "" {
			c.Properties["name"] = c.Event
		}
		c.Event = ""
	}
	if t.seen == nil {
		t.seen = map[string]int{}
	}
	key := c.Type + "\x00" + c.Event + "\x00" + unique
	if t.seen[key]++; t.seen[key] > 1 { // two rules of one name; their places in the mapping may change, their order seldom does
		unique += "/" + strconv.Itoa(t.seen[key])
	}
	t.tell(c, &p, at, unique)
}

func filled(list []field, s *sight) fields {
	out := fields{}
	for _, f := range list {
		if v := f.node.value(s); v != nil {
			out[f.name] = v
		}
	}
	return out
}

// external adds ids of other kinds.
func (t *translation) external(c *call, ids fields) {
	kinds := make([]string, 0, len(ids))
	for kind := range ids {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		if id := textOf(ids[kind]); id != "" {
			c.external = append(c.external, fields{"id": id, "type": kind, "collection": "users", "encoding": "none"})
		}
	}
}

// unique is the sender's id of the delivery or, where it gives none, what it holds: sent again, it is the same.
func (t *translation) unique() string {
	if t.delivery.ID != "" {
		return t.delivery.ID
	}
	var b bytes.Buffer
	if json.Compact(&b, t.delivery.Body) != nil {
		b.Reset()
		b.Write(t.delivery.Body)
	}
	sum := sha256.Sum256(b.Bytes())
	return hex.EncodeToString(sum[:16])
}
