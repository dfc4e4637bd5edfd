package compare

import (
	"math"
	"testing"
)

// TestTwo holds z, ratio and interval against figures by hand, and what is told against the limits.
func TestTwo(t *testing.T) {
	t.Parallel()
	two := Two{People: 100, True: 60, Others: 100, TrueOthers: 30}
	// z: pooled 0.45, (0.6-0.3)/sqrt(0.45*0.55*0.02); interval: 2·exp(±1.96·sqrt(1/60-1/100+1/30-1/100))
	if z := two.Z(); math.Abs(z-4.264014) > 1e-6 {
		t.Errorf("z %v", z)
	}
	if ratio, low, high, ok := two.Ratio(); !ok || ratio != 2 || math.Abs(low-1.42428) > 1e-5 || math.Abs(high-2.80844) > 1e-5 {
		t.Errorf("%v %v %v", ratio, low, high)
	}
	for _, c := range []struct {
		name           string
		two            Two
		oftener, above bool
	}{
		{"clear", two, true, true},
		{"few people", Two{15, 15, 1000, 100}, false, false},
		{"enough for a share, not for a ratio", Two{25, 20, 1000, 100}, false, true},
		{"nobody of the others", Two{50, 40, 200, 0}, false, true},
		{"of all", Two{50, 50, 200, 200}, false, false},
		{"of nobody", Two{50, 0, 200, 0}, false, false},
		{"everybody is in it", Two{500, 100, 0, 0}, false, false},
		{"sure but small", Two{50_000, 3000, 50_000, 2000}, true, false},
		{"chance does that", Two{60, 18, 600, 120}, false, false},
	} {
		if oftener, above := c.two.Oftener(), c.two.Above(); oftener != c.oftener || above != c.above {
			t.Errorf("%s: oftener %v, above %v", c.name, oftener, above)
		}
	}
}

// TestStability: a population that stays is at 0, one that moves is not, and what is missing is a part of its own.
func TestStability(t *testing.T) {
	t.Parallel()
	then := make([]float64, 1000)
	for i := range then {
		then[i] = float64(i)
	}
	edges := Edges(then)
	if len(edges) != 9 || edges[0] != 100 {
		t.Fatalf("%v", edges)
	}
	now := make([]float64, 1000)
	for i := range now {
		now[i] = float64(i / 2)
	}
	was := Shares(edges, then, 1000)
	if same := Stability(was, was); same != 0 {
		t.Errorf("%v", same)
	}
	if moved := Stability(was, Shares(edges, now, 1000)); moved < 0.25 {
		t.Errorf("%v", moved)
	}
	if gone := Shares(edges, []float64{math.NaN(), 5}, 2); gone[len(gone)-1] != 0.5 || gone[0] != 0.5 {
		t.Errorf("%v", gone)
	}
	if Edges([]float64{3, 3, math.NaN()})[0] != 3 || len(Edges(nil)) != 0 {
		t.Error("edges")
	}
	// (0.25-0.5)·ln(0.5) + (0.75-0.5)·ln(1.5)
	if words := StabilityOf(map[string]float64{"a": 0.5, "b": 0.5}, map[string]float64{"a": 0.25, "b": 0.75}); math.Abs(words-0.274653) > 1e-6 {
		t.Errorf("%v", words)
	}
}
