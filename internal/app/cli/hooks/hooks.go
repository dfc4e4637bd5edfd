// Package hooks has the verbs of addresses to which shops send. Like every verb they speak to the API alone; what they need of the command
// line is handed in.
package hooks

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli/show"
	"github.com/dangol/dangol/internal/kit/fault"
)

// Line is the command line as these verbs need it.
type Line struct {
	// With dials the house, runs the verb and hangs up.
	With func(ctx context.Context, verb func(ctx context.Context, c *app.Client) error) error
	// Ask gets an answer; shown says that it was printed as JSON already.
	Ask       func(ctx context.Context, c *app.Client, path string, query url.Values, into any) (shown bool, err error)
	PrintJSON func(raw json.RawMessage, err error) error
	JSON      func() bool
	Say       func(format string, args ...any)
	Printer   func() show.Printer
	Takes     func(cobra.PositionalArgs) cobra.PositionalArgs
	Usage     func(format string, args ...any) error
	// Failed is what ends a verb whose answer is told already.
	Failed func(sentence string) error
	// File reads a small file, or standard input where it is called -.
	File  func(name string) ([]byte, error)
	OneOf func(*cobra.Command) *cobra.Command
}

func (l Line) print(text any) { l.Printer().Print("%s", text) }

type view struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Kind      string     `json:"kind"`
	Enabled   bool       `json:"enabled"`
	URL       string     `json:"url"`
	Secret    string     `json:"secret"`
	LastAt    *time.Time `json:"last_at"`
	LastState string     `json:"last_state"`
	LastNote  string     `json:"last_note"`
}

const kinds = "shopify, woocommerce, cafe24 or generic"

func (l Line) kindMissing(c *cobra.Command) error {
	return l.Usage("%s needs --kind, which says who sends: %s", c.CommandPath(), kinds)
}

// Command are the verbs.
func (l Line) Command() *cobra.Command {
	c := &cobra.Command{Use: "webhook", Short: "Make, list, try and delete addresses to which shops send"}
	c.AddCommand(l.create(), l.list(), l.preview(), l.remove())
	return l.OneOf(c)
}

func (l Line) create() *cobra.Command {
	var kind, secret, mapping string
	c := &cobra.Command{
		Use: "create NAME --kind KIND", Short: "Make an address to which a shop or another program can send",
		Long: "Makes an address for Shopify, WooCommerce, Cafe24, or (generic, with a mapping) anything that sends signed JSON.\n" +
			"Shopify and Cafe24 sign with a secret of their own: give it in a file, for what stands on a command line can be seen by others.\n" +
			"For the others a secret is made, and shown this once.",
		Args: l.Takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if kind == "" {
				return l.kindMissing(c)
			}
			in := map[string]any{"name": args[0], "kind": kind}
			if secret != "" {
				text, err := l.File(secret)
				if err != nil {
					return err
				}
				in["secret"] = strings.TrimSpace(string(text))
			}
			if err := l.mappingFrom(mapping, in); err != nil {
				return err
			}
			return l.With(c.Context(), func(ctx context.Context, client *app.Client) error {
				var raw json.RawMessage
				if err := client.Call(ctx, http.MethodPost, "/v1/webhooks", nil, in, &raw); err != nil || l.JSON() {
					return l.PrintJSON(raw, err)
				}
				var out view
				if err := json.Unmarshal(raw, &out); err != nil {
					return err
				}
				l.print(out.URL)
				l.Say("Let the shop send to this path on your server, https://YOUR.HOST%s. The hook's id is %s.", out.URL, out.ID)
				if out.Secret != "" {
					l.print(out.Secret)
					l.Say("This is its secret; it is shown only now. Copy it to where the shop asks for one.")
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&kind, "kind", "", kinds)
	c.Flags().StringVar(&secret, "secret-file", "", "file that holds the shop's secret; - is standard input")
	c.Flags().StringVar(&mapping, "mapping", "", "file that holds the mapping (generic) or options (shops)")
	return c
}

func (l Line) list() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the addresses and how their last delivery went", Args: l.Takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			return l.With(c.Context(), func(ctx context.Context, client *app.Client) error {
				var out struct{ Items []view }
				if shown, err := l.Ask(ctx, client, "/v1/webhooks", nil, &out); shown || err != nil {
					return err
				}
				var rows [][]show.Cell
				for _, h := range out.Items {
					last := "never"
					if h.LastAt != nil {
						last = h.LastAt.Format("2006-01-02 15:04")
					}
					state := h.LastState
					if !h.Enabled {
						state = "off"
					}
					rows = append(rows, []show.Cell{show.Left(h.ID), show.Left(h.Name), show.Left(h.Kind), show.Left(last), show.Left(state), show.Left(show.Cut(h.LastNote, 60))})
				}
				l.Printer().Table([]show.Cell{show.Left("id"), show.Left("name"), show.Left("kind"), show.Left("last (UTC)"), show.Left("state"), show.Left("note")}, rows)
				return nil
			})
		},
	}
}

