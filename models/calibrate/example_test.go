package calibrate_test

import (
	"fmt"
	"math"

	"github.com/dangol/dangol/models/calibrate"
)

// scored are a model's overconfident probabilities and what came of them.
func scored() (p, left []float64) {
	for i := range 2000 {
		eta := 4 * (float64(i%100)/100 - 0.5)
		p = append(p, 1/(1+math.Exp(-2*eta)))
		answer := 0.0
		if float64(i*7919%2000)/2000 < 1/(1+math.Exp(-eta)) {
			answer = 1
		}
		left = append(left, answer)
	}
	return p, left
}

// Probabilities that mean what they say.
func ExampleChoose() {
	p, left := scored()
	m, err := calibrate.Choose(p, left, calibrate.Options{}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: the model says 0.95, it is %.2f\n", m.Method, m.Apply(0.95))
	// Output:
	// sigmoid: the model says 0.95, it is 0.81
}

func ExampleMeasure() {
	p, left := scored()
	m, err := calibrate.Measure(p, left)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("AUC %.3f (%.3f to %.3f), ECE %.3f, slope %.2f: too sure of itself\n", m.AUC.Value, m.AUC.Low, m.AUC.High, m.ECE, m.Slope)
	// Output:
	// AUC 0.782 (0.761 to 0.801), ECE 0.114, slope 0.50: too sure of itself
}

// A churn probability with its interval.
func ExampleFitVennAbers() {
	p, left := scored()
	v, err := calibrate.FitVennAbers(p, left)
	if err != nil {
		fmt.Println(err)
		return
	}
	probability, low, high := v.Interval(0.95)
	fmt.Printf("%.2f, between %.2f and %.2f\n", probability, low, high)
	// Output:
	// 0.79, between 0.79 and 0.80
}

// An interval for an amount that holds without assumptions.
func ExampleFitInterval() {
	var came, predicted []float64
	for i := range 500 {
		predicted = append(predicted, float64(i%50))
		came = append(came, float64(i%50)+float64(i*37%101)/10-5)
	}
	b, err := calibrate.FitInterval(came, predicted, nil, calibrate.BandOptions{Level: 0.9})
	if err != nil {
		fmt.Println(err)
		return
	}
	low, high := b.Interval(20, 1)
	fmt.Printf("nine times of ten between %.1f and %.1f\n", low, high)
	// Output:
	// nine times of ten between 15.4 and 24.6
}
