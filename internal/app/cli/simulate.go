package cli

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/simulate"
)

type simulateFlags struct {
	seed      uint64
	customers int
	from, to  string
}

func (f *simulateFlags) options() (simulate.Options, error) {
	o := simulate.Options{Seed: f.seed, Customers: f.customers}
	for _, d := range []struct {
		text, field string
		into        *day.Day
	}{{f.from, "from", &o.First}, {f.to, "to", &o.Last}} {
		if d.text == "" {
			continue
		}
		parsed, err := day.Parse(d.text)
		if err != nil {
			return o, fault.New(fault.Invalid, "app.bad_day", err.Error()).At(fault.Place{Field: d.field}).Then("Write it as YYYY-MM-DD.")
		}
		*d.into = parsed
	}
	return o, nil
}

func (f *simulateFlags) flags(c *cobra.Command) {
	c.Flags().Uint64Var(&f.seed, "seed", 0, "another seed gives another shop")
	c.Flags().IntVar(&f.customers, "customers", 0, "how many customers (default 8,000)")
	c.Flags().StringVar(&f.from, "from", "", "first day (default 2024-01-01)")
	c.Flags().StringVar(&f.to, "to", "", "last day (default 2026-06-30)")
}

func (e *env) simulateCommand() *cobra.Command {
	var f simulateFlags
	c := &cobra.Command{
		Use: "simulate DIR", Short: "Write the orders of a simulated shop in three markets, with the truth behind them", Args: takes(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			options, err := f.options()
			if err != nil {
				return err
			}
			files, _, err := simulate.Write(args[0], options)
			if err != nil {
				return err
			}
			if e.json {
				return json.NewEncoder(e.out).Encode(map[string]any{"files": files})
			}
			var rows [][]cell
			for _, file := range files {
				rows = append(rows, []cell{left(file.Path), left(file.Market), left(file.Currency), left(file.Zone), count(file.Rows)})
			}
			e.table([]cell{left("simulated file"), left("market"), left("currency"), left("time zone"), right("lines")}, rows)
			e.say("%s in all. Import each with --tz and --currency as shown and --simulated.", counted(total(files), "line"))
			return nil
		},
	}
	f.flags(c)
	return c
}

func total(files []simulate.File) (n int64) {
	for _, f := range files {
		n += f.Rows
	}
	return n
}
