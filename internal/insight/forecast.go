package insight

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"

	"github.com/dangol/dangol/internal/kit/answers"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/models/forecast"
)

// ForecastQuestion asks how a figure will go on. Horizon 0 is chosen by the unit and the length of the history.
type ForecastQuestion struct {
	KPI     string
	Unit    query.Bucket
	Horizon int
	AsOf    day.Day
	Market  string
}

// Forecast is a figure's past, what is expected of it, and how far that can be trusted. Amounts are in the currency's
// major unit.
type Forecast struct {
	KPI        string            `json:"kpi" enum:"revenue,orders,active_customers,new_customers,average_order_value"`
	Unit       string            `json:"unit" enum:"day,week,month"`
	Market     string            `json:"market"`
	AsOf       day.Day           `json:"as_of" format:"date"`
	Currency   string            `json:"currency" doc:"of amounts; empty where the figure is a count"`
	Digits     int               `json:"digits" doc:"decimals that a value of the figure has"`
	Model      string            `json:"model" doc:"the model or simple rule that was chosen"`
	ModelLabel string            `json:"model_label"`
	Labels     map[string]string `json:"model_labels" doc:"by language: en, ko, th"`
	Sentence   string            `json:"sentence"`
	Sentences  map[string]string `json:"sentences" doc:"what is expected next; by language: en, ko, th"`
	Trust      map[string]string `json:"trust" doc:"how far the forecast was off on its own past; by language"`
	History    []ForecastPast    `json:"history"`
	LeftOut    *ForecastPast     `json:"left_out" doc:"the running step, which is not complete; null for none"`
	Forecast   []ForecastStep    `json:"forecast"`
	Backtest   *Backtest         `json:"backtest" doc:"null where the past is too short to try on"`
	Changes    []ForecastChange  `json:"changes" doc:"lasting changes that neither trend, season nor a festival explains"`
	Anomalies  []ForecastAnomaly `json:"anomalies" doc:"single steps far from what was expected of them"`
	Closed     []string          `json:"closed_weekdays" doc:"weekdays without orders, recognised by themselves; by day only"`
	Festivals  []ForecastFest    `json:"festivals" doc:"that lie in the time shown and are allowed for"`
	Warnings   []ForecastWarning `json:"warnings"`
}

// ForecastPast is one step of the history.
type ForecastPast struct {
	Start  day.Day  `json:"start" format:"date"`
	Value  *float64 `json:"value" doc:"null where it is not known, as an average of no orders is"`
	Closed bool     `json:"closed,omitempty"`
}

// ForecastStep is one step to come.
type ForecastStep struct {
	Start  day.Day `json:"start" format:"date"`
	Value  float64 `json:"value" doc:"as likely to be passed as not (median)"`
	Mean   float64 `json:"mean"`
	Low80  float64 `json:"low80"`
	High80 float64 `json:"high80"`
	Low95  float64 `json:"low95"`
	High95 float64 `json:"high95"`
	Closed bool    `json:"closed,omitempty"`
}

// Backtest is how the forecast would have done from earlier days, with what was known then.
type Backtest struct {
	Folds      int         `json:"folds" doc:"from how many earlier days it was tried"`
	Ahead      int         `json:"ahead" doc:"steps that each try looked ahead"`
	MASE       float64     `json:"mase" doc:"mean absolute error over that of repeating the season before"`
	MAPE       float64     `json:"mape" doc:"mean share by which it was off"`
	Coverage80 float64     `json:"coverage80" doc:"share of values inside the interval of 80 %"`
	Coverage95 float64     `json:"coverage95"`
	Baseline   Contender   `json:"baseline" doc:"the best rule that repeats the past"`
	Candidates []Contender `json:"candidates" doc:"all that were tried, the best first"`
}

// Contender is a model or rule in the backtest.
type Contender struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels"`
	MASE   float64           `json:"mase"`
	MAPE   float64           `json:"mape"`
	Rule   bool              `json:"rule" doc:"a simple rule, without anything to fit"`
}

