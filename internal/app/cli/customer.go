package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
)

type profileView struct {
	customerRow
	Email  string `json:"email"`
	Phone  string `json:"phone"`
	Traits []struct {
		Name  string          `json:"name"`
		Label string          `json:"label"`
		Value json.RawMessage `json:"value"`
		Unit  string          `json:"unit"`
	} `json:"traits"`
	Interval *struct {
		Level      float64       `json:"level"`
		ValueLower *market.Money `json:"value_lower"`
		ValueUpper *market.Money `json:"value_upper"`
	} `json:"interval"`
	NextOrderAt *string `json:"next_order_at"`
	History     []struct {
		PAlive *float64 `json:"p_alive"`
	} `json:"p_alive_history"`
	Orders []struct {
		ID     string       `json:"id"`
		Day    string       `json:"day"`
		Kind   string       `json:"kind"`
		Amount market.Money `json:"amount"`
		Lines  int64        `json:"lines"`
		Market string       `json:"market"`
		Late   *int64       `json:"late_days"`
		Paid   *string      `json:"paid_until_day"`
	} `json:"orders_list"`
	OrdersTotal int64 `json:"orders_total"`
	whoView
	Summary *struct {
		Sentence string `json:"sentence"`
	} `json:"summary"`
}

func (e *env) customerCommand() *cobra.Command {
	var p period
	c := &cobra.Command{
		Use: "customer ID", Short: "One customer: who she is, state, predictions, orders",
		Long: "Shows one customer, named by any identity: 42 or user:42, email:kim@example.com, phone:+821012345678, anon:….",
		Args: takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				// Who is known from events alone has a page too.
				if err := e.freshen(ctx, client, p.asOf); err != nil && fault.From(err).Reason != "audience.no_orders" {
					return err
				}
				return e.customer(ctx, client, args[0], &p)
			})
		},
	}
	p.asOfFlag(c)
	c.AddCommand(e.peopleCommands()...)
	return c
}

// customer asks for the page of a customer and for her last events, and prints both. As of a day there are no events: a page of that day knows
// nothing of what came later.
func (e *env) customer(ctx context.Context, client *app.Client, ref string, p *period) error {
	var page json.RawMessage
	if err := client.Call(ctx, http.MethodGet, "/v1/customers/"+escape(ref), p.query(), nil, &page); err != nil {
		return err
	}
	var last struct {
		Items []json.RawMessage `json:"items"`
	}
	if p.asOf == "" {
		if err := client.Call(ctx, http.MethodGet, "/v1/customers/"+escape(ref)+"/timeline", params("limit", strconv.Itoa(eventsShown)), nil, &last); err != nil {
			return err
		}
	}
	if e.json {
		return e.printJSON(withEvents(page, last.Items))
	}
	var v profileView
	if err := json.Unmarshal(page, &v); err != nil {
		return err
	}
	events := make([]tailEvent, len(last.Items))
	for i, raw := range last.Items {
		if err := json.Unmarshal(raw, &events[i]); err != nil {
			return err
		}
	}
	e.printProfile(&v)
	e.printLastEvents(events)
	return nil
}

// withEvents puts the last events at the end of a page, whose fields keep their order.
func withEvents(page json.RawMessage, events []json.RawMessage) (json.RawMessage, error) {
	if events == nil {
		return page, nil
	}
	list, err := json.Marshal(events)
	if err != nil {
		return nil, err
	}
	open := bytes.TrimSuffix(bytes.TrimSpace(page), []byte("}"))
	return slices.Concat(open, []byte(`,"last_events":`), list, []byte("}")), nil
}

func (e *env) printLastEvents(events []tailEvent) {
	rows := make([][]cell, 0, len(events))
	for i := range events {
		v := &events[i]
		rows = append(rows, []cell{left(v.Happened.Local().Format("2006-01-02 15:04:05")), left(cut(v.Name, 32)), left(v.Source), left(brief(v.Properties, 80))})
	}
	if len(rows) > 0 {
		e.print("")
		e.table([]cell{left("last events"), left(""), left("by"), left("")}, rows)
	}
}

// How many orders and events of a customer are shown.
const (
	ordersShown = 15
	eventsShown = 10
)

func (e *env) printProfile(v *profileView) {
	lang := e.language()
	e.print("%s", strings.TrimSpace(harmless(v.ID+"  "+v.Name)))
	if v.Summary != nil {
		e.print("%s", v.Summary.Sentence)
	}
	rows := [][]cell{
		{left("market"), left(v.Market)},
		{left("e-mail"), left(v.Email)},
		{left("phone"), left(v.Phone)},
		{left("orders"), left(market.FormatNumber(v.customerRow.Orders))},
	}
	if v.FirstOrderAt != "" {
		rows = append(rows, []cell{left("spent"), left(v.Spend.Format(lang))}, []cell{left("first and last order"), left(v.FirstOrderAt + " to " + v.LastOrderAt)},
			[]cell{left("RFM, group, stage"), left(fmt.Sprintf("%s, %s, %s", v.RFM, words(v.Group), words(v.Lifecycle)))})
	}
	if v.PAlive != nil {
		rows = append(rows, []cell{left("still a customer"), left(percent(*v.PAlive))})
	}
	if v.PNoOrder != nil {
		rows = append(rows, []cell{left("no order within 90 days"), left(percent(*v.PNoOrder))})
	}
	if v.ExpectedValue != nil {
		text := v.ExpectedValue.Format(lang)
		if v.Interval != nil && v.Interval.ValueLower != nil && v.Interval.ValueUpper != nil {
			text += fmt.Sprintf(" (in %.0f cases of 100: %s to %s)", 100*v.Interval.Level, v.Interval.ValueLower.Format(lang), v.Interval.ValueUpper.Format(lang))
		}
		rows = append(rows, []cell{left("value, next 12 months"), left(text)})
	}
	if v.NextOrderAt != nil {
		rows = append(rows, []cell{left("next order around"), left(*v.NextOrderAt)})
	}
	known := rows[:0]
	for _, r := range rows {
		if r[1].Text() != "" {
			known = append(known, r)
		}
	}
	e.table([]cell{left(""), left("")}, known)
	e.printAlive(v)
	e.printOrders(v)
	e.printWho(&v.whoView)
}

func (e *env) printAlive(v *profileView) {
	var alive []float64
	for _, h := range v.History {
		if h.PAlive != nil && !math.IsNaN(*h.PAlive) {
			alive = append(alive, *h.PAlive)
		}
	}
	if len(alive) > 1 {
		e.print("\nP(alive) through time  %s", spark(alive))
	}
}

func (e *env) printOrders(v *profileView) {
	shown := v.Orders[:min(ordersShown, len(v.Orders))]
	heads, pays := []cell{left("day"), left("order"), left("kind"), right("amount"), right("lines"), left("delivery")}, false
	for _, o := range shown {
		pays = pays || o.Paid != nil
	}
	if pays { // a column of its own only where there are subscriptions
		heads = append(heads, left("paid until"))
	}
	var rows [][]cell
	for _, o := range shown {
		late := ""
		if o.Late != nil && *o.Late > 0 {
			late = fmt.Sprintf("%d days late", *o.Late)
		}
		row := []cell{left(o.Day), left(o.ID), left(o.Kind), right(o.Amount.Format(e.language())), count(o.Lines), left(late)}
		if o.Paid != nil {
			row = append(row, left(*o.Paid))
		} else if pays {
			row = append(row, left(""))
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return
	}
	e.print("")
	e.table(heads, rows)
	if more := v.OrdersTotal - int64(len(rows)); more > 0 {
		e.print("… and %s more.", market.FormatNumber(more))
	}
}
