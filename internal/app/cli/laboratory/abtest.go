package laboratory

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app/lab"
)

func (l Line) abTest() *cobra.Command {
	var o lab.ABTestOptions
	var f fileFlags
	c := &cobra.Command{
		Use: "abtest FILE --arm COLUMN --control VALUE --outcome COLUMN", Short: "What the arms of a trial did, and whether that can be trusted",
		Long: "Reads a trial in which chance decided who got what. First whether the arms have the sizes that were planned, then each\n" +
			"arm beside the control: difference and relative difference with intervals, p, chance to win, and a sentence. A covariate\n" +
			"from before the trial takes noise away, strata likewise; --sequential gives intervals that hold however often one looks.",
		Example: "  dangol lab abtest cookie_cats.csv --arm version --control gate_30 --outcome retention_7 --id userid\n" +
			`  dangol lab abtest hillstrom.csv.gz --arm segment --control "No E-Mail" --outcome spend --covariate history`,
		Args: l.Takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case o.Arm == "" || o.Control == "" || o.Outcome == "":
				return l.Usage("say who got what, what to compare with, and what came of it: --arm COLUMN --control VALUE --outcome COLUMN")
			case !(o.Level > 0 && o.Level < 1):
				return l.Usage("--level takes a number between 0 and 1, as 0.95")
			case o.Expected < 1:
				return l.Usage("--expected takes a number of units from 1 up")
			}
			s, err := l.sheet(c.Context(), args[0], f)
			if err != nil {
				return err
			}
			r, err := lab.ABTest(c.Context(), s, o)
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
	c.Flags().StringVar(&o.Arm, "arm", "", "the column that says who got what")
	c.Flags().StringVar(&o.Control, "control", "", "its value to compare with")
	c.Flags().StringVar(&o.Outcome, "outcome", "", "the column of what came of it: numbers, or two values")
	c.Flags().StringVar(&o.Positive, "positive", "", "the value that counts as yes (default: the one that says yes)")
	c.Flags().StringVar(&o.Per, "per", "", "divide by this column: revenue per order, where people were dealt")
	c.Flags().StringVar(&o.Covariate, "covariate", "", "columns known before the trial, separated by commas; they take noise away")
	c.Flags().StringVar(&o.Stratum, "stratum", "", "a column of kinds of people, known before the trial, to compare within")
	c.Flags().StringVar(&o.ID, "id", "", "the column that names who was dealt; rows of one are put together")
	c.Flags().StringVar(&o.Split, "split", "", `planned sizes, as "a=1,b=2" (default: equal)`)
	c.Flags().BoolVar(&o.Lower, "lower", false, "less of the outcome is better")
	c.Flags().BoolVar(&o.Sequential, "sequential", false, "intervals and p values that hold however often one looks")
	c.Flags().IntVar(&o.Expected, "expected", 5000, "units at which sequential intervals are narrowest; to be chosen before looking")
	c.Flags().Float64Var(&o.Level, "level", 0.95, "of intervals and of the verdict")
	f.flags(c)
	return c
}
