package laboratory

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app/lab"
)

func (l Line) survival() *cobra.Command {
	var o lab.SurvivalOptions
	var f fileFlags
	c := &cobra.Command{
		Use: "survival FILE --time COLUMN --event COLUMN", Short: "How long customers stay, how groups differ, and what goes with leaving sooner",
		Long: "Kaplan–Meier curves with intervals, over all rows and by group (log-rank test), and a Cox regression on the other\n" +
			"columns. Rows whose event has not come yet count as seen so far.",
		Example: "  dangol lab survival Telco-Customer-Churn.csv --time tenure --event Churn --group Contract --drop customerID,TotalCharges",
		Args:    l.Takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if o.Time == "" || o.Event == "" {
				return l.Usage("say which column is the time, and which tells that it ended: --time COLUMN --event COLUMN")
			}
			s, err := l.sheet(c.Context(), args[0], f)
			if err != nil {
				return err
			}
			r, err := lab.Survival(c.Context(), s, o)
			if err != nil {
				return err
			}
			if l.JSON() {
				return json.NewEncoder(l.Out).Encode(r)
			}
			r.Print(l.Printer())
			for _, n := range r.Notes {
				l.Say("note: %s", n)
			}
			return nil
		},
	}
	c.Flags().StringVar(&o.Time, "time", "", "the column that says how long each row was seen")
	c.Flags().StringVar(&o.Event, "event", "", "the column of two values that says whether it ended")
	c.Flags().StringVar(&o.Positive, "positive", "", "the value of --event that means ended (default: the one that says yes, or 1)")
	c.Flags().StringVar(&o.Group, "group", "", "a column to compare curves by")
	c.Flags().StringVar(&o.ID, "id", "", "the column that names a row")
	c.Flags().StringVar(&o.Drop, "drop", "", "columns that should not count, separated by commas")
	c.Flags().BoolVar(&o.Bare, "no-regression", false, "curves only")
	f.flags(c)
	return c
}
