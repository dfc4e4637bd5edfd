package uplift

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// brute tries every allocation.
func brute(o Offers, i int, budget float64) float64 {
	if i == len(o.Cost) {
		return 0
	}
	best := brute(o, i+1, budget)
	for j, c := range o.Cost[i] {
		if c <= budget {
			best = math.Max(best, o.Value[i][j]+brute(o, i+1, budget-c))
		}
	}
	return best
}

// consistent fails unless an allocation is within the budget and its sums and
// bound are right.
func consistent(t interface{ Errorf(string, ...any) }, o Offers, budget float64, a *Allocation) {
	cost, value := 0.0, 0.0
	for i, j := range a.Offer {
		if j >= 0 {
			cost, value = cost+o.Cost[i][j], value+o.Value[i][j]
		}
	}
	if cost > budget*(1+1e-11) || math.Abs(cost-a.Cost) > 1e-9*(1+cost) || math.Abs(value-a.Value) > 1e-9*(1+value) {
		t.Errorf("cost %v, value %v by hand; %v, %v told; budget %v", cost, value, a.Cost, a.Value, budget)
	}
	if a.Value > a.Bound*(1+1e-9)+1e-9 {
		t.Errorf("value %v is above the bound %v", a.Value, a.Bound)
	}
}

func TestAllocationIsTheBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Bool().Draw(t, "whole")
		number := func(low, high int, name string) float64 {
			if whole {
				return float64(rapid.IntRange(low, high).Draw(t, name))
			}
			return math.Round(1e6*rapid.Float64Range(float64(low), float64(high)).Draw(t, name)) / 1e6
		}
		var o Offers
		for range rapid.IntRange(0, 7).Draw(t, "people") {
			var cost, value []float64
			for range rapid.IntRange(0, 3).Draw(t, "offers") {
				cost, value = append(cost, number(0, 9, "cost")), append(value, number(-4, 20, "value"))
			}
			o.Cost, o.Value = append(o.Cost, cost), append(o.Value, value)
		}
		budget := number(0, 30, "budget")
		a, err := Allocate(o, budget, AllocateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		consistent(t, o, budget, a)
		want := brute(o, 0, budget*(1+1e-12))
		if !a.Optimal || math.Abs(a.Value-want) > 1e-9*(1+want) {
			t.Fatalf("value %v (optimal %v), the best is %v", a.Value, a.Optimal, want)
		}
		rough, err := Allocate(o, budget, AllocateOptions{States: -1})
		if err != nil {
			t.Fatal(err)
		}
		consistent(t, o, budget, rough)
		if rough.Bound < want-1e-9*(1+want) {
			t.Fatalf("bound %v is below the best, %v", rough.Bound, want)
		}
	})
}

// many makes offers like a shop's: three vouchers whose effect saturates.
func many(n int, seed uint64) Offers {
	random := rand.New(rand.NewPCG(seed, 1))
	var o Offers
	for range n {
		scale := random.ExpFloat64()
		var cost, value []float64
		for _, c := range []float64{1, 3, 8} {
			cost = append(cost, c*(0.8+0.4*random.Float64()))
			value = append(value, scale*math.Sqrt(c)*(0.5+random.Float64())-0.2)
		}
		o.Cost, o.Value = append(o.Cost, cost), append(o.Value, value)
	}
	return o
}

func TestManyPeople(t *testing.T) {
	for _, n := range []int{100, 5_000, 100_000} {
		o, budget := many(n, 7), float64(n)
		a, err := Allocate(o, budget, AllocateOptions{States: 300_000})
		if err != nil {
			t.Fatal(err)
		}
		consistent(t, o, budget, a)
		rough, err := Allocate(o, budget, AllocateOptions{States: -1})
		if err != nil {
			t.Fatal(err)
		}
		if rough.Value > a.Value || a.Bound-a.Value > 0.02*a.Bound || n > 100 && a.Bound-a.Value > 1e-4*a.Bound {
			t.Errorf("%d people: greedy %v, search %v, bound %v", n, rough.Value, a.Value, a.Bound)
		}
		t.Logf("%d people: greedy %.6f, %.6f, bound %.6f, optimal %v", n, rough.Value, a.Value, a.Bound, a.Optimal)
	}
}

func TestAllocationErrors(t *testing.T) {
	for name, c := range map[string]struct {
		o      Offers
		budget float64
	}{
		"budget":  {Offers{}, -1},
		"endless": {Offers{}, math.Inf(1)},
		"people":  {Offers{Cost: [][]float64{{1}}}, 1},
		"offers":  {Offers{Cost: [][]float64{{1}}, Value: [][]float64{{1, 2}}}, 1},
		"cost":    {Offers{Cost: [][]float64{{-1}}, Value: [][]float64{{1}}}, 1},
		"value":   {Offers{Cost: [][]float64{{1}}, Value: [][]float64{{math.NaN()}}}, 1},
	} {
		if _, err := Allocate(c.o, c.budget, AllocateOptions{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestHardAllocations are those on which greedy choices err and bounds help
// least: values that follow costs, equal values per cost, offers that dominate
// each other, budgets that nearly fit. Every one of 4^7 allocations is tried.
func TestHardAllocations(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	beaten := 0
	for n := range 600 {
		var o Offers
		total := 0.0
		for range 7 {
			var cost, value []float64
			for range 3 {
				c := float64(10 + random.IntN(90))
				v := c // subset sum
				switch n % 3 {
				case 1:
					v = c + 10 // strongly correlated
				case 2:
					v = c + float64(random.IntN(7)-3)
				}
				cost, value = append(cost, c), append(value, v)
				total += c
			}
			o.Cost, o.Value = append(o.Cost, cost), append(o.Value, value)
		}
		budget := math.Floor(total * (0.05 + 0.3*random.Float64()))
		a, err := Allocate(o, budget, AllocateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		consistent(t, o, budget, a)
		if want := brute(o, 0, budget); !a.Optimal || math.Abs(a.Value-want) > 1e-9*want {
			t.Fatalf("allocation %d: value %v (optimal %v), the best is %v", n, a.Value, a.Optimal, want)
		}
		rough, err := Allocate(o, budget, AllocateOptions{States: -1})
		if err != nil {
			t.Fatal(err)
		}
		if rough.Value < a.Value {
			beaten++
		}
	}
	if beaten < 200 {
		t.Errorf("greedy missed the best in %d of 600 only: these are not hard", beaten)
	}
}
