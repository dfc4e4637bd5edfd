package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli/segment"
	"github.com/dangol/dangol/internal/market"
)

// madeSegment is what making a segment answers.
type madeSegment struct {
	ID       string   `json:"id"`
	Sentence string   `json:"sentence"`
	Members  int64    `json:"members"`
	Warnings []string `json:"warnings"`
}

func (e *env) segmentCommand() *cobra.Command {
	c := &cobra.Command{Use: "segment", Short: "Audiences that move as events come: make, look into, explain"}
	c.AddCommand(e.segmentList(), e.segmentCreate(), e.segmentUpdate(), e.segmentPreview(), e.segmentMembers(), e.segmentWhy(), e.segmentHistory(), e.segmentChange(),
		e.segmentTake("add", "Add the people of a list to a segment kept by hand"), e.segmentTake("remove", "Take the people of a list out of a segment kept by hand"),
		e.segmentVerify(), e.segmentNames(),
		e.segmentAct("archive", "Put a segment away; it can be restored"), e.segmentAct("restore", "Take a segment out of the archive"),
		e.segmentAct("lock", "Refuse changes of a segment"), e.segmentAct("unlock", "Allow changes of a segment again"))
	return oneOf(c)
}

// talk runs do with a client.
func (e *env) talk(do func(ctx context.Context, client *app.Client, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		return e.with(c.Context(), func(ctx context.Context, client *app.Client) error { return do(ctx, client, args) })
	}
}

// answered prints an answer as JSON where that is asked for, else for people.
func answered[T any](ctx context.Context, e *env, client *app.Client, method, path string, query url.Values, in any, human func(*T)) error {
	var raw json.RawMessage
	if err := client.Call(ctx, method, path, query, in, &raw); err != nil || e.json {
		return e.printJSON(raw, err)
	}
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	human(&v)
	return nil
}

func (e *env) segmentList() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "Segments and their sizes", Args: takes(cobra.NoArgs), RunE: e.talk(func(ctx context.Context, client *app.Client, _ []string) error {
		type list struct {
			Items []struct {
				Slug      string `json:"slug"`
				Name      string `json:"name"`
				Kind      string `json:"kind"`
				Customers int64  `json:"customers"`
				Sentence  string `json:"sentence"`
			} `json:"items"`
		}
		return answered(ctx, e, client, http.MethodGet, "/v1/segments", nil, nil, func(v *list) {
			rows := [][]cell{}
			for _, s := range v.Items {
				rows = append(rows, []cell{left(s.Slug), left(s.Kind), count(s.Customers), left(s.Sentence)})
			}
			e.table([]cell{left("id"), left("kind"), right("people"), left("who")}, rows)
		})
	})}
}

// definition reads a segment, or a bare rule, from a file or standard input.
func (e *env) definition(file string) (map[string]any, error) {
	text, err := e.smallFile(file)
	if err != nil {
		return nil, err
	}
	return segment.Definition(file, text)
}

func (e *env) segmentCreate() *cobra.Command {
	var id, name, description string
	c := &cobra.Command{
		Use: "create FILE|-", Short: "Make a segment of a rule",
		Long: "Reads a rule as JSON, or {\"id\",\"name\",\"description\",\"rule\"}, from a file or standard input (-).\n" +
			`Example: echo '{"did_not":"Order Completed","window":{"last":"60d"}}' | dangol segment create - --id asleep`,
		Args: takes(cobra.ExactArgs(1)),
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			in, err := e.definition(args[0])
			if err != nil {
				return err
			}
			for field, value := range map[string]string{"id": id, "name": name, "description": description} {
				if value != "" {
					in[field] = value
				}
			}
			if in["name"] == nil {
				in["name"] = in["id"]
			}
			return answered(ctx, e, client, http.MethodPost, "/v1/segments", nil, in, e.printMade)
		}),
	}
	c.Flags().StringVar(&id, "id", "", "the segment's id (default: made from its name)")
	c.Flags().StringVar(&name, "name", "", "what people call it")
	c.Flags().StringVar(&description, "description", "", "what it is for")
	return c
}

func (e *env) printMade(v *madeSegment) {
	e.print("%s: %s", v.ID, v.Sentence)
	e.print("%s in it now.", counted(v.Members, "person is", "people are"))
	for _, w := range v.Warnings {
		e.say("note: %s", w)
	}
}

