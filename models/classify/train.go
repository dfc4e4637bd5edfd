package classify

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/dangol/dangol/models/calibrate"
	"github.com/dangol/dangol/models/gbdt"
	"github.com/dangol/dangol/models/glm"
)

// Options of a training. The zero value is right for nearly everyone.
type Options struct {
	Seed uint64 // of folds and trees
	// Groups keeps rows of equal value in one fold: those of one customer. With nil, rows that are equal in every column are kept together
	// where chance does not explain that they are.
	Groups []int
	// MaxRows is how many rows are learnt from, at most; more are drawn, stratified by the answer. 0 means 200,000.
	MaxRows int
	// Cores are the goroutines; 0 means GOMAXPROCS. The model does not depend on it.
	Cores int
	// Progress, if given, is called after each of the parts of a training; false ends it.
	Progress func(done, parts int) bool
}

// What is tried. Small trees win where there is much noise, large ones where there is little; the steps are small because trees stop by
// themselves, and rows and columns are drawn because that costs nothing and mostly helps.
var (
	ridges   = []float64{1, 10, 100}
	treeSize = []int{4, 8, 31}
)

const (
	learningRate   = 0.04
	mostTrees      = 1500
	patience       = 60
	drawn          = 0.8 // of rows and of columns
	leastOfAKind   = 8   // answers of the rarer kind
	surelyOfAKind  = 100
	worthAMap      = 0.0002 // of log-loss
	betterThanNone = 0.001  // of the log-loss of the share alone
)

const sayNothing = "no column says anything: each has one value only, or names each row; give columns that tell rows apart"

// foldsFor is how many folds a table of n rows is put into.
func foldsFor(n, rarer int) int {
	switch {
	case n > 100_000:
		return 3
	case rarer < 40:
		return max(2, min(5, rarer/4))
	}
	return 5
}

// training is one run of Train.
type training struct {
	o          Options
	cores      int // of one training of trees
	table      []Column
	y          []float64
	fold       []int // of each row
	folds      int
	m          *Model
	z          [][]float64   // out of fold, by learner
	linearZ    [][]float64   // by ridge
	candidates []*glm.Fitted // by fold and ridge
	mu         sync.Mutex
	done       int // parts, under mu
}

// ErrStopped is returned when Progress said so.
var ErrStopped = errors.New("classify: stopped")

// Train learns from a table and its answers of 0 and 1.
func Train(table []Column, y []float64, o Options) (*Model, error) {
	t, err := begin(table, y, o)
	if err != nil {
		return nil, err
	}
	if err := t.learnAll(); err != nil {
		return nil, err
	}
	t.chooseRidge()
	return t.m, t.combine()
}

// sideBySide is up to how many rows folds learn at the same time, each on one core: trees of few rows have too little to share.
const sideBySide = 50_000

// learnAll learns without each fold in turn, or several at once. The model is the same.
func (t *training) learnAll() error {
	workers := t.o.Cores
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	t.cores = t.o.Cores
	if len(t.y) > sideBySide {
		workers = 1
	} else {
		t.cores = 1
	}
	failed := make([]error, t.folds)
	next := make(chan int, t.folds)
	for f := range t.folds {
		next <- f
	}
	close(next)
	var all sync.WaitGroup
	for range min(workers, t.folds) {
		all.Go(func() {
			for f := range next {
				if failed[f] = t.learn(f); failed[f] != nil {
					for range next { // nobody begins another one
					}
				}
			}
		})
	}
	all.Wait()
	for f := range t.folds {
		if failed[f] != nil {
			return failed[f]
		}
	}
	for k := range treeSize {
		for f := range t.folds {
			t.m.Learners[k+1].Trees += float64(t.m.Folds[f].Trees[k].Trees()) / float64(t.folds)
		}
	}
	return nil
}

func begin(table []Column, y []float64, o Options) (*training, error) {
	n, err := check(table, y, o)
	if err != nil {
		return nil, err
	}
	t := &training{o: o, y: y, m: &Model{Seed: o.Seed, Notes: []Note{}}}
	table, groups := t.draw(table, n)
	n = len(t.y)
	var notes []Note
	t.table, notes = useful(table, n)
	t.m.Notes = append(t.m.Notes, notes...)
	if len(t.table) == 0 {
		return nil, fail(InvalidData, sayNothing)
	}
	yes := 0
	for _, v := range t.y {
		yes += int(v)
	}
	rarer := min(yes, n-yes)
	if rarer < surelyOfAKind {
		t.m.Notes = append(t.m.Notes, Note{Uncertain, fmt.Sprintf("Only %d rows have the rarer answer: figures vary much from sample to sample.", rarer)})
	}
	joined, repeated := together(t.table, n, groups)
	if joined != nil && groups == nil {
		t.m.Notes = append(t.m.Notes, repeats(repeated, n))
	}
	t.folds = foldsFor(n, rarer)
	t.fold = glm.Folds(glm.Logistic, t.y, joined, t.folds, o.Seed)
	if err := bothKinds(t.y, t.fold, t.folds); err != nil {
		return nil, err
	}
	t.m.Words = learn(t.table)
	t.m.Rows, t.m.Share = n, float64(yes)/float64(n)
	t.m.Learners = []Learner{{Name: "logistic"}}
	for _, leaves := range treeSize {
		t.m.Learners = append(t.m.Learners, Learner{Name: fmt.Sprintf("trees of %d leaves", leaves)})
	}
	for range t.m.Learners {
		t.z = append(t.z, make([]float64, n))
	}
	for range ridges {
		t.linearZ = append(t.linearZ, make([]float64, n))
	}
	t.m.Folds = make([]fold, t.folds)
	t.candidates = make([]*glm.Fitted, t.folds*len(ridges))
	return t, nil
}

