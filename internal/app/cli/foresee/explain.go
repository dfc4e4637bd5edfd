package foresee

import (
	"context"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli/show"
)

type predictionView struct {
	Customer  string   `json:"customer"`
	AsOf      string   `json:"as_of"`
	Horizon   int      `json:"horizon_days"`
	Version   int64    `json:"version"`
	Risk      *float64 `json:"risk"`
	RiskLow   *float64 `json:"risk_low"`
	RiskHigh  *float64 `json:"risk_high"`
	Band      string   `json:"band"`
	BaseRisk  float64  `json:"base_risk"`
	Waterfall []struct {
		Code   string            `json:"code"`
		Labels map[string]string `json:"labels"`
		From   float64           `json:"from"`
		To     float64           `json:"to"`
	} `json:"waterfall"`
	Reasons []struct {
		Code      string            `json:"code"`
		Kind      string            `json:"kind"`
		Part      float64           `json:"part"`
		Labels    map[string]string `json:"labels"`
		Sentences map[string]string `json:"sentences"`
	} `json:"reasons"`
	LeavingDay *string `json:"expected_leaving_day"`
	NextOrder  *struct {
		Day  string `json:"day"`
		Low  string `json:"low"`
		High string `json:"high"`
	} `json:"next_order"`
	Sentences map[string]string `json:"sentences"`
}

func (l Line) explain() *cobra.Command {
	return &cobra.Command{
		Use: "explain CUSTOMER", Short: "What is foreseen of one customer, and why, reason by reason",
		Long: "Shows the chance that a customer leaves and how it comes about: from the average customer's chance to hers, a reason at a\n" +
			"time, with her own figures. The reasons add up to the chance exactly. She is named by any identity: 42 or user:42,\n" +
			"email:kim@example.com, phone:+821012345678, anon:….",
		Args: l.Takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return l.With(c.Context(), func(ctx context.Context, client *app.Client) error {
				var v predictionView
				shown, err := l.Ask(ctx, client, "/v1/customers/"+url.PathEscape(args[0])+"/predictions", nil, &v)
				if err == nil && !shown {
					l.printPrediction(&v)
				}
				return err
			})
		},
	}
}

func (l Line) printPrediction(v *predictionView) {
	l.print("%s, as of %s: %s", show.Harmless(v.Customer), v.AsOf, l.said(v.Sentences))
	if v.Risk == nil {
		return
	}
	l.print("Between %s and %s by what like customers did; %s risk; version %d.", show.Percent(*v.RiskLow), show.Percent(*v.RiskHigh), v.Band, v.Version)
	why := map[string]string{}
	for _, r := range v.Reasons {
		why[r.Code] = l.said(r.Sentences)
	}
	var rows [][]show.Cell
	for _, s := range v.Waterfall {
		change := ""
		if s.Code != "base" && s.Code != "risk" {
			change = fmt.Sprintf("%+.1f", 100*(s.To-s.From))
		}
		rows = append(rows, []show.Cell{show.Left(l.said(s.Labels)), show.Right(change), show.Right(show.Percent(s.To)), show.Left(why[s.Code])})
	}
	l.print("")
	l.table([]show.Cell{show.Left("from the average to this customer"), show.Right("points"), show.Right("chance"), show.Left("because")}, rows)
	l.print("")
	if v.NextOrder != nil {
		l.print("If an order comes, it comes about %s, four times in five between %s and %s.", v.NextOrder.Day, v.NextOrder.Low, v.NextOrder.High)
	}
	if v.LeavingDay != nil {
		l.print("Likelier gone than not from %s.", *v.LeavingDay)
	}
}
