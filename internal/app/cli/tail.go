package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/collect/flow"
)

// tailEvent is what a line of the tail shows.
type tailEvent struct {
	At         time.Time       `json:"received_at"`
	Happened   time.Time       `json:"at"`
	Name       string          `json:"name"`
	Source     string          `json:"source"`
	Customer   string          `json:"customer"`
	Person     string          `json:"person"`
	Fate       string          `json:"fate"`
	Reason     string          `json:"reason"`
	Sentence   string          `json:"sentence"`
	Next       string          `json:"next"`
	Identities []string        `json:"identities"`
	Properties json.RawMessage `json:"properties"`
}

func (e *env) tailCommand() *cobra.Command {
	var name, source, fate, customer string
	var recent, count int
	c := &cobra.Command{
		Use: "tail", Short: "Print events as they come, and what became of each",
		Long: "Prints events as they come until it is stopped; where no server runs, the newest there are. With --json each line is one event.", Args: takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if fates := []string{flow.Accepted, flow.SetAside, flow.Duplicate}; fate != "" && !slices.Contains(fates, fate) {
				return usagef("--fate knows no %q; the fates are: %s", fate, strings.Join(fates, ", "))
			}
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				query := params("name", name, "source", source, "fate", fate, "customer", customer)
				if client.Alone() {
					return e.kept(ctx, client, query, recent, count)
				}
				query.Set("recent", strconv.Itoa(recent))
				body, err := client.Stream(ctx, http.MethodGet, "/v1/events/live", query, "", nil)
				if err != nil {
					return err
				}
				defer func() { _ = body.Close() }()
				e.say("Waiting for events; Ctrl-C stops.")
				err = e.follow(body, count)
				if ctx.Err() != nil || errors.Is(err, io.EOF) {
					return nil // stopped by its user, or by the server's end
				}
				return err
			})
		},
	}
	f := c.Flags()
	f.StringVar(&name, "name", "", "only events of this name")
	f.StringVar(&source, "source", "", "only from this source (key or webhook id)")
	f.StringVar(&fate, "fate", "", "only accepted, quarantined or duplicate ones")
	f.StringVar(&customer, "customer", "", "only of this person: 42, user:42, email:…")
	f.IntVar(&recent, "recent", 20, "how many of the newest to print first")
	f.IntVar(&count, "count", 0, "stop after this many (0: never)")
	return c
}

// follow prints each message of a stream of server-sent events.
func (e *env) follow(body io.Reader, count int) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, 64<<10), 4<<20)
	shown := 0
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		if err := e.printEvent(data); err != nil {
			return err
		}
		if err := e.out.Flush(); err != nil {
			return err
		}
		if shown++; shown == count {
			return nil
		}
	}
	return lines.Err()
}

func (e *env) printEvent(data string) error {
	if e.json {
		e.print("%s", data)
		return nil
	}
	var v tailEvent
	if err := json.Unmarshal([]byte(data), &v); err != nil {
		return err
	}
	e.print("%s  %-11s  %-24s  %-24s  %s", v.At.Local().Format("15:04:05.000"), v.Fate, v.Name, v.who(), brief(v.Properties, 120))
	if v.Reason != "" {
		e.print("              %s → %s", v.Sentence, v.Next)
	}
	return nil
}

// who is by what the event named its person, or by what she is known where that was our own number.
func (v *tailEvent) who() string {
	switch {
	case v.Person != "":
		return v.Person
	case len(v.Identities) > 0:
		return v.Identities[0]
	}
	return v.Customer
}

// brief are properties, cut to what a line of a list holds.
func brief(properties json.RawMessage, most int) string {
	what := string(properties)
	if len(what) > most {
		what = what[:most-3] + "…"
	}
	return strings.ToValidUTF8(what, "")
}

// kept prints what a folder that nobody serves has, and ends: nothing can come in there, and as long as this ran no server could start.
func (e *env) kept(ctx context.Context, client *app.Client, query url.Values, recent, count int) error {
	var page struct {
		Items []json.RawMessage `json:"items"`
	}
	if recent > 0 && query.Get("fate") != "duplicate" { // those are seen only while they come
		query.Set("limit", strconv.Itoa(min(recent, mostKept)))
		if err := client.Call(ctx, http.MethodGet, "/v1/events", query, nil, &page); err != nil {
			return err
		}
	}
	slices.Reverse(page.Items) // they come newest first
	if count > 0 {
		page.Items = page.Items[:min(count, len(page.Items))]
	}
	for _, event := range page.Items {
		if err := e.printEvent(string(event)); err != nil {
			return err
		}
	}
	e.say("No server runs on this data folder, so no event can come in. Start one with `dangol serve` and run this again, or name one with --server URL.")
	return nil
}

const mostKept = 500 // of one page

func (e *env) replayCommand() *cobra.Command {
	var reason, patch string
	c := &cobra.Command{
		Use: "replay [PLACE...]", Short: "Send quarantined events again, mended",
		Long: "Sends events of the quarantine again: those named by their place, or all of one --reason. --set lays JSON over each of them,\n" +
			`for example --set '{"userId":"42"}'. Their time stays that of the first try; what cannot be used yet comes back.` + "\n" +
			"Without arguments it lists what there is, by reason.",
		RunE: func(c *cobra.Command, args []string) error {
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				if len(args) == 0 && reason == "" {
					return e.listQuarantine(ctx, client, nil)
				}
				in := map[string]any{}
				if len(args) > 0 {
					in["places"] = args
				}
				if reason != "" {
					in["reason"] = reason
				}
				if patch != "" {
					var v map[string]any
					if err := json.Unmarshal([]byte(patch), &v); err != nil {
						return usagef("--set is not a JSON object: %w", err)
					}
					in["patch"] = v
				}
				var out struct {
					Replayed int `json:"replayed"`
				}
				if err := client.Call(ctx, http.MethodPost, "/v1/quarantine/replay", nil, in, &out); err != nil {
					return err
				}
				if out.Replayed == 0 {
					e.sayReasons(ctx, client)
				}
				if e.json {
					return json.NewEncoder(e.out).Encode(out)
				}
				e.print("%d sent again. What cannot be used yet comes back: see `dangol replay`.", out.Replayed)
				return nil
			})
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "every event of this reason")
	c.Flags().StringVar(&patch, "set", "", "JSON laid over each event; null removes a field")
	return c
}
