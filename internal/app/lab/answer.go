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

// yesAndNo reads a column of two values. The rarer is positive where none is named: what is worth predicting is mostly rare.
func (s *Sheet) yesAndNo(j int, positive, flag string) (a answer, err error) {
	counts := map[string]int{}
	for i, cell := range s.Cells[j] {
		if hole(cell) {
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
