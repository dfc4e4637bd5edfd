package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/market"
)

// rawEvent is an event as it was sent.
type rawEvent struct {
	Place      string    `json:"place"`
	ReceivedAt time.Time `json:"received_at"`
	Source     string    `json:"source"`
	Name       string    `json:"name"`
	Reason     string    `json:"reason"`
	Sentence   string    `json:"sentence"`
	Next       string    `json:"next"`
	Raw        string    `json:"raw"`
}

func (e *env) quarantineCommand() *cobra.Command {
	c := &cobra.Command{Use: "quarantine", Short: "Events that could not be used, with the reason and as they were sent; `dangol replay` mends them"}
	var reason, source string
	list := &cobra.Command{Use: "list", Short: "What is set aside, newest first", Args: takes(cobra.NoArgs), RunE: e.talk(func(ctx context.Context, client *app.Client, _ []string) error {
		return e.listQuarantine(ctx, client, params("reason", reason, "source", source, "limit", "500"))
	})}
	list.Flags().StringVar(&reason, "reason", "", "only of this reason")
	list.Flags().StringVar(&source, "source", "", "only from this source (key or webhook id)")
	show := &cobra.Command{
		Use: "show PLACE...", Short: "Events as they were sent, each with what is wrong", Args: takes(cobra.MinimumNArgs(1)),
		Long: "Prints each event as it was sent, and on standard error what is wrong with it. With --json one object an event, the event in \"raw\".",
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			for _, place := range args {
				err := answered(ctx, e, client, http.MethodGet, "/v1/quarantine/"+escape(place), nil, nil, func(v *rawEvent) {
					e.say("%s  %s  from %s: %s → %s", v.Place, v.ReceivedAt.Local().Format(time.DateTime), v.Source, v.Sentence, v.Next)
					e.print("%s", spread(v.Raw))
				})
				if err != nil {
					return err
				}
			}
			return nil
		}),
	}
	c.AddCommand(list, show)
	return oneOf(c)
}

// quarantineView is a page of what is set aside, with how many there are of each reason in all.
type quarantineView struct {
	Items []struct {
		Place    string `json:"place"`
		Name     string `json:"name"`
		Source   string `json:"source"`
		Reason   string `json:"reason"`
		Sentence string `json:"sentence"`
	} `json:"items"`
	ByReason map[string]int64 `json:"by_reason"`
}

func (e *env) listQuarantine(ctx context.Context, client *app.Client, query url.Values) error {
	var raw json.RawMessage
	if err := client.Call(ctx, http.MethodGet, "/v1/quarantine", query, nil, &raw); err != nil {
		return err
	}
	var out quarantineView
	if err := json.Unmarshal(raw, &out); err != nil {
		return err
	}
	none := len(out.Items) == 0
	if none && len(out.ByReason) > 0 {
		e.say("Nothing that is set aside matches. There is: %s.", out.reasons())
	}
	switch {
	case e.json:
		return e.printJSON(raw, nil)
	case none && len(out.ByReason) == 0:
		e.print("Nothing is set aside.")
	case !none:
		rows := [][]cell{}
		for _, q := range out.Items {
			rows = append(rows, []cell{left(q.Place), left(q.Reason), left(q.Name), left(q.Source), left(q.Sentence)})
		}
		e.table([]cell{left("place"), left("reason"), left("name"), left("source"), left("what is wrong")}, rows)
	}
	return nil
}

// reasons are those there are, the most frequent first.
func (v *quarantineView) reasons() string {
	var list []string
	for _, r := range mostFirst(v.ByReason) {
		list = append(list, harmless(r)+" "+market.FormatNumber(v.ByReason[r]))
	}
	return strings.Join(list, ", ")
}

