package gbdt

import (
	"math"
	"slices"
)

// Train fits a model to a set. Rows with weight 0 count as rows but do not
// pull. The same set, options and seed give the same model, bit by bit, whatever
// the number of cores.
func Train(train Set, o Options) (*Model, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := train.check(trainingSet, o.Objective); err != nil {
		return nil, err
	}
	directions, err := o.directions(train.Data)
	if err != nil {
		return nil, err
	}
	b := &booster{o: &o, train: train, model: newModel(train.Data, &o)}
	if o.Validation != nil {
		if b.validation, err = newValidation(b.model, *o.Validation, &o); err != nil {
			return nil, err
		}
	}
	if b.m, err = newMatrix(train.Data, &o); err != nil {
		return nil, err
	}
	b.g = newGrower(&o, b.m, directions)
	b.start()
	return b.model, b.run()
}

// booster is a training under way.
type booster struct {
	o          *Options
	train      Set
	m          *matrix
	g          *grower
	model      *Model
	margin     []float64
	validation *validation
}

// start sets the margins before the first tree.
func (b *booster) start() {
	b.model.base = b.o.intercept(&b.train)
	b.margin = starting(&b.train, b.model.base)
	if b.validation != nil {
		b.validation.margin = starting(&b.validation.set, b.model.base)
	}
}

func starting(s *Set, base float64) []float64 {
	margin := make([]float64, s.Data.rows)
	for i := range margin {
		margin[i] = base
		if s.Offset != nil {
			margin[i] += s.Offset[i]
		}
	}
	return margin
}

func (b *booster) run() error {
	for number := range b.o.Trees {
		t := b.tree(mix(b.o.Seed, uint64(number)))
		for i := range t.nodes {
			if v := t.nodes[i].threshold; math.IsNaN(v) || math.IsInf(v, 0) {
				return fail(Diverged, "tree %d has a leaf of %v: lower LearningRate or raise MinHessian", number, v)
			}
		}
		b.model.trees = append(b.model.trees, t)
		round := Round{Tree: number + 1, Validation: math.NaN()}
		goOn := true
		if b.validation != nil {
			round.Validation, goOn = b.validation.score(&t, number+1)
		}
		if b.o.Progress != nil && !b.o.Progress(round) {
			goOn = false
		}
		if !goOn || (len(t.nodes) == 1 && b.o.RowFraction >= 1 && b.o.ColumnFraction >= 1 && b.o.NodeColumnFraction >= 1) {
			break // a tree that does not split will not split next time either
		}
	}
	if b.validation != nil {
		b.model.trees = slices.Clip(b.model.trees[:b.validation.best])
	}
	return nil
}

// tree makes the next tree and moves the margins.
func (b *booster) tree(seed uint64) tree {
	g := b.g
	b.derive(mix(seed, 1))
	drawn := g.drawRows(mix(seed, 2))
	g.drawColumns(mix(seed, 3))
	grown := g.grow(drawn)
	values := g.values()
	for i := range values {
		values[i] *= b.o.LearningRate
	}
	b.move(grown, values, drawn)
	return b.finish(grown, values)
}

// move adds the new leaves to the margins.
func (b *booster) move(grown *growing, values []float64, drawn int) {
	g := b.g
	byNode := make([]float64, len(grown.nodes))
	for i := range g.leaves {
		f := &g.leaves[i]
		byNode[f.node] = values[i]
	}
	g.team.run(func(member int) {
		from, to := share(drawn, int(g.team), member)
		for i := range g.leaves {
			f := &g.leaves[i]
			begin, end, v := max(f.begin, from), min(f.end, to), values[i]
			if begin >= end {
				continue
			}
			for _, r := range g.rows[begin:end] {
				b.margin[r] += v
			}
		}
		from, to = share(len(g.rows)-drawn, int(g.team), member)
		for _, r := range g.rows[drawn+from : drawn+to] {
			b.margin[r] += byNode[grown.find(b.m, int(r))]
		}
	})
}
