package forecast

import "fmt"

// Reason is a stable word for a warning or an error.
type Reason string

// Reasons of warnings.
const (
	// ShortSeries: too few values to rehearse forecasts, so that the choice of
	// the model and the intervals rest on the model alone.
	ShortSeries Reason = "forecast.short_series"
	// FewRehearsals: the interval asked for is so wide that the rehearsals
	// cannot tell whether it is wide enough.
	FewRehearsals Reason = "forecast.few_rehearsals"
	// BaselineWins: no model was better than a simple rule.
	BaselineWins Reason = "forecast.baseline_wins"
	// ManyZeros: more than three values in ten are zero.
	ManyZeros Reason = "forecast.many_zeros"
	// Gaps: more than one value in ten is missing on open days.
	Gaps Reason = "forecast.gaps"
)

// Reasons of errors.
const (
	InvalidData   Reason = "forecast.invalid_data"
	InvalidOption Reason = "forecast.invalid_option"
	Unsuitable    Reason = "forecast.unsuitable"
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
	Row     int // of the offending value, or -1
}

// Error implements error.
func (e *Error) Error() string { return "forecast: " + e.Message }

func fail(reason Reason, format string, args ...any) *Error {
	return &Error{reason, fmt.Sprintf(format, args...), -1}
}

func failAt(row int, format string, args ...any) *Error {
	return &Error{InvalidData, fmt.Sprintf(format, args...), row}
}
