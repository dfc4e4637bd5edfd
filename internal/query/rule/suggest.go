package rule

import (
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
)

// unknown says that a name is not among those known, and which of them was perhaps meant.
func unknown(what, place, name string, known []string) *fault.Fault {
	f := fault.Newf(fault.Invalid, "rule.unknown_name", "there is no %s %q", what, name).At(fault.Place{Field: place, Value: name})
	if near, ok := nearest(name, known); ok {
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

// nearest finds the known name that differs least, ignoring case, within a third of the name's length.
func nearest(name string, known []string) (string, bool) {
	runes := []rune(strings.ToLower(name))
	best, found := min(max(2, len(runes)/3), len(runes)-1)+1, "" // nothing is near that shares no letter
	for _, k := range known {
		d := edits(runes, []rune(strings.ToLower(k)))
		if d < best || (d == best && found != "" && k < found) {
			best, found = d, k
		}
	}
	return found, found != ""
}

// edits counts insertions, deletions, changes and swaps of neighbours.
func edits(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
