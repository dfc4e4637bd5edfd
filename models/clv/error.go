package clv

// Reason is a stable word for an error or a note.
type Reason string

// Reasons of errors.
const (
	// InvalidHistory: a customer's days or amounts cannot be used.
	InvalidHistory Reason = "clv.invalid_history"
	// InvalidOption: an option out of its range.
	InvalidOption Reason = "clv.invalid_option"
	// InvalidModel: a model that this package did not save.
	InvalidModel Reason = "clv.invalid_model"
)

// Error is what this package returns as an error.
type Error struct {
	Reason  Reason
	Message string // what, where, and what to do
	Index   int    // of the offending customer, or -1
}

// Error implements error.
func (e *Error) Error() string { return "clv: " + e.Message }
