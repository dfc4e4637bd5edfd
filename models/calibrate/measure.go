package calibrate

import (
	"math"

	"github.com/dangol/dangol/models/glm"
	"gonum.org/v1/gonum/stat/distuv"
)

// Measured is how good probabilities are on rows they were not made from.
type Measured struct {
	Rows  int     `json:"rows"`
	Share float64 `json:"share"` // of yes
	// LogLoss is the mean of -ln of the probability given to what happened.
	LogLoss float64 `json:"log_loss"`
	// Brier is the mean of (p-y)²; BrierSkill is 1 less its ratio to the Brier
	// score of the share alone: 0 is no better than that, 1 is perfect.
	Brier      float64 `json:"brier"`
	BrierSkill float64 `json:"brier_skill"`
	AUC        Area    `json:"auc"`
	// ECE is over ten bins of equal width, ECEMass over ten of equal size.
	ECE     float64 `json:"ece"`
	ECEMass float64 `json:"ece_mass"`
	// Slope and Shift of the logistic regression of y on the log-odds of p:
	// 1 and 0 are perfect; a slope below 1 says that probabilities are too
	// extreme. Cox, Biometrika 45 (1958).
	Slope float64 `json:"slope"`
	Shift float64 `json:"shift"`
}

// bins of ECE in Measure.
const bins = 10

// Measure compares probabilities p with answers y of 0 and 1.
func Measure(p, y []float64) (*Measured, error) {
	if err := checkAnswers(len(p), y, nil, true); err != nil {
		return nil, err
	}
	if err := checkProbabilities(p); err != nil {
		return nil, err
	}
	m := &Measured{Rows: len(y), LogLoss: logLoss(p, y, nil), Brier: brier(p, y)}
	for _, v := range y {
		m.Share += v / float64(len(y))
	}
	m.BrierSkill = 1 - m.Brier/(m.Share*(1-m.Share))
	var err error
	if m.AUC, err = AUC(p, y, 0.95); err != nil {
		return nil, err
	}
	m.ECE = ece(group(p, y, bins, EqualWidth))
	m.ECEMass = ece(group(p, y, bins, EqualMass))
	m.Slope, m.Shift = coxLine(p, y)
	return m, nil
}

// coxLine is 0 and the log-odds of the share where p does not vary.
func coxLine(p, y []float64) (slope, shift float64) {
	x := make([]float64, len(p))
	for i, v := range p {
		x[i] = logOdds(v)
	}
	f, err := glm.Fit(glm.Logistic, glm.Data{X: [][]float64{x}, Y: y}, glm.Options{})
	if err != nil {
		return 0, 0
	}
	return f.Coefficients[1].Value, f.Coefficients[0].Value
}

// surest bounds the logarithm in LogLoss: being sure and wrong costs at most
// -ln 1e-15 = 34.5.
const surest = 1e-15

// LogLoss is the mean of -ln of the probability given to what happened, in
// nats, with probabilities held 1e-15 away from 0 and 1. Weights may be nil.
func LogLoss(p, y, weights []float64) (float64, error) {
	if err := checkAnswers(len(p), y, weights, false); err != nil {
		return 0, err
	}
	if err := checkProbabilities(p); err != nil {
		return 0, err
	}
	return logLoss(p, y, weights), nil
}

func logLoss(p, y, weights []float64) float64 {
	sum, total := 0.0, 0.0
	for i, v := range p {
		w := weight(weights, i)
		v = math.Min(math.Max(v, surest), 1-surest)
		if y[i] == 1 {
			sum -= w * math.Log(v)
		} else {
			sum -= w * math.Log1p(-v)
		}
		total += w
	}
	return sum / total
}

func brier(p, y []float64) float64 {
	sum := 0.0
	for i, v := range p {
		sum += (v - y[i]) * (v - y[i])
	}
	return sum / float64(len(p))
}

// Binning says how probabilities are put together.
type Binning string

// Binnings.
const (
	// EqualWidth: bins of equal width over 0…1, the lower bound inside; empty
	// ones are left out.
	EqualWidth Binning = "equal_width"
	// EqualMass: bins of as nearly equal numbers of rows as equal
	// probabilities, which stay together, allow.
	EqualMass Binning = "equal_mass"
)

// Bin is a group of rows with similar probabilities.
type Bin struct {
	Rows      int     `json:"rows"`
	Predicted float64 `json:"predicted"` // mean probability
	Observed  float64 `json:"observed"`  // share of yes
	Low       float64 `json:"low"`       // Wilson interval of the share
	High      float64 `json:"high"`
}

// Reliability is the reliability curve: by bin, what was predicted and what
// happened, with Wilson's interval (Wilson 1927) at the level.
func Reliability(p, y []float64, count int, by Binning, level float64) ([]Bin, error) {
	if err := checkBins(p, y, count, by); err != nil {
		return nil, err
	}
	if !(level > 0 && level < 1) {
		return nil, fail(InvalidOption, "the level of intervals is %v; it lies between 0 and 1", level)
	}
	list := group(p, y, count, by)
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	for k := range list {
		list[k].Low, list[k].High = wilson(list[k].Observed, float64(list[k].Rows), z)
	}
	return list, nil
}

