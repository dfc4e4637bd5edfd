package classify

import (
	"fmt"
)

// Reason is a stable word for an error or a note.
type Reason string

// Reasons of errors.
const (
	InvalidData   Reason = "classify.invalid_data"
	OneClass      Reason = "classify.one_class"
	FewRows       Reason = "classify.few_rows"
	InvalidOption Reason = "classify.invalid_option"
	InvalidModel  Reason = "classify.invalid_model"
)

// Reasons of notes.
const (
	// LeftOut: a column that says nothing, or names each row.
	LeftOut Reason = "classify.left_out"
	// Sampled: there are more rows than are learnt from.
	Sampled Reason = "classify.sampled"
	// Repeated: rows that are equal in every column were kept together.
	Repeated Reason = "classify.repeated"
	// Uncertain: so few answers of one kind that figures vary much.
	Uncertain Reason = "classify.uncertain"
	// NoSignal: nothing predicts better than the share of yes alone.
	NoSignal Reason = "classify.no_signal"
	// TellTale: one column alone gives the answer away, as one written
	// afterwards would.
	TellTale Reason = "classify.tell_tale"
)

// Error is what this package returns as an error.
type Error struct {
	Reason  Reason
	Message string // what, where, and what to do
}

// Error implements error.
func (e *Error) Error() string { return "classify: " + e.Message }

func fail(r Reason, format string, args ...any) *Error {
	return &Error{r, fmt.Sprintf(format, args...)}
}

// Note says what was done to a table, or how figures should be read.
type Note struct {
	Reason  Reason `json:"reason"`
	Message string `json:"message"` // a sentence for people
}
