package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli/foresee"
)

// period are the flags that choose what a report looks at.
type period struct{ asOf, from, to, market string }

func (p *period) asOfFlag(c *cobra.Command) {
	c.Flags().StringVar(&p.asOf, "as-of", "", "as if today were this day, YYYY-MM-DD (default: the last day in the data)")
}

func (p *period) flags(c *cobra.Command, ranged bool) {
	p.asOfFlag(c)
	c.Flags().StringVar(&p.market, "market", "", "only this market")
	if ranged {
		c.Flags().StringVar(&p.from, "from", "", "first day, YYYY-MM-DD")
		c.Flags().StringVar(&p.to, "to", "", "last day, YYYY-MM-DD")
	}
}

func (p *period) query(more ...string) url.Values {
	return params(append([]string{"as_of", p.asOf, "from", p.from, "to", p.to, "market", p.market}, more...)...)
}

func (e *env) reportCommand() *cobra.Command {
	c := &cobra.Command{Use: "report", Short: "Print what the console shows: kpi, rfm, cohorts, clv, customers, segments, risk, events"}
	risk := e.foresight()
	risk.With = e.within
	c.AddCommand(e.reportKPI(), e.reportRFM(), e.reportCohorts(), e.reportCLV(), e.reportCustomers(), e.reportSegments(), foresee.Risk(risk), e.reportEvents())
	return oneOf(c)
}

// report is a verb that asks one question and prints the answer as JSON, CSV or for people. Where the answer comes from
// an analysis, analysed is the period whose day it must be of; else nil.
func report[T any](e *env, c *cobra.Command, analysed *period, path func() (string, url.Values), rows func(*T) [][]string, human func(*T)) *cobra.Command {
	var asCSV bool
	c.Args = takes(cobra.NoArgs)
	c.Flags().BoolVar(&asCSV, "csv", false, csvFlag)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if asCSV && e.json {
			return usagef("--json and --csv exclude each other")
		}
		return e.within(c.Context(), func(ctx context.Context, client *app.Client) error {
			if analysed != nil {
				if err := e.freshen(ctx, client, analysed.asOf); err != nil {
					return err
				}
			}
			address, query := path()
			var raw json.RawMessage
			if err := client.Call(ctx, http.MethodGet, address, query, nil, &raw); err != nil || e.json {
				return e.printJSON(raw, err)
			}
			var v T
			if err := json.Unmarshal(raw, &v); err != nil {
				return err
			}
			if asCSV {
				return e.csv(rows(&v))
			}
			human(&v)
			return nil
		})
	}
	return c
}
