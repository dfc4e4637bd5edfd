package glm

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// CrossOptions of a choice by cross-validation. The zero value is ten folds.
type CrossOptions struct {
	Path  PathOptions
	Folds int    // 0 means 10
	Seed  uint64 // of the folds
	// Groups, if given, keeps rows of equal value in one fold: rows of one
	// customer, duplicates.
	Groups []int
}

// Choice is a path with its error on rows that each fit had not seen.
type Choice struct {
	*Path
	// Error is the mean deviance a row (unit of weight) out of fold at each
	// penalty, and SE its standard error over the folds.
	Error []float64 `json:"error"`
	SE    []float64 `json:"se"`
	// Best has the smallest error; Simple is the largest penalty whose error
	// is within one standard error of it.
	Best   int `json:"best"`
	Simple int `json:"simple"`
	Folds  int `json:"folds"`
}

// Folds assigns n rows to folds 0…folds-1, evenly, and for a logistic answer
// so that each fold has its share of yes. Rows of one group, where groups are
// given, are in one fold; the folds are then as even as the groups allow. The
// same seed gives the same folds. groups may be nil.
func Folds(family Family, y []float64, groups []int, folds int, seed uint64) []int {
	rng := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)) //nolint:gosec // repeatable by purpose
	if groups != nil {
		return groupFolds(family, y, groups, folds, rng)
	}
	of := make([]int, len(y))
	order := rng.Perm(len(y))
	if family == Logistic {
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case y[a] < 0.5 && y[b] >= 0.5:
				return -1
			case y[a] >= 0.5 && y[b] < 0.5:
				return 1
			}
			return 0
		})
	}
	for k, i := range order {
		of[i] = k % folds
	}
	return of
}

// groupFolds deals whole groups, the largest first and equal ones in random
// order, each to the fold where it disturbs the evenness of rows, and for a
// logistic answer of no and yes apart, least.
func groupFolds(family Family, y []float64, groups []int, folds int, rng *rand.Rand) []int {
	place := map[int]int{}
	var kinds [][2]float64 // of each group: its rows of no and of yes
	total := [2]float64{}
	for i, g := range groups {
		at, known := place[g]
		if !known {
			at = len(kinds)
			place[g], kinds = at, append(kinds, [2]float64{})
		}
		kind := 0
		if family == Logistic && y[i] >= 0.5 {
			kind = 1
		}
		kinds[at][kind]++
		total[kind]++
	}
	order := rng.Perm(len(kinds))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(kinds[b][0]+kinds[b][1], kinds[a][0]+kinds[a][1]) })
	held, dealt := make([][2]float64, folds), make([]int, len(kinds))
	for _, g := range order {
		best, least := 0, math.Inf(1)
		for f := range held {
			// Twice the product is by how much the sum of squares grows beyond what the group itself adds.
			cost := 0.0
			for kind, n := range kinds[g] {
				cost += n * held[f][kind] / math.Max(total[kind]*total[kind], 1)
			}
			cost += 1e-9 * (held[f][0] + held[f][1])
			if cost < least {
				best, least = f, cost
			}
		}
		dealt[g] = best
		held[best][0] += kinds[g][0]
		held[best][1] += kinds[g][1]
	}
	of := make([]int, len(groups))
	for i, g := range groups {
		of[i] = dealt[place[g]]
	}
	return of
}

// CrossValidate fits the path, and once more for each fold without it, and
// chooses the penalty by the deviance of the rows left out.
func CrossValidate(family Family, data Data, opts CrossOptions) (*Choice, error) {
	if opts.Folds == 0 {
		opts.Folds = 10
	}
	if opts.Folds < 2 || opts.Folds > len(data.Y) {
		return nil, fail(InvalidOption, "%d folds for %d rows; take 2 folds or more, and no more than rows", opts.Folds, len(data.Y))
	}
	if opts.Groups != nil && len(opts.Groups) != len(data.Y) {
		return nil, fail(InvalidOption, "%d groups for %d rows; give one group a row", len(opts.Groups), len(data.Y))
	}
	path, err := FitPath(family, data, opts.Path)
	if err != nil {
		return nil, err
	}
	opts.Path.Lambdas = path.Lambdas
	of := Folds(family, data.Y, opts.Groups, opts.Folds, opts.Seed)
	errs := make([]error, opts.Folds)
	sums, weights := make([][]float64, opts.Folds), make([]float64, opts.Folds)
	eachChunk(opts.Folds, func(fold int) {
		sums[fold], weights[fold], errs[fold] = leaveOut(family, data, opts.Path, of, fold)
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	c := &Choice{Path: path, Folds: opts.Folds}
	c.choose(sums, weights)
	return c, nil
}

// leaveOut fits without a fold and returns its weighted deviances, and weight.
func leaveOut(family Family, data Data, opts PathOptions, of []int, fold int) (sums []float64, weight float64, err error) {
	var in, out []int
	for i, f := range of {
		if f == fold {
			out = append(out, i)
		} else {
			in = append(in, i)
		}
	}
	sums = make([]float64, len(opts.Lambdas))
	if len(out) == 0 {
		return sums, 0, nil
	}
	path, err := FitPath(family, *data.rows(in), opts)
	if err != nil {
		return nil, 0, err
	}
	test := data.rows(out)
	row := family.row()
	for k := range path.Lambdas {
		eta, err := path.At(k).Linear(test.X, test.Offset)
		if err != nil {
			return nil, 0, err
		}
		for i, e := range eta {
			ll, _, _ := row(e, test.Y[i])
			if w := test.weight(i); w > 0 {
				sums[k] += 2 * w * (family.saturated(test.Y[i]) - ll)
			}
		}
	}
	for i := range test.Y {
		weight += test.weight(i)
	}
	return sums, weight, nil
}

// choose fills errors and the chosen penalties.
func (c *Choice) choose(sums [][]float64, weights []float64) {
	count := len(c.Lambdas)
	c.Error, c.SE = make([]float64, count), make([]float64, count)
	total, folds := 0.0, 0.0
	for _, w := range weights {
		total += w
		if w > 0 {
			folds++
		}
	}
	for k := range count {
		for f := range sums {
			c.Error[k] += sums[f][k] / total
		}
		variance := 0.0
		for f, w := range weights {
			if w > 0 {
				apart := sums[f][k]/w - c.Error[k]
				variance += w / total * apart * apart
			}
		}
		c.SE[k] = math.Sqrt(variance / math.Max(folds-1, 1))
		if c.Error[k] < c.Error[c.Best] {
			c.Best = k
		}
	}
	for c.Simple < c.Best && c.Error[c.Simple] > c.Error[c.Best]+c.SE[c.Best] {
		c.Simple++
	}
}
