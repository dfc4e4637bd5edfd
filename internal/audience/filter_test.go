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

func TestNumbersAreFoundAsTheyAreDialled(t *testing.T) {
	for q, want := range map[string]string{
		"0827814183": "827814183", "082-781-4183": "827814183", "+66 82 781 4183": "27814183", "0066827814183": "27814183", "(02) 123 4567": "21234567",
		"kim": "", "01557": "", "order 0827814183": "", "": "", "user-42-1000000": "",
	} {
		if got := dialled(q); got != want {
			t.Errorf("%q is dialled as %q, want %q", q, got, want)
		}
	}
	for cell, want := range map[string]string{"+66827814183": "+66827814183", "+1+cmd": "'+1+cmd", "=1": "'=1", "+": "'+", "-2": "'-2", "kim": "kim"} {
		if got := harmless(cell); got != want {
			t.Errorf("%q is written as %q", cell, got)
		}
	}
}
