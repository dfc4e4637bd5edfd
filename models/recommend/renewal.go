package recommend

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Replenishment tells when a person is about to need an item again, from the
// days between purchases of the same item by the same person. The logarithm of
// such an interval is normal around the person's own rhythm for that item:
//
//	ln t = m_i + a_pi + e,  a_pi ~ N(0, Person²),  e ~ N(0, Within²),  m_i ~ N(Mean, Item²)
//
// with the three variances by moments and m_i held towards Mean, so that an
// item with few intervals is taken for an average one, and a person with few
// for an average buyer of it. Only intervals that ended are seen: among people
// who buy again rarely the true ones are longer, and Share says how many came
// back at all.
type Replenishment struct {
	Mean, Item, Person, Within float64
	Intervals                  int // how many were seen

	mean   []float32 // m_i, of every item
	spread []float32 // its standard error
	share  []float32 // people who bought it on two days or more, of its buyers, held towards the average
	seen   []int32   // intervals of the item
}

// FitReplenishment learns rhythms. Without a single repeated purchase it is an
// error.
func FitReplenishment(in *Interactions) (*Replenishment, error) {
	r := renewal(in, len(in.items))
	if r.Intervals == 0 {
		return nil, errors.New("replenishment: nobody bought the same item on two days, so there is no interval to learn from")
	}
	return r, nil
}

// rhythm sums up the intervals of one person and item.
type rhythm struct {
	item    int32
	n       float64
	sum, sq float64
}

// renewal also serves the model's features, where having seen nothing is no
// error: then the interval is thirty days, give or take a factor e.
func renewal(in *Interactions, n int) *Replenishment {
	r := &Replenishment{Mean: math.Log(30), Within: 1, mean: make([]float32, n), spread: make([]float32, n), share: make([]float32, n), seen: make([]int32, n)}
	groups, buyers, again := in.rhythms(n)
	var all, allBuyers, allAgain float64
	for _, g := range groups {
		all += g.n
		r.seen[g.item] += int32(g.n)
	}
	r.Intervals = int(all)
	r.moments(groups, n)
	for i := range n {
		allBuyers += buyers[i]
		allAgain += again[i]
	}
	average := allAgain / math.Max(allBuyers, 1)
	for i := range n {
		r.share[i] = float32((again[i] + 20*average) / (buyers[i] + 20))
	}
	return r
}

// rhythms gathers the intervals, and of each item its buyers and those who came
// back.
func (in *Interactions) rhythms(n int) (groups []rhythm, buyers, again []float64) {
	buyers, again = make([]float64, n), make([]float64, n)
	type visit struct{ item, day int32 }
	var visits []visit
	for u := range in.users {
		visits = visits[:0]
		for _, l := range in.of(u) {
			visits = append(visits, visit{l.item, l.day})
		}
		slices.SortFunc(visits, func(a, b visit) int {
			if a.item != b.item {
				return int(a.item) - int(b.item)
			}
			return int(a.day) - int(b.day)
		})
		var g rhythm
		for k, v := range visits {
			if k == 0 || visits[k-1].item != v.item {
				if g.n > 0 {
					groups = append(groups, g)
					again[g.item]++
				}
				g = rhythm{item: v.item}
				buyers[v.item]++
				continue
			}
			if gap := v.day - visits[k-1].day; gap > 0 {
				y := math.Log(float64(gap))
				g.n++
				g.sum += y
				g.sq += y * y
			}
		}
		if g.n > 0 {
			groups = append(groups, g)
			again[g.item]++
		}
	}
	return groups, buyers, again
}

// moments estimates the variances from within to without, and each item's mean.
func (r *Replenishment) moments(groups []rhythm, n int) {
	if len(groups) == 0 {
		for i := range r.mean {
			r.mean[i], r.spread[i] = float32(r.Mean), 1
		}
		return
	}
	var total, within, free, sum float64
	item := make([]rhythm, n) // of the persons' means
	persons := make([]float64, n)
	for _, g := range groups {
		mean := g.sum / g.n
		within += g.sq - g.n*mean*mean
		free += g.n - 1
		sum += g.sum
		total += g.n
		item[g.item].n++
		item[g.item].sum += mean
		item[g.item].sq += mean * mean
		persons[g.item] += 1 / g.n
	}
	r.Mean = sum / total
	if free > 0 {
		r.Within = math.Sqrt(math.Max(within/free, 0.01))
	}
	var between, noise, k float64 // of persons within items
	for i, g := range item {
		if g.n < 2 {
			continue
		}
		mean := g.sum / g.n
		between += g.sq - g.n*mean*mean
		k += g.n - 1
		noise += (g.n - 1) * persons[i] / g.n
	}
	if k > 0 {
		r.Person = math.Sqrt(math.Max((between-noise*r.Within*r.Within)/k, 0.0025))
	}
	r.items(item, persons)
}

