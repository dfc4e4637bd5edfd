package query

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
)

// Op compares a named value with a constant.
type Op string

// The operators. A comparison with an unset value is false, whatever the operator; Not turns it.
const (
	Eq    Op = "="
	Ne    Op = "!="
	Lt    Op = "<"
	Le    Op = "<="
	Gt    Op = ">"
	Ge    Op = ">="
	In    Op = "in"
	IsSet Op = "is set"
)

// Condition is a predicate: either one comparison (Trait, Op, Value) or one of And, Or, Not.
// Value is a number (counts, days, shares; money in minor units), a string (text; days as
// "2024-03-31"), a bool, or a slice of these for In.
type Condition struct {
	And   []Condition `json:"and,omitempty"`
	Or    []Condition `json:"or,omitempty"`
	Not   *Condition  `json:"not,omitempty"`
	Trait string      `json:"trait,omitempty"` // a trait or score; in Trait.Where, a property of the source
	Op    Op          `json:"op,omitempty"`
	Value any         `json:"value,omitempty"`
}

// Where builds one comparison.
func Where(name string, op Op, value any) Condition {
	return Condition{Trait: name, Op: op, Value: value}
}

// All holds when each condition holds.
func All(c ...Condition) Condition { return Condition{And: c} }

// Any holds when one condition holds.
func Any(c ...Condition) Condition { return Condition{Or: c} }

// Negate holds when c does not.
func Negate(c Condition) Condition { return Condition{Not: &c} }

// Limits of a condition.
const (
	maxDepth       = 8
	maxComparisons = 200
	maxListed      = 1000
)

// CheckCondition verifies names, operators, values and limits against what can be named.
func CheckCondition(c Condition, s Schema) error {
	left := maxComparisons
	return c.check(s, "condition", 0, &left)
}

func (c Condition) check(s Schema, place string, depth int, left *int) error {
	if depth > maxDepth {
		return fault.Newf(fault.Invalid, "query.too_deep", "a condition nests at most %d levels", maxDepth).
			At(fault.Place{Field: place}).Then("Join conditions on one level with and, or.")
	}
	if forms := c.forms(); forms != 1 {
		return fault.New(fault.Invalid, "query.bad_condition", "a condition is one comparison, or one of and, or, not").
			At(fault.Place{Field: place}).Then(`Write {"trait":"orders","op":">=","value":2} or {"and":[...]}.`)
	}
	if c.Trait != "" {
		if *left--; *left < 0 {
			return fault.Newf(fault.Invalid, "query.too_long", "a condition has at most %d comparisons", maxComparisons).Then("Use in with a list of values.")
		}
		_, err := c.Operands(s, place)
		return err
	}
	if c.Not != nil {
		return c.Not.check(s, place+".not", depth+1, left)
	}
	for i, sub := range slices.Concat(c.And, c.Or) {
		if err := sub.check(s, place+"["+strconv.Itoa(i)+"]", depth+1, left); err != nil {
			return err
		}
	}
	return nil
}

func (c Condition) forms() int {
	n := 0
	for _, present := range []bool{len(c.And) > 0, len(c.Or) > 0, c.Not != nil, c.Trait != ""} {
		if present {
			n++
		}
	}
	return n
}

var opsOf = map[Type][]Op{
	TypeText: {Eq, Ne, In, IsSet},
	TypeFlag: {Eq, Ne, IsSet},
}

var numericOps = []Op{Eq, Ne, Lt, Le, Gt, Ge, In, IsSet}

// Operands returns the values of a comparison in the type of what it names: int64, float64, string
// or bool; none for IsSet. place says in faults where the comparison stands.
func (c Condition) Operands(s Schema, place string) ([]any, error) {
	col, ok := s.Find(c.Trait)
	if !ok {
		return nil, unknown("trait", place, c.Trait, s.names())
	}
	ops := opsOf[col.Type]
	if ops == nil {
		ops = numericOps
	}
	if !slices.Contains(ops, c.Op) {
		return nil, fault.Newf(fault.Invalid, "query.bad_operator", "%s is %s and cannot be compared with %q", c.Trait, typeWords[col.Type], c.Op).
			At(fault.Place{Field: place, Value: string(c.Op)}).Then("Use one of " + joined(ops) + ".")
	}
	if c.Op == IsSet {
		return nil, nil
	}
	values := []any{c.Value}
	if c.Op == In {
		v := reflect.ValueOf(c.Value)
		if v.Kind() != reflect.Slice || v.Len() == 0 || v.Len() > maxListed {
			return nil, fault.Newf(fault.Invalid, "query.bad_list", "in takes a list of 1 to %d values", maxListed).At(fault.Place{Field: place})
		}
		values = values[:0]
		for i := range v.Len() {
			values = append(values, v.Index(i).Interface())
		}
	}
	for i, v := range values {
		w, ok := operand(col.Type, v)
		if !ok {
			return nil, fault.Newf(fault.Invalid, "query.bad_value", "%s is %s", c.Trait, typeWords[col.Type]).
				At(fault.Place{Field: place, Value: fmt.Sprint(v)}).Then("Give " + typeExamples[col.Type] + ".")
		}
		values[i] = w
	}
	return values, nil
}

