package rule

import (
	"math"
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/spelling"
)

// Parse reads a rule strictly: fields it does not know, values of another shape and what exceeds the limits are
// refused, each with its exact place. Whether the names exist is Check's work.
func Parse(text []byte) (*Rule, error) {
	n, err := readNode(text)
	if err != nil {
		return nil, err
	}
	p := &parser{}
	r := p.rule(n, 0)
	if err := p.err(); err != nil {
		return nil, err
	}
	return r, nil
}

// ParseTrait reads what a named trait takes: the object with "take".
func ParseTrait(text []byte) (*Trait, error) {
	n, err := readNode(text)
	if err != nil {
		return nil, err
	}
	p := &parser{}
	t := p.trait(n, 0)
	if t.Name != "" {
		p.fail(n, "rule.bad_trait", "a trait that is only the name of another says nothing new", `Write {"take":"count","of":"Order Completed"}.`)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return t, nil
}

type parser struct {
	faults
	conditions int
}

func (p *parser) fail(n *node, reason, sentence, next string) {
	f := fault.New(fault.Invalid, reason, sentence).Then(next)
	place := at(n.place)
	if n.kind == 's' || n.kind == 'n' {
		place.Value = n.text
	}
	p.add(f.At(place))
}

// forms are the fields that make a rule what it is, with those that may stand beside.
var forms = []struct {
	field  string
	beside []string
}{
	{"and", nil},
	{"or", nil},
	{"not", nil},
	{"attribute", []string{"op", "value"}},
	{"trait", []string{"op", "value"}},
	{"score", []string{"op", "value"}},
	{"did", []string{"times", "where", "window"}},
	{"did_not", []string{"where", "window"}},
	{"sequence", []string{"window"}},
	{"segment", nil},
	{"rfm", nil},
	{"lifecycle", nil},
	{"consent", []string{"is"}},
	{"market", nil},
	{"share", nil},
}

const formNext = `Write one of and, or, not, attribute, trait, score, did, did_not, sequence, segment, rfm, lifecycle, consent, market, share.`

// form finds which form an object has, and refuses two forms in one object and fields that do not belong to it.
func (p *parser) form(n *node) string {
	if n.kind != '{' {
		p.fail(n, "rule.bad_shape", "a condition is an object, this is "+n.word(), `Write an object such as {"did":"Order Completed"}.`)
		return ""
	}
	found := ""
	var beside, all []string
	for _, f := range forms {
		all = append(append(all, f.field), f.beside...)
		if n.field(f.field) == nil {
			continue
		}
		if found != "" {
			p.fail(n.field(f.field), "rule.two_forms", found+" and "+f.field+" stand in one condition", "Join two conditions with and, or.")
			return ""
		}
		found, beside = f.field, f.beside
	}
	for i, key := range n.keys {
		if key == found || slices.Contains(beside, key) {
			continue
		}
		next := formNext
		if near, ok := spelling.Nearest(key, all); ok && !slices.Contains(all, key) {
			next = "Did you mean " + near + "?"
		} else if found != "" {
			next = "Beside " + found + " may stand: " + strings.Join(beside, ", ") + "."
			if len(beside) == 0 {
				next = "Nothing may stand beside " + found + "."
			}
		}
		p.fail(n.items[i], "rule.unknown_field", "there is no "+key+" in this condition", next)
		return ""
	}
	if found == "" {
		p.fail(n, "rule.no_form", "this condition says nothing", formNext)
	}
	return found
}

func (p *parser) rule(n *node, depth int) *Rule {
	r := &Rule{place: n.place}
	form := p.form(n)
	if form == "" {
		return r
	}
	f := n.field(form)
	if form == "and" || form == "or" || form == "not" {
		p.junction(r, form, f, depth)
		return r
	}
	p.count(n)
	switch form {
	case "attribute":
		r.Attribute = p.name(f)
		p.comparison(n, &r.Op, &r.Value)
	case "score":
		r.Score = p.name(f)
		p.comparison(n, &r.Op, &r.Value)
	case "trait":
		r.Trait = p.trait(f, 0)
		p.comparison(n, &r.Op, &r.Value)
	case "did", "did_not":
		p.did(r, form, n)
	case "sequence":
		r.Sequence, r.Window = p.sequence(f), p.window(n.field("window"))
	case "segment":
		r.Segment = p.name(f)
	case "rfm":
		r.RFM = p.texts(f)
	case "lifecycle":
		r.Lifecycle = p.texts(f)
	case "market":
		r.Market = p.texts(f)
	case "consent":
		p.consent(r, n)
	case "share":
		r.Share = p.share(f)
	}
	return r
}

func (p *parser) count(n *node) {
	if p.conditions++; p.conditions == maxConditions+1 {
		p.add(fault.Newf(fault.Invalid, "rule.too_long", "a rule has at most %d conditions", maxConditions).At(at(n.place)).Then("Use in with a list of values, or another segment."))
	}
}

func (p *parser) junction(r *Rule, form string, f *node, depth int) {
	if depth >= maxDepth {
		p.add(fault.Newf(fault.Invalid, "rule.too_deep", "a rule nests at most %d levels", maxDepth).At(at(f.place)).Then("Join conditions on one level with and, or."))
		return
	}
	if form == "not" {
		r.Not = p.rule(f, depth+1)
		return
	}
	var parts []*Rule
	for _, item := range p.list(f, maxConditions) {
		parts = append(parts, p.rule(item, depth+1))
	}
	if form == "and" {
		r.And = parts
	} else {
		r.Or = parts
	}
}

// list gives the items of a list that is not empty.
func (p *parser) list(n *node, most int) []*node {
	if n.kind != '[' || len(n.items) == 0 {
		p.fail(n, "rule.bad_list", "here stands a list of at least one, this is "+n.word(), "Write [ ... ].")
		return nil
	}
	if len(n.items) > most {
		p.add(fault.Newf(fault.Invalid, "rule.bad_list", "a list has at most %d here", most).At(at(n.place)).Then("Shorten it."))
		return nil
	}
	return n.items
}

// text gives a text that is neither empty nor too long.
func (p *parser) text(n *node) string {
	switch {
	case n.kind != 's':
		p.fail(n, "rule.bad_text", "here stands a text, this is "+n.word(), `Write it in quotes.`)
	case n.text == "" || len(n.text) > maxText:
		p.add(fault.Newf(fault.Invalid, "rule.bad_text", "a text has 1 to %d bytes", maxText).At(at(n.place)).Then("Give a shorter text, or is set."))
	default:
		return n.text
	}
	return ""
}

// name gives the name of something: control characters, quotes and backslashes cannot be in one.
func (p *parser) name(n *node) string {
	s := p.text(n)
	if len(s) > 200 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f }) {
		p.fail(n, "rule.bad_name", "this is no name", "A name has at most 200 bytes and no quotes, backslashes or control characters.")
		return ""
	}
	return s
}

