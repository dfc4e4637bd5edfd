package gbdt

import (
	"math"
	"slices"
)

// validation follows the score of a set that is not trained on.
type validation struct {
	o         *Options
	set       Set
	margin    []float64
	best      int // number of trees
	bestScore float64
}

func newValidation(m *Model, set Set, o *Options) (*validation, error) {
	const what = "validation set"
	if err := set.check(what, o.Objective); err != nil {
		return nil, err
	}
	data, err := m.bound(set.Data)
	if err != nil {
		return nil, err
	}
	set.Data = data
	v := &validation{o: o, set: set, bestScore: math.Inf(1)}
	if o.Metric == AUC && math.IsNaN(auc(set.Labels, set.Labels, set.Weights)) {
		return nil, fail(OneClass, "%s: AUC needs labels of both 0 and 1", what)
	}
	return v, nil
}

// score adds a tree to the margins, and says whether training should go on.
func (v *validation) score(t *tree, trees int) (float64, bool) {
	n := v.set.Data.rows
	losses, weights := make([]float64, (n+chunk-1)/chunk), make([]float64, (n+chunk-1)/chunk)
	team(v.o.Cores).chunks(n, func(number, begin, end int) {
		for i := begin; i < end; i++ {
			v.margin[i] += t.valueAt(v.set.Data, i)
			w := weightOf(v.set.Weights, i)
			losses[number] += w * v.o.loss(v.set.Labels[i], v.margin[i])
			weights[number] += w
		}
	})
	var loss, weight float64
	for i := range losses {
		loss, weight = loss+losses[i], weight+weights[i]
	}
	score := loss / weight
	lower := score
	if v.o.Metric == AUC {
		score = auc(v.margin, v.set.Labels, v.set.Weights)
		lower = -score
	}
	if lower < v.bestScore {
		v.bestScore, v.best = lower, trees
	}
	return score, trees-v.best < v.o.Patience
}

// auc is the chance that a row with label 1 has the higher score than one with
// label 0, ties counting half; NaN where one of the labels is absent.
func auc(score, labels, weights []float64) float64 {
	order := make([]int, len(score))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case score[a] < score[b]:
			return -1
		case score[a] > score[b]:
			return 1
		}
		return a - b
	})
	var below, pairs, ones float64
	for i := 0; i < len(order); {
		var zero, one float64
		j := i
		for ; j < len(order) && score[order[j]] == score[order[i]]; j++ {
			if w := weightOf(weights, order[j]); labels[order[j]] == 1 {
				one += w
			} else {
				zero += w
			}
		}
		pairs += one * (below + zero/2)
		below, ones = below+zero, ones+one
		i = j
	}
	if below == 0 || ones == 0 {
		return math.NaN()
	}
	return pairs / (below * ones)
}
