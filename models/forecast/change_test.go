package forecast

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// lowest is the cost of the best cuts by trying every last piece.
func lowest(y []float64, penalty float64, length int) float64 {
	n := len(y)
	best := make([]float64, n+1)
	best[0] = -penalty
	for t := 1; t <= n; t++ {
		best[t] = math.Inf(1)
		for s := 0; s+length <= t; s++ {
			mean, sum := average(y[s:t]), 0.0
			for _, v := range y[s:t] {
				sum += (v - mean) * (v - mean)
			}
			best[t] = math.Min(best[t], best[s]+sum+penalty)
		}
	}
	return best[n]
}

func TestChangesAreTheOptimum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := rapid.SliceOfN(rapid.Float64Range(-5, 5), 8, 60).Draw(t, "y")
		penalty, length := rapid.Float64Range(0.1, 30).Draw(t, "penalty"), rapid.IntRange(1, 7).Draw(t, "length")
		cuts, cost := pelt(y, penalty, length)
		if want := lowest(y, penalty, length); !near(cost, want, 1e-9) {
			t.Fatalf("cost %v with %v, the lowest is %v", cost, cuts, want)
		}
		last := 0
		for _, c := range append(cuts, len(y)) {
			if c-last < length {
				t.Fatalf("%v: a piece is shorter than %d", cuts, length)
			}
			last = c
		}
	})
}

func noisy(n int, rho float64, random *rand.Rand) []float64 {
	out, e := make([]float64, n), random.NormFloat64()
	for i := range out {
		e = rho*e + math.Sqrt(1-rho*rho)*random.NormFloat64()
		out[i] = e
	}
	return out
}

func TestChangesArePlantedOnes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	y := noisy(365, 0, random)
	for i := range y {
		y[i] = 100 + 10*y[i] + []float64{0, 12, 30, 0, -5, 8, -45}[i%7]
		if i >= 200 {
			y[i] += 25
		}
	}
	y[50] = math.NaN()
	c, err := FindChanges(y, ChangeOptions{Season: 7})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Changes) != 1 || math.Abs(float64(c.Changes[0].Index-200)) > 3 || math.Abs(c.Changes[0].Size-25) > 4 || c.Changes[0].P > 0.002 {
		t.Errorf("one change of 25 at 200 was planted; found %+v", c)
	}
	again, err := FindChanges(y, ChangeOptions{Season: 7})
	if err != nil || again.Changes[0] != c.Changes[0] {
		t.Errorf("again %+v, %v", again, err)
	}
}

// Where nothing changes, few changes are found, also in noise that remembers.
func TestChangesInNoise(t *testing.T) {
	for _, rho := range []float64{0, 0.5} {
		random := rand.New(rand.NewPCG(3, 4))
		found := 0
		for range 200 {
			c, err := FindChanges(noisy(300, rho, random), ChangeOptions{Permutations: 19})
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Changes) > 0 {
				found++
			}
		}
		t.Logf("rho %v: changes in %d of 200 series without", rho, found)
		if found > 30 {
			t.Errorf("rho %v: changes in %d of 200 series without; at most 30 are accepted", rho, found)
		}
	}
}

func TestNileChangesWithItsDam(t *testing.T) {
	c, err := FindChanges(readOracle(t).Series["nile"], ChangeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// Cobb (1978): the flow fell after 1898.
	if len(c.Changes) != 1 || 1871+c.Changes[0].Index != 1899 || c.Changes[0].P > 0.01 {
		t.Errorf("%+v", c)
	}
}
