package uplift

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Policy is what a rule who to treat is worth a person.
type Policy struct {
	Share float64 `json:"share"` // whom it treats
	// Value is the mean outcome a person under the rule, less the cost of its
	// treatments.
	Value Interval `json:"value"`
	// OverNone and OverAll are the differences to treating nobody and
	// everybody, over the same people.
	OverNone Interval `json:"over_none"`
	OverAll  Interval `json:"over_all"`
}

// PolicyValue estimates the worth of treating exactly those of treat, by
// inverse propensity: with w = 1/P(the treatment a person got) for those whose
// treatment was the rule's and 0 for others, the value is Σwy/Σw - cost·share
// (Hájek), and intervals are those of its linearisation. The rule must not have
// been learnt from these outcomes.
func PolicyValue(t Trial, treat []bool, cost, level float64) (*Policy, error) {
	if err := checkLevel(&level); err != nil {
		return nil, err
	}
	_, share, err := t.check()
	if err != nil {
		return nil, err
	}
	if len(treat) != len(t.Outcome) {
		return nil, fail(InvalidData, "the rule says of %d rows whether to treat them, but there are %d", len(treat), len(t.Outcome))
	}
	if !finite(cost) {
		return nil, fail(InvalidOption, "the cost of a treatment is %v; give a number", cost)
	}
	chance := func(i int) float64 {
		if t.Propensity != nil {
			return t.Propensity[i]
		}
		return share
	}
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	n := len(treat)
	value := func(rule func(i int) bool) (float64, []float64) {
		return hajek(&t, chance, rule, cost)
	}
	v, of := value(func(i int) bool { return treat[i] })
	none, ofNone := value(func(int) bool { return false })
	all, ofAll := value(func(int) bool { return true })
	if math.IsNaN(v) {
		return nil, fail(TooFew, "nobody got the treatment that the rule gives them, so its value cannot be told")
	}
	p := &Policy{}
	for _, is := range treat {
		p.Share += float64(arm(is)) / float64(n)
	}
	interval := func(value float64, minus []float64) Interval {
		square := 0.0
		for i, f := range of {
			if minus != nil {
				f -= minus[i]
			}
			square += f * f
		}
		half := z * math.Sqrt(square) / float64(n)
		return Interval{value, value - half, value + half}
	}
	p.Value, p.OverNone, p.OverAll = interval(v, nil), interval(v-none, ofNone), interval(v-all, ofAll)
	return p, nil
}

// hajek is the value of a rule with the influence of each row on it.
func hajek(t *Trial, chance func(i int) float64, rule func(i int) bool, cost float64) (float64, []float64) {
	n := len(t.Outcome)
	w, of := make([]float64, n), make([]float64, n)
	sum, total, share := 0.0, 0.0, 0.0
	for i, y := range t.Outcome {
		e := chance(i)
		if !t.Treated[i] {
			e = 1 - e
		}
		if rule(i) {
			share += 1 / float64(n)
		}
		if rule(i) == t.Treated[i] {
			w[i] = 1 / e
			sum += w[i]
			total += w[i] * y
		}
	}
	mean := total / sum
	for i, y := range t.Outcome {
		of[i] = w[i] * (y - mean) * float64(n) / sum
		if rule(i) {
			of[i] -= cost
		}
		of[i] += cost * share
	}
	return mean - cost*share, of
}
