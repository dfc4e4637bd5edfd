package insight

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/dangol/dangol/internal/kit/answers"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
)

// Kinds of findings about a figure rather than about customers.
const (
	FigureChanged = "figure_changed"
	FigureOdd     = "figure_odd"
)

// Evidence is the forecast on which a finding stands: GET /v1/kpis/{kpi}/forecast of that unit shows it.
type Evidence struct {
	KPI   string  `json:"kpi"`
	Unit  string  `json:"unit"`
	Start day.Day `json:"start" format:"date" doc:"of the step in question"`
}

// News grows old: a lasting change is told for a quarter, an odd week for a month.
const (
	changeIsNews  = 91
	anomalyIsNews = 28
	handful       = 5 // of orders or customers a week, below which an odd week is no news
)

// alerts are what broke lately in the weekly figures: of changes and of odd weeks the one with the most money at stake.
// A history too short to tell has none.
func (s *Service) alerts(ctx context.Context, sc scope) ([]Finding, error) {
	c, err := s.course(ctx, sc, query.BucketWeek)
	if err != nil {
		return nil, quietly(err)
	}
	var changed, odd []Finding
	for _, kpi := range []string{kpiRevenue, kpiOrders, kpiNew} {
		f, err := s.figure(c, kpi)
		if err != nil {
			return nil, quietly(err)
		}
		broke, err := answers.Of(ctx, s.answers, f.key("broken", 0), func(context.Context) (broken, error) { return broken{f.changes(), f.anomalies()}, nil })
		if err != nil {
			return nil, err
		}
		since := sc.asOf - anomalyIsNews
		for _, x := range broke.changes {
			if x.Start > sc.asOf-changeIsNews {
				changed, since = append(changed, f.changed(sc, x)), sc.asOf // odd weeks after it are the change itself
			}
		}
		for _, x := range broke.anomalies {
			if x.Start > since && x.P <= rare && (f.currency != "" || x.Expected >= handful || x.Value >= handful) {
				odd = append(odd, f.odd(sc, x))
			}
		}
	}
	var out []Finding
	for _, list := range [][]Finding{changed, odd} {
		if len(list) > 0 {
			out = append(out, slices.MaxFunc(list, func(a, b Finding) int { return cmp.Compare(a.stake, b.stake) }))
		}
	}
	return out, nil
}

// broken is where a figure broke.
type broken struct {
	changes   []ForecastChange
	anomalies []ForecastAnomaly
}

// quietly drops the fault of a history that is too short.
func quietly(err error) error {
	var f *fault.Fault
	if errors.As(err, &f) && (f.Reason == "insight.series_short" || f.Reason == "insight.no_market_orders") {
		return nil
	}
	return err
}

// worth is what so much of the figure is in money: orders by what one is worth in the last quarter, new customers by
// their first.
func (f *figure) worth(amount float64) market.Money {
	if f.currency != "" {
		return market.FromFloat(amount, f.currency)
	}
	var orders, revenue int64
	for _, v := range f.steps[max(0, len(f.steps)-13):] {
		orders, revenue = orders+v.orders, revenue+v.revenue
	}
	return market.New(int64(amount*float64(rounded(revenue, orders))), f.course.currency)
}

func (f *figure) changed(sc scope, x ForecastChange) Finding {
	weeks := math.Max(1, float64(f.step(len(f.steps))-x.Start)/7)
	return f.alert(sc, FigureChanged, x.Start, x.After-x.Before, weeks, x.Sentences, map[string]any{"before": x.Before, "after": x.After, "change": x.After/x.Before - 1, "p": x.P})
}

func (f *figure) odd(sc scope, x ForecastAnomaly) Finding {
	return f.alert(sc, FigureOdd, x.Start, x.Value-x.Expected, 1, x.Sentences, map[string]any{"value": x.Value, "expected": x.Expected, "low": x.Low, "high": x.High, "p": x.P})
}

// alert is a finding on the difference by which a figure is off in so many weeks.
func (f *figure) alert(sc scope, kind string, start day.Day, difference, weeks float64, sentences map[string]string, params map[string]any) Finding {
	money := f.worth(math.Abs(difference) * weeks)
	out := Finding{
		ID: kind, Kind: kind, Severity: "good", Money: money, Params: params, Sentence: sentences["en"], Sentences: sentences, stake: money.Minor,
		Evidence: &Evidence{KPI: f.kpi, Unit: string(f.unit), Start: start},
	}
	if difference < 0 {
		out.Severity = "bad"
	}
	params["kpi"], params["unit"], params["start"], params["currency"] = f.kpi, string(f.unit), start.String(), f.currency
	if sc.market != "" {
		params["market"] = sc.market
	}
	return out
}
