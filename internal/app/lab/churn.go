package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/models/calibrate"
	"github.com/dangol/dangol/models/classify"
)

// ChurnOptions of a question who leaves. Column names are as in the file.
type ChurnOptions struct {
	Target   string
	Positive string // "" is the rarer value
	ID       string
	Drop     string // columns, separated by commas
	Folds    int    // 0 means 5
	Seed     uint64
	Progress func(what string, done, parts int)
}

// ChurnReport says how well an answer can be predicted, by what, and for whom.
type ChurnReport struct {
	File      string  `json:"file"`
	Target    string  `json:"target"`
	Positive  string  `json:"positive"`
	Rows      int     `json:"rows"`
	Open      int     `json:"rows_without_answer"`
	Malformed int64   `json:"malformed_rows"`
	Share     float64 `json:"share"`
	Folds     int     `json:"folds"`
	Seed      uint64  `json:"seed"`
	AUC       float64 `json:"auc"`
	// AUCInterval is DeLong's, of 95 %.
	AUCInterval [2]float64 `json:"auc_interval"`
	LogLoss     float64    `json:"log_loss"`
	Brier       float64    `json:"brier"`
	ECE         float64    `json:"ece"`
	// ShareAlone is the log-loss of giving everybody the share.
	ShareAlone float64 `json:"log_loss_of_share_alone"`
	// FitSeconds is one training on all rows; EvaluateSeconds all folds.
	FitSeconds      float64            `json:"fit_seconds"`
	EvaluateSeconds float64            `json:"evaluate_seconds"`
	Learners        []classify.Learner `json:"learners"`
	Lift            []calibrate.Slice  `json:"lift"`
	Reliability     []calibrate.Bin    `json:"reliability"`
	Reasons         []Driver           `json:"reasons"`
	Notes           []classify.Note    `json:"notes"`

	Predictions []Prediction    `json:"-"`
	Model       *classify.Model `json:"-"`
}

// Prediction of one row: of those with an answer, by a model that had not seen it.
type Prediction struct {
	Line        int64
	ID          string
	Probability float64
	Low, High   float64
	Reasons     []string
}

// Driver is a column that moves the answer.
type Driver struct {
	Column string `json:"column"`
	// Mean is the mean size of its contributions in log-odds; Share its share of all columns'.
	Mean  float64 `json:"mean"`
	Share float64 `json:"share"`
	Parts []Part  `json:"parts"`
}

// Part is what a value, or a range of values, does on average.
type Part struct {
	When string  `json:"when"`
	Rows int     `json:"rows"`
	Pull float64 `json:"pull"` // mean contribution in log-odds: above 0 towards the positive answer
	Rate float64 `json:"rate"` // share of the positive answer among the rows
}

// The steps of which progress is told: folds, and parts of the last training.
const (
	Measuring = "measuring"
	Training  = "training"
)

// explained is how many rows the reasons are averaged over, at most.
const explained = 20_000

// Churn trains, measures and explains a classifier of a column of two values.
func Churn(ctx context.Context, s *Sheet, o ChurnOptions, c clock.Clock) (*ChurnReport, error) {
	if o.Folds == 0 {
		o.Folds = 5
	}
	j, err := s.column(o.Target, "--target")
	if err != nil {
		return nil, err
	}
	a, err := s.yesAndNo(j, o.Positive, "--positive")
	if err != nil {
		return nil, err
	}
	features, id, err := s.features(j, o.ID, o.Drop)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(a.rows, a.open)
	everyone := make([]classify.Column, len(features))
	known := make([]classify.Column, len(features))
	for k, at := range features {
		everyone[k] = s.typed(at, all)
		known[k] = first(everyone[k], len(a.rows))
	}
	r := &ChurnReport{File: s.Name, Target: s.Names[j], Positive: a.positive, Rows: len(a.rows), Open: len(a.open), Malformed: s.Malformed, Folds: o.Folds, Seed: o.Seed}
	step := func(what string) func(int, int) bool {
		return func(done, parts int) bool {
			if o.Progress != nil {
				o.Progress(what, done, parts)
			}
			return ctx.Err() == nil
		}
	}
	began := c()
	e, err := classify.Evaluate(known, a.y, o.Folds, classify.Options{Seed: o.Seed, Progress: step(Measuring)})
	if err != nil {
		return nil, told(ctx, s, err)
	}
	r.EvaluateSeconds = c().Sub(began).Seconds()
	began = c()
	if r.Model, err = classify.Train(known, a.y, classify.Options{Seed: o.Seed, Progress: step(Training)}); err != nil {
		return nil, told(ctx, s, err)
	}
	r.FitSeconds = c().Sub(began).Seconds()
	r.measured(e)
	return r, r.explain(s, everyone, a, e, id)
}

