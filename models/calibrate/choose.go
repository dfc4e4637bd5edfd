package calibrate

import (
	"github.com/dangol/dangol/models/glm"
)

// IsotonicRows is how many rows Choose wants before it considers isotonic
// calibration, which learns a staircase and with fewer rows its noise too.
const IsotonicRows = 10_000

// Candidate is a method that was considered.
type Candidate struct {
	Method  Method  `json:"method"`
	LogLoss float64 `json:"log_loss"` // on rows left out
}

// Choice is the chosen map with what it was chosen from.
type Choice struct {
	*Map
	Candidates []Candidate `json:"candidates"`
}

// needed is the gain in log-loss for which a method with more freedom is
// taken: below it, it is noise.
const needed = 1e-4

// Choose fits each method to four fifths and measures it on the rest, five
// times (stratified, by seed), and fits the one with the smallest log-loss to
// all rows. Leaving probabilities as they are is a candidate too. A method
// must beat the simpler ones by 0.0001.
func Choose(scores, y []float64, opts Options, seed uint64) (*Choice, error) {
	if opts.Scale == "" {
		opts.Scale = Probability
	}
	if err := checkFit(Sigmoid, scores, y, opts); err != nil {
		return nil, err
	}
	methods := []Method{Identity, Sigmoid, Beta}
	if opts.Scale == Score {
		methods = []Method{Sigmoid}
	}
	if len(y) >= IsotonicRows {
		methods = append(methods, Isotonic)
	}
	c := &Choice{}
	best := -1
	of := glm.Folds(glm.Logistic, y, nil, folds, seed)
	for _, method := range methods {
		loss, ok := outOfFold(method, scores, y, opts, of)
		if !ok {
			continue
		}
		c.Candidates = append(c.Candidates, Candidate{method, loss})
		if k := len(c.Candidates) - 1; best < 0 || loss < c.Candidates[best].LogLoss-needed {
			best = k
		}
	}
	method := Sigmoid
	if best >= 0 {
		method = c.Candidates[best].Method
	}
	var err error
	c.Map, err = Fit(method, scores, y, opts)
	return c, err
}

const folds = 5

// outOfFold is the log-loss on rows left out; false where a part of the rows
// has one answer only.
func outOfFold(method Method, scores, y []float64, opts Options, of []int) (float64, bool) {
	out := make([]float64, len(y))
	for fold := range folds {
		var s, a, w []float64
		for i := range y {
			if of[i] != fold {
				s, a = append(s, scores[i]), append(a, y[i])
				if opts.Weights != nil {
					w = append(w, opts.Weights[i])
				}
			}
		}
		m, err := Fit(method, s, a, Options{Scale: opts.Scale, Weights: w})
		if err != nil {
			return 0, false
		}
		for i := range y {
			if of[i] == fold {
				out[i] = m.Apply(scores[i])
			}
		}
	}
	return logLoss(out, y, opts.Weights), true
}
