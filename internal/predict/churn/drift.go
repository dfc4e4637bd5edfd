package churn

import (
	"cmp"
	"slices"

	"github.com/dangol/dangol/internal/predict/churn/compare"
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
	scoreParts = 20
	// drifting is the index of stability above which a population is another one; from watched it is looked at.
	drifting = 0.25
	watched  = 0.10
)

// profileOf describes a population and the chances it was given.
func profileOf(b *book, f *frame, p []float64) profile {
	var out profile
	for j := range f.columns {
		out.Edges = append(out.Edges, compare.Edges(f.number[j]))
	}
	out.fill(b, f, p)
	return out
}

// fill counts shares between the edges that are there.
func (o *profile) fill(b *book, f *frame, p []float64) {
	n := float64(max(f.rows(), 1))
	o.Shares = make([][]float64, len(o.Edges))
	for j := range o.Edges {
		o.Shares[j] = compare.Shares(o.Edges[j], f.number[j], n)
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
		columns = append(columns, FeatureDrift{numberNames[j], compare.Stability(o.Shares[j], now.Shares[j])})
	}
	for j := range o.Words {
		columns = append(columns, FeatureDrift{wordNames[j], compare.StabilityOf(o.Words[j], now.Words[j])})
	}
	slices.SortStableFunc(columns, func(x, y FeatureDrift) int { return cmp.Compare(y.PSI, x.PSI) })
	return columns, compare.Stability(o.Scores, now.Scores)
}
