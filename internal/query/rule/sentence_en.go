package rule

import (
	"strings"
	"time"
)

type english struct{}

func (english) whole(end string) string { return "Customers " + end + "." }

func (english) join(parts []clause, or, inner bool) clause {
	glue := " and "
	if or {
		glue = " or "
	}
	if inner {
		return same("(" + ends(parts, glue) + ")")
	}
	return same(ends(parts, glue))
}

func (english) not(c clause) clause {
	if rest, ok := strings.CutPrefix(c.end, "who are in the segment "); ok {
		return same("who are not in the segment " + rest)
	}
	return same("who are not among those " + c.end)
}

func (english) quote(name string) string { return "“" + name + "”" }

func (english) duration(n int, unit byte) string {
	text := number(float64(n)) + map[byte]string{'m': " minute", 'h': " hour", 'd': " day", 'w': " week"}[unit]
	if n != 1 {
		text += "s"
	}
	return text
}

func (english) date(t time.Time, clock bool) string {
	if clock {
		return t.Format("2 January 2006, 15:04")
	}
	return t.Format("2 January 2006")
}

func (english) list(values []string) string {
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	return strings.Join(values[:len(values)-1], ", ") + " or " + values[len(values)-1]
}

func (english) yes(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}

func (english) attribute(name string) string { return name }

// verb is the predicate of a comparison, after "whose plan" and after "where category".
func (e english) verb(x comparison) string {
	v := e.list(x.values)
	switch x.op {
	case Eq:
		return "is " + v
	case Ne:
		return "is known and is not " + v
	case In:
		return "is " + v
	case NotIn:
		return "is known and is none of " + strings.Join(x.values, ", ")
	case Lt:
		return "is less than " + v
	case Le:
		return "is at most " + v
	case Gt:
		return "is more than " + v
	case Ge:
		return "is at least " + v
	case Contains:
		return "contains " + v
	case StartsWith:
		return "starts with " + v
	case IsSet:
		return "is known"
	case IsNotSet:
		return "is not known"
	case Before:
		return "is before " + v
	case After:
		return "is after " + v
	case InLast:
		return "is within the last " + x.days
	case NotInLast:
		return "is known and is not within the last " + x.days
	case InNext:
		return "is within the next " + x.days
	default: // Anniversary
		return "has its anniversary within " + x.days
	}
}

func (e english) compared(subject string, x comparison) clause {
	return same("whose " + subject + " " + e.verb(x))
}

func (e english) filter(subject string, x comparison) clause {
	return same(subject + " " + e.verb(x))
}

func (english) where(filters []clause) string { return "where " + ends(filters, " and ") }

// ends joins clauses that do not change before a conjunction.
func ends(parts []clause, glue string) string {
	text := make([]string, len(parts))
	for i, p := range parts {
		text[i] = p.end
	}
	return strings.Join(text, glue)
}

func (english) times(op Op, n string) string {
	if n == "1" && op == Eq {
		return "exactly once"
	}
	word := map[Op]string{Ge: "at least ", Gt: "more than ", Eq: "exactly ", Ne: "not ", Le: "at most ", Lt: "fewer than "}[op] + n
	if n == "1" && (op == Ge || op == Ne || op == Le) {
		return word + " time"
	}
	return word + " times"
}

func (english) last(d string) string {
	if rest, ok := strings.CutPrefix(d, "1 "); ok {
		return "in the last " + rest
	}
	return "in the last " + d
}

func (english) calendar(name string) string { return strings.ReplaceAll(name, "_", " ") }

func (english) between(from, to string) string {
	switch {
	case to == "":
		return "since " + from
	case from == "":
		return "before " + to
	}
	return "from " + from + " until before " + to
}

func (e english) since(which string, d deed) string {
	return "since they " + which + " " + words(e.past(d), d.where)
}

// past is what somebody did.
func (english) past(d deed) string {
	switch d.event {
	case "":
		return "did anything"
	case orderCompleted:
		return "ordered"
	case orderRefunded:
		return "were refunded"
	case productBought:
		return "bought a product"
	}
	return "did " + d.name
}

