package rule

import (
	"math"
	"slices"

	"github.com/dangol/dangol/internal/kit/fault"
)

// The forms of conditions, beneath those that join them.

func (p *parser) did(r *Rule, form string, n *node) {
	name := p.name(n.field(form))
	if form == "did" {
		r.Did = name
	} else {
		r.DidNot = name
	}
	if t := n.field("times"); t != nil {
		r.Times = p.times(t)
	}
	r.Where = p.where(n.field("where"))
	r.Window = p.window(n.field("window"))
}

var timesOps = []string{string(Eq), string(Ne), string(Lt), string(Le), string(Gt), string(Ge)}

func (p *parser) times(n *node) Times {
	const next = `Write {">=": 3}, or two of them such as {">=": 2, "<=": 5}.`
	if !p.only(n, "times", timesOps...) {
		return nil
	}
	if len(n.keys) == 0 || len(n.keys) > 2 {
		p.fail(n, "rule.bad_times", "times has one or two comparisons", next)
		return nil
	}
	out := Times{}
	for i, key := range n.keys {
		item := n.items[i]
		if item.kind != 'n' || item.num != math.Trunc(item.num) || item.num < 0 || item.num > 1e9 {
			p.fail(item, "rule.bad_times", "times compares with a whole number from 0", next)
			continue
		}
		out[Op(key)] = item.num + 0
	}
	return out
}

// maxWhere bounds the filters of one selection.
const maxWhere = 20

func (p *parser) where(n *node) []Where {
	if n == nil {
		return nil
	}
	var out []Where
	for _, item := range p.list(n, maxWhere) {
		w := Where{place: item.place}
		if !p.only(item, "a filter", "property", "op", "value") {
			continue
		}
		p.count(item)
		if f, ok := p.required(item, "property", `Write {"property":"category","op":"=","value":"tea"}.`); ok {
			w.Property = p.name(f)
		}
		p.comparison(item, &w.Op, &w.Value)
		out = append(out, w)
	}
	return out
}

var calendars = []string{"today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_year", "last_year"}

const windowNext = `Write {"last":"30d"}, {"calendar":"this_month"}, {"from":"2024-01-01","to":"2024-02-01"} or {"since":{"event":"Order Completed","which":"last"}}.`

func (p *parser) window(n *node) *Window {
	if n == nil || !p.only(n, "a window", "last", "calendar", "from", "to", "since") {
		return nil
	}
	w := &Window{place: n.place}
	ways := 0
	if f := n.field("last"); f != nil {
		ways++
		w.Last = p.duration(f)
	}
	if f := n.field("calendar"); f != nil {
		ways++
		w.Calendar = p.choice(f, calendars...)
	}
	if f := n.field("since"); f != nil {
		ways++
		w.Since = p.since(f)
	}
	from, to := n.field("from"), n.field("to")
	if from != nil || to != nil {
		ways++
		w.From, w.To = p.bound(from), p.bound(to)
		if w.From != "" && w.To != "" && !earlier(w.From, w.To) {
			p.fail(to, "rule.bad_window", "the window ends before it begins", "Give a later to; the window ends just before it.")
		}
	}
	if ways != 1 {
		p.fail(n, "rule.bad_window", "a window says one of last, calendar, from and to, since", windowNext)
	}
	return w
}

func (p *parser) duration(n *node) string {
	s := p.text(n)
	if _, ok := readDuration(s); s != "" && !ok {
		p.fail(n, "rule.bad_duration", "this is no length of time", "Write minutes, hours, days or weeks such as 30m, 12h, 30d, 4w; at most ten years.")
	}
	return s
}

func (p *parser) bound(n *node) string {
	if n == nil {
		return ""
	}
	s := p.text(n)
	if _, ok := readConstantTime(s); s != "" && !ok {
		p.fail(n, "rule.bad_time", "here stands a day or an instant", `Write "2024-03-31" or "2024-03-31T09:00:00Z".`)
	}
	return s
}

func (p *parser) since(n *node) *Since {
	s := &Since{place: n.place}
	if !p.only(n, "since", "event", "which", "where") {
		return s
	}
	if f, ok := p.required(n, "event", windowNext); ok {
		s.Event = p.name(f)
	}
	if f, ok := p.required(n, "which", "Write last or first."); ok {
		s.Which = p.choice(f, "last", "first")
	}
	s.Where = p.where(n.field("where"))
	return s
}

func (p *parser) sequence(n *node) []Step {
	items := p.list(n, maxSteps)
	if len(items) == 1 {
		p.fail(n, "rule.bad_sequence", "a sequence has 2 to 6 steps", "Use did for one step.")
	}
	var out []Step
	for i, item := range items {
		s := p.step(item)
		switch {
		case i == 0 && s.Did == "":
			p.fail(item, "rule.bad_sequence", "a sequence begins with something that was done", `Begin with {"did":"Checkout Started"}.`)
		case i == 0 && s.Within != "":
			p.fail(item.field("within"), "rule.bad_sequence", "the first step follows nothing", "Bound it by the sequence's window.")
		case s.DidNot != "" && out[i-1].DidNot != "":
			p.fail(item, "rule.bad_sequence", "two did_not steps follow each other", "Write two sequences and join them with and.")
		case s.DidNot != "" && s.Within != "" && i < len(items)-1:
			p.fail(item.field("within"), "rule.bad_sequence", "a did_not between two steps holds for all the time between them", "Leave within out, or make it the last step.")
		}
		out = append(out, s)
	}
	return out
}

