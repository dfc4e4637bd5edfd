package classify_test

import (
	"fmt"

	"github.com/dangol/dangol/models/classify"
)

func Example() {
	// 400 customers: those on a monthly plan with late deliveries leave.
	late := classify.Column{Name: "late deliveries"}
	plan, left := classify.Column{Name: "plan"}, []float64{}
	for i := range 400 {
		l, p := float64(i%5), []string{"month", "year"}[i%2]
		late.Numbers, plan.Texts = append(late.Numbers, l), append(plan.Texts, p)
		gone := 0.0
		if p == "month" && l >= 2 != (i%17 == 0) {
			gone = 1
		}
		left = append(left, gone)
	}
	m, err := classify.Train([]classify.Column{late, plan}, left, classify.Options{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	who := []classify.Column{{Name: "plan", Texts: []string{"month", "year"}}, {Name: "late deliveries", Numbers: []float64{4, 4}}}
	p, err := m.Predict(who)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p[0] > 0.8, p[1] < 0.2)
	why, err := m.Explain(who)
	if err != nil {
		fmt.Println(err)
		return
	}
	for j, name := range m.Columns() {
		fmt.Println(name, "pulls the first towards leaving:", why[0].Contributions[j] > 0)
	}
	// Output:
	// true true
	// late deliveries pulls the first towards leaving: true
	// plan pulls the first towards leaving: true
}
