// Package laboratory has the verbs of `dangol lab`: the models on any table, without a data folder. What they need of the command line is
// handed in, so that they know nothing else of it.
package laboratory

import (
	"context"
	"encoding/json"
	"io"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app/cli/show"
	"github.com/dangol/dangol/internal/app/lab"
	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/predict"
)

// Line is the command line as these verbs need it.
type Line struct {
	Out      io.Writer
	Clock    clock.Clock
	JSON     func() bool
	Say      func(format string, args ...any)
	Printer  func() show.Printer
	PrintCLV func(*predict.Report) error
	// Pairs reads a flag of name=value.
	Pairs func(flag, like string, values []string) (map[string]string, error)
	Takes func(cobra.PositionalArgs) cobra.PositionalArgs
	Usage func(format string, args ...any) error
	OneOf func(*cobra.Command) *cobra.Command
}

// fileFlags are the flags by which a file is read.
type fileFlags struct{ sheet, delimiter, encoding string }

func (f *fileFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.sheet, "sheet", "", "the Excel sheet (default: the first that has rows)")
	c.Flags().StringVar(&f.delimiter, "delimiter", "", "one character, or tab, comma, semicolon, pipe, space (default: found)")
	c.Flags().StringVar(&f.encoding, "encoding", "", "of the text (default: found)")
}

func (f *fileFlags) options() table.Options {
	return table.Options{Sheet: f.sheet, Delimiter: f.delimiter, Encoding: f.encoding}
}

// sheet loads a file and tells of rows that it had to leave out.
func (l Line) sheet(ctx context.Context, path string, f fileFlags) (*lab.Sheet, error) {
	s, err := lab.Load(ctx, path, f.options())
	if err == nil && s.Malformed > 0 {
		l.Say("%d rows have another number of cells than the header, and were left out.", s.Malformed)
	}
	return s, err
}

// Command is the verb with those below it.
func Command(l Line) *cobra.Command {
	c := &cobra.Command{
		Use: "lab", Short: "The models on any table, without importing anything",
		Long: "The models on any table, without a data folder: CSV, TSV, JSON lines, Parquet or Excel, plain or compressed.\n" +
			"Every figure of quality is of rows that the model had not seen.",
	}
	c.AddCommand(l.churn(), l.clv(), l.survival(), l.recommend(), l.uplift(), l.abTest())
	return l.OneOf(c)
}

func (l Line) churn() *cobra.Command {
	var o lab.ChurnOptions
	var f fileFlags
	var out string
	c := &cobra.Command{
		Use: "churn FILE --target COLUMN", Short: "How well can a yes or no be told from the other columns, by which, and for whom",
		Long: "Learns to tell one of two values of a column from the other columns: who cancels, answers, buys. Measures it by\n" +
			"cross-validation (AUC, log-loss, Brier score, calibration error), says which columns matter and how, and predicts.\n" +
			"Nothing needs to be set: regression and trees compete and are combined. Rows without an answer are predicted too.",
		Example: "  dangol lab churn Telco-Customer-Churn.csv --target Churn --id customerID\n" +
			"  dangol lab churn customers.xlsx --target cancelled --drop cancelled_at,reason --out predictions.csv",
		Args: l.Takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if o.Target == "" {
				return l.Usage("say which column to predict: --target COLUMN")
			}
			if o.Folds < 2 || o.Folds > 50 {
				return l.Usage("--folds takes 2 to 50")
			}
			s, err := l.sheet(c.Context(), args[0], f)
			if err != nil {
				return err
			}
			o.Progress = func(what string, done, parts int) {
				if what == lab.Measuring || done == parts {
					l.Say("%s: %d of %d", what, done, parts)
				}
			}
			r, err := lab.Churn(c.Context(), s, o, l.Clock)
			if err != nil {
				return err
			}
			if out != "" {
				if err := r.WritePredictions(out); err != nil {
					return err
				}
			}
			if l.JSON() {
				return json.NewEncoder(l.Out).Encode(r)
			}
			r.Print(l.Printer())
			for _, n := range r.Notes {
				l.Say("note: %s", n.Message)
			}
			if r.Open > 0 && out == "" {
				l.Say("%d rows have no answer; --out FILE writes what is predicted for them.", r.Open)
			}
			l.Say("Trained in %.1f s, measured in %.1f s.", r.FitSeconds, r.EvaluateSeconds)
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
