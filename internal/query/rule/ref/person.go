package ref

import (
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query/rule"
)

// Person is what the rules read of one customer.
type Person interface {
	// Key is the customer's dense key.
	Key() uint32
	// Moments are her facts of a need of the set that is evaluated, by instant, then place. They may go on after the
	// asked instant: what is later does not count.
	Moments(n *rule.Need) []rule.Moment
	// State is a column of customer_state, or "customer.name", "customer.email", "customer.phone"; nil where unset.
	State(column string) any
	// In says whether she is in a segment whose members are chosen by hand.
	In(segment string) bool
}

// CustomerColumn is how State is asked for a column of the table customer.
const CustomerColumn = "customer."

// stateValue reads a column of customer_state or of customer.
func stateValue(v any, as rule.Kind, scale float64) rule.Value {
	switch v := v.(type) {
	case string:
		return rule.ValueOf(v)
	case bool:
		if v {
			return rule.Value{Text: "true", Set: true}
		}
		return rule.Value{Text: "false", Set: true}
	case int64:
		if as == rule.Time {
			return rule.Value{Text: day.Day(v).String(), Set: true}
		}
		return rule.NumberValue(float64(v) / scale)
	case int32:
		return stateValue(int64(v), as, scale)
	case uint32:
		return stateValue(int64(v), as, scale)
	case int:
		return stateValue(int64(v), as, scale)
	case day.Day:
		return stateValue(int64(v), rule.Time, scale)
	case float64:
		return rule.NumberValue(v / scale)
	}
	return rule.Value{}
}
