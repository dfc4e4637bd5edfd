package uplift

import (
	"encoding/json"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/dangol/dangol/models/glm"
)

// Options of Fit and Choose. The zero value is right for nearly everyone.
type Options struct {
	// Learners to choose from, of which the first is kept unless another is
	// clearly better; nil means shrunk, t, dr and class. In simulated trials
	// shrunk finds as much as the mean of four learners of trees and three of
	// lines, at a tenth of its cost.
	Learners []Learner
	// Ridge is the penalty of every regression, as in glm.Options; 0 means 1.
	Ridge float64
	// Folds and Repeats of the cross-validation; 0 means 5 and 3.
	Folds   int
	Repeats int
	// FoldOf gives the folds instead: by repeat, the fold of each row, from 0
	// up to Folds less 1; households can then stay together, or two programs be
	// compared. nil deals them evenly by arm and outcome.
	FoldOf [][]int
	// Replicates of bootstrap and permutation; 0 means 400.
	Replicates int
	// Level of intervals and of the verdict; 0 means 0.95.
	Level float64
	Seed  uint64
	// EstimatePropensity by logistic regression on the table: for trials in
	// which the chance of treatment depended on the columns, and is not known.
	EstimatePropensity bool
	// Cost of treating a person, in units of the outcome: the policy treats
	// people with a larger effect.
	Cost float64
}

func (o *Options) check() error {
	for _, d := range []struct {
		value *int
		usual int
	}{{&o.Folds, 5}, {&o.Repeats, 3}, {&o.Replicates, 400}} {
		if *d.value == 0 {
			*d.value = d.usual
		}
	}
	if o.FoldOf != nil {
		o.Repeats = len(o.FoldOf)
	}
	if o.Ridge == 0 {
		o.Ridge = 1
	}
	if o.Learners == nil {
		o.Learners = []Learner{Shrunk, TLearner, DRLearner, ClassTransformation}
	}
	if err := checkLevel(&o.Level); err != nil {
		return err
	}
	switch {
	case o.Folds < 2 || o.Folds > 50:
		return fail(InvalidOption, "%d folds are asked for; take 2 to 50", o.Folds)
	case o.Repeats < 1 || o.Repeats > 100:
		return fail(InvalidOption, "%d repeats are asked for; take 1 to 100", o.Repeats)
	case o.Replicates < 20:
		return fail(InvalidOption, "%d replicates make no interval; take 20 or more", o.Replicates)
	case !(o.Ridge >= 0) || !finite(o.Ridge):
		return fail(InvalidOption, "the ridge penalty is %v; it is a finite number from 0 up", o.Ridge)
	case !finite(o.Cost):
		return fail(InvalidOption, "the cost of a treatment is %v; give a number", o.Cost)
	case len(o.Learners) == 0:
		return fail(InvalidOption, "no learner is named; leave the list nil for all")
	}
	if len(o.Learners) == 1 && o.Learners[0] == Mean {
		return fail(InvalidOption, "the learner mean is the mean of others; name those as well")
	}
	for _, l := range o.Learners {
		if !slices.Contains(Learners(), l) {
			return noLearner(l)
		}
	}
	return nil
}

func noLearner(l Learner) error {
	return fail(InvalidOption, "there is no learner %q; the learners are %v", l, Learners())
}

// Model scores people by the effect that the treatment would have on them. It
// is JSON of some kilobytes.
type Model struct {
	Version int         `json:"version"`
	Learner Learner     `json:"learner"`
	Binary  bool        `json:"binary"` // the outcome is yes or no
	Share   float64     `json:"share"`  // treated in training
	Design  *glm.Design `json:"design"`
	Parts   []part      `json:"parts"`
	// Members are those whose mean this is, without a design of their own.
	Members []Member `json:"members,omitempty"`
}

// Member is a learner of a mean.
type Member struct {
	Learner Learner `json:"learner"`
	Parts   []part  `json:"parts"`
}

