package rule_test

import (
	"math/rand/v2"
	"testing"

	"github.com/dangol/dangol/internal/query/rule/ref"
)

// TestRandomRulesSaySomething watches that the random rules are worth asking: most hold of some customers and not of others.
func TestRandomRulesSaySomething(t *testing.T) {
	mixed, all, none := 0, 0, 0
	for round := range 40 {
		r := rand.New(rand.NewPCG(7, uint64(round)))
		w := drawWorld(r)
		for range 60 {
			b := drawer{r}.draw(t, w.catalog)
			holds := 0
			at := origin + 60*days + r.Int64N(50)*days
			for i := range w.customers {
				if ref.Holds(b, person{w, &w.customers[i]}, at) {
					holds++
				}
			}
			switch holds {
			case 0:
				none++
			case len(w.customers):
				all++
			default:
				mixed++
			}
		}
	}
	t.Logf("%d mixed, %d all, %d none", mixed, all, none)
	if mixed*4 < mixed+all+none {
		t.Errorf("only %d of %d random rules tell customers apart", mixed, mixed+all+none)
	}
}
