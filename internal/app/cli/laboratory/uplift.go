package laboratory

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app/lab"
)

func (l Line) uplift() *cobra.Command {
	var o lab.UpliftOptions
	var f fileFlags
	c := &cobra.Command{
		Use: "uplift FILE --treatment COLUMN --control VALUE --outcome COLUMN", Short: "On whom a treatment works, or that it works on all alike",
		Long: "Reads a trial in which chance decided who was treated, and asks whether some are changed more than others: Qini\n" +
			"coefficient with an interval, on rows the model had not seen, against targeting at random. Where nobody can be told\n" +
			"apart it says so.",
		Example: `  dangol lab uplift hillstrom.csv.gz --treatment segment --control "No E-Mail" --arm "Womens E-Mail" --outcome visit`,
		Args:    l.Takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if o.Treatment == "" || o.Control == "" || o.Outcome == "" {
				return l.Usage("say who was treated, what stands for no treatment, and what came of it: --treatment COLUMN --control VALUE --outcome COLUMN")
			}
			s, err := l.sheet(c.Context(), args[0], f)
			if err != nil {
				return err
			}
			r, err := lab.Uplift(c.Context(), s, o, l.Clock)
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
			l.Say("Took %.1f s.", r.Seconds)
			return nil
		},
	}
	c.Flags().StringVar(&o.Treatment, "treatment", "", "the column that says who got what")
	c.Flags().StringVar(&o.Control, "control", "", "its value of those who got nothing")
	c.Flags().StringVar(&o.Arm, "arm", "", "its value of those treated (needed where there are several)")
	c.Flags().StringVar(&o.Outcome, "outcome", "", "the column of what came of it: numbers, or two values")
	c.Flags().StringVar(&o.Positive, "positive", "", "of an outcome in two words, the one that counts as 1 (default: the one that says yes)")
	c.Flags().StringVar(&o.ID, "id", "", "the column that names a row")
	c.Flags().StringVar(&o.Drop, "drop", "", "columns that were written after the treatment, separated by commas")
	c.Flags().Uint64Var(&o.Seed, "seed", 42, "another seed makes other folds")
	f.flags(c)
	return c
}
