package query

import (
	"github.com/dangol/dangol/internal/kit/fault"
)

// unknown says that a name is not among those known, and which of them was perhaps meant.
func unknown(what, field, name string, known []string) *fault.Fault {
	f := fault.Newf(fault.Invalid, "query.unknown_name", "there is no %s %q", what, name).
		At(fault.Place{Field: field, Value: name})
	if near, ok := nearest(name, known); ok {
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

// nearest finds the known name within a third of the name's length in edits.
func nearest(name string, known []string) (string, bool) {
	best, at := max(2, len(name)/3)+1, ""
	for _, k := range known {
		if d := edits(name, k); d < best {
			best, at = d, k
		}
	}
	return at, at != ""
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
