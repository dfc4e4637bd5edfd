package ref

import (
	"cmp"

	"github.com/dangol/dangol/internal/query"
)

// Match says whether a condition holds of the values that lookup gives: int64, float64, string,
// bool, or nil for unset.
func Match(c query.Condition, s query.Schema, lookup func(name string) any) bool {
	switch {
	case c.Not != nil:
		return !Match(*c.Not, s, lookup)
	case len(c.And) > 0:
		for _, sub := range c.And {
			if !Match(sub, s, lookup) {
				return false
			}
		}
		return true
	case len(c.Or) > 0:
		for _, sub := range c.Or {
			if Match(sub, s, lookup) {
				return true
			}
		}
		return false
	}
	v := lookup(c.Trait)
	if v == nil || v == "" {
		return false
	}
	if c.Op == query.IsSet {
		return true
	}
	operands, err := c.Operands(s, "")
	if err != nil {
		return false
	}
	for _, o := range operands {
		if holds(c.Op, compare(v, o)) {
			return true
		}
	}
	return false
}

func compare(a, b any) int {
	switch a := a.(type) {
	case string:
		return cmp.Compare(a, b.(string))
	case bool:
		if a == b.(bool) {
			return 0
		}
		return 1
	}
	return cmp.Compare(float(a), float(b))
}

func float(v any) float64 {
	if n, ok := v.(int64); ok {
		return float64(n)
	}
	return v.(float64)
}

func holds(o query.Op, order int) bool {
	switch o {
	case query.Ne:
		return order != 0
	case query.Lt:
		return order < 0
	case query.Le:
		return order <= 0
	case query.Gt:
		return order > 0
	case query.Ge:
		return order >= 0
	}
	return order == 0 // Eq and In
}
