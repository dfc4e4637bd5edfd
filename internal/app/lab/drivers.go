package lab

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/dangol/dangol/models/classify"
)

// partsShown of a column: the values that pull most either way, or thirds of the numbers.
const partsShown = 5

// drivers averages contributions by column, and by value within.
func (r *ChurnReport) drivers(columns []classify.Column, why []classify.Explanation, y []float64) {
	total := 0.0
	for k := range columns {
		d := Driver{Column: columns[k].Name}
		for i := range why {
			d.Mean += math.Abs(why[i].Contributions[k]) / float64(len(why))
		}
		total += d.Mean
		pull := func(i int) float64 { return why[i].Contributions[k] }
		if columns[k].Texts != nil {
			d.Parts = wordParts(columns[k].Texts[:len(why)], pull, y)
		} else {
			d.Parts = numberParts(columns[k].Numbers[:len(why)], pull, y)
		}
		r.Reasons = append(r.Reasons, d)
	}
	for k := range r.Reasons {
		if total > 0 {
			r.Reasons[k].Share = r.Reasons[k].Mean / total
		}
	}
	slices.SortStableFunc(r.Reasons, func(a, b Driver) int { return cmp.Compare(b.Mean, a.Mean) })
}

// add counts a row into a part, whose Pull and Rate are sums until end.
func (p *Part) add(pull, y float64) {
	p.Rows++
	p.Pull += pull
	p.Rate += y
}

func (p *Part) end() {
	p.Pull /= float64(p.Rows)
	p.Rate /= float64(p.Rows)
}

func wordParts(texts []string, pull func(int) float64, y []float64) []Part {
	at := map[string]int{}
	var parts []Part
	for i, text := range texts {
		if text == "" {
			text = empty
		}
		k, met := at[text]
		if !met {
			k = len(parts)
			at[text] = k
			parts = append(parts, Part{When: text})
		}
		parts[k].add(pull(i), y[i])
	}
	for k := range parts {
		parts[k].end()
	}
	if len(parts) > partsShown { // rare values say little
		slices.SortStableFunc(parts, func(a, b Part) int { return b.Rows - a.Rows })
		parts = parts[:partsShown]
	}
	slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Compare(b.Pull, a.Pull) })
	return parts
}

// numberParts cuts numbers into thirds of the rows, equal numbers together; holes are a part of their own.
func numberParts(x []float64, pull func(int) float64, y []float64) []Part {
	var order []int
	empty := Part{When: empty}
	for i, v := range x {
		if math.IsNaN(v) {
			empty.add(pull(i), y[i])
		} else {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	var parts []Part
	for from := 0; from < len(order); {
		to := min(len(order), from+max(1, (len(order)-from)/max(1, 3-len(parts))))
		for to < len(order) && x[order[to]] == x[order[to-1]] {
			to++
		}
		p := Part{When: fmt.Sprintf("%.6g to %.6g", x[order[from]], x[order[to-1]])}
		if x[order[from]] == x[order[to-1]] {
			p.When = fmt.Sprintf("%.6g", x[order[from]])
		}
		for _, i := range order[from:to] {
			p.add(pull(i), y[i])
		}
		p.end()
		parts = append(parts, p)
		from = to
	}
	if empty.Rows > 0 {
		empty.end()
		parts = append(parts, empty)
	}
	return parts
}
