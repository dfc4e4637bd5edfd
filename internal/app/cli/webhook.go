package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/kit/fault"
)

type webhookView struct {
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

// webhookLimit is the largest secret, mapping or sample that is read from a file.
const webhookLimit = 1 << 20

func (e *env) webhookCommand() *cobra.Command {
	c := &cobra.Command{Use: "webhook", Short: "Make, list, try and delete addresses to which shops send"}
	c.AddCommand(e.webhookCreate(), e.webhookList(), e.webhookPreview(), e.webhookDelete())
	return oneOf(c)
}

func (e *env) webhookCreate() *cobra.Command {
	var kind, secret, mapping string
	c := &cobra.Command{
		Use: "create NAME --kind KIND", Short: "Make an address to which a shop or another program can send",
		Long: "Makes an address for Shopify, WooCommerce, Cafe24, or (generic, with a mapping) anything that sends signed JSON.\n" +
			"Shopify and Cafe24 sign with a secret of their own: give it in a file, for what stands on a command line can be seen by others.\n" +
			"For the others a secret is made, and shown this once.",
		Args: takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			in := map[string]any{"name": args[0], "kind": kind}
			if secret != "" {
				text, err := e.smallFile(secret)
				if err != nil {
					return err
				}
				in["secret"] = strings.TrimSpace(string(text))
			}
			if err := e.mappingFrom(mapping, in); err != nil {
				return err
			}
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				var raw json.RawMessage
				if err := client.Call(ctx, http.MethodPost, "/v1/webhooks", nil, in, &raw); err != nil || e.json {
					return e.printJSON(raw, err)
				}
				var out webhookView
				if err := json.Unmarshal(raw, &out); err != nil {
					return err
				}
				e.print("%s", out.URL)
				e.say("Let the shop send to this path on your server, https://YOUR.HOST%s. The hook's id is %s.", out.URL, out.ID)
				if out.Secret != "" {
					e.print("%s", out.Secret)
					e.say("This is its secret; it is shown only now. Copy it to where the shop asks for one.")
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&kind, "kind", "", "shopify, woocommerce, cafe24 or generic")
	c.Flags().StringVar(&secret, "secret-file", "", "file that holds the shop's secret; - is standard input")
	c.Flags().StringVar(&mapping, "mapping", "", "file that holds the mapping (generic) or options (shops)")
	_ = c.MarkFlagRequired("kind")
	return c
}

func (e *env) webhookList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the addresses and how their last delivery went", Args: takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				var out struct{ Items []webhookView }
				if shown, err := e.ask(ctx, client, "/v1/webhooks", nil, &out); shown || err != nil {
					return err
				}
				var rows [][]cell
				for _, h := range out.Items {
					last := "never"
					if h.LastAt != nil {
						last = h.LastAt.Format("2006-01-02 15:04")
					}
					state := h.LastState
					if !h.Enabled {
						state = "off"
					}
					rows = append(rows, []cell{left(h.ID), left(h.Name), left(h.Kind), left(last), left(state), left(cut(h.LastNote, 60))})
				}
				e.table([]cell{left("id"), left("name"), left("kind"), left("last (UTC)"), left("state"), left("note")}, rows)
				return nil
			})
		},
	}
}

func (e *env) webhookPreview() *cobra.Command {
	var kind, mapping, topic string
	c := &cobra.Command{
		Use: "preview SAMPLE|- --kind KIND", Short: "Show what a delivery would tell; changes nothing",
		Long: "Reads a body as the shop sends it and prints the events it becomes, one JSON object a line.",
		Args: takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			sample, err := e.smallFile(args[0])
			if err != nil {
				return err
			}
			if !json.Valid(sample) {
				return fault.New(fault.Invalid, "app.sample", "the sample is not JSON").At(fault.Place{File: args[0]}).Then("Save the body of a delivery as it came.")
			}
			in := map[string]any{"kind": kind, "topic": topic, "sample": json.RawMessage(sample)}
			if err := e.mappingFrom(mapping, in); err != nil {
				return err
			}
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				var raw json.RawMessage
				if err := client.Call(ctx, http.MethodPost, "/v1/webhooks/preview", nil, in, &raw); err != nil || e.json {
					return e.printJSON(raw, err)
				}
				return e.printTold(raw)
			})
		},
	}
	c.Flags().StringVar(&kind, "kind", "", "shopify, woocommerce, cafe24 or generic")
	c.Flags().StringVar(&topic, "topic", "", "what it tells of, as the shop names it: orders/create, order.updated")
	c.Flags().StringVar(&mapping, "mapping", "", "file that holds the mapping (generic) or options (shops)")
	_ = c.MarkFlagRequired("kind")
	return c
}

func (e *env) printTold(raw json.RawMessage) error {
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
		e.print("%s", event)
	}
	for _, product := range out.Products {
		e.print("%s", product)
	}
	for _, p := range out.Problems[:min(len(out.Problems), 20)] {
		e.say("%s: %s\n  → %s", harmless(p.Path), harmless(p.Sentence), harmless(p.Next))
	}
	switch {
	case len(out.Problems) > 0:
		return stopped{fmt.Sprintf("%d events, and %d problems: such a delivery is set aside", len(out.Events), len(out.Problems))}
	case out.Note != "":
		e.say("It tells nothing: %s.", harmless(out.Note))
	}
	return nil
}

func (e *env) webhookDelete() *cobra.Command {
	return &cobra.Command{
		Use: "delete ID", Short: "End an address; what it told stays", Args: takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				if err := client.Call(ctx, http.MethodDelete, "/v1/webhooks/"+escape(args[0]), nil, nil, nil); err != nil {
					return err
				}
				e.say("The hook %s is deleted. Take its address out of the shop too.", args[0])
				return nil
			})
		},
	}
}

// mappingFrom adds the mapping in a file to a request.
func (e *env) mappingFrom(file string, in map[string]any) error {
	if file == "" {
		return nil
	}
	text, err := e.smallFile(file)
	if err != nil {
		return err
	}
	if !json.Valid(text) {
		return fault.New(fault.Invalid, "app.mapping", "the mapping is not JSON").At(fault.Place{File: file}).Then("See docs/do/webhooks.md for what it holds.")
	}
	in["mapping"] = json.RawMessage(text)
	return nil
}

// smallFile reads a file, or standard input.
func (e *env) smallFile(file string) ([]byte, error) {
	from := e.In
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, unreadable(file, err)
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, webhookLimit+1))
	if err != nil {
		return nil, unreadable(file, err)
	}
	if len(text) > webhookLimit {
		return nil, fault.New(fault.TooLarge, "app.file_too_large", "the file is larger than 1 MiB").At(fault.Place{File: file}).Then("Check that it is the file you meant.")
	}
	return text, nil
}
