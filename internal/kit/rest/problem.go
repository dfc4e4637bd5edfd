package rest

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dangol/dangol/internal/kit/fault"
)

// Problem is the body of every failed answer (RFC 9457).
type Problem struct {
	Type   string       `json:"type" doc:"stable reason, e.g. collect.ambiguous_date"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail" doc:"one sentence for people"`
	Next   string       `json:"next,omitempty" doc:"what to do next"`
	Code   fault.Code   `json:"code" doc:"one of a closed set"`
	Where  *fault.Place `json:"where,omitempty"`
	Errors []Detail     `json:"errors,omitempty"`

	cause error
}

// Detail is one of several faults of an input.
type Detail struct {
	Location string `json:"location,omitempty"`
	Message  string `json:"message"`
	Value    any    `json:"value,omitempty"`
}

func (p *Problem) Error() string { return p.Detail }

// Unwrap gives the operator's cause to whoever logs the request.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is application/problem+json for JSON answers.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func problemOf(err error) *Problem {
	var already *Problem
	if errors.As(err, &already) {
		return already
	}
	f := fault.From(err)
	p := &Problem{
		Type: f.Reason, Title: http.StatusText(fault.Status(f.Code)), Status: fault.Status(f.Code),
		Detail: f.Sentence, Next: f.Next, Code: f.Code, cause: err,
	}
	if f.Where != (fault.Place{}) {
		w := f.Where
		p.Where = &w
	}
	return p
}

// WriteProblem answers w with err, for handlers outside huma.
func WriteProblem(w http.ResponseWriter, err error) {
	p := problemOf(err)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// FaultOf rebuilds the fault on the client's side of the wire.
func (p *Problem) FaultOf() *fault.Fault {
	code := p.Code
	if code == "" {
		code = fault.CodeOfStatus(p.Status)
	}
	sentence := p.Detail
	for _, d := range p.Errors {
		sentence += "; " + d.Location + ": " + d.Message
	}
	f := fault.New(code, p.Type, sentence).Then(p.Next)
	if p.Where != nil {
		f = f.At(*p.Where)
	}
	return f
}

func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		for _, e := range errs {
			var p *Problem
			if errors.As(e, &p) {
				return p
			}
		}
		code := fault.CodeOfStatus(status)
		p := &Problem{Type: "rest.invalid_request", Title: http.StatusText(status), Status: status, Detail: message, Code: code}
		for _, e := range errs {
			if d, ok := e.(*huma.ErrorDetail); ok { //nolint:errorlint // huma hands details unwrapped
				p.Errors = append(p.Errors, Detail{Location: d.Location, Message: d.Message, Value: d.Value})
			} else if e != nil {
				p.Errors = append(p.Errors, Detail{Message: e.Error()})
			}
		}
		return p
	}
}
