package clv_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/dangol/dangol/models/btyd"
	"github.com/dangol/dangol/models/clv"
)

// shop invents customers: half of them order by the calendar, which no
// buy-till-you-die model expects.
func shop(n int, until int32) []clv.History {
	rng := rand.New(rand.NewPCG(4, 2))
	process := btyd.Process{Model: btyd.ParetoNBD, Params: [4]float64{1.2, 40, 0.7, 150}}
	spend := btyd.Spend{P: 6, Q: 4, V: 15}
	list := make([]clv.History, n)
	for i := range list {
		h := &list[i]
		h.Days = []int32{int32(rng.IntN(300))}
		if i%2 == 0 {
			every := 20 + rng.IntN(60)
			for stay := rng.IntN(20); stay > 0; stay-- {
				h.Days = append(h.Days, h.Days[len(h.Days)-1]+int32(every-2+rng.IntN(5)))
			}
		} else {
			for _, at := range process.Simulate(rng, float64(until-h.Days[0])) {
				if day := h.Days[0] + int32(at) + 1; day > h.Days[len(h.Days)-1] {
					h.Days = append(h.Days, day)
				}
			}
		}
		h.Amounts = spend.Simulate(rng, len(h.Days))
	}
	return list
}

// What a shop's customers will order and spend in the next quarter.
func ExampleFit() {
	customers := shop(2000, 700)
	model, err := clv.Fit(customers, 500, 91, clv.Options{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	best := model.Orders.Tried[0]
	for _, t := range model.Orders.Tried {
		if t.RMSE < best.RMSE {
			best = t
		}
	}
	fmt.Printf("on the earlier cut: RMSE %.2f by the ordering model, %.2f by the blend\n", model.Orders.Tried[0].RMSE, best.RMSE)
	outlooks, err := model.Predict(customers, 500, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	o := outlooks[5]
	fmt.Printf("customer 5: %.1f orders (%.0f to %.0f), %.0f spent (%.0f to %.0f)\n", o.Orders, o.OrdersLow, o.OrdersHigh, o.Spend, o.SpendLow, o.SpendHigh)
	// Output:
	// on the earlier cut: RMSE 1.19 by the ordering model, 1.13 by the blend
	// customer 5: 1.7 orders (1 to 2), 57 spent (0 to 95)
}
