package uplift

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/dangol/dangol/models/gbdt"
	"github.com/dangol/dangol/models/glm"
)

// Learner is a way to learn effects by person.
type Learner string

// Learners; see the package's comment.
const (
	TLearner  Learner = "t"
	DRLearner Learner = "dr"
	XLearner  Learner = "x"
	SLearner  Learner = "s"
	// Shrunk is DRLearner with shrunken coefficients, and trees on what these
	// leave, where they surely help.
	Shrunk Learner = "shrunk"
	// ClassTransformation regresses one made-up outcome.
	ClassTransformation Learner = "class"
	// The same with boosted trees for every regression.
	TTrees  Learner = "t-trees"
	DRTrees Learner = "dr-trees"
	XTrees  Learner = "x-trees"
	STrees  Learner = "s-trees"
	// Mean is the mean effect of all others in Options.Learners.
	Mean Learner = "mean"
)

// Learners are all of them.
func Learners() []Learner {
	return []Learner{Shrunk, TLearner, DRLearner, ClassTransformation, XLearner, SLearner, TTrees, DRTrees, XTrees, STrees, Mean}
}

// ofTrees is a learner of trees as the linear one that it is otherwise.
var ofTrees = map[Learner]Learner{TTrees: TLearner, DRTrees: DRLearner, XTrees: XLearner, STrees: SLearner}

// form is how a learner puts its regressions together, and whether they are
// trees.
func (l Learner) form() (Learner, bool) {
	if of, trees := ofTrees[l]; trees {
		return of, true
	}
	return l, false
}

// part is one regression, or a constant where the rows held one value only.
type part struct {
	Fit      *glm.Fitted `json:"fit,omitempty"`
	Trees    *gbdt.Model `json:"trees,omitempty"`
	Constant float64     `json:"constant"`
}

// numbers is a trial as numbers.
type numbers struct {
	x       [][]float64
	treated []bool
	y       []float64
	e       []float64 // propensities
	share   float64   // mean of e
	binary  bool
	ridge   float64
	trees   bool // regressions are of trees
	seed    uint64
	shared  *shared
}

// shared keeps what several learners fitted to the same rows have in common.
type shared struct {
	responses map[bool][]part // of linear regressions, and of trees
	pseudo    []float64
}

func (d *numbers) family() glm.Family {
	if d.binary {
		return glm.Logistic
	}
	return glm.Linear
}

// regress fits y (one value a row of rows) on the columns.
func (d *numbers) regress(family glm.Family, x [][]float64, rows []int, y, weights []float64) (part, error) {
	if low, high := slices.Min(y), slices.Max(y); low == high {
		return part{Constant: low}, nil
	}
	sub := make([][]float64, len(x))
	for j, column := range x {
		sub[j] = take(column, rows)
	}
	if d.trees {
		return d.boost(family, sub, y, weights)
	}
	f, err := glm.Fit(family, glm.Data{X: sub, Y: y, Weights: weights}, glm.Options{Ridge: d.ridge})
	return part{Fit: f}, err
}

func (p part) predict(x [][]float64, n int) ([]float64, error) {
	if p.Fit != nil {
		return p.Fit.Predict(x, nil)
	}
	out := make([]float64, n)
	if p.Trees != nil {
		data, err := columnsOf(x)
		if err != nil {
			return nil, err
		}
		return out, p.Trees.PredictAll(out, data)
	}
	for i := range out {
		out[i] = p.Constant
	}
	return out, nil
}

func take(column []float64, rows []int) []float64 {
	out := make([]float64, len(rows))
	for k, i := range rows {
		out[k] = column[i]
	}
	return out
}

// arms splits rows.
func (d *numbers) arms(rows []int) (split [2][]int) {
	for _, i := range rows {
		a := arm(d.treated[i])
		split[a] = append(split[a], i)
	}
	return split
}

