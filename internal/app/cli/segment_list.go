package cli

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/market"
)

// listedPeople is what came of a list.
type listedPeople struct {
	Added    int64 `json:"added"`
	Removed  int64 `json:"removed"`
	Rows     int64 `json:"rows"`
	People   int64 `json:"people"`
	Troubled int64 `json:"problem_rows"`
	Troubles []struct {
		Row      int64  `json:"row"`
		Sentence string `json:"sentence"`
	} `json:"problems"`
}

// toldTroubles is how many rows that name nobody are told one by one; --json tells more.
const toldTroubles = 20

// segmentTake adds the people of a list to a segment kept by hand, or takes them out.
func (e *env) segmentTake(take, short string) *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use: take + " ID FILE|-", Short: short,
		Long: short + ".\n\nThe list is CSV with commas, semicolons or tabs, one person a row, named by any identity: 42, user:42, kim@example.com,\n" +
			"email:kim@example.com, +821012345678, anon:…. Under a header (id, email, phone, identity, …) the columns of identities count,\n" +
			"without one the first column. Rows that name nobody are told with their row and left out; a list that cannot be read changes nothing.",
		Example: "  printf 'user:42\\nkim@example.com\\n' | dangol segment " + take + " callers -",
		Args:    takes(cobra.ExactArgs(2)),
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			list, err := e.openList(args[1])
			if err != nil {
				return err
			}
			defer func() { _ = list.Close() }()
			query := url.Values{"take": {take}}
			if dry {
				query.Set("dry_run", "true")
			}
			answer, err := client.Stream(ctx, http.MethodPost, "/v1/segments/"+escape(args[0])+"/members", query, "text/csv", list)
			if err != nil {
				return err
			}
			defer func() { _ = answer.Close() }()
			raw, err := io.ReadAll(answer)
			if err != nil || e.json {
				return e.printJSON(raw, err)
			}
			var v listedPeople
			if err := json.Unmarshal(raw, &v); err != nil {
				return err
			}
			e.printListed(&v, dry)
			return nil
		}),
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "tell whom the list names, and change nothing")
	return c
}

// openList opens a file, or standard input.
func (e *env) openList(file string) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(e.In), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, unreadable(file, err)
	}
	return f, nil
}

func (e *env) printListed(v *listedPeople, dry bool) {
	e.print("%s %s %s.", counted(v.Rows, "row"), plural(v.Rows, "names", "name"), counted(v.People, "person", "people"))
	if dry {
		e.print("Nothing was changed.")
	} else {
		e.print("%s added, %s removed.", market.FormatNumber(v.Added), market.FormatNumber(v.Removed))
	}
	for _, t := range v.Troubles[:min(len(v.Troubles), toldTroubles)] {
		e.say("row %d: %s", t.Row, t.Sentence)
	}
	if more := v.Troubled - int64(min(len(v.Troubles), toldTroubles)); more > 0 {
		e.say("and %s more rows; --json tells of them.", market.FormatNumber(more))
	}
}
