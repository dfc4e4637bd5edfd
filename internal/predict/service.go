package predict

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"

	"github.com/dangol/dangol/internal/audience"
	"github.com/dangol/dangol/internal/kit/answers"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/models/btyd"
)

// Horizons in days.
const (
	churnHorizon = 90
	valueHorizon = 365
)

// Asker runs questions; the warehouse is one.
type Asker interface {
	Ask(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// Service fits and predicts.
type Service struct {
	ask Asker
	// Rate discounts future value, a year; 0.1 says that a coin in a year is worth 1/1.1 today.
	Rate   float64
	values *answers.Memory
}

// NewService returns the service; the annual discount rate is 10 %.
func NewService(ask Asker) *Service {
	return &Service{ask: ask, Rate: 0.10, values: answers.New(keptValues)}
}

// Score implements audience.Scorer: it chooses a model on the sample, fits it on everyone and predicts for everyone.
func (s *Service) Score(ctx context.Context, asOf day.Day, h audience.Histories, sample audience.Log) (audience.Scores, json.RawMessage, error) {
	n := len(h.Key)
	out := audience.Scores{PAlive: unknown(n), PNoOrder90: unknown(n), ExpectedOrders: unknown(n), ExpectedValue: unknown(n)}
	r := &Report{Unit: "day", AsOf: asOf, SampledEvery: max(sample.Every, 1), Customers: n}
	r.empty()
	grouped, index := btyd.GroupDays(h.X, h.Tx, h.T)
	process := s.fitAll(r, sample.Days, grouped, asOf)
	if err := ctx.Err(); err != nil {
		return out, nil, err
	}
	if process != nil {
		s.fill(&out, r, *process, grouped, index, h)
	}
	text, err := json.Marshal(r)
	if err != nil {
		return out, nil, fmt.Errorf("report: %w", err)
	}
	return out, text, nil
}

func unknown(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = math.NaN()
	}
	return v
}

func (r *Report) empty() {
	r.Parameters, r.Intervals = map[string]float64{}, map[string]Interval{}
	r.Histogram, r.Candidates, r.Warnings = []Bin{}, []Candidate{}, []Warning{}
}

// fitAll chooses on the sample, fits on all and describes both; nil means that the data support no model.
func (s *Service) fitAll(r *Report, days [][]int32, grouped []btyd.Pattern, asOf day.Day) *btyd.Process {
	model := Auto
	first := firstDay(days, asOf)
	if calibrate, ok := defaultCalibration(first, asOf); ok {
		choice, err := election(days, Auto, calibrate, asOf)
		if err == nil && choice.Candidates[choice.Best].Fit != nil {
			best := choice.Candidates[choice.Best]
			model = string(best.Model)
			r.describeCandidates(choice, unitOf(r.Unit))
			r.Holdout = holdoutOf(best.Fit.Process, best.Backtest, days, first, calibrate, asOf)
		}
	}
	f, candidates, err := bestOf(grouped, model)
	if err != nil {
		r.Warnings = append(r.Warnings, failure(err))
		return nil
	}
	if len(r.Candidates) == 0 {
		r.Candidates = candidates
	}
	r.describe(f, unitOf(r.Unit))
	if r.Process != nil {
		r.Histogram = histogramOf(f.Process, grouped)
	}
	return r.Process
}

func firstDay(days [][]int32, asOf day.Day) day.Day {
	first := asOf
	for _, d := range days {
		if len(d) > 0 {
			first = min(first, day.Day(d[0]))
		}
	}
	return first
}

func (s *Service) fill(out *audience.Scores, r *Report, p btyd.Process, grouped []btyd.Pattern, index []int32, h audience.Histories) {
	buffer := make([]float64, len(grouped))
	scatter := func(dst []float64) {
		for i, g := range index {
			dst[i] = buffer[g]
		}
	}
	if !r.NoDropout {
		p.PAliveAll(buffer, grouped)
		scatter(out.PAlive)
	}
	p.ProbNoPurchaseAll(buffer, grouped, churnHorizon)
	scatter(out.PNoOrder90)
	p.ConditionalExpectedAll(buffer, grouped, valueHorizon)
	scatter(out.ExpectedOrders)
	spend := s.fitSpend(r, h)
	if spend == nil {
		return
	}
	p.DiscountedExpectedAll(buffer, grouped, valueHorizon, s.Rate)
	scatter(out.ExpectedValue)
	mean := make([]float64, len(h.Key))
	spend.ConditionalMeanAll(mean, h.X, h.Mean)
	for i := range mean {
		out.ExpectedValue[i] *= mean[i]
	}
}

// fitSpend fits the amount of an order; nil means that the data do not support it.
func (s *Service) fitSpend(r *Report, h audience.Histories) *btyd.Spend {
	patterns := make([]btyd.SpendPattern, 0, len(h.Key)/2)
	for i, x := range h.X {
		if x > 0 && h.Mean[i] > 0 {
			patterns = append(patterns, btyd.SpendPattern{X: int(x), Mean: h.Mean[i], N: 1})
		}
	}
	f, err := btyd.FitSpend(patterns, btyd.Options{})
	if err != nil {
		r.Warnings = append(r.Warnings, failure(err))
		return nil
	}
	r.describeSpend(f)
	if !f.Supported() {
		return nil
	}
	return &f.Spend
}

// Ask is what `report clv` asks.
type Ask struct {
	Model          string
	CalibrateUntil day.Day // day.Unknown: fit on everything, judge on the last third
	Unit           string
	AsOf           day.Day
}

// check returns the last day to fit on.
func (a *Ask) check() (fitUntil day.Day, err error) {
	if err := checkModel(a.Model); err != nil {
		return 0, err
	}
	fitUntil = a.AsOf
	if a.CalibrateUntil != day.Unknown {
		if a.CalibrateUntil >= a.AsOf {
			return 0, fault.Newf(fault.Invalid, "predict.calibration_too_late", "the calibration period must end before %s, the last day looked at", a.AsOf).
				At(fault.Place{Field: "calibrate_until", Value: a.CalibrateUntil.String()}).Then("Choose an earlier day; two thirds of the history is usual.")
		}
		fitUntil = a.CalibrateUntil
	}
	return fitUntil, nil
}

// Report fits afresh: on the calibration period where one is asked for, else on everything up to as_of.
func (s *Service) Report(ctx context.Context, a Ask, currency string) (*Report, error) {
	fitUntil, err := a.check()
	if err != nil {
		return nil, err
	}
	l, err := s.load(ctx, a.AsOf, currency)
	if err != nil {
		return nil, err
	}
	return s.reportOn(l, a, fitUntil)
}

// ReportOn is Report of purchases that lie in no warehouse.
func ReportOn(p *Purchases, a Ask) (*Report, error) {
	fitUntil, err := a.check()
	if err != nil {
		return nil, err
	}
	return new(Service).reportOn(p, a, fitUntil)
}

func (s *Service) reportOn(l *Purchases, a Ask, fitUntil day.Day) (*Report, error) {
	r := &Report{Unit: a.Unit, AsOf: a.AsOf, SampledEvery: 1}
	r.empty()
	patterns, h := l.until(fitUntil)
	if len(patterns) == 0 {
		return nil, fault.Newf(fault.Invalid, "predict.no_history", "there are no orders on or before %s", fitUntil).Then("Import orders first, or choose a later day.")
	}
	grouped, _ := btyd.Group(patterns)
	unit := unitOf(a.Unit)
	first := firstDay(l.Days, a.AsOf)
	calibrate, split := a.CalibrateUntil, true
	if calibrate == day.Unknown {
		calibrate, split = defaultCalibration(first, a.AsOf)
	}
	s.report(r, l, grouped, a, calibrate, split, unit)
	if r.Process != nil {
		s.fitSpend(r, h)
	}
	return r, nil
}

func (s *Service) report(r *Report, l *Purchases, grouped []btyd.Pattern, a Ask, calibrate day.Day, split bool, unit btyd.Unit) {
	model := a.Model
	var fitted *btyd.Fitted
	if split {
		choice, err := election(l.Days, a.Model, calibrate, a.AsOf)
		if err == nil && choice.Candidates[choice.Best].Fit != nil {
			best := choice.Candidates[choice.Best]
			model = string(best.Model)
			r.describeCandidates(choice, unit)
			r.Holdout = holdoutOf(best.Fit.Process, best.Backtest, l.Days, firstDay(l.Days, a.AsOf), calibrate, a.AsOf)
			if a.CalibrateUntil != day.Unknown {
				fitted = best.Fit
			}
		}
	}
	if fitted == nil {
		f, candidates, err := bestOf(grouped, model)
		if err != nil {
			r.Warnings = append(r.Warnings, failure(err))
			return
		}
		if len(r.Candidates) == 0 {
			r.Candidates = candidates
		}
		fitted = f
	}
	r.describe(fitted, unit)
	if r.Process != nil {
		r.Histogram = histogramOf(fitted.Process, grouped)
	}
}

// Purchases are every customer's days with a purchase, rising, with the amount of each in major units of one currency.
type Purchases struct {
	Days  [][]int32
	Spend [][]float64
}

const purchaseDays = `SELECT customer_key, day, sum(base_minor)::BIGINT FROM orders WHERE kind = 1 AND day <= $1 GROUP BY customer_key, day ORDER BY customer_key, day`

func (s *Service) load(ctx context.Context, asOf day.Day, currency string) (*Purchases, error) {
	rows, err := s.ask.Ask(ctx, purchaseDays, int32(asOf))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	scale := math.Pow10(market.Digits(currency))
	l := &Purchases{}
	last := int64(-1)
	for rows.Next() {
		var key, minor int64
		var d int32
		if err := rows.Scan(&key, &d, &minor); err != nil {
			return nil, fmt.Errorf("purchase days: %w", err)
		}
		if key != last {
			l.Days, l.Spend, last = append(l.Days, nil), append(l.Spend, nil), key
		}
		i := len(l.Days) - 1
		l.Days[i], l.Spend[i] = append(l.Days[i], d), append(l.Spend[i], float64(minor)/scale)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("purchase days: %w", err)
	}
	return l, nil
}

// until summarises each customer's days on or before the given day.
func (l *Purchases) until(end day.Day) ([]btyd.Pattern, audience.Histories) {
	var patterns []btyd.Pattern
	var h audience.Histories
	for i, days := range l.Days {
		p, ok := btyd.Summarise(days, int32(end))
		if !ok {
			continue
		}
		patterns = append(patterns, p)
		var sum float64
		for j := 1; j <= p.X; j++ {
			sum += l.Spend[i][j]
		}
		mean := 0.0
		if p.X > 0 {
			mean = sum / float64(p.X)
		}
		h.Key = append(h.Key, uint32(i))
		h.X = append(h.X, int32(p.X))
		h.Mean = append(h.Mean, mean)
	}
	return patterns, h
}
