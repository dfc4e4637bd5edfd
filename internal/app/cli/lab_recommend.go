package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app/lab"
)

func (e *env) labRecommend() *cobra.Command {
	var o lab.RecommendOptions
	var f labFile
	c := &cobra.Command{
		Use: "recommend FILE --user COLUMN --item COLUMN --at COLUMN", Short: "What each person buys next: which model finds it, and how often",
		Long: "Tries recommenders on the past and judges the best: each person's last day with a purchase is held back, and the\n" +
			"model and its settings are chosen on the day before it. Figures are of lists of ten, of items new to the person.",
		Example: "  dangol lab recommend online_retail.csv.gz --user CustomerID --item StockCode --at InvoiceDate --order InvoiceNo --quantity Quantity",
		Args:    takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if o.User == "" || o.Item == "" || o.At == "" {
				return usagef("say which columns are the person, the item and the time: --user COLUMN --item COLUMN --at COLUMN")
			}
			s, err := lab.Load(c.Context(), args[0], f.options())
			if err != nil {
				return err
			}
			e.say("trying models on %d rows …", len(s.Lines))
			r, err := lab.Recommend(c.Context(), s, o, e.clock)
			if err != nil {
				return err
			}
			if e.json {
				return json.NewEncoder(e.out).Encode(r)
			}
			e.printRecommend(r)
			return nil
		},
	}
	c.Flags().StringVar(&o.User, "user", "", "the column that names the person")
	c.Flags().StringVar(&o.Item, "item", "", "the column that names the item")
	c.Flags().StringVar(&o.At, "at", "", "the column that says when")
	c.Flags().StringVar(&o.Order, "order", "", "the column that names the order (default: what was bought on one day)")
	c.Flags().StringVar(&o.Quantity, "quantity", "", "the column of pieces; rows of none or fewer, which came back, are left out")
	c.Flags().BoolVar(&o.Again, "again", false, "recommend what the person has bought before, too")
	c.Flags().Uint64Var(&o.Seed, "seed", 42, "of what is drawn")
	f.flags(c)
	return c
}

func (e *env) printRecommend(r *lab.RecommendReport) {
	e.print("%d people, %d items. Of %d people with three days or more, the last one was held back:", r.Users, r.Items, r.Judged)
	e.print("")
	rows := [][]cell{}
	for _, t := range r.Trials {
		chosen := ""
		if t.Model == r.Model {
			chosen = "chosen"
		}
		rows = append(rows, []cell{left(t.Model), right(fmt.Sprintf("%.4f", t.NDCG)), right(fmt.Sprintf("%.4f–%.4f", t.Interval[0], t.Interval[1])), share(t.HitRate), left(chosen)})
	}
	e.table([]cell{left("model"), right("NDCG@10"), right("95 % interval"), right("hit in ten"), left("")}, rows)
	e.print("")
	e.print("%s.", r.Reason)
	if len(r.Together) > 0 {
		e.print("")
		e.print("Bought together most above chance:")
		rows = rows[:0]
		for _, p := range r.Together {
			rows = append(rows, []cell{left(p.A), left(p.B), count(int64(p.Together)), right(fmt.Sprintf("%.1f×", p.Lift)), right(fmt.Sprintf("%.1f–%.1f", p.Low, p.High))})
		}
		e.table([]cell{left("one"), left("other"), right("orders"), right("lift"), right("95 % interval")}, rows)
	}
	for reason, n := range r.SetAside {
		e.say("%d rows were set aside: %s", n, reason)
	}
	e.say("Took %.0f s.", r.Seconds)
}
