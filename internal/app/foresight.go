package app

import (
	"context"

	"github.com/dangol/dangol/internal/insight"
	"github.com/dangol/dangol/internal/predict/churn"
)

// LeavingCause is the kind of a finding that says what makes customers leave, by what they did.
const LeavingCause = "leaving_cause"

// foreseen hands what makes customers leave to the overview, with the people who can still be reached.
func (r *rooms) foreseen(ctx context.Context, place string) ([]insight.Finding, error) {
	found, err := r.churn.Findings(ctx, churn.Crowd{Market: place})
	list := make([]insight.Finding, 0, len(found))
	for i := range found {
		f := &found[i]
		list = append(list, insight.Finding{
			ID: LeavingCause + "_" + f.Code, Kind: LeavingCause, Severity: "bad", Customers: f.Customers, Money: f.ValueAtRisk, Sentence: f.Sentence, Sentences: f.Sentences,
			Params: map[string]any{
				"reason": f.Code, "market": f.Market, "ratio": f.Ratio, "ratio_low": f.Low, "ratio_high": f.High, "z": f.Z, "left": f.Left, "left_without": f.LeftNot,
				"with": f.With, "without": f.Without, "people": f.Filter,
			},
		})
	}
	return list, err
}