func repeats(repeated, n int) Note {
	return Note{Repeated, fmt.Sprintf("%d of %d rows equal another one in every column; such rows were kept in one fold.", repeated, n)}
}

// bothKinds makes sure that each fold holds rows, and that without it both answers are left to learn from: with groups that may not be.
func bothKinds(y []float64, fold []int, folds int) error {
	held, all := make([][2]int, folds), [2]int{}
	for i, f := range fold {
		held[f][int(y[i])]++
		all[int(y[i])]++
	}
	for _, h := range held {
		if h[0]+h[1] == 0 || h[0] == all[0] || h[1] == all[1] {
			return fail(FewRows, "rows that belong together cannot be put into %d parts that each leave both answers to learn from; give more groups", folds)
		}
	}
	return nil
}

func check(table []Column, y []float64, o Options) (n int, err error) {
	if n, err = size(table); err != nil {
		return 0, err
	}
	if len(y) != n {
		return 0, fail(InvalidData, "the table has %d rows, and there are %d answers", n, len(y))
	}
	if o.Groups != nil && len(o.Groups) != n {
		return 0, fail(InvalidOption, "the table has %d rows, and there are %d groups", n, len(o.Groups))
	}
	kinds := [2]int{}
	for i, v := range y {
		if v != 0 && v != 1 {
			return 0, fail(InvalidData, "the answer of row %d is %v; answers are 0 or 1", i+1, v)
		}
		kinds[int(v)]++
	}
	if min(kinds[0], kinds[1]) == 0 {
		return 0, fail(OneClass, "all %d answers are the same; both kinds are needed to tell them apart", n)
	}
	if min(kinds[0], kinds[1]) < leastOfAKind {
		return 0, fail(FewRows, "only %d rows have the rarer answer; at least %d are needed", min(kinds[0], kinds[1]), leastOfAKind)
	}
	return n, nil
}

// draw takes a part of a table that is too large, whole groups where there are any.
func (t *training) draw(table []Column, n int) (part []Column, groups []int) {
	most := t.o.MaxRows
	if most <= 0 {
		most = 200_000
	}
	if n <= most {
		return table, t.o.Groups
	}
	var rows []int
	parts := (n + most - 1) / most
	lot := int(t.o.Seed % uint64(parts))
	for i, f := range glm.Folds(glm.Logistic, t.y, t.o.Groups, parts, t.o.Seed) {
		if f == lot {
			rows = append(rows, i)
		}
	}
	if t.o.Groups != nil {
		groups = make([]int, len(rows))
		for k, i := range rows {
			groups[k] = t.o.Groups[i]
		}
	}
	t.y = pickOf(t.y, rows)
	t.m.Notes = append(t.m.Notes, Note{Sampled, fmt.Sprintf("%d of %d rows were learnt from.", len(rows), n)})
	return pick(table, rows), groups
}

func (t *training) tell() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done++
	if t.o.Progress != nil && !t.o.Progress(t.done, t.folds*(1+len(treeSize))+1) {
		return ErrStopped
	}
	return nil
}

// learn fits every learner without the rows of a fold, and predicts these.
func (t *training) learn(f int) error {
	var in, out []int
	for i, of := range t.fold {
		if of == f {
			out = append(out, i)
		} else {
			in = append(in, i)
		}
	}
	train, rest := pick(t.table, in), pick(t.table, out)
	y := pickOf(t.y, in)
	if err := t.linear(f, train, rest, y, out); err != nil {
		return err
	}
	if err := t.tell(); err != nil {
		return err
	}
	inside, err := forTrees(train, t.m.Words)
	if err != nil {
		return err
	}
	outside, err := forTrees(rest, t.m.Words)
	if err != nil {
		return err
	}
	validation := gbdt.Set{Data: outside, Labels: pickOf(t.y, out)}
	margins := make([]float64, len(out))
	for k, leaves := range treeSize {
		model, err := gbdt.Train(gbdt.Set{Data: inside, Labels: y}, gbdt.Options{
			Trees: mostTrees, LearningRate: learningRate, MaxLeaves: leaves, RowFraction: drawn, ColumnFraction: drawn, L2: 1,
			MinRows: max(2, min(20, len(in)/50)), Validation: &validation, Patience: patience, Seed: t.o.Seed + uint64(f), Cores: t.cores,
		})
		if err != nil {
			return err
		}
		if err := model.Margins(margins, outside); err != nil {
			return err
		}
		for r, i := range out {
			t.z[k+1][i] = margins[r]
		}
		t.m.Folds[f].Trees = append(t.m.Folds[f].Trees, model)
		if err := t.tell(); err != nil {
			return err
		}
	}
	return nil
}

