package btyd

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Pattern is what the models need to know of a customer, or of N customers
// who look alike.
type Pattern struct {
	// X counts repeat orders: distinct days with an order after the first.
	X int
	// Tx is the time from the first order to the last, in days; 0 when X is 0.
	Tx float64
	// T is the time from the first order to the end of observation, in days.
	T float64
	// N is how many customers share the pattern. Predictions ignore it.
	N float64
}

// Summarise turns the days on which one customer ordered, sorted and distinct,
// into a Pattern with N = 1 as seen at the end of day until; later days are
// ignored. It reports false when the first order came after until.
func Summarise(days []int32, until int32) (Pattern, bool) {
	n, _ := slices.BinarySearch(days, until+1)
	if n == 0 {
		return Pattern{}, false
	}
	first := days[0]
	return Pattern{X: n - 1, Tx: float64(days[n-1] - first), T: float64(until - first), N: 1}, true
}

// Group merges equal patterns, adding up N, and sorts them by X, T, Tx, the
// order in which every batch function of this package is fastest. index[i] is
// the place of patterns[i] in grouped.
func Group(patterns []Pattern) (grouped []Pattern, index []int32) {
	if grouped, index, ok := groupWhole(patterns); ok {
		return grouped, index
	}
	order := make([]int32, len(patterns))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(i, j int32) int { return comparePatterns(patterns[i], patterns[j]) })
	index = make([]int32, len(patterns))
	for _, i := range order {
		p := patterns[i]
		if last := len(grouped) - 1; last >= 0 && comparePatterns(grouped[last], p) == 0 {
			grouped[last].N += p.N
		} else {
			grouped = append(grouped, p)
		}
		index[i] = int32(len(grouped) - 1)
	}
	return grouped, index
}

// comparePatterns orders by X, T, Tx.
func comparePatterns(p, q Pattern) int {
	if c := cmp.Compare(p.X, q.X); c != 0 {
		return c
	}
	if c := cmp.Compare(p.T, q.T); c != 0 {
		return c
	}
	return cmp.Compare(p.Tx, q.Tx)
}

// groupWhole is Group for whole numbers of days, by far the common case.
func groupWhole(patterns []Pattern) ([]Pattern, []int32, bool) {
	const most = 1 << 20
	x, tx, t := make([]int32, len(patterns)), make([]int32, len(patterns)), make([]int32, len(patterns))
	for i, p := range patterns {
		if p.X < 0 || p.X >= most || !(p.T >= 0 && p.T < most) || !(p.Tx >= 0 && p.Tx < most) {
			return nil, nil, false
		}
		x[i], tx[i], t[i] = int32(p.X), int32(p.Tx), int32(p.T)
		if float64(tx[i]) != p.Tx || float64(t[i]) != p.T {
			return nil, nil, false
		}
	}
	grouped, index := groupColumns(x, tx, t, func(i int32) float64 { return patterns[i].N })
	return grouped, index, true
}

// GroupDays is Group for customers given as columns of whole days, none
// negative, each customer counting once. The columns are equally long.
func GroupDays(x, tx, t []int32) (grouped []Pattern, index []int32) {
	return groupColumns(x, tx, t, func(int32) float64 { return 1 })
}

// groupColumns packs each row into one key, as narrow as the data allow, and
// radix-sorts the keys: linear in the number of customers.
func groupColumns(x, tx, t []int32, weight func(int32) float64) ([]Pattern, []int32) {
	bx, bt := bitsFor(x), max(bitsFor(tx), bitsFor(t))
	keys := make([]keyed, len(x))
	for i := range x {
		keys[i] = keyed{uint64(x[i])<<(2*bt) | uint64(t[i])<<bt | uint64(tx[i]), int32(i)}
	}
	keys = radixSort(keys, bx+2*bt)
	index := make([]int32, len(x))
	grouped := make([]Pattern, 0, len(x)/4+16)
	for k, e := range keys {
		if k == 0 || e.key != keys[k-1].key {
			i := e.at
			grouped = append(grouped, Pattern{X: int(x[i]), T: float64(t[i]), Tx: float64(tx[i])})
		}
		grouped[len(grouped)-1].N += weight(e.at)
		index[e.at] = int32(len(grouped) - 1)
	}
	return grouped, index
}

type keyed struct {
	key uint64
	at  int32
}

// bitsFor is the number of bits that hold every value of col.
func bitsFor(col []int32) int {
	most := int32(0)
	for _, v := range col {
		most = max(most, v)
	}
	n := 0
	for ; most > 0; most >>= 1 {
		n++
	}
	return n
}

// radixSort sorts by the low bits of key, stably, 11 bits a pass.
func radixSort(keys []keyed, bits int) []keyed {
	const digit = 11
	spare := make([]keyed, len(keys))
	for shift := 0; shift < bits; shift += digit {
		var count [1 << digit]int32
		for _, e := range keys {
			count[e.key>>shift&(1<<digit-1)]++
		}
		at := int32(0)
		for i, c := range count {
			count[i] = at
			at += c
		}
		for _, e := range keys {
			d := e.key >> shift & (1<<digit - 1)
			spare[count[d]] = e
			count[d]++
		}
		keys, spare = spare, keys
	}
	return keys
}

// mostOrders bounds X: the work of a fit grows with the largest X, and nobody
// orders on that many days.
const mostOrders = 1 << 24

// check reports the first malformed pattern.
func check(patterns []Pattern) error {
	for i, p := range patterns {
		switch {
		case p.X < 0, p.X > mostOrders, !(p.Tx >= 0), !(p.T >= p.Tx), math.IsInf(p.T, 0), !(p.N >= 0), math.IsInf(p.N, 0):
			return &Error{InvalidPattern, fmt.Sprintf("pattern %d: need 0 <= X <= 2^24, 0 <= Tx <= T, N >= 0, all finite", i), i}
		case p.X == 0 && p.Tx != 0:
			return &Error{InvalidPattern, fmt.Sprintf("pattern %d: a customer without repeat orders has Tx = 0", i), i}
		case p.X > 0 && p.Tx == 0:
			return &Error{InvalidPattern, fmt.Sprintf("pattern %d: repeat orders are later days, so Tx > 0 when X > 0", i), i}
		}
	}
	return nil
}
