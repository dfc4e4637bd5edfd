package rule

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// Kind is how the values of a property, attribute or trait are read. A JSON scalar is kept as its text; a number is
// a text that reads as one, whatever its quotes.
type Kind string

// The kinds. Unknown is of names that no fact has had yet: any operator may be written for them.
const (
	Unknown Kind = ""
	Text    Kind = "text"
	Number  Kind = "number"
	Flag    Kind = "flag"
	Time    Kind = "time" // a day such as 2024-03-31 or an instant such as 2024-03-31T09:00:00Z
)

// Value is one scalar of a fact. The zero Value is unset, and so are null and the empty text.
type Value struct {
	Text   string
	Number float64
	Set    bool // there is a value
	Num    bool // its text reads as a number, which is Number
}

// ValueOf is the value of a text; the empty text is unset.
func ValueOf(text string) Value {
	if text == "" {
		return Value{}
	}
	v := Value{Text: text, Set: true}
	v.Number, v.Num = readNumber(text)
	return v
}

// NumberValue is the value of a number.
func NumberValue(f float64) Value { return Value{Number: f, Num: true, Set: true} }

// String is the text of a value, also of one that was made of a number.
func (v Value) String() string {
	if v.Text == "" && v.Num {
		return strconv.FormatFloat(v.Number, 'f', -1, 64)
	}
	return v.Text
}

// ContextPrefix begins the names of properties that are read from an event's context.
const ContextPrefix = "context."

// Property reads a property of an event. Dots reach into objects; an object or a list is its compact JSON text.
func Property(name string, props, context []byte) Value {
	from := props
	if rest, ok := strings.CutPrefix(name, ContextPrefix); ok {
		from, name = context, rest
	}
	raw, _ := find(from, name)
	return scalarValue(raw)
}

// find gives the raw JSON at a dotted path, and whether it is there at all.
func find(object []byte, path string) (gjson.Result, bool) {
	r := gjson.Result{Type: gjson.JSON, Raw: string(bytes.TrimSpace(object))}
	for _, key := range strings.Split(path, ".") {
		if !r.IsObject() {
			return gjson.Result{}, false
		}
		found := false
		r.ForEach(func(k, v gjson.Result) bool {
			if found = k.Str == key; found {
				r = v
			}
			return !found
		})
		if !found {
			return gjson.Result{}, false
		}
	}
	return r, true
}

// Scalar is the value of a JSON text.
func Scalar(raw string) Value { return scalarValue(gjson.Parse(raw)) }

// scalarValue gives the text of a JSON value: of a fraction the shortest decimal that is it.
func scalarValue(r gjson.Result) Value {
	switch r.Type {
	case gjson.String:
		return ValueOf(r.Str)
	case gjson.True, gjson.False:
		return ValueOf(r.Raw)
	case gjson.Number:
		return ValueOf(numberText(r.Raw))
	case gjson.JSON:
		var b bytes.Buffer
		if json.Compact(&b, []byte(r.Raw)) == nil {
			return ValueOf(b.String())
		}
	}
	return Value{}
}

// numberText writes a JSON number as the engines do: digits as they are, what has a point or an exponent as the
// shortest decimal, with .0 where it is whole.
func numberText(raw string) string {
	if !strings.ContainsAny(raw, ".eE") {
		if raw == "-0" {
			return "0"
		}
		return raw
	}
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(f, 0) {
		return raw
	}
	if a := math.Abs(f); a != 0 && (a >= 1e21 || a < 1e-6) {
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
		n, _ := strconv.Atoi(exponent)
		return mantissa + "e" + strconv.Itoa(n)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// readNumber reads what the engines read as a finite number: white space around, one sign, digits with single
// underscores between, a point, an exponent.
func readNumber(text string) (float64, bool) {
	s := strings.Trim(text, " \t\n\v\f\r")
	i := 0
	if i < len(s) && s[i] == '+' {
		s = s[1:]
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	whole, underscored := digits(s, &i)
	fraction := 0
	if i < len(s) && s[i] == '.' && !underscored.bad {
		i++
		var u under
		fraction, u = digits(s, &i)
		underscored.join(u)
	}
	if whole+fraction == 0 || underscored.bad {
		return 0, false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		if s[i-1] == '.' && whole == 0 {
			return 0, false
		}
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		n, u := digits(s, &i)
		underscored.join(u)
		if n == 0 || underscored.bad {
			return 0, false
		}
	}
	if i != len(s) {
		return 0, false
	}
	if underscored.any {
		s = strings.ReplaceAll(s, "_", "")
	}
	f, err := strconv.ParseFloat(s, 64)
	if math.IsInf(f, 0) || (err != nil && f != 0) {
		return 0, false
	}
	return f + 0, true
}

type under struct{ any, bad bool }

func (u *under) join(v under) { u.any, u.bad = u.any || v.any, u.bad || v.bad }

// digits skips digits with single underscores between them.
func digits(s string, i *int) (n int, u under) {
	for ; *i < len(s); *i++ {
		switch c := s[*i]; {
		case c >= '0' && c <= '9':
			n++
		case c == '_':
			u.any = true
			if n == 0 || *i+1 >= len(s) || s[*i+1] < '0' || s[*i+1] > '9' || s[*i-1] == '_' {
				u.bad = true
				return n, u
			}
		default:
			return n, u
		}
	}
	return n, u
}
