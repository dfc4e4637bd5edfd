package rule_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/render"
)

// seed is the same at each run, so that what a run says of a commit can be said again; RULE_SEED=0 draws anew.
func seed(t testing.TB) uint64 {
	t.Helper()
	s := uint64(20261122)
	if n, err := strconv.ParseUint(os.Getenv("RULE_SEED"), 10, 64); err == nil {
		s = n
	}
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("RULE_SEED=%d", s)
	return s
}

func rounds(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("RULE_ROUNDS")); err == nil {
		return n
	}
	return usual
}

// TestRandomDuckDB asks DuckDB and ref random rules over random shops.
func TestRandomDuckDB(t *testing.T) { differ(t, openDuck(t), rounds(25), 30) }

// TestRandomClickHouse asks ClickHouse and ref.
func TestRandomClickHouse(t *testing.T) { differ(t, openHouse(t), rounds(8), 10) }

func differ(t *testing.T, e engine, rounds, rules int) {
	s := seed(t)
	for round := from(); round < rounds; round++ {
		r := rand.New(rand.NewPCG(s, uint64(round)))
		w := drawWorld(r)
		w.load(t, e)
		var bs []*rule.Bound
		for range rules {
			bs = append(bs, drawer{r}.draw(t, w.catalog))
		}
		for range 2 {
			q := render.Ask{AsOfUS: pick(r, drawAt(r), origin+60*days+r.Int64N(50*24)*hour)}
			if r.IntN(4) == 0 {
				q.Customers = []uint32{1, 3, 99}
			}
			w.compare(t, e, bs, q)
		}
		if testing.Verbose() {
			t.Logf("round %d", round)
		}
	}
}

func from() int {
	n, _ := strconv.Atoi(os.Getenv("RULE_FROM"))
	return n
}
