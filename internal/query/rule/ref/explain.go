package ref

import (
	"math"

	"github.com/dangol/dangol/internal/query/rule"
)

// Condition is one condition of a rule with what it found of a person.
type Condition struct {
	Place    string `json:"place"`    // in the rule: and[1].not
	Sentence string `json:"sentence"` // in the language asked for
	Value    any    `json:"value"`    // float64, string, bool; nil where unset
	Holds    bool   `json:"holds"`
}

// Explain goes through the conditions of a rule one by one. What stands in a "not" is told as the contrary, so that who is in has what holds.
func Explain(b *rule.Bound, p Person, asOfUS int64, lang string) []Condition {
	e := New(b.Set())
	e.Begin(p, asOfUS)
	var out []Condition
	var walk func(r *rule.Rule, node int, place string, not bool)
	walk = func(r *rule.Rule, node int, place string, not bool) {
		n := &e.set.Nodes[node]
		switch {
		case len(r.And) > 0:
			for i, sub := range r.And {
				walk(sub, n.Args[i], rule.Below(place, "and", i), not)
			}
		case len(r.Or) > 0:
			for i, sub := range r.Or {
				walk(sub, n.Args[i], rule.Below(place, "or", i), not)
			}
		case r.Not != nil:
			walk(r.Not, n.Args[0], rule.Below(place, "not", -1), !not)
		default:
			told := r
			if not {
				told = &rule.Rule{Not: r}
			}
			out = append(out, Condition{Place: place, Sentence: rule.Sentence(told, b.Catalog(), lang), Value: e.found(n), Holds: e.node(node) != not})
		}
	}
	if r := b.Rule(); r != nil {
		walk(r, e.set.Roots[0], "", false)
	}
	return out
}

// found is the value that a condition looked at.
func (e *Evaluator) found(n *rule.Node) any {
	switch n.Join {
	case rule.JoinTest:
		return plain(e.expr(n.Expr))
	case rule.JoinAnd, rule.JoinNot: // did with two bounds, consent that is unknown
		if len(n.Args) > 0 {
			return e.found(&e.set.Nodes[n.Args[0]])
		}
	}
	return e.compute(n)
}

// Value gives the value of a trait that was bound, or nil where it is unset.
func Value(b *rule.Bound, p Person, asOfUS int64) any {
	s := b.Set()
	if len(s.Values) == 0 || s.Values[0] < 0 {
		return nil
	}
	e := New(s)
	e.Begin(p, asOfUS)
	return plain(e.expr(s.Values[0]))
}

func plain(v rule.Value) any {
	switch {
	case !v.Set:
		return nil
	case v.Text == "true":
		return true
	case v.Text == "false":
		return false
	case v.Text != "" && !v.Num:
		return v.Text
	case v.Num && v.Text == "":
		return math.Round(v.Number*1e9) / 1e9
	}
	return v.Text
}
