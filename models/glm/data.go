package glm

import (
	"fmt"
	"math"
)

// Family says what kind of number the answer is.
type Family string

// Families; see the package's comment.
const (
	Logistic Family = "logistic"
	Poisson  Family = "poisson"
	Linear   Family = "linear"
)

// Data is what a regression is fitted to: n rows and p columns.
type Data struct {
	X       [][]float64 // p columns of n values each
	Y       []float64   // n answers
	Weights []float64   // n weights from 0 up; nil means 1 each
	Offset  []float64   // n known parts of eta; nil means 0 each
	Names   []string    // p names; nil means x1, x2, …
}

// check returns an error that names the first bad cell.
func (d *Data) check(family Family) error {
	n := len(d.Y)
	if n == 0 {
		return fail(InvalidData, "there are no rows; give at least two")
	}
	if family != Logistic && family != Poisson && family != Linear {
		return fail(InvalidOption, "there is no family %q; take %q, %q or %q", family, Logistic, Poisson, Linear)
	}
	if d.Names != nil && len(d.Names) != len(d.X) {
		return fail(InvalidData, "%d names for %d columns; give one name a column", len(d.Names), len(d.X))
	}
	if d.Weights != nil && len(d.Weights) != n {
		return fail(InvalidData, "%d weights for %d rows; give one weight a row", len(d.Weights), n)
	}
	if d.Offset != nil && len(d.Offset) != n {
		return fail(InvalidData, "%d offsets for %d rows; give one offset a row", len(d.Offset), n)
	}
	if err := checkColumns(d.X, d.name, n); err != nil {
		return err
	}
	return d.checkRows(family)
}

// checkColumns finds the first value that is not a finite number.
func checkColumns(x [][]float64, name func(int) string, n int) error {
	for j, column := range x {
		if len(column) != n {
			return failAt(-1, j, "column %d (%s) has %d values for %d rows", j, name(j), len(column), n)
		}
		if i := notFinite(column); i >= 0 {
			return failAt(i, j, "row %d of column %d (%s) is %v; fill or leave out missing values, or let a Design do so", i, j, name(j), column[i])
		}
	}
	return nil
}

// notFinite is the index of the first NaN or infinity, or -1.
func notFinite(v []float64) int {
	for i, x := range v {
		if x-x != 0 {
			return i
		}
	}
	return -1
}

// checkRows looks at answers, weights and offsets.
func (d *Data) checkRows(family Family) error {
	low, high, total := math.Inf(1), math.Inf(-1), 0.0
	if i := notFinite(d.Offset); i >= 0 {
		return failAt(i, -1, "the offset of row %d is %v; offsets are finite numbers", i, d.Offset[i])
	}
	for i, y := range d.Y {
		w := d.weight(i)
		switch {
		case math.IsNaN(y) || math.IsInf(y, 0):
			return failAt(i, -1, "the answer of row %d is %v; leave out rows without an answer", i, y)
		case family == Logistic && (y < 0 || y > 1):
			return failAt(i, -1, "the answer of row %d is %v; a logistic regression takes 0, 1 or a share between them", i, y)
		case family == Poisson && y < 0:
			return failAt(i, -1, "the answer of row %d is %v; a Poisson regression takes counts from 0 up", i, y)
		case w < 0 || math.IsNaN(w) || math.IsInf(w, 0):
			return failAt(i, -1, "the weight of row %d is %v; weights are finite and not negative", i, w)
		}
		total += w
		if w > 0 {
			low, high = math.Min(low, y), math.Max(high, y)
		}
	}
	switch {
	case total == 0:
		return fail(InvalidData, "all weights are zero, so there is nothing to fit")
	case math.IsInf(total, 0):
		return fail(InvalidData, "the weights add up to more than a number holds; divide them by a constant")
	case family == Logistic && low == high && (low == 0 || low == 1):
		return fail(OneClass, "all answers are %v; a logistic regression needs both yes and no", low)
	case family == Poisson && high == 0:
		return fail(OneClass, "all counts are 0, so there is nothing to learn from")
	}
	return nil
}

// name of a column.
func (d *Data) name(j int) string {
	if d.Names == nil {
		return fmt.Sprintf("x%d", j+1)
	}
	return d.Names[j]
}

// weight of a row.
func (d *Data) weight(i int) float64 {
	if d.Weights == nil {
		return 1
	}
	return d.Weights[i]
}

// rows picks some rows.
func (d *Data) rows(pick []int) *Data {
	take := func(from []float64) []float64 {
		if from == nil {
			return nil
		}
		to := make([]float64, len(pick))
		for k, i := range pick {
			to[k] = from[i]
		}
		return to
	}
	part := &Data{Y: take(d.Y), Weights: take(d.Weights), Offset: take(d.Offset), Names: d.Names}
	part.X = make([][]float64, len(d.X))
	for j := range d.X {
		part.X[j] = take(d.X[j])
	}
	return part
}
