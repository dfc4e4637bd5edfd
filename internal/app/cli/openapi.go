package cli

import (
	"errors"
	"io"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
)

func (e *env) openapiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "openapi", Short: "Print the API's OpenAPI document as YAML (JSON with --json)", Args: takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			// The document is the program's, not the data's: an empty house of its own will do.
			folder, err := os.MkdirTemp("", "dangol-openapi-")
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
			o, err := e.options(app.Config{})
			if err != nil {
				return err
			}
			o.Config.Data, o.Config.Store = folder, ""
			client, err := app.Dial(c.Context(), app.Target{Options: o})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, client.Close()) }()
			path := "/v1/openapi.yaml"
			if e.json {
				path = "/v1/openapi.json"
			}
			answer, err := client.Stream(c.Context(), http.MethodGet, path, nil, "", nil)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, answer.Close()) }()
			_, err = io.Copy(e.out, answer)
			return err
		},
	}
}
