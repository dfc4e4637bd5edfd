package cli

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/market"
)

type statusView struct {
	Simulated bool     `json:"simulated"`
	Currency  string   `json:"currency"`
	Markets   []string `json:"markets"`
	FirstDay  string   `json:"first_day"`
	LastDay   string   `json:"last_day"`
	Customers int64    `json:"customers"`
	Orders    int64    `json:"orders"`
	Lines     int64    `json:"lines"`
}

type overviewView struct {
	AsOf     string        `json:"as_of"`
	From     string        `json:"from"`
	To       string        `json:"to"`
	KPI      kpiFigures    `json:"kpi"`
	Expected *market.Money `json:"expected_value_12m"`
	Findings []struct {
		Sentence string `json:"sentence"`
		Segment  string `json:"segment"`
	} `json:"findings"`
}

func (e *env) summaryCommand() *cobra.Command {
	return &cobra.Command{
		Use: "summary", Short: "The whole picture in ten lines: figures and the three findings to act on", Args: takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return e.within(c.Context(), e.summary) },
	}
}

func (e *env) summary(ctx context.Context, c *app.Client) error {
	if err := e.freshen(ctx, c, ""); err != nil {
		return err
	}
	var status, overview json.RawMessage
	if err := c.Call(ctx, http.MethodGet, "/v1/status", nil, nil, &status); err != nil {
		return err
	}
	if err := c.Call(ctx, http.MethodGet, "/v1/overview", nil, nil, &overview); err != nil {
		return err
	}
	if e.json {
		both, err := json.Marshal(map[string]json.RawMessage{"status": status, "overview": overview})
		return e.printJSON(both, err)
	}
	var s statusView
	var o overviewView
	if err := json.Unmarshal(status, &s); err != nil {
		return err
	}
	if err := json.Unmarshal(overview, &o); err != nil {
		return err
	}
	e.printSummary(&s, &o)
	return nil
}

func (e *env) printSummary(s *statusView, o *overviewView) {
	lang, n := e.language(), market.FormatNumber
	label := ""
	if s.Simulated {
		label = "  (SIMULATED data: no shop, person or order in it exists)"
	}
	e.print("%s, %s, %s, %s to %s%s", counted(s.Customers, "customer"), counted(s.Orders, "order"), counted(s.Lines, "line"), s.FirstDay, s.LastDay, label)
	k := o.KPI
	e.print("From %s to %s:", o.From, o.To)
	e.print("  revenue            %s, refunds %s", k.Revenue.Format(lang), k.Refunds.Format(lang))
	e.print("  active customers   %s: %s new, %s returning", n(k.Customers), n(k.NewCustomers), n(k.ReturningCustomers))
	if k.RetentionRate != nil && k.AverageOrderValue != nil {
		e.print("  retention          %s of those of the period before; an order is worth %s", percent(*k.RetentionRate), k.AverageOrderValue.Format(lang))
	}
	if o.Expected != nil {
		e.print("  next 12 months     %s expected from the customers there are", o.Expected.Format(lang))
	}
	for i, f := range o.Findings {
		e.print("%d. %s", i+1, f.Sentence)
	}
}