func (p *parser) step(n *node) Step {
	s := Step{place: n.place}
	if !p.only(n, "a step", "did", "did_not", "where", "within") {
		return s
	}
	did, didNot := n.field("did"), n.field("did_not")
	switch {
	case (did == nil) == (didNot == nil):
		p.fail(n, "rule.bad_sequence", "a step is either did or did_not", `Write {"did":"Order Completed","within":"3d"}.`)
	case did != nil:
		s.Did = p.name(did)
	default:
		s.DidNot = p.name(didNot)
	}
	p.count(n)
	s.Where = p.where(n.field("where"))
	if f := n.field("within"); f != nil {
		s.Within = p.duration(f)
	}
	return s
}

func (p *parser) consent(r *Rule, n *node) {
	f := n.field("consent")
	r.Consent = &Consent{}
	if p.only(f, "consent", "purpose", "channel") {
		if g, ok := p.required(f, "purpose", `Write {"purpose":"marketing","channel":"email"}.`); ok {
			r.Consent.Purpose = p.text(g)
		}
		if g, ok := p.required(f, "channel", `Write {"purpose":"marketing","channel":"email"}.`); ok {
			r.Consent.Channel = p.text(g)
		}
	}
	if g, ok := p.required(n, "is", "Write given, withdrawn or unknown."); ok {
		r.Is = p.choice(g, "given", "withdrawn", "unknown")
	}
}

func (p *parser) share(n *node) *Share {
	s := &Share{}
	if !p.only(n, "share", "percent", "salt") {
		return s
	}
	if f, ok := p.required(n, "percent", `Write {"percent":10,"salt":"spring"}.`); ok {
		s.Percent = f.num
		if f.kind != 'n' || f.num < 0 || f.num > 100 {
			p.fail(f, "rule.bad_share", "a share is a number from 0 to 100", `Write {"percent":10,"salt":"spring"}.`)
		}
	}
	if f, ok := p.required(n, "salt", "Give any word: the same word chooses the same people."); ok {
		s.Salt = p.text(f)
	}
	return s
}

// takesProperty says which takes need a property, which may have one, and which have none.
var takesProperty = map[Take]string{
	Count: "none", Sum: "needs", Average: "needs", Min: "needs", Max: "needs", First: "needs", Last: "needs", Distinct: "needs", MostFrequent: "needs",
	DaysSinceFirst: "none", DaysSinceLast: "none", Ratio: "may", Trend: "may",
}

var takeWords = []string{
	string(Count), string(Sum), string(Average), string(Min), string(Max), string(First), string(Last), string(Distinct), string(MostFrequent),
	string(DaysSinceFirst), string(DaysSinceLast), string(Ratio), string(Trend),
}

func (p *parser) trait(n *node, depth int) *Trait {
	t := &Trait{place: n.place}
	if n.kind == 's' {
		t.Name = p.name(n)
		return t
	}
	if !p.only(n, "a trait", "take", "of", "property", "where", "window", "to") {
		return t
	}
	const next = `Write {"take":"count","of":"Order Completed"}.`
	f, ok := p.required(n, "take", next)
	if !ok {
		return t
	}
	t.Take = Take(p.choice(f, takeWords...))
	if f, ok := p.required(n, "of", next); ok {
		t.Of = p.name(f)
	}
	p.property(t, n)
	t.Where, t.Window = p.where(n.field("where")), p.window(n.field("window"))
	if t.Take == Trend && (t.Window == nil || t.Window.Last == "") {
		p.fail(n, "rule.bad_trait", "a trend compares a rolling window with the one before", `Add "window":{"last":"30d"}.`)
	}
	to := n.field("to")
	switch {
	case to != nil && t.Take != Ratio:
		p.fail(to, "rule.bad_trait", "only a ratio divides by something", "Leave to out.")
	case to == nil && t.Take == Ratio:
		p.fail(n, "rule.missing", "to is missing", `Say what to divide by: "to":{"take":"count","of":"Order Completed"}.`)
	case to != nil && depth >= 2:
		p.add(fault.New(fault.Invalid, "rule.too_deep", "a ratio of a ratio of a ratio means little to anyone").At(at(to.place)).Then("Name one of them as a trait."))
	case to != nil:
		t.To = p.trait(to, depth+1)
	}
	return t
}

func (p *parser) property(t *Trait, n *node) {
	f := n.field("property")
	if f != nil {
		t.Property = p.name(f)
	}
	switch rule := takesProperty[t.Take]; {
	case rule == "needs" && f == nil:
		p.fail(n, "rule.missing", string(t.Take)+" wants a property", `Add "property":"revenue".`)
	case rule == "none" && f != nil:
		p.fail(f, "rule.bad_trait", string(t.Take)+" takes no property", "Leave property out, or keep the facts that have one by where: is set.")
	}
	if t.Of == "*" && (t.Property != "" || n.field("where") != nil) {
		p.fail(n, "rule.any_event", "events of all names have no property in common", "Name one event.")
	}
	if t.Of == "*" && !slices.Contains([]Take{Count, DaysSinceFirst, DaysSinceLast, Ratio, Trend, ""}, t.Take) {
		p.fail(n, "rule.any_event", "of any event only count, days_since_first, days_since_last, ratio and trend can be taken", "Name one event.")
	}
}
