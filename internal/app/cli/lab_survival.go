package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app/lab"
)

func (e *env) labSurvival() *cobra.Command {
	var o lab.SurvivalOptions
	var f labFile
	c := &cobra.Command{
		Use: "survival FILE --time COLUMN --event COLUMN", Short: "How long customers stay, how groups differ, and what goes with leaving sooner",
		Long: "Kaplan–Meier curves with intervals, over all rows and by group (log-rank test), and a Cox regression on the other\n" +
			"columns. Rows whose event has not come yet count as seen so far.",
		Example: "  dangol lab survival Telco-Customer-Churn.csv --time tenure --event Churn --group Contract --drop customerID,TotalCharges",
		Args:    takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if o.Time == "" || o.Event == "" {
				return usagef("say which column is the time, and which tells that it ended: --time COLUMN --event COLUMN")
			}
			s, err := lab.Load(c.Context(), args[0], f.options())
			if err != nil {
				return err
			}
			r, err := lab.Survival(c.Context(), s, o)
			if err != nil {
				return err
			}
			if e.json {
				return json.NewEncoder(e.out).Encode(r)
			}
			e.printSurvival(r)
			return nil
		},
	}
	c.Flags().StringVar(&o.Time, "time", "", "the column that says how long each row was seen")
	c.Flags().StringVar(&o.Event, "event", "", "the column of two values that says whether it ended")
	c.Flags().StringVar(&o.Positive, "positive", "", "the value of --event that means ended (default: the rarer)")
	c.Flags().StringVar(&o.Group, "group", "", "a column to compare curves by")
	c.Flags().StringVar(&o.ID, "id", "", "the column that names a row")
	c.Flags().StringVar(&o.Drop, "drop", "", "columns that should not count, separated by commas")
	c.Flags().BoolVar(&o.Bare, "no-regression", false, "curves only")
	f.flags(c)
	return c
}

func (e *env) printSurvival(r *lab.SurvivalReport) {
	e.print("%d of %d rows ended (%s = %s); the others were seen so far.", r.Events, r.Rows, r.Event, r.Positive)
	e.print("")
	head := []cell{left("group"), right("rows"), right("ended"), right("median")}
	for _, s := range r.Curves[0].Shares {
		head = append(head, right(fmt.Sprintf("at %.4g", s.Time)))
	}
	rows := [][]cell{}
	for _, c := range r.Curves {
		name, median := c.Group, "not reached"
		if name == "" {
			name = "all"
		}
		if c.Median.Reached {
			median = fmt.Sprintf("%.4g", c.Median.Time)
		}
		row := []cell{left(name), count(int64(c.Rows)), count(int64(c.Events)), right(median)}
		for _, s := range c.Shares {
			row = append(row, heat(percent(s.Survival), s.Survival))
		}
		rows = append(rows, row)
	}
	e.table(head, rows)
	if r.LogRank != nil {
		e.print("")
		verdict := "The groups differ"
		if r.LogRank.P > 0.05 {
			verdict = "No difference between the groups is shown"
		}
		e.print("%s: chi-squared %.2f on %d, p %s (log-rank).", verdict, r.LogRank.Statistic, r.LogRank.Freedom, chance(r.LogRank.P))
	}
	if r.Cox != nil {
		e.print("")
		e.print("How a column multiplies the chance to end at any time, all else equal (concordance %.3f):", r.Cox.Concordance)
		rows = rows[:0]
		for _, t := range r.Cox.Terms {
			changes := ""
			if t.Changing {
				changes = "changes with time"
			}
			rows = append(rows, []cell{left(t.Name), right(fmt.Sprintf("%.3f×", t.Ratio)), right(fmt.Sprintf("%.3f–%.3f", t.Low, t.High)), right(chance(t.P)), left(changes)})
		}
		e.table([]cell{left("column"), right("hazard"), right("95 % interval"), right("p"), left("")}, rows)
	}
	for _, n := range r.Notes {
		e.say("note: %s", n)
	}
}

// chance writes a p value; below what a number holds it is no zero.
func chance(p float64) string {
	if p < 1e-300 {
		return "< 1e-300"
	}
	return fmt.Sprintf("%.2g", p)
}
