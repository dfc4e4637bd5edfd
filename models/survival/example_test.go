package survival_test

import (
	"fmt"
	"math"

	"github.com/dangol/dangol/models/glm"
	"github.com/dangol/dangol/models/survival"
)

// subscribers are months under contract, who left, and whether the first
// delivery came late.
func subscribers() (survival.Times, survival.Columns) {
	var times survival.Times
	late := make([]float64, 0, 400)
	for i := range 400 {
		u := (float64(i*197%400) + 0.5) / 400
		pace := 20.0
		late = append(late, float64(i%4/3))
		if i%4 == 3 {
			pace = 9
		}
		life := math.Ceil(pace * math.Pow(-math.Log(u), 0.8))
		times.Time = append(times.Time, math.Min(life, 24))
		times.Event = append(times.Event, life <= 24)
	}
	return times, survival.Columns{X: [][]float64{late}, Names: []string{"first delivery late"}}
}

func ExampleKaplanMeier() {
	times, _ := subscribers()
	curve, err := survival.KaplanMeier(times, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, low, high := curve.Survival(12)
	median, err := curve.Quantile(0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("there after a year: %.2f (%.2f to %.2f); half have left after %.0f months\n", s, low, high, median.Time)
	// Output:
	// there after a year: 0.50 (0.45 to 0.55); half have left after 12 months
}

func ExampleFitCox() {
	times, columns := subscribers()
	f, err := survival.FitCox(columns, times, survival.CoxOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ratio, low, high := f.Coefficients[0].Ratio()
	fmt.Printf("%s: hazard × %.2f (%.2f to %.2f)\n", f.Coefficients[0].Name, ratio, low, high)
	for _, late := range []float64{0, 1} {
		s, err := f.Survival([]float64{late}, 0, 12)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("late %v: %.2f are there after a year\n", late, s)
	}
	// Output:
	// first delivery late: hazard × 2.78 (2.17 to 3.55)
	// late 0: 0.59 are there after a year
	// late 1: 0.23 are there after a year
}

// How long, beyond what was seen.
func ExampleFitLifetime() {
	times, columns := subscribers()
	f, err := survival.FitLifetime(survival.Weibull, columns, times, survival.LifetimeOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, late := range []float64{0, 1} {
		q, err := f.Quantile([]float64{late}, 0.8)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("late %v: four of five have left after %.0f months (%.0f to %.0f)\n", late, q.Value, q.Low, q.High)
	}
	// Output:
	// late 0: four of five have left after 29 months (26 to 32)
	// late 1: four of five have left after 13 months (12 to 16)
}

// The chance to leave month by month, from a table with words.
func ExampleFitHazard() {
	times, columns := subscribers()
	plan := make([]string, len(times.Time))
	for i, v := range columns.X[0] {
		plan[i] = []string{"on time", "late"}[int(v)]
	}
	table := []glm.Column{{Name: "first delivery", Texts: plan}}
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
	h, err := survival.FitHazard(survival.Columns{X: in.X, Names: in.Names}, times, survival.HazardOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := h.At([]float64{1}, 6)
	if err != nil {
		fmt.Println(err)
		return
	}
	stays, err := h.SurvivalGiven([]float64{1}, 6, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, sixth month: %.3f leave; of those there, %.2f stay three more\n", in.Names[0], p, stays)
	// Output:
	// first delivery=late, sixth month: 0.128 leave; of those there, 0.67 stay three more
}

// From counts alone: 1,000 customers, and how many were there after each year.
func ExampleFitContract() {
	cohort, err := survival.CohortOf(1000, 869, 743, 653, 593, 551)
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := survival.FitContract(survival.BetaWeibull, []survival.Cohort{cohort}, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	e := f.SurvivalInterval(12)
	fmt.Printf("there after 12 years: %.3f (%.3f to %.3f); it was 0.394\n", e.Value, e.Low, e.High)
	worth, err := f.DERL(5, 0.1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("a customer of five years is worth %.1f yearly fees still\n", worth)
	// Output:
	// there after 12 years: 0.400 (0.352 to 0.447); it was 0.394
	// a customer of five years is worth 7.8 yearly fees still
}
