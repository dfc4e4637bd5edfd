package glm_test

import (
	"fmt"
	"math"

	"github.com/dangol/dangol/models/glm"
)

// deliveries is a small table: how customers were served, and who left.
func deliveries() (table []glm.Column, left []float64) {
	market, late := make([]string, 240), make([]float64, 240)
	left = make([]float64, 240)
	for i := range market {
		market[i] = []string{"Korea", "Thailand", "Thailand"}[i%3]
		late[i] = float64(i % 4)
		// More late parcels, more leave.
		if i%20 < int(2+4*late[i]) {
			left[i] = 1
		}
	}
	late[7] = math.NaN() // one was not recorded
	return []glm.Column{{Name: "market", Texts: market}, {Name: "late parcels", Numbers: late}}, left
}

// From a table with words and holes to odds.
func ExampleFit() {
	table, left := deliveries()
	design, err := glm.NewDesign(table, glm.DesignOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	in, err := design.Encode(table)
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := glm.Fit(glm.Logistic, glm.Data{X: in.X, Y: left, Names: in.Names}, glm.Options{Ridge: 0.1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range f.Coefficients[1:3] {
		odds, low, high := c.Ratio()
		fmt.Printf("%s: odds × %.2f (%.2f to %.2f)\n", c.Name, odds, low, high)
	}
	new, err := design.Encode([]glm.Column{{Name: "market", Texts: []string{"Laos"}}, {Name: "late parcels", Numbers: []float64{3}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := f.Predict(new.X, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("somebody in a market never seen, three late parcels: %.2f\n", p[0])
	// Output:
	// market=Korea: odds × 1.01 (0.57 to 1.79)
	// late parcels: odds × 1.67 (1.30 to 2.14)
	// somebody in a market never seen, three late parcels: 0.58
}

// A sparse model whose penalty is chosen on rows that it had not seen.
func ExampleCrossValidate() {
	table, left := deliveries()
	noise := make([]float64, len(left))
	for i := range noise {
		noise[i] = math.Sin(float64(i * i))
	}
	design, err := glm.NewDesign(append(table, glm.Column{Name: "noise", Numbers: noise}), glm.DesignOptions{MinCount: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	in, err := design.Encode(append(table, glm.Column{Name: "noise", Numbers: noise}))
	if err != nil {
		fmt.Println(err)
		return
	}
	choice, err := glm.CrossValidate(glm.Logistic, glm.Data{X: in.X, Y: left, Names: in.Names}, glm.CrossOptions{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range choice.At(choice.Simple).Coefficients[1:] {
		if c.Value != 0 {
			fmt.Printf("%s counts\n", c.Name)
		}
	}
	// Output:
	// late parcels counts
}
