package predict

import (
	"errors"
	"strconv"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/models/btyd"
)

// Auto lets the holdout choose the model.
const Auto = "auto"

var models = []btyd.Model{btyd.BGNBD, btyd.MBGNBD, btyd.ParetoNBD}

// shortestSpan is the length of history in days under which no holdout is set apart.
const shortestSpan = 84

// defaultCalibration leaves the last third of the history, a year at most, as holdout.
func defaultCalibration(first, until day.Day) (day.Day, bool) {
	span := until - first
	if span < shortestSpan {
		return until, false
	}
	return until - min(span/3, 365), true
}

// election fits the candidates on the calibration period and scores them on the holdout.
func election(days [][]int32, model string, calibrate, until day.Day) (*btyd.Choice, error) {
	held := btyd.Split(days, int32(calibrate), int32(until))
	if model == Auto {
		choice, err := btyd.Choose(held, btyd.Options{})
		return choice, err
	}
	f, err := btyd.Fit(btyd.Model(model), btyd.Calibration(held), btyd.Options{})
	if err != nil {
		return nil, err
	}
	return &btyd.Choice{Candidates: []btyd.Candidate{{Model: f.Model, Fit: f, Backtest: f.Backtest(held)}}}, nil
}

// bestOf fits every wanted model on all patterns and returns the likeliest, for histories too short to hold a part out.
func bestOf(patterns []btyd.Pattern, model string) (*btyd.Fitted, []Candidate, error) {
	var best *btyd.Fitted
	var candidates []Candidate
	var first error
	for _, m := range models {
		if model != Auto && model != string(m) {
			continue
		}
		f, err := btyd.Fit(m, patterns, btyd.Options{})
		if err != nil {
			first = errors.Join(first, err)
			continue
		}
		candidates = append(candidates, Candidate{Model: string(m), LogLikelihood: finite(f.LogLik), Warnings: warningsOf(f.Warnings)})
		if best == nil || f.Supported() && (!best.Supported() || f.LogLik > best.LogLik) {
			best = f
		}
	}
	if best == nil {
		return nil, nil, first
	}
	for i := range candidates {
		candidates[i].Chosen = candidates[i].Model == string(best.Model)
	}
	return best, candidates, nil
}

func unitOf(name string) btyd.Unit {
	if name == "week" {
		return btyd.Week
	}
	return btyd.Day
}

func (r *Report) describe(f *btyd.Fitted, unit btyd.Unit) {
	r.Customers, r.RepeatCustomers = int(f.Customers), int(f.Repeaters)
	r.Warnings = append(r.Warnings, warningsOf(f.Warnings)...)
	r.NoDropout = !f.SupportsAlive()
	if !f.Supported() {
		for i := range r.Candidates {
			r.Candidates[i].Chosen = false
		}
		return // a warning, not a number
	}
	r.Model = string(f.Model)
	r.Parameters, r.Intervals = intervalsOf(f.Parameters(unit))
	r.LogLikelihood = finite(f.LogLikelihood(unit))
	p := f.Process
	r.Process = &p
}

func (r *Report) describeSpend(f *btyd.FittedSpend) {
	_, intervals := intervalsOf(f.Parameters())
	r.Spend = &SpendReport{
		P: finite(f.P), Q: finite(f.Q), V: finite(f.V), LogLikelihood: finite(f.LogLik), Correlation: finite(f.Correlation),
		Intervals: intervals, Supported: f.Supported(),
	}
	r.Warnings = append(r.Warnings, warningsOf(f.Warnings)...)
}

func (r *Report) describeCandidates(c *btyd.Choice, unit btyd.Unit) {
	for i, k := range c.Candidates {
		if k.Fit == nil {
			r.Candidates = append(r.Candidates, Candidate{Model: string(k.Model), Warnings: []Warning{failure(k.Err)}})
			continue
		}
		r.Candidates = append(r.Candidates, Candidate{
			Model: string(k.Model), LogLikelihood: finite(k.Fit.LogLikelihood(unit)), HoldoutLogLikelihood: finite(k.Backtest.LogScore),
			MAE: finite(k.Backtest.MAE), RMSE: finite(k.Backtest.RMSE), Expected: finite(k.Backtest.Expected), Actual: k.Backtest.Actual,
			Chosen: i == c.Best, Warnings: warningsOf(k.Fit.Warnings),
		})
	}
}

// failure turns a model's error into a warning: the report says what the data do not support instead of failing.
func failure(err error) Warning {
	var e *btyd.Error
	if errors.As(err, &e) {
		return Warning{string(e.Reason), e.Message, true}
	}
	if err == nil {
		return Warning{"predict.no_fit", "the model could not be fitted", true}
	}
	return Warning{"predict.no_fit", err.Error(), true}
}

func holdoutOf(p btyd.Process, b btyd.Backtest, days [][]int32, first, calibrate, until day.Day) *Holdout {
	h := &Holdout{
		CalibrateUntil: calibrate, Until: until, Expected: finite(b.Expected), Actual: b.Actual, MAE: finite(b.MAE), RMSE: finite(b.RMSE),
		ByFrequency: []FrequencyBlock{}, Tracking: []Track{},
	}
	for _, f := range b.ByFrequency {
		if f.Customers == 0 {
			continue
		}
		block := FrequencyBlock{X: strconv.Itoa(f.X), Customers: f.Customers}
		if f.Last {
			block.X += "+"
		}
		block.ActualMean, block.ExpectedMean = f.Actual, finite(f.Expected)
		h.ByFrequency = append(h.ByFrequency, block)
	}
	for i, t := range p.Tracking(days, int32(calibrate), int32(until), 7) {
		h.Tracking = append(h.Tracking, Track{
			Week: i + 1, Day: first + day.Day(t.End), ActualWeekly: t.Actual, ExpectedWeekly: finite(t.Expected),
			ActualCumulative: t.CumulativeActual, ExpectedCumulative: finite(t.CumulativeExpected),
		})
	}
	return h
}

func histogramOf(p btyd.Process, patterns []btyd.Pattern) []Bin {
	bins := []Bin{}
	for _, c := range p.FrequencyHistogram(patterns, 7) {
		label := strconv.Itoa(c.X)
		if c.Last {
			label += "+"
		}
		bins = append(bins, Bin{label, c.Actual, finite(c.Expected)})
	}
	return bins
}

func checkModel(model string) error {
	if model == Auto {
		return nil
	}
	for _, m := range models {
		if model == string(m) {
			return nil
		}
	}
	return fault.Newf(fault.Invalid, "predict.unknown_model", "there is no model %q", model).
		At(fault.Place{Field: "model", Value: model}).Then("Use auto, bgnbd, mbgnbd or paretonbd.")
}
