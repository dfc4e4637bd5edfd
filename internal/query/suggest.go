package query

import (
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/spelling"
)

// unknown says that a name is not among those known, and which of them was perhaps meant.
func unknown(what, field, name string, known []string) *fault.Fault {
	f := fault.Newf(fault.Invalid, "query.unknown_name", "there is no %s %q", what, name).
		At(fault.Place{Field: field, Value: name})
	if near, ok := spelling.Nearest(name, known); ok {
		return f.Then("Did you mean " + near + "?")
	}
	next := "Known are "
	for i, k := range known {
		if i > 0 {
			next += ", "
		}
		if i == 12 {
			next += "and others"
			break
		}
		next += k
	}
	return f.Then(next + ".")
}
