package rule

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/dangol/dangol/internal/query"
)

// Sentence says a rule in one plain sentence: "Customers who ordered at least 2 times in the last 30 days and whose
// plan is “gold”." lang is en, ko or th; of any other the sentence is English.
func Sentence(r *Rule, c *Catalog, lang string) string {
	s := newSpeaker(c, lang)
	return s.g.whole(s.rule(r, 0).end)
}

// Sentence says what a trait is, as a noun: "number of “Product Viewed” in the last 30 days".
func (t *Trait) Sentence(c *Catalog, lang string) string {
	return newSpeaker(c, lang).trait(t)
}

// clause is a condition in the forms in which it can stand: at the end, and before "and" or "or". Only Korean tells
// them apart.
type clause struct{ end, and, or string }

func same(s string) clause { return clause{s, s, s} }

// grammar is what differs between languages. Nouns come already quoted where they are names.
type grammar interface {
	whole(end string) string
	join(parts []clause, or, inner bool) clause
	not(c clause) clause
	quote(name string) string
	duration(n int, unit byte) string
	date(t time.Time, clock bool) string
	list(values []string) string
	yes(v bool) string

	attribute(name string) string // the attribute as a subject
	compared(subject string, x comparison) clause
	did(d deed, never bool) clause
	sequence(steps []deed, window string) clause
	segment(name string) clause
	consent(purpose, channel, is string) clause
	share(percent string) clause
	group(what string, values []string) clause // rfm, lifecycle, market

	filter(subject string, x comparison) clause // a condition on a fact, to stand in where
	where(filters []clause) string
	times(op Op, n string) string
	last(d string) string
	calendar(name string) string
	between(from, to string) string
	since(which string, d deed) string
	noun(d deed) string                              // “Product Viewed” in the last 30 days
	take(t Take, of, property, window string) string // number of ...
	ratio(of, by string) string
}

// comparison is an operator with the values as they are shown.
type comparison struct {
	op     Op
	values []string
	text   bool // the values are texts
	flag   bool // and whether it is asked for
	isFlag bool
	days   string // of operators that count days
}

// deed is something done, with all that narrows it.
type deed struct {
	event  string // "" is any
	name   string // of the event as it is shown, where it is none of those that orders make
	times  []string
	where  string
	window string
	within string
	not    bool
}

type speaker struct {
	c    *Catalog
	lang string
	g    grammar
}

func newSpeaker(c *Catalog, lang string) *speaker {
	if c == nil {
		c = &Catalog{}
	}
	g := map[string]grammar{"ko": korean{}, "th": thai{}}[lang]
	if g == nil {
		lang, g = "en", english{}
	}
	return &speaker{c: c, lang: lang, g: g}
}

func (s *speaker) rule(r *Rule, depth int) clause {
	switch {
	case len(r.And) > 0:
		return s.junction(r.And, false, depth)
	case len(r.Or) > 0:
		return s.junction(r.Or, true, depth)
	case r.Not != nil:
		return s.g.not(s.rule(r.Not, depth+1))
	case r.Attribute != "":
		return s.g.compared(s.g.attribute(s.name(r.Attribute)), s.comparison(r.Op, r.Value, query.UnitText))
	case r.Trait != nil:
		return s.g.compared(s.trait(r.Trait), s.comparison(r.Op, r.Value, s.unit(r.Trait)))
	case r.Score != "":
		return s.score(r)
	case r.Did != "":
		return s.g.did(s.deed(r.Did, r.Where, r.Window, r.Times), false)
	case r.DidNot != "":
		return s.g.did(s.deed(r.DidNot, r.Where, r.Window, nil), true)
	case len(r.Sequence) > 0:
		return s.sequence(r)
	case r.Segment != "":
		name := s.c.Segments[r.Segment].Name
		if name == "" {
			name = r.Segment
		}
		return s.g.segment(s.g.quote(name))
	case len(r.RFM) > 0:
		return s.g.group("rfm", s.words(r.RFM, groupWords))
	case len(r.Lifecycle) > 0:
		return s.g.group("lifecycle", s.words(r.Lifecycle, stageWords))
	case len(r.Market) > 0:
		return s.g.group("market", r.Market)
	case r.Consent != nil:
		return s.g.consent(s.word(r.Consent.Purpose, purposeWords), s.word(r.Consent.Channel, channelWords), r.Is)
	case r.Share != nil:
		return s.g.share(number(r.Share.Percent) + "%")
	}
	return same("…")
}