func (p *parser) texts(n *node) []string {
	var out []string
	for _, item := range p.list(n, maxListed) {
		out = append(out, p.text(item))
	}
	return out
}

// choice gives one of a few words.
func (p *parser) choice(n *node, words ...string) string {
	s := p.text(n)
	if s != "" && !slices.Contains(words, s) {
		next := "Use one of " + strings.Join(words, ", ") + "."
		if near, ok := spelling.Nearest(s, words); ok {
			next = "Did you mean " + near + "?"
		}
		p.fail(n, "rule.bad_word", "here stands another word", next)
	}
	return s
}

// required gives a field, or a node of nothing after a fault.
func (p *parser) required(n *node, field, next string) (*node, bool) {
	if f := n.field(field); f != nil {
		return f, true
	}
	p.fail(n, "rule.missing", field+" is missing", next)
	return nil, false
}

// only refuses the fields of an object that are not among those known.
func (p *parser) only(n *node, what string, known ...string) bool {
	if n.kind != '{' {
		p.fail(n, "rule.bad_shape", what+" is an object, this is "+n.word(), "It may hold "+strings.Join(known, ", ")+".")
		return false
	}
	for i, key := range n.keys {
		if slices.Contains(known, key) {
			continue
		}
		next := "It may hold " + strings.Join(known, ", ") + "."
		if near, ok := spelling.Nearest(key, known); ok {
			next = "Did you mean " + near + "?"
		}
		p.fail(n.items[i], "rule.unknown_field", what+" has no "+key, next)
		return false
	}
	return true
}

