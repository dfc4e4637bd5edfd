package calibrate

import (
	"math"
	"slices"
)

// Band is a split-conformal interval: an interval around a prediction that
// holds the truth with at least the probability Level, whatever the model and
// the distribution, as long as the rows to come are like the ones it was made
// from (exchangeable). Vovk, Gammerman and Shafer (2005); Lei and others, JASA
// 113 (2018). It is small JSON.
type Band struct {
	Level float64 `json:"level"`
	Rows  int     `json:"rows"`
	// Below and Above are how far the interval goes from the prediction, in
	// units of the row's scale where Scaled; from the lower and the upper
	// quantile for a band of quantiles, where they may be negative.
	Below  float64 `json:"below"`
	Above  float64 `json:"above"`
	Scaled bool    `json:"scaled"`
}

// BandOptions of a band. The zero value is symmetric at 0.9.
type BandOptions struct {
	Level float64 // 0 means 0.9
	// Asymmetric lets the interval go further on one side, each side missing
	// half as often: for skewed amounts such as money.
	Asymmetric bool
}

// check returns the level with its default.
func (o BandOptions) check() (float64, error) {
	if o.Level == 0 {
		o.Level = 0.9
	}
	if !(o.Level > 0 && o.Level < 1) {
		return 0, fail(InvalidOption, "the level of the interval is %v; it lies between 0 and 1", o.Level)
	}
	return o.Level, nil
}

// FitInterval makes a band from what was predicted and what came, on rows that
// the model was not fitted to. scale, if not nil, is a positive guess of each
// row's spread, which makes the interval wider where predictions are worse.
func FitInterval(y, predicted, scale []float64, opts BandOptions) (*Band, error) {
	level, err := opts.check()
	if err != nil {
		return nil, err
	}
	if err := checkBand(y, predicted, scale); err != nil {
		return nil, err
	}
	over := make([]float64, len(y)) // how far the truth was above
	for i, v := range y {
		over[i] = v - predicted[i]
		if scale != nil {
			over[i] /= scale[i]
		}
	}
	under := make([]float64, len(y))
	for i, v := range over {
		under[i] = -v
	}
	return band(under, over, level, opts.Asymmetric, scale != nil)
}

// FitQuantileInterval makes a band from a lower and an upper quantile that a
// model predicts: they are moved until they hold the truth often enough.
// Romano, Patterson and Candès, "Conformalized quantile regression" (2019).
func FitQuantileInterval(y, low, high []float64, opts BandOptions) (*Band, error) {
	level, err := opts.check()
	if err != nil {
		return nil, err
	}
	if err := checkBand(y, low, nil); err != nil {
		return nil, err
	}
	if err := checkBand(y, high, nil); err != nil {
		return nil, err
	}
	under, over := make([]float64, len(y)), make([]float64, len(y))
	for i, v := range y {
		under[i], over[i] = low[i]-v, v-high[i]
	}
	return band(under, over, level, opts.Asymmetric, false)
}

func checkBand(y, predicted, scale []float64) error {
	if len(predicted) != len(y) || scale != nil && len(scale) != len(y) {
		return fail(InvalidData, "%d answers, %d predictions and %d scales; give as many of each", len(y), len(predicted), len(scale))
	}
	for i := range y {
		switch {
		case y[i]-y[i] != 0 || predicted[i]-predicted[i] != 0:
			return failAt(i, "row %d has the answer %v and the prediction %v; both are finite numbers", i, y[i], predicted[i])
		case scale != nil && !(scale[i] > 0 && !math.IsInf(scale[i], 0)):
			return failAt(i, "the scale of row %d is %v; scales are positive and finite", i, scale[i])
		}
	}
	return nil
}

// band takes the conformal quantiles of how far the truth was outside.
func band(under, over []float64, level float64, asymmetric, scaled bool) (*Band, error) {
	b := &Band{Level: level, Rows: len(over), Scaled: scaled}
	var ok bool
	if !asymmetric {
		worst := make([]float64, len(over))
		for i := range worst {
			worst[i] = math.Max(under[i], over[i])
		}
		b.Above, ok = conformalQuantile(worst, level)
		b.Below = b.Above
	} else {
		level = (1 + level) / 2
		var both bool
		b.Above, ok = conformalQuantile(over, level)
		b.Below, both = conformalQuantile(under, level)
		ok = ok && both
	}
	if !ok {
		return nil, fail(InvalidData, "an interval of level %v needs at least %.0f rows, there are %d; take more rows or a lower level",
			b.Level, math.Ceil(level/(1-level)-1e-9), len(over))
	}
	return b, nil
}

// conformalQuantile is the ⌈(n+1) level⌉-th smallest value; false where that is
// beyond the last.
func conformalQuantile(v []float64, level float64) (float64, bool) {
	k := int(math.Ceil(float64(len(v)+1)*level - 1e-9))
	if k > len(v) {
		return 0, false
	}
	v = slices.Clone(v)
	slices.Sort(v)
	return v[max(k, 1)-1], true
}

// Interval around a prediction; scale counts for a scaled band only.
func (b *Band) Interval(predicted, scale float64) (low, high float64) {
	if !b.Scaled {
		scale = 1
	}
	return predicted - b.Below*scale, predicted + b.Above*scale
}

// QuantileInterval moves predicted quantiles; should they cross, both are the
// middle.
func (b *Band) QuantileInterval(low, high float64) (from, to float64) {
	from, to = low-b.Below, high+b.Above
	if from > to {
		from = (from + to) / 2
		to = from
	}
	return from, to
}
