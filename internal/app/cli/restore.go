package cli

import (
	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
)

func (e *env) restoreCommand() *cobra.Command {
	return &cobra.Command{
		Use: "restore FILE", Short: "Fill an empty data folder from a backup", Args: takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			config, err := e.config(app.Config{})
			if err != nil {
				return err
			}
			if err := app.Restore(c.Context(), config, args[0]); err != nil {
				return err
			}
			e.say("The data folder %s is restored from %s.", config.Data, args[0])
			return nil
		},
	}
}
