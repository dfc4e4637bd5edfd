package gbdt

import (
	"math"
	"runtime"
)

// Options of a training. The zero value of each field means its default, so
// Options{} trains 100 trees of 31 leaves for a binary label.
type Options struct {
	Objective Objective // Binary
	// TweediePower is the variance power of Tweedie, between 1 and 2; 0 means 1.5.
	TweediePower float64

	Trees        int     // number of trees, at most; 100
	LearningRate float64 // what of each tree is kept; 0.1
	MaxLeaves    int     // leaves of a tree; 31
	MaxDepth     int     // splits from root to leaf; 0 means no limit
	MinRows      int     // rows in a leaf, at least; 20
	MinHessian   float64 // sum of second derivatives in a leaf, at least; 1e-3
	L1, L2       float64 // penalties on a leaf's value before LearningRate; 0
	MinGain      float64 // what a split must gain, at least; 0
	MaxBins      int     // bins of a column, 2 to 255, with one for missing values; 255

	// RowFraction of the rows is drawn, without replacement, for each tree; 1.
	RowFraction float64
	// ColumnFraction of the columns is drawn for each tree, and
	// NodeColumnFraction of those for each leaf; 1.
	ColumnFraction, NodeColumnFraction float64

	// Monotone gives columns, by name, along which the prediction may only
	// rise (+1) or only fall (-1), all else equal. Missing values are free.
	Monotone map[string]int

	// Categories. A split sends a set of categories to the left, found by
	// sorting them by sum(gradient) / (sum(hessian) + CategorySmoothing).
	CategorySmoothing  float64 // 10
	CategoryL2         float64 // added to L2 where sets are chosen; 10
	MinRowsPerCategory int     // categories with fewer rows in a leaf stay together; 10
	MaxCategoriesInSet int     // size of the smaller set; 32
	OneAgainstRest     int     // up to so many categories, splits are one against the rest; 4

	// Validation, if given, is scored after each tree; the model keeps the
	// trees up to the best score, and training ends after Patience trees
	// without a better one (0 means 50).
	Validation *Set
	Patience   int
	Metric     Metric // what Validation is scored by; the objective's own loss

	// NoIntercept starts from a margin of 0 (plus Offset) instead of the
	// constant that fits best.
	NoIntercept bool

	Seed  uint64 // of row and column sampling and of the rounding of gradients
	Cores int    // goroutines; 0 means GOMAXPROCS. The model does not depend on it.

	// Progress, if given, is called after each tree; false ends the training
	// there.
	Progress func(Round) bool
}

// Round is what is known after a tree.
type Round struct {
	Tree       int     // number of trees so far
	Validation float64 // score of the validation set, NaN without one
}

// Metric scores a validation set.
type Metric string

// Metrics.
const (
	// Loss is the objective's mean loss, lower is better: log-loss, half the
	// squared error, half the Poisson or Tweedie deviance.
	Loss Metric = "loss"
	// AUC is the area under the ROC curve of a binary label, higher is better.
	AUC Metric = "auc"
)

const (
	trainingSet = "training set"
	maxRows     = 1<<31 - 1
	maxTrees    = 1_000_000
	maxLeaves   = 1 << 16
)

// or is v, or its default where v is zero.
func or[T int | float64](v, standard T) T {
	if v == 0 {
		return standard
	}
	return v
}

// withDefaults fills in and checks.
func (o Options) withDefaults() (Options, error) {
	if o.Objective == "" {
		o.Objective = Binary
	}
	o.TweediePower = or(o.TweediePower, 1.5)
	o.Trees, o.LearningRate = or(o.Trees, 100), or(o.LearningRate, 0.1)
	o.MaxLeaves, o.MinRows, o.MinHessian = or(o.MaxLeaves, 31), or(o.MinRows, 20), or(o.MinHessian, 1e-3)
	o.MaxBins, o.Patience = or(o.MaxBins, 255), or(o.Patience, 50)
	o.RowFraction = or(o.RowFraction, 1)
	o.ColumnFraction, o.NodeColumnFraction = or(o.ColumnFraction, 1), or(o.NodeColumnFraction, 1)
	o.CategorySmoothing, o.CategoryL2 = or(o.CategorySmoothing, 10), or(o.CategoryL2, 10)
	o.MinRowsPerCategory, o.MaxCategoriesInSet = or(o.MinRowsPerCategory, 10), or(o.MaxCategoriesInSet, 32)
	o.OneAgainstRest = or(o.OneAgainstRest, 4)
	if o.MaxDepth == 0 {
		o.MaxDepth = math.MaxInt32
	}
	if o.Metric == "" {
		o.Metric = Loss
	}
	if o.Cores <= 0 {
		o.Cores = runtime.GOMAXPROCS(0)
	}
	o.Cores = min(o.Cores, 64)
	return o, o.check()
}

