package tally

import (
	"testing"

	"pgregory.net/rapid"
)

func TestOrdinals(t *testing.T) {
	var o Ordinals
	want := map[uint64]int{}
	rapid.Check(t, func(t *rapid.T) {
		for _, k := range rapid.SliceOfN(rapid.Uint64Range(0, 5000), 1, 2000).Draw(t, "keys") {
			want[k]++
			if got := o.Next(k); got != want[k] {
				t.Fatalf("key %d counted %d, want %d", k, got, want[k])
			}
		}
	})
	if o.Distinct() != int64(len(want)) {
		t.Errorf("%d distinct, want %d", o.Distinct(), len(want))
	}
	var many Ordinals
	for i := 1; i <= 70_000; i++ {
		if got := many.Next(7); got != i {
			t.Fatalf("counted %d, want %d", got, i)
		}
	}
}
