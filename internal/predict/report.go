package predict

import (
	"math"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/models/btyd"
)

// Report is a fitted model with its health: what `report clv` prints and the Value screen draws.
type Report struct {
	Model           string              `json:"model" doc:"bgnbd, mbgnbd or paretonbd; empty when the data support none"`
	Unit            string              `json:"unit" enum:"day,week"`
	AsOf            day.Day             `json:"as_of" format:"date"`
	Parameters      map[string]float64  `json:"parameters"`
	Intervals       map[string]Interval `json:"intervals"`
	LogLikelihood   float64             `json:"log_likelihood" doc:"density in the unit"`
	Customers       int                 `json:"customers"`
	RepeatCustomers int                 `json:"repeat_customers"`
	Spend           *SpendReport        `json:"spend"`
	Holdout         *Holdout            `json:"holdout"`
	Histogram       []Bin               `json:"histogram"`
	Candidates      []Candidate         `json:"candidates"`
	Warnings        []Warning           `json:"warnings"`
	SampledEvery    int                 `json:"sampled_every" doc:"the model was chosen on every n-th customer; 1 means on all"`

	// What is needed to predict again, in days.
	Process *btyd.Process `json:"process,omitempty"`
	// NoDropout says that leaving cannot be told from the data, so P(alive) is not given.
	NoDropout bool `json:"no_dropout"`
}

// Interval is a parameter with its uncertainty.
type Interval struct {
	Value      float64 `json:"value"`
	SE         float64 `json:"se"`
	Lower      float64 `json:"lower"`
	Upper      float64 `json:"upper"`
	Meaning    string  `json:"meaning"`
	Determined bool    `json:"determined" doc:"false: the data do not say, so there is no interval"`
}

// SpendReport is the Gamma-Gamma model of the amount of an order, in major units of the base currency.
type SpendReport struct {
	P             float64             `json:"p"`
	Q             float64             `json:"q"`
	V             float64             `json:"v"`
	LogLikelihood float64             `json:"log_likelihood"`
	Correlation   float64             `json:"correlation" doc:"of frequency and mean amount; the model assumes none"`
	Intervals     map[string]Interval `json:"intervals"`
	Supported     bool                `json:"supported"`
}

// Holdout compares what the model expected after the calibration period with what came.
type Holdout struct {
	CalibrateUntil day.Day          `json:"calibrate_until" format:"date"`
	Until          day.Day          `json:"until" format:"date"`
	Expected       float64          `json:"expected"`
	Actual         float64          `json:"actual"`
	MAE            float64          `json:"mae"`
	RMSE           float64          `json:"rmse"`
	ByFrequency    []FrequencyBlock `json:"by_frequency"`
	Tracking       []Track          `json:"tracking"`
}

// FrequencyBlock is the holdout of the customers with x repeat orders in calibration.
type FrequencyBlock struct {
	X            string  `json:"x" doc:"0 to 6, and 7+"`
	Customers    float64 `json:"customers"`
	ActualMean   float64 `json:"actual_mean"`
	ExpectedMean float64 `json:"expected_mean"`
}

// Track is one week of repeat orders.
type Track struct {
	Week               int     `json:"week"`
	Day                day.Day `json:"day" format:"date"`
	ActualWeekly       float64 `json:"actual_weekly"`
	ExpectedWeekly     float64 `json:"expected_weekly"`
	ActualCumulative   float64 `json:"actual_cumulative"`
	ExpectedCumulative float64 `json:"expected_cumulative"`
}

// Bin is how many customers made so many repeat orders.
type Bin struct {
	Orders   string  `json:"orders"`
	Actual   float64 `json:"actual"`
	Expected float64 `json:"expected"`
}

// Candidate is one model that stood for election.
type Candidate struct {
	Model                string    `json:"model"`
	LogLikelihood        float64   `json:"log_likelihood"`
	HoldoutLogLikelihood float64   `json:"holdout_log_likelihood"`
	MAE                  float64   `json:"mae"`
	RMSE                 float64   `json:"rmse"`
	Expected             float64   `json:"expected"`
	Actual               float64   `json:"actual"`
	Chosen               bool      `json:"chosen"`
	Warnings             []Warning `json:"warnings"`
}

// Warning says what the data do not support.
type Warning struct {
	Reason   string `json:"reason"`
	Sentence string `json:"sentence"`
	Blocking bool   `json:"blocking" doc:"true: no number is shown"`
}

func warningsOf(ws []btyd.Warning) []Warning {
	out := make([]Warning, 0, len(ws))
	for _, w := range ws {
		out = append(out, Warning{string(w.Reason), w.Message, w.Blocking})
	}
	return out
}

func intervalsOf(ps []btyd.Parameter) (map[string]float64, map[string]Interval) {
	values, intervals := map[string]float64{}, map[string]Interval{}
	for _, p := range ps {
		values[p.Name] = finite(p.Value)
		intervals[p.Name] = Interval{finite(p.Value), finite(p.SE), finite(p.Low), finite(p.High), p.Meaning, p.Determined}
	}
	return values, intervals
}

// finite keeps JSON writable: no model should give NaN or Inf, and none may break an answer if it does.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}
