package cli

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli/segment"
)

// traitView is a trait as the API gives it.
type traitView struct {
	Name     string          `json:"name"`
	Label    string          `json:"label"`
	Kind     string          `json:"kind"`
	Unit     string          `json:"unit"`
	Own      bool            `json:"own"`
	Sentence string          `json:"sentence"`
	Trait    json.RawMessage `json:"trait"`
}

func (e *env) traitCommand() *cobra.Command {
	c := &cobra.Command{Use: "trait", Short: "Figures of events that have a name, for rules to use: make, change, forget"}
	c.AddCommand(e.traitList(), e.traitShow(), e.traitKeep("create", http.MethodPost), e.traitKeep("update", http.MethodPut), e.traitDelete())
	return oneOf(c)
}

func (e *env) traitList() *cobra.Command {
	var own bool
	c := &cobra.Command{Use: "list", Short: "Traits that rules can name, and what each says", Args: takes(cobra.NoArgs), RunE: e.talk(func(ctx context.Context, client *app.Client, _ []string) error {
		var list struct {
			Items []json.RawMessage `json:"items"`
		}
		if err := client.Call(ctx, http.MethodGet, "/v1/traits", nil, nil, &list); err != nil {
			return err
		}
		kept, rows := []json.RawMessage{}, [][]cell{}
		for _, raw := range list.Items {
			var t traitView
			if err := json.Unmarshal(raw, &t); err != nil {
				return err
			}
			whose := "built in"
			if t.Own {
				whose = "own"
			} else if own {
				continue
			}
			kept, rows = append(kept, raw), append(rows, []cell{left(t.Name), left(whose), left(t.Kind), left(t.Sentence)})
		}
		if e.json {
			list.Items = kept // as the API gives them, so that nothing of them is lost
			raw, err := json.Marshal(list)
			return e.printJSON(raw, err)
		}
		e.table([]cell{left("name"), left("whose"), left("kind"), left("what")}, rows)
		return nil
	})}
	c.Flags().BoolVar(&own, "own", false, "only those of this workspace")
	return c
}

func (e *env) traitShow() *cobra.Command {
	return &cobra.Command{Use: "show NAME", Short: "One trait with its definition, as `trait update` takes it", Args: takes(cobra.ExactArgs(1)), RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
		return answered(ctx, e, client, http.MethodGet, "/v1/traits/"+escape(args[0]), nil, nil, func(v *traitView) {
			e.say("%s: %s", v.Name, v.Sentence)
			e.print("%s", v.Trait)
		})
	})}
}

// traitKeep makes a trait, or changes one.
func (e *env) traitKeep(verb, method string) *cobra.Command {
	labels := map[string]*string{"en": new(string), "ko": new(string), "th": new(string)}
	var unit string
	short := "Make a trait of the workspace's own"
	if method == http.MethodPut {
		short = "Give a trait of the workspace's own another definition"
	}
	c := &cobra.Command{
		Use: verb + " NAME FILE|-", Short: short,
		Long: short + ".\n\nReads what to take of which facts as JSON, or {\"labels\",\"unit\",\"trait\"}, from a file or standard input (-).",
		Example: `  echo '{"take":"count","of":"Product Viewed","window":{"last":"30d"}}' | dangol trait ` + verb + ` views_30d -` + "\n" +
			`  dangol trait show views_30d > views.json`,
		Args: takes(cobra.ExactArgs(2)),
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			text, err := e.smallFile(args[1])
			if err != nil {
				return err
			}
			in, err := segment.Trait(args[1], text)
			if err != nil {
				return err
			}
			path := "/v1/traits"
			if method == http.MethodPut {
				path += "/" + escape(args[0])
				if err := e.stays(ctx, client, args[0], in); err != nil {
					return err
				}
				if err := e.tellUsers(ctx, client, path+"/dependants"); err != nil {
					return err
				}
			}
			in["name"] = args[0]
			given, _ := in["labels"].(map[string]any)
			for lang, text := range labels {
				if *text != "" {
					if given == nil {
						given = map[string]any{}
					}
					given[lang] = *text
				}
			}
			if given != nil {
				in["labels"] = given
			}
			if unit != "" {
				in["unit"] = unit
			}
			return answered(ctx, e, client, method, path, nil, in, func(v *traitView) { e.print("%s: %s", v.Name, v.Sentence) })
		}),
	}
	c.Flags().StringVar(labels["en"], "label", "", "what people call it, in English")
	c.Flags().StringVar(labels["ko"], "label-ko", "", "the same in Korean")
	c.Flags().StringVar(labels["th"], "label-th", "", "the same in Thai")
	c.Flags().StringVar(&unit, "unit", "", "what it counts in: count, money, days or share")
	return c
}

// stays fills in what a change does not name.
func (e *env) stays(ctx context.Context, client *app.Client, name string, in map[string]any) error {
	var before map[string]any
	if err := client.Call(ctx, http.MethodGet, "/v1/traits/"+escape(name), nil, nil, &before); err != nil {
		return err
	}
	for _, field := range []string{"labels", "unit"} {
		if in[field] == nil && before[field] != nil && before[field] != "" {
			in[field] = before[field]
		}
	}
	return nil
}

func (e *env) traitDelete() *cobra.Command {
	return &cobra.Command{Use: "delete NAME", Short: "Forget a trait of the workspace's own that nothing names", Args: takes(cobra.ExactArgs(1)), RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
		if err := client.Call(ctx, http.MethodDelete, "/v1/traits/"+escape(args[0]), nil, nil, nil); err != nil {
			return err
		}
		e.say("%s: forgotten.", args[0])
		return nil
	})}
}
