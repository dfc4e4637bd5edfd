package uplift

import (
	"fmt"
	"math"
)

// Reason is a stable word for a warning or an error.
type Reason string

// Reasons of warnings.
const (
	// Imbalanced: the arms differ in their columns by more than chance, so the
	// treatment was hardly given at random with the propensities in use.
	Imbalanced Reason = "uplift.imbalanced"
	// SampleRatio: the arms' sizes do not fit the shares that were planned.
	SampleRatio Reason = "uplift.sample_ratio"
	// Estimated: propensities were estimated, so that what is not in the
	// columns may still separate the arms.
	Estimated Reason = "uplift.propensity_estimated"
	// Extreme: some propensities are so near 0 or 1 that few rows carry most
	// of the weight.
	Extreme Reason = "uplift.extreme_propensity"
	// FewRows: an arm has so few rows that only large effects can be seen.
	FewRows Reason = "uplift.few_rows"
	// Table: a column was left out or changed; see the message.
	Table Reason = "uplift.table"
)

// Reasons of errors.
const (
	InvalidData   Reason = "uplift.invalid_data"
	InvalidOption Reason = "uplift.invalid_option"
	OneArm        Reason = "uplift.one_arm"
	NoVariation   Reason = "uplift.no_variation"
	TooFew        Reason = "uplift.too_few"
	BadPropensity Reason = "uplift.bad_propensity"
	BadModel      Reason = "uplift.bad_model"
)

// Warning says why a figure should be read with care.
type Warning struct {
	Reason  Reason `json:"reason"`
	Message string `json:"message"` // one sentence for people
}

// Error is what this package returns as an error of its own; a table that
// cannot be read gives an error of models/glm. Row counts from 0 and is -1
// where the trouble is in no single one.
type Error struct {
	Reason  Reason
	Message string
	Row     int
}

// Error implements error.
func (e *Error) Error() string { return "uplift: " + e.Message }

func fail(reason Reason, format string, args ...any) *Error {
	return &Error{reason, fmt.Sprintf(format, args...), -1}
}

func failAt(reason Reason, row int, format string, args ...any) *Error {
	return &Error{reason, fmt.Sprintf(format, args...), row}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
