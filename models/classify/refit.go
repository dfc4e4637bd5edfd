package classify

import (
	"math"

	"github.com/dangol/dangol/models/gbdt"
	"github.com/dangol/dangol/models/glm"
)

// Refit learns each learner once, from all rows of a table, with what a training has chosen: penalty, number of trees, weights and
// calibration. The model it returns predicts and explains as many times faster as there were folds, at the same quality: weights and
// calibration were fitted out of fold, and hold as far as a learner of all rows is like those of most rows. Learners whose weight is below
// least of the largest are left out, and the others' weights raised to the same sum; 0 keeps all that count.
//
// The table may have other rows than the training's, later ones among them, and must have its columns.
func Refit(m *Model, table []Column, y []float64, least float64, o Options) (*Model, error) {
	if len(m.Folds) == 0 || len(m.Learners) != 1+len(treeSize) {
		return nil, fail(InvalidModel, "this model is no result of Train")
	}
	t, err := begin(table, y, o)
	if err != nil {
		return nil, err
	}
	for j := range m.Words {
		if len(t.m.Words) != len(m.Words) || t.m.Words[j].Name != m.Words[j].Name || (t.m.Words[j].Levels == nil) != (m.Words[j].Levels == nil) {
			return nil, fail(InvalidData, "the columns that say something are not those that the model was trained with; train anew")
		}
	}
	whole := *m
	whole.Words, whole.Rows, whole.Share, whole.Seed = t.m.Words, t.m.Rows, t.m.Share, o.Seed
	whole.Learners = lighter(m.Learners, least)
	whole.Folds = []fold{{}}
	if err := t.refitLinear(&whole); err != nil {
		return nil, err
	}
	data, err := forTrees(t.table, whole.Words)
	if err != nil {
		return nil, err
	}
	more := float64(len(m.Folds)) / max(1, float64(len(m.Folds)-1))
	for k, leaves := range treeSize {
		if whole.Learners[k+1].Weight == 0 {
			whole.Folds[0].Trees = append(whole.Folds[0].Trees, m.Folds[0].Trees[k])
			continue
		}
		trees, err := gbdt.Train(gbdt.Set{Data: data, Labels: t.y}, gbdt.Options{
			Trees: max(1, int(math.Round(whole.Learners[k+1].Trees*more))), LearningRate: learningRate, MaxLeaves: leaves, RowFraction: drawn,
			ColumnFraction: drawn, L2: 1, MinRows: max(2, min(20, len(t.y)/50)), Seed: o.Seed, Cores: o.Cores,
		})
		if err != nil {
			return nil, err
		}
		whole.Learners[k+1].Trees = float64(trees.Trees())
		whole.Folds[0].Trees = append(whole.Folds[0].Trees, trees)
	}
	return &whole, nil
}

// lighter leaves out learners that hardly count.
func lighter(learners []Learner, least float64) []Learner {
	kept, most, sum, rest := append([]Learner(nil), learners...), 0.0, 0.0, 0.0
	for _, l := range learners {
		most, sum = max(most, l.Weight), sum+l.Weight
	}
	for k := range kept {
		if kept[k].Weight < least*most {
			kept[k].Weight = 0
		}
		rest += kept[k].Weight
	}
	for k := range kept {
		if rest > 0 {
			kept[k].Weight *= sum / rest
		}
	}
	return kept
}

func (t *training) refitLinear(m *Model) error {
	design, err := glm.NewDesign(t.table, glm.DesignOptions{AllLevels: true})
	if err != nil {
		return err
	}
	x, err := design.Encode(t.table)
	if err != nil {
		return err
	}
	to := &m.Folds[0]
	to.Design = design
	for _, column := range x.X {
		sum := 0.0
		for _, v := range column {
			sum += v
		}
		to.Means = append(to.Means, sum/float64(len(column)))
	}
	to.Linear, err = glm.Fit(glm.Logistic, glm.Data{X: x.X, Y: t.y, Names: x.Names}, glm.Options{Ridge: m.Learners[0].Ridge})
	if err == nil {
		to.Linear.Covariance = nil
	}
	return err
}
