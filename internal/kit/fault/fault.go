// Package fault gives every expected failure a closed code for machines, one safe
// sentence for people, the place it happened and the next step to take. What carries
// no code is internal: callers see "internal error", operators see the cause.
package fault

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Code is one of a closed set of failure kinds.
type Code string

// The closed set of codes.
const (
	Invalid         Code = "invalid"
	Unauthenticated Code = "unauthenticated"
	Forbidden       Code = "forbidden"
	NotFound        Code = "not_found"
	Conflict        Code = "conflict"
	Stale           Code = "stale"
	TooLarge        Code = "too_large"
	RateLimited     Code = "rate_limited"
	Unavailable     Code = "unavailable"
	Unimplemented   Code = "unimplemented"
	Internal        Code = "internal"
)

var statuses = map[Code]int{
	Invalid: http.StatusUnprocessableEntity, Unauthenticated: http.StatusUnauthorized,
	Forbidden: http.StatusForbidden, NotFound: http.StatusNotFound, Conflict: http.StatusConflict,
	Stale: http.StatusPreconditionFailed, TooLarge: http.StatusRequestEntityTooLarge,
	RateLimited: http.StatusTooManyRequests, Unavailable: http.StatusServiceUnavailable,
	Unimplemented: http.StatusNotImplemented, Internal: http.StatusInternalServerError,
}

// Exit statuses of the command line.
const (
	ExitOK       = 0
	ExitFailure  = 1
	ExitUsage    = 2
	ExitBadInput = 3
)

var exits = map[Code]int{Invalid: ExitBadInput, NotFound: ExitBadInput, TooLarge: ExitBadInput}

// Place says where in the caller's input the failure lies; zero fields are unknown.
type Place struct {
	File   string `json:"file,omitempty"`
	Line   int64  `json:"line,omitempty"`
	Column string `json:"column,omitempty"`
	Field  string `json:"field,omitempty"`
	Value  string `json:"value,omitempty"`
}

func (p Place) String() string {
	var parts []string
	if p.File != "" {
		parts = append(parts, p.File)
	}
	if p.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", p.Line))
	}
	if p.Column != "" {
		parts = append(parts, "column "+p.Column)
	}
	if p.Field != "" {
		parts = append(parts, p.Field)
	}
	if p.Value != "" {
		parts = append(parts, fmt.Sprintf("value %q", p.Value))
	}
	return strings.Join(parts, ", ")
}

// Fault is a coded error. Reason is stable and unique ("collect.ambiguous_date");
// Sentence is safe to show to anyone; Next is the step that mends it.
type Fault struct {
	Code     Code
	Reason   string
	Sentence string
	Next     string
	Where    Place
	cause    error
}

// New returns a fault; sentence is shown to people as it is.
func New(code Code, reason, sentence string) *Fault {
	return &Fault{Code: code, Reason: reason, Sentence: sentence}
}

// Newf is New with a formatted sentence.
func Newf(code Code, reason, format string, args ...any) *Fault {
	return New(code, reason, fmt.Sprintf(format, args...))
}

// At returns a copy that says where the failure lies.
func (f *Fault) At(p Place) *Fault { g := *f; g.Where = p; return &g }

// Then returns a copy that says what to do next.
func (f *Fault) Then(next string) *Fault { g := *f; g.Next = next; return &g }

// Because returns a copy that carries the operator's cause, which people are not shown.
func (f *Fault) Because(err error) *Fault { g := *f; g.cause = err; return &g }

// Error is the sentence with its place and next step.
func (f *Fault) Error() string {
	s := f.Sentence
	if w := f.Where.String(); w != "" {
		s += " (" + w + ")"
	}
	if f.Next != "" {
		s += ". " + f.Next
	}
	return s
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.cause }

// Is matches another fault by its reason.
func (f *Fault) Is(target error) bool {
	g, ok := target.(*Fault)
	return ok && f.Reason == g.Reason
}

// From returns the fault inside err, or an internal one that hides err from people.
func From(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return New(Internal, "internal", "internal error").Because(err)
}

// CodeOf returns the code of err; an uncoded error is internal.
func CodeOf(err error) Code { return From(err).Code }

// Status is the HTTP status of a code.
func Status(c Code) int {
	if s, ok := statuses[c]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// Exit is the command line's exit status for a code.
func Exit(c Code) int {
	if e, ok := exits[c]; ok {
		return e
	}
	return ExitFailure
}

// CodeOfStatus turns an HTTP status back into its code, for clients.
func CodeOfStatus(status int) Code {
	for c, s := range statuses {
		if s == status {
			return c
		}
	}
	switch {
	case status == http.StatusBadRequest:
		return Invalid
	case status >= 500:
		return Internal
	default:
		return Invalid
	}
}
