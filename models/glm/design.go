package glm

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Column is a column of a table: numbers, in which NaN is a hole, or texts, in
// which "" is a hole. One of the two is set.
type Column struct {
	Name    string
	Numbers []float64
	Texts   []string
}

// DesignOptions of a design. The zero value is right for nearly everyone.
type DesignOptions struct {
	// MinCount is how many rows a level needs to stand alone; rarer ones are
	// taken together as “other”. 0 means 5.
	MinCount int
	// MaxLevels is how many levels of a text column stand alone, the most
	// frequent first. 0 means 50.
	MaxLevels int
	// Reference names the level of a column against which others are measured;
	// the most frequent one otherwise.
	Reference map[string]string
	// AllLevels gives the reference level an indicator too, which is for
	// penalised fits only.
	AllLevels bool
}

// Design turns tables into columns of numbers, always in the same way:
//
//   - a number stays; where training had holes, they take the mean and an
//     indicator “NAME missing” says so;
//   - a text becomes an indicator “NAME=level” for each level but the
//     reference; holes of training are a level of their own;
//   - a level never met in training counts as “other” where that exists, and
//     otherwise as the training's mixture of levels, so its effect is the
//     average one; so do holes, where training had none.
//
// It is JSON of some kilobytes.
type Design struct {
	Features  []Feature `json:"features"`
	AllLevels bool      `json:"all_levels,omitempty"`
	Warnings  []Warning `json:"warnings"`
}

// Feature is how one column of a table is turned.
type Feature struct {
	Name string `json:"name"`
	// Levels of a text column, in order; nil for numbers. "" is the level of
	// holes.
	Levels []string `json:"levels,omitempty"`
	// Shares of the rows with each level in training, then of the others.
	Shares    []float64 `json:"shares,omitempty"`
	Reference int       `json:"reference,omitempty"` // index into Levels
	Other     bool      `json:"other,omitempty"`     // rare levels were merged
	// Mean of a column of numbers; Missing says that training had holes.
	Mean    float64 `json:"mean,omitempty"`
	Missing bool    `json:"missing,omitempty"`
}

// Encoded is a table as numbers.
type Encoded struct {
	X     [][]float64
	Names []string
	// Unseen counts, by column, the rows with a level or a hole that training
	// did not have.
	Unseen map[string]int
}

// NewDesign learns from a training table how to turn tables into numbers.
func NewDesign(table []Column, opts DesignOptions) (*Design, error) {
	if opts.MinCount <= 0 {
		opts.MinCount = 5
	}
	if opts.MaxLevels <= 0 {
		opts.MaxLevels = 50
	}
	n, err := tableRows(table)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fail(InvalidData, "the table has no rows, so nothing can be learnt from it")
	}
	d := &Design{AllLevels: opts.AllLevels}
	seen := map[string]bool{}
	for j, c := range table {
		if seen[c.Name] {
			return nil, failAt(-1, j, "two columns are called %q; rename one", c.Name)
		}
		seen[c.Name] = true
		f, warning := Feature{}, (*Warning)(nil)
		if c.Texts != nil {
			f, warning = category(c, opts)
		} else {
			f, warning = number(c)
		}
		if warning != nil {
			d.Warnings = append(d.Warnings, *warning)
			if warning.Reason != LevelsMerged {
				continue
			}
		}
		d.Features = append(d.Features, f)
	}
	return d, nil
}

// tableRows checks that columns are one kind, finite and equally long.
func tableRows(table []Column) (int, error) {
	n := -1
	for j, c := range table {
		size := max(len(c.Numbers), len(c.Texts))
		switch {
		case c.Numbers != nil && c.Texts != nil:
			return 0, failAt(-1, j, "column %q has numbers and texts; give one of them", c.Name)
		case n >= 0 && size != n:
			return 0, failAt(-1, j, "column %q has %d rows, the columns before have %d", c.Name, size, n)
		}
		n = size
		for i, v := range c.Numbers {
			if math.IsInf(v, 0) {
				return 0, failAt(i, j, "row %d of column %q is infinite; give a number, or NaN for a hole", i, c.Name)
			}
		}
	}
	return max(n, 0), nil
}

// number learns a column of numbers.
func number(c Column) (Feature, *Warning) {
	f := Feature{Name: c.Name}
	count := 0
	for _, v := range c.Numbers {
		if math.IsNaN(v) {
			f.Missing = true
			continue
		}
		count++
		f.Mean += (v - f.Mean) / float64(count)
	}
	if count == 0 {
		return f, &Warning{Empty, fmt.Sprintf("Column “%s” holds no value at all and was left out.", c.Name), []string{c.Name}}
	}
	return f, nil
}

