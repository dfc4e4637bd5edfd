package compare

import (
	"math"
	"slices"
)

// parts is how many equally large parts a population is cut into.
const parts = 10

// leastShare keeps parts that were empty from counting without end.
const leastShare = 1e-3

// Edges cuts values into equally large parts; NaN is in none. Equal edges stand once.
func Edges(values []float64) []float64 {
	sorted := make([]float64, 0, len(values))
	for _, x := range values {
		if !math.IsNaN(x) {
			sorted = append(sorted, x)
		}
	}
	slices.Sort(sorted)
	edges := []float64{}
	for k := 1; k < parts && len(sorted) > 0; k++ {
		if e := sorted[len(sorted)*k/parts]; len(edges) == 0 || e > edges[len(edges)-1] {
			edges = append(edges, e)
		}
	}
	return edges
}

// Shares are the shares of n values between edges; the last is of those without one.
func Shares(edges, values []float64, n float64) []float64 {
	shares := make([]float64, len(edges)+2)
	for _, x := range values {
		k := len(edges) + 1
		if !math.IsNaN(x) {
			k, _ = slices.BinarySearch(edges, x)
		}
		shares[k] += 1 / n
	}
	return shares
}

// Stability is the population stability index, Σ (now - then) ln(now/then), over the shares of each part.
func Stability(then, now []float64) float64 {
	sum := 0.0
	for k := range then {
		a, b := max(then[k], leastShare), max(now[k], leastShare)
		sum += (b - a) * math.Log(b/a)
	}
	return sum
}

// StabilityOf is the same over the shares of each word.
func StabilityOf(then, now map[string]float64) float64 {
	var a, b []float64
	var names []string
	for name := range then {
		names = append(names, name)
	}
	for name := range now {
		if _, both := then[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names) // sums of floats depend on their order
	for _, name := range names {
		a, b = append(a, then[name]), append(b, now[name])
	}
	return Stability(a, b)
}