func (o *Options) check() error {
	switch o.Objective {
	case Binary, Squared, Poisson, Tweedie:
	default:
		return fail(InvalidOption, "Objective %q is unknown: use binary, squared, poisson or tweedie", o.Objective)
	}
	if o.Metric != Loss && (o.Metric != AUC || o.Objective != Binary) {
		return fail(InvalidOption, "Metric %q does not go with the objective %s", o.Metric, o.Objective)
	}
	for _, r := range []struct {
		name          string
		v, low, high  float64
		openL, closed bool
	}{
		{"TweediePower", o.TweediePower, 1, 2, true, false},
		{"Trees", float64(o.Trees), 1, maxTrees, false, true},
		{"LearningRate", o.LearningRate, 0, 10, true, true},
		{"MaxLeaves", float64(o.MaxLeaves), 2, maxLeaves, false, true},
		{"MaxDepth", float64(o.MaxDepth), 1, math.MaxInt32, false, true},
		{"MinRows", float64(o.MinRows), 1, maxRows, false, true},
		{"MinHessian", o.MinHessian, 0, math.MaxFloat64, true, true},
		{"L1", o.L1, 0, math.MaxFloat64, false, true},
		{"L2", o.L2, 0, math.MaxFloat64, false, true},
		{"MinGain", o.MinGain, 0, math.MaxFloat64, false, true},
		{"MaxBins", float64(o.MaxBins), 2, 255, false, true},
		{"RowFraction", o.RowFraction, 0, 1, true, true},
		{"ColumnFraction", o.ColumnFraction, 0, 1, true, true},
		{"NodeColumnFraction", o.NodeColumnFraction, 0, 1, true, true},
		{"CategorySmoothing", o.CategorySmoothing, 0, math.MaxFloat64, false, true},
		{"CategoryL2", o.CategoryL2, 0, math.MaxFloat64, false, true},
		{"MinRowsPerCategory", float64(o.MinRowsPerCategory), 1, maxRows, false, true},
		{"MaxCategoriesInSet", float64(o.MaxCategoriesInSet), 1, 256, false, true},
		{"OneAgainstRest", float64(o.OneAgainstRest), 1, 256, false, true},
		{"Patience", float64(o.Patience), 1, maxTrees, false, true},
	} {
		if !(r.v >= r.low && r.v <= r.high) || (r.openL && r.v == r.low) || (!r.closed && r.v == r.high) {
			return fail(InvalidOption, "%s is %v: it lies between %v and %v", r.name, r.v, r.low, r.high)
		}
	}
	return nil
}

// directions is Monotone by column.
func (o *Options) directions(d *Data) ([]int8, error) {
	list := make([]int8, d.Width())
	found := 0
	for f := range d.columns {
		c := &d.columns[f]
		v, there := o.Monotone[c.Name]
		if !there {
			continue
		}
		found++
		if v < -1 || v > 1 {
			return nil, fail(InvalidOption, "Monotone[%q] is %d: use 1, -1 or 0", c.Name, v)
		}
		if v != 0 && c.kind == kindCategory {
			return nil, fail(InvalidOption, "Monotone[%q]: categories have no order", c.Name)
		}
		list[f] = int8(v)
	}
	if found < len(o.Monotone) {
		for name := range o.Monotone {
			if !d.has(name) {
				return nil, fail(InvalidOption, "Monotone[%q]: there is no such column", name)
			}
		}
	}
	return list, nil
}

func (d *Data) has(name string) bool {
	for f := range d.columns {
		if d.columns[f].Name == name {
			return true
		}
	}
	return false
}
