package recommend

import (
	"cmp"
	"math"
	"slices"
)

// taken is what is known of a person and one item she bought.
type taken struct {
	item   int32
	days   int32   // on how many days
	last   int32   // the last of them
	x      float32 // weight in the linear models, later orders more
	fresh  float32 // Σ 0.7^orders since, over the days she bought it
	amount float32 // by Count, for ALS
	oldest int32   // the first of the days
	gaps   int32   // intervals between the days
	logs   float32 // sum of their logarithms
	due    float32 // ln(days since / expected interval)
}

// person is a history put in order, and the memory for one recommendation.
type person struct {
	events []Event
	items  []taken // ascending
	orders int     // distinct days
	at     int32
	group  int // number of the segment, −1 if unknown

	idx    []int32
	coef   []float32
	values []float32
	part   []float32 // one component
	score  []float32
	heap   []scored
	chosen []scored
	fold   *system
	factor []float32
	allow  []bool
	terms  []Term // instead of the model's, while weights are judged

	keep bool         // components are computed once for several answers
	kept [3]bool      // those of EASE, ALS and neighbours that were
	own  [3][]float32 // they
}

// find is what is known of an item that she bought; nil of any other.
func (p *person) find(item int32) *taken {
	if at, ok := slices.BinarySearchFunc(p.items, item, func(t taken, item int32) int { return cmp.Compare(t.item, item) }); ok {
		return &p.items[at]
	}
	return nil
}

// freshness is how much an order counts less than the one after it where a
// person's own habit is told.
const freshness = 0.7

// read takes a history in. Events of unknown items or not before h.At are left
// out.
func (p *person) read(m *Model, h History) {
	p.at, p.items, p.orders = h.At, p.items[:0], 0
	p.group = m.segmentOf(h.Segment)
	p.events = p.events[:0]
	for _, e := range h.Events {
		if e.Day < h.At && e.Item >= 0 && int(e.Item) < len(m.items) {
			if !(e.Weight > 0) {
				e.Weight = 1
			}
			p.events = append(p.events, e)
		}
	}
	slices.SortFunc(p.events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(b.Day, a.Day), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Weight, b.Weight))
	})
	x, fresh := float32(1), float32(1)
	for i, e := range p.events {
		if i == 0 || p.events[i-1].Day != e.Day {
			p.orders++
			if i > 0 {
				x *= float32(m.options.Forget)
				fresh *= freshness
			}
		}
		again := i > 0 && p.events[i-1].Day == e.Day && p.events[i-1].Item == e.Item
		p.items = append(p.items, taken{item: e.Item, days: 1, last: e.Day, oldest: e.Day, x: x, fresh: fresh, amount: 1})
		t := &p.items[len(p.items)-1]
		if again {
			t.days, t.fresh, t.amount = 0, 0, 0
		}
		if m.options.Count == Sum {
			t.amount = e.Weight
		}
	}
	slices.SortStableFunc(p.items, func(a, b taken) int { return cmp.Compare(a.item, b.item) })
	kept := p.items[:0]
	for i, t := range p.items {
		if i == 0 || p.items[i-1].item != t.item {
			kept = append(kept, t)
			continue
		}
		o := &kept[len(kept)-1]
		if gap := o.oldest - t.last; gap > 0 {
			o.logs += float32(math.Log(float64(gap)))
			o.gaps++
			o.oldest = t.last
		}
		o.days += t.days
		o.fresh += t.fresh
		o.amount += t.amount
		if m.options.Count != Once {
			o.x += t.x
		}
	}
	p.items = kept
	for i := range p.items {
		t := &p.items[i]
		if m.options.Count == Once {
			t.amount = 1
		}
		t.due = m.renewal.ratio(t, p.at)
	}
}
