package glm

import "fmt"

// Reason is a stable word for a warning or an error.
type Reason string

// Reasons of warnings.
const (
	// Separation: some columns tell the answer of some rows completely, so
	// their coefficients have no finite estimate; they were held back by a
	// weak penalty. Predictions stand, these coefficients do not.
	Separation Reason = "glm.separation"
	// Collinear: a column is explained fully by the ones before it and was
	// left out: its coefficient is 0 and Aliased is set.
	Collinear Reason = "glm.collinear"
	// Constant: a column has one value only and was left out.
	Constant Reason = "glm.constant"
	// FewRows: there are fewer than ten events (or rows) a coefficient.
	FewRows Reason = "glm.few_rows"
	// Overdispersed: counts vary more than Poisson allows, so that standard
	// errors are too small; use robust ones.
	Overdispersed Reason = "glm.overdispersed"
	// NotConverged: the search did not end at a maximum.
	NotConverged Reason = "glm.not_converged"
	// LevelsMerged: a text column has so many levels that rare ones were taken
	// together.
	LevelsMerged Reason = "glm.levels_merged"
	// LooksLikeID: nearly every row of a text column has a value of its own,
	// so it was left out.
	LooksLikeID Reason = "glm.looks_like_id"
	// Empty: a column holds no value at all and was left out.
	Empty Reason = "glm.empty"
)

// Reasons of errors.
const (
	InvalidData    Reason = "glm.invalid_data"
	InvalidOption  Reason = "glm.invalid_option"
	OneClass       Reason = "glm.one_class"
	ColumnMismatch Reason = "glm.column_mismatch"
	Unsolvable     Reason = "glm.unsolvable"
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
func (e *Error) Error() string { return "glm: " + e.Message }

// fail makes an error that is about no single cell.
func fail(reason Reason, format string, args ...any) *Error {
	return &Error{reason, fmt.Sprintf(format, args...), -1, -1}
}

// failAt makes an error about a cell.
func failAt(row, column int, format string, args ...any) *Error {
	return &Error{InvalidData, fmt.Sprintf(format, args...), row, column}
}
