package btyd_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/dangol/dangol/models/btyd"
)

// A customer who ordered twice more, the last time 213 days after the first
// order, seen 272 days after it, under the published Pareto/NBD parameters of
// CDNOW (in weeks .553 10.578 .606 11.669, here in days).
func ExampleProcess() {
	p, err := btyd.New(btyd.ParetoNBD, [4]float64{.553, 10.578 * 7, .606, 11.669 * 7})
	if err != nil {
		fmt.Println(err)
		return
	}
	customer := btyd.Pattern{X: 2, Tx: 213, T: 272}
	fmt.Printf("still a customer: %.3f\n", p.PAlive(customer))
	fmt.Printf("orders nothing in 90 days: %.3f\n", p.ProbNoPurchase(customer, 90))
	fmt.Printf("orders in 12 months: %.2f\n", p.ConditionalExpected(customer, 365.25))
	low, high := p.Interval(customer, 365.25, 0.8)
	fmt.Printf("with 80 %% probability between %d and %d\n", low, high)
	next := p.NextPurchase(customer)
	fmt.Printf("never again: %.3f, otherwise within %.0f days as likely as not\n", next.Never, next.MedianIfAny)
	// Output:
	// still a customer: 0.869
	// orders nothing in 90 days: 0.636
	// orders in 12 months: 1.86
	// with 80 % probability between 0 and 5
	// never again: 0.295, otherwise within 85 days as likely as not
}

// From the days on which people ordered to a fitted model.
func ExampleFit() {
	truth := btyd.Process{Model: btyd.MBGNBD, Params: [4]float64{0.8, 40, 0.9, 2.5}}
	rng := rand.New(rand.NewPCG(1, 2))
	var customers []btyd.Pattern
	for range 5000 {
		days := []int32{int32(rng.IntN(200))}
		for _, at := range truth.Simulate(rng, 500) {
			if day := days[0] + int32(at) + 1; day > days[len(days)-1] {
				days = append(days, day)
			}
		}
		if c, ok := btyd.Summarise(days, 400); ok {
			customers = append(customers, c)
		}
	}
	patterns, _ := btyd.Group(customers)
	f, err := btyd.Fit(btyd.MBGNBD, patterns, btyd.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range f.Parameters(btyd.Week) {
		fmt.Printf("%-5s %.2f (%.2f to %.2f)\n", p.Name, p.Value, p.Low, p.High)
	}
	fmt.Println("supported:", f.Supported())
	// Output:
	// r     0.87 (0.75 to 1.00)
	// alpha 6.36 (5.63 to 7.19)
	// a     0.83 (0.71 to 0.98)
	// b     2.29 (1.75 to 3.00)
	// supported: true
}

// What a customer is worth: orders times amount, discounted.
func ExampleSpend() {
	orders := btyd.Process{Model: btyd.ParetoNBD, Params: [4]float64{.553, 10.578 * 7, .606, 11.669 * 7}}
	spend := btyd.Spend{P: 6.25, Q: 3.74, V: 15.44}
	customer := btyd.Pattern{X: 2, Tx: 213, T: 272}
	mean, _ := spend.ConditionalMean(2, 22.35)
	value := orders.DiscountedExpected(customer, 365.25, 0.10) * mean
	low, high := btyd.ValueInterval(orders, spend, customer, btyd.SpendPattern{X: 2, Mean: 22.35}, 365.25, 0.8)
	fmt.Printf("next order %.2f, 12 months %.2f, probably between %.0f and %.0f\n", mean, value, low, high)
	// Output:
	// next order 24.66, 12 months 43.81, probably between 0 and 123
}

// The model that would have predicted best.
func ExampleChoose() {
	truth := btyd.Process{Model: btyd.MBGNBD, Params: [4]float64{0.8, 30, 1.2, 2}}
	rng := rand.New(rand.NewPCG(5, 6))
	var logs [][]int32
	for range 4000 {
		days := []int32{int32(rng.IntN(150))}
		for _, at := range truth.Simulate(rng, 500) {
			if day := days[0] + int32(at) + 1; day > days[len(days)-1] {
				days = append(days, day)
			}
		}
		logs = append(logs, days)
	}
	choice, err := btyd.Choose(btyd.Split(logs, 250, 430), btyd.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	best := choice.Candidates[choice.Best]
	fmt.Printf("%s: %.0f orders expected, %.0f came\n", best.Model, best.Backtest.Expected, best.Backtest.Actual)
	// Output:
	// mbgnbd: 2490 orders expected, 2527 came
}