// items estimates the items' variance and means.
func (r *Replenishment) items(item []rhythm, persons []float64) {
	variance := func(i int) float64 { // of an item's mean of means
		n := item[i].n
		return r.Person*r.Person/n + r.Within*r.Within*persons[i]/(n*n)
	}
	var spread, weight float64
	for i, g := range item {
		if g.n == 0 {
			continue
		}
		d, v := g.sum/g.n-r.Mean, variance(i)
		spread += (d*d - v) / (v * v)
		weight += 1 / (v * v)
	}
	r.Item = math.Sqrt(math.Max(spread/weight, 0.0025))
	prior := 1 / (r.Item * r.Item)
	for i, g := range item {
		precision, sum := prior, prior*r.Mean
		if g.n > 0 {
			v := variance(i)
			precision += 1 / v
			sum += g.sum / g.n / v
		}
		r.mean[i] = float32(sum / precision)
		r.spread[i] = float32(math.Sqrt(1 / precision))
	}
}

// rhythm gives the logarithm of the expected interval of a person with n own
// intervals whose logarithms sum to sum, and its predictive standard deviation.
func (r *Replenishment) rhythm(item int32, n, sum float64) (mean, sd float64) {
	prior := r.Person*r.Person + float64(r.spread[item])*float64(r.spread[item])
	within := r.Within * r.Within
	precision := 1/prior + n/within
	mean = (float64(r.mean[item])/prior + sum/within) / precision
	return mean, math.Sqrt(1/precision + within)
}

// ratio is ln(days since / expected interval).
func (r *Replenishment) ratio(t *taken, at int32) float32 {
	mean, _ := r.rhythm(t.item, float64(t.gaps), float64(t.logs))
	return float32(math.Log(math.Max(float64(at-t.last), 1)) - mean)
}

// due says whether a person's expected interval has passed.
func (t *taken) isDue() bool { return t.due >= 0 }

// Due is when a person is expected to buy an item again, if she does.
type Due struct {
	Item int32
	Last int32 // day of her last purchase
	// Day is as likely too early as too late; Low and High are the ends of the
	// interval that was asked for.
	Day, Low, High int32
	Interval       float64 // median, in days
	Own            int     // intervals of hers
	Seen           int     // intervals of everybody's for this item
	// Share of the item's buyers who ever bought it again, held towards the
	// average item.
	Share float64
}

// Due lists what a person bought before h.At and when each is due, soonest
// first; level is the probability of the interval, 0.8 for one.
func (r *Replenishment) Due(h History, level float64) ([]Due, error) {
	if !(level > 0 && level < 1) {
		return nil, fmt.Errorf("replenishment: the interval's probability is %v; it must lie between 0 and 1", level)
	}
	z := math.Sqrt2 * math.Erfinv(level)
	m := &Model{items: make([]string, len(r.mean)), renewal: r, options: Options{Forget: 1, Count: Once}}
	var p person
	p.read(m, h)
	list := make([]Due, 0, len(p.items))
	for i := range p.items {
		t := &p.items[i]
		mean, sd := r.rhythm(t.item, float64(t.gaps), float64(t.logs))
		after := func(z float64) int32 { return t.last + int32(math.Min(math.Round(math.Exp(mean+z*sd)), 1e6)) }
		list = append(list, Due{
			Item: t.item, Last: t.last, Day: after(0), Low: after(-z), High: after(z), Interval: math.Exp(mean),
			Own: int(t.gaps), Seen: int(r.seen[t.item]), Share: float64(r.share[t.item]),
		})
	}
	slices.SortStableFunc(list, func(a, b Due) int { return int(a.Day) - int(b.Day) })
	return list, nil
}
