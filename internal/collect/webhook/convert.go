package webhook

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// converted is a value that is turned into money, a date or another type.
type converted struct {
	from      node
	where     string // path or place, for problems
	unit      string
	currency  node
	comma     bool
	date      string
	zone      *time.Location
	as        string
	otherwise node
	required  bool
}

func (c *compiler) conversion(v *Value, from node, where string) (node, error) {
	k := converted{from: from, where: where, unit: v.Unit, comma: v.Comma, date: v.Date, as: v.As, required: v.Required}
	if p, ok := from.(*pointer); ok {
		k.where = p.text
	}
	var err error
	if k.zone, err = location(v.Zone, c.zone, c.place+"."+where+".zone"); err != nil {
		return nil, err
	}
	if k.currency, err = c.node(v.Currency, where+".currency"); err != nil {
		return nil, err
	}
	if k.otherwise, err = c.node(v.Default, where+".default"); err != nil {
		return nil, err
	}
	if k.as == "date" && k.date == "" {
		k.date = "auto"
	}
	switch {
	case !contains([]string{"", "major", "minor"}, k.unit):
		return nil, c.bad(where+".unit", fmt.Sprintf("%q is no unit of money", k.unit), "Write major for 19.99, minor for 1999.")
	case !contains([]string{"", "text", "number", "boolean", "date"}, k.as):
		return nil, c.bad(where+".as", fmt.Sprintf("%q is no type", k.as), "Write text, number, boolean, date or list.")
	case k.unit != "" && (k.date != "" || k.as != ""):
		return nil, c.bad(where, "an amount of money is no date and has no other type", "Leave one of them out.")
	}
	if k.date != "" && !contains([]string{"auto", "rfc3339", "unix_s", "unix_ms"}, k.date) {
		if _, err := layout(k.date); err != nil {
			return nil, c.bad(where+".date", err.Error(), "Write auto, rfc3339, unix_s, unix_ms, or a pattern such as %d.%m.%Y %H:%M.")
		}
	}
	return k, nil
}

// timestamp is a value that is a time even where it does not say so.
func (c *compiler) timestamp(text []byte) (node, error) {
	n, err := c.node(text, "timestamp")
	if n == nil || err != nil {
		return nil, err
	}
	k, ok := n.(converted)
	if !ok {
		k = converted{from: n, where: "timestamp", zone: c.zone}
		if p, is := n.(*pointer); is {
			k.where = p.text
		}
	}
	if k.date == "" {
		k.date = "auto"
	}
	return k, nil
}

func (k converted) value(s *sight) any {
	v := k.from.value(s)
	if text, ok := v.(string); ok && strings.TrimSpace(text) == "" {
		v = nil
	}
	if v == nil && k.otherwise != nil {
		return k.otherwise.value(s)
	}
	if v == nil {
		if k.required {
			s.t.problem(s.at(k.where), "nothing stands here, and the mapping requires it", "Correct the path, or take the requirement out.")
		}
		return nil
	}
	out, wrong := k.turn(s, v)
	if wrong != "" {
		s.t.problem(s.at(k.where), fmt.Sprintf("%s is %s", shown(v), wrong), "Correct the mapping, then replay the delivery.")
		return nil
	}
	return out
}

func shown(v any) string {
	text := textOf(v)
	if text == "" {
		text = "a list or an object"
	}
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "…"
	}
	return strconv.Quote(text)
}

// turn returns the value, or what is wrong with it.
func (k converted) turn(s *sight, v any) (out any, wrong string) {
	text := textOf(v)
	switch {
	case k.unit != "":
		return k.money(s, text)
	case k.date != "":
		at, err := readTime(text, k.date, k.zone)
		if err != nil {
			return nil, err.Error()
		}
		if k.as == "date" {
			return at.In(k.zone).Format(time.DateOnly), ""
		}
		return at.UTC().Format(time.RFC3339Nano), ""
	case k.as == "text":
		return text, ""
	case k.as == "number":
		text, ok := k.number(text)
		if !ok {
			return nil, "no number"
		}
		n, err := parseJSON([]byte(text))
		if err != nil {
			return nil, "no number"
		}
		return n, ""
	case k.as == "boolean":
		switch strings.ToLower(text) {
		case "true", "1", "yes", "y", "t", "on":
			return true, ""
		case "false", "0", "no", "n", "f", "off":
			return false, ""
		}
		return nil, "neither true nor false"
	}
	return v, ""
}

