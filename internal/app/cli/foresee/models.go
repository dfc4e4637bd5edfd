package foresee

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli/show"
)

func (l Line) models() *cobra.Command {
	var version, activate int64
	c := &cobra.Command{
		Use: "models [KIND]", Short: "The models there are: quality, versions, drift, and the way back to an older one",
		Long: "Without a kind, a line each. With one, its card: what it was learnt from, how good it was on orders that it had not seen,\n" +
			"against which rules, for which markets, what moves it, and what to know before believing it.",
		Example: "  dangol models\n  dangol models churn --version 2\n  dangol models churn --activate 1",
		Args:    l.Takes(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return l.With(c.Context(), func(ctx context.Context, client *app.Client) error {
				switch {
				case len(args) == 0:
					return l.list(ctx, client)
				case activate > 0:
					return l.activate(ctx, client, args[0], activate)
				}
				query := url.Values{}
				if version > 0 {
					query.Set("version", strconv.FormatInt(version, 10))
				}
				var v cardView
				shown, err := l.Ask(ctx, client, "/v1/models/"+url.PathEscape(args[0]), query, &v)
				if err == nil && !shown {
					l.printCard(&v)
				}
				return err
			})
		},
	}
	c.Flags().Int64Var(&version, "version", 0, "of the card (default: the active one)")
	c.Flags().Int64Var(&activate, "activate", 0, "let this version score, an older one too")
	return c
}

func (l Line) list(ctx context.Context, c *app.Client) error {
	var v struct {
		Models []struct {
			Kind      string            `json:"kind"`
			Version   int64             `json:"version"`
			Status    string            `json:"status"`
			AsOf      *string           `json:"as_of"`
			Label     string            `json:"winner_label"`
			AUC       *float64          `json:"auc"`
			ECE       *float64          `json:"ece"`
			Sentences map[string]string `json:"sentences"`
			Drift     struct {
				Status string `json:"status"`
			} `json:"drift"`
		} `json:"models"`
	}
	shown, err := l.Ask(ctx, c, "/v1/models", nil, &v)
	if err != nil || shown {
		return err
	}
	var rows [][]show.Cell
	for _, m := range v.Models {
		asOf := ""
		if m.AsOf != nil {
			asOf = *m.AsOf
		}
		four := func(x float64) string { return strconv.FormatFloat(x, 'f', 4, 64) }
		rows = append(rows, []show.Cell{
			show.Left(m.Kind), show.Count(m.Version), show.Left(m.Status), show.Left(asOf), show.Left(m.Label), show.Maybe(m.AUC, four), show.Maybe(m.ECE, four), show.Left(m.Drift.Status),
		})
	}
	l.table([]show.Cell{show.Left("kind"), show.Right("version"), show.Left("status"), show.Left("as of"), show.Left("model"), show.Right("AUC"), show.Right("ECE"), show.Left("drift")}, rows)
	for _, m := range v.Models {
		l.print("%s: %s", m.Kind, l.said(m.Sentences))
	}
	return nil
}

func (l Line) activate(ctx context.Context, c *app.Client, kind string, version int64) error {
	var raw json.RawMessage
	if err := c.Call(ctx, http.MethodPost, "/v1/models/"+url.PathEscape(kind)+"/activate", nil, map[string]int64{"version": version}, &raw); err != nil {
		return err
	}
	if kind == "churn" {
		if _, err := l.Work(ctx, c, "/v1/models/churn/score", map[string]any{}); err != nil {
			return err
		}
	}
	if l.JSON() {
		return l.PrintJSON(raw, nil)
	}
	l.print("Version %d of %s is the active one now.", version, kind)
	return nil
}
