package calibrate

import (
	"fmt"
	"math"
	"slices"

	"github.com/dangol/dangol/models/glm"
)

// Method of calibration; see the package's comment.
type Method string

// Methods.
const (
	Identity Method = "identity" // leaves probabilities as they are
	Sigmoid  Method = "sigmoid"
	Beta     Method = "beta"
	Isotonic Method = "isotonic"
)

// Scale says what the scores are.
type Scale string

// Scales.
const (
	// Probability: numbers from 0 to 1.
	Probability Scale = "probability"
	// Score: any finite numbers that rise with the probability: margins,
	// log-odds, ranks.
	Score Scale = "score"
)

// Options of a fit. The zero value takes probabilities, each row once.
type Options struct {
	Scale   Scale     // "" means Probability
	Weights []float64 // nil means 1 each
}

// Map turns scores into probabilities. It is small JSON.
type Map struct {
	Method Method `json:"method"`
	Scale  Scale  `json:"scale"`
	// Sigmoid: the log-odds are C + A x, where x is the score, or the log-odds
	// of the probability. Beta: C + A ln p - B ln(1-p).
	A float64 `json:"a,omitempty"`
	B float64 `json:"b,omitempty"`
	C float64 `json:"c,omitempty"`
	// Isotonic: probabilities Y at scores X, straight lines in between, level
	// outside.
	X []float64 `json:"x,omitempty"`
	Y []float64 `json:"y,omitempty"`

	Rows     int       `json:"rows"`
	Warnings []Warning `json:"warnings"`
}

// tiny keeps the log-odds of probabilities of 0 and 1 finite.
const tiny = 1e-12

// fewOfRarer is how many rows of the rarer answer a map needs: two or three
// parameters, ten or more rows each, with a margin.
const fewOfRarer = 50

// Fit learns a map from scores and answers of 0 and 1.
func Fit(method Method, scores, y []float64, opts Options) (*Map, error) {
	if opts.Scale == "" {
		opts.Scale = Probability
	}
	if err := checkFit(method, scores, y, opts); err != nil {
		return nil, err
	}
	m := &Map{Method: method, Scale: opts.Scale, Rows: len(y)}
	var err error
	switch method {
	case Sigmoid:
		err = m.fitSigmoid(scores, y, opts.Weights)
	case Beta:
		err = m.fitBeta(scores, y, opts.Weights)
	case Isotonic:
		m.fitIsotonic(scores, y, opts.Weights)
	}
	if err != nil {
		return nil, err
	}
	m.warn(y)
	return m, nil
}

func checkFit(method Method, scores, y []float64, opts Options) error {
	if !slices.Contains([]Method{Identity, Sigmoid, Beta, Isotonic}, method) {
		return fail(InvalidOption, "there is no method %q; take %q, %q, %q or %q", method, Sigmoid, Beta, Isotonic, Identity)
	}
	switch {
	case opts.Scale != Probability && opts.Scale != Score:
		return fail(InvalidOption, "there is no scale %q; take %q or %q", opts.Scale, Probability, Score)
	case opts.Scale == Score && (method == Beta || method == Identity):
		return fail(InvalidOption, "%s calibration needs probabilities; calibrate scores by %q or %q", method, Sigmoid, Isotonic)
	}
	if err := checkAnswers(len(scores), y, opts.Weights, true); err != nil {
		return err
	}
	if opts.Scale == Probability {
		return checkProbabilities(scores)
	}
	return checkScores(scores)
}

// logOdds of a probability, held finite.
func logOdds(p float64) float64 {
	p = math.Min(math.Max(p, tiny), 1-tiny)
	return math.Log(p) - math.Log1p(-p)
}

// input is x of Sigmoid.
func (m *Map) input(s float64) float64 {
	if m.Scale == Probability {
		return logOdds(s)
	}
	return s
}

// fitSigmoid is logistic regression on Platt's targets: (yes+1)/(yes+2) for
// yes and 1/(no+2) for no, which keep the line finite when scores tell the
// answers completely.
func (m *Map) fitSigmoid(scores, y, weights []float64) error {
	x, target := make([]float64, len(y)), make([]float64, len(y))
	yes, no := 0.0, 0.0
	for i, v := range y {
		w := weight(weights, i)
		yes, no = yes+w*v, no+w*(1-v)
	}
	for i, v := range y {
		x[i] = m.input(scores[i])
		target[i] = 1 / (no + 2)
		if v == 1 {
			target[i] = (yes + 1) / (yes + 2)
		}
	}
	f, err := glm.Fit(glm.Logistic, glm.Data{X: [][]float64{x}, Y: target, Weights: weights}, glm.Options{})
	if err != nil {
		return fail(InvalidData, "the sigmoid cannot be fitted: %v", err)
	}
	m.C, m.A = f.Coefficients[0].Value, f.Coefficients[1].Value
	return nil
}