// number writes a number as JSON does, without grouping.
func (k converted) number(text string) (string, bool) {
	if k.comma {
		text = strings.ReplaceAll(strings.ReplaceAll(text, ".", ""), ",", ".")
	} else {
		text = strings.ReplaceAll(text, ",", "")
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, " ", ""), "\u00a0", "")
	if len(text) > longestAmount || strings.Trim(text, "+-.0123456789eE") != "" {
		return "", false
	}
	x, ok := new(big.Rat).SetString(text)
	if !ok || strings.ContainsAny(text, "eE") && len(text) > 12 {
		return "", false
	}
	_, fraction, _ := strings.Cut(text, ".")
	if strings.ContainsAny(text, "eE") {
		return x.FloatString(6), true
	}
	return x.FloatString(len(fraction)), true
}

// money is an amount in major units, exactly as many digits as were sent.
func (k converted) money(s *sight, text string) (any, string) {
	number, ok := k.number(text)
	if !ok {
		return nil, "no amount of money"
	}
	if k.unit == "major" {
		return json.RawMessage(number), ""
	}
	digits := 2
	if k.currency != nil {
		if code := textOf(k.currency.value(s)); code != "" {
			digits = digitsOf(code)
		}
	}
	x, _ := new(big.Rat).SetString(number)
	if !x.IsInt() {
		return nil, "no whole number of minor units"
	}
	x.Quo(x, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)))
	return json.RawMessage(x.FloatString(digits)), ""
}

// The numbers from which on a time since 1970 is in milliseconds and in microseconds.
const (
	fromMillis = 100_000_000_000
	fromMicros = 100_000_000_000_000
)

// readTime reads a time in a form: auto looks at it.
func readTime(text, form string, zone *time.Location) (time.Time, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	isNumber := err == nil
	switch form {
	case "unix_s", "unix_ms":
		if !isNumber {
			f, err := strconv.ParseFloat(text, 64)
			if err != nil || f > 1e15 || f < 0 {
				return time.Time{}, fmt.Errorf("no time since 1970")
			}
			n = int64(f)
		}
		if form == "unix_ms" {
			return time.UnixMilli(n), nil
		}
		return time.Unix(n, 0), nil
	case "auto", "rfc3339":
		if isNumber && form == "auto" && n > 0 {
			switch {
			case n >= fromMicros:
				return time.UnixMicro(n), nil
			case n >= fromMillis:
				return time.UnixMilli(n), nil
			}
			return time.Unix(n, 0), nil
		}
		for _, l := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04", time.DateOnly} {
			if at, err := time.ParseInLocation(l, text, zone); err == nil {
				return at, nil
			}
		}
		return time.Time{}, fmt.Errorf("no time such as 2026-06-01T12:00:00Z")
	}
	l, err := layout(form)
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.ParseInLocation(l, text, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("no time of the form %s", form)
	}
	return at, nil
}

var verbs = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'f': "000000", 'p': "PM", 'b': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday",
	'z': "-0700", 'Z': "MST", '%': "%",
}

// layout turns a pattern such as %d.%m.%Y into Go's.
func layout(pattern string) (string, error) {
	var b strings.Builder
	some := false
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' {
			if '0' <= pattern[i] && pattern[i] <= '9' {
				return "", fmt.Errorf("the pattern %q holds a digit", pattern)
			}
			b.WriteByte(pattern[i])
			continue
		}
		i++
		if i == len(pattern) || verbs[pattern[i]] == "" {
			return "", fmt.Errorf("the pattern %q holds a %% that stands for nothing", pattern)
		}
		some = true
		b.WriteString(verbs[pattern[i]])
	}
	if !some {
		return "", fmt.Errorf("%q is no form of a time", pattern)
	}
	return b.String(), nil
}