// wilson is the score interval of a share of n rows.
func wilson(share, n, z float64) (low, high float64) {
	centre := (share + z*z/(2*n)) / (1 + z*z/n)
	reach := z / (1 + z*z/n) * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	return math.Max(0, centre-reach), math.Min(1, centre+reach)
}

func checkBins(p, y []float64, count int, by Binning) error {
	if err := checkAnswers(len(p), y, nil, false); err != nil {
		return err
	}
	if err := checkProbabilities(p); err != nil {
		return err
	}
	switch {
	case count < 1:
		return fail(InvalidOption, "%d bins; take at least one", count)
	case by != EqualWidth && by != EqualMass:
		return fail(InvalidOption, "there is no binning %q; take %q or %q", by, EqualWidth, EqualMass)
	}
	return nil
}

// group puts rows into bins, in rising order.
func group(p, y []float64, count int, by Binning) []Bin {
	order := ascending(p)
	var list []Bin
	at, n := -1, float64(len(p))
	for k := 0; k < len(order); {
		end := k
		for end < len(order) && p[order[end]] == p[order[k]] {
			end++
		}
		// Equal probabilities go where the middle one of them belongs.
		bin := min(int(float64(k+end)/2/n*float64(count)), count-1)
		if by == EqualWidth {
			bin = min(int(p[order[k]]*float64(count)), count-1)
		}
		if bin != at || len(list) == 0 {
			list = append(list, Bin{})
			at = bin
		}
		b := &list[len(list)-1]
		for _, i := range order[k:end] {
			b.Rows++
			b.Predicted += p[i]
			b.Observed += y[i]
		}
		k = end
	}
	for k := range list {
		list[k].Predicted /= float64(list[k].Rows)
		list[k].Observed /= float64(list[k].Rows)
	}
	return list
}

// ECE is the expected calibration error: the mean, weighted by rows, of the
// distance between a bin's share of yes and its mean probability. It depends
// on the bins and is never 0 by chance alone: with n rows in b bins a perfectly
// calibrated model shows about 0.8 sqrt(b p(1-p)/n).
func ECE(p, y []float64, count int, by Binning) (float64, error) {
	if err := checkBins(p, y, count, by); err != nil {
		return 0, err
	}
	return ece(group(p, y, count, by)), nil
}

func ece(list []Bin) float64 {
	sum, rows := 0.0, 0.0
	for _, b := range list {
		sum += float64(b.Rows) * math.Abs(b.Observed-b.Predicted)
		rows += float64(b.Rows)
	}
	return sum / rows
}

// Decomposition of the Brier score: Brier = Reliability - Resolution +
// Uncertainty + Within.
type Decomposition struct {
	Brier float64 `json:"brier"`
	// Reliability is the cost of miscalibration, Resolution the gain of
	// telling people apart, Uncertainty the score of the share alone.
	Reliability float64 `json:"reliability"`
	Resolution  float64 `json:"resolution"`
	Uncertainty float64 `json:"uncertainty"`
	// Within is what bins hide: the spread of probabilities inside them less
	// twice their covariance with the answers there.
	Within float64 `json:"within,omitempty"`
}

// Decompose splits the Brier score by bins: Murphy, Journal of Applied
// Meteorology 12 (1973); the rest within bins after Stephenson, Coelho and
// Jolliffe, Weather and Forecasting 23 (2008).
func Decompose(p, y []float64, count int, by Binning) (*Decomposition, error) {
	if err := checkBins(p, y, count, by); err != nil {
		return nil, err
	}
	d := &Decomposition{Brier: brier(p, y)}
	n, share := float64(len(y)), 0.0
	for _, v := range y {
		share += v / n
	}
	for _, b := range group(p, y, count, by) {
		w := float64(b.Rows) / n
		d.Reliability += w * (b.Predicted - b.Observed) * (b.Predicted - b.Observed)
		d.Resolution += w * (b.Observed - share) * (b.Observed - share)
	}
	d.Uncertainty = share * (1 - share)
	d.Within = d.Brier - d.Reliability + d.Resolution - d.Uncertainty
	return d, nil
}

// DecomposeIsotonic splits the Brier score without bins: Reliability is what
// the best rising recalibration would gain, Resolution what that one gains
// over the share alone. Dimitriadis, Gneiting and Jordan, PNAS 118 (2021).
func DecomposeIsotonic(p, y []float64) (*Decomposition, error) {
	if err := checkBins(p, y, 1, EqualWidth); err != nil {
		return nil, err
	}
	steps := pool(distinct(p, y, nil))
	n, share, best := float64(len(y)), 0.0, 0.0
	for _, v := range y {
		share += v / n
	}
	for _, s := range steps {
		best += s.Weight / n * s.Mean * (1 - s.Mean) // squares within a step of 0 and 1
	}
	d := &Decomposition{Brier: brier(p, y), Uncertainty: share * (1 - share)}
	d.Reliability, d.Resolution = d.Brier-best, d.Uncertainty-best
	return d, nil
}
