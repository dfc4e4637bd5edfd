package survival

import (
	"errors"
	"fmt"
	"math"
	"sort"

	"github.com/dangol/dangol/models/glm"
)

// HazardOptions of a fit. The zero value is right for nearly everyone.
type HazardOptions struct {
	// Steps is the greatest number of steps of the baseline; 0 means 24.
	// Neighbouring periods share one where they have few events.
	Steps int
	// Ridge and Level as of glm.Options.
	Ridge float64
	Level float64
}

// Hazard is a discrete-time model: the probability to leave at the end of
// period t, given that one is there, is
//
//	1/(1 + exp(-(b_step(t) + Σ b_j x_j))),
//
// so exp(b_j) is the ratio of odds to leave in any period. Cox (1972); Singer
// and Willett, Journal of Educational Statistics 18 (1993). It is JSON of some
// kilobytes.
type Hazard struct {
	// Ends is the last period of each step of the baseline; the last step goes
	// on for ever.
	Ends []int `json:"ends"`
	// Model has the intercept (the first step), the other steps "from period
	// …", and the columns.
	Model    *glm.Fitted `json:"model"`
	Rows     int         `json:"rows"`
	Events   int         `json:"events"`
	Warnings []Warning   `json:"warnings"`
}

// fewInStep is how many events a step of the baseline needs.
const fewInStep = 10

// FitHazard estimates a discrete-time model. Times are whole periods: a row
// with the event at 3 was there at the ends of periods 1 and 2 and left at the
// end of 3; a row censored at 3 was still there then. Rows of time 0 say
// nothing.
func FitHazard(columns Columns, times Times, opts HazardOptions) (*Hazard, error) {
	if err := times.check(true); err != nil {
		return nil, err
	}
	if err := columns.check(len(times.Time)); err != nil {
		return nil, err
	}
	if opts.Steps == 0 {
		opts.Steps = 24
	}
	if opts.Steps < 1 {
		return nil, fail(InvalidOption, "%d steps of the baseline; take at least one", opts.Steps)
	}
	for i, at := range times.Time {
		if at != math.Trunc(at) || times.Entry != nil && times.Entry[i] != math.Trunc(times.Entry[i]) {
			return nil, failAt(i, -1, "row %d ends at %v; this model counts whole periods: round up, or use FitCox", i, at)
		}
	}
	h := &Hazard{Rows: len(times.Time), Events: times.events()}
	h.Ends = steps(&times, opts.Steps)
	d := h.expand(&columns, &times)
	f, err := glm.Fit(glm.Logistic, *d, glm.Options{Ridge: opts.Ridge, Level: opts.Level})
	if err != nil {
		var e *glm.Error
		if errors.As(err, &e) && e.Reason == glm.OneClass {
			return nil, fail(InvalidData, "everybody leaves at once or nobody does, so there is no hazard to fit")
		}
		return nil, fail(InvalidData, "the hazard cannot be fitted: %v", err)
	}
	h.Model = f
	for _, w := range f.Warnings {
		switch w.Reason {
		case glm.Collinear, glm.Constant:
			h.Warnings = append(h.Warnings, Warning{Collinear, w.Message, w.Columns})
		case glm.Separation:
			h.Warnings = append(h.Warnings, separated(w.Columns))
		case glm.FewRows:
			h.Warnings = append(h.Warnings, Warning{FewEvents, w.Message, nil})
		case glm.NotConverged:
			h.Warnings = append(h.Warnings, Warning{NotConverged, w.Message, nil})
		}
	}
	return h, nil
}

// steps cuts the periods so that each step has its share of events.
func steps(t *Times, most int) []int {
	last := 0
	for i, at := range t.Time {
		if t.weight(i) > 0 {
			last = max(last, int(at))
		}
	}
	events := make([]int, last+1)
	total := 0
	for i, at := range t.Time {
		if t.Event[i] && t.weight(i) > 0 {
			events[int(at)]++
			total++
		}
	}
	need := max(fewInStep, (total+most-1)/most)
	var ends []int
	in, left := 0, total
	for period := 1; period <= last; period++ {
		in += events[period]
		left -= events[period]
		if in >= need && left >= need && len(ends) < most-1 {
			ends = append(ends, period)
			in = 0
		}
	}
	return append(ends, max(last, 1))
}

