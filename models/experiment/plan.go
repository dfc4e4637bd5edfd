package experiment

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Plan of a trial of two arms.
type Plan struct {
	// Mean of the outcome without the treatment, and its standard deviation in
	// both arms. Of a yes or no Mean is the share of yes, and SD is not read.
	Mean, SD float64
	YesNo    bool
	// Share of the units that is treated; 0 means one half.
	Share float64
	// Power is the chance to see the effect; 0 means 0.8.
	Power float64
	Level float64 // 0 means 0.95
	// Reduction is the share of the variance that a covariate takes off.
	Reduction float64
	// Comparisons that are corrected for, as several treated arms; 0 means 1.
	Comparisons int
	// Sequential: the trial is looked at all the time, with intervals narrowest
	// at Expected units (0 means 5000). Power is then that of the last look.
	Sequential bool
	Expected   int
}

// mostUnits is where a search ends.
const mostUnits = 1e12

func (p *Plan) check() error {
	o := Options{Level: p.Level, Expected: p.Expected}
	if err := o.check(); err != nil {
		return err
	}
	p.Level, p.Expected = o.Level, o.Expected
	if p.Share == 0 {
		p.Share = 0.5
	}
	if p.Power == 0 {
		p.Power = 0.8
	}
	if p.Comparisons == 0 {
		p.Comparisons = 1
	}
	switch {
	case !finite(p.Mean) || p.YesNo && !(p.Mean > 0 && p.Mean < 1):
		return fail(InvalidOption, "the mean without treatment is %v; a share of yes lies between 0 and 1", p.Mean)
	case !p.YesNo && (!(p.SD > 0) || math.IsInf(p.SD, 0)):
		return fail(InvalidOption, "the standard deviation is %v; give a number above 0, as seen in past data", p.SD)
	case !(p.Share > 0 && p.Share < 1):
		return fail(InvalidOption, "the share of the treated is %v; it lies between 0 and 1", p.Share)
	case !(p.Power > 1-p.Level && p.Power < 1):
		return fail(InvalidOption, "the power is %v; it lies between %.3g, the rate of false alarms, and 1", p.Power, 1-p.Level)
	case !(p.Reduction >= 0 && p.Reduction < 1):
		return fail(InvalidOption, "the reduction of the variance is %v; it is a share from 0 to below 1", p.Reduction)
	case p.Comparisons < 1:
		return fail(InvalidOption, "there are %d comparisons; give a number from 1 up", p.Comparisons)
	}
	return nil
}

// chance to see an effect with n units, both arms together.
func (p *Plan) chance(n, effect float64) float64 {
	control, treated := p.SD*p.SD, p.SD*p.SD
	if p.YesNo {
		other := p.Mean + effect
		control, treated = p.Mean*(1-p.Mean), other*(1-other)
	}
	se := math.Sqrt((control/(1-p.Share) + treated/p.Share) / n * (1 - p.Reduction))
	alpha := (1 - p.Level) / float64(p.Comparisons)
	needed := distuv.UnitNormal.Quantile(1 - alpha/2)
	if p.Sequential {
		needed, _ = sequence(0, n, alpha, float64(p.Expected))
	}
	z := math.Abs(effect) / se
	return distuv.UnitNormal.CDF(z-needed) + distuv.UnitNormal.CDF(-z-needed)
}

// Units is how many units are needed, both arms together, to see an effect (in
// units of the outcome) with the plan's power, by a two-sided test.
func (p Plan) Units(effect float64) (int, error) {
	if err := p.check(); err != nil {
		return 0, err
	}
	if !finite(effect) || effect == 0 {
		return 0, fail(InvalidOption, "an effect of %v needs no trial; give the smallest one that would matter", effect)
	}
	if other := p.Mean + effect; p.YesNo && !(other > 0 && other < 1) {
		return 0, fail(InvalidOption, "a share of %v with an effect of %v would be %v; shares lie between 0 and 1", p.Mean, effect, other)
	}
	low, high := 4.0, 8.0
	for p.chance(high, effect) < p.Power {
		if low, high = high, 2*high; high > mostUnits {
			return 0, fail(TooFew, "an effect of %v would need more than a million million units; give a larger one", effect)
		}
	}
	for high-low > 1 {
		if middle := math.Floor((low + high) / 2); p.chance(middle, effect) < p.Power {
			low = middle
		} else {
			high = middle
		}
	}
	return int(high), nil
}

// Detectable is the smallest rise of the outcome that n units, both arms
// together, show with the plan's power.
func (p Plan) Detectable(n int) (float64, error) {
	if err := p.check(); err != nil {
		return 0, err
	}
	if n < 4 {
		return 0, fail(TooFew, "%d units make no trial; give four or more", n)
	}
	top := 1e3 * p.SD
	if p.YesNo {
		top = (1 - p.Mean) * (1 - 1e-9)
	}
	if p.chance(float64(n), top) < p.Power {
		return 0, fail(TooFew, "with %d units not even the largest effect would be seen with a chance of %v; more are needed", n, p.Power)
	}
	low, high := 0.0, top
	for range 200 {
		if middle := (low + high) / 2; p.chance(float64(n), middle) < p.Power {
			low = middle
		} else {
			high = middle
		}
	}
	return high, nil
}