// linear fits the regression at each penalty; which one is kept is chosen when all folds are done.
func (t *training) linear(f int, train, rest []Column, y []float64, out []int) error {
	design, err := glm.NewDesign(train, glm.DesignOptions{AllLevels: true})
	if err != nil {
		return err
	}
	x, err := design.Encode(train)
	if err != nil {
		return err
	}
	other, err := design.Encode(rest)
	if err != nil {
		return err
	}
	fold := &t.m.Folds[f]
	fold.Design = design
	for _, column := range x.X {
		sum := 0.0
		for _, v := range column {
			sum += v
		}
		fold.Means = append(fold.Means, sum/float64(len(column)))
	}
	for r, ridge := range ridges {
		fitted, err := glm.Fit(glm.Logistic, glm.Data{X: x.X, Y: y, Names: x.Names}, glm.Options{Ridge: ridge})
		if err != nil {
			return err
		}
		fitted.Covariance = nil
		z, err := fitted.Linear(other.X, nil)
		if err != nil {
			return err
		}
		for k, i := range out {
			t.linearZ[r][i] = z[k]
		}
		t.candidates[f*len(ridges)+r] = fitted
	}
	return nil
}

// chooseRidge keeps the penalty with the smallest log-loss out of fold.
func (t *training) chooseRidge() {
	best := 0
	for r := range ridges {
		if logLoss(t.linearZ[r], t.y, nil) < logLoss(t.linearZ[best], t.y, nil) {
			best = r
		}
	}
	t.z[0] = t.linearZ[best]
	t.m.Learners[0].Ridge = ridges[best]
	for f := range t.m.Folds {
		t.m.Folds[f].Linear = t.candidates[f*len(ridges)+best]
	}
}

// combine weighs the learners, and calibrates.
func (t *training) combine() error {
	m, err := t.m, error(nil)
	weights := []float64(nil)
	if m.Intercept, weights, err = combine(t.z, t.y, nil); err != nil {
		return err
	}
	z := make([]float64, len(t.y))
	for i := range z {
		z[i] = m.Intercept
	}
	for k := range m.Learners {
		l := &m.Learners[k]
		l.Weight, l.LogLoss = weights[k], logLoss(t.z[k], t.y, nil)
		area, err := calibrate.AUC(t.z[k], t.y, 0.95)
		if err != nil {
			return err
		}
		l.AUC = area.Value
		for i := range z {
			z[i] += l.Weight * t.z[k][i]
		}
	}
	p := make([]float64, len(z))
	for i := range z {
		p[i] = sigmoid(z[i])
	}
	if err := t.calibrate(p); err != nil {
		return err
	}
	if m.Doubt, err = calibrate.FitVennAbers(p, t.y); err != nil {
		return err
	}
	m.OutOfFold, err = calibrate.Measure(p, t.y)
	t.judge()
	return errors.Join(err, t.tell())
}

// calibrate chooses a map of the combination's probabilities, and applies it. Staircases are left out: they would give many people one
// probability, and the combination is smooth and large enough a family to need none.
func (t *training) calibrate(p []float64) error {
	choice, err := calibrate.Choose(p, t.y, calibrate.Options{}, t.o.Seed)
	if err != nil {
		return err
	}
	best := calibrate.Candidate{Method: calibrate.Identity, LogLoss: math.Inf(1)}
	for _, c := range choice.Candidates {
		if c.Method == calibrate.Identity {
			best = c
		}
	}
	for _, c := range choice.Candidates {
		if c.Method != calibrate.Isotonic && c.LogLoss < best.LogLoss-worthAMap {
			best = c
		}
	}
	t.m.Calibration, err = calibrate.Fit(best.Method, p, t.y, calibrate.Options{})
	if err == nil {
		t.m.Calibration.ApplyAll(p, p)
	}
	return err
}

// judge says when nothing was learnt, and when too much was.
func (t *training) judge() {
	m := t.m
	alone := -m.Share*math.Log(m.Share) - (1-m.Share)*math.Log(1-m.Share)
	if m.OutOfFold.LogLoss > alone*(1-betterThanNone) {
		m.Notes = append(m.Notes, Note{NoSignal, fmt.Sprintf("Nothing predicts better than saying %.1f %% of everybody.", 100*m.Share)})
	}
	for _, c := range t.table {
		if c.Numbers == nil || m.OutOfFold.AUC.Value < 0.97 {
			continue
		}
		x := slices.Clone(c.Numbers)
		for i, v := range x {
			if math.IsNaN(v) {
				x[i] = 0
			}
		}
		if area, err := calibrate.AUC(x, t.y, 0.95); err == nil && max(area.Value, 1-area.Value) > 0.97 {
			m.Notes = append(m.Notes, Note{TellTale, fmt.Sprintf("Column %q alone tells the answer (AUC %.3f): was it known before the answer?", c.Name, max(area.Value, 1-area.Value))})
		}
	}
}
