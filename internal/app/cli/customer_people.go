package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/kit/fault"
)

// whoView is who a customer is, as the page tells it.
type whoView struct {
	Identities []struct {
		Kind   string    `json:"kind"`
		Value  string    `json:"value"`
		Last   time.Time `json:"last_seen_at"`
		Source string    `json:"source"`
		Shared bool      `json:"shared"`
	} `json:"identities"`
	Consents   []consentView `json:"consents"`
	Suppressed []struct {
		Channel string `json:"channel"`
		Address string `json:"address"`
		Reason  string `json:"reason"`
	} `json:"suppressed"`
	Merges []mergeView `json:"merges"`
}

type mergeView struct {
	ID       string     `json:"id"`
	From     string     `json:"from"`
	Into     string     `json:"into"`
	At       time.Time  `json:"at"`
	Cause    string     `json:"cause"`
	Who      string     `json:"who"`
	Why      string     `json:"why"`
	UndoneAt *time.Time `json:"undone_at"`
}

func (e *env) printWho(v *whoView) {
	if len(v.Identities) > 0 {
		rows := make([][]cell, 0, len(v.Identities))
		for _, i := range v.Identities {
			note := ""
			if i.Shared {
				note = "shared by several people"
			}
			rows = append(rows, []cell{left(i.Kind), left(i.Value), left(i.Last.Format(time.DateOnly)), left(i.Source), left(note)})
		}
		e.print("")
		e.table([]cell{left("known as"), left(""), left("last seen"), left("by"), left("")}, rows)
	}
	if len(v.Consents) > 0 {
		e.print("")
		e.printConsents(v.Consents)
	}
	for _, s := range v.Suppressed {
		e.print("never written to: %s (%s) %s", harmless(s.Address), s.Channel, harmless(s.Reason))
	}
	e.printMerges(v.Merges)
}

func (e *env) printMerges(merges []mergeView) {
	var rows [][]cell
	for _, m := range merges {
		state := ""
		if m.UndoneAt != nil {
			state = "undone " + m.UndoneAt.Format(time.DateOnly)
		}
		rows = append(rows, []cell{left(m.ID), left(m.From), left(m.Into), left(m.At.Format(time.DateOnly)), left(m.Cause), left(m.Who), left(m.Why), left(state)})
	}
	if len(rows) > 0 {
		e.print("")
		e.table([]cell{left("merge"), left("from"), left("into"), left("on"), left("by"), left("who"), left("why"), left("")}, rows)
	}
}

// peopleCommands are those below `dangol customer`.
func (e *env) peopleCommands() []*cobra.Command {
	return []*cobra.Command{e.customerMerge(), e.customerUnmerge(), e.customerDuplicates(), e.customerConsent(), e.customerExport()}
}

func (e *env) customerMerge() *cobra.Command {
	var why string
	var preview bool
	c := &cobra.Command{
		Use: "merge A B", Short: "Make one customer of two",
		Long: "Makes one customer of two, each named by any identity (42, email:kim@example.com, anon:…). The one with a user id is left, or else the older one.\n" +
			"`dangol customer unmerge` takes it back at any time.",
		Args: takes(cobra.ExactArgs(2)),
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			in := map[string]string{"a": args[0], "b": args[1]}
			if preview {
				return answered(ctx, e, client, http.MethodPost, "/v1/merges/preview", nil, in, e.printMergePreview)
			}
			if why != "" {
				in["why"] = why
			}
			type made struct{ ID, Into string }
			return answered(ctx, e, client, http.MethodPost, "/v1/merges", nil, in, func(m *made) {
				e.print("%s", harmless(m.Into))
				e.say("They are one customer now, %s. Merge %s; take it back with `dangol customer unmerge %s`.", harmless(m.Into), m.ID, harmless(m.Into))
			})
		}),
	}
	c.Flags().StringVar(&why, "why", "", "why they are one, for the record")
	c.Flags().BoolVar(&preview, "preview", false, "only show what it would do")
	return c
}

type mergePreviewView struct {
	Into      string   `json:"into"`
	From      string   `json:"from"`
	Conflicts []string `json:"conflicts"`
	Orders    int64    `json:"orders"`
	Events    int64    `json:"events"`
	Refused   string   `json:"refused"`
	whoView
}

func (e *env) printMergePreview(v *mergePreviewView) {
	if v.Refused != "" {
		e.print("%s", harmless(v.Refused))
		return
	}
	e.print("%s would be taken into %s: together %d orders and %d events.", harmless(v.From), harmless(v.Into), v.Orders, v.Events)
	for _, c := range v.Conflicts {
		e.print("- %s", harmless(c))
	}
	e.printWho(&v.whoView)
}