func (s *speaker) junction(parts []*Rule, or bool, depth int) clause {
	if len(parts) == 1 {
		return s.rule(parts[0], depth)
	}
	out := make([]clause, len(parts))
	for i, p := range parts {
		out[i] = s.rule(p, depth+1)
	}
	return s.g.join(out, or, depth > 0)
}

// words are what people call groups and the like.
func (s *speaker) words(values []string, known map[string][3]string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = s.g.quote(s.word(v, known))
	}
	return out
}

func (s *speaker) word(v string, known map[string][3]string) string {
	if w := known[v][slices.Index(languages, s.lang)]; w != "" {
		return w
	}
	return v
}

// languages are those of the words, in their order.
var languages = []string{"en", "ko", "th"}

// name is the name of an attribute or property; quotes are for those that do not look like one.
func (s *speaker) name(of string) string {
	if strings.ContainsFunc(of, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_.-", r)
	}) {
		return s.g.quote(of)
	}
	return of
}

func (s *speaker) score(r *Rule) clause {
	col, _ := s.c.State.Find(r.Score)
	label := s.word(r.Score, scoreWords)
	if label == r.Score {
		label = s.name(r.Score)
		if s.lang == "en" && col.Label != "" {
			label = strings.ToLower(col.Label[:1]) + col.Label[1:]
		}
	}
	x := s.comparison(r.Op, r.Value, col.Unit)
	switch r.Score {
	case "rfm_group", "rfm_group_before":
		x.values = s.words(texts(r.Value), groupWords)
	case "lifecycle":
		x.values = s.words(texts(r.Value), stageWords)
	}
	return s.g.compared(label, x)
}

func texts(v any) []string {
	var out []string
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			t, _ := one.(string)
			out = append(out, t)
		}
	}
	return out
}

// comparison shows the values of an operator.
func (s *speaker) comparison(op Op, v any, unit query.Unit) comparison {
	x := comparison{op: op}
	list, ok := v.([]any)
	if !ok && v != nil {
		list = []any{v}
	}
	for _, one := range list {
		switch one := one.(type) {
		case string:
			x.text = true
			switch op {
			case InLast, NotInLast, InNext, Anniversary:
				x.days = s.duration(one)
			case Before, After:
				x.values = append(x.values, s.time(one))
			default:
				x.values = append(x.values, s.g.quote(one))
			}
		case bool:
			x.isFlag, x.flag = true, one == (op == Eq)
			x.values = append(x.values, s.g.yes(one))
		case float64:
			x.values = append(x.values, s.amount(one, unit))
		}
	}
	return x
}

func (s *speaker) duration(text string) string {
	n, err := strconv.Atoi(text[:max(len(text)-1, 0)])
	if err != nil {
		return text
	}
	return s.g.duration(n, text[len(text)-1])
}

func (s *speaker) time(text string) string {
	c, ok := readConstantTime(text)
	if !ok {
		return text
	}
	return s.g.date(c.in(zoneOf(s.c)).In(zoneOf(s.c)), !c.isDay)
}

// amount shows a number in its unit.
func (s *speaker) amount(f float64, unit query.Unit) string {
	switch unit {
	case query.UnitMoney:
		text := number(f)
		if whole, fraction, ok := strings.Cut(text, "."); ok && len(fraction) < s.c.Digits {
			text = whole + "." + fraction + strings.Repeat("0", s.c.Digits-len(fraction))
		}
		if s.c.Currency == "" {
			return text
		}
		return text + " " + s.c.Currency
	case query.UnitShare:
		return number(math.Round(f*1e8)/1e6) + "%"
	}
	return number(f)
}

