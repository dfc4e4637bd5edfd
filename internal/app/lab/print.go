package lab

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/app/cli/show"
	"github.com/dangol/dangol/internal/kit/fault"
)

// WritePredictions writes a row for each of the file's, in the order of its lines' kinds: with an answer, then without.
func (r *ChurnReport) WritePredictions(file string) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return fault.New(fault.Invalid, "app.cannot_write", "the file cannot be made").At(fault.Place{File: file}).Then("Check the folder and your permissions.").Because(err)
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	w := csv.NewWriter(f)
	_ = w.Write([]string{"line", "id", "probability", "low", "high", "reason_1", "reason_2", "reason_3"})
	for i := range r.Predictions {
		p := &r.Predictions[i]
		row := []string{strconv.FormatInt(p.Line, 10), p.ID, decimal(p.Probability), decimal(p.Low), decimal(p.High), "", "", ""}
		copy(row[5:], p.Reasons)
		_ = w.Write(row)
	}
	w.Flush()
	return w.Error()
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', 6, 64) }

// Print writes the report for people.
func (r *ChurnReport) Print(to show.Printer) {
	to.Print("%s of %d rows have %s = %s. Measured on rows the model had not seen (%d folds):", show.Percent(r.Share), r.Rows, r.Target, r.Positive, r.Folds)
	to.Print("")
	to.Table([]show.Cell{show.Left("measure"), show.Right("value"), show.Left("")}, [][]show.Cell{
		{show.Left("AUC"), show.Right(fmt.Sprintf("%.4f", r.AUC)), show.Left(fmt.Sprintf("%.4f to %.4f; 0.5 is chance, 1 perfect", r.AUCInterval[0], r.AUCInterval[1]))},
		{show.Left("log-loss"), show.Right(fmt.Sprintf("%.4f", r.LogLoss)), show.Left(fmt.Sprintf("%.4f when all get the share", r.ShareAlone))},
		{show.Left("Brier score"), show.Right(fmt.Sprintf("%.4f", r.Brier)), show.Left("")},
		{show.Left("calibration error"), show.Right(fmt.Sprintf("%.4f", r.ECE)), show.Left("mean distance of a probability from what happened")},
		{show.Left("top tenth"), show.Right(fmt.Sprintf("%.1f×", r.Lift[0].Lift)), show.Left(fmt.Sprintf("%s of them, %s of all %s", show.Percent(r.Lift[0].Rate), show.Percent(r.Lift[0].Gain), r.Positive))},
	})
	to.Print("")
	rows := [][]show.Cell{}
	for _, l := range r.Learners {
		rows = append(rows, []show.Cell{show.Left(l.Name), show.Right(fmt.Sprintf("%.4f", l.AUC)), show.Right(fmt.Sprintf("%.4f", l.LogLoss)), show.Right(fmt.Sprintf("%.2f", l.Weight))})
	}
	to.Table([]show.Cell{show.Left("learner"), show.Right("AUC"), show.Right("log-loss"), show.Right("weight")}, rows)
	to.Print("")
	to.Print("What pulls towards %s (+) and away (−):", r.Positive)
	rows = rows[:0]
	for _, d := range r.Reasons[:min(len(r.Reasons), 10)] {
		parts := make([]string, 0, len(d.Parts))
		for _, p := range d.Parts {
			parts = append(parts, fmt.Sprintf("%s %+.2f (%s)", p.When, p.Pull, show.Percent(p.Rate)))
		}
		rows = append(rows, []show.Cell{show.Left(d.Column), show.Share(d.Share), show.Left(strings.Join(parts, " · "))})
	}
	to.Table([]show.Cell{show.Left("column"), show.Right("share"), show.Left("values, pull in log-odds (rate)")}, rows)
}

// chance writes a p value; below what a number holds it is no zero.
func chance(p float64) string {
	if p < 1e-300 {
		return "< 1e-300"
	}
	return fmt.Sprintf("%.2g", p)
}

// ratio writes a factor, one that is beyond all use in few digits.
func ratio(x float64) string {
	if x < 1000 && x > 0.001 || x == 0 {
		return fmt.Sprintf("%.3f", x)
	}
	return fmt.Sprintf("%.2g", x)
}