var typeWords = map[Type]string{
	TypeKey: "a key", TypeInt: "a whole number", TypeBig: "a whole number", TypeDay: "a day", TypeMoney: "an amount in minor units",
	TypeNumber: "a number", TypeText: "a text", TypeFlag: "true or false",
}

var typeExamples = map[Type]string{
	TypeKey: "a number such as 3", TypeInt: "a number such as 3", TypeBig: "a number such as 3", TypeDay: `a day such as "2024-03-31"`,
	TypeMoney: "a number of minor units such as 5000", TypeNumber: "a number such as 0.5", TypeText: `a text such as "tea"`, TypeFlag: "true or false",
}

// operand converts a value from Go or JSON to the type of a column.
func operand(t Type, v any) (any, bool) {
	r := reflect.ValueOf(v)
	if !r.IsValid() {
		return nil, false
	}
	switch t {
	case TypeText:
		return r.String(), r.Kind() == reflect.String
	case TypeFlag:
		return r.Kind() == reflect.Bool && r.Bool(), r.Kind() == reflect.Bool
	case TypeDay:
		if r.Kind() == reflect.String {
			d, err := day.Parse(r.String())
			return int64(d), err == nil
		}
	}
	switch {
	case r.CanInt():
		return widen(t, r.Int()), true
	case r.CanUint() && r.Uint() < 1<<62:
		return widen(t, int64(r.Uint())), true
	case r.CanFloat():
		f := r.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, false
		}
		if t != TypeNumber && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return int64(f), true
		}
		return f, t != TypeDay
	}
	return nil, false
}

func widen(t Type, n int64) any {
	if t == TypeNumber {
		return float64(n)
	}
	return n
}

func (s Schema) names() []string {
	out := make([]string, len(s))
	for i, c := range s {
		out[i] = c.Name
	}
	return out
}

func joined[T ~string](words []T) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = string(w)
	}
	return strings.Join(parts, ", ")
}

// RenderCondition checks a condition and renders it as a predicate that is true or false, never
// NULL. Columns are taken from alias ("" for none); placeholders are numbered from firstArg.
func RenderCondition(c Condition, s Schema, d Dialect, alias string, firstArg int) (string, []any, error) {
	if err := CheckCondition(c, s); err != nil {
		return "", nil, err
	}
	w := &writer{d: d, first: firstArg - 1}
	prefix := ""
	if alias != "" {
		prefix = alias + "."
	}
	sql := w.condition(c, s, func(name string) string { return prefix + name })
	return sql, w.args, nil
}

// condition renders a checked condition.
func (w *writer) condition(c Condition, s Schema, expr func(name string) string) string {
	switch {
	case c.Not != nil:
		return "NOT (" + w.condition(*c.Not, s, expr) + ")"
	case len(c.And) > 0:
		return w.junction(c.And, " AND ", s, expr)
	case len(c.Or) > 0:
		return w.junction(c.Or, " OR ", s, expr)
	}
	col, _ := s.Find(c.Trait)
	values, _ := c.Operands(s, "")
	x := expr(c.Trait)
	set := ""
	switch {
	case col.Type == TypeText:
		set = "coalesce(" + x + ", '') <> ''"
	case col.Nullable:
		set = "(" + x + ") IS NOT NULL"
	}
	if c.Op == IsSet {
		if set == "" {
			return "TRUE"
		}
		return set
	}
	terms := make([]string, len(values))
	for i, v := range values {
		terms[i] = w.literal(v)
	}
	test := "(" + x + ") " + opSQL(c.Op) + " " + terms[0]
	if c.Op == In {
		test = "(" + x + ") IN (" + strings.Join(terms, ", ") + ")"
	}
	if set == "" {
		return test
	}
	return "(" + set + " AND " + test + ")"
}

func (w *writer) junction(parts []Condition, glue string, s Schema, expr func(string) string) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = w.condition(p, s, expr)
	}
	return "(" + strings.Join(out, glue) + ")"
}

func opSQL(o Op) string {
	if o == Ne {
		return "<>"
	}
	return string(o)
}

// literal inlines what cannot carry text, and hands the rest over as an argument.
func (w *writer) literal(v any) string {
	switch v := v.(type) {
	case int64:
		return num(v)
	case bool:
		return strings.ToUpper(strconv.FormatBool(v))
	}
	return w.arg(v)
}