// ForecastChange is a lasting change of level.
type ForecastChange struct {
	Start     day.Day           `json:"start" format:"date" doc:"of the first step at the new level"`
	Before    float64           `json:"before"`
	After     float64           `json:"after"`
	P         float64           `json:"p" doc:"how rarely such a split comes by chance"`
	Sentences map[string]string `json:"sentences"`
}

// ForecastAnomaly is a step far from what was expected of it a step before.
type ForecastAnomaly struct {
	Start     day.Day           `json:"start" format:"date"`
	Value     float64           `json:"value"`
	Expected  float64           `json:"expected"`
	Low       float64           `json:"low"`
	High      float64           `json:"high"`
	P         float64           `json:"p"`
	Sentences map[string]string `json:"sentences"`
}

// ForecastFest is a festival in the time shown.
type ForecastFest struct {
	Name  string  `json:"name"`
	Start day.Day `json:"start" format:"date"`
	Days  int     `json:"days"`
}

// ForecastWarning says why to read the forecast with care.
type ForecastWarning struct {
	Reason    string            `json:"reason"`
	Sentences map[string]string `json:"sentences"`
}

// Figures that are forecast.
const (
	kpiRevenue = "revenue"
	kpiOrders  = "orders"
	kpiActive  = "active_customers"
	kpiNew     = "new_customers"
	kpiAverage = "average_order_value"
)

var forecastKPIs = []string{kpiRevenue, kpiOrders, kpiActive, kpiNew, kpiAverage}

// steps is what a unit needs and is given: the fewest complete steps to forecast from, the most that are looked at, how
// far ahead unasked, and how far at most.
type steps struct{ fewest, most, ahead, farthest int }

var stepsOf = map[query.Bucket]steps{
	query.BucketDay:   {28, 800, 28, 365},
	query.BucketWeek:  {12, 260, 13, 104},
	query.BucketMonth: {10, 120, 12, 36},
}

// Forecast answers how a figure will go on. The series is asked of the warehouse at each version of the data; what is
// computed of it is remembered by its values, so that events of the running day cost no new forecast.
func (s *Service) Forecast(ctx context.Context, ask ForecastQuestion) (Forecast, error) {
	if !slices.Contains(forecastKPIs, ask.KPI) {
		return Forecast{}, fault.Newf(fault.NotFound, "insight.no_such_kpi", "there is no forecast of %q", ask.KPI).
			At(fault.Place{Field: "kpi", Value: ask.KPI}).Then("Ask for revenue, orders, active_customers, new_customers or average_order_value.")
	}
	if ask.Unit == query.BucketNone {
		ask.Unit = query.BucketWeek
	}
	limits, ok := stepsOf[ask.Unit]
	if !ok {
		return Forecast{}, fault.Newf(fault.Invalid, "insight.bad_unit", "%q is no unit of a forecast", ask.Unit).
			At(fault.Place{Field: "unit", Value: string(ask.Unit)}).Then("Ask by day, week or month.")
	}
	if ask.Horizon < 0 || ask.Horizon > limits.farthest {
		return Forecast{}, fault.Newf(fault.Invalid, "insight.bad_horizon", "a forecast by %s looks 1 to %d steps ahead", ask.Unit, limits.farthest).
			At(fault.Place{Field: "horizon", Value: strconv.Itoa(ask.Horizon)})
	}
	sc, err := s.scope(ctx, ask.AsOf, ask.Market)
	if err != nil {
		return Forecast{}, err
	}
	c, err := s.course(ctx, sc, ask.Unit)
	if err != nil {
		return Forecast{}, err
	}
	f, err := s.figure(c, ask.KPI)
	if err != nil {
		return Forecast{}, err
	}
	horizon := ask.Horizon
	if horizon == 0 {
		horizon = min(limits.ahead, max(1, len(f.series.Values)/3))
	}
	out, err := answers.Of(ctx, s.answers, f.key("forecast", horizon), func(context.Context) (Forecast, error) { return f.forecast(horizon) })
	out.AsOf, out.LeftOut = sc.asOf, f.leftOut
	return out, err
}

