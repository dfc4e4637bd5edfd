package calibrate

// Step is a run of scores with one mean of the answers.
type Step struct {
	From   float64 `json:"from"` // the lowest score of the run
	To     float64 `json:"to"`   // the highest
	Mean   float64 `json:"mean"`
	Weight float64 `json:"weight"`
}

// IsotonicSteps is the rising staircase nearest to the answers y in weighted
// squares (and, for answers of 0 and 1, of the highest likelihood), by pooling
// adjacent violators. Equal scores are one. Weights may be nil; rows of weight
// 0 are left out.
func IsotonicSteps(scores, y, weights []float64) ([]Step, error) {
	if len(scores) != len(y) || weights != nil && len(weights) != len(y) {
		return nil, fail(InvalidData, "%d scores, %d answers and %d weights; give as many of each", len(scores), len(y), len(weights))
	}
	if err := checkScores(scores); err != nil {
		return nil, err
	}
	for i := range y {
		if w := weight(weights, i); !(w >= 0) || w-w != 0 {
			return nil, failAt(i, "the weight of row %d is %v; weights are finite and not negative", i, w)
		}
		if y[i]-y[i] != 0 {
			return nil, failAt(i, "the answer of row %d is %v; answers are finite numbers", i, y[i])
		}
	}
	return pool(distinct(scores, y, weights)), nil
}

// distinct sorts rows by score and takes equal scores together.
func distinct(scores, y, weights []float64) []Step {
	order := ascending(scores)
	var steps []Step
	for _, i := range order {
		w := weight(weights, int(i))
		if w == 0 {
			continue
		}
		if k := len(steps) - 1; k >= 0 && steps[k].To == scores[i] {
			steps[k] = joined(steps[k], Step{scores[i], scores[i], y[i], w})
			continue
		}
		steps = append(steps, Step{scores[i], scores[i], y[i], w})
	}
	return steps
}

// joined is two neighbouring steps as one.
func joined(a, b Step) Step {
	w := a.Weight + b.Weight
	return Step{a.From, b.To, (a.Mean*a.Weight + b.Mean*b.Weight) / w, w}
}

// pool joins neighbours until means rise strictly.
func pool(steps []Step) []Step {
	var out []Step
	for _, s := range steps {
		for len(out) > 0 && out[len(out)-1].Mean >= s.Mean {
			s = joined(out[len(out)-1], s)
			out = out[:len(out)-1]
		}
		out = append(out, s)
	}
	return out
}
