package calibrate

import (
	"cmp"
	"math"
	"slices"
)

// fewToSort is the number of rows from which sorting by digits pays.
const fewToSort = 3000

// ascending is the order of rows by score, equal ones as they come.
func ascending(scores []float64) []int32 {
	order := make([]int32, len(scores))
	for i := range order {
		order[i] = int32(i)
	}
	if len(scores) < fewToSort {
		slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(scores[a], scores[b]) })
		return order
	}
	return byDigits(order, scores)
}

// Digits of 11 bits: 6 passes over 64 bits, with counts that fit the nearest
// cache.
const (
	digitBits = 11
	digits    = 1 << digitBits
)

// byDigits sorts from the lowest digit to the highest.
func byDigits(order []int32, scores []float64) []int32 {
	keys, nextKeys, next := make([]uint64, len(order)), make([]uint64, len(order)), make([]int32, len(order))
	for i, s := range scores {
		// As integers, floats are in order once negative ones are turned
		// round; adding 0 makes -0 equal to 0.
		bits := math.Float64bits(s + 0)
		if bits>>63 == 1 {
			keys[i] = ^bits
		} else {
			keys[i] = bits | 1<<63
		}
	}
	for shift := 0; shift < 64; shift += digitBits {
		var count [digits]int
		for _, k := range keys {
			count[k>>shift&(digits-1)]++
		}
		if count[keys[0]>>shift&(digits-1)] == len(keys) {
			continue
		}
		at := 0
		for d, n := range count {
			count[d] = at
			at += n
		}
		for i, k := range keys {
			d := k >> shift & (digits - 1)
			nextKeys[count[d]], next[count[d]] = k, order[i]
			count[d]++
		}
		keys, nextKeys, order, next = nextKeys, keys, next, order
	}
	return order
}