func (e *env) segmentUpdate() *cobra.Command {
	return &cobra.Command{
		Use: "update ID FILE|-", Short: "Give a segment another rule, name or description", Args: takes(cobra.ExactArgs(2)),
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			in, err := e.definition(args[1])
			if err != nil {
				return err
			}
			path := "/v1/segments/" + escape(args[0])
			if err := e.tellUsers(ctx, client, path+"/dependants"); err != nil {
				return err
			}
			return answered(ctx, e, client, http.MethodPut, path, nil, in, e.printMade)
		}),
	}
}

func (e *env) segmentPreview() *cobra.Command {
	return &cobra.Command{
		Use: "preview FILE|-", Short: "How many a rule holds now and held a month ago, with a sample; changes nothing", Args: takes(cobra.ExactArgs(1)),
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			in, err := e.definition(args[0])
			if err != nil {
				return err
			}
			type preview struct {
				Count         int64   `json:"count"`
				CountMonthAgo int64   `json:"count_month_ago"`
				People        int64   `json:"people"`
				Sentence      string  `json:"sentence"`
				TookMS        float64 `json:"took_ms"`
				Sample        []struct {
					Customer string `json:"customer"`
					Name     string `json:"name"`
					Email    string `json:"email"`
				} `json:"sample"`
			}
			return answered(ctx, e, client, http.MethodPost, "/v1/segments/preview", nil, map[string]any{"rule": in["rule"]}, func(v *preview) {
				e.print("%s", v.Sentence)
				e.print("%s of %s now, %s a month ago.", market.FormatNumber(v.Count), counted(v.People, "person", "people"), market.FormatNumber(v.CountMonthAgo))
				for _, p := range v.Sample {
					e.print("  %s  %s  %s", p.Customer, p.Name, p.Email)
				}
			})
		}),
	}
}

func (e *env) segmentMembers() *cobra.Command {
	return &cobra.Command{
		Use: "members ID", Short: "Who is in a segment; with --json one object a line", Args: takes(cobra.ExactArgs(1)),
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			body, err := client.Stream(ctx, http.MethodGet, "/v1/segments/"+escape(args[0])+"/members.ndjson", nil, "", nil)
			if err != nil {
				return err
			}
			defer func() { _ = body.Close() }()
			lines := json.NewDecoder(body)
			for lines.More() {
				var raw json.RawMessage
				if err := lines.Decode(&raw); err != nil {
					return err
				}
				if e.json {
					e.print("%s", raw)
					continue
				}
				var p struct {
					Customer string    `json:"customer"`
					Name     string    `json:"name"`
					Email    string    `json:"email"`
					Since    time.Time `json:"since"`
				}
				if err := json.Unmarshal(raw, &p); err != nil {
					return err
				}
				e.print("%s  %s  %s", p.Customer, p.Name, p.Email)
			}
			return nil
		}),
	}
}

func (e *env) segmentWhy() *cobra.Command {
	return &cobra.Command{
		Use: "why ID CUSTOMER", Short: "Why somebody is in a segment or not: each condition with her value", Args: takes(cobra.ExactArgs(2)),
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			type why struct {
				Member     bool   `json:"member"`
				Sentence   string `json:"sentence"`
				Conditions []struct {
					Sentence string `json:"sentence"`
					Value    any    `json:"value"`
					Holds    bool   `json:"holds"`
				} `json:"conditions"`
			}
			return answered(ctx, e, client, http.MethodGet, "/v1/segments/"+escape(args[0])+"/why/"+escape(args[1]), nil, nil, func(v *why) {
				state := "is in"
				if !v.Member {
					state = "is not in"
				}
				e.print("%s %s %s.", args[1], state, args[0])
				for _, c := range v.Conditions {
					mark := "✓"
					if !c.Holds {
						mark = "✗"
					}
					value := ""
					if c.Value != nil {
						value = fmt.Sprintf("  (hers: %v)", c.Value)
					}
					e.print("  %s %s%s", mark, c.Sentence, value)
				}
			})
		}),
	}
}

