package records

import (
	"context"

	"github.com/dangol/dangol/internal/kit/day"
)

// View is a kind of model in the list of all: its active version, or the newest where none is active.
type View struct {
	Kind        string            `json:"kind" doc:"churn, value or recommend"`
	Version     int64             `json:"version" doc:"0 before the first training"`
	Active      bool              `json:"active"`
	Status      string            `json:"status" enum:"ready,baseline,too_few,none"`
	TrainedAt   string            `json:"trained_at" doc:"empty before the first training"`
	AsOf        *day.Day          `json:"as_of" format:"date" doc:"the last day it has learnt from"`
	Winner      string            `json:"winner"`
	WinnerLabel string            `json:"winner_label"`
	Rows        int64             `json:"rows" doc:"it was judged on"`
	AUC         *float64          `json:"auc" doc:"null for kinds that are not judged by it"`
	LogLoss     *float64          `json:"log_loss"`
	Brier       *float64          `json:"brier"`
	ECE         *float64          `json:"ece"`
	Sentence    string            `json:"sentence"`
	Sentences   map[string]string `json:"sentences"`
	Drift       DriftView         `json:"drift"`
}

// DriftView says in a word whether a model's customers are still those it learnt from.
type DriftView struct {
	Status string   `json:"status" enum:"steady,watch,drifting,unknown"`
	PSI    *float64 `json:"psi"`
}

// Viewer tells of one kind.
type Viewer func(context.Context) (View, error)
