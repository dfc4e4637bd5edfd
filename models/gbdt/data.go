package gbdt

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// Column is one feature of a table: numbers of 32 or 64 bits, in which NaN is
// a missing value, or categories. Make one with [Float32], [Float64] or
// [Categorical]; the slices are kept, not copied, and must not change while the
// data are used.
type Column struct {
	Name   string
	f32    []float32
	f64    []float64
	codes  []int32
	levels []string
	kind   kind
}

type kind uint8

const (
	kindNone kind = iota
	kindFloat32
	kindFloat64
	kindCategory
)

// Float32 is a numeric column. NaN is missing.
func Float32(name string, values []float32) Column {
	return Column{Name: name, f32: values, kind: kindFloat32}
}

// Float64 is a numeric column. NaN is missing.
func Float64(name string, values []float64) Column {
	return Column{Name: name, f64: values, kind: kindFloat64}
}

// Categorical is a column of category codes >= 0; a negative code is missing.
// Levels, which may be nil, are the categories' names by code: they are saved
// with the model. Codes have no order and may have gaps.
func Categorical(name string, codes []int32, levels []string) Column {
	return Column{Name: name, codes: codes, levels: levels, kind: kindCategory}
}

// Len is the number of values.
func (c *Column) Len() int { return max(len(c.f32), len(c.f64), len(c.codes)) }

// At is the value of row i as a model sees it: a category is its code, NaN is
// missing.
func (c *Column) At(i int) float64 {
	switch c.kind {
	case kindFloat32:
		return float64(c.f32[i])
	case kindFloat64:
		return c.f64[i]
	case kindCategory:
		if code := c.codes[i]; code >= 0 {
			return float64(code)
		}
	}
	return math.NaN()
}

// Data is a table: columns of equal length.
type Data struct {
	columns []Column
	rows    int
}

// NewData joins columns to a table. Columns need distinct names and the same
// length.
func NewData(columns ...Column) (*Data, error) {
	if len(columns) == 0 {
		return nil, fail(InvalidData, "no columns: give at least one")
	}
	d := &Data{columns: columns, rows: columns[0].Len()}
	seen := make(map[string]int, len(columns))
	for i := range columns {
		c := &columns[i]
		if c.kind == kindNone {
			return nil, fail(InvalidData, "column %d (%q) has no values: make it with Float32, Float64 or Categorical", i, c.Name)
		}
		if c.Len() != d.rows {
			return nil, fail(InvalidData, "column %d (%q) has %d rows, the first has %d", i, c.Name, c.Len(), d.rows)
		}
		if first, twice := seen[c.Name]; twice {
			return nil, fail(InvalidData, "columns %d and %d are both called %q: rename one", first, i, c.Name)
		}
		seen[c.Name] = i
		for _, text := range append([]string{c.Name}, c.levels...) {
			if !utf8.ValidString(text) {
				return nil, fail(InvalidData, "column %d (%q): %q is not UTF-8", i, c.Name, text)
			}
		}
	}
	return d, nil
}

// Rows is the number of rows.
func (d *Data) Rows() int { return d.rows }

// Width is the number of columns.
func (d *Data) Width() int { return len(d.columns) }

// Row writes row i as a model sees it into dst, which has Width values, and
// returns it: what [Model.Margin] and [Model.Explain] take.
func (d *Data) Row(dst []float64, i int) []float64 {
	for f := range d.columns {
		dst[f] = d.columns[f].At(i)
	}
	return dst
}

// Set is a table with what is to be predicted.
type Set struct {
	Data *Data
	// Labels, one a row: 0 or 1 for Binary, any finite number for Squared, a
	// number >= 0 for Poisson and Tweedie.
	Labels []float64
	// Weights, one a row and >= 0; nil means 1 each. A weight of 2 says what
	// the same row twice says, except to MinRows and to RowFraction, which count rows.
	Weights []float64
	// Offset, one a row, is added to the margin before the first tree; nil means
	// 0. The model predicts what is to be added to it: the margin of a new row
	// is its own offset + [Model.Margin].
	Offset []float64
}