func (english) undone(d deed) string {
	never := map[string]string{"": "did nothing at all", orderCompleted: "never ordered", orderRefunded: "were never refunded", productBought: "never bought a product"}
	bounded := map[string]string{"": "did nothing", orderCompleted: "did not order", orderRefunded: "were not refunded", productBought: "did not buy a product"}
	known := never
	if d.window != "" || d.within != "" {
		known = bounded
	}
	if text, ok := known[d.event]; ok {
		return text
	}
	if d.window != "" || d.within != "" {
		return "did not do " + d.name
	}
	return "never did " + d.name
}

func (e english) did(d deed, never bool) clause {
	if never {
		return same(words("who", e.undone(d), d.where, d.window))
	}
	times, where := strings.Join(d.times, " and "), d.where
	if where != "" && times != "" { // or the number would seem to be of the filter
		return same("who " + words(e.past(d)+",", where+",", times, d.window))
	}
	return same(words("who", e.past(d), where, times, d.window))
}

func (e english) sequence(steps []deed, window string) clause {
	parts := []string{"who", window, e.past(steps[0]), steps[0].where}
	if window != "" {
		parts[1] = window + ","
		parts[0] = "who,"
	}
	for i, s := range steps[1:] {
		last := i == len(steps)-2
		switch {
		case !s.not && steps[i].not: // the absence before it is told with it
			parts = append(parts, "and then", e.past(s), s.where, within(s, "within"), "without having", perfect(e, steps[i]), steps[i].where, "in between")
		case !s.not:
			parts = append(parts, "and then", e.past(s), s.where, within(s, "within"))
		case last && s.within != "":
			parts = append(parts, "and then", e.undone(s), s.where, "within", s.within)
		case last:
			s.window = "since"
			parts = append(parts, "and then", e.undone(s), s.where, "since")
		}
	}
	return same(words(parts...))
}

func within(d deed, word string) string {
	if d.within == "" {
		return ""
	}
	return word + " " + d.within
}

func perfect(_ english, d deed) string {
	switch d.event {
	case orderRefunded:
		return "been refunded"
	case orderCompleted:
		return "ordered"
	case productBought:
		return "bought a product"
	}
	return "done " + d.name
}

// words joins what is not empty by spaces.
func words(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " ")
}

func (english) segment(name string) clause { return same("who are in the segment " + name) }

func (english) consent(purpose, channel, is string) clause {
	switch is {
	case "given":
		return same("who agreed to " + purpose + " by " + channel)
	case "withdrawn":
		return same("who withdrew their consent to " + purpose + " by " + channel)
	}
	return same("whose consent to " + purpose + " by " + channel + " is not known")
}

func (english) share(percent string) clause {
	return same("who are in a random " + percent + " of all customers")
}

func (e english) group(what string, values []string) clause {
	return same("whose " + map[string]string{"rfm": "RFM group", "lifecycle": "lifecycle stage", "market": "market"}[what] + " is " + e.list(values))
}

func (english) noun(d deed) string {
	name, ok := map[string]string{"": "activities", orderCompleted: "orders", orderRefunded: "refunds", productBought: "products bought"}[d.event]
	if !ok {
		name = d.name
	}
	return words(name, d.where, d.window)
}

func (english) take(t Take, of, property, window string) string {
	switch t {
	case Count:
		return "number of " + of
	case Sum:
		return "total " + property + " of " + of
	case Average:
		return "average " + property + " of " + of
	case Min:
		return "lowest " + property + " of " + of
	case Max:
		return "highest " + property + " of " + of
	case First:
		return "first " + property + " of " + of
	case Last:
		return "last " + property + " of " + of
	case Distinct:
		return "number of different " + property + " of " + of
	case MostFrequent:
		return "most frequent " + property + " of " + of
	case DaysSinceFirst:
		return "number of days since the first of " + of
	case DaysSinceLast:
		return "number of days since the last of " + of
	}
	if property == "" {
		return "trend of the number of " + of + " against the " + window + " before"
	}
	return "trend of the total " + property + " of " + of + " against the " + window + " before"
}

func (english) ratio(of, by string) string { return of + " divided by " + by }
