package uplift

import (
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/dangol/dangol/models/gbdt"
	"github.com/dangol/dangol/models/glm"
)

// shrunken regresses the doubly robust effect, shrinks each coefficient by as
// much as the rows tell, and lets trees learn what is left where they surely
// help. Parts are the regression and, if any, the trees, whose mean is added.
func (d *numbers) shrunken(rows []int, seed uint64) ([]part, error) {
	effect, err := d.madeUp(rows, seed)
	if err != nil {
		return nil, err
	}
	p, err := d.regress(glm.Linear, d.x, rows, effect, nil)
	if err != nil || p.Fit == nil {
		return []part{p}, err
	}
	if p.Fit, err = shrink(p.Fit); err != nil {
		return nil, err
	}
	x := make([][]float64, len(d.x))
	for j, column := range d.x {
		x[j] = take(column, rows)
	}
	known, err := p.predict(x, len(rows))
	if err != nil {
		return nil, err
	}
	left := make([]float64, len(rows))
	for k, v := range effect {
		left[k] = v - known[k]
	}
	trees, err := leftovers(x, left, d.folds(rows, leftFolds, seed+1), seed)
	return append([]part{p}, trees...), err
}

const (
	// shrinkTurns is when a search for variances ends at the latest, of tables
	// wider than shrinkWide sooner, but not before shrinkLeast, and shrinkEnough
	// the change of their logarithms at which it ends.
	shrinkTurns  = 200
	shrinkWide   = 64
	shrinkLeast  = 20
	shrinkEnough = 0.01
	// smallest variance of a coefficient, as a share of its squared standard
	// error: all but none.
	smallest = 1e-3
)

// shrink takes every coefficient for normal around 0 with a variance of its
// own, per standard deviation of the column, finds these by maximum likelihood
// (empirical Bayes by expectation and maximisation; MacKay 1992 and Tipping
// 2001 call it relevance determination), and gives the expected coefficients:
// what stands out of its standard error stays, all else goes towards 0, so that
// nobody is told apart by noise.
func shrink(f *glm.Fitted) (*glm.Fitted, error) {
	size := len(f.Coefficients)
	var kept []int
	for j, c := range f.Coefficients {
		if j > 0 && !c.Aliased && c.SE > 0 {
			kept = append(kept, j)
		}
	}
	q := len(kept)
	if q == 0 {
		return f, nil
	}
	cov, z := mat.NewSymDense(q, nil), mat.NewVecDense(q, nil)
	for a, j := range kept {
		z.SetVec(a, f.Coefficients[j].Value*f.Coefficients[j].Scale)
		for b, k := range kept[:a+1] {
			cov.SetSym(a, b, f.Covariance[j*size+k]*f.Coefficients[j].Scale*f.Coefficients[k].Scale)
		}
	}
	precision, err := inverse(cov)
	if err != nil {
		return nil, err
	}
	mean, err := posterior(precision, cov, z)
	if err != nil {
		return nil, err
	}
	out := *f
	out.Coefficients = slices.Clone(f.Coefficients)
	// The line still goes through the middle of the rows: the intercept takes
	// what its covariance with the slopes says.
	var move, along mat.VecDense
	move.SubVec(mean, z)
	along.MulVec(precision, &move)
	for a, j := range kept {
		c := &out.Coefficients[j]
		c.Value = mean.AtVec(a) / c.Scale
		out.Coefficients[0].Value += f.Covariance[j] * c.Scale * along.AtVec(a)
	}
	return &out, nil
}

