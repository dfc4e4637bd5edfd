package churn

import (
	"math"
	"slices"
)

// profile is what a model's population looked like when it was trained: for each number the edges of ten equally large parts, and the share
// of rows in each part and of those without the number; for each word the share of each value; and the same of the chances it gave.
type profile struct {
	Edges  [][]float64          `json:"edges"`
	Shares [][]float64          `json:"shares"`
	Words  []map[string]float64 `json:"words"`
	Scores []float64            `json:"scores"` // in twenty parts of equal width
}

const (
	profileParts = 10
	scoreParts   = 20
	// drifting is the index of stability above which a population is another one; from watched it is looked at.
	drifting = 0.25
	watched  = 0.10
)

// profileOf describes a population and the chances it was given.
func profileOf(b *book, f *frame, p []float64) profile {
	var out profile
	for j := range f.columns {
		sorted := make([]float64, 0, f.rows())
		for _, x := range f.number[j] {
			if !math.IsNaN(x) {
				sorted = append(sorted, x)
			}
		}
		slices.Sort(sorted)
		edges := []float64{}
		for k := 1; k < profileParts && len(sorted) > 0; k++ {
			if e := sorted[len(sorted)*k/profileParts]; len(edges) == 0 || e > edges[len(edges)-1] {
				edges = append(edges, e)
			}
		}
		out.Edges = append(out.Edges, edges)
	}
	out.fill(b, f, p)
	return out
}

// fill counts shares between the edges that are there.
func (o *profile) fill(b *book, f *frame, p []float64) {
	n := float64(max(f.rows(), 1))
	o.Shares = make([][]float64, len(o.Edges))
	for j := range o.Edges {
		o.Shares[j] = make([]float64, len(o.Edges[j])+2)
		for _, x := range f.number[j] {
			k := len(o.Edges[j]) + 1
			if !math.IsNaN(x) {
				k, _ = slices.BinarySearch(o.Edges[j], x)
			}
			o.Shares[j][k] += 1 / n
		}
	}
	o.Words = nil
	for j, l := range []*lexicon{b.markets, b.channels, b.categories} {
		count := map[string]float64{}
		for _, w := range f.word[j] {
			count[l.words[w]] += 1 / n
		}
		o.Words = append(o.Words, count)
	}
	o.Scores = make([]float64, scoreParts)
	for _, x := range p {
		o.Scores[min(int(x*scoreParts), scoreParts-1)] += 1 / n
	}
}

// FeatureDrift is how far a column has moved.
type FeatureDrift struct {
	Name string  `json:"name"`
	PSI  float64 `json:"psi"`
}

// moved compares a population with that of the training: the population stability index, Σ (now - then) ln(now/then), of each column and of
// the chances.
func (o *profile) moved(b *book, f *frame, p []float64) (columns []FeatureDrift, scores float64) {
	now := profile{Edges: o.Edges}
	now.fill(b, f, p)
	for j := range o.Shares {
		columns = append(columns, FeatureDrift{numberNames[j], psi(o.Shares[j], now.Shares[j])})
	}
	for j := range o.Words {
		columns = append(columns, FeatureDrift{wordNames[j], psiOf(o.Words[j], now.Words[j])})
	}
	slices.SortStableFunc(columns, func(a, c FeatureDrift) int {
		switch {
		case a.PSI > c.PSI:
			return -1
		case a.PSI < c.PSI:
			return 1
		}
		return 0
	})
	return columns, psi(o.Scores, now.Scores)
}

// leastShare keeps parts that were empty from counting without end.
const leastShare = 1e-3

func psi(then, now []float64) float64 {
	sum := 0.0
	for k := range then {
		a, b := max(then[k], leastShare), max(now[k], leastShare)
		sum += (b - a) * math.Log(b/a)
	}
	return sum
}

func psiOf(then, now map[string]float64) float64 {
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
	return psi(a, b)
}