// number writes a number with its thousands grouped, as all three languages do.
func number(f float64) string {
	text := strconv.FormatFloat(math.Abs(f), 'f', -1, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	var b strings.Builder
	if f < 0 {
		b.WriteString("-")
	}
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if fraction != "" {
		b.WriteString("." + fraction)
	}
	return b.String()
}

// unit is what the values of a trait count.
func (s *speaker) unit(t *Trait) query.Unit {
	if t.Name != "" {
		return s.c.Traits[t.Name].Unit
	}
	switch t.Take {
	case Sum, Average, Min, Max, First, Last, MostFrequent:
		return propertyUnit(t.Of, t.Property)
	case DaysSinceFirst, DaysSinceLast:
		return query.UnitDays
	case Trend:
		return query.UnitShare
	}
	return query.UnitNumber
}

func propertyUnit(event, property string) query.Unit {
	if property == "revenue" && isReserved(event) {
		return query.UnitMoney
	}
	return query.UnitNumber
}

func (s *speaker) deed(event string, where []Where, w *Window, times Times) deed {
	d := deed{event: event, where: s.where(event, where), window: s.window(w)}
	switch {
	case event == AnyEvent:
		d.event = ""
	case !isReserved(event):
		d.name = s.g.quote(event)
	}
	for _, op := range []Op{Ge, Gt, Eq, Ne, Le, Lt} {
		if n, ok := times[op]; ok {
			d.times = append(d.times, s.g.times(op, number(n)))
		}
	}
	return d
}

func (s *speaker) where(event string, filters []Where) string {
	if len(filters) == 0 {
		return ""
	}
	out := make([]clause, len(filters))
	for i, f := range filters {
		out[i] = s.g.filter(s.name(f.Property), s.comparison(f.Op, f.Value, propertyUnit(event, f.Property)))
	}
	return s.g.where(out)
}

func (s *speaker) window(w *Window) string {
	switch {
	case w == nil:
		return ""
	case w.Last != "":
		return s.g.last(s.duration(w.Last))
	case w.Calendar != "":
		return s.g.calendar(w.Calendar)
	case w.Since != nil:
		return s.g.since(w.Since.Which, s.deed(w.Since.Event, w.Since.Where, nil, nil))
	}
	from, to := "", ""
	if w.From != "" {
		from = s.time(w.From)
	}
	if w.To != "" {
		to = s.time(w.To)
	}
	return s.g.between(from, to)
}

func (s *speaker) sequence(r *Rule) clause {
	steps := make([]deed, len(r.Sequence))
	for i, x := range r.Sequence {
		name := x.Did
		if x.DidNot != "" {
			name = x.DidNot
		}
		steps[i] = s.deed(name, x.Where, nil, nil)
		steps[i].not = x.DidNot != ""
		if x.Within != "" {
			steps[i].within = s.duration(x.Within)
		}
	}
	return s.g.sequence(steps, s.window(r.Window))
}

// trait is a trait as a noun.
func (s *speaker) trait(t *Trait) string {
	if t.Name != "" {
		if label := s.c.Traits[t.Name].Labels[s.lang]; label != "" {
			return label
		}
		return s.g.quote(t.Name)
	}
	property := ""
	if t.Property != "" {
		property = s.name(t.Property)
	}
	window := ""
	if t.Window != nil && t.Window.Last != "" {
		window = s.duration(t.Window.Last)
	}
	take := t.Take
	if take == Ratio {
		take = Count
		if t.Property != "" {
			take = Sum
		}
	}
	of := s.g.take(take, s.g.noun(s.deed(t.Of, t.Where, t.Window, nil)), property, window)
	if t.Take == Ratio && t.To != nil {
		return s.g.ratio(of, s.trait(t.To))
	}
	return of
}
