package uplift

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Verdict says whether people can be told apart by how the treatment works.
type Verdict string

// Verdicts.
const (
	Targetable   Verdict = "targetable effect"
	NoTargetable Verdict = "no targetable effect"
)

// Candidate is a learner, measured on rows that it had not seen.
type Candidate struct {
	Learner Learner `json:"learner"`
	// Qini is the mean over folds and repeats, with a bootstrap interval.
	Qini Interval `json:"qini"`
	// SE is the standard error of that mean over the folds.
	SE float64 `json:"se"`
	// Times it was chosen for a fold by the rows outside.
	Times int `json:"times"`
}

// Choice is what a trial tells about effects by person.
type Choice struct {
	Verdict Verdict `json:"verdict"`
	// Words say what the verdict rests on, and what to do.
	Words string `json:"words"`
	// Qini is the mean over repeats and folds of scoring each fold by the learner
	// that did best on the rows outside of it: choosing is part of what is
	// measured. Random is what targeting at random gives on the same rows. Both
	// have a bootstrap interval; SE is the standard error over the folds.
	Qini   Interval `json:"qini"`
	SE     float64  `json:"se"`
	Random Interval `json:"random"`
	// Folds and Repeats that were measured.
	Folds   int `json:"folds"`
	Repeats int `json:"repeats"`
	// P is the probability that the best of the learners would have such a Qini
	// if none could tell people apart (White's reality check), which is more than
	// the interval asks for: folds share rows, and intervals do not know it.
	P          float64     `json:"p"`
	Candidates []Candidate `json:"candidates"` // in the order of Options
	// Chosen is the learner of Model: the one with the highest Qini, or the first
	// where none is better than that by more than a standard error.
	Chosen Learner `json:"chosen"`
	// Average is the plain difference of the arms, Adjusted the same made more
	// precise by the columns (doubly robust).
	Average  Average  `json:"average"`
	Adjusted Interval `json:"adjusted"`
	// Measures and Tenths are of Scores, over all rows at once.
	Measures Measures `json:"measures"`
	Tenths   []Tenth  `json:"tenths"`
	// Policy is the worth of treating those whose score is above the cost.
	Policy   *Policy   `json:"policy"`
	Warnings []Warning `json:"warnings"`
	// Scores are the expected effects of each row out of fold, the mean of
	// the repeats; Model is fitted to all rows.
	Scores []float64 `json:"-"`
	Model  *Model    `json:"-"`
}

// Tenth is a tenth of the people, by falling score.
type Tenth struct {
	Treated  int      `json:"treated"`
	Control  int      `json:"control"`
	Expected float64  `json:"expected"` // mean score
	Effect   Interval `json:"effect"`   // seen
}

// Choose measures learners by their Qini coefficient out of fold, repeated with
// other folds, and says whether choosing and targeting by them beats chance.
// Each fold is scored by the learner that did best when the rows outside of it
// were halved, each half scored by the other: no outcome has a say in how its
// own row is scored. Two things must hold for "targetable effect": the interval
// of the Qini lies above what permuted scores give on average, and P is at most
// half of 1 - Level, as much as the interval leaves below.
func Choose(t Trial, o Options) (*Choice, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	average, err := Effect(t, o.Level)
	if err != nil {
		return nil, err
	}
	d, design, warnings, err := encode(&t, o)
	if err != nil {
		return nil, err
	}
	if average.Ratio != nil && average.Ratio.Broken {
		warnings = append(warnings, Warning{SampleRatio, fmt.Sprintf("%.2f %% were treated where %.2f %% were planned (p = %.2g): people are missing from one arm, and effects may be wrong. Find out why before using them.", 100*average.Ratio.Share, 100*average.Ratio.Planned, average.Ratio.P)})
	}
	if err := d.enough(o.Folds); err != nil {
		return nil, err
	}
	v, err := d.crossValidate(o)
	if err != nil {
		return nil, err
	}
	c := &Choice{Average: *average, Warnings: warnings, Folds: o.Folds, Repeats: o.Repeats}
	if err := c.compare(v, o); err != nil {
		return nil, err
	}
	c.Scores = v.mean(len(d.y))
	if err := c.measure(t, d, o); err != nil {
		return nil, err
	}
	c.judge(o)
	c.Model, err = d.fit(c.Chosen, o.Learners, design, o.Seed)
	return c, err
}

