package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
)

func (e *env) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "What the data folder holds and how fresh it is", Args: takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				var raw json.RawMessage
				if err := client.Call(ctx, http.MethodGet, "/v1/status", nil, nil, &raw); err != nil {
					return err
				}
				if e.json {
					return e.printJSON(raw, nil)
				}
				var s app.Status
				if err := json.Unmarshal(raw, &s); err != nil {
					return err
				}
				e.printStatus(s)
				return nil
			})
		},
	}
}

func (e *env) printStatus(s app.Status) {
	if s.Lines == 0 {
		e.print("Nothing is here yet. Next: dangol import orders FILE --dry-run")
		return
	}
	e.print("%s of %s from %s to %s, in %s.", counted(s.Orders, "order"), counted(s.Customers, "customer"), s.FirstDay, s.LastDay, s.Currency)
	if len(s.Markets) > 0 {
		e.print("Markets: %s.", strings.Join(s.Markets, ", "))
	}
	if s.Simulated {
		e.print("The data are SIMULATED.")
	}
	switch {
	case s.Analysis == nil:
		e.print("Not analysed yet. Next: dangol analyze")
	case s.Analysis.Stale:
		e.print("Analysed as of %s; orders came in since. Next: dangol analyze", s.Analysis.AsOf)
	default:
		e.print("Analysed as of %s.", s.Analysis.AsOf)
	}
}
