package gbdt

import (
	"math"
	"slices"
)

// drawRows fills g.rows with the rows of a tree, in order, and returns how many
// they are; the rows that were not drawn follow.
func (g *grower) drawRows(seed uint64) int {
	n := len(g.rows)
	if g.o.RowFraction >= 1 {
		g.team.rows(n, func(_, begin, end int) {
			for i := begin; i < end; i++ {
				g.rows[i] = int32(i)
			}
		})
		return n
	}
	// Selection sampling: exactly want of n, each set equally likely.
	want := max(1, int(math.Round(g.o.RowFraction*float64(n))))
	in, out := 0, want
	for i := range n {
		if mulRange(mix(seed, uint64(i)), uint64(n-i)) < uint64(want-in) {
			g.rows[in] = int32(i)
			in++
		} else {
			g.rows[out] = int32(i)
			out++
		}
	}
	return want
}

// mulRange maps a random number to 0..n-1, n < 2³².
func mulRange(random, n uint64) uint64 { return (random >> 32) * n >> 32 }

// drawColumns draws the columns of a tree.
func (g *grower) drawColumns(seed uint64) {
	g.draw = seed
	g.columns = subset(g.columns[:0], len(g.m.used), g.o.ColumnFraction, seed)
	clear(g.wordUsed)
	for _, f := range g.columns {
		g.wordUsed[f/8] = true
	}
}

// nodeColumns draws, of the tree's columns, those of a leaf.
func (g *grower) nodeColumns(f *leaf) []int {
	if g.o.NodeColumnFraction >= 1 {
		return g.columns
	}
	list := subset(nil, len(g.columns), g.o.NodeColumnFraction, mix(g.draw, uint64(f.node)))
	for i, at := range list {
		list[i] = g.columns[at]
	}
	return list
}

// subset draws a fraction of 0..n-1, at least one, in order.
func subset(dst []int, n int, fraction float64, seed uint64) []int {
	want := n
	if fraction < 1 && n > 0 {
		want = max(1, int(math.Round(fraction*float64(n))))
	}
	for i := range n {
		if mulRange(mix(seed, uint64(i)), uint64(n-i)) < uint64(want-len(dst)) {
			dst = append(dst, i)
		}
	}
	return slices.Clip(dst)
}
