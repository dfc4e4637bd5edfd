package cli

import (
	"context"
	"encoding/json"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/simulate"
)

func (e *env) demoCommand() *cobra.Command {
	var f simulateFlags
	var flags app.Config
	var noServe bool
	c := &cobra.Command{
		Use: "demo", Short: "Simulate a shop, import it, analyse it, and serve the console",
		Long: "Simulates a shop in Korea, Thailand and Germany, labelled as simulated, imports and analyses it, prints a summary,\n" +
			"and serves the console. Run it again and the same shop is found present.",
		Args: takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := e.with(c.Context(), func(ctx context.Context, client *app.Client) error { return e.demo(ctx, client, &f) }); err != nil {
				return err
			}
			if noServe {
				return nil
			}
			return e.serve(c, flags)
		},
	}
	f.flags(c)
	c.Flags().StringVar(&flags.Addr, "addr", "", "address to listen on (DANGOL_ADDR; default 127.0.0.1:8080)")
	c.Flags().StringVar(&flags.Log, "log", "", "form of the log: text or json (DANGOL_LOG; default text)")
	c.Flags().BoolVar(&noServe, "no-serve", false, "stop after the summary")
	return c
}

// demo takes the commands one by one that a person would type.
func (e *env) demo(ctx context.Context, c *app.Client, f *simulateFlags) error {
	options, err := f.options()
	if err != nil {
		return err
	}
	config, err := e.config(app.Config{})
	if err != nil {
		return err
	}
	e.say("Simulating a shop …")
	files, _, err := simulate.Write(filepath.Join(config.Data, "simulated"), options)
	if err != nil {
		return err
	}
	base := files[0].Currency
	for _, file := range files {
		request, err := e.source(ctx, c, file.Path)
		if err != nil {
			return err
		}
		request.Options = importOptions{TZ: file.Zone, Currency: file.Currency, Market: file.Market, BaseCurrency: base, Rates: simulate.BaseRates(), Simulated: true}
		raw, err := e.work(ctx, c, "/v1/imports", request)
		if err != nil {
			return inFile(err, file.Path)
		}
		var r importView
		if err := json.Unmarshal(raw, &r); err != nil {
			return err
		}
		e.say("Imported %s: %s lines in, %s present already, %.1f s.", filepath.Base(file.Path), market.FormatNumber(r.LinesAccepted+r.RefundLines), market.FormatNumber(r.AlreadyPresent), r.Seconds)
	}
	e.say("Analysing …")
	if _, err := e.work(ctx, c, "/v1/analyses", map[string]string{}); err != nil {
		return err
	}
	e.say("Learning who leaves, and why …")
	if err := e.foresight().Train(ctx, c); err != nil {
		return err
	}
	return e.summary(ctx, c)
}
