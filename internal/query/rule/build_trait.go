package rule

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
)

// said is how faults name a trait.
func (t *Trait) said() string {
	switch {
	case t.Name != "":
		return t.Name
	case t.Property != "":
		return string(t.Take) + " of " + t.Property
	}
	return string(t.Take)
}

func hintOf(v any) Kind {
	switch v := v.(type) {
	case float64:
		return Number
	case string:
		return Text
	case bool:
		return Flag
	case []any:
		if len(v) > 0 {
			return hintOf(v[0])
		}
	}
	return Unknown
}

// trait binds a trait: its expression, and how its values are read. hint is what it is compared with, for properties
// of which nothing is known.
func (w *builder) trait(t *Trait, hint Kind) (int, Kind) {
	if t.Name != "" {
		return w.namedTrait(t, hint)
	}
	win := w.window(t.Window)
	place := below(t.place, "of")
	sels := w.choose(place, t.Of, t.Where, win)
	if len(sels) == 0 {
		return w.expr(Expr{Form: FormTotal, Sel: -1, As: Number}), Number
	}
	p, kind := w.traitProperty(t, hint)
	if p.Name != "" {
		w.look(w.set.Selections[sels[0]].Need, p.Name)
	}
	one := func(form Form, as Kind) int {
		q := p
		q.As = as
		result := as
		if form == FormDistinct {
			result = Number
		}
		return w.expr(Expr{Form: form, Sel: sels[0], Prop: q, As: result})
	}
	number := func(sels []int) int { // what is counted or added up
		if t.Property == "" {
			return w.total(FormCount, FormTotal, sels)
		}
		q := p
		q.As = Number
		return w.expr(Expr{Form: FormSum, Sel: sels[0], Prop: q, As: Number})
	}
	read := Text
	if kind == Number {
		read = Number
	}
	switch t.Take {
	case Count, Sum:
		return number(sels), Number
	case Average:
		return w.expr(Expr{Form: FormAverage, Sel: -1, Args: []int{one(FormSum, Number), one(FormCount, Number)}, As: Number}), Number
	case Min:
		return one(FormMin, read), kind
	case Max:
		return one(FormMax, read), kind
	case First:
		return one(FormFirst, read), kind
	case Last:
		return one(FormLast, read), kind
	case Distinct:
		return one(FormDistinct, read), Number
	case MostFrequent:
		return one(FormFrequent, read), kind
	case DaysSinceFirst:
		return w.expr(Expr{Form: FormDays, Sel: -1, Args: []int{w.total(FormFirstAt, FormEarliest, sels)}, As: Number}), Number
	case DaysSinceLast:
		return w.expr(Expr{Form: FormDays, Sel: -1, Args: []int{w.total(FormLastAt, FormLatest, sels)}, As: Number}), Number
	case Ratio:
		return w.ratio(t, number(sels)), Number
	default: // Trend
		win.within.Before, win.horizon = true, 2*win.horizon
		before := w.choose(place, t.Of, t.Where, win)
		return w.expr(Expr{Form: FormTrend, Sel: -1, Args: []int{number(sels), number(before)}, As: Number}), Number
	}
}

func (w *builder) namedTrait(t *Trait, hint Kind) (e int, kind Kind) {
	named, ok := w.c.Traits[t.Name]
	if !ok {
		known := slices.Collect(maps.Keys(w.c.Traits))
		f := unknown("trait", at(t.place).Field, t.Name, known)
		if _, isScore := w.c.State.Find(t.Name); isScore {
			f = f.Then(`It is kept by the analysis: write {"score":"` + t.Name + `"}.`)
		}
		w.faults.add(f)
		return w.expr(Expr{Form: FormTotal, Sel: -1, As: Number}), Unknown
	}
	w.within("trait", t.Name, t.place, func() { e, kind = w.trait(named.Trait, hint) })
	return e, kind
}

