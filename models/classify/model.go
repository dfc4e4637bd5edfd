package classify

import (
	"math"

	"github.com/dangol/dangol/models/calibrate"
	"github.com/dangol/dangol/models/gbdt"
	"github.com/dangol/dangol/models/glm"
)

// Learner is one kind of model in the competition, and how it did on rows it had not seen.
type Learner struct {
	Name string `json:"name"`
	// LogLoss and AUC out of fold.
	LogLoss float64 `json:"log_loss"`
	AUC     float64 `json:"auc"`
	// Weight is its factor in the log-odds of the combination; 0 is left out.
	Weight float64 `json:"weight"`
	// Trees is the mean number of trees; Ridge the penalty, for the regression.
	Trees float64 `json:"trees,omitempty"`
	Ridge float64 `json:"ridge,omitempty"`
}

// Model is a trained classifier. It does not change, and may be used by many goroutines at once. It is JSON of some hundred kilobytes.
type Model struct {
	Learners  []Learner `json:"learners"`
	Intercept float64   `json:"intercept"` // a, in the package's comment
	// Calibration of the combination's probabilities; the identity where none helped.
	Calibration *calibrate.Map       `json:"calibration"`
	Doubt       *calibrate.VennAbers `json:"doubt"`
	// OutOfFold measures the combination before its weights' own fit is counted: a little better than what new rows will show, see
	// Evaluate for an honest figure.
	OutOfFold *calibrate.Measured `json:"out_of_fold"`
	Rows      int                 `json:"rows"`
	Share     float64             `json:"share"` // of yes among the rows learnt from
	Seed      uint64              `json:"seed"`
	Notes     []Note              `json:"notes"`

	Words []vocabulary `json:"columns"`
	Folds []fold       `json:"folds"`
}

// fold holds what learnt without one part of the rows.
type fold struct {
	Design *glm.Design   `json:"design"`
	Linear *glm.Fitted   `json:"linear"`
	Means  []float64     `json:"means"` // of the design's columns
	Trees  []*gbdt.Model `json:"trees"` // in the order of the learners that follow the regression
}

// Columns are the names of the columns that the model uses, in the order of contributions.
func (m *Model) Columns() []string {
	names := make([]string, len(m.Words))
	for j := range m.Words {
		names[j] = m.Words[j].Name
	}
	return names
}

// Predict gives the probability of yes for each row of a table, whose columns are found by name and may come in any order, with
// others beside them.
func (m *Model) Predict(table []Column) ([]float64, error) {
	z, err := m.logOdds(table)
	if err != nil {
		return nil, err
	}
	for i := range z {
		z[i] = m.probability(z[i])
	}
	return z, nil
}

// probability of combined log-odds.
func (m *Model) probability(z float64) float64 { return m.Calibration.Apply(sigmoid(z)) }

// Interval gives the two probabilities between which a predicted one lies for want of similar rows: what isotonic regression would say
// if this row, with the answer no or yes, had been among those it learnt from. See calibrate.VennAbers.
func (m *Model) Interval(p float64) (low, high float64) {
	_, low, high = m.Doubt.Interval(p)
	return min(low, p), max(high, p)
}

// logOdds are the combination's before calibration.
func (m *Model) logOdds(table []Column) ([]float64, error) {
	arranged, data, n, err := m.prepare(table)
	if err != nil {
		return nil, err
	}
	z := make([]float64, n)
	for i := range z {
		z[i] = m.Intercept
	}
	part := make([]float64, n)
	for f := range m.Folds {
		fold := &m.Folds[f]
		for k, l := range m.Learners {
			if l.Weight == 0 {
				continue
			}
			if err := fold.margins(part, k, arranged, data); err != nil {
				return nil, err
			}
			for i := range z {
				z[i] += l.Weight / float64(len(m.Folds)) * part[i]
			}
		}
	}
	return z, nil
}

func (m *Model) prepare(table []Column) (arranged []Column, data *gbdt.Data, n int, err error) {
	if n, err = size(table); err != nil {
		return nil, nil, 0, err
	}
	if arranged, err = arrange(table, m.Words); err != nil {
		return nil, nil, 0, err
	}
	data, err = forTrees(arranged, m.Words)
	return arranged, data, n, err
}

// margins are a learner's log-odds; 0 is the regression.
func (f *fold) margins(dst []float64, learner int, table []Column, data *gbdt.Data) error {
	if learner > 0 {
		return f.Trees[learner-1].Margins(dst, data)
	}
	e, err := f.Design.Encode(table)
	if err != nil {
		return err
	}
	z, err := f.Linear.Linear(e.X, nil)
	copy(dst, z)
	return err
}

// Explanation says why a row has its probability: Base + Σ Contributions are its log-odds.
type Explanation struct {
	Probability float64 `json:"probability"`
	// Base are the log-odds of an average row of the training table.
	Base float64 `json:"base"`
	// Contributions in the order of Columns: positive pulls towards yes.
	Contributions []float64 `json:"contributions"`
}

// Explain explains each row of a table. A calibration map that bends moves all contributions of a row by one factor.
func (m *Model) Explain(table []Column) ([]Explanation, error) {
	arranged, data, n, err := m.prepare(table)
	if err != nil {
		return nil, err
	}
	width := len(m.Words)
	sum := make([]float64, n*width)
	base := m.Intercept
	for f := range m.Folds {
		for k, l := range m.Learners {
			if l.Weight == 0 {
				continue
			}
			part, b, err := m.Folds[f].contributions(k, m.Words, arranged, data)
			if err != nil {
				return nil, err
			}
			share := l.Weight / float64(len(m.Folds))
			base += share * b
			for i := range sum {
				sum[i] += share * part[i]
			}
		}
	}
	out := make([]Explanation, n)
	for i := range out {
		out[i] = m.explained(base, sum[i*width:(i+1)*width])
	}
	return out, nil
}

// explained moves contributions to the log-odds after calibration.
func (m *Model) explained(base float64, contributions []float64) Explanation {
	z := base
	for _, c := range contributions {
		z += c
	}
	p := m.probability(z)
	e := Explanation{Probability: p, Base: logOdds(m.probability(base)), Contributions: contributions}
	factor := 1.0
	if math.Abs(z-base) > 1e-9 {
		factor = (logOdds(p) - e.Base) / (z - base)
	}
	for j := range contributions {
		contributions[j] *= factor
	}
	return e
}

// contributions of a learner, row by row in the order of the words, and its base.
func (f *fold) contributions(learner int, words []vocabulary, table []Column, data *gbdt.Data) ([]float64, float64, error) {
	dst := make([]float64, data.Rows()*len(words))
	if learner > 0 {
		base, err := f.Trees[learner-1].ExplainAll(dst, data)
		return dst, base, err
	}
	e, err := f.Design.Encode(table)
	if err != nil {
		return nil, 0, err
	}
	base, c := f.Linear.Coefficients[0].Value, 0
	for j := range f.Design.Features {
		for range encoded(&f.Design.Features[j], f.Design.AllLevels) {
			slope := f.Linear.Coefficients[c+1].Value
			base += slope * f.Means[c]
			for i, x := range e.X[c] {
				dst[i*len(words)+j] += slope * (x - f.Means[c])
			}
			c++
		}
	}
	return dst, base, nil
}

// encoded is how many columns a design makes of a feature.
func encoded(f *glm.Feature, all bool) int {
	n := len(f.Levels)
	if f.Levels == nil {
		n = 1
		if f.Missing {
			n = 2
		}
		return n
	}
	if !all {
		n--
	}
	if f.Other {
		n++
	}
	return n
}
