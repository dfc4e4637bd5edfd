package recommend

import (
	"cmp"
	"slices"
)

// sparse is a matrix by rows: row r holds value[k] in column col[k] for k in
// start[r] … start[r+1]−1, columns ascending.
type sparse struct {
	rows, cols int
	start      []int32
	col        []int32
	value      []float32
}

func (m *sparse) row(r int) ([]int32, []float32) {
	lo, hi := m.start[r], m.start[r+1]
	return m.col[lo:hi], m.value[lo:hi]
}

// turned is the transpose.
func (m *sparse) turned() *sparse {
	t := &sparse{rows: m.cols, cols: m.rows, start: make([]int32, m.cols+1), col: make([]int32, len(m.col)), value: make([]float32, len(m.col))}
	for _, c := range m.col {
		t.start[c+1]++
	}
	for c := range m.cols {
		t.start[c+1] += t.start[c]
	}
	next := slices.Clone(t.start[:m.cols])
	for r := range m.rows {
		cols, values := m.row(r)
		for k, c := range cols {
			t.col[next[c]], t.value[next[c]] = int32(r), values[k]
			next[c]++
		}
	}
	return t
}

// Count says what a person's purchases of one item amount to.
type Count string

// The ways of counting.
const (
	Once Count = "once" // 1, however often it was bought
	Days Count = "days" // the number of days on which it was bought
	Sum  Count = "sum"  // the sum of the weights
)

// matrix gives users × items.
func (in *Interactions) matrix(count Count) *sparse {
	m := &sparse{rows: len(in.users), cols: len(in.items), start: make([]int32, len(in.users)+1)}
	var own []line
	for u := range in.users {
		own = append(own[:0], in.of(u)...)
		slices.SortFunc(own, func(a, b line) int { return cmp.Or(cmp.Compare(a.item, b.item), cmp.Compare(a.day, b.day)) })
		for i, l := range own {
			v := l.weight
			if count != Sum {
				v = 1
			}
			last := len(m.col) - 1
			switch {
			case i == 0 || own[i-1].item != l.item:
				m.col, m.value = append(m.col, l.item), append(m.value, v)
			case count == Sum, count == Days && own[i-1].day != l.day:
				m.value[last] += v
			}
		}
		m.start[u+1] = int32(len(m.col))
	}
	return m
}

// byBasket gives orders × items, 1 where the order has the item.
func (in *Interactions) byBasket() *sparse {
	m := &sparse{rows: in.baskets, cols: len(in.items), start: make([]int32, in.baskets+1)}
	for _, l := range in.lines {
		m.start[l.basket+1]++
		m.col, m.value = append(m.col, l.item), append(m.value, 1)
	}
	for b := range in.baskets {
		m.start[b+1] += m.start[b]
	}
	return m
}