// enough says whether every fold gets rows of each kind.
func (d *numbers) enough(folds int) error {
	var n, yes [2]int
	for i, y := range d.y {
		a := arm(d.treated[i])
		n[a]++
		if y != 0 {
			yes[a]++
		}
	}
	for a, name := range []string{"control", "treatment"} {
		switch {
		case n[a] < 10*folds:
			return fail(TooFew, "the %s arm has %d rows; %d folds need at least %d. Take fewer folds or wait for more people", name, n[a], folds, 10*folds)
		case d.binary && min(yes[a], n[a]-yes[a]) < folds:
			return fail(TooFew, "in the %s arm %d of %d rows have the outcome; %d folds need at least %d with it and %d without. Take another outcome or wait longer", name, yes[a], n[a], folds, folds, folds)
		}
	}
	return nil
}

// validation holds scores out of fold.
type validation struct {
	learners []Learner
	fold     [][]int       // by repeat: of each row
	rows     [][][]int32   // by repeat and fold
	score    [][][]float64 // by learner and repeat
	rank     [][][]*ranking
	best     [][]*ranking // by repeat and fold
	// chosen is the learner of each repeat and fold that did best on the rows
	// outside of it, auto how it ranks the rows inside.
	chosen  [][]int
	auto    [][]*ranking
	treated []bool
	y       []float64
}

