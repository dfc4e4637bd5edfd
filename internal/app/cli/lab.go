package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app/lab"
	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/kit/fault"
)

// labFile are the flags by which a file is read.
type labFile struct{ sheet, delimiter, encoding string }

func (f *labFile) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.sheet, "sheet", "", "the Excel sheet (default: the first that has rows)")
	c.Flags().StringVar(&f.delimiter, "delimiter", "", "one character, or tab, comma, semicolon, pipe, space (default: found)")
	c.Flags().StringVar(&f.encoding, "encoding", "", "of the text (default: found)")
}

func (f *labFile) options() table.Options {
	return table.Options{Sheet: f.sheet, Delimiter: f.delimiter, Encoding: f.encoding}
}

func (e *env) labCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "lab", Short: "The models on any table, without importing anything",
		Long: "The models on any table, without a data folder: CSV, TSV, JSON lines, Parquet or Excel, plain or compressed.\n" +
			"Every figure of quality is of rows that the model had not seen.",
	}
	c.AddCommand(e.labChurn(), e.labCLV(), e.labSurvival(), e.labRecommend(), e.labUplift())
	return oneOf(c)
}

func (e *env) labChurn() *cobra.Command {
	var o lab.ChurnOptions
	var f labFile
	var out string
	c := &cobra.Command{
		Use: "churn FILE --target COLUMN", Short: "How well can a yes or no be told from the other columns, by which, and for whom",
		Long: "Learns to tell one of two values of a column from the other columns: who cancels, answers, buys. Measures it by\n" +
			"cross-validation (AUC, log-loss, Brier score, calibration error), says which columns matter and how, and predicts.\n" +
			"Nothing needs to be set: regression and trees compete and are combined. Rows without an answer are predicted too.",
		Example: "  dangol lab churn Telco-Customer-Churn.csv --target Churn --id customerID\n" +
			"  dangol lab churn customers.xlsx --target cancelled --drop cancelled_at,reason --out predictions.csv",
		Args: takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if o.Target == "" {
				return usagef("say which column to predict: --target COLUMN")
			}
			if o.Folds < 2 || o.Folds > 50 {
				return usagef("--folds takes 2 to 50")
			}
			s, err := lab.Load(c.Context(), args[0], f.options())
			if err != nil {
				return err
			}
			o.Progress = func(what string, done, parts int) {
				if what == lab.Measuring || done == parts {
					e.say("%s: %d of %d", what, done, parts)
				}
			}
			r, err := lab.Churn(c.Context(), s, o, e.clock)
			if err != nil {
				return err
			}
			if out != "" {
				if err := writePredictions(out, r); err != nil {
					return err
				}
			}
			if e.json {
				return json.NewEncoder(e.out).Encode(r)
			}
			e.printChurn(r, out)
			return nil
		},
	}
	c.Flags().StringVar(&o.Target, "target", "", "the column to predict, of two values; rows without one are predicted")
	c.Flags().StringVar(&o.Positive, "positive", "", "the value whose probability is given (default: the rarer)")
	c.Flags().StringVar(&o.ID, "id", "", "the column that names a row; it is not learnt from")
	c.Flags().StringVar(&o.Drop, "drop", "", "columns not to learn from, separated by commas: what is known only afterwards")
	c.Flags().IntVar(&o.Folds, "folds", 5, "parts of the cross-validation")
	c.Flags().Uint64Var(&o.Seed, "seed", 42, "another seed puts rows into other folds")
	c.Flags().StringVar(&out, "out", "", "write the prediction of every row to this CSV file")
	f.flags(c)
	return c
}

func (e *env) printChurn(r *lab.ChurnReport, out string) {
	e.print("%s of %d rows have %s = %s. Measured on rows the model had not seen (%d folds):", percent(r.Share), r.Rows, r.Target, r.Positive, r.Folds)
	e.print("")
	e.table([]cell{left("measure"), right("value"), left("")}, [][]cell{
		{left("AUC"), right(fmt.Sprintf("%.4f", r.AUC)), left(fmt.Sprintf("%.4f to %.4f; 0.5 is chance, 1 perfect", r.AUCInterval[0], r.AUCInterval[1]))},
		{left("log-loss"), right(fmt.Sprintf("%.4f", r.LogLoss)), left(fmt.Sprintf("%.4f when all get the share", r.ShareAlone))},
		{left("Brier score"), right(fmt.Sprintf("%.4f", r.Brier)), left("")},
		{left("calibration error"), right(fmt.Sprintf("%.4f", r.ECE)), left("mean distance of a probability from what happened")},
		{left("top tenth"), right(fmt.Sprintf("%.1f×", r.Lift[0].Lift)), left(fmt.Sprintf("%s of them, %s of all %s", percent(r.Lift[0].Rate), percent(r.Lift[0].Gain), r.Positive))},
	})
	e.print("")
	rows := [][]cell{}
	for _, l := range r.Learners {
		rows = append(rows, []cell{left(l.Name), right(fmt.Sprintf("%.4f", l.AUC)), right(fmt.Sprintf("%.4f", l.LogLoss)), right(fmt.Sprintf("%.2f", l.Weight))})
	}
	e.table([]cell{left("learner"), right("AUC"), right("log-loss"), right("weight")}, rows)
	e.print("")
	e.print("What pulls towards %s (+) and away (−):", r.Positive)
	rows = rows[:0]
	for _, d := range r.Reasons[:min(len(r.Reasons), 10)] {
		parts := make([]string, 0, len(d.Parts))
		for _, p := range d.Parts {
			parts = append(parts, fmt.Sprintf("%s %+.2f (%s)", p.When, p.Pull, percent(p.Rate)))
		}
		rows = append(rows, []cell{left(d.Column), share(d.Share), left(strings.Join(parts, " · "))})
	}
	e.table([]cell{left("column"), right("share"), left("values, pull in log-odds (rate)")}, rows)
	for _, n := range r.Notes {
		e.say("note: %s", n.Message)
	}
	if r.Open > 0 && out == "" {
		e.say("%d rows have no answer; --out FILE writes what is predicted for them.", r.Open)
	}
	e.say("Trained in %.1f s, measured in %.1f s.", r.FitSeconds, r.EvaluateSeconds)
}

// writePredictions writes a row for each of the file's, in the order of its lines' kinds: with an answer, then without.
func writePredictions(file string, r *lab.ChurnReport) (err error) {
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