func (l Line) preview() *cobra.Command {
	var kind, mapping, topic string
	c := &cobra.Command{
		Use: "preview SAMPLE|- --kind KIND", Short: "Show what a delivery would tell; changes nothing",
		Long: "Reads a body as the shop sends it and prints the events it becomes, one JSON object a line.",
		Args: l.Takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if kind == "" {
				return l.kindMissing(c)
			}
			sample, err := l.File(args[0])
			if err != nil {
				return err
			}
			if !json.Valid(sample) {
				return fault.New(fault.Invalid, "app.sample", "the sample is not JSON").At(fault.Place{File: args[0]}).Then("Save the body of a delivery as it came.")
			}
			in := map[string]any{"kind": kind, "topic": topic, "sample": json.RawMessage(sample)}
			if err := l.mappingFrom(mapping, in); err != nil {
				return err
			}
			return l.With(c.Context(), func(ctx context.Context, client *app.Client) error {
				var raw json.RawMessage
				if err := client.Call(ctx, http.MethodPost, "/v1/webhooks/preview", nil, in, &raw); err != nil || l.JSON() {
					return l.PrintJSON(raw, err)
				}
				return l.printTold(raw)
			})
		},
	}
	c.Flags().StringVar(&kind, "kind", "", kinds)
	c.Flags().StringVar(&topic, "topic", "", "what it tells of, as the shop names it: orders/create, order.updated")
	c.Flags().StringVar(&mapping, "mapping", "", "file that holds the mapping (generic) or options (shops)")
	return c
}

func (l Line) printTold(raw json.RawMessage) error {
	var out struct {
		Events   []json.RawMessage
		Products []json.RawMessage
		Problems []struct{ Path, Sentence, Next string }
		Note     string
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return err
	}
	for _, event := range out.Events {
		l.print(event)
	}
	for _, product := range out.Products {
		l.print(product)
	}
	for _, p := range out.Problems[:min(len(out.Problems), 20)] {
		l.Say("%s: %s\n  → %s", show.Harmless(p.Path), show.Harmless(p.Sentence), show.Harmless(p.Next))
	}
	switch {
	case len(out.Problems) > 0:
		return l.Failed(fmt.Sprintf("%d events, and %d problems: such a delivery is set aside", len(out.Events), len(out.Problems)))
	case out.Note != "":
		l.Say("It tells nothing: %s.", show.Harmless(out.Note))
	}
	return nil
}

func (l Line) remove() *cobra.Command {
	return &cobra.Command{
		Use: "delete ID", Short: "End an address; what it told stays", Args: l.Takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return l.With(c.Context(), func(ctx context.Context, client *app.Client) error {
				if err := client.Call(ctx, http.MethodDelete, "/v1/webhooks/"+url.PathEscape(args[0]), nil, nil, nil); err != nil {
					return err
				}
				l.Say("The hook %s is deleted. Take its address out of the shop too.", args[0])
				return nil
			})
		},
	}
}

// mappingFrom adds the mapping in a file to a request.
func (l Line) mappingFrom(file string, in map[string]any) error {
	if file == "" {
		return nil
	}
	text, err := l.File(file)
	if err != nil {
		return err
	}
	if !json.Valid(text) {
		return fault.New(fault.Invalid, "app.mapping", "the mapping is not JSON").At(fault.Place{File: file}).Then("See docs/do/webhooks.md for what it holds.")
	}
	in["mapping"] = json.RawMessage(text)
	return nil
}
