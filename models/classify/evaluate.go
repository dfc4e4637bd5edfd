package classify

import (
	"math"

	"github.com/dangol/dangol/models/calibrate"
	"github.com/dangol/dangol/models/glm"
)

// Evaluation is what a training of this kind is worth on rows it has not seen.
type Evaluation struct {
	*calibrate.Measured
	Folds         int               `json:"folds"`
	Probabilities []float64         `json:"-"` // of each row, by a model that had not seen it
	Reliability   []calibrate.Bin   `json:"reliability"`
	Lift          []calibrate.Slice `json:"lift"`
	Learners      []Learner         `json:"learners"` // means over the folds
	Notes         []Note            `json:"notes"`
}

// Evaluate trains on all folds but one, competition, combination and calibration included, and predicts the one: everything that is
// chosen is chosen without the rows it is measured on.
func Evaluate(table []Column, y []float64, folds int, o Options) (*Evaluation, error) {
	n, err := check(table, y, o)
	if err != nil {
		return nil, err
	}
	if folds < 2 || folds > n {
		return nil, fail(InvalidOption, "%d folds of %d rows; take 5 or 10", folds, n)
	}
	if err := enough(y, folds); err != nil {
		return nil, err
	}
	kept, _ := useful(table, n)
	if len(kept) == 0 {
		return nil, fail(InvalidData, sayNothing)
	}
	joined, repeated := together(kept, n, o.Groups)
	e := &Evaluation{Folds: folds, Probabilities: make([]float64, n), Notes: []Note{}}
	if joined != nil && o.Groups == nil {
		e.Notes = append(e.Notes, repeats(repeated, n))
	}
	fold := glm.Folds(glm.Logistic, y, joined, folds, o.Seed)
	if err := bothKinds(y, fold, folds); err != nil {
		return nil, err
	}
	for f := range folds {
		if err := e.fold(f, fold, table, y, o); err != nil {
			return nil, err
		}
	}
	if e.Measured, err = calibrate.Measure(e.Probabilities, y); err != nil {
		return nil, err
	}
	if e.Reliability, err = calibrate.Reliability(e.Probabilities, y, 10, calibrate.EqualMass, 0.95); err != nil {
		return nil, err
	}
	e.Lift, err = calibrate.Lift(e.Probabilities, y, 10)
	return e, err
}

// enough makes sure that what is left without a fold can be learnt from, and says so in rows of the whole table.
func enough(y []float64, folds int) error {
	yes := 0
	for _, v := range y {
		yes += int(v)
	}
	rarer := min(yes, len(y)-yes)
	if rarer-(rarer+folds-1)/folds < leastOfAKind {
		return fail(FewRows, "only %d rows have the rarer answer; %d folds need at least %d", rarer, folds, (leastOfAKind*folds+folds-2)/(folds-1))
	}
	return nil
}

func (e *Evaluation) fold(f int, fold []int, table []Column, y []float64, o Options) error {
	var in, out []int
	for i, of := range fold {
		if of == f {
			out = append(out, i)
		} else {
			in = append(in, i)
		}
	}
	if len(out) == 0 {
		return nil
	}
	inner := o
	if o.Groups != nil {
		inner.Groups = make([]int, len(in))
		for k, i := range in {
			inner.Groups[k] = o.Groups[i]
		}
	}
	inner.Progress = nil
	m, err := Train(pick(table, in), pickOf(y, in), inner)
	if err != nil {
		return err
	}
	p, err := m.Predict(pick(table, out))
	if err != nil {
		return err
	}
	for k, i := range out {
		e.Probabilities[i] = p[k]
	}
	if e.Learners == nil {
		e.Learners = make([]Learner, len(m.Learners))
	}
	for k, l := range m.Learners {
		of, share := &e.Learners[k], 1/float64(e.Folds)
		of.Name = l.Name
		of.Weight += share * l.Weight
		of.AUC += share * l.AUC
		of.LogLoss += share * l.LogLoss
		of.Trees += share * l.Trees
		of.Ridge = math.Max(of.Ridge, l.Ridge)
	}
	if o.Progress != nil && !o.Progress(f+1, e.Folds) {
		return ErrStopped
	}
	return nil
}
