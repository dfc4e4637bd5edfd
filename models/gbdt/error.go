package gbdt

import "fmt"

// Reason is a stable word for an error.
type Reason string

// Reasons of errors.
const (
	// InvalidData: a column, a length or a value that cannot be used.
	InvalidData Reason = "gbdt.invalid_data"
	// InvalidLabel: a label that the objective does not allow.
	InvalidLabel Reason = "gbdt.invalid_label"
	// OneClass: a binary objective whose labels are all equal.
	OneClass Reason = "gbdt.one_class"
	// InvalidWeight: a weight that is negative or not finite, or none above zero.
	InvalidWeight Reason = "gbdt.invalid_weight"
	// InvalidOption: an option out of its range.
	InvalidOption Reason = "gbdt.invalid_option"
	// InvalidModel: a model's text that cannot be read.
	InvalidModel Reason = "gbdt.invalid_model"
	// UnsupportedModel: a well-formed model of a kind that is not read here.
	UnsupportedModel Reason = "gbdt.unsupported_model"
	// Diverged: margins ran beyond what floating point holds.
	Diverged Reason = "gbdt.diverged"
)

// Error is what this package returns as an error.
type Error struct {
	Reason  Reason
	Message string // what, where, and what to do
}

func (e *Error) Error() string { return string(e.Reason) + ": " + e.Message }

func fail(reason Reason, format string, args ...any) *Error {
	return &Error{reason, fmt.Sprintf(format, args...)}
}
