package foresee

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli/show"
	"github.com/dangol/dangol/internal/market"
)

// trained are the kinds of models that are trained by a verb, in the order in which all are.
var trained = []string{"churn", "recommend"}

type cardView struct {
	Kind      string `json:"kind"`
	Version   int64  `json:"version"`
	Active    bool   `json:"active"`
	Status    string `json:"status"`
	TrainedAt string `json:"trained_at"`
	AsOf      string `json:"as_of"`
	Winner    string `json:"winner"`
	Data      struct {
		Customers int64   `json:"customers"`
		Rows      int64   `json:"rows"`
		Sampled   float64 `json:"sampled"`
	} `json:"data"`
	Definition struct {
		HorizonDays int               `json:"horizon_days"`
		Sentences   map[string]string `json:"sentences"`
	} `json:"definition"`
	Candidates []struct {
		Name, Label string
		AUC         float64 `json:"auc"`
		LogLoss     float64 `json:"log_loss"`
		Brier       float64 `json:"brier"`
		ECE         float64 `json:"ece"`
		Chosen      bool    `json:"chosen"`
	} `json:"candidates"`
	Drivers []struct {
		Kind   string            `json:"kind"`
		Labels map[string]string `json:"labels"`
		Weight float64           `json:"weight"`
	} `json:"drivers"`
	Limits []struct {
		Sentences map[string]string `json:"sentences"`
	} `json:"limits"`
	Sentences map[string]string `json:"sentences"`
}

type trainFlags struct {
	asOf    string
	horizon int
	basis   string
	seed    uint64
}

func (l Line) train() *cobra.Command {
	var f trainFlags
	c := &cobra.Command{
		Use: "train [churn|recommend|all]", Short: "Learn from the orders who leaves and what people buy next",
		Long: "Learns from past days what customers did afterwards, judges that on the last horizon against simple rules, and keeps the\n" +
			"best as a new version, with a card that says how good it is. Then everybody is scored. Without a name everything is trained.",
		Example: "  dangol train churn\n  dangol train churn --horizon-days 60 --as-of 2026-03-31\n  dangol train churn --basis subscription",
		Args:    l.Takes(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			kinds := trained
			if len(args) == 1 && args[0] != "all" {
				kinds = args
			}
			for _, k := range kinds {
				if k != "churn" && k != "recommend" {
					return l.Usage("there is no kind of model %q; train churn, recommend or all", k)
				}
			}
			return l.With(c.Context(), func(ctx context.Context, client *app.Client) error {
				return l.trainAll(ctx, client, kinds, len(args) == 1, f)
			})
		},
	}
	c.Flags().StringVar(&f.asOf, "as-of", "", "learn from the orders up to this day, YYYY-MM-DD (default: that of the last analysis)")
	c.Flags().IntVar(&f.horizon, "horizon-days", 0, "who orders nothing for so many days has left; of subscriptions, leaving within so many days is told (default: proposed from the orders)")
	c.Flags().StringVar(&f.basis, "basis", "", "by what leaving goes: orders, that none comes; subscription, that what they pay for ends (default: subscription where half of a year's orders say until when they pay)")
	c.Flags().Uint64Var(&f.seed, "seed", 0, "of everything that is drawn by lot (default: 1)")
	return c
}

func (l Line) trainAll(ctx context.Context, c *app.Client, kinds []string, named bool, f trainFlags) error {
	if err := l.Freshen(ctx, c, ""); err != nil {
		return err
	}
	for _, kind := range kinds {
		l.Say("Training %s …", kind)
		in := map[string]any{}
		if f.asOf != "" {
			in["as_of"] = f.asOf
		}
		if f.seed != 0 {
			in["seed"] = f.seed
		}
		if f.horizon != 0 && kind == "churn" {
			in["horizon_days"] = f.horizon
		}
		if f.basis != "" && kind == "churn" {
			in["basis"] = f.basis
		}
		raw, err := l.Work(ctx, c, "/v1/models/"+kind+"/train", in)
		if err != nil && !named && absent(err) {
			continue
		}
		if err != nil || l.JSON() {
			if err = l.PrintJSON(raw, err); err != nil {
				return err
			}
			continue
		}
		var v cardView
		if err := json.Unmarshal(raw, &v); err != nil {
			return err
		}
		l.printCard(&v)
	}
	l.Say("Next: dangol explain CUSTOMER, or dangol serve.")
	return nil
}