func (d *numbers) crossValidate(o Options) (*validation, error) {
	n := len(d.y)
	v := &validation{learners: o.Learners, treated: d.treated, y: d.y}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	for r := range o.Repeats {
		fold, err := d.deal(all, r, o)
		if err != nil {
			return nil, err
		}
		rows := make([][]int32, o.Folds)
		for i, f := range fold {
			rows[f] = append(rows[f], int32(i))
		}
		best := make([]*ranking, o.Folds)
		for f := range best {
			best[f] = bestQini(rows[f], d.treated, d.y)
		}
		v.fold, v.rows, v.best = append(v.fold, fold), append(v.rows, rows), append(v.best, best)
	}
	for range o.Learners {
		score, rank := make([][]float64, o.Repeats), make([][]*ranking, o.Repeats)
		for r := range o.Repeats {
			score[r], rank[r] = make([]float64, n), make([]*ranking, o.Folds)
		}
		v.score, v.rank = append(v.score, score), append(v.rank, rank)
	}
	tasks := o.Repeats * o.Folds
	errs := make([]error, tasks)
	v.chosen, v.auto = make([][]int, o.Repeats), make([][]*ranking, o.Repeats)
	for r := range v.chosen {
		v.chosen[r], v.auto[r] = make([]int, o.Folds), make([]*ranking, o.Folds)
	}
	parallel(tasks, func(task int) {
		r, f := task/o.Folds, task%o.Folds
		errs[task] = v.task(d, r, f, o.Seed)
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return v, nil
}

// deal gives the fold of each row in a repeat.
func (d *numbers) deal(all []int, repeat int, o Options) ([]int, error) {
	if o.FoldOf == nil {
		if !d.binary {
			return d.folds(all, o.Folds, o.Seed+uint64(repeat)), nil
		}
		kind := make([]int, len(all))
		for i, y := range d.y {
			kind[i] = 2*arm(d.treated[i]) + arm(y != 0)
		}
		return stratified(kind, 4, o.Folds, uint32(o.Seed+uint64(repeat))), nil
	}
	fold := o.FoldOf[repeat]
	if len(fold) != len(all) {
		return nil, fail(InvalidOption, "repeat %d has folds for %d rows, there are %d", repeat, len(fold), len(all))
	}
	seen := make([][2]bool, o.Folds)
	for i, f := range fold {
		if f < 0 || f >= o.Folds {
			return nil, failAt(InvalidOption, i, "row %d is in fold %d of repeat %d; folds are 0 to %d", i, f, repeat, o.Folds-1)
		}
		seen[f][arm(d.treated[i])] = true
	}
	for f, arms := range seen {
		if !arms[0] || !arms[1] {
			return nil, fail(InvalidOption, "fold %d of repeat %d lacks an arm; every fold needs people with and without the treatment", f, repeat)
		}
	}
	return fold, nil
}

// task scores one fold by every learner, and by the one that does best on the
// rows outside of it.
func (v *validation) task(d *numbers, r, f int, seed uint64) error {
	var fit []int
	for i, of := range v.fold[r] {
		if of != f {
			fit = append(fit, i)
		}
	}
	seed += uint64(r*len(v.rows[r]) + f)
	left := v.rows[r][f]
	scores, err := d.scores(v.learners, fit, left, seed)
	if err != nil {
		return err
	}
	for l, e := range scores {
		for k, i := range left {
			v.score[l][r][i] = e[k]
		}
		v.rank[l][r][f] = rank(left, v.score[l][r], v.treated, v.y)
	}
	best, err := d.bestOn(v.learners, fit, seed)
	v.chosen[r][f], v.auto[r][f] = best, v.rank[best][r][f]
	return err
}

// scores are the effects on the rows left of every learner fitted to others.
func (d *numbers) scores(learners []Learner, fit []int, left []int32, seed uint64) ([][]float64, error) {
	x := make([][]float64, len(d.x))
	for j, column := range d.x {
		x[j] = make([]float64, len(left))
		for k, i := range left {
			x[j][k] = column[i]
		}
	}
	known := &numbers{} // what learners share
	*known = *d
	known.shared = &shared{responses: map[bool][]part{}}
	out := make([][]float64, len(learners))
	mean, others := make([]float64, len(left)), 0.0
	for l, learner := range learners {
		if learner == Mean {
			out[l] = mean
			continue
		}
		parts, err := known.learn(learner, fit, seed)
		if err != nil {
			return nil, err
		}
		if out[l], err = effects(learner, parts, x, len(left), d.share, d.binary); err != nil {
			return nil, err
		}
		others++
		for k, e := range out[l] {
			mean[k] += e
		}
	}
	for k := range mean {
		mean[k] /= math.Max(others, 1)
	}
	return out, nil
}

// choiceFolds are the parts of the rows outside of a fold by which a learner is
// chosen for it, choiceDraws the bootstrap replicates that say how sure that is,
// and clearly how many standard errors another than the first has to be better.
// In simulated trials, straight and bent, one finds more than none and than two.
const (
	choiceFolds = 2
	choiceDraws = 20
	clearly     = 1
)

// bestOn chooses a learner by rows, each half scored by regressions of the
// other: the first, unless another's Qini is clearly higher, by the standard
// error of the difference. The Qini of one trial is so rough that the plain best
// of many is mostly the luckiest.
func (d *numbers) bestOn(learners []Learner, rows []int, seed uint64) (int, error) {
	if len(learners) == 1 {
		return 0, nil
	}
	fold := d.folds(rows, choiceFolds, seed)
	rank, best := make([][]*ranking, len(learners)), make([]*ranking, choiceFolds)
	all := make([]float64, len(d.y))
	for f := range choiceFolds {
		var fit []int
		var left []int32
		for k, i := range rows {
			if fold[k] == f {
				left = append(left, int32(i))
			} else {
				fit = append(fit, i)
			}
		}
		scores, err := d.scores(learners, fit, left, seed+1)
		if err != nil {
			return 0, err
		}
		best[f] = bestQini(left, d.treated, d.y)
		for l, e := range scores {
			for k, i := range left {
				all[i] = e[k]
			}
			rank[l] = append(rank[l], rankOf(left, all, d))
		}
	}
	return clearlyBest(rank, best, len(d.y), seed), nil
}

func rankOf(rows []int32, score []float64, d *numbers) *ranking {
	return rank(rows, score, d.treated, d.y)
}

// clearlyBest is the learner with the highest Qini among those that clearly beat
// the first, or the first.
func clearlyBest(rank [][]*ranking, best []*ranking, n int, seed uint64) int {
	lead := func(w []float64) []float64 {
		list := make([]float64, len(rank))
		for f, one := range best {
			top := one.area(qiniHeight, w)
			for l := range rank {
				if top != 0 {
					list[l] += rank[l][f].area(qiniHeight, w) / top / choiceFolds
				}
			}
		}
		for l := len(list) - 1; l >= 0; l-- {
			list[l] -= list[0]
		}
		return list
	}
	values := lead(nil)
	square := make([]float64, len(rank))
	for b := range choiceDraws { // in a row: the caller's tasks take the cores
		draw := lead(poissonWeights(n, rand.New(rand.NewPCG(seed, uint64(b)+1)))) //nolint:gosec // resampling, not secrets
		for l, x := range draw {
			square[l] += (x - values[l]) * (x - values[l]) / choiceDraws
		}
	}
	chosen := 0
	for l, x := range values {
		if x > clearly*math.Sqrt(square[l]) && x > values[chosen] {
			chosen = l
		}
	}
	return chosen
}

// tops are the best areas by repeat and fold.
func (v *validation) tops(w []float64) [][]float64 {
	tops := make([][]float64, len(v.best))
	for r, folds := range v.best {
		for _, best := range folds {
			tops[r] = append(tops[r], best.area(qiniHeight, w))
		}
	}
	return tops
}

// qini by fold of each repeat, in one list.
func (v *validation) qini(rank [][]*ranking, tops [][]float64, w []float64) []float64 {
	var list []float64
	for r, folds := range rank {
		for f, one := range folds {
			if top := tops[r][f]; top != 0 {
				list = append(list, one.area(qiniHeight, w)/top)
			}
		}
	}
	return list
}

// shuffled ranks every repeat by one random order of the people.
func (v *validation) shuffled(random *rand.Rand) [][]*ranking {
	order := random.Perm(len(v.y))
	out := make([][]*ranking, len(v.fold))
	for r, fold := range v.fold {
		lists := make([][]int32, len(v.rows[r]))
		for _, i := range order {
			lists[fold[i]] = append(lists[fold[i]], int32(i))
		}
		for _, list := range lists {
			out[r] = append(out[r], pack(list, v.treated, v.y))
		}
	}
	return out
}

// mean is the mean over the repeats of how each row was scored by the learner
// that was chosen without it.
func (v *validation) mean(n int) []float64 {
	out := make([]float64, n)
	for r, fold := range v.fold {
		for i, f := range fold {
			out[i] += v.score[v.chosen[r][f]][r][i] / float64(len(v.fold))
		}
	}
	return out
}

// compare measures the learners and random targeting.
func (c *Choice) compare(v *validation, o Options) error {
	n, whole := len(v.y), v.tops(nil)
	ranks := append(slices.Clone(v.rank), v.auto)
	draws := bootstrap(n, o.Replicates, o.Seed, func(w []float64) []float64 {
		tops, list := v.tops(w), make([]float64, len(ranks))
		for l := range list {
			list[l] = stat.Mean(v.qini(ranks[l], tops, w), nil)
		}
		return list
	})
	auto := len(v.learners)
	for l, one := range ranks {
		folds := v.qini(one, whole, nil)
		value := stat.Mean(folds, nil)
		if !finite(value) {
			return fail(NoVariation, "even the best targeting would gain nothing on these rows, so learners cannot be compared; take another outcome, or more rows")
		}
		se := stat.StdDev(folds, nil) / math.Sqrt(float64(len(folds)))
		if l == auto {
			c.Qini, c.SE = around(value, draws, l, o.Level), se
			break
		}
		c.Candidates = append(c.Candidates, Candidate{v.learners[l], around(value, draws, l, o.Level), se, 0})
	}
	for _, folds := range v.chosen {
		for _, l := range folds {
			c.Candidates[l].Times++
		}
	}
	c.Chosen = c.leader(draws)
	as := 1.0
	for _, draw := range draws {
		top := draw[auto] - c.Qini.Value
		for l, one := range c.Candidates {
			top = math.Max(top, draw[l]-one.Qini.Value)
		}
		if top >= c.Qini.Value {
			as++
		}
	}
	c.P = as / float64(len(draws)+1)
	random := make([][]float64, o.Replicates)
	parallel(o.Replicates, func(b int) {
		order := v.shuffled(rand.New(rand.NewPCG(o.Seed^0x72616e646f6d, uint64(b)+1))) //nolint:gosec // rearrangement, not secrets
		random[b] = []float64{stat.Mean(v.qini(order, whole, nil), nil)}
	})
	mean := 0.0
	for _, one := range random {
		mean += one[0] / float64(len(random))
	}
	c.Random = around(mean, random, 0, o.Level)
	return nil
}

// leader is the candidate with the highest Qini among those that clearly beat
// the first, or the first; as bestOn chooses.
func (c *Choice) leader(draws [][]float64) Learner {
	chosen, first := 0, c.Candidates[0].Qini.Value
	for l, one := range c.Candidates {
		square, lead := 0.0, one.Qini.Value-first
		for _, draw := range draws {
			square += (draw[l] - draw[0] - lead) * (draw[l] - draw[0] - lead) / float64(len(draws))
		}
		if lead > clearly*math.Sqrt(square) && one.Qini.Value > c.Candidates[chosen].Qini.Value {
			chosen = l
		}
	}
	return c.Candidates[chosen].Learner
}

// measure fills what the scores are worth over all rows.
func (c *Choice) measure(t Trial, d *numbers, o Options) error {
	m, err := Measure(c.Scores, t.Treated, t.Outcome, MeasureOptions{Level: o.Level, Replicates: o.Replicates, Seed: o.Seed})
	if err != nil {
		return err
	}
	c.Measures = *m
	all := make([]int, len(d.y))
	treat := make([]bool, len(d.y))
	for i := range all {
		all[i], treat[i] = i, c.Scores[i] > o.Cost
	}
	effect, err := d.pseudo(all, o.Seed)
	if err != nil {
		return err
	}
	z := distuv.UnitNormal.Quantile((1 + o.Level) / 2)
	mean, sd := stat.MeanStdDev(effect, nil)
	half := z * sd / math.Sqrt(float64(len(effect)))
	c.Adjusted = Interval{mean, mean - half, mean + half}
	c.Tenths = tenths(rank(nil, c.Scores, t.Treated, t.Outcome), c.Scores, z)
	t.Propensity = d.e
	c.Policy, err = PolicyValue(t, treat, o.Cost, o.Level)
	return err
}

// tenths compares what was expected with what was seen.
func tenths(r *ranking, score []float64, z float64) []Tenth {
	list := make([]Tenth, 10)
	n := len(r.row)
	for k := range list {
		var count, mean, square [2]float64
		one := &list[k]
		for at := k * n / 10; at < (k+1)*n/10; at++ {
			a := arm(r.treated[at])
			count[a]++
			gap := r.y[at] - mean[a]
			mean[a] += gap / count[a]
			square[a] += gap * (r.y[at] - mean[a])
			one.Expected += score[r.row[at]]
		}
		one.Treated, one.Control = int(count[1]), int(count[0])
		one.Expected /= math.Max(count[0]+count[1], 1)
		effect, half := mean[1]-mean[0], 0.0
		for a := range count {
			half += square[a] / math.Max(count[a]-1, 1) / math.Max(count[a], 1)
		}
		half = z * math.Sqrt(half)
		one.Effect = Interval{effect, effect - half, effect + half}
	}
	return list
}

// judge reaches the verdict.
func (c *Choice) judge(o Options) {
	figures := fmt.Sprintf("Qini %.4f (%.4f to %.4f) where random targeting gives %.4f (%.4f to %.4f); p = %.3g", c.Qini.Value, c.Qini.Low, c.Qini.High, c.Random.Value, c.Random.Low, c.Random.High, c.P)
	if c.Qini.Low > c.Random.Value && c.P <= (1-o.Level)/2 {
		c.Verdict = Targetable
		c.Words = "The treatment works better on some than on others, and they can be told beforehand: " + figures + "."
		return
	}
	c.Verdict = NoTargetable
	advice := "the treatment shows no effect on average either, so do not treat until a larger trial says otherwise"
	switch a := c.Average.Effect; {
	case a.Low > o.Cost:
		advice = "it pays on average, so treat everybody, or choose people by something else than its effect"
	case a.High < o.Cost && o.Cost > 0:
		advice = "on average it brings less than it costs, so treat nobody"
	case a.High < 0:
		advice = "it does harm on average, so treat nobody"
	case a.Low > 0:
		advice = "it works on average, but whether that is worth its cost is open"
	}
	c.Words = "No one could be found on whom the treatment works better than on others: " + figures + ". As to all people, " + advice + "."
}