var opWords = []string{
	string(Eq), string(Ne), string(Lt), string(Le), string(Gt), string(Ge), string(In), string(NotIn), string(Contains), string(StartsWith),
	string(IsSet), string(IsNotSet), string(Before), string(After), string(InLast), string(NotInLast), string(InNext), string(Anniversary),
}

// comparison reads op and value of n.
func (p *parser) comparison(n *node, op *Op, v *any) {
	f, ok := p.required(n, "op", "Use one of "+strings.Join(opWords, ", ")+".")
	if !ok {
		return
	}
	*op = Op(p.choice(f, opWords...))
	given := n.field("value")
	switch {
	case !slices.Contains(opWords, string(*op)):
		return
	case *op == IsSet || *op == IsNotSet:
		if given != nil {
			p.fail(given, "rule.bad_value", string(*op)+" takes no value", "Leave value out.")
		}
	case given == nil:
		p.fail(n, "rule.missing", "value is missing", "Give what to compare with.")
	case *op == In || *op == NotIn:
		*v = p.listed(given)
	default:
		*v = p.scalar(given)
		p.fits(given, *op, *v)
	}
}

func (p *parser) listed(n *node) any {
	var out []any
	for _, item := range p.list(n, maxListed) {
		out = append(out, p.scalar(item))
		if item.kind != n.items[0].kind {
			p.fail(item, "rule.bad_value", "a list has values of one kind", "Write all as texts, or all as numbers.")
		}
	}
	return out
}

// maxNumber bounds constants, so that sums and minor units stay exact.
const maxNumber = 1e12

func (p *parser) scalar(n *node) any {
	switch n.kind {
	case 's':
		return p.text(n)
	case 'b':
		return n.flag
	case 'n':
		if math.Abs(n.num) > maxNumber {
			p.fail(n, "rule.bad_number", "this number is too large", "Give one between -1e12 and 1e12.")
		}
		return n.num + 0 // never -0
	}
	p.fail(n, "rule.bad_value", "a value is a text, a number, true or false; this is "+n.word(), "Use is set or is not set to ask whether there is a value.")
	return nil
}

// fits checks the values that an operator wants whatever it compares.
func (p *parser) fits(n *node, op Op, v any) {
	s, isText := v.(string)
	switch op {
	case Lt, Le, Gt, Ge:
		switch n.kind {
		case 'b':
			p.fail(n, "rule.bad_value", "true and false have no order", "Use =.")
		case 's':
			p.fail(n, "rule.bad_value", string(op)+" compares numbers", "Write the number without quotes; for times there are before and after.")
		}
	case Contains, StartsWith:
		if !isText {
			p.fail(n, "rule.bad_value", string(op)+" compares texts", "Write the value in quotes.")
		}
	case Before, After:
		if _, ok := readConstantTime(s); !isText || !ok {
			p.fail(n, "rule.bad_time", "here stands a day or an instant", `Write "2024-03-31" or "2024-03-31T09:00:00Z".`)
		}
	case InLast, NotInLast, InNext, Anniversary:
		days, ok := readDays(s)
		if !isText || !ok {
			p.fail(n, "rule.bad_duration", "here stands a number of days or weeks", `Write "30d" or "4w".`)
		} else if op == Anniversary && days > 365 {
			p.fail(n, "rule.bad_duration", "an anniversary is within 365 days at most", `Write "30d".`)
		}
	}
}
