package query

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/kit/day"
)

// Words tells a sentence how to print what depends on the place: money in minor units, and texts
// such as group names. A nil function prints the value as it is.
type Words struct {
	Money func(minor int64) string
	Text  func(name, value string) string
}

// Sentence says a condition in one plain English sentence: "Customers who have spent at least
// 500.00 GBP and last ordered more than 90 days ago.".
func Sentence(c Condition, s Schema, w Words) string {
	return "Customers who " + c.phrase(s, w, 0) + "."
}

func (c Condition) phrase(s Schema, w Words, depth int) string {
	switch {
	case c.Not != nil:
		return "are not among those who " + c.Not.phrase(s, w, depth+1)
	case len(c.And) > 0:
		return phrases(c.And, " and ", s, w, depth)
	case len(c.Or) > 0:
		return phrases(c.Or, " or ", s, w, depth)
	}
	col, ok := s.Find(c.Trait)
	if !ok {
		return c.Trait + " " + string(c.Op)
	}
	label := strings.ToLower(col.Label)
	if c.Op == IsSet {
		return "have a known " + label
	}
	values, err := c.Operands(s, "")
	if err != nil {
		return c.Trait + " " + string(c.Op) + " " + fmt.Sprint(c.Value)
	}
	if col.Type == TypeFlag {
		if (values[0] == true) == (c.Op == Eq) {
			return col.Says
		}
		return "are known not to be those who " + col.Says
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = w.value(col, v)
	}
	if col.Says == "" {
		return "have " + label + " " + compared(col, c.Op, texts)
	}
	return fmt.Sprintf(col.Says, compared(col, c.Op, texts))
}

func phrases(parts []Condition, glue string, s Schema, w Words, depth int) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p.phrase(s, w, depth+1)
	}
	text := strings.Join(out, glue)
	if depth > 0 && len(parts) > 1 {
		return "(" + text + ")"
	}
	return text
}

func (w Words) value(col Column, v any) string {
	switch v := v.(type) {
	case string:
		if w.Text != nil {
			return w.Text(col.Name, v)
		}
		return v
	case int64:
		if col.Type == TypeDay {
			return day.Day(v).String()
		}
		if col.Type == TypeMoney && w.Money != nil {
			return w.Money(v)
		}
		return strconv.FormatInt(v, 10)
	case float64:
		if col.Unit == UnitShare {
			return strconv.FormatFloat(v*100, 'f', -1, 64) + " %"
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

var numberWords = map[Op]string{Eq: "exactly ", Ne: "other than ", Lt: "fewer than ", Le: "at most ", Gt: "more than ", Ge: "at least ", In: "one of "}

var dayWords = map[Op]string{Eq: "on ", Ne: "on another day than ", Lt: "before ", Le: "on or before ", Gt: "after ", Ge: "on or after ", In: "on one of "}

func compared(col Column, o Op, values []string) string {
	text := strings.Join(values, ", ")
	if len(values) > 1 {
		text = strings.Join(values[:len(values)-1], ", ") + " or " + values[len(values)-1]
	}
	switch {
	case col.Type == TypeText && o == Ne:
		return "other than " + text
	case col.Type == TypeText:
		return text
	case col.Type == TypeDay:
		return dayWords[o] + text
	case o == Lt && col.Unit != UnitCount && col.Unit != UnitDays:
		return "less than " + text
	case col.Unit == UnitNumber && o == Eq:
		return text
	}
	return numberWords[o] + text
}