// learn fits the regressions of a learner to rows.
func (d *numbers) learn(l Learner, rows []int, seed uint64) ([]part, error) {
	form, trees := l.form()
	if trees {
		own := *d
		own.trees, own.seed = true, seed
		d = &own
	}
	switch form {
	case TLearner:
		return d.outcomes(rows)
	case DRLearner:
		return d.doublyRobust(rows, seed)
	case Shrunk:
		return d.shrunken(rows, seed)
	case XLearner:
		return d.crossed(rows)
	case SLearner:
		p, err := d.regress(d.family(), d.interacted(nil), rows, take(d.y, rows), nil)
		return []part{p}, err
	case ClassTransformation:
		return d.transformed(rows)
	}
	return nil, noLearner(l)
}

// outcomes are the responses, fitted once where learners share them.
func (d *numbers) outcomes(rows []int) ([]part, error) {
	if d.shared != nil && d.shared.responses[d.trees] != nil {
		return d.shared.responses[d.trees], nil
	}
	parts, err := d.responses(rows)
	if err == nil && d.shared != nil {
		d.shared.responses[d.trees] = parts
	}
	return parts, err
}

// responses fits the outcome without and with the treatment.
func (d *numbers) responses(rows []int) ([]part, error) {
	parts := make([]part, 2)
	for a, list := range d.arms(rows) {
		var err error
		if parts[a], err = d.regress(d.family(), d.x, list, take(d.y, list), nil); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// predictBoth gives the expected outcome without and with the treatment.
func predictBoth(parts []part, x [][]float64, n int) (without, with []float64, err error) {
	if without, err = parts[0].predict(x, n); err != nil {
		return nil, nil, err
	}
	with, err = parts[1].predict(x, n)
	return without, with, err
}

// innerFolds of the doubly robust learner: its made-up outcome must not hold
// what the regressions behind it learnt from the same row.
const innerFolds = 3

// pseudo is the doubly robust effect of each row,
// m1 - m0 + t(y-m1)/e - (1-t)(y-m0)/(1-e), m1 and m0 from other rows.
func (d *numbers) pseudo(rows []int, seed uint64) ([]float64, error) {
	fold := d.folds(rows, innerFolds, seed)
	out := make([]float64, len(rows))
	for f := range innerFolds {
		var fit, left []int
		var places []int
		for k, i := range rows {
			if fold[k] == f {
				left, places = append(left, i), append(places, k)
			} else {
				fit = append(fit, i)
			}
		}
		parts, err := d.responses(fit)
		if err != nil {
			return nil, err
		}
		x := make([][]float64, len(d.x))
		for j := range x {
			x[j] = take(d.x[j], left)
		}
		m0, m1, err := predictBoth(parts, x, len(left))
		if err != nil {
			return nil, err
		}
		for k, i := range left {
			v := m1[k] - m0[k]
			if d.treated[i] {
				v += (d.y[i] - m1[k]) / d.e[i]
			} else {
				v -= (d.y[i] - m0[k]) / (1 - d.e[i])
			}
			out[places[k]] = v
		}
	}
	return out, nil
}

// madeUp is pseudo, computed once where learners share it. What it expects of
// the outcomes is linear even where the effect is of trees: rough expectations
// cost some noise, never bias, where propensities are known.
func (d *numbers) madeUp(rows []int, seed uint64) ([]float64, error) {
	if d.shared != nil && d.shared.pseudo != nil {
		return d.shared.pseudo, nil
	}
	lines := *d
	lines.trees = false
	effect, err := lines.pseudo(rows, seed)
	if err == nil && d.shared != nil {
		d.shared.pseudo = effect
	}
	return effect, err
}

// doublyRobust regresses the doubly robust effect.
func (d *numbers) doublyRobust(rows []int, seed uint64) ([]part, error) {
	effect, err := d.madeUp(rows, seed)
	if err != nil {
		return nil, err
	}
	p, err := d.regress(glm.Linear, d.x, rows, effect, nil)
	return []part{p}, err
}

// crossed regresses, in each arm, the difference to what the other arm's
// regression expects.
func (d *numbers) crossed(rows []int) ([]part, error) {
	parts, err := d.outcomes(rows)
	if err != nil {
		return nil, err
	}
	m0, m1, err := predictBoth(parts, d.x, len(d.y))
	if err != nil {
		return nil, err
	}
	effects := make([]part, 2)
	for a, list := range d.arms(rows) {
		v := make([]float64, len(list))
		for k, i := range list {
			if v[k] = d.y[i] - m0[i]; a == 0 {
				v[k] = m1[i] - d.y[i]
			}
		}
		if effects[a], err = d.regress(glm.Linear, d.x, list, v, nil); err != nil {
			return nil, err
		}
	}
	return effects, nil
}

// interacted are the columns of the S-learner: the table's, the treatment, and
// their products. treated overrides who was.
func (d *numbers) interacted(treated *bool) [][]float64 {
	return interacted(d.x, len(d.y), d.trees, func(i int) bool {
		if treated != nil {
			return *treated
		}
		return d.treated[i]
	})
}

// interacted leaves the products to trees, which find them.
func interacted(x [][]float64, n int, trees bool, treated func(i int) bool) [][]float64 {
	t := make([]float64, n)
	for i := range t {
		t[i] = float64(arm(treated(i)))
	}
	out := append(slices.Clone(x), t)
	if trees {
		return out
	}
	for _, column := range x {
		product := make([]float64, n)
		for i, v := range column {
			product[i] = v * t[i]
		}
		out = append(out, product)
	}
	return out
}

// transformed regresses one outcome whose expectation tells the effect: of a
// yes or no, whether the row did what a perfect treatment makes it do, weighted
// to equal arms, so that the effect is 2p - 1; of an amount,
// y(t-e)/(e(1-e)), whose expectation is the effect.
func (d *numbers) transformed(rows []int) ([]part, error) {
	z, w := make([]float64, len(rows)), make([]float64, len(rows))
	family := d.family()
	for k, i := range rows {
		t := float64(arm(d.treated[i]))
		chance := d.e[i]
		if !d.treated[i] {
			chance = 1 - chance
		}
		w[k] = 0.5 / chance
		if z[k] = d.y[i]*t + (1-d.y[i])*(1-t); !d.binary {
			z[k], w[k] = (2*t-1)*d.y[i]/chance, 1
		}
	}
	p, err := d.regress(family, d.x, rows, z, w)
	return []part{p}, err
}

// effects turns fitted parts into effects of n rows given as columns.
func effects(l Learner, parts []part, x [][]float64, n int, share float64, binary bool) ([]float64, error) {
	l, trees := l.form()
	switch l {
	case TLearner, XLearner:
		a, b, err := predictBoth(parts, x, n)
		if err != nil {
			return nil, err
		}
		for i := range a {
			if l == XLearner { // each arm's regression counts by the size of the other arm, whose outcomes it leans on
				a[i] = share*a[i] + (1-share)*b[i]
			} else {
				a[i] = b[i] - a[i]
			}
		}
		return a, nil
	case SLearner:
		with, err := parts[0].predict(interacted(x, n, trees, func(int) bool { return true }), n)
		if err != nil {
			return nil, err
		}
		without, err := parts[0].predict(interacted(x, n, trees, func(int) bool { return false }), n)
		for i := range without {
			with[i] -= without[i]
		}
		return with, err
	}
	if l == Shrunk {
		return summed(parts, x, n)
	}
	out, err := parts[0].predict(x, n)
	if l == ClassTransformation && binary {
		for i := range out {
			out[i] = 2*out[i] - 1
		}
	}
	return out, err
}

// folds deals rows so that every fold has its share of each arm and, within
// it, of small and large outcomes.
func (d *numbers) folds(rows []int, folds int, seed uint64) []int {
	fold := make([]int, len(rows))
	random := rand.New(rand.NewPCG(seed, 0x666f6c64)) //nolint:gosec // repeatable by purpose
	var places [2][]int
	for k, i := range rows {
		a := arm(d.treated[i])
		places[a] = append(places[a], k)
	}
	for _, list := range places {
		random.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
		slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(d.y[rows[a]], d.y[rows[b]]) })
		for begin := 0; begin < len(list); begin += folds {
			deal := random.Perm(folds)
			for k := begin; k < min(begin+folds, len(list)); k++ {
				fold[list[k]] = deal[k-begin]
			}
		}
	}
	return fold
}

// clip keeps estimated propensities away from 0 and 1.
func clip(e float64) float64 { return math.Min(math.Max(e, 0.02), 0.98) }