func (w *builder) ratio(t *Trait, of int) int {
	by, kind := w.trait(t.To, Number)
	if kind != Number && kind != Unknown {
		w.fail(below(t.place, "to"), "rule.bad_trait", "a ratio divides by a number, and this is "+kindWords[kind], "Take count, sum, average or another number.")
	}
	if len(w.set.Exprs) > by && w.set.Exprs[by].Form == FormDays {
		w.fail(below(t.place, "to"), "rule.bad_trait", "a ratio cannot divide by days since something: it would change by the hour", "Count in a window instead.")
	}
	return w.expr(Expr{Form: FormRatio, Sel: -1, Args: []int{of, by}, As: Number})
}

// traitProperty finds what a trait takes, and how it is read.
func (w *builder) traitProperty(t *Trait, hint Kind) (Prop, Kind) {
	if t.Property == "" {
		return Prop{}, Number
	}
	kind := w.property(below(t.place, "property"), t.Of, t.Property)
	numeric := t.Take == Sum || t.Take == Average || t.Take == Ratio || t.Take == Trend
	if numeric && kind != Number && kind != Unknown {
		w.fail(below(t.place, "property"), "rule.not_a_number", t.Property+" is "+kindWords[kind]+" and cannot be added up", "Take distinct or most_frequent, or another property.")
	}
	if kind == Unknown {
		if t.Take != Distinct { // of which what is compared is a number, whatever is counted
			kind = hint
		}
		if kind == Unknown && (t.Take == Min || t.Take == Max) {
			kind = Number
		}
		if kind == Unknown {
			kind = Text
		}
	}
	return Prop{Name: t.Property}, kind
}

// window is a window as it is bound.
type window struct {
	within  Within
	since   int // an expression; -1
	horizon time.Duration
}

func (w *builder) window(in *Window) window {
	out := window{since: -1}
	if in == nil {
		return out
	}
	switch {
	case in.Last != "":
		out.within.Last, _ = readDuration(in.Last)
	case in.Calendar != "":
		out.within.Calendar = in.Calendar
	case in.Since != nil:
		s := in.Since
		sels := w.choose(below(s.place, "event"), s.Event, s.Where, window{since: -1})
		if len(sels) == 0 {
			break
		}
		if s.Which == "first" {
			out.since = w.total(FormFirstAt, FormEarliest, sels)
		} else {
			out.since = w.total(FormLastAt, FormLatest, sels)
		}
	default:
		out.within.Fixed, out.within.From, out.within.To = true, Always, Never
		if c, ok := readConstantTime(in.From); ok {
			out.within.From = c.in(w.set.zone).UnixMicro()
		}
		if c, ok := readConstantTime(in.To); ok {
			out.within.To = c.in(w.set.zone).UnixMicro()
		}
	}
	out.horizon = out.within.horizon()
	return out
}

// choose binds which facts are meant: one selection, or for any event one of each source. It gives none for a name
// that was refused.
func (w *builder) choose(place, event string, where []Where, win window) []int {
	one := func(s Source, name string, key uint32) int {
		sel := Selection{Need: w.need(s, name, key, win.horizon), Within: win.within, Since: win.since}
		for _, f := range where {
			sel.Filters = append(sel.Filters, w.filter(event, sel.Need, f))
		}
		return w.selection(sel)
	}
	switch event {
	case AnyEvent:
		return []int{one(Events, AnyEvent, 0), one(Orders, "", 1), one(Refunds, "", 2)}
	case orderCompleted:
		return []int{one(Orders, "", 1)}
	case orderRefunded:
		return []int{one(Refunds, "", 2)}
	case productBought:
		return []int{one(Lines, "", 3)}
	}
	e, ok := w.c.Events[event]
	if !ok && !w.name(place, "event", event, slices.Concat(slices.Collect(maps.Keys(w.c.Events)), reservedNames())) {
		return nil
	}
	return []int{one(Events, event, e.Key)}
}

func reservedNames() []string { return []string{orderCompleted, orderRefunded, productBought} }

