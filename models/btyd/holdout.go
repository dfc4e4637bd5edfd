package btyd

import (
	"cmp"
	"math"
	"slices"
)

// Held is a calibration pattern with what the same customers did next.
type Held struct {
	Pattern
	Future  int     // orders (distinct days) in the holdout period
	Horizon float64 // length of the holdout period in days
}

// Split cuts purchase logs, one sorted list of distinct days a customer, into
// a calibration period up to the end of day calibrate and a holdout period
// after it up to the end of day until. Customers whose first order comes later
// are left out. Equal rows are merged.
func Split(days [][]int32, calibrate, until int32) []Held {
	rows := make([]Held, 0, len(days))
	for _, log := range days {
		h, ok := Summarise(log, calibrate)
		if !ok {
			continue
		}
		through, _ := slices.BinarySearch(log, until+1)
		rows = append(rows, Held{Pattern: h, Future: through - 1 - h.X, Horizon: float64(until - calibrate)})
	}
	slices.SortFunc(rows, compareHeld)
	merged := rows[:0]
	for _, r := range rows {
		if last := len(merged) - 1; last >= 0 && compareHeld(merged[last], r) == 0 {
			merged[last].N += r.N
		} else {
			merged = append(merged, r)
		}
	}
	return merged
}

// compareHeld orders so that equal present states, then equal patterns, are
// neighbours.
func compareHeld(p, q Held) int {
	return cmp.Or(cmp.Compare(p.X, q.X), cmp.Compare(p.T, q.T), cmp.Compare(p.Horizon, q.Horizon),
		cmp.Compare(p.Tx, q.Tx), cmp.Compare(p.Future, q.Future))
}

// Calibration gives the patterns of rows, ready for Fit.
func Calibration(rows []Held) []Pattern {
	patterns := make([]Pattern, len(rows))
	for i, r := range rows {
		patterns[i] = r.Pattern
	}
	grouped, _ := Group(patterns)
	return grouped
}

// Backtest compares predictions with what happened.
type Backtest struct {
	Customers float64 `json:"customers"`
	Actual    float64 `json:"actual"`
	Expected  float64 `json:"expected"`
	MAE       float64 `json:"mae"`
	RMSE      float64 `json:"rmse"`
	// LogScore is the sum over customers of the log of the probability that
	// the model gave, knowing only the calibration period, to the number of
	// orders that came. It is the log-likelihood of the holdout counts: the
	// same quantity for every model, and greatest in expectation for the true
	// one, which neither sums nor squared errors can claim.
	LogScore    float64             `json:"log_score"`
	ByFrequency []FrequencyBacktest `json:"by_frequency"` // 0 to 7 or more
}

// FrequencyBacktest is Backtest among customers with X repeat orders in
// calibration (Last: X or more). Actual and Expected are means a customer.
type FrequencyBacktest struct {
	X         int     `json:"x"`
	Last      bool    `json:"last"`
	Customers float64 `json:"customers"`
	Actual    float64 `json:"actual"`
	Expected  float64 `json:"expected"`
	MAE       float64 `json:"mae"`
	RMSE      float64 `json:"rmse"`
}

// lastFrequency is the open last row of ByFrequency.
const lastFrequency = 7

// leastLogProbability bounds the score of an outcome that a model all but
// excludes, so that one customer cannot decide the choice of a model alone.
const leastLogProbability = -100

// tally sums errors.
type tally struct{ customers, actual, expected, abs, square float64 }

func (s *tally) add(n, actual, expected float64) {
	d := expected - actual
	s.customers += n
	s.actual += n * actual
	s.expected += n * expected
	s.abs += n * math.Abs(d)
	s.square += n * d * d
}

// errors gives MAE and RMSE.
func (s *tally) errors() (mae, rmse float64) {
	if s.customers == 0 {
		return 0, 0
	}
	return s.abs / s.customers, math.Sqrt(s.square / s.customers)
}

// Backtest scores the process on held-out rows.
func (p Process) Backtest(rows []Held) Backtest {
	sorted := slices.Clone(rows)
	slices.SortFunc(sorted, compareHeld)
	expected, score := make([]float64, len(rows)), make([]float64, len(rows))
	parallel(len(sorted), 512, func(lo, hi int) { p.score(sorted[lo:hi], expected[lo:hi], score[lo:hi]) })
	var all tally
	var by [lastFrequency + 1]tally
	out := Backtest{}
	for i, r := range sorted {
		all.add(r.N, float64(r.Future), expected[i])
		by[min(r.X, lastFrequency)].add(r.N, float64(r.Future), expected[i])
		out.LogScore += r.N * score[i]
	}
	out.Customers, out.Actual, out.Expected = all.customers, all.actual, all.expected
	out.MAE, out.RMSE = all.errors()
	for x := range by {
		f := FrequencyBacktest{X: x, Last: x == lastFrequency, Customers: by[x].customers}
		if f.Customers > 0 {
			f.Actual, f.Expected = by[x].actual/f.Customers, by[x].expected/f.Customers
		}
		f.MAE, f.RMSE = by[x].errors()
		out.ByFrequency = append(out.ByFrequency, f)
	}
	return out
}

// score fills in the expectation and log probability of sorted rows, with one
// distribution for each run of customers in the same present state.
func (p Process) score(rows []Held, expected, score []float64) {
	for lo := 0; lo < len(rows); {
		hi, most := lo, 0
		for hi < len(rows) && rows[hi].X == rows[lo].X && rows[hi].T == rows[lo].T && rows[hi].Horizon == rows[lo].Horizon {
			most = max(most, rows[hi].Future)
			hi++
		}
		now := p.present(rows[lo].Pattern)
		orders := now.orders(0, rows[lo].Horizon, 0)
		pmf := now.distribution(rows[lo].Horizon, most)
		for i := lo; i < hi; i++ {
			odds := p.leftOdds(rows[i].Pattern)
			alive := logistic(-odds)
			expected[i] = alive * orders
			probability := alive * pmf[rows[i].Future]
			if rows[i].Future == 0 {
				probability += logistic(odds)
			}
			score[i] = math.Max(math.Log(probability), leastLogProbability)
		}
		lo = hi
	}
}

// Candidate is one model tried by Choose. Fit is nil when it failed with Err.
type Candidate struct {
	Model    Model
	Fit      *Fitted
	Backtest Backtest
	Err      error
}

// Choice is the outcome of Choose; Best is an index into Candidates.
type Choice struct {
	Best       int
	Candidates []Candidate
}

// Choose fits all three models to the calibration period and prefers the one
// with the greatest holdout LogScore among those that warnings do not block,
// or among all if they block every one. Fit the winner again to all the data
// before predicting the future.
func Choose(rows []Held, opts Options) (*Choice, error) {
	patterns := Calibration(rows)
	c := &Choice{Best: -1}
	var failure error
	for _, model := range models {
		one := Candidate{Model: model}
		if one.Fit, one.Err = Fit(model, patterns, opts); one.Err != nil {
			failure = one.Err
		} else {
			one.Backtest = one.Fit.Backtest(rows)
		}
		c.Candidates = append(c.Candidates, one)
		if one.Err == nil && (c.Best < 0 || one.beats(c.Candidates[c.Best])) {
			c.Best = len(c.Candidates) - 1
		}
	}
	if c.Best < 0 {
		return nil, failure
	}
	return c, nil
}

// beats compares two fitted candidates.
func (c Candidate) beats(d Candidate) bool {
	if a, b := c.Fit.Supported(), d.Fit.Supported(); a != b {
		return a
	}
	return c.Backtest.LogScore > d.Backtest.LogScore
}