// figure is one figure's complete steps, ready for the models.
type figure struct {
	*course
	kpi      string
	currency string
	digits   int
	series   forecast.Series
	watched  []float64 // as series, but with a day without orders as it is
	calendar forecast.Calendar
	leftOut  *ForecastPast
}

// figure takes one figure of a course; a course too short is a fault that says what is missing.
func (s *Service) figure(c *course, kpi string) (*figure, error) {
	f := &figure{course: c, kpi: kpi}
	kind := forecast.Count
	if kpi == kpiRevenue || kpi == kpiAverage {
		f.currency, f.digits, kind = c.currency, market.Digits(c.currency), forecast.Amount
	}
	values := c.values(kpi)
	limits := stepsOf[c.unit]
	if whole := len(values); whole < limits.fewest {
		return nil, c.short(limits.fewest, whole)
	}
	start := c.start
	if over := len(values) - limits.most; over > 0 {
		values, start = values[over:], c.step(over)
	}
	f.series = forecast.Series{Start: start.Time(), Step: forecast.Step(c.unit), Kind: kind, Values: values}
	f.calendar, f.watched = c.calendar(start), slices.Clone(values)
	c.silence(&f.series, f.watched)
	if c.running != nil {
		v := c.running.value(kpi, c.currency)
		f.leftOut = &ForecastPast{Start: c.step(len(c.steps)), Value: f.shown(v)}
	}
	return f, nil
}

// short says how much of a history is missing.
func (c *course) short(fewest, whole int) error {
	finer := "Import older orders, or ask again when there are more."
	switch {
	case c.unit == query.BucketMonth && whole >= 3:
		finer = "Ask by week, or import older orders."
	case c.unit == query.BucketWeek && whole >= 5:
		finer = "Ask by day, or import older orders."
	}
	return fault.Newf(fault.Invalid, "insight.series_short", "there are %d complete %ss of orders, and a forecast by %s needs %d: %d are missing",
		whole, c.unit, c.unit, fewest, fewest-whole).At(fault.Place{Field: "unit", Value: string(c.unit)}).Then(finer)
}

// key names what is computed of the values.
func (f *figure) key(what string, horizon int) string {
	h := fnv.New128a()
	for _, v := range f.series.Values {
		_, _ = fmt.Fprintf(h, "%x,", math.Float64bits(v))
	}
	for _, v := range f.watched {
		_, _ = fmt.Fprintf(h, "%x;", math.Float64bits(v))
	}
	return fmt.Sprint(what, "|", f.kpi, "|", f.unit, "|", f.market, "|", f.currency, "|", f.series.Start.Unix(), "|", horizon, "|", f.calendar.ClosedWeekdays, "|", fmt.Sprintf("%x", h.Sum(nil)))
}

// shown rounds a value to what the figure has; nil for one that is not known.
func (f *figure) shown(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	v = f.round(v)
	return &v
}

// round to the currency's digits, or to a tenth of a count that is expected.
func (f *figure) round(v float64) float64 {
	scale := 10.0
	if f.currency != "" {
		scale = math.Pow10(f.digits)
	}
	return math.Round(v*scale) / scale
}

