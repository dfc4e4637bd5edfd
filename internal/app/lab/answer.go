package lab

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
)

// answer is a column of two values as 0 and 1.
type answer struct {
	positive, negative string
	y                  []float64
	rows               []int // of the sheet, with an answer
	open               []int // without one
}

// affirmative are words that say yes; what says so is counted, however frequent it is.
var affirmative = []string{"true", "yes", "y", "t", "1", "on", "예", "네", "참", "ใช่", "จริง"}

// happened reads a column of two values of which one says that something happened. It is never guessed: to take the other one would turn
// every sentence around.
func (s *Sheet) happened(j int, positive, flag string) (answer, error) {
	a, err := s.yesAndNo(j, positive, flag)
	if err != nil || positive != "" {
		return a, err
	}
	isYes := func(v string) bool { return slices.Contains(affirmative, strings.ToLower(v)) }
	switch {
	case isYes(a.positive) && !isYes(a.negative):
		return a, nil
	case isYes(a.negative) && !isYes(a.positive):
		return s.yesAndNo(j, a.negative, flag)
	}
	return a, fault.Newf(fault.Invalid, "lab.which_is_yes", "column %q is %q or %q, and neither says yes", s.Names[j], a.positive, a.negative).
		At(fault.Place{File: s.Name, Field: s.Names[j]}).Then("Give the value that means that it happened by " + flag + ".")
}

// yesAndNo reads a column of two values. The rarer is positive where none is named: what is worth predicting is mostly rare.
func (s *Sheet) yesAndNo(j int, positive, flag string) (a answer, err error) {
	none := s.nothing(j)
	counts := map[string]int{}
	for i, cell := range s.Cells[j] {
		if none(cell) {
			a.open = append(a.open, i)
			continue
		}
		counts[cell]++
		a.rows = append(a.rows, i)
	}
	values := make([]string, 0, len(counts))
	for v := range counts {
		values = append(values, v)
	}
	sort.Slice(values, func(i, k int) bool {
		if counts[values[i]] != counts[values[k]] {
			return counts[values[i]] < counts[values[k]]
		}
		return values[i] > values[k] // Yes before No, 1 before 0
	})
	place := fault.Place{File: s.Name, Field: s.Names[j]}
	if len(values) != 2 {
		return a, fault.Newf(fault.Invalid, "lab.not_two", "column %q has %d different values, not two", s.Names[j], len(values)).At(place).
			Then("Name a column that says yes or no of each row; here: " + sample(values, counts) + ".")
	}
	a.positive, a.negative = values[0], values[1]
	if positive != "" {
		if !slices.Contains(values, positive) {
			return a, fault.Newf(fault.Invalid, "lab.no_value", "column %q has no value %q", s.Names[j], positive).At(place).Then("Its values are " + sample(values, counts) + "; give one of them by " + flag + ".")
		}
		if positive == a.negative {
			a.positive, a.negative = a.negative, a.positive
		}
	}
	a.y = make([]float64, len(a.rows))
	for k, i := range a.rows {
		if s.Cells[j][i] == a.positive {
			a.y[k] = 1
		}
	}
	return a, nil
}

// nothing tells which cells of an answer hold nothing. Where there is but one other value, a word such as "None" is the second.
func (s *Sheet) nothing(j int) func(string) bool {
	words, others := map[string]bool{}, map[string]bool{}
	for _, cell := range s.Cells[j] {
		switch {
		case cell == "":
		case hole(cell):
			words[cell] = true
		case len(others) < 2:
			others[cell] = true
		}
	}
	if len(words) == 1 && len(others) == 1 {
		return func(cell string) bool { return cell == "" }
	}
	return hole
}

// sample lists the commonest values with their counts.
func sample(values []string, counts map[string]int) string {
	var parts []string
	for i := len(values) - 1; i >= 0 && len(parts) < 5; i-- {
		parts = append(parts, fmt.Sprintf("%q (%d rows)", values[i], counts[values[i]]))
	}
	if len(values) > len(parts) {
		parts = append(parts, fmt.Sprintf("%d more", len(values)-len(parts)))
	}
	return strings.Join(parts, ", ")
}
