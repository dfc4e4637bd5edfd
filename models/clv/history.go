package clv

import (
	"fmt"
	"slices"

	"github.com/dangol/dangol/models/btyd"
)

// History is what one customer has bought.
type History struct {
	// Days are the distinct days with an order, ascending, counted from any
	// day that is the same for everyone.
	Days []int32
	// Amounts, one a day, are what was spent on it, in any one currency; a day
	// of refunds may be below zero. Nil for everyone where amounts are unknown.
	Amounts []float64
}

// seen is how many of a history's days lie no later than day.
func (h History) seen(day int32) int {
	n, _ := slices.BinarySearch(h.Days, day+1)
	return n
}

// pattern is the history as btyd sees it at the end of day; false where the
// first order came later.
func (h History) pattern(day int32) (btyd.Pattern, bool) { return btyd.Summarise(h.Days, day) }

// came counts the days with an order after day from up to day to, and what was
// spent on them.
func (h History) came(from, to int32) (orders, spend float64) {
	lo, hi := h.seen(from), h.seen(to)
	if h.Amounts != nil {
		for _, v := range h.Amounts[lo:hi] {
			spend += v
		}
	}
	return float64(hi - lo), spend
}

// check reports the first history that cannot be used.
func check(customers []History) error {
	if len(customers) == 0 {
		return &Error{InvalidHistory, "there are no customers; give the history of each", -1}
	}
	amounts := customers[0].Amounts != nil
	for i, h := range customers {
		if len(h.Days) == 0 {
			return invalid(i, "customer %d has no day with an order; leave out who never ordered", i)
		}
		for k := 1; k < len(h.Days); k++ {
			if h.Days[k] <= h.Days[k-1] {
				return invalid(i, "days of customer %d go from %d to %d; sort them and keep each once", i, h.Days[k-1], h.Days[k])
			}
		}
		if (h.Amounts != nil) != amounts || amounts && len(h.Amounts) != len(h.Days) {
			return invalid(i, "customer %d has %d days and %d amounts; give an amount for each day, or none for anyone", i, len(h.Days), len(h.Amounts))
		}
		for k, v := range h.Amounts {
			if v-v != 0 {
				return invalid(i, "amount %d of customer %d is %v; amounts are finite numbers", k, i, v)
			}
		}
	}
	return nil
}

func invalid(i int, format string, args ...any) error {
	return &Error{InvalidHistory, fmt.Sprintf(format, args...), i}
}
