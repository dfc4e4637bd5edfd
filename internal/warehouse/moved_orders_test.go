package warehouse

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/event"
)

// ordersOf writes all orders: customer, id, kind, sum and lines.
func ordersOf(t *testing.T, w *Warehouse) string {
	t.Helper()
	return one[string](t, w, `SELECT coalesce(string_agg(customer_key || ':' || order_id || ':' || kind || ':' || amount_minor || '/' || lines, ' ' ORDER BY customer_key, order_id, kind), '') FROM orders`)
}

func TestAnOrderToldOfForTwoWhoAreOneIsOneOrder(t *testing.T) {
	t.Parallel()
	w := open(t, filepath.Join(t.TempDir(), "w.duckdb"))
	a, b := told(PutOrder, 1<<12, 5, 1, 260), told(PutOrder, 2<<12, 6, 2, 270)
	a.OrderKey, b.OrderKey = 1, 2
	follow(t, w, Following{Log: 2, Changes: []Change{a, b}, Fold: foldTold})
	cancel := told(CancelOrder, 3<<12, 7, 3)
	cancel.OrderKey = 3
	follow(t, w, Following{Log: 3, Changes: []Change{cancel}, Fold: foldTold})
	step := func(rev uint64, origin, to uint32, want string) {
		t.Helper()
		follow(t, w, Following{Log: 3, Journal: rev, Steps: []Step{{Rev: rev, Kind: Move, Origin: origin, To: to}}, Fold: foldTold})
		if got := ordersOf(t, w); got != want {
			t.Errorf("step %d: %s, want %s", rev, got, want)
		}
	}
	step(1, 5, 6, "6:1:1:270/1")
	step(2, 7, 6, "6:1:1:270/1 6:1:2:270/1") // she told only that it was cancelled
	step(3, 5, 5, "5:1:1:260/1 6:1:1:270/1 6:1:2:270/1")
	step(4, 7, 5, "5:1:1:260/1 5:1:2:260/1 6:1:1:270/1")
	step(5, 7, 7, "5:1:1:260/1 6:1:1:270/1")
}

// TestAStepThatFailsLeavesTheFilterOfOrders: an order of a file that came after a step that failed is found again.
func TestAStepThatFailsLeavesTheFilterOfOrders(t *testing.T) {
	t.Parallel()
	w, k := open(t, filepath.Join(t.TempDir(), "w.duckdb")), keys{}
	k.take(t, w, 1, line("a", "0", "p0", event.Purchase, 100, 5))
	first := told(PutOrder, 1<<12, k["a"], 1, 10)
	first.Order, first.OrderKey = "x", 99
	full := errors.New("disk full")
	bad := func([][]byte, []event.OrderLine) ([]ChangeLine, error) { return nil, full }
	if err := w.Follow(t.Context(), &Following{Log: 1, Changes: []Change{first}, Fold: bad}); !errors.Is(err, full) {
		t.Fatal(err)
	}
	k.take(t, w, 2, line("a", "1", "p0", event.Purchase, 100, 250))
	follow(t, w, Following{Log: 1, Changes: []Change{first}, Fold: foldTold})
	follow(t, w, Following{Log: 2, Changes: []Change{told(PutOrder, 2<<12, k["a"], 2, 250)}, Fold: foldTold})
	if got := ordersOf(t, w); got != "0:0:1:5/1 0:1:1:250/1 0:x:1:10/1" {
		t.Error(got)
	}
}

// foldOf writes what foldTold makes of changes, as ordersOf does.
func foldOf(t *testing.T, owner uint32, order string, changes []Change) (list []string) {
	t.Helper()
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.Place, b.Place) })
	var told [][]byte
	for _, c := range changes {
		told = append(told, c.Told)
	}
	lines, err := foldTold(told, nil)
	if err != nil {
		t.Fatal(err)
	}
	for kind := event.Purchase; kind <= event.Refund; kind++ {
		sum, n := int64(0), 0
		for _, l := range lines {
			if l.Kind == kind {
				sum, n = sum+l.AmountMinor, n+1
			}
		}
		if n > 0 {
			list = append(list, fmt.Sprintf("%d:%s:%d:%d/%d", owner, order, kind, sum, n))
		}
	}
	return list
}

// tellers are four people who tell of orders, merge and part, and the warehouse that follows them.
type tellers struct {
	t        *testing.T
	w        *Warehouse
	random   *rand.Rand
	owner    [4]uint32 // by origin
	all      []Change
	seq, rev uint64
}

func (p *tellers) tell() {
	f := Following{Journal: p.rev, Fold: foldTold}
	for range 1 + p.random.IntN(3) {
		p.seq++
		origin := p.random.Uint32N(4)
		kind := []ChangeKind{PutOrder, PutOrder, RefundOrder, CancelOrder}[p.random.IntN(4)]
		c := told(kind, p.seq<<12, origin, int(p.seq), 1+p.random.IntN(500))
		c.Order = []string{"1", "2"}[p.random.IntN(2)]
		l := line(fmt.Sprint("o", origin), c.Order, "", event.Purchase, 100, 1)
		c.OrderKey, _ = l.Keys()
		c.Customer = p.owner[origin]
		f.Changes, p.all = append(f.Changes, c), append(p.all, c)
	}
	f.Log = p.seq
	follow(p.t, p.w, f)
}

func (p *tellers) move() {
	f := Following{Log: p.seq, Fold: foldTold}
	for range 1 + p.random.IntN(2) {
		p.rev++
		s := Step{Rev: p.rev, Kind: Move, Origin: p.random.Uint32N(4), To: p.random.Uint32N(4)}
		p.owner[s.Origin] = s.To
		f.Steps = append(f.Steps, s)
	}
	f.Journal = p.rev
	follow(p.t, p.w, f)
}

// want writes the orders as their owners now have told of them.
func (p *tellers) want() string {
	by := map[buyer][]Change{}
	for _, c := range p.all {
		b := buyer{p.owner[c.Origin], c.Order}
		by[b] = append(by[b], c)
	}
	var want []string
	for b, changes := range by {
		want = append(want, foldOf(p.t, b.customer, b.order, changes)...)
	}
	slices.Sort(want)
	return strings.Join(want, " ")
}

// TestOrdersFollowTheirTellers lets people tell of orders, merge and part in any order: each order is at every time what those who are
// its owner now have told of it, and has a key of its own.
func TestOrdersFollowTheirTellers(t *testing.T) {
	t.Parallel()
	lives, steps := 3, 25
	if testing.Short() {
		lives = 1
	}
	for life := range lives {
		p := tellers{t: t, w: open(t, ""), random: rand.New(rand.NewPCG(uint64(life), 11)), owner: [4]uint32{0, 1, 2, 3}}
		for range steps {
			if p.random.IntN(5) < 2 {
				p.tell()
			} else {
				p.move()
			}
			if got, want := ordersOf(t, p.w), p.want(); got != want {
				t.Fatalf("life %d: orders are %s, want %s", life, got, want)
			}
			n := one[int](t, p.w, `SELECT count(*) FROM (SELECT order_key FROM (SELECT customer_key, order_key, order_id FROM order_change UNION SELECT customer_key, order_key, order_id FROM line)
				GROUP BY order_key HAVING count(*) > 1 UNION ALL SELECT 0 FROM order_change GROUP BY customer_key, order_id HAVING count(DISTINCT order_key) > 1)`)
			if n > 0 {
				t.Fatalf("life %d: %d orders share a key or have two", life, n)
			}
		}
	}
}
