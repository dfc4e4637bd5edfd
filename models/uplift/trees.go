package uplift

import (
	"math/rand/v2"
	"strconv"

	"github.com/dangol/dangol/models/gbdt"
	"github.com/dangol/dangol/models/glm"
)

// Settings of trees. Effects are faint beside the noise of outcomes, so that
// trees are small, leaves large and steps short, and their number is found on
// rows kept aside.
const (
	treesAtMost  = 100
	treeRate     = 0.15
	treeLeaves   = 6
	treeRows     = 50
	treePenalty  = 5
	treePatience = 8
	treeBins     = 63
	keptAside    = 5 // one row in so many
)

// leastForTrees is how many rows it takes to keep some aside.
const leastForTrees = 10 * treeRows

// columnsOf names columns by their place.
func columnsOf(x [][]float64) (*gbdt.Data, error) {
	list := make([]gbdt.Column, len(x))
	for j, column := range x {
		list[j] = gbdt.Float64(strconv.Itoa(j), column)
	}
	return gbdt.NewData(list...)
}

// boost fits trees to y. A yes or no is learnt as a chance, all else by squares.
func (d *numbers) boost(family glm.Family, x [][]float64, y, weights []float64) (part, error) {
	o := gbdt.Options{
		Objective: gbdt.Squared, Trees: treesAtMost, LearningRate: treeRate, MaxLeaves: treeLeaves, MinRows: treeRows, L2: treePenalty, MaxBins: treeBins,
		Patience: treePatience, Seed: d.seed, Cores: 1, // the caller's tasks take the cores
	}
	if family == glm.Logistic {
		o.Objective = gbdt.Binary
	}
	random := rand.New(rand.NewPCG(d.seed, 0x7472656573)) //nolint:gosec // repeatable by purpose
	var fit, aside []int
	for k := range y {
		if random.IntN(keptAside) == 0 && len(y) >= leastForTrees {
			aside = append(aside, k)
		} else {
			fit = append(fit, k)
		}
	}
	set := func(rows []int) (gbdt.Set, error) {
		sub := make([][]float64, len(x))
		for j, column := range x {
			sub[j] = take(column, rows)
		}
		data, err := columnsOf(sub)
		s := gbdt.Set{Data: data, Labels: take(y, rows)}
		if weights != nil {
			s.Weights = take(weights, rows)
		}
		return s, err
	}
	train, err := set(fit)
	if err != nil {
		return part{}, err
	}
	if len(aside) > 0 {
		v, err := set(aside)
		if err != nil {
			return part{}, err
		}
		o.Validation = &v
	} else {
		o.Trees = treePatience
	}
	m, err := gbdt.Train(train, o)
	return part{Trees: m}, err
}
