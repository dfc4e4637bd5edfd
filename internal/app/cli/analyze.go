package cli

import (
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
)

type analysisView struct {
	AsOf      string  `json:"as_of"`
	Seconds   float64 `json:"seconds"`
	Customers int64   `json:"customers"`
	Model     string  `json:"model"`
}

func (e *env) analyzeCommand() *cobra.Command {
	var asOf string
	c := &cobra.Command{
		Use: "analyze", Short: "Compute traits, RFM, lifecycle and predictions of every customer", Args: takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error { return e.analyze(ctx, client, asOf) })
		},
	}
	c.Flags().StringVar(&asOf, "as-of", "", "as if today were this day, YYYY-MM-DD (default: the last day in the data)")
	return c
}

func (e *env) analyze(ctx context.Context, c *app.Client, asOf string) error {
	in := map[string]string{}
	if asOf != "" {
		in["as_of"] = asOf
	}
	raw, err := e.work(ctx, c, "/v1/analyses", in)
	if err == nil {
		err = e.rescore(ctx, c)
	}
	if err != nil || e.json {
		return e.printJSON(raw, err)
	}
	var a analysisView
	if err := json.Unmarshal(raw, &a); err != nil {
		return err
	}
	model := "The data support no model of who comes back, so P(alive) and value are not given."
	if a.Model != "" {
		model = "Who comes back is told by " + modelName(a.Model) + "."
	}
	e.print("Analysed %s as of %s in %.1f s. %s", counted(a.Customers, "customer"), a.AsOf, a.Seconds, model)
	e.say("Next: dangol report rfm, or dangol serve.")
	return nil
}

func modelName(slug string) string {
	if name, ok := map[string]string{"bgnbd": "BG/NBD", "mbgnbd": "MBG/NBD", "paretonbd": "Pareto/NBD"}[slug]; ok {
		return name
	}
	return slug
}