// category learns a column of texts.
func category(c Column, opts DesignOptions) (Feature, *Warning) {
	count := map[string]int{}
	for _, v := range c.Texts {
		count[v]++
	}
	levels := slices.Sorted(maps.Keys(count))
	if len(levels) == 1 && levels[0] == "" {
		return Feature{}, &Warning{Empty, fmt.Sprintf("Column “%s” holds no value at all and was left out.", c.Name), []string{c.Name}}
	}
	if len(levels) > opts.MaxLevels && 10*len(levels) > 9*len(c.Texts) {
		return Feature{}, &Warning{LooksLikeID, fmt.Sprintf(
			"Column “%s” has a value of its own in nearly every row, as an identifier does, and was left out.", c.Name), []string{c.Name}}
	}
	slices.SortStableFunc(levels, func(a, b string) int { return count[b] - count[a] })
	keep := 0
	for keep < len(levels) && keep < opts.MaxLevels && (count[levels[keep]] >= opts.MinCount || keep == 0) {
		keep++
	}
	if len(levels) == keep+1 && keep < opts.MaxLevels && keep == 1 {
		keep++ // the other one of two levels needs no new name
	}
	f := Feature{Name: c.Name, Other: keep < len(levels)}
	f.Levels = append([]string(nil), levels[:keep]...)
	common := f.Levels[0]
	slices.Sort(f.Levels)
	rest := len(c.Texts)
	for k, level := range f.Levels {
		if level == common {
			f.Reference = k
		}
		rest -= count[level]
		f.Shares = append(f.Shares, float64(count[level])/float64(len(c.Texts)))
	}
	if k := slices.Index(f.Levels, opts.Reference[c.Name]); k >= 0 && opts.Reference[c.Name] != "" {
		f.Reference = k
	}
	if !f.Other {
		return f, nil
	}
	f.Shares = append(f.Shares, float64(rest)/float64(len(c.Texts)))
	return f, &Warning{LevelsMerged, fmt.Sprintf(
		"Column “%s” has %d values; the %d rare ones, %d rows together, count as “other”.", c.Name, len(levels), len(levels)-keep, rest), []string{c.Name}}
}

// label is a level's name for people.
func label(level string) string {
	if level == "" {
		return "(missing)"
	}
	return level
}

// Names of the columns that the design makes.
func (d *Design) Names() []string {
	var names []string
	for _, f := range d.Features {
		names = append(names, f.names(d.AllLevels)...)
	}
	return names
}

func (f *Feature) names(all bool) []string {
	if f.Levels == nil {
		if f.Missing {
			return []string{f.Name, f.Name + " missing"}
		}
		return []string{f.Name}
	}
	var names []string
	for k, level := range f.Levels {
		if all || k != f.Reference {
			names = append(names, f.Name+"="+label(level))
		}
	}
	if f.Other {
		names = append(names, f.Name+"=(other)")
	}
	return names
}

// Encode turns a table, whose columns are found by name and may come in any
// order, with others beside them.
func (d *Design) Encode(table []Column) (*Encoded, error) {
	n, err := tableRows(table)
	if err != nil {
		return nil, err
	}
	e := &Encoded{Names: d.Names(), Unseen: map[string]int{}}
	for _, f := range d.Features {
		j := slices.IndexFunc(table, func(c Column) bool { return c.Name == f.Name })
		if j < 0 {
			return nil, fail(ColumnMismatch, "the table has no column %q, which the model was trained with", f.Name)
		}
		c := table[j]
		unseen := 0
		switch {
		case f.Levels != nil && c.Texts == nil && n > 0:
			return nil, failAt(-1, j, "column %q holds numbers, but was trained on texts", f.Name)
		case f.Levels == nil && c.Numbers == nil && n > 0:
			return nil, failAt(-1, j, "column %q holds texts, but was trained on numbers", f.Name)
		case f.Levels == nil:
			var x [][]float64
			x, unseen = f.encodeNumbers(c.Numbers)
			e.X = append(e.X, x...)
		default:
			var x [][]float64
			x, unseen = f.encodeTexts(c.Texts, d.AllLevels)
			e.X = append(e.X, x...)
		}
		if unseen > 0 {
			e.Unseen[f.Name] = unseen
		}
	}
	return e, nil
}

func (f *Feature) encodeNumbers(v []float64) (x [][]float64, unseen int) {
	value, missing := make([]float64, len(v)), make([]float64, len(v))
	for i, number := range v {
		value[i] = number
		if math.IsNaN(number) {
			value[i], missing[i] = f.Mean, 1
			if !f.Missing {
				unseen++
			}
		}
	}
	if !f.Missing {
		return [][]float64{value}, unseen
	}
	return [][]float64{value, missing}, 0
}

func (f *Feature) encodeTexts(v []string, all bool) (x [][]float64, unseen int) {
	place := map[string]int{}
	var shares []float64
	for k, level := range f.Levels {
		place[level] = -1
		if all || k != f.Reference {
			place[level] = len(shares)
			shares = append(shares, f.Shares[k])
		}
	}
	other := -1
	if f.Other {
		other = len(shares)
		shares = append(shares, f.Shares[len(f.Levels)])
	}
	x = make([][]float64, len(shares))
	for k := range x {
		x[k] = make([]float64, len(v))
	}
	for i, text := range v {
		k, known := place[text]
		switch {
		case known && k >= 0:
			x[k][i] = 1
		case known:
		case other >= 0:
			x[other][i] = 1
		default:
			for k := range x {
				x[k][i] = shares[k]
			}
		}
		if !known && other < 0 {
			unseen++
		}
	}
	return x, unseen
}
