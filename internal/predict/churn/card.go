package churn

import (
	"github.com/dangol/dangol/internal/kit/day"
)

// Statuses of a model.
const (
	Ready    = "ready"    // the best candidate scores
	Baseline = "baseline" // nothing beat the baseline, so that scores
	TooFew   = "too_few"  // the data support no model
	None     = "none"     // nothing was trained yet
)

// Card is everything that is said about a model.
type Card struct {
	Kind       string            `json:"kind"`
	Version    int64             `json:"version"`
	Active     bool              `json:"active"`
	Status     string            `json:"status" enum:"ready,baseline,too_few,none"`
	TrainedAt  string            `json:"trained_at"`
	AsOf       day.Day           `json:"as_of" format:"date"`
	Seed       uint64            `json:"seed"`
	Definition Definition        `json:"definition"`
	Data       Data              `json:"data"`
	Candidates []Candidate       `json:"candidates"`
	Winner     string            `json:"winner"`
	Quality    *Quality          `json:"quality" doc:"of the winner on the last cut, which it had not seen; null where there is no model"`
	Fairness   []Fairness        `json:"fairness"`
	Drivers    []Driver          `json:"drivers"`
	Evidence   []Evidence        `json:"evidence" doc:"how much oftener those leave to whom something happened"`
	Limits     []Limit           `json:"limits"`
	Missing    []Limit           `json:"missing" doc:"what the data lack for a model; empty where there is one"`
	Drift      Drift             `json:"drift"`
	Versions   []VersionView     `json:"versions"`
	Sentences  map[string]string `json:"sentences"`
}

// Data says what was learnt from.
type Data struct {
	Customers int     `json:"customers" doc:"different ones in the rows"`
	Rows      int     `json:"rows" doc:"a customer at a cut"`
	Cuts      []Cut   `json:"cuts" doc:"the last one judged"`
	FirstDay  day.Day `json:"first_day" format:"date"`
	LastDay   day.Day `json:"last_day" format:"date"`
	Sampled   float64 `json:"sampled" doc:"share of the customers who were drawn; 1 is everybody"`
}

// Cut is a day on which the training stood and looked back.
type Cut struct {
	Day     day.Day `json:"day" format:"date"`
	Rows    int     `json:"rows"`
	Churned float64 `json:"churned" doc:"share that left in the horizon after it"`
	Judged  bool    `json:"judged" doc:"the candidates were compared here"`
}

// Candidate is one way to tell who leaves, and how it did on the last cut.
type Candidate struct {
	Name     string  `json:"name"`
	Label    string  `json:"label"`
	AUC      float64 `json:"auc"`
	AUCLow   float64 `json:"auc_low"`
	AUCHigh  float64 `json:"auc_high"`
	LogLoss  float64 `json:"log_loss"`
	Brier    float64 `json:"brier"`
	ECE      float64 `json:"ece"`
	Chosen   bool    `json:"chosen"`
	Baseline bool    `json:"baseline"`
}

// Quality is how well a model told who left.
type Quality struct {
	AUC         float64    `json:"auc"`
	AUCLow      float64    `json:"auc_low"`
	AUCHigh     float64    `json:"auc_high"`
	LogLoss     float64    `json:"log_loss"`
	Brier       float64    `json:"brier"`
	ECE         float64    `json:"ece"`
	Slope       float64    `json:"slope" doc:"of the calibration line; 1 is perfect, below 1 says that chances are too extreme"`
	Rows        int        `json:"rows"`
	Churned     float64    `json:"churned"`
	Reliability []Reliable `json:"reliability"`
	Lift        []Lift     `json:"lift"`
}

// Reliable are the customers with similar chances: what was told of them, and what they did.
type Reliable struct {
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Rows       int     `json:"rows"`
	Predicted  float64 `json:"predicted"`
	Actual     float64 `json:"actual"`
	ActualLow  float64 `json:"actual_low"`
	ActualHigh float64 `json:"actual_high"`
}

// Lift is a tenth of the customers, the likeliest to leave first.
type Lift struct {
	Decile int     `json:"decile"`
	Rows   float64 `json:"rows"`
	Actual float64 `json:"actual"`
	Lift   float64 `json:"lift"`
	Gain   float64 `json:"gain" doc:"share of all who left in this tenth and those before"`
}

// Fairness is how well a model told who left in one market.
type Fairness struct {
	Market    string  `json:"market"`
	Rows      int     `json:"rows"`
	AUC       float64 `json:"auc" doc:"0 where all did the same"`
	ECE       float64 `json:"ece"`
	Predicted float64 `json:"predicted"`
	Actual    float64 `json:"actual"`
}

// Driver is what moves chances: the mean size of a reason's part in the log-odds.
type Driver struct {
	Code     string             `json:"code"`
	Kind     string             `json:"kind" enum:"cause,sign,context"`
	Labels   map[string]string  `json:"labels"`
	Weight   float64            `json:"weight"`
	ByMarket map[string]float64 `json:"by_market"`
}

// Limit is something to know before believing.
type Limit struct {
	Code      string            `json:"code"`
	Sentences map[string]string `json:"sentences"`
}

// Drift says whether the customers are still those that the model learnt from.
type Drift struct {
	Status      string         `json:"status" enum:"steady,watch,drifting,unknown"`
	AsOf        *day.Day       `json:"as_of" format:"date" doc:"null before the first look"`
	PSI         float64        `json:"psi" doc:"population stability index of the chances; above 0.25 is another population"`
	Features    []FeatureDrift `json:"features"`
	Calibration []Reliable     `json:"calibration" doc:"of the chances whose horizon is over; empty while none is"`
	ECE         *float64       `json:"ece" doc:"of those; null while none is over"`
}

// VersionView is one version among others.
type VersionView struct {
	Version   int64   `json:"version"`
	TrainedAt string  `json:"trained_at"`
	AsOf      day.Day `json:"as_of" format:"date"`
	Active    bool    `json:"active"`
	Status    string  `json:"status"`
	Winner    string  `json:"winner"`
	AUC       float64 `json:"auc"`
	LogLoss   float64 `json:"log_loss"`
	Horizon   int     `json:"horizon_days"`
}
