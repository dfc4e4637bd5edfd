package audience

import (
	"math"
	"slices"
	"testing"
)

// 19.99 times a hundred is a little less than 1999, and whoever spent 19.98 is not meant.
func TestLeastSpendIsExact(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		least, scale float64
		want         int64
	}{{19.99, 100, 1999}, {0.29, 100, 29}, {1.005, 1000, 1005}, {5000, 1, 5000}} {
		_, args, err := (&Service{}).where(Filter{MinSpend: c.least, MinPAlive: -1, MaxPAlive: 2}, c.scale)
		if err != nil || !slices.Equal(args, []any{c.want}) {
			t.Errorf("%v at %v: %v, %v", c.least, c.scale, args, err)
		}
	}
	if _, args, err := (&Service{}).where(Filter{MinSpend: math.Inf(1), MaxPAlive: 2}, 100); err != nil || args[0].(int64) < 1<<61 {
		t.Errorf("%v, %v", args, err)
	}
}
