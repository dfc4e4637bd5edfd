package uplift_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/dangol/dangol/models/glm"
	"github.com/dangol/dangol/models/uplift"
)

// A mail that brings visits of those who bought lately, and drives others away.
func ExampleChoose() {
	random := rand.New(rand.NewPCG(1, 2))
	weeks, trial := make([]float64, 4000), uplift.Trial{Planned: 0.5}
	for i := range weeks {
		weeks[i] = float64(random.IntN(20))
		mailed, chance, visit := random.IntN(2) == 1, 0.3, 0.0
		if mailed {
			chance += 0.2 - 0.02*weeks[i]
		}
		if random.Float64() < chance {
			visit = 1
		}
		trial.Treated, trial.Outcome = append(trial.Treated, mailed), append(trial.Outcome, visit)
	}
	trial.Table = []glm.Column{{Name: "weeks since order", Numbers: weeks}}

	choice, err := uplift.Choose(trial, uplift.Options{Seed: 1, Replicates: 100, Learners: []uplift.Learner{uplift.TLearner, uplift.DRLearner}})
	if err != nil {
		fmt.Println(err)
		return
	}
	effects, _ := choice.Model.Predict([]glm.Column{{Name: "weeks since order", Numbers: []float64{0, 19}}})
	fmt.Println(choice.Verdict)
	fmt.Printf("after 0 weeks %+.1f, after 19 weeks %+.1f\n", effects[0], effects[1])
	// Output:
	// targetable effect
	// after 0 weeks +0.2, after 19 weeks -0.1
}

// Two vouchers, three people, a budget of 10.
func ExampleAllocate() {
	a, err := uplift.Allocate(uplift.Offers{
		Cost:  [][]float64{{3, 8}, {3, 8}, {3, 8}},
		Value: [][]float64{{4, 11}, {2, 3}, {-1, 5}},
	}, 10, uplift.AllocateOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Offer, a.Cost, a.Value, a.Optimal)
	// Output:
	// [1 -1 -1] 8 11 true
}
