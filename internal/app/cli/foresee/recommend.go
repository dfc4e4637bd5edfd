package foresee

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli/show"
)

// suggestion is one thing with the reason for it.
type suggestion struct {
	Product string `json:"product"`
	ID      string `json:"id"`
	Name    string `json:"name"`
	Reason  struct {
		Sentences map[string]string `json:"sentences"`
	} `json:"reason"`
}

func (l Line) suggested(list []suggestion) {
	rows := [][]show.Cell{}
	for i := range list {
		s := &list[i]
		rows = append(rows, []show.Cell{show.Right(strconv.Itoa(i + 1)), show.Left(cmp.Or(s.Product, s.ID)), show.Left(s.Name), show.Left(l.said(s.Reason.Sentences))})
	}
	l.table([]show.Cell{show.Right("#"), show.Left("id"), show.Left("name"), show.Left("why")}, rows)
}

type recommendedView struct {
	Customer string       `json:"customer"`
	AsOf     string       `json:"as_of"`
	Version  int64        `json:"version"`
	Model    string       `json:"model"`
	Items    []suggestion `json:"items"`
	Due      []struct {
		Product  string  `json:"product"`
		Name     string  `json:"name"`
		Last     string  `json:"last"`
		Day      string  `json:"day"`
		Low      string  `json:"low"`
		High     string  `json:"high"`
		Interval float64 `json:"interval_days"`
	} `json:"due"`
	Fallback bool `json:"fallback"`
}

func (l Line) recommend() *cobra.Command {
	var count int
	var bought, category string
	c := &cobra.Command{
		Use: "recommend CUSTOMER", Short: "What one customer will buy next, and why; what she will need again, and when",
		Long: "Says what one customer will buy next, named by any identity: 42 or user:42, email:kim@example.com, anon:….\nThe model is trained by `dangol train recommend`.",
		Args: l.Takes(cobra.ExactArgs(1)),
		RunE: l.talk(func(ctx context.Context, client *app.Client, args []string) error {
			q := url.Values{"count": {strconv.Itoa(count)}, "bought": {bought}}
			if category != "" {
				q.Set("category", category)
			}
			return answered(ctx, l, client, http.MethodGet, "/v1/customers/"+url.PathEscape(args[0])+"/recommendations", q, nil, l.printRecommended)
		}),
	}
	c.Flags().IntVar(&count, "count", 10, "how many")
	c.Flags().StringVar(&bought, "bought", "exclude", "what she has bought: exclude, due (when she needs it again) or allow")
	c.Flags().StringVar(&category, "category", "", "only products of this category")
	return c
}

func (l Line) printRecommended(v *recommendedView) {
	if v.Fallback {
		l.Say("Nothing is known of what %s bought, so this is what others buy.", v.Customer)
	}
	l.print("%s, as of %s (%s, version %d)", v.Customer, v.AsOf, v.Model, v.Version)
	l.suggested(v.Items)
	if len(v.Due) == 0 {
		return
	}
	rows := [][]show.Cell{}
	for _, d := range v.Due {
		rows = append(rows, []show.Cell{show.Left(d.Product), show.Left(d.Name), show.Left(d.Last), show.Left(d.Day), show.Left(d.Low + " to " + d.High), show.Right(strconv.FormatFloat(d.Interval, 'f', 0, 64))})
	}
	l.print("")
	l.table([]show.Cell{show.Left("needed again"), show.Left("name"), show.Left("last bought"), show.Left("around"), show.Left("in 8 cases of 10"), show.Right("every … days")}, rows)
}

type decisionView struct {
	Decision string       `json:"decision"`
	Kind     string       `json:"kind"`
	Items    []suggestion `json:"items"`
	Fallback bool         `json:"fallback"`
	Why      string       `json:"fallback_reason"`
}

func (l Line) decide() *cobra.Command {
	var slot, place string
	var count int
	c := &cobra.Command{
		Use: "decide CUSTOMER", Short: "What a slot shows to one person now", Args: l.Takes(cobra.ExactArgs(1)),
		RunE: l.talk(func(ctx context.Context, client *app.Client, args []string) error {
			in := map[string]any{"customer": args[0], "slot": slot, "count": count, "context": map[string]string{"market": place}}
			return answered(ctx, l, client, http.MethodPost, "/v1/decide", nil, in, func(v *decisionView) {
				l.suggested(v.Items)
				if v.Fallback {
					l.Say("Not chosen for her: %s.", strings.ReplaceAll(v.Why, "_", " "))
				}
			})
		}),
	}
	c.Flags().StringVar(&slot, "slot", "", "of the place; without one, products are shown")
	c.Flags().StringVar(&place, "market", "", "of somebody whose market is not known, such as KR")
	c.Flags().IntVar(&count, "count", 3, "how many")
	return c
}

