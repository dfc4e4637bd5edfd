package warehouse

import (
	"fmt"
	"testing"
)

// TestKnownOrdersForgetNone: an id that was added is never called new, and few that were not are called known.
func TestKnownOrdersForgetNone(t *testing.T) {
	t.Parallel()
	const n = 200_000
	k := newKnownOrders(n)
	for i := range n {
		k.add(fmt.Sprintf("o-%d", i))
	}
	wrong := 0
	for i := range n {
		if !k.has(fmt.Sprintf("o-%d", i)) {
			t.Fatalf("o-%d is called new", i)
		}
		if k.has(fmt.Sprintf("p-%d", i)) {
			wrong++
		}
	}
	if wrong > n/200 {
		t.Errorf("%d of %d new ids are called known", wrong, n)
	}
}
