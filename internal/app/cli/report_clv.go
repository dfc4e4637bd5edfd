package cli

import (
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/market"
)

type intervalView struct {
	Value      float64 `json:"value"`
	Lower      float64 `json:"lower"`
	Upper      float64 `json:"upper"`
	Meaning    string  `json:"meaning"`
	Determined *bool   `json:"determined"`
}

type clvView struct {
	Model           string                  `json:"model"`
	Unit            string                  `json:"unit"`
	AsOf            string                  `json:"as_of"`
	Parameters      map[string]float64      `json:"parameters"`
	Intervals       map[string]intervalView `json:"intervals"`
	LogLikelihood   float64                 `json:"log_likelihood"`
	Customers       int64                   `json:"customers"`
	RepeatCustomers int64                   `json:"repeat_customers"`
	Spend           *struct {
		P         float64                 `json:"p"`
		Q         float64                 `json:"q"`
		V         float64                 `json:"v"`
		Intervals map[string]intervalView `json:"intervals"`
	} `json:"spend"`
	Holdout *struct {
		CalibrateUntil string  `json:"calibrate_until"`
		Until          string  `json:"until"`
		Expected       float64 `json:"expected"`
		Actual         float64 `json:"actual"`
		MAE            float64 `json:"mae"`
		RMSE           float64 `json:"rmse"`
		Tracking       []struct {
			Actual   float64 `json:"actual_weekly"`
			Expected float64 `json:"expected_weekly"`
		} `json:"tracking"`
	} `json:"holdout"`
	Histogram []struct {
		Orders   string  `json:"orders"`
		Actual   float64 `json:"actual"`
		Expected float64 `json:"expected"`
	} `json:"histogram"`
	Candidates []struct {
		Model                string  `json:"model"`
		LogLikelihood        float64 `json:"log_likelihood"`
		HoldoutLogLikelihood float64 `json:"holdout_log_likelihood"`
		MAE                  float64 `json:"mae"`
		RMSE                 float64 `json:"rmse"`
		Chosen               bool    `json:"chosen"`
	} `json:"candidates"`
	Warnings []struct {
		Sentence string `json:"sentence"`
	} `json:"warnings"`
}

func (e *env) reportCLV() *cobra.Command {
	var p period
	var model, calibrate, unit string
	c := &cobra.Command{Use: "clv", Short: "The model of who comes back and for how much, and how well it does"}
	p.asOfFlag(c)
	c.Flags().StringVar(&model, "model", "", "auto, bgnbd, mbgnbd or paretonbd (default auto)")
	c.Flags().StringVar(&calibrate, "calibrate-until", "", "fit on the days until this one, compare with those after it")
	c.Flags().StringVar(&unit, "unit", "", "unit of the parameters: day or week")
	return report(e, c, nil, func() (string, url.Values) {
		return "/v1/clv", p.query("model", model, "calibrate_until", calibrate, "unit", unit)
	}, clvRows, e.printCLV)
}

// The order in which the parameters are named in the literature.
var parameterOrder = []string{"r", "alpha", "a", "b", "s", "beta", "spend p", "spend q", "spend v"}

func (v *clvView) parameters() (names []string, of map[string]intervalView) {
	of = map[string]intervalView{}
	for name, value := range v.Parameters {
		i := v.Intervals[name]
		i.Value = value
		of[name] = i
	}
	if v.Spend != nil {
		for name, value := range map[string]float64{"p": v.Spend.P, "q": v.Spend.Q, "v": v.Spend.V} {
			i := v.Spend.Intervals[name]
			i.Value = value
			of["spend "+name] = i
		}
	}
	for _, name := range parameterOrder {
		if _, ok := of[name]; ok {
			names = append(names, name)
		}
	}
	return names, of
}

func clvRows(v *clvView) [][]string {
	rows := [][]string{{"model", "unit", "parameter", "value", "lower", "upper"}}
	names, of := v.parameters()
	for _, name := range names {
		p := of[name]
		rows = append(rows, []string{v.Model, v.Unit, name, exact(&p.Value), exact(&p.Lower), exact(&p.Upper)})
	}
	return rows
}

func (e *env) printCLV(v *clvView) {
	if v.Model != "" {
		e.print("%s as of %s, in %ss; log-likelihood %.2f; %s, %s of them came back.\n", modelName(v.Model), v.AsOf, v.Unit, v.LogLikelihood,
			counted(v.Customers, "customer"), market.FormatNumber(v.RepeatCustomers))
		names, of := v.parameters()
		var rows [][]cell
		for _, name := range names {
			p := of[name]
			span := fmt.Sprintf("%s to %s", short(p.Lower), short(p.Upper))
			if p.Determined != nil && !*p.Determined {
				span = "not determined"
			}
			rows = append(rows, []cell{left(name), number(p.Value), right(span), left(p.Meaning)})
		}
		e.table([]cell{left("parameter"), right("value"), right("95%"), left("meaning")}, rows)
	}
	if len(v.Candidates) > 0 {
		var rows [][]cell
		for _, c := range v.Candidates {
			chosen := ""
			if c.Chosen {
				chosen = "chosen"
			}
			rows = append(rows, []cell{left(modelName(c.Model)), right(fmt.Sprintf("%.2f", c.LogLikelihood)), right(fmt.Sprintf("%.2f", c.HoldoutLogLikelihood)), number(c.MAE), number(c.RMSE), left(chosen)})
		}
		e.print("")
		e.table([]cell{left("candidate"), right("log-likelihood"), right("holdout"), right("MAE"), right("RMSE"), left("")}, rows)
	}
	e.printHoldout(v)
	for _, w := range v.Warnings {
		e.print("Warning: %s", w.Sentence)
	}
}

func (e *env) printHoldout(v *clvView) {
	h := v.Holdout
	if h == nil {
		return
	}
	if len(h.Tracking) > 1 {
		var actual, expected []float64
		for _, t := range h.Tracking {
			actual = append(actual, t.Actual)
			expected = append(expected, t.Expected)
		}
		e.print("\nrepeat orders a week, actual    %s", spark(actual))
		e.print("repeat orders a week, expected  %s", spark(expected))
	}
	e.print("\nFitted until %s, the model expected %s repeat orders until %s; %s came (error per customer: %s on average).",
		h.CalibrateUntil, short(h.Expected), h.Until, short(h.Actual), short(h.MAE))
}