// Train trains everything there is, for verbs that do more than that.
func (l Line) Train(ctx context.Context, c *app.Client) error {
	for _, kind := range trained {
		if _, err := l.Work(ctx, c, "/v1/models/"+kind+"/train", map[string]any{}); err != nil && !absent(err) {
			return err
		}
	}
	return nil
}

// Score brings the scores up to date, where a model scores.
func (l Line) Score(ctx context.Context, c *app.Client) error {
	var v struct {
		Models []struct {
			Kind   string `json:"kind"`
			Active bool   `json:"active"`
		} `json:"models"`
	}
	if err := c.Call(ctx, http.MethodGet, "/v1/models", nil, nil, &v); err != nil {
		return err
	}
	for _, m := range v.Models {
		if m.Kind == "churn" && m.Active {
			_, err := l.Work(ctx, c, "/v1/models/churn/score", map[string]any{})
			return err
		}
	}
	return nil
}

func (l Line) printCard(v *cardView) {
	if len(v.Candidates) == 0 || v.Kind != "churn" {
		l.print("%s: %s", v.Kind, l.said(v.Sentences))
		return
	}
	state := "kept beside the active one"
	if v.Active {
		state = "scores now"
	}
	l.print("Model of who leaves, version %d, as of %s: %s.", v.Version, v.AsOf, state)
	l.print("%s", l.said(v.Definition.Sentences))
	l.print("%s", l.said(v.Sentences))
	var rows [][]show.Cell
	for _, k := range v.Candidates {
		mark := ""
		if k.Chosen {
			mark = "chosen"
		}
		rows = append(rows, []show.Cell{show.Left(k.Label), fixed(k.AUC), fixed(k.LogLoss), fixed(k.Brier), fixed(k.ECE), show.Left(mark)})
	}
	l.print("")
	l.table([]show.Cell{show.Left("judged on the last horizon"), show.Right("AUC"), show.Right("log-loss"), show.Right("Brier"), show.Right("ECE"), show.Left("")}, rows)
	rows = nil
	for _, d := range v.Drivers[:min(6, len(v.Drivers))] {
		rows = append(rows, []show.Cell{show.Left(l.said(d.Labels)), show.Left(d.Kind), show.Right(strconv.FormatFloat(d.Weight, 'f', 2, 64))})
	}
	l.print("")
	l.table([]show.Cell{show.Left("what moves the chance"), show.Left(""), show.Right("log-odds")}, rows)
	l.print("")
	l.print("Learnt from %s rows of %s customers.", market.FormatNumber(v.Data.Rows), market.FormatNumber(v.Data.Customers))
	for _, limit := range v.Limits {
		l.print("- %s", l.said(limit.Sentences))
	}
}

func fixed(x float64) show.Cell { return show.Right(strconv.FormatFloat(x, 'f', 4, 64)) }

func (l Line) score() *cobra.Command {
	return &cobra.Command{
		Use: "score", Short: "Tell of everybody who may leave, with what chance and why, as of the last analysis", Args: l.Takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			return l.With(c.Context(), func(ctx context.Context, client *app.Client) error {
				if err := l.Freshen(ctx, client, ""); err != nil {
					return err
				}
				raw, err := l.Work(ctx, client, "/v1/models/churn/score", map[string]any{})
				if err != nil || l.JSON() {
					return l.PrintJSON(raw, err)
				}
				var v struct {
					AsOf      string  `json:"as_of"`
					Version   int64   `json:"version"`
					Customers int64   `json:"customers"`
					High      int64   `json:"high"`
					Changed   int64   `json:"changed"`
					Seconds   float64 `json:"seconds"`
					Fresh     bool    `json:"fresh"`
				}
				if err := json.Unmarshal(raw, &v); err != nil {
					return err
				}
				if v.Fresh {
					l.print("%s customers are scored as of %s by version %d already.", market.FormatNumber(v.Customers), v.AsOf, v.Version)
					return nil
				}
				l.print("Scored %s customers who may leave as of %s by version %d in %.1f s: %s are likelier than two to one to leave; the band of %s changed.",
					market.FormatNumber(v.Customers), v.AsOf, v.Version, v.Seconds, market.FormatNumber(v.High), market.FormatNumber(v.Changed))
				return nil
			})
		},
	}
}

// absent says that a server knows no such route.
func absent(err error) bool { return strings.Contains(err.Error(), "there is nothing at this path") }
