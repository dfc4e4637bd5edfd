package survival

import (
	"math"
)

// BrierPoint is the error of predicted survival at one time.
type BrierPoint struct {
	Time float64 `json:"time"`
	// Score is the mean squared distance between the predicted probability to
	// be still there and whether the row was; Null is the one of the
	// Kaplan–Meier curve, the same for all; Skill is 1 - Score/Null.
	Score float64 `json:"score"`
	Null  float64 `json:"null"`
	Skill float64 `json:"skill"`
}

// Brier measures predicted survival, predicted[i][k] being the probability of
// row i to be still there at at[k]. Rows censored before a time say nothing
// about it; the others stand for them, weighted by the inverse probability of
// not being censored, which is the Kaplan–Meier estimate of censoring from the
// same rows (events before censoring at equal times):
//
//	1/n Σ_i [ S_i² 1(T_i ≤ t, event)/G(T_i-) + (1-S_i)² 1(T_i > t)/G(t) ]
//
// Graf, Schmoor, Sauerbrei and Schumacher, Statistics in Medicine 18 (1999).
// Late entry is not supported.
func Brier(times Times, predicted [][]float64, at []float64) ([]BrierPoint, error) {
	if err := times.check(false); err != nil {
		return nil, err
	}
	if err := checkBrier(&times, predicted, at); err != nil {
		return nil, err
	}
	curve, err := KaplanMeier(Times{Time: times.Time, Event: times.Event, Weights: times.Weights}, 0.95)
	if err != nil {
		return nil, err
	}
	before, after := curve.censoring()
	list := make([]BrierPoint, len(at))
	for k, t := range at {
		p := &list[k]
		p.Time = t
		same, _, _ := curve.Survival(t)
		there := 1.0 // of not being censored, at t
		if j := curve.at(t); j >= 0 {
			there = after[j]
		}
		for i, end := range times.Time {
			w := times.weight(i) / curve.Rows
			truth, chance := 0.0, there
			switch {
			case w == 0 || end <= t && !times.Event[i]:
				continue
			case end <= t:
				chance = before[curve.at(end)]
			default:
				truth = 1
			}
			if chance <= 0 {
				return nil, fail(Undefined, "at time %v nobody is left uncensored to judge by; take earlier times", t)
			}
			s := predicted[i][k]
			p.Score += w * (s - truth) * (s - truth) / chance
			p.Null += w * (same - truth) * (same - truth) / chance
		}
		if p.Null > 0 {
			p.Skill = 1 - p.Score/p.Null
		}
	}
	return list, nil
}

func checkBrier(times *Times, predicted [][]float64, at []float64) error {
	if len(predicted) != len(times.Time) {
		return fail(InvalidData, "predictions for %d of %d rows; give them for each row", len(predicted), len(times.Time))
	}
	for i := range times.Entry {
		if times.Entry[i] > 0 {
			return failAt(i, -1, "row %d enters late, which the Brier score does not consider; leave such rows out", i)
		}
	}
	for k, t := range at {
		if !finite(t) || k > 0 && t <= at[k-1] {
			return fail(InvalidOption, "the times are not rising: %v at place %d", t, k)
		}
	}
	for i, row := range predicted {
		if len(row) != len(at) {
			return failAt(i, -1, "row %d has %d predictions for %d times", i, len(row), len(at))
		}
		for k, s := range row {
			if !(s >= 0 && s <= 1) {
				return failAt(i, k, "the prediction of row %d at time %v is %v; probabilities lie between 0 and 1", i, at[k], s)
			}
		}
	}
	return nil
}

// censoring is the probability of not being censored, before and after the
// censorings of each point.
func (c *Curve) censoring() (before, after []float64) {
	g := 1.0
	for _, p := range c.Points {
		before = append(before, g)
		if left := p.AtRisk - p.Events; p.Censored > 0 {
			g *= math.Max(0, 1-p.Censored/left)
		}
		after = append(after, g)
	}
	return before, after
}

// IntegratedBrier is the mean of the score over time, from the first to the
// last point by the trapezoidal rule, and the skill of that.
func IntegratedBrier(points []BrierPoint) (score, skill float64, err error) {
	if len(points) < 2 {
		return 0, 0, fail(InvalidOption, "the integral needs two or more times, there are %d", len(points))
	}
	null := 0.0
	for k, p := range points[1:] {
		width := p.Time - points[k].Time
		score += width * (p.Score + points[k].Score) / 2
		null += width * (p.Null + points[k].Null) / 2
	}
	span := points[len(points)-1].Time - points[0].Time
	if null > 0 {
		skill = 1 - score/null
	}
	return score / span, skill, nil
}
