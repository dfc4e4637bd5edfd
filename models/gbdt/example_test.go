package gbdt_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/dangol/dangol/models/gbdt"
)

// customers invents people of whom those leave more often whose last delivery
// was late, and those who pay by invoice; the days since the last order matter
// less, and are not always known.
func customers(n int, seed uint64) (*gbdt.Data, []float64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	days, late, payment := make([]float64, n), make([]float32, n), make([]int32, n)
	left := make([]float64, n)
	for i := range n {
		days[i], late[i], payment[i] = rng.Float64()*100, float32(rng.IntN(2)), int32(rng.IntN(3))
		z := -2 + days[i]/100 + 1.5*float64(late[i])
		if payment[i] == 2 {
			z++
		}
		if rng.Float64() < 1/(1+math.Exp(-z)) {
			left[i] = 1
		}
		if rng.IntN(10) == 0 {
			days[i] = math.NaN()
		}
	}
	d, err := gbdt.NewData(
		gbdt.Float64("days", days),
		gbdt.Float32("late", late),
		gbdt.Categorical("payment", payment, []string{"card", "wallet", "invoice"}),
	)
	if err != nil {
		panic(err)
	}
	return d, left
}

// From a table to a probability and its reasons.
func ExampleTrain() {
	data, left := customers(20_000, 1)
	valid, leftToo := customers(5000, 2)
	model, err := gbdt.Train(gbdt.Set{Data: data, Labels: left}, gbdt.Options{
		Trees: 500, LearningRate: 0.05, MaxLeaves: 8,
		Monotone:   map[string]int{"days": +1},
		Validation: &gbdt.Set{Data: valid, Labels: leftToo},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	who := []float64{80, 1, 2} // 80 days, late, by invoice
	p, err := model.Predict(who)
	if err != nil {
		fmt.Println(err)
		return
	}
	reasons := make([]float64, model.Width())
	base, err := model.Explain(reasons, who)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("leaves with probability %.1f; the truth is %.2f\n", p, 1/(1+math.Exp(-1.3)))
	for i, f := range model.Features() {
		base += reasons[i]
		fmt.Printf("%-8s %+.0f\n", f.Name, reasons[i])
	}
	margin, _ := model.Margin(who)
	fmt.Println("they sum to the margin:", math.Abs(base-margin) < 1e-9)
	// Output:
	// leaves with probability 0.8; the truth is 0.79
	// days     +0
	// late     +1
	// payment  +1
	// they sum to the margin: true
}

// A model is saved as JSON and read again; predictions do not change by a bit.
func ExampleRead() {
	data, left := customers(1000, 3)
	model, err := gbdt.Train(gbdt.Set{Data: data, Labels: left}, gbdt.Options{Trees: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := json.Marshal(model)
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := gbdt.Read(bytes.NewReader(text))
	if err != nil {
		fmt.Println(err)
		return
	}
	a, _ := model.Predict([]float64{math.NaN(), 1, 0})
	b, _ := again.Predict([]float64{math.NaN(), 1, 0})
	fmt.Println(a == b)
	// Output: true
}

// Where another model knows something already, here the exposure of each row,
// its margin is the offset.
func ExampleSet() {
	rng := rand.New(rand.NewPCG(4, 4))
	n := 20_000
	x, exposure, orders := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		x[i] = float64(rng.IntN(2))
		weeks := 1 + rng.IntN(50)
		exposure[i] = math.Log(float64(weeks))
		for range weeks {
			if rng.Float64() < 0.05+0.1*x[i] {
				orders[i]++
			}
		}
	}
	data, err := gbdt.NewData(gbdt.Float64("x", x))
	if err != nil {
		fmt.Println(err)
		return
	}
	model, err := gbdt.Train(gbdt.Set{Data: data, Labels: orders, Offset: exposure}, gbdt.Options{Objective: gbdt.Poisson})
	if err != nil {
		fmt.Println(err)
		return
	}
	margin, _ := model.Margin([]float64{1})
	fmt.Printf("orders a week: %.2f, in ten weeks: %.1f\n", model.Response(margin), model.Response(margin+math.Log(10)))
	// Output: orders a week: 0.15, in ten weeks: 1.5
}
