package btyd

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
func Summarise(days []int32, until int32) (Pattern, bool) { return Pattern{}, false }

// Group merges equal patterns, adding up N, and sorts them by X, T, Tx, the
// order in which every batch function of this package is fastest. index[i] is
// the place of patterns[i] in grouped.
func Group(patterns []Pattern) (grouped []Pattern, index []int32) { return nil, nil }

// GroupDays is Group for customers given as columns of whole days, each
// counting once. The three columns have one entry a customer.
func GroupDays(x, tx, t []int32) (grouped []Pattern, index []int32) { return nil, nil }