// Fit learns effects by one learner, without measuring them; see Choose.
func Fit(l Learner, t Trial, o Options) (*Model, []Warning, error) {
	if err := o.check(); err != nil {
		return nil, nil, err
	}
	d, design, warnings, err := encode(&t, o)
	if err != nil {
		return nil, nil, err
	}
	m, err := d.fit(l, o.Learners, design, o.Seed)
	return m, warnings, err
}

func (d *numbers) fit(l Learner, all []Learner, design *glm.Design, seed uint64) (*Model, error) {
	rows := make([]int, len(d.y))
	for i := range rows {
		rows[i] = i
	}
	m := &Model{Version: 1, Learner: l, Binary: d.binary, Share: d.share, Design: design}
	if l != Mean {
		var err error
		m.Parts, err = d.learn(l, rows, seed)
		return m, err
	}
	for _, one := range all {
		if one == Mean {
			continue
		}
		parts, err := d.learn(one, rows, seed)
		if err != nil {
			return nil, err
		}
		m.Members = append(m.Members, Member{one, parts})
	}
	return m, nil
}

// Predict gives the expected effect on each person of a table: the difference
// of the chance of yes, or of the amount, with the treatment and without.
func (m *Model) Predict(table []glm.Column) ([]float64, error) {
	if len(table) == 0 {
		return nil, fail(InvalidData, "the table has no columns")
	}
	e, err := m.Design.Encode(table)
	if err != nil {
		return nil, err
	}
	n := max(len(table[0].Numbers), len(table[0].Texts))
	if m.Learner != Mean {
		return effects(m.Learner, m.Parts, e.X, n, m.Share, m.Binary)
	}
	mean := make([]float64, n)
	for _, one := range m.Members {
		list, err := effects(one.Learner, one.Parts, e.X, n, m.Share, m.Binary)
		if err != nil {
			return nil, err
		}
		for i, effect := range list {
			mean[i] += effect / float64(len(m.Members))
		}
	}
	return mean, nil
}

// UnmarshalJSON reads a saved model and refuses one whose parts do not fit
// together.
func (m *Model) UnmarshalJSON(raw []byte) error {
	type plain Model
	var p plain
	if err := json.Unmarshal(raw, &p); err != nil {
		return fail(BadModel, "the saved model cannot be read: %v", err)
	}
	if p.Version != 1 {
		return fail(BadModel, "the saved model is of version %d; this program reads version 1", p.Version)
	}
	if p.Design == nil || !(p.Share > 0 && p.Share < 1) || (p.Learner == Mean) != (len(p.Members) > 0) {
		return fail(BadModel, "the saved model is incomplete; train it again")
	}
	members := p.Members
	if p.Learner != Mean {
		members = []Member{{p.Learner, p.Parts}}
	}
	for _, one := range members {
		if err := one.check(len(p.Design.Names())); err != nil {
			return err
		}
	}
	*m = Model(p)
	return nil
}

// check that parts fit together, and so many columns.
func (m *Member) check(columns int) error {
	form, trees := m.Learner.form()
	want := 1
	if form == TLearner || form == XLearner {
		want = 2
	}
	if form == Shrunk && len(m.Parts) == 1+leftFolds {
		want = len(m.Parts)
	}
	if !slices.Contains(Learners(), m.Learner) || m.Learner == Mean || len(m.Parts) != want {
		return fail(BadModel, "the saved model is incomplete; train it again")
	}
	switch {
	case form == SLearner && trees:
		columns++
	case form == SLearner:
		columns = 2*columns + 1
	}
	for _, part := range m.Parts {
		if !finite(part.Constant) || part.Fit != nil && len(part.Fit.Coefficients) != columns+1 || part.Trees != nil && part.Trees.Width() != columns {
			return fail(BadModel, "the saved model's regressions do not fit its columns; train it again")
		}
	}
	return nil
}

