package calibrate

import (
	"encoding/json"
	"slices"
)

// UnmarshalJSON reads a saved map and refuses one whose parts do not fit
// together.
func (m *Map) UnmarshalJSON(raw []byte) error {
	type plain Map
	var p plain
	if err := json.Unmarshal(raw, &p); err != nil {
		return fail(InvalidData, "this is no saved calibration: %v", err)
	}
	switch {
	case !slices.Contains([]Method{Identity, Sigmoid, Beta, Isotonic}, p.Method):
		return fail(InvalidData, "the saved calibration has the method %q, which there is not", p.Method)
	case len(p.X) != len(p.Y) || p.Method == Isotonic && len(p.X) == 0:
		return fail(InvalidData, "the saved calibration has %d scores and %d probabilities; there must be as many of each", len(p.X), len(p.Y))
	case !slices.IsSorted(p.X) || !slices.IsSorted(p.Y):
		return fail(InvalidData, "the saved calibration does not rise")
	}
	*m = Map(p)
	return nil
}

// UnmarshalJSON reads a saved predictor and refuses one whose parts do not fit
// together.
func (v *VennAbers) UnmarshalJSON(raw []byte) error {
	type plain VennAbers
	var p plain
	if err := json.Unmarshal(raw, &p); err != nil {
		return fail(InvalidData, "this is no saved Venn-Abers predictor: %v", err)
	}
	n := 2*len(p.Scores) + 1
	if len(p.No) != n || len(p.Yes) != n || !slices.IsSorted(p.Scores) {
		return fail(InvalidData, "the saved Venn-Abers predictor has %d scores and %d and %d answers, which do not fit together", len(p.Scores), len(p.No), len(p.Yes))
	}
	*v = VennAbers(p)
	return nil
}

// UnmarshalJSON reads a saved choice.
func (c *Choice) UnmarshalJSON(raw []byte) error {
	var rest struct {
		Candidates []Candidate `json:"candidates"`
	}
	m := &Map{}
	if err := m.UnmarshalJSON(raw); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &rest); err != nil {
		return fail(InvalidData, "this is no saved choice: %v", err)
	}
	*c = Choice{m, rest.Candidates}
	return nil
}
