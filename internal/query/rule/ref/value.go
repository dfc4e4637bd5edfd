package ref

import (
	"cmp"
	"math"
	"math/bits"
	"strings"

	"github.com/dangol/dangol/internal/query/rule"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

const dayUS = 86400 * 1_000_000

// expr gives the value of an expression; instants are numbers of microseconds.
func (e *Evaluator) expr(i int) rule.Value {
	m := &e.exprs[i]
	if m.begun != e.begun {
		v := e.value(&e.set.Exprs[i])
		m.begun, m.value = e.begun, v
	}
	return m.value
}

func (e *Evaluator) value(x *rule.Expr) rule.Value {
	switch x.Form {
	case rule.FormAttribute:
		return e.attribute(x)
	case rule.FormState:
		return stateValue(e.person.State(x.Column), x.As, x.Scale)
	case rule.FormFirstSet:
		for _, a := range x.Args {
			if v := e.expr(a); v.Set {
				return v
			}
		}
		return rule.Value{}
	case rule.FormTotal, rule.FormEarliest, rule.FormLatest:
		return e.joined(x)
	case rule.FormDays:
		at := e.expr(x.Args[0])
		if !at.Set {
			return at
		}
		return rule.NumberValue(float64((e.now.AtUS - int64(at.Number)) / dayUS))
	case rule.FormAverage, rule.FormRatio, rule.FormTrend:
		return combined(x.Form, e.expr(x.Args[0]), e.expr(x.Args[1]))
	}
	c := e.over(x.Sel)
	if c.unset {
		return rule.Value{}
	}
	return e.aggregate(x, &c)
}

func (e *Evaluator) attribute(x *rule.Expr) rule.Value {
	moments := e.of(x.Sel)
	if i := from(moments, e.now.AtUS+1); i > 0 {
		return moments[i-1].Values[0]
	}
	if x.Column == "" {
		return rule.Value{}
	}
	return stateValue(e.person.State(CustomerColumn+x.Column), rule.Text, 1)
}

// joined takes several sources together.
func (e *Evaluator) joined(x *rule.Expr) rule.Value {
	var out rule.Value
	for _, a := range x.Args {
		v := e.expr(a)
		switch {
		case !v.Set && x.Form == rule.FormTotal:
			return v
		case !v.Set:
		case !out.Set:
			out = v
		case x.Form == rule.FormTotal:
			out.Number += v.Number
		case x.Form == rule.FormEarliest:
			out.Number = min(out.Number, v.Number)
		default:
			out.Number = max(out.Number, v.Number)
		}
	}
	return out
}

func combined(form rule.Form, a, b rule.Value) rule.Value {
	if !a.Set || !b.Set || !a.Num || !b.Num {
		return rule.Value{}
	}
	over, by := a.Number, b.Number
	if form == rule.FormTrend {
		over, by = a.Number-b.Number, a.Number+b.Number
	}
	if by == 0 {
		return rule.Value{}
	}
	return rule.NumberValue(over / by)
}

func (e *Evaluator) aggregate(x *rule.Expr, c *cursor) rule.Value {
	switch x.Form {
	case rule.FormCount:
		return rule.NumberValue(float64(e.count(x, c)))
	case rule.FormFirstAt:
		if m := e.next(c); m != nil {
			return rule.NumberValue(float64(m.AtUS))
		}
		return rule.Value{}
	case rule.FormLastAt:
		var last *rule.Moment
		for m := e.next(c); m != nil; m = e.next(c) {
			last = m
		}
		if last != nil {
			return rule.NumberValue(float64(last.AtUS))
		}
		return rule.Value{}
	case rule.FormSum:
		return e.sum(x, c)
	case rule.FormDistinct, rule.FormFrequent:
		return e.frequent(x, c)
	}
	var out rule.Value
	for m := e.next(c); m != nil; m = e.next(c) {
		v, ok := e.read(&x.Prop, m)
		if !ok {
			continue
		}
		switch order := compare(x.As, v, out); {
		case !out.Set, x.Form == rule.FormLast, x.Form == rule.FormMin && order < 0, x.Form == rule.FormMax && order > 0:
			out = v
		}
		if x.Form == rule.FormFirst {
			break
		}
	}
	return out
}

func compare(as rule.Kind, a, b rule.Value) int {
	if as == rule.Number {
		return cmp.Compare(a.Number, b.Number)
	}
	return cmp.Compare(a.Text, b.Text)
}

func (e *Evaluator) count(x *rule.Expr, c *cursor) int {
	n := 0
	for m := e.next(c); m != nil; m = e.next(c) {
		if x.Prop.Index >= 0 {
			if _, ok := e.read(&x.Prop, m); !ok {
				continue
			}
		}
		n++
	}
	return n
}

// Numbers are added up as millionths in 128 bits, so that the order of adding does not show.
func (e *Evaluator) sum(x *rule.Expr, c *cursor) rule.Value {
	var hi int64
	var lo uint64
	for m := e.next(c); m != nil; m = e.next(c) {
		if v, ok := e.read(&x.Prop, m); ok {
			n := Micro(v.Number)
			var carry uint64
			lo, carry = bits.Add64(lo, uint64(n), 0)
			hi += n>>63 + int64(carry)
		}
	}
	const limit = 9_000_000_000_000_000_000
	sum := int64(lo)
	switch {
	case hi > 0, hi == 0 && lo > limit:
		sum = limit
	case hi < -1, hi == -1 && sum < -limit, hi == -1 && sum >= 0:
		sum = -limit
	}
	return rule.NumberValue(float64(sum) / 1e6)
}

// Micro is a number in millionths, of numbers beyond 9e12 the nearest.
func Micro(f float64) int64 {
	return int64(math.Floor(max(min(f, 9e12), -9e12)*1e6 + 0.5))
}

type counted struct {
	value rule.Value
	n     int
}

// frequent counts the different values, or gives the one that is there most often.
func (e *Evaluator) frequent(x *rule.Expr, c *cursor) rule.Value {
	e.counted = e.counted[:0]
	var index map[rule.Value]int // only for many values: most people have few
	for m := e.next(c); m != nil; m = e.next(c) {
		v, ok := e.read(&x.Prop, m)
		if !ok {
			continue
		}
		if x.Prop.As == rule.Number { // 1 and 1.0 are one number
			v.Text = ""
		}
		at := -1
		if index != nil {
			if i, ok := index[v]; ok {
				at = i
			}
		} else {
			for i := range e.counted {
				if e.counted[i].value == v {
					at = i
					break
				}
			}
		}
		if at >= 0 {
			e.counted[at].n++
			continue
		}
		e.counted = append(e.counted, counted{v, 1})
		if index != nil {
			index[v] = len(e.counted) - 1
		} else if len(e.counted) > 32 {
			index = make(map[rule.Value]int, 64)
			for i, k := range e.counted {
				index[k.value] = i
			}
		}
	}
	if x.Form == rule.FormDistinct {
		return rule.NumberValue(float64(len(e.counted)))
	}
	var best counted
	for _, k := range e.counted {
		if k.n > best.n || (k.n == best.n && compare(x.As, k.value, best.value) < 0) {
			best = k
		}
	}
	return best.value
}