// property gives the kind of an event's property.
func (w *builder) property(place, event, name string) Kind {
	w.path(place, name)
	known, fixed := w.c.Events[event].Properties, false
	if r, ok := Reserved()[event]; ok {
		known, fixed = r.Properties, true
	}
	if kind, ok := known[name]; ok {
		return kind
	}
	names := slices.Collect(maps.Keys(known))
	switch {
	case fixed:
		w.faults.add(unknown("property of "+event, at(place).Field, name, names))
	case strings.HasPrefix(name, ContextPrefix) || len(known) == 0:
	default:
		w.name(place, "property of "+event, name, names)
	}
	return Unknown
}

// look adds a property to those of a need.
func (w *builder) look(need int, property string) {
	w.props[need][property] = true
	if property == LateDays {
		w.props[need][DeliveredDay] = true
	}
}

func (w *builder) filter(event string, need int, f Where) Filter {
	kind := w.property(below(f.place, "property"), event, f.Property)
	w.look(need, f.Property)
	t := w.test(below(f.place, "op"), f.Property, kind, f.Op, f.Value)
	p := Prop{Name: f.Property, As: Text}
	if t.As == Number {
		p.As = Number
	}
	return Filter{Prop: p, Test: t}
}

// compare makes the node that tests an expression.
func (w *builder) compare(place, what string, kind Kind, e int, op Op, v any) int {
	return w.node(Node{Join: JoinTest, Expr: e, Test: w.test(place, what, kind, op, v)})
}

var kindWords = map[Kind]string{Text: "a text", Number: "a number", Flag: "true or false", Time: "a time"}

var kindExamples = map[Kind]string{Text: `a text such as "tea"`, Number: "a number such as 3", Flag: "true or false", Time: `a day such as "2024-03-31"`}

var kindOps = map[Kind][]Op{
	Text:   {Eq, Ne, In, NotIn, Contains, StartsWith, IsSet, IsNotSet, Before, After, InLast, NotInLast, InNext, Anniversary},
	Number: {Eq, Ne, Lt, Le, Gt, Ge, In, NotIn, IsSet, IsNotSet},
	Flag:   {Eq, Ne, IsSet, IsNotSet},
	Time:   {Before, After, InLast, NotInLast, InNext, Anniversary, Eq, Ne, In, NotIn, StartsWith, Contains, IsSet, IsNotSet},
}

// test checks that an operator and its constants fit a kind, and makes the test.
func (w *builder) test(place, what string, kind Kind, op Op, v any) Test {
	if kind != Unknown && !slices.Contains(kindOps[kind], op) {
		w.faults.add(fault.Newf(fault.Invalid, "rule.bad_operator", "%s is %s and cannot be compared with %q", what, kindWords[kind], op).
			At(fault.Place{Field: at(place).Field, Value: string(op)}).Then("Use one of " + quoted(kindOps[kind]) + "."))
		return Test{Op: op}
	}
	t := Test{Op: op}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	switch op {
	case IsSet, IsNotSet:
		return t
	case Before, After:
		s, _ := v.(string)
		t.As = Time
		t.moment, _ = readConstantTime(s)
		return t
	case InLast, NotInLast, InNext, Anniversary:
		s, _ := v.(string)
		t.As = Time
		t.Days, _ = readDays(s)
		return t
	}
	t.As = hintOf(v)
	if kind == Number && t.As != Number || kind == Flag && t.As != Flag || (kind == Text || kind == Time) && t.As != Text {
		value := strings.TrimSuffix(place, "op") + "value"
		w.faults.add(fault.Newf(fault.Invalid, "rule.bad_value", "%s is %s", what, kindWords[kind]).At(fault.Place{Field: value}).Then("Give " + kindExamples[kind] + "."))
		return t
	}
	for _, one := range list {
		switch one := one.(type) {
		case string:
			t.Texts = append(t.Texts, one)
		case float64:
			t.Numbers = append(t.Numbers, one)
		case bool:
			t.Flag = one
		}
	}
	if t.As == Flag && isList {
		w.fail(place, "rule.bad_operator", "true and false are compared with =", `Write "op":"=".`)
	}
	return t
}

func quoted(ops []Op) string {
	parts := make([]string, len(ops))
	for i, o := range ops {
		parts[i] = string(o)
	}
	return strings.Join(parts, ", ")
}
