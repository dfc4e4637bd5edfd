package rule

import (
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/spelling"
)

// unknown says that a name is not among those known, and which of them was perhaps meant.
func unknown(what, place, name string, known []string) *fault.Fault {
	f := fault.Newf(fault.Invalid, "rule.unknown_name", "there is no %s %q", what, name).At(fault.Place{Field: place, Value: name})
	if near, ok := spelling.Nearest(name, known); ok {
		return f.Then("Did you mean " + near + "?")
	}
	if len(known) == 0 {
		return f.Then("None is known yet.")
	}
	known = slices.Clone(known)
	slices.Sort(known)
	next := "Known are " + strings.Join(known[:min(len(known), 12)], ", ")
	if len(known) > 12 {
		next += " and others"
	}
	return f.Then(next + ".")
}