// sayReasons tells one who replayed nothing what there is. What she asked for is done, so that this cannot be told is no failure.
func (e *env) sayReasons(ctx context.Context, client *app.Client) {
	var v quarantineView
	if err := client.Call(ctx, http.MethodGet, "/v1/quarantine", url.Values{"limit": {"1"}}, nil, &v); err != nil {
		return
	}
	if len(v.ByReason) == 0 {
		e.say("Nothing is set aside.")
		return
	}
	e.say("Nothing that is set aside has this reason. There is: %s.", v.reasons())
}

// mostFirst are the names of counts, the largest first.
func mostFirst(counts map[string]int64) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
}

func (e *env) deadLetterCommand() *cobra.Command {
	c := &cobra.Command{Use: "dead-letter", Short: "Messages of the log on which a stage failed each time: look into, send again"}
	list := &cobra.Command{Use: "list", Short: "Dead letters, newest first", Args: takes(cobra.NoArgs), RunE: e.talk(func(ctx context.Context, client *app.Client, _ []string) error {
		type letters struct {
			Items []struct {
				Seq     string    `json:"seq"`
				At      time.Time `json:"at"`
				Events  int64     `json:"events"`
				Problem string    `json:"problem"`
			} `json:"items"`
		}
		return answered(ctx, e, client, http.MethodGet, "/v1/dead-letters", nil, nil, func(v *letters) {
			if len(v.Items) == 0 {
				e.print("There are none.")
				return
			}
			rows := [][]cell{}
			for _, l := range v.Items {
				rows = append(rows, []cell{left(l.Seq), left(l.At.Local().Format(time.DateTime)), count(l.Events), left(l.Problem)})
			}
			e.table([]cell{left("message"), left("at"), right("events"), left("what failed")}, rows)
		})
	})}
	show := &cobra.Command{
		Use: "show MESSAGE", Short: "A dead letter's events as they were sent, one a line", Args: takes(cobra.ExactArgs(1)),
		Long: "Prints the events of a dead letter as they were sent, one a line, and on standard error what failed. With --json one object a line, the event in \"raw\".",
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			return e.showLetter(ctx, client, args[0])
		}),
	}
	again := &cobra.Command{Use: "replay MESSAGE...", Short: "Send the events of dead letters again", Args: takes(cobra.MinimumNArgs(1)), RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
		type replayed struct {
			Replayed int `json:"replayed"`
		}
		return answered(ctx, e, client, http.MethodPost, "/v1/dead-letters/replay", nil, map[string]any{"seqs": args}, func(v *replayed) {
			e.print("%d sent again. What fails again comes back: see `dangol dead-letter list`.", v.Replayed)
		})
	})}
	c.AddCommand(list, show, again)
	return oneOf(c)
}

// showLetter prints a dead letter's events, page after page.
func (e *env) showLetter(ctx context.Context, client *app.Client, seq string) error {
	for after, first := "0", true; after != ""; first = false {
		var page struct {
			Events  int64             `json:"events"`
			Problem string            `json:"problem"`
			Items   []json.RawMessage `json:"items"`
			Next    string            `json:"next"`
		}
		if err := client.Call(ctx, http.MethodGet, "/v1/dead-letters/"+escape(seq), url.Values{"after": {after}, "limit": {"500"}}, nil, &page); err != nil {
			return err
		}
		if first {
			e.say("message %s, %s events: %s", seq, strconv.FormatInt(page.Events, 10), page.Problem)
		}
		for _, one := range page.Items {
			if e.json {
				e.print("%s", one)
				continue
			}
			var v rawEvent
			if err := json.Unmarshal(one, &v); err != nil {
				return err
			}
			e.print("%s", oneLine(v.Raw))
		}
		after = page.Next
	}
	return nil
}

// spread lays JSON out over lines; other text stays as it is.
func spread(raw string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(raw), "", "  ") != nil {
		return harmless(raw)
	}
	return b.String()
}

func oneLine(raw string) string {
	var b bytes.Buffer
	if json.Compact(&b, []byte(raw)) != nil {
		return strconv.Quote(raw)
	}
	return b.String()
}
