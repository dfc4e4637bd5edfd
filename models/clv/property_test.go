package clv

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/dangol/dangol/models/btyd"
)

// TestAnyHistories: whatever a few customers did, there is an error that says
// what is missing, or every prediction is a number and in its interval's order.
func TestAnyHistories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		customers := make([]History, rapid.IntRange(1, 30).Draw(t, "customers"))
		for i := range customers {
			days := rapid.SliceOfNDistinct(rapid.Int32Range(-50, 400), 1, 12, rapid.ID[int32]).Draw(t, "days")
			slices.Sort(days)
			customers[i] = History{Days: days, Amounts: rapid.SliceOfN(rapid.Float64Range(-20, 500), len(days), len(days)).Draw(t, "amounts")}
		}
		until, horizon := rapid.Int32Range(-60, 500).Draw(t, "until"), rapid.Int32Range(1, 800).Draw(t, "horizon")
		m, err := Fit(customers, until, horizon, Options{})
		var ours *Error
		var theirs *btyd.Error
		if errors.As(err, &ours) || errors.As(err, &theirs) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		out, err := m.Predict(customers, until+rapid.Int32Range(0, 90).Draw(t, "later"), nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range out {
			for _, v := range []float64{o.Orders, o.OrdersLow, o.OrdersHigh, o.Spend, o.SpendLow, o.SpendHigh} {
				if !(v >= 0 && v < 1e12) {
					t.Fatalf("customer %d: %+v", i, o)
				}
			}
			if o.OrdersLow > o.OrdersHigh || o.SpendLow > o.SpendHigh {
				t.Fatalf("customer %d: %+v", i, o)
			}
		}
	})
}
