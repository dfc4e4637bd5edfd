package lab

import (
	"context"
	"fmt"
	"math"

	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/models/glm"
	"github.com/dangol/dangol/models/uplift"
)

// UpliftOptions of a question on whom a treatment works. Column names are as in the file.
type UpliftOptions struct {
	Treatment    string // the column that says who got what
	Control, Arm string // its values; Arm may be empty where there are two
	Outcome      string // numbers, or two values
	Positive     string // of two values, the one that counts as 1; "" is a word for yes
	ID, Drop     string
	Seed         uint64
}

// UpliftReport says whether a treatment works better on some than on others.
type UpliftReport struct {
	File          string             `json:"file"`
	Treatment     string             `json:"treatment"`
	Arm           string             `json:"arm"`
	Control       string             `json:"control"`
	Outcome       string             `json:"outcome"`
	Positive      string             `json:"positive,omitempty"` // the value that counts as 1, of two words
	Rows          int                `json:"rows"`
	Malformed     int64              `json:"malformed_rows"`
	Treated       int                `json:"treated"`
	Protocol      string             `json:"protocol"` // of Qini
	Qini          float64            `json:"qini"`
	QiniSE        float64            `json:"qini_se"` // over the folds
	QiniInterval  [2]float64         `json:"qini_interval"`
	Verdict       string             `json:"verdict"`
	Words         string             `json:"words"`
	P             float64            `json:"p"`
	Learner       string             `json:"learner"`
	Candidates    []uplift.Candidate `json:"candidates"`
	Effect        float64            `json:"average_effect"`
	EffectBetween [2]float64         `json:"average_effect_interval"`
	Tenths        []uplift.Tenth     `json:"tenths"`
	Notes         []string           `json:"notes"`
	Seconds       float64            `json:"seconds"`
}

// Uplift looks for people whom a treatment changes more than others, in a trial with a control group.
func Uplift(ctx context.Context, s *Sheet, o UpliftOptions, c clock.Clock) (*UpliftReport, error) {
	began := c()
	r := &UpliftReport{File: s.Name, Control: o.Control, Arm: o.Arm, Malformed: s.Malformed, Notes: []string{}}
	trial, err := r.trial(s, o)
	if err != nil {
		return nil, err
	}
	choice, err := within(ctx, func() (*uplift.Choice, error) { return uplift.Choose(trial, uplift.Options{Seed: o.Seed}) })
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, problem(s, err)
	}
	r.Qini, r.QiniInterval = choice.Qini.Value, [2]float64{choice.Qini.Low, choice.Qini.High}
	r.QiniSE, r.Protocol = choice.SE, fmt.Sprintf("mean of %d repeats of %d folds, each scored by the learner chosen without it", choice.Repeats, choice.Folds)
	r.Verdict, r.Words, r.P, r.Learner = string(choice.Verdict), choice.Words, choice.P, string(choice.Chosen)
	r.Candidates, r.Tenths = choice.Candidates, choice.Tenths
	r.Effect, r.EffectBetween = choice.Adjusted.Value, [2]float64{choice.Adjusted.Low, choice.Adjusted.High}
	for _, w := range choice.Warnings {
		r.Notes = append(r.Notes, w.Message)
	}
	r.Seconds = c().Sub(began).Seconds()
	return r, nil
}

// trial reads the rows of the two arms.
func (r *UpliftReport) trial(s *Sheet, o UpliftOptions) (t uplift.Trial, err error) {
	by, err := s.column(o.Treatment, "--treatment")
	if err != nil {
		return t, err
	}
	at, err := s.column(o.Outcome, "--outcome")
	if err != nil {
		return t, err
	}
	r.Treatment, r.Outcome = s.Names[by], s.Names[at]
	if err := r.arms(s, by, o); err != nil {
		return t, err
	}
	var rows []int
	for i, arm := range s.Cells[by] {
		if (arm == r.Arm || arm == r.Control) && !hole(s.Cells[at][i]) {
			rows = append(rows, i)
			t.Treated = append(t.Treated, arm == r.Arm)
			if arm == r.Arm {
				r.Treated++
			}
		}
	}
	r.Rows = len(rows)
	if t.Outcome, r.Positive, err = s.outcome(at, rows, o.Positive); err != nil {
		return t, err
	}
	features, _, err := s.features(by, o.ID, o.Drop)
	if err != nil {
		return t, err
	}
	for _, j := range features {
		if j == at {
			continue
		}
		if column := s.typed(j, rows); afterwards(column, t.Outcome) {
			r.Notes = append(r.Notes, fmt.Sprintf("Column %q was left out: where it differs from its usual value the outcome is always there, so it was written afterwards.", column.Name))
		} else {
			t.Table = append(t.Table, column)
		}
	}
	return t, nil
}

// arms checks the two values, and finds the treatment's where there are two only.
func (r *UpliftReport) arms(s *Sheet, by int, o UpliftOptions) error {
	counts := map[string]int{}
	var values []string
	for _, v := range s.Cells[by] {
		if counts[v]++; counts[v] == 1 {
			values = append(values, v)
		}
	}
	place := fault.Place{File: s.Name, Field: s.Names[by]}
	if counts[o.Control] == 0 {
		return fault.Newf(fault.Invalid, "lab.no_arm", "nobody in column %q is %q", s.Names[by], o.Control).At(place).Then("Its values are " + sample(values, counts) + "; give the one without treatment by --control.")
	}
	if o.Arm == "" && len(values) == 2 {
		r.Arm = values[0]
		if r.Arm == o.Control {
			r.Arm = values[1]
		}
	}
	if counts[r.Arm] == 0 || r.Arm == o.Control {
		return fault.Newf(fault.Invalid, "lab.no_arm", "nobody in column %q is %q", s.Names[by], r.Arm).At(place).Then("Its values are " + sample(values, counts) + "; give the treatment by --arm.")
	}
	return nil
}

// outcome reads numbers, or two values of which the positive one is 1; it tells which that is.
func (s *Sheet) outcome(at int, rows []int, positive string) ([]float64, string, error) {
	y := make([]float64, len(rows))
	if positive == "" && s.all(at, rows, number, y) {
		return y, "", nil
	}
	a, err := s.happened(at, positive, "--positive")
	if err != nil {
		return nil, "", err
	}
	for k, i := range rows {
		y[k] = 0
		if s.Cells[at][i] == a.positive {
			y[k] = 1
		}
	}
	return y, a.positive, nil
}

// tellingRows is how many rows it takes to say that a column was written after the outcome.
const tellingRows = 20

// afterwards says that a column of numbers differs from its commonest value only where something came out, where mostly nothing does.
func afterwards(c glm.Column, outcome []float64) bool {
	if c.Numbers == nil {
		return false
	}
	counts := map[float64]int{}
	usual, yes := math.NaN(), 0
	for i, x := range c.Numbers {
		if counts[x]++; counts[x] > counts[usual] {
			usual = x
		}
		if outcome[i] != 0 {
			yes++
		}
	}
	others := 0
	for i, x := range c.Numbers {
		if x == usual || math.IsNaN(x) {
			continue
		}
		if outcome[i] == 0 {
			return false
		}
		others++
	}
	return others >= tellingRows && 10*yes < 9*len(outcome)
}
