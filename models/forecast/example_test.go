package forecast_test

import (
	"fmt"
	"math"
	"time"

	"github.com/dangol/dangol/models/forecast"
)

// orders by day: a week, a slope, a little noise that is always the same.
func orders(days int) forecast.Series {
	s := forecast.Series{Start: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), Step: forecast.Day, Kind: forecast.Count}
	for i := range days {
		noise := math.Mod(float64(i)*0.6180339887, 1) - 0.5
		s.Values = append(s.Values, math.Round(100+0.1*float64(i)+[]float64{0, 5, 10, 5, 30, -20, -40}[i%7]+12*noise))
	}
	return s
}

func ExampleMake() {
	f, err := forecast.Make(orders(120), forecast.Options{Horizon: 7})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range f.Points[4:6] {
		fmt.Printf("%s: %.0f, between %.0f and %.0f\n", p.Date.Format(time.DateOnly), p.Mean, p.Low, p.High)
	}
	// Output:
	// 2024-05-04: 91, between 86 and 97
	// 2024-05-05: 73, between 68 and 79
}

func ExampleFindChanges() {
	s := orders(120)
	for i := range s.Values {
		s.Values[i] -= 0.1 * float64(i) // no slope here
		if i >= 80 {
			s.Values[i] -= 25
		}
	}
	c, err := forecast.FindChanges(s.Values, forecast.ChangeOptions{Season: 7})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, change := range c.Changes {
		fmt.Printf("%s: %.0f orders a day, p = %.3f\n", s.Date(change.Index).Format(time.DateOnly), change.Size, change.P)
	}
	// Output:
	// 2024-03-21: -25 orders a day, p = 0.001
}

func ExampleWatch() {
	d, err := forecast.Watch(orders(120), forecast.WatchOptions{PerYear: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := d.Check(30)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %.0f orders, %.0f expected; alarm: %t\n", a.Date.Format(time.DateOnly), a.Value, a.Expected, a.Alarm)
	// Output:
	// 2024-04-30: 30 orders, 118 expected; alarm: true
}
