package clv

import (
	"fmt"
	"math"
	"runtime"
	"sync"

	"github.com/dangol/dangol/models/btyd"
	"github.com/dangol/dangol/models/gbdt"
)

// AsOf is a customer, by place, at the end of a day.
type AsOf struct {
	Customer int
	Day      int32
}

// Traits gives what else is known of customers as of the ends of days: a column
// for each trait, with a row for each question, in order. It is asked about
// past days, too, and must then answer with what was known on them: a trait
// from the future makes a model that fails when it counts.
type Traits func(questions []AsOf) ([]gbdt.Column, error)

// recent are the windows of the past in which orders are counted, in days.
var recent = [...]int32{14, 30, 60, 91, 182, 365}

// Features that every model has; one for each window of recent follows.
const (
	repeats  = iota // repeat orders
	age             // days since the first order
	since           // days since the last order
	share           // since over age
	rate            // repeat orders a day of age
	outlook         // ln of the orders expected by the ordering model in 30 days
	alive           // probability of the ordering model that they have not left
	gap             // mean days between orders
	lastGap         // days between the last two orders
	uneven          // coefficient of variation of the gaps
	due             // since over the mean gap
	firstGap        // days from the first order to the second
	early           // repeat orders in the first 30 days
	habits          // how many there are
)

// Features of amounts, after the windows.
const (
	meanAmount = iota
	firstAmount
	lastAmount
	totalAmount
	trend        // last over mean
	recentAmount // of the last 91 days
	money        // how many there are
)

// namesOf the features, in order.
func namesOf(amounts bool) []string {
	list := []string{
		"repeats", "age", "since_last", "since_last_share", "rate", "expected", "p_alive",
		"mean_gap", "last_gap", "uneven_gaps", "due", "first_gap", "early_repeats",
	}
	for _, w := range recent {
		list = append(list, fmt.Sprintf("orders_%d_days", w))
	}
	if amounts {
		list = append(list, "mean_amount", "first_amount", "last_amount", "total_amount", "amount_trend", "amount_91_days")
	}
	return list
}

// grid is a table of features under construction, by column.
type grid struct {
	names   []string
	values  [][]float64
	amounts bool
}

func newGrid(rows int, amounts bool) *grid {
	t := &grid{names: namesOf(amounts), amounts: amounts}
	all := make([]float64, rows*len(t.names))
	for range t.names {
		t.values = append(t.values, all[:rows:rows])
		all = all[rows:]
	}
	return t
}

// fill writes row k: a customer at the end of a day, who had ordered by then.
// What does not exist, such as a gap where there was no second order, is NaN.
func (t *grid) fill(k int, h History, p btyd.Pattern, day int32, base btyd.Process) {
	put := func(feature int, v float64) { t.values[feature][k] = v }
	days := h.Days[:p.X+1]
	idle := p.T - p.Tx
	put(repeats, float64(p.X))
	put(age, p.T)
	put(since, idle)
	put(share, idle/math.Max(p.T, 1))
	put(rate, float64(p.X)/math.Max(p.T, 1))
	put(outlook, math.Log(math.Max(base.ConditionalExpected(p, 30), leastOrders)))
	put(alive, base.PAlive(p))
	put(early, float64(h.seen(min(days[0]+30, day))-1))
	for _, f := range [...]int{gap, lastGap, uneven, due, firstGap} {
		put(f, math.NaN())
	}
	if p.X > 0 {
		mean := p.Tx / float64(p.X)
		put(gap, mean)
		put(lastGap, float64(days[p.X]-days[p.X-1]))
		put(due, idle/mean)
		put(firstGap, float64(days[1]-days[0]))
		if p.X > 1 {
			put(uneven, unevenness(days, mean))
		}
	}
	for i, w := range recent {
		put(habits+i, float64(p.X+1-h.seen(day-w)))
	}
	if !t.amounts {
		return
	}
	paid := h.Amounts[:p.X+1]
	sum := 0.0
	for _, v := range paid {
		sum += v
	}
	at := habits + len(recent)
	mean := sum / float64(p.X+1)
	put(at+meanAmount, mean)
	put(at+firstAmount, paid[0])
	put(at+lastAmount, paid[p.X])
	put(at+totalAmount, sum)
	put(at+trend, math.NaN())
	if mean > 0 {
		put(at+trend, paid[p.X]/mean)
	}
	_, last := h.came(day-91, day)
	put(at+recentAmount, last)
}

// unevenness is the coefficient of variation of the gaps between days.
func unevenness(days []int32, mean float64) float64 {
	sum := 0.0
	for i := 1; i < len(days); i++ {
		d := float64(days[i]-days[i-1]) - mean
		sum += d * d
	}
	return math.Sqrt(sum/float64(len(days)-1)) / mean
}

func (t *grid) columns() []gbdt.Column {
	list := make([]gbdt.Column, len(t.names))
	for j, name := range t.names {
		list[j] = gbdt.Float64(name, t.values[j])
	}
	return list
}

// parallel calls work for each row, on all cores; rows do not depend on each
// other.
func parallel(n int, work func(k int)) {
	const block = 512
	blocks := (n + block - 1) / block
	todo := make(chan int, blocks)
	for b := range blocks {
		todo <- b
	}
	close(todo)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), blocks) {
		wg.Go(func() {
			for b := range todo {
				for k := b * block; k < min((b+1)*block, n); k++ {
					work(k)
				}
			}
		})
	}
	wg.Wait()
}