func (e *env) segmentHistory() *cobra.Command {
	return &cobra.Command{
		Use: "history ID", Short: "A segment's size, and who came and went, by day", Args: takes(cobra.ExactArgs(1)),
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			type history struct {
				Items []struct {
					At      time.Time `json:"at"`
					Size    int64     `json:"size"`
					Entered int64     `json:"entered"`
					Left    int64     `json:"left"`
				} `json:"items"`
			}
			return answered(ctx, e, client, http.MethodGet, "/v1/segments/"+escape(args[0])+"/history", nil, nil, func(v *history) {
				rows := [][]cell{}
				for _, h := range v.Items {
					rows = append(rows, []cell{left(h.At.Format(time.DateTime)), count(h.Size), count(h.Entered), count(h.Left)})
				}
				e.table([]cell{left("at (UTC)"), right("size"), right("entered"), right("left")}, rows)
			})
		}),
	}
}

func (e *env) segmentChange() *cobra.Command {
	var add, remove []string
	c := &cobra.Command{
		Use: "change ID", Short: "Add people to a segment kept by hand, or take them out", Args: takes(cobra.ExactArgs(1)),
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			type changed struct {
				Added   int64    `json:"added"`
				Removed int64    `json:"removed"`
				Unknown []string `json:"unknown"`
			}
			in := map[string]any{"add": append([]string{}, add...), "remove": append([]string{}, remove...)}
			return answered(ctx, e, client, http.MethodPost, "/v1/segments/"+escape(args[0])+"/members", nil, in, func(v *changed) {
				e.print("%d added, %d removed.", v.Added, v.Removed)
				for _, ref := range v.Unknown {
					e.say("nobody is known as %q", ref)
				}
			})
		}),
	}
	c.Flags().StringSliceVar(&add, "add", nil, "customers to add: 42, email:kim@example.com")
	c.Flags().StringSliceVar(&remove, "remove", nil, "customers to take out")
	return c
}

func (e *env) segmentAct(verb, short string) *cobra.Command {
	return &cobra.Command{Use: verb + " ID", Short: short, Args: takes(cobra.ExactArgs(1)), RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
		if err := client.Call(ctx, http.MethodPost, "/v1/segments/"+escape(args[0])+"/"+verb, nil, nil, nil); err != nil {
			return err
		}
		e.say("%s: done.", args[0])
		return nil
	})}
}

func (e *env) segmentVerify() *cobra.Command {
	const short = "Compare who is held to be in each segment with a recomputation from all that is kept"
	return &cobra.Command{
		Use: "verify", Short: short, Args: takes(cobra.NoArgs),
		Long: short + ".\n\nThe status is 1 where memberships differ, and where a segment's rule cannot be answered, so that it could not be compared.",
		RunE: e.talk(func(ctx context.Context, client *app.Client, _ []string) error {
			var raw json.RawMessage
			if err := client.Call(ctx, http.MethodPost, "/v1/segments/verify", nil, nil, &raw); err != nil {
				return err
			}
			var v segment.Verdict
			if err := json.Unmarshal(raw, &v); err != nil {
				return err
			}
			if e.json {
				if err := e.printJSON(raw, nil); err != nil {
					return err
				}
			} else {
				v.Print(e.print)
			}
			return v.Trouble()
		}),
	}
}

func (e *env) segmentNames() *cobra.Command {
	return &cobra.Command{
		Use: "names", Short: "What rules can name: events with their properties, attributes, traits, scores", Args: takes(cobra.NoArgs),
		RunE: e.talk(func(ctx context.Context, client *app.Client, _ []string) error {
			type names struct {
				Events []struct {
					Name       string `json:"name"`
					Count      int64  `json:"count"`
					Properties []struct {
						Name string `json:"name"`
						Kind string `json:"kind"`
					} `json:"properties"`
				} `json:"events"`
				Attributes []struct {
					Name string `json:"name"`
					Kind string `json:"kind"`
				} `json:"attributes"`
			}
			return answered(ctx, e, client, http.MethodGet, "/v1/rules/names", nil, nil, func(v *names) {
				for _, n := range v.Events {
					e.print("event      %s (%s)", n.Name, market.FormatNumber(n.Count))
					for _, p := range n.Properties {
						e.print("             %s: %s", p.Name, p.Kind)
					}
				}
				for _, a := range v.Attributes {
					e.print("attribute  %s: %s", a.Name, a.Kind)
				}
			})
		}),
	}
}
