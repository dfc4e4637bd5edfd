package cli

import (
	"math"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/market"
)

type forecastView struct {
	KPI       string            `json:"kpi"`
	Unit      string            `json:"unit"`
	AsOf      string            `json:"as_of"`
	Currency  string            `json:"currency"`
	Digits    int               `json:"digits"`
	Sentences map[string]string `json:"sentences"`
	Trust     map[string]string `json:"trust"`
	History   []struct {
		Start string   `json:"start"`
		Value *float64 `json:"value"`
	} `json:"history"`
	Forecast []struct {
		Start  string  `json:"start"`
		Value  float64 `json:"value"`
		Mean   float64 `json:"mean"`
		Low80  float64 `json:"low80"`
		High80 float64 `json:"high80"`
		Low95  float64 `json:"low95"`
		High95 float64 `json:"high95"`
		Closed bool    `json:"closed"`
	} `json:"forecast"`
	Changes   []forecastBreak `json:"changes"`
	Anomalies []forecastBreak `json:"anomalies"`
	Warnings  []forecastBreak `json:"warnings"`
}

// forecastBreak is anything of a forecast that is told by a sentence.
type forecastBreak struct {
	Sentences map[string]string `json:"sentences"`
}

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
	}, e.forecastRows, e.printForecast)
	c.Args = takes(cobra.ExactArgs(1))
	run := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		kpi = args[0]
		return run(c, args)
	}
	return c
}

func (e *env) forecastRows(v *forecastView) [][]string {
	rows := [][]string{{"start", "value", "low80", "high80", "low95", "high95", "kind", "currency"}}
	for _, h := range v.History {
		rows = append(rows, []string{h.Start, exact(h.Value), "", "", "", "", "past", v.Currency})
	}
	for _, f := range v.Forecast {
		rows = append(rows, []string{f.Start, exact(&f.Value), exact(&f.Low80), exact(&f.High80), exact(&f.Low95), exact(&f.High95), "forecast", v.Currency})
	}
	return rows
}

// A chart of one line is so wide; past that, values would be drawn together.
const chartWidth = 72

func (e *env) printForecast(v *forecastView) {
	lang := string(e.language())
	write := func(x float64) string {
		switch {
		case v.Currency != "":
			return market.FromFloat(x, v.Currency).Format(e.language())
		case x < 10:
			return short(x)
		}
		return market.FormatNumber(int64(math.Round(x)))
	}
	var past, course []float64
	ahead := min(len(v.Forecast), chartWidth/2)
	for _, h := range last(v.History, chartWidth-ahead) {
		if h.Value != nil {
			past = append(past, *h.Value)
		}
	}
	course = append(course, past...)
	var rows [][]cell
	for i, f := range v.Forecast {
		if i < ahead {
			course = append(course, f.Value)
		}
		row := []cell{left(f.Start), right(write(f.Value)), right(write(f.Low80) + " – " + write(f.High80)), right(write(f.Low95) + " – " + write(f.High95))}
		if f.Closed {
			row = []cell{left(f.Start), right("closed"), right(""), right("")}
		}
		rows = append(rows, row)
	}
	e.table([]cell{left(v.Unit + " from"), right(v.KPI), right("4 times in 5"), right("19 times in 20")}, rows)
	if line := []rune(spark(course)); len(line) == len(course) {
		e.print("\nso far   %s\nexpected %*s%s", string(line[:len(past)]), len(past), "", string(line[len(past):]))
	}
	e.print("\n%s", v.Sentences[lang])
	e.print("%s", v.Trust[lang])
	for _, list := range [][]forecastBreak{v.Changes, last(v.Anomalies, 5)} {
		for _, b := range list {
			e.print("%s", b.Sentences[lang])
		}
	}
	for _, w := range v.Warnings {
		e.say("note: %s", w.Sentences[lang])
	}
}

// last are the newest n.
func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }
