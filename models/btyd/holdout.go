package btyd

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
func Split(days [][]int32, calibrate, until int32) []Held { return nil }

// Calibration gives the patterns of rows, ready for Fit.
func Calibration(rows []Held) []Pattern { return nil }

// Backtest compares predictions with what happened.
type Backtest struct {
	Customers float64 `json:"customers"`
	Actual    float64 `json:"actual"`
	Expected  float64 `json:"expected"`
	MAE       float64 `json:"mae"`
	RMSE      float64 `json:"rmse"`
	// LogScore is the sum over customers of the log probability that the model
	// gave, from the calibration history, to the number of orders that came.
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

// Backtest scores the process on held-out rows.
func (p Process) Backtest(rows []Held) Backtest { return Backtest{} }

// Track is one period of the tracking plot: repeat orders of everyone.
type Track struct {
	End                float64 `json:"end"` // days since the earliest first order
	Actual             float64 `json:"actual"`
	Expected           float64 `json:"expected"`
	CumulativeActual   float64 `json:"cumulative_actual"`
	CumulativeExpected float64 `json:"cumulative_expected"`
}

// Tracking compares repeat orders per period of step days (7: weekly) with
// what the model expects of customers known only by the day of their first
// order, which lies on or before calibrate; orders count up to day until.
func (p Process) Tracking(days [][]int32, calibrate, until int32, step int) []Track { return nil }

// FrequencyCount is a bar of the frequency histogram.
type FrequencyCount struct {
	X        int     `json:"x"`
	Last     bool    `json:"last"` // X or more
	Actual   float64 `json:"actual"`
	Expected float64 `json:"expected"`
}

// FrequencyHistogram compares how many customers made 0, 1, ..., last or more
// repeat orders with what the model expects.
func (p Process) FrequencyHistogram(patterns []Pattern, last int) []FrequencyCount { return nil }

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
// with the greatest holdout LogScore. Fit the winner again to all the data
// before predicting the future.
func Choose(rows []Held, opts Options) (*Choice, error) { return nil, nil }
