package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
)

type keyView struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Scope      string     `json:"scope"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	RevokedAt  *time.Time `json:"revoked_at"`
}

// madeKey is what --json prints of a new key: key is the secret, under the name by which clients know it.
type madeKey struct {
	Key       string    `json:"key"`
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Scope     string    `json:"scope"`
	CreatedAt time.Time `json:"created_at"`
}

func (e *env) keyCommand() *cobra.Command {
	c := &cobra.Command{Use: "key", Short: "Make, list and revoke API keys"}
	c.AddCommand(e.keyCreate(), e.keyList(), e.keyRevoke())
	return oneOf(c)
}

func (e *env) keyCreate() *cobra.Command {
	var scope string
	c := &cobra.Command{
		Use: "create NAME", Short: "Make an API key and show its secret, this once",
		Long: "Makes an API key. From then on callers over TCP need a key; the command line on this data folder does not.",
		Args: takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				var out struct {
					Key    keyView `json:"key"`
					Secret string  `json:"secret"`
				}
				in := map[string]string{"name": args[0], "scope": scope}
				if err := client.Call(ctx, http.MethodPost, "/v1/keys", nil, in, &out); err != nil {
					return err
				}
				if e.json {
					return json.NewEncoder(e.out).Encode(madeKey{out.Secret, out.Key.ID, out.Key.Name, out.Key.Scope, out.Key.CreatedAt})
				}
				e.print("%s", out.Secret)
				e.say("This is the key %q with the scope %s. It is shown only now: keep it in a safe place.", out.Key.Name, out.Key.Scope)
				return nil
			})
		},
	}
	c.Flags().StringVar(&scope, "scope", "read", "what it may do: collect (send events, for web pages and apps), read, write or admin")
	return c
}

func (e *env) keyList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List API keys, newest first", Args: takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				var raw json.RawMessage
				if err := client.Call(ctx, http.MethodGet, "/v1/keys", nil, nil, &raw); err != nil || e.json {
					return e.printJSON(raw, err)
				}
				var out struct{ Items []keyView }
				if err := json.Unmarshal(raw, &out); err != nil {
					return err
				}
				var rows [][]cell
				for _, k := range out.Items {
					state := "valid"
					if k.RevokedAt != nil {
						state = "revoked " + k.RevokedAt.Format(time.DateOnly)
					}
					used := "never"
					if k.LastUsedAt != nil {
						used = k.LastUsedAt.Format(time.DateTime)
					}
					rows = append(rows, []cell{left(k.ID), left(k.Name), left(k.Scope), left(k.CreatedAt.Format(time.DateOnly)), left(used), left(state)})
				}
				e.table([]cell{left("id"), left("name"), left("scope"), left("made"), left("last used (UTC)"), left("state")}, rows)
				return nil
			})
		},
	}
}

func (e *env) keyRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID", Short: "End an API key at once", Args: takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				if err := client.Call(ctx, http.MethodDelete, "/v1/keys/"+escape(args[0]), nil, nil, nil); err != nil {
					return err
				}
				e.say("The key %s is revoked.", args[0])
				return nil
			})
		},
	}
}
