package cli

import (
	"encoding/json"

	"github.com/spf13/cobra"
)

func (e *env) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which program this is", Args: takes(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if e.json {
				return json.NewEncoder(e.out).Encode(e.build)
			}
			e.print("dangol %s (%s, %s)", e.build.Version, e.build.Commit, e.build.Go)
			return nil
		},
	}
}
