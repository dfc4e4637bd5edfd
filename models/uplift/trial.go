package uplift

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/dangol/dangol/models/glm"
)

// Trial is a randomised comparison of a treatment with a control.
type Trial struct {
	// Table holds what was known of each person before the treatment.
	Table []glm.Column
	// Treated says who got the treatment.
	Treated []bool
	// Outcome is 0 or 1 in every row, or an amount.
	Outcome []float64
	// Propensity is each person's known probability of treatment, between 0
	// and 1. nil means the share of the treated, for everybody.
	Propensity []float64
	// Planned is the share that was to be treated; the sizes of the arms are
	// checked against it. 0 means the mean propensity, where propensities are
	// given, and no check otherwise.
	Planned float64
}

// leastArm is how many rows each arm needs.
const leastArm = 20

// Interval is an estimate and its interval.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// outcomes checks what every figure needs and says whether the outcome is yes
// or no.
func outcomes(treated []bool, y []float64) (binary bool, err error) {
	if len(treated) != len(y) {
		return false, fail(InvalidData, "%d rows say who was treated, but %d have an outcome; give one of each a row", len(treated), len(y))
	}
	arms, low, high := [2]int{}, math.Inf(1), math.Inf(-1)
	binary = true
	for i, v := range y {
		if !finite(v) {
			return false, failAt(InvalidData, i, "the outcome of row %d is %v; leave the row out, or give a number", i, v)
		}
		arms[arm(treated[i])]++
		low, high = math.Min(low, v), math.Max(high, v)
		binary = binary && (v == 0 || v == 1)
	}
	switch {
	case len(y) == 0:
		return false, fail(TooFew, "there are no rows; an effect needs at least %d in each arm", leastArm)
	case arms[1] == 0:
		return false, fail(OneArm, "nobody was treated among %d rows; an effect needs people with and without the treatment", len(y))
	case arms[0] == 0:
		return false, fail(OneArm, "all %d rows were treated; an effect needs people without the treatment to compare with", len(y))
	case low == high:
		return false, fail(NoVariation, "the outcome is %v in all %d rows, so no effect can be seen; take another outcome, or wait longer", low, len(y))
	}
	return binary, nil
}

func arm(treated bool) int {
	if treated {
		return 1
	}
	return 0
}

// check returns whether the outcome is yes or no, and the share treated.
func (t *Trial) check() (binary bool, share float64, err error) {
	if binary, err = outcomes(t.Treated, t.Outcome); err != nil {
		return false, 0, err
	}
	n, treated := len(t.Outcome), 0
	for _, is := range t.Treated {
		treated += arm(is)
	}
	if least := min(treated, n-treated); least < leastArm {
		return false, 0, fail(TooFew, "the smaller arm has %d rows; an effect needs at least %d in each", least, leastArm)
	}
	if t.Planned != 0 && !(t.Planned > 0 && t.Planned < 1) {
		return false, 0, fail(InvalidOption, "the planned share of the treated is %v; it lies between 0 and 1", t.Planned)
	}
	if t.Propensity != nil && len(t.Propensity) != n {
		return false, 0, fail(BadPropensity, "there are %d propensities for %d rows; give one a row, or none", len(t.Propensity), n)
	}
	for i, e := range t.Propensity {
		if !(e > 0 && e < 1) {
			return false, 0, failAt(BadPropensity, i, "the propensity of row %d is %v; a probability of treatment lies between 0 and 1, both excluded: people who could only be treated, or never, tell nothing about the effect", i, e)
		}
	}
	for _, c := range t.Table {
		if size := max(len(c.Numbers), len(c.Texts)); size != n {
			return false, 0, fail(InvalidData, "column %q has %d rows, the outcome has %d", c.Name, size, n)
		}
	}
	return binary, float64(treated) / float64(n), nil
}

// Average is the effect of the treatment on everybody.
type Average struct {
	Treated int `json:"treated"`
	Control int `json:"control"`
	// TreatedMean and ControlMean are the mean outcomes of the arms.
	TreatedMean float64 `json:"treated_mean"`
	ControlMean float64 `json:"control_mean"`
	// Effect is the difference of the means, with Welch's interval, and P the
	// two-sided probability of so large a difference without any effect.
	Effect Interval `json:"effect"`
	P      float64  `json:"p"`
	// Ratio checks the arms' sizes; nil where nothing was planned.
	Ratio *Ratio `json:"sample_ratio,omitempty"`
}

// Ratio compares the arms' sizes with the plan.
type Ratio struct {
	Planned float64 `json:"planned"`
	Share   float64 `json:"share"`
	P       float64 `json:"p"` // chi-squared test
	// Broken: P is below 0.001. Rows are missing from one arm more than from
	// the other, and every figure may be wrong.
	Broken bool `json:"broken"`
}

// brokenBelow is the p value below which a ratio or a balance counts as wrong:
// checks that run on every trial must not cry wolf.
const brokenBelow = 0.001

// Effect is the average effect: the difference between the means of the arms,
// which is unbiased when the treatment was given at random with one probability
// for all. level of the interval; 0 means 0.95.
func Effect(t Trial, level float64) (*Average, error) {
	if err := checkLevel(&level); err != nil {
		return nil, err
	}
	_, share, err := t.check()
	if err != nil {
		return nil, err
	}
	var n, mean, square [2]float64
	for i, y := range t.Outcome {
		a := arm(t.Treated[i])
		n[a]++
		d := y - mean[a]
		mean[a] += d / n[a]
		square[a] += d * (y - mean[a])
	}
	a := &Average{Treated: int(n[1]), Control: int(n[0]), TreatedMean: mean[1], ControlMean: mean[0]}
	v1, v0 := square[1]/(n[1]-1)/n[1], square[0]/(n[0]-1)/n[0]
	freedom := (v1 + v0) * (v1 + v0) / (v1*v1/(n[1]-1) + v0*v0/(n[0]-1))
	student := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}
	se, d := math.Sqrt(v1+v0), mean[1]-mean[0]
	if a.Effect = (Interval{d, d, d}); se > 0 {
		half := student.Quantile((1+level)/2) * se
		a.Effect = Interval{d, d - half, d + half}
		a.P = 2 * student.CDF(-math.Abs(d)/se)
	}
	a.Ratio = t.ratio(n, share)
	return a, nil
}

func (t *Trial) ratio(n [2]float64, share float64) *Ratio {
	planned := t.Planned
	if planned == 0 && t.Propensity != nil {
		for _, e := range t.Propensity {
			planned += e / float64(len(t.Propensity))
		}
	}
	if planned == 0 {
		return nil
	}
	total := n[0] + n[1]
	d := n[1] - planned*total
	chi := d * d / (planned * (1 - planned) * total)
	p := distuv.ChiSquared{K: 1}.Survival(chi)
	return &Ratio{planned, share, p, p < brokenBelow}
}

// checkLevel of intervals; 0 becomes 0.95.
func checkLevel(level *float64) error {
	if *level == 0 {
		*level = 0.95
	}
	if !(*level > 0 && *level < 1) {
		return fail(InvalidOption, "the level of intervals is %v; it lies between 0 and 1", *level)
	}
	return nil
}
