package btyd_test

import (
	"fmt"
	"math"
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

// What is known of customers changes what is expected of them.
func ExampleFitCovariates() {
	rng := rand.New(rand.NewPCG(3, 4))
	var customers []btyd.Described
	for i := range 3000 {
		// Those whom a friend sent order twice as often.
		sent := float64(i % 2)
		p := btyd.Process{Model: btyd.MBGNBD, Params: [4]float64{0.8, 60 / (1 + sent), 0.9, 3}}
		h := btyd.Pattern{T: 300, N: 1}
		for _, at := range p.Simulate(rng, h.T) {
			h.X++
			h.Tx = at
		}
		customers = append(customers, btyd.Described{Pattern: h, Ordering: []float64{sent}})
	}
	f, err := btyd.FitCovariates(btyd.MBGNBD, customers, btyd.CovariateOptions{Ordering: []string{"sent by a friend"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	e := f.Ordering[0]
	fmt.Printf("%s: orders come %.2f times as often (%.2f to %.2f)\n", e.Name, math.Exp(e.Value), math.Exp(e.Low), math.Exp(e.High))
	for _, sent := range []float64{0, 1} {
		p, err := f.For([]float64{sent}, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%.1f orders of a new customer in a year\n", p.Expected(365))
	}
	// Output:
	// sent by a friend: orders come 1.82 times as often (1.62 to 2.05)
	// 2.3 orders of a new customer in a year
	// 3.4 orders of a new customer in a year
}

// A market of 60 customers learns from nine others.
func ExampleFitSegments() {
	rng := rand.New(rand.NewPCG(6, 1))
	var markets []btyd.Segment
	for i := range 10 {
		truth := btyd.Process{Model: btyd.MBGNBD, Params: [4]float64{0.8, 40 + 3*float64(i), 0.9, 3}}
		m := btyd.Segment{Name: fmt.Sprintf("market %d", i)}
		for range []int{60, 600}[min(i, 1)] {
			h := btyd.Pattern{T: 300, N: 1}
			for _, at := range truth.Simulate(rng, h.T) {
				h.X++
				h.Tx = at
			}
			m.Patterns = append(m.Patterns, h)
		}
		markets = append(markets, m)
	}
	f, err := btyd.FitSegments(btyd.MBGNBD, markets, btyd.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range f.Segments[:2] {
		fmt.Printf("%s, %.0f customers: %.1f orders of a new one in a year; %.0f %% borrowed\n", s.Name, s.Customers, s.Expected(365), 100*s.Borrowed)
	}
	// Output:
	// market 0, 60 customers: 2.6 orders of a new one in a year; 84 % borrowed
	// market 1, 600 customers: 2.7 orders of a new one in a year; 46 % borrowed
}

// How sure the forecast of a year is.
func ExampleFitted_Bootstrap() {
	truth := btyd.Process{Model: btyd.MBGNBD, Params: [4]float64{0.8, 40, 0.9, 2.5}}
	rng := rand.New(rand.NewPCG(1, 2))
	var customers []btyd.Pattern
	for range 500 {
		h := btyd.Pattern{T: 300, N: 1}
		for _, at := range truth.Simulate(rng, h.T) {
			h.X++
			h.Tx = at
		}
		customers = append(customers, h)
	}
	f, err := btyd.Fit(btyd.MBGNBD, customers, btyd.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := f.Bootstrap(customers, 50, 1, btyd.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	year := func(p btyd.Process) float64 { return p.Expected(365) }
	low, high := btyd.Percentiles(again, 0.9, year)
	fmt.Printf("%.2f orders of a new customer in a year (%.2f to %.2f), in truth %.2f\n", year(f.Process), low, high, year(truth))
	// Output:
	// 2.57 orders of a new customer in a year (2.24 to 2.86), in truth 2.62
}
