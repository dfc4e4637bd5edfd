package experiment

import (
	"errors"
	"math"
	"testing"
)

func TestErrors(t *testing.T) {
	arm := Mean(100, 50, 60)
	skew := Arm{}
	for name, c := range map[string]struct {
		run  func() error
		want Reason
	}{
		"few":      {func() error { _, err := Compare(Mean(1, 1, 1), arm, Options{}); return err }, TooFew},
		"level":    {func() error { _, err := Compare(arm, arm, Options{Level: 2}); return err }, InvalidOption},
		"expected": {func() error { _, err := Compare(arm, arm, Options{Expected: -1}); return err }, InvalidOption},
		"sums":     {func() error { _, err := Compare(Mean(100, 50, 5), arm, Options{}); return err }, InvalidData},
		"constant": {func() error { _, err := Compare(Mean(100, 50, 25), Mean(9, 4.5, 2.25), Options{}); return err }, NoVariation},
		"all yes":  {func() error { _, err := PooledZ(Proportion(9, 9), Proportion(7, 7)); return err }, NoVariation},
		"too yes":  {func() error { _, err := Compare(Proportion(9, 12), arm, Options{}); return err }, InvalidData},
		"amounts":  {func() error { _, err := PooledZ(arm, arm); return err }, InvalidData},
		"strata":   {func() error { _, err := CompareStrata([]Arm{arm}, nil, Options{}); return err }, InvalidData},
		"unlike":   {func() error { _, err := Compare(Sums{N: 9, Ratio: true}.Arm(), arm, Options{}); return err }, InvalidData},
		"no ratio": {func() error {
			_, err := Compare(Sums{N: 9, Ratio: true}.Arm(), Sums{N: 9, Ratio: true}.Arm(), Options{})
			return err
		}, InvalidData},
		"nan":     {func() error { _, err := Measure(Values{Outcome: []float64{1, math.NaN()}}); return err }, InvalidData},
		"lengths": {func() error { _, err := Measure(Values{Outcome: []float64{1}, Covariate: []float64{1, 2}}); return err }, InvalidData},
		"half":    {func() error { _, err := Measure(Values{Outcome: []float64{1}, CovariatePer: []float64{1}}); return err }, InvalidData},
		"half two": {func() error {
			_, err := Measure(Values{Outcome: []float64{1}, Per: []float64{1}, Covariate: []float64{1}})
			return err
		}, InvalidData},
		"one arm":  {func() error { _, err := SampleRatio([]int{3}, nil); return err }, InvalidData},
		"negative": {func() error { _, err := SampleRatio([]int{3, -1}, nil); return err }, InvalidData},
		"nobody":   {func() error { _, err := SampleRatio([]int{0, 0}, nil); return err }, TooFew},
		"share":    {func() error { _, err := SampleRatio([]int{3, 1}, []float64{1, 0}); return err }, InvalidData},
		"prior":    {func() error { _, err := Believe(Estimate{Value: 1, SE: 1}, &Prior{}, 0, false); return err }, InvalidOption},
		"estimate": {func() error { _, err := Believe(Estimate{Value: 1}, nil, 0, false); return err }, InvalidData},
		"effect":   {func() error { _, err := Plan{SD: 1}.Units(0); return err }, InvalidOption},
		"beyond":   {func() error { _, err := Plan{Mean: .9, YesNo: true}.Units(.2); return err }, InvalidOption},
		"sd":       {func() error { _, err := Plan{}.Units(1); return err }, InvalidOption},
		"power":    {func() error { _, err := Plan{SD: 1, Power: .01}.Units(1); return err }, InvalidOption},
		"units":    {func() error { _, err := Plan{SD: 1}.Detectable(2); return err }, TooFew},
		"tiny":     {func() error { _, err := Plan{SD: 1}.Units(1e-9); return err }, TooFew},
		"empty":    {func() error { _, err := Compare(skew, skew, Options{}); return err }, TooFew},
	} {
		err := c.run()
		var known *Error
		if !errors.As(err, &known) || known.Reason != c.want {
			t.Errorf("%s: %v, want reason %s", name, err, c.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	has := func(c *Comparison, want Reason) {
		t.Helper()
		for _, w := range c.Warnings {
			if w.Reason == want {
				return
			}
		}
		t.Errorf("no warning %s in %v", want, c.Warnings)
	}
	has(compared(t, Proportion(1000, 3), Proportion(1000, 12), Options{}), FewEvents)
	has(compared(t, Mean(100, 1, 400), Mean(100, 50, 400), Options{}), SmallBase)
	flat, err := Measure(Values{Outcome: []float64{1, 2, 3, 4}, Covariate: []float64{5, 5, 5, 5}})
	if err != nil {
		t.Fatal(err)
	}
	has(compared(t, flat, flat, Options{}), NoCovariate)
	list := []Arm{Proportion(50, 20), Proportion(1, 1), Proportion(60, 30)}
	c, err := CompareStrata(list, []Arm{Proportion(50, 25), {}, Proportion(60, 40)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	has(c, Merged)
	zero := compared(t, Mean(10, 0, 4), Mean(10, 1, 4), Options{})
	if zero.Relative != nil {
		t.Error("a share of nothing")
	}
	if EnoughFor([]float64{1, 1}) != 0 || EnoughFor([]float64{0, 0, 0, 0, 0, 0, 0, 0, 0, 9}) != 2525 {
		t.Errorf("enough is %d", EnoughFor([]float64{0, 0, 0, 0, 0, 0, 0, 0, 0, 9}))
	}
}
