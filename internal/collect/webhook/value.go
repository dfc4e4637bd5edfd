package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ohler55/ojg/jp"

	"github.com/dangol/dangol/internal/market"
)

// node is a value of the mapping, ready to be looked up.
type node interface {
	// value is what it stands for in a delivery; nil where it stands for nothing.
	value(s *sight) any
}

// sight is what a node sees: the whole delivery, and the element of the list that is being walked.
type sight struct {
	root, item any
	t          *translation
	place      string // of the element, for problems
}

// pointer is a JSONPath.
type pointer struct {
	text string
	expr jp.Expr
	item bool // from the element, not from the top
}

const (
	pathLimit = 500
	listLimit = 1000
	deepest   = 8
)

func (c *compiler) pointer(text, where string) (*pointer, error) {
	if len(text) > pathLimit || strings.Count(text, "..") > 1 {
		return nil, c.bad(where, "the path is too long, or searches everywhere more than once", "Write the way to the value, such as $.order.id.")
	}
	if !strings.HasPrefix(text, "$") && !strings.HasPrefix(text, "@") {
		return nil, c.bad(where, fmt.Sprintf("the path %q begins with neither $ nor @", text), "Write $.order.id for a value of the delivery, @.sku for one of the element.")
	}
	expr, err := parsePath(text)
	if err != nil {
		return nil, c.bad(where, fmt.Sprintf("the path %q cannot be read: %s", text, err), "Write for example $.order.id, $.lines[0].sku or $.lines[?(@.qty > 0)].")
	}
	return &pointer{text: text, expr: expr, item: strings.HasPrefix(text, "@")}, nil
}

// parsePath keeps what the library panics about from the server.
func parsePath(text string) (expr jp.Expr, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return jp.ParseString(text)
}

// all is everything the path leads to.
func (p *pointer) all(s *sight) (found []any) {
	from := s.root
	if p.item {
		from = s.item
	}
	defer func() {
		if r := recover(); r != nil { // a filter compares what cannot be compared
			s.t.problem(p.text, fmt.Sprintf("the path cannot be followed here: %v", r), "Correct the path in the mapping.")
			found = nil
		}
	}()
	return p.expr.Get(from)
}

func (p *pointer) value(s *sight) any {
	if found := p.all(s); len(found) > 0 {
		return found[0]
	}
	return nil
}

type constant struct{ of any }

func (c constant) value(*sight) any { return c.of }

// sentence is a text with holes; it is nothing where all its holes are.
type sentence struct {
	texts []string // one more than holes
	holes []*pointer
}

func (t sentence) value(s *sight) any {
	var b strings.Builder
	some := false
	for i, text := range t.texts {
		b.WriteString(text)
		if i < len(t.holes) {
			v := textOf(t.holes[i].value(s))
			some = some || v != ""
			b.WriteString(v)
		}
	}
	if !some {
		return nil
	}
	return strings.TrimSpace(b.String())
}

type object struct{ fields []field }