// fitBeta is logistic regression on ln p and -ln(1-p), neither of whose
// coefficients may be negative, so that the map rises.
func (m *Map) fitBeta(scores, y, weights []float64) error {
	left, right := make([]float64, len(y)), make([]float64, len(y))
	for i, s := range scores {
		left[i], right[i] = betaInputs(s)
	}
	try := func(columns ...[]float64) (*glm.Fitted, error) {
		f, err := glm.Fit(glm.Logistic, glm.Data{X: columns, Y: y, Weights: weights}, glm.Options{})
		if err != nil {
			return nil, fail(InvalidData, "beta calibration cannot be fitted: %v", err)
		}
		return f, nil
	}
	both, err := try(left, right)
	if err != nil {
		return err
	}
	a, b := both.Coefficients[1].Value, both.Coefficients[2].Value
	if a >= 0 && b >= 0 {
		m.C, m.A, m.B = both.Coefficients[0].Value, a, b
		return nil
	}
	// The optimum within bounds lies on one of them.
	onlyA, err := try(left)
	if err != nil {
		return err
	}
	onlyB, err := try(right)
	if err != nil {
		return err
	}
	a, b = onlyA.Coefficients[1].Value, onlyB.Coefficients[1].Value
	switch {
	case a >= 0 && (b < 0 || onlyA.LogLik >= onlyB.LogLik):
		m.C, m.A = onlyA.Coefficients[0].Value, a
	case b >= 0:
		m.C, m.B = onlyB.Coefficients[0].Value, b
	default:
		none, err := try()
		if err != nil {
			return err
		}
		m.C = none.Coefficients[0].Value
	}
	return nil
}

func betaInputs(p float64) (left, right float64) {
	p = math.Min(math.Max(p, tiny), 1-tiny)
	return math.Log(p), -math.Log1p(-p)
}

// fitIsotonic keeps the corners of the staircase. The outermost steps, where
// all answers are the same, are moved in to what half a row more would make of
// them, for a probability of 0 or 1 is never known.
func (m *Map) fitIsotonic(scores, y, weights []float64) {
	steps := pool(distinct(scores, y, weights))
	last := len(steps) - 1
	if s := &steps[0]; s.Mean == 0 {
		s.Mean = 0.5 / (s.Weight + 1)
		if last > 0 {
			s.Mean = math.Min(s.Mean, steps[1].Mean/2)
		}
	}
	if s := &steps[last]; s.Mean == 1 {
		s.Mean = 1 - 0.5/(s.Weight+1)
		if last > 0 {
			s.Mean = math.Max(s.Mean, (1+steps[last-1].Mean)/2)
		}
	}
	m.corners(steps)
}

func (m *Map) corners(steps []Step) {
	for _, s := range steps {
		m.X, m.Y = append(m.X, s.From), append(m.Y, s.Mean)
		if s.To > s.From {
			m.X, m.Y = append(m.X, s.To), append(m.Y, s.Mean)
		}
	}
}

// Apply gives the calibrated probability of a score. It is never 0, 1 or NaN
// unless the score is NaN or the map is the identity.
func (m *Map) Apply(score float64) float64 {
	eta := 0.0
	switch m.Method {
	case Sigmoid:
		eta = m.C + m.A*m.input(score)
	case Beta:
		left, right := betaInputs(score)
		eta = m.C + m.A*left + m.B*right
	case Isotonic:
		return m.between(score)
	default:
		return score
	}
	return math.Min(math.Max(1/(1+math.Exp(-eta)), tiny), 1-tiny)
}

// ApplyAll fills dst, which may be scores itself.
func (m *Map) ApplyAll(dst, scores []float64) {
	for i, s := range scores {
		dst[i] = m.Apply(s)
	}
}

// between reads the isotonic line.
func (m *Map) between(s float64) float64 {
	n := len(m.X)
	k, found := slices.BinarySearch(m.X, s)
	switch {
	case math.IsNaN(s) || n == 0:
		return math.NaN()
	case found:
		return m.Y[k]
	case k == 0:
		return m.Y[0]
	case k == n:
		return m.Y[n-1]
	}
	share := (s - m.X[k-1]) / (m.X[k] - m.X[k-1])
	return m.Y[k-1] + share*(m.Y[k]-m.Y[k-1])
}

// warn adds the warnings.
func (m *Map) warn(y []float64) {
	yes := 0
	for _, v := range y {
		yes += int(v)
	}
	if rarer := min(yes, len(y)-yes); rarer < fewOfRarer && m.Method != Identity {
		m.Warnings = append(m.Warnings, Warning{FewRows, fmt.Sprintf(
			"Only %d rows have the rarer answer; from %d on a calibration can be trusted.", rarer, fewOfRarer)})
	}
	switch {
	case m.Method == Sigmoid && m.A < 0:
		m.Warnings = append(m.Warnings, Warning{Inverted, "Higher scores go with fewer yes: the model orders people the wrong way round."})
	case m.Method == Isotonic && len(m.Y) > 0 && m.Y[0] == m.Y[len(m.Y)-1],
		m.Method == Beta && m.A == 0 && m.B == 0:
		m.Warnings = append(m.Warnings, Warning{Uninformative, "The scores do not rise with the share of yes, so everybody gets nearly the same probability."})
	}
}
