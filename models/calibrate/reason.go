package calibrate

import (
	"fmt"
	"math"
)

// Reason is a stable word for a warning or an error.
type Reason string

// Reasons of warnings.
const (
	// FewRows: too few rows of the rarer answer to trust the map.
	FewRows Reason = "calibrate.few_rows"
	// Inverted: higher scores go with fewer yes; the model, not its
	// calibration, needs care.
	Inverted Reason = "calibrate.inverted"
	// Uninformative: the scores do not order the answers; the map gives
	// nearly the same probability to all.
	Uninformative Reason = "calibrate.uninformative"
)

// Reasons of errors.
const (
	InvalidData   Reason = "calibrate.invalid_data"
	InvalidOption Reason = "calibrate.invalid_option"
	OneClass      Reason = "calibrate.one_class"
)

// Warning says why a figure should be read with care.
type Warning struct {
	Reason  Reason `json:"reason"`
	Message string `json:"message"` // one sentence for people
}

// Error is what this package returns as an error.
type Error struct {
	Reason  Reason
	Message string
	Row     int // of the offending row, or -1
}

// Error implements error.
func (e *Error) Error() string { return "calibrate: " + e.Message }

func fail(reason Reason, format string, args ...any) *Error {
	return &Error{reason, fmt.Sprintf(format, args...), -1}
}

func failAt(row int, format string, args ...any) *Error {
	return &Error{InvalidData, fmt.Sprintf(format, args...), row}
}

// checkScores finds the first score that is not a finite number.
func checkScores(scores []float64) error {
	for i, s := range scores {
		if math.IsNaN(s) || math.IsInf(s, 0) {
			return failAt(i, "the score of row %d is %v; scores are finite numbers", i, s)
		}
	}
	return nil
}

// checkProbabilities finds the first number outside 0…1.
func checkProbabilities(p []float64) error {
	for i, v := range p {
		if !(v >= 0 && v <= 1) {
			return failAt(i, "the probability of row %d is %v; probabilities lie between 0 and 1", i, v)
		}
	}
	return nil
}

// checkAnswers looks at answers of 0 and 1 and at their weights, which may be
// nil, and wants both answers when both is set.
func checkAnswers(n int, y, weights []float64, both bool) error {
	switch {
	case n == 0:
		return fail(InvalidData, "there are no rows")
	case len(y) != n:
		return fail(InvalidData, "%d answers for %d rows; give one answer a row", len(y), n)
	case weights != nil && len(weights) != n:
		return fail(InvalidData, "%d weights for %d rows; give one weight a row", len(weights), n)
	}
	yes, no := 0.0, 0.0
	for i, v := range y {
		w := weight(weights, i)
		switch {
		case v != 0 && v != 1:
			return failAt(i, "the answer of row %d is %v; answers are 0 or 1", i, v)
		case !(w >= 0) || math.IsInf(w, 0):
			return failAt(i, "the weight of row %d is %v; weights are finite and not negative", i, w)
		}
		yes, no = yes+w*v, no+w*(1-v)
	}
	switch {
	case yes+no == 0:
		return fail(InvalidData, "all weights are zero, so there is nothing to measure")
	case both && (yes == 0 || no == 0):
		return fail(OneClass, "all answers are the same; both yes and no are needed")
	}
	return nil
}

func weight(weights []float64, i int) float64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}
