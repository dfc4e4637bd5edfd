package clv

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/dangol/dangol/models/btyd"
	"github.com/dangol/dangol/models/gbdt"
)

// window is a past day as of which customers are described, and the days after
// it in which what they did is counted.
type window struct{ cut, length int32 }

// fewestDays of history below which nothing can be learnt from earlier cuts.
const fewestDays = 60

// mostCuts of one training set.
const mostCuts = 4

// plan lays windows into the days from first to until, none of which reaches
// beyond until. Where the history is long they are as long as the horizon;
// where it is short, at least a third of it, so that a third of the history is
// before each cut. One more stands a year back, where the history has it: the
// same season.
func plan(first, until, horizon int32) []window {
	span := until - first
	if span < fewestDays {
		return nil
	}
	shortest := min(horizon, span/3)
	var list []window
	add := func(cut int32) { list = append(list, window{cut, min(horizon, until-cut)}) }
	step := max(shortest/3, 7)
	for cut := until - shortest; cut-first >= span/3 && len(list) < mostCuts; cut -= step {
		add(cut)
	}
	if year := until - 365; year-first >= 180 && horizon <= 365 && list[len(list)-1].cut-year >= step {
		add(year)
	}
	return list
}

// opening is the day by which one customer in a hundred had ordered: a shop's
// first test orders are no history.
func opening(customers []History, until int32) int32 {
	var first []int32
	for _, h := range customers {
		if h.Days[0] <= until {
			first = append(first, h.Days[0])
		}
	}
	if len(first) == 0 {
		return until
	}
	slices.SortFunc(first, cmp.Compare)
	return first[len(first)/100]
}

// ground is what is known at the end of a day without any trees.
type ground struct {
	day      int32
	ordering *btyd.Fitted
	spend    *btyd.FittedSpend // nil where amounts are unknown or cannot be fitted
	amount   float64           // mean of all orders
}

// survey fits the models of ordering and spending to what came up to a day.
func survey(customers []History, day int32, model btyd.Model) (*ground, error) {
	patterns := make([]btyd.Pattern, 0, len(customers))
	var spent []btyd.SpendPattern
	sum, orders := 0.0, 0.0
	for _, h := range customers {
		p, ok := h.pattern(day)
		if !ok {
			continue
		}
		patterns = append(patterns, p)
		if h.Amounts == nil {
			continue
		}
		repeat, first := 0.0, h.Amounts[0]
		for _, v := range h.Amounts[1 : p.X+1] {
			repeat += v
		}
		sum += repeat + first
		orders += float64(p.X + 1)
		if repeat > 0 {
			spent = append(spent, btyd.SpendPattern{X: p.X, Mean: repeat / float64(p.X), N: 1})
		}
	}
	grouped, _ := btyd.Group(patterns)
	f, err := btyd.Fit(model, grouped, btyd.Options{})
	if err != nil {
		return nil, err
	}
	g := &ground{day: day, ordering: f}
	if orders > 0 {
		g.amount = math.Max(sum/orders, 0)
	}
	if s, err := btyd.FitSpend(spent, btyd.Options{}); err == nil && s.Q > 1 {
		g.spend = s
	}
	return g, nil
}

// perOrder is what a customer is expected to spend on a day with an order.
func (g *ground) perOrder(h History, p btyd.Pattern) float64 {
	sum := 0.0
	for _, v := range h.Amounts[1 : p.X+1] {
		sum += v
	}
	mean := (g.amount + h.Amounts[0] + sum) / float64(p.X+2)
	if g.spend != nil {
		x := p.X
		if sum <= 0 {
			x = 0
		}
		if m, ok := g.spend.ConditionalMean(x, sum/math.Max(float64(p.X), 1)); ok {
			mean = m
		}
	}
	return math.Max(mean, 1e-3*g.amount)
}

// part is a window with the customers who are looked at in it.
type part struct {
	*ground
	window
	who []int
}

// rows are customers as of the cuts of windows, the windows one after another.
type rows struct {
	asOf   []AsOf
	length []float64 // of the row's window, in days
	data   *gbdt.Data
	orders []float64 // expected by the ordering model in the window
	spend  []float64 // the same times the expected amount; nil without amounts
	// What happened in the window.
	came, amount []float64
}

// leastOrders keeps logarithms finite for customers who have all but certainly
// left.
const leastOrders = 1e-6

// describe makes the rows of parts.
func describe(customers []History, parts []part, traits Traits) (*rows, error) {
	r := &rows{}
	var grounds []*ground
	for _, p := range parts {
		for _, i := range p.who {
			r.asOf = append(r.asOf, AsOf{i, p.cut})
			r.length = append(r.length, float64(p.length))
			grounds = append(grounds, p.ground)
		}
	}
	n := len(r.asOf)
	amounts := customers[0].Amounts != nil
	r.orders, r.came = make([]float64, n), make([]float64, n)
	if amounts {
		r.spend, r.amount = make([]float64, n), make([]float64, n)
	}
	t := newGrid(n, amounts)
	parallel(n, func(k int) {
		g, cut, h := grounds[k], r.asOf[k].Day, customers[r.asOf[k].Customer]
		p, _ := h.pattern(cut)
		r.orders[k] = math.Max(g.ordering.ConditionalExpected(p, r.length[k]), leastOrders)
		came, amount := h.came(cut, cut+int32(r.length[k]))
		r.came[k] = came
		if amounts {
			r.spend[k] = r.orders[k] * g.perOrder(h, p)
			r.amount[k] = math.Max(amount, 0)
		}
		t.fill(k, h, p, cut, g.ordering.Process)
	})
	columns := t.columns()
	if traits != nil {
		more, err := traits(r.asOf)
		if err != nil {
			return nil, err
		}
		columns = append(columns, more...)
	}
	var err error
	r.data, err = gbdt.NewData(columns...)
	return r, err
}

// known are the customers who had ordered by a day, or about most of them.
func known(customers []History, day int32, most int, seed uint64) []int {
	var who []int
	for i, h := range customers {
		if h.Days[0] <= day {
			who = append(who, i)
		}
	}
	if len(who) <= most {
		return who
	}
	rng := rand.New(rand.NewPCG(seed, uint64(day))) //nolint:gosec // repeatable by purpose
	rng.Shuffle(len(who), func(i, j int) { who[i], who[j] = who[j], who[i] })
	who = who[:most]
	slices.Sort(who)
	return who
}
