package cli

import (
	"context"
	"encoding/json"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/market"
)

func (e *env) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: "Write everything to one file, beside a running server too", Args: takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			path, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				raw, err := e.work(ctx, client, "/v1/backups", map[string]string{"path": path})
				if err != nil || e.json {
					return e.printJSON(raw, err)
				}
				var r app.BackupResult
				if err := json.Unmarshal(raw, &r); err != nil {
					return err
				}
				e.print("Wrote %s (%s KiB) in %.1f s.", args[0], market.FormatNumber(r.Bytes>>10), r.Seconds)
				for _, n := range r.Notes {
					e.print("%s", n)
				}
				e.say("Bring it back into a new folder with: dangol restore %s --data DIR", args[0])
				return nil
			})
		},
	}
}