// posterior mean of coefficients that are seen as z with a precision.
func posterior(precision, cov *mat.SymDense, z *mat.VecDense) (*mat.VecDense, error) {
	q := z.Len()
	variance := make([]float64, q)
	for j := range variance {
		variance[j] = math.Max(z.AtVec(j)*z.AtVec(j), smallest*cov.At(j, j))
	}
	var seen, mean mat.VecDense
	seen.MulVec(precision, z)
	sum := mat.NewSymDense(q, nil)
	for range min(max(shrinkTurns*shrinkWide*shrinkWide/(q*q), shrinkLeast), shrinkTurns) {
		sum.CopySym(precision)
		for j, v := range variance {
			sum.SetSym(j, j, sum.At(j, j)+1/v)
		}
		rest, err := inverse(sum)
		if err != nil {
			return nil, err
		}
		mean.MulVec(rest, &seen)
		change := 0.0
		for j, v := range variance {
			next := math.Max(mean.AtVec(j)*mean.AtVec(j)+rest.At(j, j), smallest*cov.At(j, j))
			change = math.Max(change, math.Abs(math.Log(next/v)))
			variance[j] = next
		}
		if change < shrinkEnough {
			break
		}
	}
	return &mean, nil
}

// inverse of a covariance; columns that all but repeat each other are held
// apart by a hair.
func inverse(a *mat.SymDense) (*mat.SymDense, error) {
	var factor mat.Cholesky
	if !factor.Factorize(a) {
		held := mat.NewSymDense(a.SymmetricDim(), nil)
		held.CopySym(a)
		for j := range a.SymmetricDim() {
			held.SetSym(j, j, a.At(j, j)*(1+1e-6))
		}
		if !factor.Factorize(held) {
			return nil, fail(InvalidData, "columns of the table repeat each other too closely to be told apart; leave some out")
		}
	}
	var out mat.SymDense
	var near mat.Condition // near singular is still an answer
	if err := factor.InverseTo(&out); err != nil && !errors.As(err, &near) {
		return nil, err
	}
	return &out, nil
}

// leftFolds are the parts of the rows on which trees are stopped, one model
// each.
const leftFolds = 3

// Settings of trees that come after lines: yet more cautious.
const (
	leftTrees    = 60
	leftRate     = 0.1
	leftLeaves   = 4
	leftRows     = 100
	leftPenalty  = 20
	leftPatience = 5
	leftBins     = 31
)

// leftovers fits trees to what lines left, a model for each fold, stopped by
// the rows of it. They are nil where on these rows they do not lessen the
// squared error by more than its standard error.
func leftovers(x [][]float64, y []float64, fold []int, seed uint64) ([]part, error) {
	if len(y) < leastForTrees {
		return nil, nil
	}
	var parts []part
	var gain, square float64
	for f := range leftFolds {
		var sets [2]gbdt.Set
		for s := range sets {
			var rows []int
			for k, of := range fold {
				if (of == f) == (s == 1) {
					rows = append(rows, k)
				}
			}
			sub := make([][]float64, len(x))
			for j, column := range x {
				sub[j] = take(column, rows)
			}
			data, err := columnsOf(sub)
			if err != nil {
				return nil, err
			}
			sets[s] = gbdt.Set{Data: data, Labels: take(y, rows)}
		}
		m, err := gbdt.Train(sets[0], gbdt.Options{
			Objective: gbdt.Squared, NoIntercept: true, Trees: leftTrees, LearningRate: leftRate, MaxLeaves: leftLeaves, MinRows: leftRows, L2: leftPenalty,
			MaxBins: leftBins, Patience: leftPatience, Validation: &sets[1], Seed: seed + uint64(f), Cores: 1, // the caller's tasks take the cores
		})
		if err != nil {
			return nil, err
		}
		aside := make([]float64, len(sets[1].Labels))
		if err := m.PredictAll(aside, sets[1].Data); err != nil {
			return nil, err
		}
		for k, v := range sets[1].Labels {
			less := v*v - (v-aside[k])*(v-aside[k])
			gain += less
			square += less * less
		}
		parts = append(parts, part{Trees: m})
	}
	if gain <= math.Sqrt(square) {
		return nil, nil
	}
	return parts, nil
}

// summed is what the regression expects, with the mean of the trees.
func summed(parts []part, x [][]float64, n int) ([]float64, error) {
	out, err := parts[0].predict(x, n)
	if err != nil {
		return nil, err
	}
	for _, p := range parts[1:] {
		more, err := p.predict(x, n)
		if err != nil {
			return nil, err
		}
		for i, v := range more {
			out[i] += v / float64(len(parts)-1)
		}
	}
	return out, nil
}
