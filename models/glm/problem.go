package glm

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// problem is a regression in columns of mean 0 and standard deviation 1, the
// first of which is the intercept's, where there is one.
type problem struct {
	family    Family
	intercept bool
	y         []float64
	weights   []float64 // nil: 1 each
	offset    []float64 // nil: 0 each
	columns   [][]float64
	kept      []int // the data's column of each of columns, -1 for the intercept
	centre    []float64
	scale     []float64 // of each of columns
	gram      *mat.SymDense
	total     float64 // sum of weights
	warnings  []Warning
}

func (p *problem) weight(i int) float64 {
	if p.weights == nil {
		return 1
	}
	return p.weights[i]
}

// newProblem standardises. Constant columns are left out.
func newProblem(d *Data, family Family, intercept bool) *problem {
	p := &problem{family: family, intercept: intercept, y: d.Y, weights: d.Weights, offset: d.Offset}
	n := len(d.Y)
	for i := range n {
		p.total += p.weight(i)
	}
	if intercept {
		ones := make([]float64, n)
		for i := range ones {
			ones[i] = 1
		}
		p.add(ones, -1, 0, 1)
	}
	var constant []string
	store := make([]float64, n*len(d.X))
	for j, x := range d.X {
		centre, scale := p.spread(x)
		if !(scale > 1e-10*math.Abs(centre)) || math.IsInf(scale, 0) {
			constant = append(constant, d.name(j))
			continue
		}
		if !intercept {
			scale, centre = math.Hypot(scale, centre), 0
		}
		z := store[j*n : (j+1)*n]
		for i, v := range x {
			z[i] = (v - centre) / scale
		}
		p.add(z, j, centre, scale)
	}
	if constant != nil {
		p.warnings = append(p.warnings, Warning{Constant, fmt.Sprintf(
			"%s the same value in every row and %s left out.", verb(constant, "has", "have"), verb(nil, pick(constant, "was", "were"), "")), constant})
	}
	return p
}

// verb is the list of names with the verb that fits their number.
func verb(names []string, one, many string) string {
	if len(names) == 0 {
		return one
	}
	return list(names) + " " + pick(names, one, many)
}

func pick(names []string, one, many string) string {
	if len(names) == 1 {
		return one
	}
	return many
}

// list is names as words, the first few.
func list(names []string) string {
	const most = 5
	text := ""
	for k, name := range names {
		switch {
		case k == most:
			return text + fmt.Sprintf(" and %d more", len(names)-most)
		case k > 0 && k == len(names)-1:
			text += " and "
		case k > 0:
			text += ", "
		}
		text += "“" + name + "”"
	}
	return text
}

func (p *problem) add(z []float64, from int, centre, scale float64) {
	p.columns = append(p.columns, z)
	p.kept = append(p.kept, from)
	p.centre, p.scale = append(p.centre, centre), append(p.scale, scale)
}

// spread is the weighted mean and standard deviation of a column.
func (p *problem) spread(x []float64) (mean, deviation float64) {
	// Differences from the first value keep what a large mean would swallow.
	first, sum, squares := x[0], 0.0, 0.0
	if p.weights == nil {
		for _, v := range x {
			v -= first
			sum += v
			squares += v * v
		}
	} else {
		for i, v := range x {
			v -= first
			sum += p.weights[i] * v
			squares += p.weights[i] * v * v
		}
	}
	mean = sum / p.total
	return first + mean, math.Sqrt(math.Max(squares/p.total-mean*mean, 0))
}

// aliasTolerance is the share of a column's variance that others must leave
// unexplained for it to be kept.
const aliasTolerance = 1e-9

// dropAliased leaves out columns that the ones before explain, as R does.
func (p *problem) dropAliased(d *Data) {
	p.gram = Gram(p.columns, p.priorWeights())
	q := len(p.columns)
	r := make([][]float64, q) // rows of the Cholesky factor
	var aliased []int
	for j := range q {
		r[j] = make([]float64, q)
		full := p.gram.At(j, j)
		rest := full
		for k := range j {
			if r[k][k] == 0 {
				continue
			}
			s := p.gram.At(j, k)
			for m := range k {
				s -= r[j][m] * r[k][m]
			}
			r[j][k] = s / r[k][k]
			rest -= r[j][k] * r[j][k]
		}
		if rest <= aliasTolerance*full {
			aliased = append(aliased, j)
			clear(r[j])
			continue
		}
		r[j][j] = math.Sqrt(rest)
	}
	if aliased == nil {
		return
	}
	var names []string
	for _, j := range aliased {
		names = append(names, d.name(p.kept[j]))
	}
	p.warnings = append(p.warnings, Warning{Collinear, fmt.Sprintf(
		"%s fully explained by the columns before and %s left out.", verb(names, "is", "are"), pick(names, "was", "were")), names})
	keep := make([]int, 0, q)
	for j := range q {
		if !slices.Contains(aliased, j) {
			keep = append(keep, j)
		}
	}
	p.restrict(keep)
}

// restrict keeps some columns.
func (p *problem) restrict(keep []int) {
	small := mat.NewSymDense(max(1, len(keep)), nil)
	for a, j := range keep {
		p.columns[a], p.kept[a], p.centre[a], p.scale[a] = p.columns[j], p.kept[j], p.centre[j], p.scale[j]
		for b := range a + 1 {
			small.SetSym(a, b, p.gram.At(j, keep[b]))
		}
	}
	n := len(keep)
	p.columns, p.kept, p.centre, p.scale, p.gram = p.columns[:n], p.kept[:n], p.centre[:n], p.scale[:n], small
}

func (p *problem) priorWeights() []float64 {
	if p.weights != nil {
		return p.weights
	}
	ones := make([]float64, len(p.y))
	for i := range ones {
		ones[i] = 1
	}
	return ones
}

// linear fills eta with offset + columns·b.
func (p *problem) linear(eta, b []float64) {
	if p.offset != nil {
		copy(eta, p.offset)
	} else {
		clear(eta)
	}
	for j, v := range b {
		axpy(eta, v, p.columns[j])
	}
}

// slopes fills g with columns'·resid.
func (p *problem) slopes(g, resid []float64) {
	for j, z := range p.columns {
		g[j] = dot(z, resid)
	}
}

// original turns coefficients of standardised columns into ones of the data's
// columns, as a square matrix applied from the left: a[j][k].
func (p *problem) original() *mat.Dense {
	q := len(p.columns)
	a := mat.NewDense(q, q, nil)
	for j := range q {
		a.Set(j, j, 1/p.scale[j])
		if p.intercept && j > 0 {
			a.Set(0, j, -p.centre[j]/p.scale[j])
		}
	}
	return a
}

// Independent tells of each column whether it varies and is not explained by
// the ones before it, an intercept among them: the columns whose coefficients
// can be told apart. Weights may be nil.
func Independent(columns [][]float64, n int, weights []float64) ([]bool, error) {
	d := &Data{X: columns, Y: make([]float64, n), Weights: weights}
	if err := d.check(Linear); err != nil {
		return nil, err
	}
	p := newProblem(d, Linear, true)
	p.dropAliased(d)
	free := make([]bool, len(columns))
	for _, j := range p.kept {
		if j >= 0 {
			free[j] = true
		}
	}
	return free, nil
}
