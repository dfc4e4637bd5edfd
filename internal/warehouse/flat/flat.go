// Package flat reads what lies at the top of a JSON object as the texts that DuckDB's ->> gives, where that is plain: so a property of an
// event can be kept in a column of its own and be read from there as it would be from its JSON.
package flat

import (
	"bytes"
	"encoding/json"
)

// Kind says what a property is.
type Kind uint8

// Kinds of properties.
const (
	Null   Kind = iota // null, which ->> does not tell from a property that is not there
	Plain              // a text, a number or a truth value, and Text is what ->> gives
	Nested             // an object or a list
	Odd                // what only the engine itself knows the text of: 1e3, 12.50, half a surrogate
)

// Scanner goes over the properties of an object in their order. The object must be valid JSON in UTF-8.
type Scanner struct {
	Key  []byte // as it is written, which is what it means where OddKey is false
	Text []byte // of a Plain one, without quotes; not nil
	Kind Kind
	// OddKey says that the key is written with escapes.
	OddKey bool

	rest  []byte
	begun bool
}

// Scan begins at the first property.
func Scan(object []byte) Scanner { return Scanner{rest: object} }

// Next goes to the next property, and reports whether there is one.
func (s *Scanner) Next() bool {
	if !s.begun {
		s.begun = true
		if s.space(); len(s.rest) == 0 || s.rest[0] != '{' {
			return false
		}
		s.rest = s.rest[1:]
	}
	s.space()
	if len(s.rest) > 0 && s.rest[0] == ',' {
		s.rest = s.rest[1:]
		s.space()
	}
	if len(s.rest) == 0 || s.rest[0] != '"' {
		return false
	}
	s.Key, s.OddKey = s.quoted()
	s.space()
	if len(s.rest) == 0 || s.rest[0] != ':' {
		return false
	}
	s.rest = s.rest[1:]
	s.space()
	if len(s.rest) == 0 {
		return false
	}
	s.value()
	return true
}

func (s *Scanner) space() {
	for len(s.rest) > 0 && (s.rest[0] == ' ' || s.rest[0] == '\n' || s.rest[0] == '\t' || s.rest[0] == '\r') {
		s.rest = s.rest[1:]
	}
}

// quoted takes a string, and tells whether it has escapes.
func (s *Scanner) quoted() (text []byte, escapes bool) {
	for i := 1; i < len(s.rest); i++ {
		switch s.rest[i] {
		case '\\':
			escapes = true
			i++
		case '"':
			text, s.rest = s.rest[1:i], s.rest[i+1:]
			return text, escapes
		}
	}
	text, s.rest = s.rest[1:], nil
	return text, escapes
}

func (s *Scanner) value() {
	s.Text = nil
	switch s.rest[0] {
	case '"':
		var escapes bool
		s.Text, escapes = s.quoted()
		s.Kind = Plain
		if escapes {
			s.unescape()
		}
	case '{', '[':
		s.Kind = Nested
		s.skip()
	default:
		n := bytes.IndexAny(s.rest, ",}] \n\t\r")
		if n < 0 {
			n = len(s.rest)
		}
		s.Text, s.rest = s.rest[:n], s.rest[n:]
		switch {
		case string(s.Text) == "null":
			s.Kind, s.Text = Null, nil
		case string(s.Text) == "true" || string(s.Text) == "false" || plainNumber(s.Text):
			s.Kind = Plain
		default:
			s.Kind = Odd
		}
	}
}

// unescape gives a string its meaning. Halves of surrogates and the zero, of which engines think differently, are odd.
func (s *Scanner) unescape() {
	var meaning string
	if json.Unmarshal(append(append([]byte{'"'}, s.Text...), '"'), &meaning) != nil ||
		bytes.Contains(s.Text, []byte(`\ud`)) || bytes.Contains(s.Text, []byte(`\uD`)) || bytes.Contains(s.Text, []byte(`\u0000`)) {
		s.Kind, s.Text = Odd, nil
		return
	}
	s.Text = []byte(meaning)
}

// skip leaves an object or a list behind.
func (s *Scanner) skip() {
	depth := 0
	for len(s.rest) > 0 {
		switch s.rest[0] {
		case '"':
			s.quoted()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		s.rest = s.rest[1:]
		if depth == 0 {
			return
		}
	}
}

// plainNumber says that a number is written as an engine would write it: no exponent, no zeros at its end but one behind the point, and
// no more digits than a double keeps.
func plainNumber(text []byte) bool {
	digits := bytes.TrimPrefix(text, []byte{'-'})
	whole, part, decimal := bytes.Cut(digits, []byte{'.'})
	if len(whole) == 0 || len(whole) > 1 && whole[0] == '0' || !allDigits(whole) || !allDigits(part) {
		return false
	}
	if !decimal {
		return len(whole) <= 18 && (len(digits) == len(text) || whole[0] != '0')
	}
	if len(part) == 0 || len(part) > 1 && part[len(part)-1] == '0' || len(whole)+len(part) > 15 {
		return false
	}
	if whole[0] != '0' || part[0] != '0' {
		return true
	}
	if len(part) == 1 { // 0.0
		return len(digits) == len(text)
	}
	return len(part) <= 3 // 0.01 is plain, 0.00001 may be written otherwise
}

func allDigits(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
