package cli

import (
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app/cli/show"
)

func (e *env) forecastCommand() *cobra.Command {
	var p period
	var unit, kpi string
	var horizon int
	c := &cobra.Command{
		Use: "forecast KPI", Short: "How a figure will go on, how sure that is, and where it broke",
		Long:    "KPI is revenue, orders, active_customers, new_customers or average_order_value.",
		Example: "  dangol forecast revenue\n  dangol forecast orders --unit day --horizon 14 --market KR --csv",
	}
	p.flags(c, false)
	c.Flags().StringVar(&unit, "unit", "week", "length of a step: day, week or month")
	c.Flags().IntVar(&horizon, "horizon", 0, "steps ahead (default: what the history bears, up to 28 days, 13 weeks or 12 months)")
	report(e, c, nil, func() (string, url.Values) {
		steps := ""
		if horizon != 0 {
			steps = strconv.Itoa(horizon)
		}
		return "/v1/kpis/" + url.PathEscape(kpi) + "/forecast", p.query("unit", unit, "horizon", steps)
	}, (*show.Forecast).Rows, func(v *show.Forecast) { v.Print(e.printer(), e.language()) })
	c.Args = takes(cobra.ExactArgs(1))
	run := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		kpi = args[0]
		return run(c, args)
	}
	return c
}
