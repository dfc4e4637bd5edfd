package experiment_test

import (
	"fmt"

	"github.com/dangol/dangol/models/experiment"
)

// A game moved a gate from level 30 to level 40: how many still play after a
// week? Sizes first, then the difference.
func Example() {
	control, treated := experiment.Proportion(44700, 8502), experiment.Proportion(45489, 8279)
	ratio, err := experiment.SampleRatio([]int{control.N(), treated.N()}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := experiment.Compare(control, treated, experiment.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	belief, err := experiment.Believe(c.Absolute, nil, 0, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("split %s, p %.4f\n", ratio.Verdict, ratio.P)
	fmt.Printf("%+.4f (%+.4f to %+.4f), p %.4f\n", c.Absolute.Value, c.Absolute.Low, c.Absolute.High, c.Absolute.P)
	fmt.Printf("relative %+.1f %%, chance to win %.4f\n", 100*c.Relative.Value, belief.Chance)
	// Output:
	// split doubtful, p 0.0086
	// -0.0082 (-0.0133 to -0.0031), p 0.0016
	// relative -4.3 %, chance to win 0.0008
}

// How many people does a trial need?
func ExamplePlan() {
	plan := experiment.Plan{Mean: 0.10, YesNo: true}
	n, err := plan.Units(0.01)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(n, "people, to see 11 % instead of 10 %")
	effect, err := plan.Detectable(5000)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("5000 people show a rise of %.3f\n", effect)
	// Output:
	// 29497 people, to see 11 % instead of 10 %
	// 5000 people show a rise of 0.025
}

// What was known before takes noise away.
func ExampleMeasure() {
	before := []float64{10, 40, 20, 30, 10, 40, 20, 30}
	after := []float64{11, 42, 21, 30, 13, 43, 24, 33}
	arm := func(from, to int) experiment.Arm {
		a, err := experiment.Measure(experiment.Values{Outcome: after[from:to], Covariate: before[from:to]})
		if err != nil {
			fmt.Println(err)
		}
		return a
	}
	c, err := experiment.Compare(arm(0, 4), arm(4, 8), experiment.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+.2f (%+.2f to %+.2f), variance less by %.1f %%\n", c.Absolute.Value, c.Absolute.Low, c.Absolute.High, 100*c.Reduction)
	// Output:
	// +2.25 (+1.04 to +3.46), variance less by 99.7 %
}
