package churn

import (
	"math"
	"slices"

	"github.com/dangol/dangol/models/calibrate"
)

// The candidates.
const (
	stack   = "stack"
	lean    = "lean"
	recency = "recency"
	rfm     = "rfm"
	btydSet = "btyd"
	renewer = "renewal"
)

// Label is what a candidate is called.
func label(candidate string) string {
	return map[string]string{
		stack: "Regression and trees", lean: "Regression and trees, of rhythm and causes alone", recency: "Recency rule: silence against the own rhythm", rfm: "RFM cells", btydSet: "Buy-till-you-die",
		renewer: "Renewal rule: by renewals so far and by what is paid for",
	}[candidate]
}

// baseline is a rule that needs no learning to speak of; a model that is no better has no reason to be.
type baseline struct {
	Name string `json:"name"`
	// Edges of what cells are made of, and the share that left in each cell, drawn to that of all where the cell is small.
	Edges [][]float64    `json:"edges,omitempty"`
	Rates []float64      `json:"rates,omitempty"`
	All   float64        `json:"all"`
	Map   *calibrate.Map `json:"map,omitempty"` // of the chances of a buy-till-you-die model
}

// prior is the weight, in customers, of the share of all in a cell.
const prior = 20

// keyOf are the numbers of which a rule makes its cells.
func (l *baseline) keyOf(f *frame, i int) []float64 {
	switch l.Name {
	case renewer:
		return renewalKey(f, i)
	case recency:
		own, alone := f.number[silenceRatio][i], math.NaN()
		if math.IsNaN(own) {
			alone = f.number[silence][i]
		}
		return []float64{own, alone}
	}
	return []float64{f.number[silence][i], f.number[days][i], f.number[orderValue][i] + math.Log(f.number[days][i])}
}

// cell is where numbers lie; what is NaN lies in a cell of its own.
func (l *baseline) cell(key []float64) int {
	at := 0
	for j, edges := range l.Edges {
		k := len(edges) + 1
		if x := key[j]; !math.IsNaN(x) {
			k, _ = slices.BinarySearch(edges, x)
		}
		at = at*(len(edges)+2) + k
	}
	return at
}

// fitBaseline learns a rule's shares from rows with labels.
func fitBaseline(name string, f *frame) (*baseline, error) {
	l := &baseline{Name: name, All: share(f.left)}
	switch name {
	case btydSet:
		var err error
		l.Map, err = calibrate.Fit(calibrate.Sigmoid, l.raw(f), f.left, calibrate.Options{})
		return l, err
	case renewer:
		l.fitRenewal(f)
		return l, nil
	}
	parts := map[string]int{recency: 10, rfm: 5}[name]
	keys := make([][]float64, f.rows())
	for i := range keys {
		keys[i] = l.keyOf(f, i)
	}
	cells := 1
	for j := range keys[0] {
		l.Edges = append(l.Edges, quantiles(keys, j, parts))
		cells *= len(l.Edges[j]) + 2
	}
	left, seen := make([]float64, cells), make([]float64, cells)
	for i, key := range keys {
		c := l.cell(key)
		left[c] += f.left[i]
		seen[c]++
	}
	l.Rates = make([]float64, cells)
	for c := range l.Rates {
		l.Rates[c] = (left[c] + prior*l.All) / (seen[c] + prior)
	}
	return l, nil
}

// quantiles cuts a column of numbers into equal parts.
func quantiles(rows [][]float64, j, parts int) []float64 {
	var all []float64
	for _, r := range rows {
		if !math.IsNaN(r[j]) {
			all = append(all, r[j])
		}
	}
	slices.Sort(all)
	edges := []float64{}
	for k := 1; k < parts && len(all) > 0; k++ {
		if e := all[len(all)*k/parts]; len(edges) == 0 || e > edges[len(edges)-1] {
			edges = append(edges, e)
		}
	}
	return edges
}

func (l *baseline) raw(f *frame) []float64 {
	p := make([]float64, f.rows())
	for i := range p {
		if p[i] = chance(f.number[rhythm][i]); math.IsNaN(p[i]) {
			p[i] = l.All
		}
	}
	return p
}

// chances of leaving, by the rule.
func (l *baseline) chances(f *frame) []float64 {
	if l.Map != nil {
		p := l.raw(f)
		l.Map.ApplyAll(p, p)
		return p
	}
	p := make([]float64, f.rows())
	for i := range p {
		p[i] = l.Rates[l.cell(l.keyOf(f, i))]
	}
	return p
}

func share(y []float64) float64 {
	sum := 0.0
	for _, v := range y {
		sum += v
	}
	return sum / float64(max(len(y), 1))
}
