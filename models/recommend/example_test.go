package recommend_test

import (
	"fmt"
	"strconv"

	"github.com/dangol/dangol/models/recommend"
)

// bakery sells bread to everybody, and cheese with wine to every second one.
func bakery() *recommend.Interactions {
	var b recommend.Builder
	for u := range 60 {
		user := "customer " + strconv.Itoa(u)
		for visit := range 3 {
			day := int32(7*visit + u%7)
			items := []string{"bread", "butter"}
			if u%2 == 0 {
				items = []string{"bread", "wine"}
				if visit == 2 || u%4 == 0 {
					items = append(items, "cheese")
				}
			}
			for _, item := range items {
				if err := b.Add(recommend.Purchase{User: user, Item: item, Day: day}); err != nil {
					fmt.Println(err)
				}
			}
		}
	}
	in, err := b.Build()
	if err != nil {
		fmt.Println(err)
	}
	return in
}

// Who buys wine is recommended cheese, and told why.
func ExampleModel_Recommend() {
	m, err := recommend.Fit(bakery(), recommend.Options{Kind: recommend.Linear, EASE: recommend.EASE{Lambda: 5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	wine, _ := m.Item("wine")
	bread, _ := m.Item("bread")
	h := recommend.History{At: 30, Events: []recommend.Event{{Item: wine, Day: 21}, {Item: bread, Day: 28}}}
	list, err := m.Recommend(h, 1, recommend.Rules{})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := m.Explain(h, list[0].Item, recommend.Rules{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, because of %s\n", list[0].ID, e.Because[0].ID)
	// Output:
	// cheese, because of wine
}

func ExampleBoughtTogether() {
	pairs, err := recommend.BoughtTogether(bakery(), recommend.Together{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range pairs.With("cheese", 1) {
		fmt.Printf("with cheese goes %s: in %d orders, %.1f times more often than by chance (%.1f to %.1f)\n", p.B, p.Together, p.Lift, p.Low, p.High)
	}
	// Output:
	// with cheese goes wine: in 60 orders, 2.0 times more often than by chance (1.7 to 2.3)
}

func ExampleReplenishment_Due() {
	in := bakery()
	r, err := recommend.FitReplenishment(in)
	if err != nil {
		fmt.Println(err)
		return
	}
	h, _ := in.History("customer 3", 20)
	due, err := r.Due(h, 0.8)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range due {
		fmt.Printf("%s: bought on day %d, due on day %d\n", in.Items()[d.Item], d.Last, d.Day)
	}
	// Output:
	// bread: bought on day 17, due on day 24
	// butter: bought on day 17, due on day 24
}

// The last day of everybody is held back, models are compared on it, and the
// best is fitted on everything.
func ExampleChoose() {
	in := bakery()
	choice, err := recommend.Choose(in, recommend.Backtest{
		Judgement:  recommend.Judgement{K: 1, Rules: recommend.Rules{Bought: recommend.AllowBought}},
		Candidates: []recommend.Options{{Kind: recommend.ItemItem}, {Kind: recommend.Habit}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := recommend.Fit(in, choice.Options)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(choice.Reason)
	fmt.Println(len(m.Items()), "items")
	// Output:
	// nothing was surely better than what is popular
	// 4 items
}