func (r *ChurnReport) measured(e *classify.Evaluation) {
	r.Share, r.AUC, r.AUCInterval = e.Share, e.AUC.Value, [2]float64{e.AUC.Low, e.AUC.High}
	r.LogLoss, r.Brier, r.ECE = e.LogLoss, e.Brier, e.ECE
	r.ShareAlone = -e.Share*math.Log(e.Share) - (1-e.Share)*math.Log1p(-e.Share)
	r.Learners, r.Lift, r.Reliability = e.Learners, e.Lift, e.Reliability
	r.Notes = slices.Clone(r.Model.Notes)
}

// told turns an error of the models into one for people.
func told(ctx context.Context, s *Sheet, err error) error {
	var e *classify.Error
	switch {
	case errors.Is(err, classify.ErrStopped):
		return ctx.Err()
	case errors.As(err, &e) && e.Reason == classify.FewRows:
		return fault.New(fault.Invalid, "lab.few_rows", e.Message).At(fault.Place{File: s.Name}).Then("Take a longer period, or an answer that more rows have.")
	case errors.As(err, &e):
		return fault.New(fault.Invalid, "lab.cannot_learn", e.Message).At(fault.Place{File: s.Name}).Then("Look at the column named by --target, and at --drop.")
	}
	return fmt.Errorf("lab: %w", err)
}

// features are the columns to learn from; id is -1 where none is named.
func (s *Sheet) features(target int, idName, drop string) (list []int, id int, err error) {
	dropped, err := s.columns(drop, "--drop")
	if err != nil {
		return nil, 0, err
	}
	if id = -1; idName != "" {
		if id, err = s.column(idName, "--id"); err != nil {
			return nil, 0, err
		}
	}
	for j := range s.Names {
		if j != target && j != id && !slices.Contains(dropped, j) {
			list = append(list, j)
		}
	}
	if len(list) == 0 {
		return nil, 0, fault.New(fault.Invalid, "lab.no_features", "no column is left to learn from").At(fault.Place{File: s.Name}).Then("Leave out less by --drop.")
	}
	return list, id, nil
}

func first(c classify.Column, n int) classify.Column {
	if c.Texts != nil {
		return classify.Column{Name: c.Name, Texts: c.Texts[:n]}
	}
	return classify.Column{Name: c.Name, Numbers: c.Numbers[:n]}
}

// explain fills reasons and predictions.
func (r *ChurnReport) explain(s *Sheet, everyone []classify.Column, a answer, e *classify.Evaluation, id int) error {
	all := slices.Concat(a.rows, a.open)
	why, err := r.Model.Explain(everyone)
	if err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	names := r.Model.Columns()
	used := make([]classify.Column, len(names))
	for k, name := range names {
		used[k] = everyone[slices.IndexFunc(everyone, func(c classify.Column) bool { return c.Name == name })]
	}
	r.explainSome(used, why, a.y)
	r.Predictions = make([]Prediction, len(all))
	for k, i := range all {
		p := &r.Predictions[k]
		if p.Line, p.Probability = s.Lines[i], why[k].Probability; k < len(e.Probabilities) {
			p.Probability = e.Probabilities[k]
		}
		p.Low, p.High = r.Model.Interval(p.Probability)
		if id >= 0 {
			p.ID = s.Cells[id][i]
		}
		p.Reasons = strongest(used, why[k].Contributions, k)
	}
	return nil
}

// explainSome fills the reasons from rows spread evenly over the file, which may be sorted by the answer.
func (r *ChurnReport) explainSome(used []classify.Column, why []classify.Explanation, y []float64) {
	n := min(len(y), explained)
	some, answers, columns := make([]classify.Explanation, n), make([]float64, n), make([]classify.Column, len(used))
	for k := range used {
		columns[k].Name = used[k].Name
	}
	for k := range n {
		i := k * len(y) / n
		some[k], answers[k] = why[i], y[i]
		for j := range used {
			if used[j].Texts != nil {
				columns[j].Texts = append(columns[j].Texts, used[j].Texts[i])
			} else {
				columns[j].Numbers = append(columns[j].Numbers, used[j].Numbers[i])
			}
		}
	}
	r.drivers(columns, some, answers)
}

// empty stands for a cell that holds nothing.
const empty = "(empty)"

// reasonsShown of each row.
const reasonsShown = 3

// strongest names what pulls a row most towards the positive answer, with its value.
func strongest(columns []classify.Column, contributions []float64, row int) (list []string) {
	order := make([]int, len(columns))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(contributions[y], contributions[x]) })
	for _, k := range order {
		if contributions[k] <= 0.05 || len(list) == reasonsShown {
			break
		}
		list = append(list, columns[k].Name+" "+valueOf(columns[k], row))
	}
	return list
}

func valueOf(c classify.Column, row int) string {
	switch {
	case c.Texts != nil && c.Texts[row] == "":
		return empty
	case c.Texts != nil:
		return c.Texts[row]
	case math.IsNaN(c.Numbers[row]):
		return empty
	}
	return fmt.Sprintf("%.6g", c.Numbers[row])
}
