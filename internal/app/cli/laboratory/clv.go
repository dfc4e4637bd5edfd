package laboratory

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app/lab"
	"github.com/dangol/dangol/internal/collect/orders"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/predict"
)

func (l Line) clv() *cobra.Command {
	var o orders.Options
	var columns []string
	var asOf, calibrate string
	a := predict.Ask{}
	c := &cobra.Command{
		Use: "clv FILE", Short: "How often customers come back and for how much: the models of `report clv` on a file of orders",
		Long: "Reads a file of orders as an import does, and fits BG/NBD, MBG/NBD and Pareto/NBD with Gamma-Gamma, chosen by their\n" +
			"forecast of days they had not seen. The same figures as `dangol report clv` after an import, without one.",
		Example: "  dangol lab clv CDNOW_master.txt --columns customer=1,at=2,quantity=3,amount=4 --calibrate-until 1997-09-30 --unit week",
		Args:    l.Takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if a.Unit != "day" && a.Unit != "week" {
				return l.Usage("--unit takes day or week")
			}
			var err error
			if o.Columns, err = l.Pairs("--columns", "customer=CustomerID", columns); err != nil {
				return err
			}
			if a.AsOf, err = dayFlag("as-of", asOf); err != nil {
				return err
			}
			if a.CalibrateUntil, err = dayFlag("calibrate-until", calibrate); err != nil {
				return err
			}
			r, err := lab.CLV(c.Context(), args[0], o, a)
			if err != nil {
				return err
			}
			if l.JSON() {
				return json.NewEncoder(l.Out).Encode(r)
			}
			return l.PrintCLV(r)
		},
	}
	flags := c.Flags()
	flags.StringSliceVar(&columns, "columns", nil, "role=header or role=number, with commas between")
	flags.StringVar(&o.DateFormat, "date-format", "", "dmy, mdy, ymd or a pattern such as %d.%m.%Y, where a date could mean two days")
	flags.StringVar(&o.Currency, "currency", "", "currency of rows that name none, e.g. KRW")
	flags.StringVar(&o.TZ, "tz", "", "time zone of times written without one, e.g. Asia/Seoul")
	flags.StringVar(&a.Model, "model", "auto", "auto, bgnbd, mbgnbd or paretonbd")
	flags.StringVar(&a.Unit, "unit", "day", "unit of the parameters: day or week")
	flags.StringVar(&calibrate, "calibrate-until", "", "fit on the days until this one, compare with those after it")
	flags.StringVar(&asOf, "as-of", "", "the last day looked at (default: the last in the file)")
	return c
}

func dayFlag(flag, text string) (day.Day, error) {
	if text == "" {
		return day.Unknown, nil
	}
	d, err := day.Parse(text)
	if err != nil {
		return d, fault.New(fault.Invalid, "app.bad_day", "this is not a day").At(fault.Place{Field: flag, Value: text}).Then("Write it like 2024-03-31.")
	}
	return d, nil
}
