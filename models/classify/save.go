package classify

import (
	"encoding/json"
	"fmt"
)

// version of the saved form; a change of meaning raises it.
const version = 1

// saved is a model as it is written: its exported fields and a version.
type saved struct {
	Version int `json:"version"`
	*plain
}

type plain Model // without the methods of Model, so that encoding does not call itself

// MarshalJSON saves the model. The same model gives the same bytes.
func (m *Model) MarshalJSON() ([]byte, error) {
	return json.Marshal(saved{version, (*plain)(m)})
}

// UnmarshalJSON reads what MarshalJSON wrote, and refuses what cannot predict. The model must not be in use.
func (m *Model) UnmarshalJSON(text []byte) error {
	var read Model
	s := saved{plain: (*plain)(&read)}
	if err := json.Unmarshal(text, &s); err != nil {
		return fail(InvalidModel, "this is not a saved model: %v", err)
	}
	if s.Version != version {
		return fail(InvalidModel, "the model has version %d, this program reads %d; train it again", s.Version, version)
	}
	if err := read.whole(); err != nil {
		return fail(InvalidModel, "the saved model is not whole: %v; train it again", err)
	}
	for j := range read.Words {
		if read.Words[j].Levels != nil {
			read.Words[j].index()
		}
	}
	*m = read
	return nil
}

// whole checks what predicting relies on.
func (m *Model) whole() error {
	switch {
	case len(m.Words) == 0 || len(m.Folds) == 0 || len(m.Learners) == 0:
		return fmt.Errorf("%d columns, %d folds, %d learners", len(m.Words), len(m.Folds), len(m.Learners))
	case m.Calibration == nil || m.Doubt == nil:
		return fmt.Errorf("no calibration")
	}
	for f := range m.Folds {
		fold := &m.Folds[f]
		if fold.Design == nil || fold.Linear == nil || len(fold.Trees) != len(m.Learners)-1 {
			return fmt.Errorf("fold %d lacks a learner", f+1)
		}
		if n := len(fold.Design.Names()); len(fold.Linear.Coefficients) != n+1 || len(fold.Means) != n || len(fold.Design.Features) != len(m.Words) {
			return fmt.Errorf("fold %d has %d coefficients for %d columns", f+1, len(fold.Linear.Coefficients)-1, n)
		}
		for k, trees := range fold.Trees {
			if trees == nil || trees.Width() != len(m.Words) {
				return fmt.Errorf("fold %d lacks the trees of learner %d", f+1, k+2)
			}
		}
	}
	return nil
}
