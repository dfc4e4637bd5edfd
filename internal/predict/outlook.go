package predict

import (
	"context"
	"encoding/json"
	"math"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/profile"
	"github.com/dangol/dangol/models/btyd"
)

// Reports keeps the report of the last analysis; audience is one, joined in app.
type Reports interface {
	Report(context.Context) (json.RawMessage, error)
}

// Seer implements profile.Foresight with the models of the last analysis.
type Seer struct{ Reports Reports }

const (
	predictionLevel = 0.8
	historySteps    = 120 // points of the curve at most
)

// Look predicts for one customer from her purchase days up to asOf.
func (s Seer) Look(ctx context.Context, asOf day.Day, p profile.Purchases, currency string) (profile.Outlook, error) {
	out := profile.Outlook{NextDay: day.Unknown, NextIf: day.Unknown}
	text, err := s.Reports.Report(ctx)
	if err != nil || text == nil {
		return out, err
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		return out, err
	}
	now, ok := btyd.Summarise(p.Days, int32(asOf))
	if r.Process == nil || !ok {
		return out, nil
	}
	out.HasAlive = !r.NoDropout
	out.History = history(*r.Process, p.Days, asOf)
	low, high := r.Process.Interval(now, valueHorizon, predictionLevel)
	out.Range = &profile.Range{Level: predictionLevel, OrdersLower: low, OrdersUpper: high}
	if r.Spend != nil && r.Spend.Supported {
		spend := btyd.Spend{P: r.Spend.P, Q: r.Spend.Q, V: r.Spend.V}
		lower, upper := btyd.ValueInterval(*r.Process, spend, now, spent(p, now, currency), valueHorizon, predictionLevel)
		a, b := market.FromFloat(lower, currency), market.FromFloat(upper, currency)
		out.Range.ValueLower, out.Range.ValueUpper = &a, &b
	}
	next := r.Process.NextPurchase(now)
	if next.HasMedian {
		out.NextDay = asOf + day.Day(math.Round(min(next.Median, 3650)))
	}
	if next.MedianIfAny > 0 {
		out.NextIf = asOf + day.Day(math.Round(min(next.MedianIfAny, 3650)))
	}
	return out, nil
}

func spent(p profile.Purchases, now btyd.Pattern, currency string) btyd.SpendPattern {
	if now.X == 0 {
		return btyd.SpendPattern{N: 1}
	}
	var sum float64
	for i := 1; i <= now.X; i++ {
		sum += market.New(p.Minor[i], currency).Float()
	}
	return btyd.SpendPattern{X: now.X, Mean: sum / float64(now.X), N: 1}
}

// history replays what the model would have said on past days, knowing only what had happened by then.
func history(p btyd.Process, days []int32, asOf day.Day) []profile.Chance {
	first := day.Day(days[0])
	span := int(asOf - first)
	step := max(1, (span+historySteps-1)/historySteps)
	list := []profile.Chance{}
	for d := first; ; d += day.Day(step) {
		d = min(d, asOf)
		if h, ok := btyd.Summarise(days, int32(d)); ok {
			list = append(list, profile.Chance{Day: d, PAlive: finite(p.PAlive(h)), PNoOrder90d: finite(p.ProbNoPurchase(h, churnHorizon))})
		}
		if d == asOf {
			return list
		}
	}
}