func (o object) value(s *sight) any {
	out := fields{}
	for _, f := range o.fields {
		if v := f.node.value(s); v != nil {
			out[f.name] = v
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

type list struct {
	each *pointer
	of   node
}

func (l list) value(s *sight) any {
	found := l.each.all(s)
	if len(found) == 0 {
		return nil
	}
	if len(found) > listLimit {
		s.t.problem(l.each.text, fmt.Sprintf("there are %d elements, more than %d", len(found), listLimit), "Send fewer in one delivery.")
		found = found[:listLimit]
	}
	out := make([]any, 0, len(found))
	for i, item := range found {
		inner := sight{root: s.root, item: item, t: s.t, place: fmt.Sprintf("%s[%d]", l.each.text, i)}
		if v := l.of.value(&inner); v != nil {
			out = append(out, v)
		}
	}
	return out
}

// self is the element itself.
type self struct{}

func (self) value(s *sight) any { return s.item }

func (c *compiler) fields(m map[string]json.RawMessage, where string) ([]field, error) {
	out := make([]field, 0, len(m))
	for name, text := range m {
		n, err := c.node(text, where+"."+name)
		if err != nil {
			return nil, err
		}
		if n != nil {
			out = append(out, field{name, n})
		}
	}
	slices.SortFunc(out, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return out, nil
}

// node reads a value of the mapping; nil where there is none.
func (c *compiler) node(text json.RawMessage, where string) (node, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 || string(text) == "null" {
		return nil, nil //nolint:nilnil // no value is a value: the field is left out
	}
	if strings.Count(where, ".") > 2*deepest {
		return nil, c.bad(where, "the mapping goes too deep", "Write the object flat.")
	}
	switch text[0] {
	case '"':
		var s string
		if err := json.Unmarshal(text, &s); err != nil {
			return nil, c.bad(where, "the text cannot be read", "")
		}
		return c.text(s, where)
	case '{':
		var v Value
		if err := strict(text, &v); err != nil {
			return nil, c.bad(where, "the value cannot be read: "+err.Error(), `Write a path, or an object such as {"path":"$.amount","unit":"minor"}; an object of your own goes into "fields".`)
		}
		return c.full(&v, where)
	case '[':
		return nil, c.bad(where, "a list stands where a value should", `Write {"each":"$.lines[*]","fields":{…}}, or {"const":[…]}.`)
	}
	return constantOf(text)
}

func constantOf(text json.RawMessage) (node, error) {
	v, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	return constant{v}, nil
}

// text is a path, a text with holes, or a constant.
func (c *compiler) text(s, where string) (node, error) {
	if strings.Contains(s, "{{") {
		return c.sentence(s, where)
	}
	if strings.HasPrefix(s, "$.") || strings.HasPrefix(s, "$[") || strings.HasPrefix(s, "@.") || strings.HasPrefix(s, "@[") || s == "@" {
		return c.pointer(s, where)
	}
	return constant{s}, nil
}

func (c *compiler) sentence(s, where string) (node, error) {
	var t sentence
	for {
		begin := strings.Index(s, "{{")
		if begin < 0 {
			t.texts = append(t.texts, s)
			break
		}
		length := strings.Index(s[begin:], "}}")
		if length < 0 {
			return nil, c.bad(where, "a hole {{ is not closed", "Write {{$.first_name}}.")
		}
		p, err := c.pointer(strings.TrimSpace(s[begin+2:begin+length]), where)
		if err != nil {
			return nil, err
		}
		t.texts, t.holes = append(t.texts, s[:begin]), append(t.holes, p)
		s = s[begin+length+2:]
	}
	if len(t.holes) == 1 && t.texts[0] == "" && t.texts[1] == "" {
		return t.holes[0], nil // a hole alone keeps its type
	}
	return t, nil
}

// full reads the object form of a value.
func (c *compiler) full(v *Value, where string) (n node, err error) {
	given := 0
	for _, is := range []bool{v.Path != "", len(v.Const) > 0, v.Text != "", v.Each != "", v.Fields != nil && v.Each == ""} {
		if is {
			given++
		}
	}
	if given != 1 {
		return nil, c.bad(where, "the value has not exactly one of path, const, text, each and fields", `Write for example {"path":"$.amount","unit":"minor"}.`)
	}
	switch {
	case v.Path != "" && v.As == "list":
		p, err := c.pointer(v.Path, where+".path")
		return list{p, self{}}, err
	case v.Path != "":
		n, err = c.pointer(v.Path, where+".path")
	case len(v.Const) > 0:
		n, err = constantOf(v.Const)
	case v.Text != "":
		n, err = c.text(v.Text, where+".text")
	case v.Each != "":
		return c.list(v, where)
	default:
		fields, err := c.fields(v.Fields, where+".fields")
		return object{fields}, err
	}
	if err != nil {
		return nil, err
	}
	return c.conversion(v, n, where)
}

func (c *compiler) list(v *Value, where string) (node, error) {
	each, err := c.pointer(v.Each, where+".each")
	if err != nil {
		return nil, err
	}
	if v.Fields == nil {
		return list{each, self{}}, nil
	}
	fields, err := c.fields(v.Fields, where+".fields")
	return list{each, object{fields}}, err
}

// textOf writes a value as text; lists and objects are none.
func textOf(v any) string {
	switch x := v.(type) {
	case string:
		return strings.TrimSpace(x)
	case json.Number:
		return x.String()
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}

// parseJSON reads JSON without losing digits: a number that is not exactly a machine's stays as it was written.
func parseJSON(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return plain(v), nil
}

func plain(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			x[k] = plain(e)
		}
	case []any:
		for i, e := range x {
			x[i] = plain(e)
		}
	case json.Number:
		if n, err := strconv.ParseInt(x.String(), 10, 64); err == nil {
			return n
		}
		text := x.String()
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		if f, err := x.Float64(); err == nil && strconv.FormatFloat(f, 'f', -1, 64) == text {
			return f
		}
	}
	return v
}

func digitsOf(code string) int { return market.Digits(strings.ToUpper(strings.TrimSpace(code))) }

// at is where a problem lies: the path, and the element it was seen from.
func (s *sight) at(p string) string {
	if s.place != "" && strings.HasPrefix(p, "@") {
		return s.place + p[1:]
	}
	return p
}
