package audience

import (
	"context"
	"encoding/json"

	"github.com/dangol/dangol/internal/kit/day"
)

// Histories is the purchase history of every customer, one entry a customer: what a buy-till-you-die model learns from.
type Histories struct {
	Key  []uint32
	X    []int32   // repeat purchase days: distinct days after the first
	Tx   []int32   // days from the first to the last purchase day
	T    []int32   // days from the first purchase day to as_of
	Mean []float64 // mean amount of a repeat day in major units of the base currency; 0 where X is 0
}

// Log is the day-by-day history of a sample of customers, for choosing a model by a holdout.
type Log struct {
	Days [][]int32 // distinct purchase days, rising, of each customer
	// Every says that each Every-th customer is in the sample; 1 means all.
	Every int
}

// Scores is what a scorer says of each customer, in the order of the Histories. NaN means that the data do not support a number.
type Scores struct {
	PAlive         []float64 // probability of still being a customer
	PNoOrder90     []float64 // probability of no order in the next 90 days
	ExpectedOrders []float64 // purchase days expected in the next 365 days
	ExpectedValue  []float64 // discounted value of those in major units
}

// Scorer predicts. It is declared here, by its consumer, and joined in app.
type Scorer interface {
	// Score returns the scores and a report of the models behind them, which is kept with the analysis.
	Score(ctx context.Context, asOf day.Day, h Histories, sample Log) (Scores, json.RawMessage, error)
}