// Print writes the report for people.
func (r *SurvivalReport) Print(to show.Printer) {
	to.Print("%d of %d rows ended (%s = %s); the others were seen so far.", r.Events, r.Rows, r.Event, r.Positive)
	to.Print("")
	head := []show.Cell{show.Left("group"), show.Right("rows"), show.Right("ended"), show.Right("median")}
	for _, s := range r.Curves[0].Shares {
		head = append(head, show.Right(fmt.Sprintf("at %.4g", s.Time)))
	}
	rows := [][]show.Cell{}
	for _, c := range r.Curves {
		name, median := c.Group, "not reached"
		if name == "" {
			name = "all"
		}
		if c.Median.Reached {
			median = fmt.Sprintf("%.4g", c.Median.Time)
		}
		row := []show.Cell{show.Left(name), show.Count(int64(c.Rows)), show.Count(int64(c.Events)), show.Right(median)}
		for _, s := range c.Shares {
			row = append(row, show.Heat(show.Percent(s.Survival), s.Survival))
		}
		rows = append(rows, row)
	}
	to.Table(head, rows)
	if r.LogRank != nil {
		to.Print("")
		verdict := "The groups differ"
		if r.LogRank.P > 0.05 {
			verdict = "No difference between the groups is shown"
		}
		to.Print("%s: chi-squared %.2f on %d, p %s (log-rank).", verdict, r.LogRank.Statistic, r.LogRank.Freedom, chance(r.LogRank.P))
	}
	if r.Cox != nil {
		to.Print("")
		to.Print("How a column multiplies the chance to end at any time, all else equal (concordance %.3f):", r.Cox.Concordance)
		rows = rows[:0]
		for _, t := range r.Cox.Terms {
			changes := ""
			if t.Changing {
				changes = "changes with time"
			}
			rows = append(rows, []show.Cell{show.Left(t.Name), show.Right(ratio(t.Ratio) + "×"), show.Right(ratio(t.Low) + "–" + ratio(t.High)), show.Right(chance(t.P)), show.Left(changes)})
		}
		to.Table([]show.Cell{show.Left("column"), show.Right("hazard"), show.Right("95 % interval"), show.Right("p"), show.Left("")}, rows)
	}
}

// Print writes the report for people.
func (r *RecommendReport) Print(to show.Printer) {
	to.Print("%d people, %d items. Of %d people with three days or more the last one was held back; %d of them bought something new on it:", r.Users, r.Items, r.Held, r.Judged)
	to.Print("")
	rows := [][]show.Cell{}
	for _, t := range r.Trials {
		chosen := ""
		if t.Model == r.Model {
			chosen = "chosen"
		}
		rows = append(rows, []show.Cell{show.Left(t.Model), show.Right(fmt.Sprintf("%.4f", t.NDCG)), show.Right(fmt.Sprintf("%.4f–%.4f", t.Interval[0], t.Interval[1])), show.Share(t.HitRate), show.Left(chosen)})
	}
	to.Table([]show.Cell{show.Left("model"), show.Right("NDCG@10"), show.Right("95 % interval"), show.Right("hit in ten"), show.Left("")}, rows)
	to.Print("")
	to.Print("%s.", r.Reason)
	if len(r.Together) > 0 {
		to.Print("")
		to.Print("Bought together most above chance:")
		rows = rows[:0]
		for _, p := range r.Together {
			rows = append(rows, []show.Cell{show.Left(p.A), show.Left(p.B), show.Count(int64(p.Together)), show.Right(fmt.Sprintf("%.1f×", p.Lift)), show.Right(fmt.Sprintf("%.1f–%.1f", p.Low, p.High))})
		}
		to.Table([]show.Cell{show.Left("one"), show.Left("other"), show.Right("orders"), show.Right("lift"), show.Right("95 % interval")}, rows)
	}
}

// Print writes the report for people.
func (r *UpliftReport) Print(to show.Printer) {
	to.Print("%d of %d people got %q, the others %q.", r.Treated, r.Rows, r.Arm, r.Control)
	if r.Positive != "" {
		to.Print("%s = %s counts as 1.", r.Outcome, r.Positive)
	}
	to.Print("On average it changed %s by %+.4f (%+.4f to %+.4f).", r.Outcome, r.Effect, r.EffectBetween[0], r.EffectBetween[1])
	to.Print("")
	to.Print("Verdict: %s. Qini %.4f (%.4f to %.4f), p %s.", r.Verdict, r.Qini, r.QiniInterval[0], r.QiniInterval[1], chance(r.P))
	to.Print("Qini is the %s; standard error %.4f. Learner of the model: %s.", r.Protocol, r.QiniSE, r.Learner)
	to.Print("%s", r.Words)
	to.Print("")
	rows := [][]show.Cell{}
	for i, t := range r.Tenths {
		rows = append(rows, []show.Cell{show.Count(int64(i + 1)), show.Right(fmt.Sprintf("%+.4f", t.Expected)), show.Right(fmt.Sprintf("%+.4f", t.Effect.Value)), show.Right(fmt.Sprintf("%+.4f to %+.4f", t.Effect.Low, t.Effect.High))})
	}
	to.Table([]show.Cell{show.Right("tenth"), show.Right("expected effect"), show.Right("seen"), show.Right("95 % interval")}, rows)
}
