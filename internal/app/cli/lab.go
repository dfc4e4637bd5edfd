package cli

import (
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app/lab"
	"github.com/dangol/dangol/internal/collect/table"
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

// labSheet loads a file and tells of rows that it had to leave out.
func (e *env) labSheet(ctx context.Context, path string, f labFile) (*lab.Sheet, error) {
	s, err := lab.Load(ctx, path, f.options())
	if err == nil && s.Malformed > 0 {
		e.say("%d rows have another number of cells than the header, and were left out.", s.Malformed)
	}
	return s, err
}

func (e *env) labCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "lab", Short: "The models on any table, without importing anything",
		Long: "The models on any table, without a data folder: CSV, TSV, JSON lines, Parquet or Excel, plain or compressed.\n" +
			"Every figure of quality is of rows that the model had not seen.",
	}
	c.AddCommand(e.labChurn(), e.labCLV(), e.labSurvival(), e.labRecommend(), e.labUplift(), e.labABTest())
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
			s, err := e.labSheet(c.Context(), args[0], f)
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
				if err := r.WritePredictions(out); err != nil {
					return err
				}
			}
			if e.json {
				return json.NewEncoder(e.out).Encode(r)
			}
			r.Print(e.printer())
			for _, n := range r.Notes {
				e.say("note: %s", n.Message)
			}
			if r.Open > 0 && out == "" {
				e.say("%d rows have no answer; --out FILE writes what is predicted for them.", r.Open)
			}
			e.say("Trained in %.1f s, measured in %.1f s.", r.FitSeconds, r.EvaluateSeconds)
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