// step is the step of a period.
func (h *Hazard) step(period int) int {
	return min(sort.SearchInts(h.Ends, period), len(h.Ends)-1)
}

// expand makes one row of each row and step: the share of its periods there at
// the end of which it left, weighted by their number, which has the likelihood
// of a row a period.
func (h *Hazard) expand(c *Columns, t *Times) *glm.Data {
	p, m := len(c.X), len(h.Ends)
	d := &glm.Data{X: make([][]float64, m-1+p)}
	for s := 1; s < m; s++ {
		d.Names = append(d.Names, fmt.Sprintf("from period %d", h.Ends[s-1]+1))
	}
	for j := range p {
		d.Names = append(d.Names, c.name(j))
	}
	for i, at := range t.Time {
		from := 0
		if t.Entry != nil {
			from = int(math.Max(t.Entry[i], 0))
		}
		for s := h.step(from + 1); s < m && from < int(at); s++ {
			to := int(at)
			if s < m-1 {
				to = min(to, h.Ends[s])
			}
			count := float64(to - from)
			y := 0.0
			if t.Event[i] && to == int(at) {
				y = 1 / count
			}
			d.Y, d.Weights = append(d.Y, y), append(d.Weights, t.weight(i)*count)
			for k := 1; k < m; k++ {
				on := 0.0
				if k == s {
					on = 1
				}
				d.X[k-1] = append(d.X[k-1], on)
			}
			for j := range p {
				d.X[m-1+j] = append(d.X[m-1+j], c.X[j][i])
			}
			from = to
		}
	}
	return d
}

// logOdds of each step for a row.
func (h *Hazard) logOdds(row []float64) ([]float64, error) {
	m := len(h.Ends)
	k := h.Model.Coefficients
	if len(row) != len(k)-m {
		return nil, fail(ColumnMismatch, "%d values, but the model was fitted to %d columns; give the same columns in the same order", len(row), len(k)-m)
	}
	eta := k[0].Value
	for j, v := range row {
		if !finite(v) {
			return nil, failAt(-1, j, "column %d (%s) is %v; fill missing values first", j, k[m+j].Name, v)
		}
		eta += k[m+j].Value * v
	}
	out := make([]float64, m)
	for s := range out {
		out[s] = eta
		if s > 0 {
			out[s] += k[s].Value
		}
	}
	return out, nil
}

// At is the probability of a row that is there to leave at the end of a period,
// counted from 1. Beyond the periods seen it stays what it was at the last.
func (h *Hazard) At(row []float64, period int) (float64, error) {
	eta, err := h.logOdds(row)
	if err != nil {
		return 0, err
	}
	return glm.Logistic.Mean(eta[h.step(period)]), nil
}

// SurvivalGiven is the probability that a row that is there after age periods
// is there after ahead more.
func (h *Hazard) SurvivalGiven(row []float64, age, ahead int) (float64, error) {
	eta, err := h.logOdds(row)
	if err != nil {
		return 0, err
	}
	return math.Exp(-h.exposure(eta, age, age+ahead)), nil
}

// exposure is -ln of the survival from one age to another: step by step.
func (h *Hazard) exposure(eta []float64, from, to int) float64 {
	total := 0.0
	for s := h.step(from + 1); from < to; s++ {
		end := to
		if s < len(eta)-1 {
			end = min(to, h.Ends[s])
		}
		total += float64(end-from) * softplus(eta[s])
		from = end
	}
	return total
}

// Survival is the probability to be there after t periods.
func (h *Hazard) Survival(row []float64, t int) (float64, error) { return h.SurvivalGiven(row, 0, t) }

// Remaining is the expected number of further periods of a row that is there
// after age periods, within the next horizon.
func (h *Hazard) Remaining(row []float64, age, horizon int) (float64, error) {
	eta, err := h.logOdds(row)
	if err != nil {
		return 0, err
	}
	if age < 0 || horizon < 1 || horizon > longest {
		return 0, fail(InvalidOption, "the age is %d and the horizon %d; the age is from 0 up, the horizon from 1 to %d", age, horizon, longest)
	}
	total, spent := 0.0, 0.0
	for k := range horizon {
		spent += softplus(eta[h.step(age+k+1)])
		total += math.Exp(-spent)
	}
	return total, nil
}