func (e *env) customerUnmerge() *cobra.Command {
	var why, merge string
	c := &cobra.Command{
		Use: "unmerge CUSTOMER", Short: "Take the customer's last merge back, or another with --merge",
		Args: takes(cobra.ExactArgs(1)),
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			var v whoView
			if err := client.Call(ctx, http.MethodGet, "/v1/customers/"+escape(args[0]), nil, nil, &v); err != nil {
				return err
			}
			for i := range v.Merges {
				m := &v.Merges[i] // newest first
				if merge != "" && m.ID != merge || merge == "" && m.UndoneAt != nil {
					continue
				}
				if err := client.Call(ctx, http.MethodPost, "/v1/merges/"+escape(m.ID)+"/undo", nil, map[string]string{"why": why}, nil); err != nil {
					return err
				}
				if e.json {
					return json.NewEncoder(e.out).Encode(m)
				}
				e.say("Merge %s is undone: %s and %s are two customers again.", m.ID, harmless(m.From), harmless(m.Into))
				return nil
			}
			if merge != "" {
				return fault.Newf(fault.NotFound, "profile.unknown_merge", "there is no merge %s of %s", merge, args[0]).Then("See her merges with `dangol customer " + args[0] + "`.")
			}
			return fault.Newf(fault.Conflict, "profile.never_merged", "no merge of %s is left to take back", args[0]).Then("See her merges with `dangol customer " + args[0] + "`.")
		}),
	}
	c.Flags().StringVar(&why, "why", "", "why it was wrong, for the record")
	c.Flags().StringVar(&merge, "merge", "", "number of the merge (default: the last)")
	return c
}

func (e *env) customerDuplicates() *cobra.Command {
	var dismiss string
	var last bool
	c := &cobra.Command{
		Use: "duplicates", Short: "Customers who may be one, the surest first",
		Long: "Lists customers who have a phone number, an address or a mailbox in common, or a birthday and similar names.\n" +
			"Merge a pair with `dangol customer merge`, or say with --dismiss ID that they are two.\n\n" +
			"Where customers have changed since the last search it searches first; --last prints what that one found, at once.",
		Args: takes(cobra.NoArgs),
		RunE: e.talk(func(ctx context.Context, client *app.Client, _ []string) error {
			if dismiss != "" {
				return client.Call(ctx, http.MethodPost, "/v1/duplicates/"+escape(dismiss)+"/dismiss", nil, nil, nil)
			}
			if !last {
				if err := e.searchDuplicates(ctx, client); err != nil {
					return err
				}
			}
			type list struct {
				MadeAt *time.Time `json:"made_at"`
				Items  []struct {
					ID      string   `json:"id"`
					A       string   `json:"a"`
					B       string   `json:"b"`
					AName   string   `json:"a_name"`
					BName   string   `json:"b_name"`
					Reasons []string `json:"reasons"`
					Score   float64  `json:"score"`
				} `json:"items"`
			}
			return answered(ctx, e, client, http.MethodGet, "/v1/duplicates", nil, nil, func(v *list) {
				if v.MadeAt == nil {
					e.say("Nobody has searched yet.")
					return
				}
				e.say("Found %s.", v.MadeAt.Local().Format(time.DateTime))
				rows := [][]cell{}
				for _, d := range v.Items {
					why := ""
					if len(d.Reasons) > 0 {
						why = d.Reasons[0]
					}
					rows = append(rows, []cell{left(d.ID), left(d.A + "  " + d.AName), left(d.B + "  " + d.BName), right(percent(d.Score)), left(why)})
				}
				e.table([]cell{left("id"), left("a"), left("b"), right("sure"), left("why")}, rows)
			})
		}),
	}
	c.Flags().StringVar(&dismiss, "dismiss", "", "number of a pair that are two people")
	c.Flags().BoolVar(&last, "last", false, "print what the last search found, without searching again")
	return c
}

// searchDuplicates searches where customers have changed since the last time. Who may not start it gets the last answer.
func (e *env) searchDuplicates(ctx context.Context, client *app.Client) error {
	var state struct {
		Stale bool `json:"stale"`
	}
	if err := client.Call(ctx, http.MethodGet, "/v1/duplicates", url.Values{"limit": {"1"}}, nil, &state); err != nil || !state.Stale {
		return err
	}
	_, err := e.work(ctx, client, "/v1/duplicates/search", nil)
	if fault.CodeOf(err) == fault.Forbidden {
		e.say("This key may not search; these were found before.")
		return nil
	}
	return err
}

func (e *env) customerExport() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "export CUSTOMER", Short: "All that is known of one customer, as a ZIP archive of JSON and CSV",
		Args: takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if file == "" && isTerminal(e.Streams.Out) {
				return usagef("an archive is not text; give a file with --out FILE")
			}
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				return e.download(ctx, client, "/v1/customers/"+escape(args[0])+"/export", "", file)
			})
		},
	}
	c.Flags().StringVarP(&file, "out", "o", "", "file to write, which must not exist (default: standard output)")
	return c
}