// check looks at lengths and values.
func (s *Set) check(what string, o Objective) error {
	if s.Data == nil || s.Data.rows == 0 {
		return fail(InvalidData, "%s: no rows", what)
	}
	n := s.Data.rows
	if n > maxRows {
		return fail(InvalidData, "%s: %d rows, at most %d", what, n, maxRows)
	}
	for _, part := range []struct {
		name   string
		values []float64
		need   bool
	}{{"labels", s.Labels, true}, {"weights", s.Weights, false}, {"offset", s.Offset, false}} {
		if len(part.values) != n && (part.need || part.values != nil) {
			return fail(InvalidData, "%s: %d %s for %d rows", what, len(part.values), part.name, n)
		}
		for i, v := range part.values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fail(reasonOf(part.name), "%s: %s of row %d is %v: remove the row or repair it", what, part.name, i, v)
			}
		}
	}
	return firstError(checkWeights(what, s.Weights), checkLabels(what, s, o), checkOffset(what, s.Offset))
}

func reasonOf(part string) Reason {
	switch part {
	case "labels":
		return InvalidLabel
	case "weights":
		return InvalidWeight
	}
	return InvalidData
}

// firstError is the first error.
func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

func checkWeights(what string, weights []float64) error {
	if weights == nil {
		return nil
	}
	sum := 0.0
	for i, w := range weights {
		if w < 0 {
			return fail(InvalidWeight, "%s: weight of row %d is %v: weights are 0 or more", what, i, w)
		}
		sum += w
	}
	if sum == 0 || math.IsInf(sum, 0) {
		return fail(InvalidWeight, "%s: the weights sum to %v", what, sum)
	}
	return nil
}

// maxOffset keeps exp(offset) and sums of it finite.
const maxOffset = 50

func checkOffset(what string, offset []float64) error {
	for i, v := range offset {
		if math.Abs(v) > 1e30 {
			return fail(InvalidData, "%s: offset of row %d is %v", what, i, v)
		}
	}
	return nil
}

func checkLabels(what string, s *Set, o Objective) error {
	sum, all := 0.0, 0.0
	for i, y := range s.Labels {
		if w := weightOf(s.Weights, i); w > 0 {
			sum, all = sum+w*y, all+w
		}
		switch {
		case o == Binary && y != 0 && y != 1:
			return fail(InvalidLabel, "%s: label of row %d is %v: Binary needs 0 or 1", what, i, y)
		case o.logLink() && y < 0:
			return fail(InvalidLabel, "%s: label of row %d is %v: %s needs 0 or more", what, i, y, o)
		case math.Abs(y) > 1e30:
			return fail(InvalidLabel, "%s: label of row %d is %v: scale the labels down", what, i, y)
		}
		if o != Squared && s.Offset != nil && math.Abs(s.Offset[i]) > maxOffset {
			return fail(InvalidData, "%s: offset of row %d is %v: it is on the scale of logarithms, at most ±%d", what, i, s.Offset[i], maxOffset)
		}
	}
	if err := oneValue(what, o, sum, all); err != nil {
		return err
	}
	return nil
}

// oneValue refuses labels from which nothing can be learned.
func oneValue(what string, o Objective, sum, all float64) *Error {
	if what != trainingSet {
		return nil
	}
	if o == Binary && (sum == 0 || sum == all) {
		return fail(OneClass, "%s: all labels of rows with weight are %v: both 0 and 1 are needed", what, fmt.Sprint(sum/all))
	}
	if o.logLink() && sum == 0 {
		return fail(OneClass, "%s: all labels of rows with weight are 0: %s needs one above 0", what, o)
	}
	return nil
}

func weightOf(weights []float64, i int) float64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}
