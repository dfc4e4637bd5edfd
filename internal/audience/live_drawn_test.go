package audience

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestWilson has the intervals of Newcombe (Statistics in Medicine 17, 1998), table I, method 3, as shares: of so many people that asking some
// does not matter.
func TestWilson(t *testing.T) {
	t.Parallel()
	const people = 1e12
	for _, c := range []struct {
		found, asked int64
		low, high    float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		e := estimated(c.found, c.asked, people)
		if math.Abs(float64(e.Low)/people-c.low) > 0.00005 || math.Abs(float64(e.High)/people-c.high) > 0.00005 {
			t.Errorf("%d of %d: %.4f to %.4f", c.found, c.asked, float64(e.Low)/people, float64(e.High)/people)
		}
	}
}

func TestEstimateAtTheEdges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		found, asked, people int64
		want                 Estimate
	}{
		{0, 0, 0, Estimate{}},
		{0, 0, 9, Estimate{High: 9}},
		{3, 10, 10, Estimate{3, 3, 10, 3}}, // everyone was asked
		{1, 1, 1, Estimate{1, 1, 1, 1}},
		{3, 10, 8, Estimate{3, 3, 10, 3}}, // some were erased since
		{0, 1000, 16000, Estimate{0, 58, 1000, 0}},
		{1000, 1000, 16000, Estimate{15942, 16000, 1000, 16000}},
		{9, 10, 12, Estimate{9, 11, 10, 11}},
	} {
		if got := *estimated(c.found, c.asked, c.people); got != c.want {
			t.Errorf("%d of %d of %d: %+v, not %+v", c.found, c.asked, c.people, got, c.want)
		}
	}
}

// TestEstimatesHold asks one of sixteen of 20,000 people, some thousand times, of whom a few, many or nearly all are meant.
func TestEstimatesHold(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(20261123, 1))
	const people, times = 20_000, 2000
	for _, meant := range []int64{20, 200, 2000, 10_000, 19_000} {
		var held int
		for range times {
			var found, asked int64
			for who := range int64(people) {
				if r.Uint32()%16 == 0 {
					asked++
					if who < meant {
						found++
					}
				}
			}
			if e := estimated(found, asked, people); e.Low <= meant && meant <= e.High {
				held++
			}
		}
		if share := float64(held) / times; share < 0.93 || share > 0.985 {
			t.Errorf("%d of %d people: %.1f %% of the intervals hold them, not 95", meant, people, 100*share)
		}
	}
}
