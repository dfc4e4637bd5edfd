package survival

import (
	"fmt"
	"math"
)

// Reason is a stable word for a warning or an error.
type Reason string

// Reasons of warnings.
const (
	// FewEvents: fewer than ten events a coefficient, or hardly any at all.
	FewEvents Reason = "survival.few_events"
	// SmallRiskSet: with late entry, nobody or hardly anybody was observed at
	// some early time, so the curve rests on one or two rows.
	SmallRiskSet Reason = "survival.small_risk_set"
	// Collinear: a column is constant or explained by the ones before it and
	// was left out: its coefficient is 0 and Aliased is set.
	Collinear Reason = "survival.collinear"
	// Separation: a column tells completely who has the event first, so no
	// finite estimate exists; it was held by a weak penalty.
	Separation Reason = "survival.separation"
	// NotConverged: the search did not end at a maximum.
	NotConverged Reason = "survival.not_converged"
	// WeaklyDetermined: the data do not pin down a parameter.
	WeaklyDetermined Reason = "survival.weakly_determined"
	// Homogeneous: customers do not differ visibly, so that the model reduces
	// to equal chances for all.
	Homogeneous Reason = "survival.homogeneous"
)

// Reasons of errors.
const (
	InvalidData    Reason = "survival.invalid_data"
	InvalidOption  Reason = "survival.invalid_option"
	NoEvents       Reason = "survival.no_events"
	ColumnMismatch Reason = "survival.column_mismatch"
	Undefined      Reason = "survival.undefined"
)

// Warning says why a figure should be read with care.
type Warning struct {
	Reason  Reason   `json:"reason"`
	Message string   `json:"message"`           // one sentence for people
	Columns []string `json:"columns,omitempty"` // the columns it is about
}

// Error is what this package returns as an error. Row and Column count from 0
// and are -1 where the trouble is in no single one.
type Error struct {
	Reason  Reason
	Message string
	Row     int
	Column  int
}

// Error implements error.
func (e *Error) Error() string { return "survival: " + e.Message }

func fail(reason Reason, format string, args ...any) *Error {
	return &Error{reason, fmt.Sprintf(format, args...), -1, -1}
}

func failAt(row, column int, format string, args ...any) *Error {
	return &Error{InvalidData, fmt.Sprintf(format, args...), row, column}
}

// finite is false for NaN and infinities.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// checkLevel of intervals; 0 becomes 0.95.
func checkLevel(level *float64) error {
	if *level == 0 {
		*level = 0.95
	}
	if !(*level > 0 && *level < 1) {
		return fail(InvalidOption, "the level of intervals is %v; it lies between 0 and 1", *level)
	}
	return nil
}
