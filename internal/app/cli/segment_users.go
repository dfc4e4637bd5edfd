package cli

import (
	"context"
	"net/http"
	"strings"

	"github.com/dangol/dangol/internal/app"
)

// tellUsers says, before a change, what follows it. path is of the dependants of a segment or of a trait.
func (e *env) tellUsers(ctx context.Context, client *app.Client, path string) error {
	var users struct {
		Items    []string `json:"items"`
		Segments []string `json:"segments"`
		Traits   []string `json:"traits"`
	}
	if err := client.Call(ctx, http.MethodGet, path, nil, nil, &users); err != nil {
		return err
	}
	all := append(users.Items, users.Segments...)
	for _, name := range users.Traits {
		all = append(all, "the trait "+name)
	}
	if len(all) > 0 {
		e.say("Used by: %s.", strings.Join(all, ", "))
	}
	return nil
}
