package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/dangol/dangol/internal/kit/fault"
)

// Limits of a rule's text.
const (
	maxBytes      = 64 << 10
	maxJSONDepth  = 40
	maxDepth      = 8 // of and, or, not
	maxConditions = 200
	maxListed     = 1000
	maxText       = 1000
	maxSteps      = 6
)

// node is a JSON value with its place. Unlike a map it keeps the order of fields and refuses one that comes twice.
type node struct {
	kind  byte // { [ s n b 0
	text  string
	num   float64
	flag  bool
	keys  []string
	items []*node
	place string
}

// Faults are all that is wrong with a rule; errors.As finds the first as a *fault.Fault.
type Faults []*fault.Fault

func (f Faults) Error() string {
	if len(f) == 0 {
		return "no faults"
	}
	return f[0].Error()
}

// Unwrap gives each fault.
func (f Faults) Unwrap() []error {
	out := make([]error, len(f))
	for i, one := range f {
		out[i] = one
	}
	return out
}

// maxFaults bounds what is told at once.
const maxFaults = 20

// faults gathers what is wrong.
type faults struct{ list Faults }

func (f *faults) add(one *fault.Fault) {
	if len(f.list) < maxFaults {
		f.list = append(f.list, one)
	}
}

func (f *faults) err() error {
	if len(f.list) == 0 {
		return nil
	}
	return f.list
}

func at(place string) fault.Place {
	if place == "" {
		place = "rule"
	}
	return fault.Place{Field: place}
}

func below(place, field string) string {
	if place == "" {
		return field
	}
	return place + "." + field
}

func element(place string, i int) string { return place + "[" + strconv.Itoa(i) + "]" }

// readNode parses text strictly: one value, no field twice, limits kept.
func readNode(text []byte) (*node, error) {
	if len(text) > maxBytes {
		return nil, fault.Newf(fault.TooLarge, "rule.too_large", "a rule has at most %d KB", maxBytes>>10).At(at("")).Then("Put long lists of people into a segment by hand.")
	}
	if !utf8.Valid(text) {
		return nil, fault.New(fault.Invalid, "rule.bad_json", "the rule is not UTF-8 text").At(at("")).Then("Save it as UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	n, err := value(d, "", 0)
	if err == nil {
		if _, extra := d.Token(); !errors.Is(extra, io.EOF) {
			err = errMore
		}
	}
	if err == nil {
		return n, nil
	}
	var f *fault.Fault
	if errors.As(err, &f) {
		return nil, f
	}
	return nil, syntaxFault(text, d.InputOffset(), err)
}

var errMore = errors.New("more text after the rule")

func syntaxFault(text []byte, offset int64, err error) *fault.Fault {
	var s *json.SyntaxError
	if errors.As(err, &s) {
		offset = s.Offset
	}
	offset = min(offset, int64(len(text)))
	before := text[:offset]
	line := int64(bytes.Count(before, []byte("\n")) + 1)
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	what := err.Error()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		what = "it ends too early"
	}
	return fault.Newf(fault.Invalid, "rule.bad_json", "the rule is not JSON: %s", what).
		At(fault.Place{Line: line, Column: strconv.Itoa(column)}).Then(`Write an object such as {"did":"Order Completed"}.`)
}

func value(d *json.Decoder, place string, depth int) (*node, error) {
	if depth > maxJSONDepth {
		return nil, fault.Newf(fault.Invalid, "rule.too_deep", "a rule nests at most %d levels", maxDepth).At(at(place)).Then("Join conditions on one level with and, or.")
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	n := &node{place: place}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return n, n.object(d, depth)
		}
		n.kind = '['
		for d.More() {
			item, err := value(d, element(place, len(n.items)), depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		_, err = d.Token()
		return n, err
	case string:
		n.kind, n.text = 's', t
	case json.Number:
		n.kind, n.text = 'n', t.String()
		if n.num, err = t.Float64(); err != nil {
			return nil, fault.New(fault.Invalid, "rule.bad_number", "this number is too large").At(at(place)).Then("Give a number of at most 15 digits.")
		}
	case bool:
		n.kind, n.flag = 'b', t
	default:
		n.kind = '0'
	}
	return n, nil
}

func (n *node) object(d *json.Decoder, depth int) error {
	n.kind = '{'
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		inside := below(n.place, key)
		if n.field(key) != nil {
			return fault.Newf(fault.Invalid, "rule.field_twice", "%q is here twice", key).At(at(inside)).Then("Keep one of them.")
		}
		item, err := value(d, inside, depth+1)
		if err != nil {
			return err
		}
		n.keys, n.items = append(n.keys, key), append(n.items, item)
	}
	_, err := d.Token()
	return err
}

func (n *node) field(key string) *node {
	for i, k := range n.keys {
		if k == key {
			return n.items[i]
		}
	}
	return nil
}

// word says what kind of JSON value a node is.
func (n *node) word() string {
	return map[byte]string{'{': "an object", '[': "a list", 's': "a text", 'n': "a number", 'b': "true or false", '0': "null"}[n.kind]
}

// Below names the place of a part of a rule: field, and with i >= 0 its element.
func Below(place, field string, i int) string {
	if place = below(place, field); i >= 0 {
		return element(place, i)
	}
	return place
}