// encode checks a trial and makes numbers of it.
func encode(t *Trial, o Options) (*numbers, *glm.Design, []Warning, error) {
	binary, share, err := t.check()
	if err != nil {
		return nil, nil, nil, err
	}
	if len(t.Table) == 0 {
		return nil, nil, nil, fail(InvalidData, "the table has no columns, so people cannot be told apart; give what was known of them before the treatment")
	}
	design, err := glm.NewDesign(t.Table, glm.DesignOptions{})
	if err != nil {
		return nil, nil, nil, err
	}
	encoded, err := design.Encode(t.Table)
	if err != nil {
		return nil, nil, nil, err
	}
	var warnings []Warning
	for _, w := range design.Warnings {
		warnings = append(warnings, Warning{Table, w.Message})
	}
	if len(encoded.X) == 0 {
		return nil, nil, nil, fail(InvalidData, "no column of the table holds anything to tell people apart by")
	}
	d := &numbers{x: encoded.X, treated: t.Treated, y: t.Outcome, e: t.Propensity, share: share, binary: binary, ridge: o.Ridge}
	more, err := d.propensities(o)
	return d, design, append(warnings, more...), err
}

// propensities fills them in, and checks that they explain the arms.
func (d *numbers) propensities(o Options) (warnings []Warning, err error) {
	n := len(d.y)
	known := d.e
	if known == nil {
		d.e = make([]float64, n)
		for i := range d.e {
			d.e[i] = d.share
		}
	}
	t := make([]float64, n)
	for i, is := range d.treated {
		t[i] = float64(arm(is))
	}
	if o.EstimatePropensity {
		f, err := glm.Fit(glm.Logistic, glm.Data{X: d.x, Y: t}, glm.Options{Ridge: o.Ridge})
		if err != nil {
			return nil, err
		}
		if d.e, err = f.Predict(d.x, nil); err != nil {
			return nil, err
		}
		for i := range d.e {
			d.e[i] = clip(d.e[i])
		}
		warnings = append(warnings, Warning{Estimated, "The chance of treatment was estimated from the columns: what is not among them, but moved both treatment and outcome, still distorts the effects."})
	} else if p := imbalance(d.x, t, known); p < brokenBelow {
		warnings = append(warnings, Warning{Imbalanced, fmt.Sprintf("The columns tell who was treated better than chance allows (p = %.2g): the treatment was hardly given at random. Leave out columns that were written after it, give propensities, or have them estimated.", p)})
	}
	if low, high := slices.Min(d.e), slices.Max(d.e); low < 0.02 || high > 0.98 {
		warnings = append(warnings, Warning{Extreme, fmt.Sprintf("Chances of treatment go from %.3g to %.3g; the few rows against the odds carry most of the weight.", low, high)})
	}
	least := min(d.share, 1-d.share) * float64(n)
	if least < 500 {
		warnings = append(warnings, Warning{FewRows, fmt.Sprintf("The smaller arm has %.0f rows; differences of effects between people show only where they are large. Mostly thousands are needed.", least)})
	}
	return warnings, nil
}

// imbalance is the p value of a likelihood ratio test that the columns tell
// nothing about who was treated. Known propensities enter as the residual of
// the treatment, by a score test's regression; 1 where it cannot be tested.
func imbalance(x [][]float64, t, known []float64) float64 {
	if known == nil {
		f, err := glm.Fit(glm.Logistic, glm.Data{X: x, Y: t}, glm.Options{})
		if err != nil || f.Used <= 1 {
			return 1
		}
		return distuv.ChiSquared{K: f.Used - 1}.Survival(max(f.NullDeviance-f.Deviance, 0))
	}
	residual := make([]float64, len(t))
	for i := range t {
		residual[i] = t[i] - known[i]
	}
	f, err := glm.Fit(glm.Linear, glm.Data{X: x, Y: residual}, glm.Options{})
	if err != nil || f.Used <= 1 || f.NullDeviance == 0 {
		return 1
	}
	return distuv.ChiSquared{K: f.Used - 1}.Survival(float64(len(t)) * f.Explained())
}
