package laboratory

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app/lab"
)

func (l Line) recommend() *cobra.Command {
	var o lab.RecommendOptions
	var f fileFlags
	c := &cobra.Command{
		Use: "recommend FILE --user COLUMN --item COLUMN --at COLUMN", Short: "What each person buys next: which model finds it, and how often",
		Long: "Tries recommenders on the past and judges the best: each person's last day with a purchase is held back, and the\n" +
			"model and its settings are chosen on the day before it. Figures are of lists of ten, of items new to the person.",
		Example: "  dangol lab recommend online_retail.csv.gz --user CustomerID --item StockCode --at InvoiceDate --order InvoiceNo --quantity Quantity",
		Args:    l.Takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if o.User == "" || o.Item == "" || o.At == "" {
				return l.Usage("say which columns are the person, the item and the time: --user COLUMN --item COLUMN --at COLUMN")
			}
			s, err := l.sheet(c.Context(), args[0], f)
			if err != nil {
				return err
			}
			l.Say("trying models on %d rows …", len(s.Lines))
			r, err := lab.Recommend(c.Context(), s, o, l.Clock)
			if err != nil {
				return err
			}
			if l.JSON() {
				return json.NewEncoder(l.Out).Encode(r)
			}
			r.Print(l.Printer())
			for _, w := range []struct{ reason, words string }{
				{"no_user", "name no person"}, {"no_item", "name no item"}, {"no_date", "have no date that can be read"}, {"not_bought", "are of no pieces or came back"},
			} {
				if n := r.SetAside[w.reason]; n > 0 {
					l.Say("set aside: %d rows that %s.", n, w.words)
				}
			}
			l.Say("Took %.0f s.", r.Seconds)
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