func (f *figure) forecast(horizon int) (Forecast, error) {
	out := Forecast{KPI: f.kpi, Unit: string(f.unit), Market: f.market, Currency: f.currency, Digits: f.digits, Closed: []string{}, Festivals: f.fests(horizon), Warnings: []ForecastWarning{}}
	made, err := forecast.Make(f.series, forecast.Options{Horizon: horizon, Level: 0.8, Further: []float64{0.95}, Calendar: f.calendar})
	if err != nil {
		return out, fmt.Errorf("insight: %w", err)
	}
	out.Model, out.Labels = made.Model, modelLabels(made.Model)
	out.ModelLabel = out.Labels["en"]
	shut := f.shut()
	for i, v := range f.series.Values {
		past := ForecastPast{Start: day.Of(f.series.Date(i)), Value: f.shown(v), Closed: shut[i]}
		if math.IsNaN(v) && f.kpi != kpiAverage {
			past.Value = f.shown(0)
		}
		out.History = append(out.History, past)
	}
	for _, p := range made.Points {
		wide := p.Further[0]
		out.Forecast = append(out.Forecast, ForecastStep{
			Start: day.Of(p.Date), Value: f.round(p.Median), Mean: f.round(p.Mean), Low80: f.round(p.Low), High80: f.round(p.High),
			Low95: f.round(wide.Low), High95: f.round(wide.High), Closed: p.Closed,
		})
	}
	for _, w := range f.calendar.ClosedWeekdays {
		out.Closed = append(out.Closed, w.String())
	}
	out.Backtest = backtest(made)
	out.Changes, out.Anomalies = f.changes(), f.anomalies()
	f.say(&out, made)
	return out, nil
}

// backtest is the score of what was chosen beside that of the best rule that repeats the past.
func backtest(made *forecast.Forecast) *Backtest {
	rules := []string{forecast.Naive, forecast.SeasonalNaive, forecast.Drift, forecast.Level}
	out := &Backtest{Folds: made.Rehearsals, Ahead: made.Ahead, Baseline: Contender{MASE: math.Inf(1)}}
	found := false
	for _, c := range made.Scores {
		one := Contender{Name: c.Model, Labels: modelLabels(c.Model), MASE: c.MASE, MAPE: c.MAPE, Rule: slices.Contains(rules, c.Model)}
		out.Candidates = append(out.Candidates, one)
		if (c.Model == forecast.Naive || c.Model == forecast.SeasonalNaive) && c.MASE < out.Baseline.MASE {
			out.Baseline = one
		}
		if c.Model == made.Model {
			found = true
			out.MASE, out.MAPE, out.Coverage80 = c.MASE, c.MAPE, c.Corrected
			if len(c.Held) > 0 {
				out.Coverage95 = c.Held[0].Corrected
			}
		}
	}
	if !found || math.IsInf(out.Baseline.MASE, 1) {
		return nil
	}
	return out
}

// telling is how unlikely by chance a change or an anomaly must be, and how large against what was, to be told.
const (
	rare       = 0.01
	noticeable = 0.05
)

func (f *figure) changes() []ForecastChange {
	out := []ForecastChange{}
	s := f.series
	s.Values = f.watched
	found, err := forecast.FindShifts(s, forecast.ShiftOptions{Calendar: f.calendar})
	if err != nil {
		return out // too few values to tell
	}
	for _, x := range found.Shifts {
		if x.P > rare || math.Abs(x.After-x.Before) < noticeable*math.Abs(x.Before) {
			continue
		}
		c := ForecastChange{Start: day.Of(x.Date), Before: f.round(x.Before), After: f.round(x.After), P: x.P}
		c.Sentences = f.changeWords(&c)
		out = append(out, c)
	}
	return out
}

func (f *figure) anomalies() []ForecastAnomaly {
	out := []ForecastAnomaly{}
	s := f.series
	s.Values = f.watched
	d, err := forecast.Watch(s, forecast.WatchOptions{Calendar: f.calendar})
	if err != nil {
		return out
	}
	for _, x := range d.Past {
		if math.Abs(x.Value-x.Expected) < noticeable*math.Abs(x.Expected) {
			continue
		}
		a := ForecastAnomaly{Start: day.Of(x.Date), Value: f.round(x.Value), Expected: f.round(x.Expected), Low: f.round(x.Low), High: f.round(x.High), P: x.P}
		a.Sentences = f.anomalyWords(&a)
		out = append(out, a)
	}
	return out
}