type slotView struct {
	Slug       string            `json:"slug"`
	Name       string            `json:"name"`
	Kind       string            `json:"kind"`
	Candidates []json.RawMessage `json:"candidates"`
	Version    int64             `json:"version"`
}

func (l Line) slot() *cobra.Command {
	c := &cobra.Command{Use: "slot", Short: "Places that show products, offers or content: make, change, end"}
	list := &cobra.Command{Use: "list", Short: "Slots and what they show", Args: l.Takes(cobra.NoArgs), RunE: l.talk(func(ctx context.Context, client *app.Client, _ []string) error {
		type page struct {
			Items []slotView `json:"items"`
		}
		return answered(ctx, l, client, http.MethodGet, "/v1/slots", nil, nil, func(v *page) {
			rows := [][]show.Cell{}
			for _, s := range v.Items {
				rows = append(rows, []show.Cell{show.Left(s.Slug), show.Left(s.Name), show.Left(s.Kind), show.Count(int64(len(s.Candidates))), show.Count(s.Version)})
			}
			l.table([]show.Cell{show.Left("slot"), show.Left("name"), show.Left("kind"), show.Right("candidates"), show.Right("version")}, rows)
		})
	})}
	one := &cobra.Command{Use: "show SLUG", Short: "One slot with its definition, as `slot put` takes it", Args: l.Takes(cobra.ExactArgs(1)), RunE: l.talk(func(ctx context.Context, client *app.Client, args []string) error {
		var v map[string]json.RawMessage
		if err := client.Call(ctx, http.MethodGet, "/v1/slots/"+url.PathEscape(args[0]), nil, nil, &v); err != nil {
			return err
		}
		for _, made := range []string{"slug", "version", "updated_at"} {
			delete(v, made)
		}
		raw, err := json.Marshal(v)
		return l.PrintJSON(raw, err)
	})}
	put := &cobra.Command{
		Use: "put SLUG FILE|-", Short: "Make a slot or change it, from JSON",
		Example: `  echo '{"kind":"offer","candidates":[{"id":"gift","segment":"valuable-at-risk","value":2},{"id":"news"}]}' | dangol slot put banner -`,
		Args:    l.Takes(cobra.ExactArgs(2)), RunE: l.talk(func(ctx context.Context, client *app.Client, args []string) error {
			text, err := l.File(args[1])
			if err != nil {
				return err
			}
			return answered(ctx, l, client, http.MethodPut, "/v1/slots/"+url.PathEscape(args[0]), nil, json.RawMessage(text), func(v *slotView) {
				l.print("%s: version %d shows %s.", v.Slug, v.Version, cmp.Or(map[string]string{"offer": "offers"}[v.Kind], v.Kind))
			})
		}),
	}
	drop := &cobra.Command{Use: "delete SLUG", Short: "End a slot", Args: l.Takes(cobra.ExactArgs(1)), RunE: l.talk(func(ctx context.Context, client *app.Client, args []string) error {
		return client.Call(ctx, http.MethodDelete, "/v1/slots/"+url.PathEscape(args[0]), nil, nil, nil)
	})}
	c.AddCommand(list, one, put, drop)
	return l.OneOf(c)
}

// talk is a verb that speaks to the house.
func (l Line) talk(do func(ctx context.Context, client *app.Client, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		return l.With(c.Context(), func(ctx context.Context, client *app.Client) error { return do(ctx, client, args) })
	}
}

// answered prints an answer as JSON where that is asked for, else for people.
func answered[T any](ctx context.Context, l Line, client *app.Client, method, path string, query url.Values, in any, human func(*T)) error {
	var raw json.RawMessage
	if err := client.Call(ctx, method, path, query, in, &raw); err != nil || l.JSON() {
		return l.PrintJSON(raw, err)
	}
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	human(&v)
	return nil
}
