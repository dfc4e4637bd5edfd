package experiment

import (
	"fmt"
	"math"
)

// Reason is a stable word for a warning or an error.
type Reason string

// Reasons of warnings.
const (
	// FewEvents: so few of one kind that normal approximations are rough.
	FewEvents Reason = "experiment.few_events"
	// SmallBase: the control's mean is within three standard errors of zero,
	// so that a share of it means little.
	SmallBase Reason = "experiment.small_base"
	// NoCovariate: the covariate does not vary, and is left out.
	NoCovariate Reason = "experiment.no_covariate"
	// WeakCovariate: the covariate takes off less than a hundredth of the
	// variance.
	WeakCovariate Reason = "experiment.weak_covariate"
	// Merged: strata with fewer than two people in an arm were put together.
	Merged Reason = "experiment.merged_strata"
)

// Reasons of errors.
const (
	InvalidData   Reason = "experiment.invalid_data"
	InvalidOption Reason = "experiment.invalid_option"
	TooFew        Reason = "experiment.too_few"
	NoVariation   Reason = "experiment.no_variation"
)

// Warning says why a figure should be read with care.
type Warning struct {
	Reason  Reason `json:"reason"`
	Message string `json:"message"` // one sentence for people
}

// Error is what this package returns. Row counts from 0 and is -1 where the
// trouble is in no single one.
type Error struct {
	Reason  Reason
	Message string
	Row     int
}

// Error implements error.
func (e *Error) Error() string { return "experiment: " + e.Message }

func fail(reason Reason, format string, args ...any) *Error {
	return &Error{reason, fmt.Sprintf(format, args...), -1}
}

func failAt(reason Reason, row int, format string, args ...any) *Error {
	return &Error{reason, fmt.Sprintf(format, args...), row}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
