package gbdt

import "math"

// grower grows trees on one training set.
type grower struct {
	o           *Options
	m           *matrix
	team        team
	directions  []int8 // of the used columns
	constrained bool   // some direction is not 0

	pairs   []pair
	narrows []uint64
	wides   [][2]uint64
	wide    bool
	scale   scale
	round   rounder

	rows     []int32 // grouped by leaf
	leaves   []leaf
	free     [][]cell // histograms not in use
	made     int      // histograms there are
	found    []split
	scratch  []scratch
	wordUsed []bool
	columns  []int // drawn for this tree
	draw     uint64
}

// histogramBytes bounds the memory of histograms; leaves beyond it have
// theirs built again when they are parted.
const histogramBytes = 256 << 20

func newGrower(o *Options, m *matrix, directions []int8) *grower {
	g := &grower{o: o, m: m, team: team(o.Cores), scratch: make([]scratch, o.Cores)}
	for _, f := range m.at {
		g.directions = append(g.directions, directions[f])
		g.constrained = g.constrained || directions[f] != 0
	}
	g.rows = make([]int32, m.n)
	g.found = make([]split, len(m.used))
	g.wordUsed = make([]bool, m.words)
	return g
}

// grow makes a tree on the rows drawn, which g.rows holds on return grouped by
// g.leaves. Its leaves' values are not set.
func (g *grower) grow(drawn int) *growing {
	t := &growing{}
	g.leaves = append(g.leaves[:0], g.root(drawn, t))
	g.search(&g.leaves[0])
	for len(g.leaves) < g.o.MaxLeaves {
		at := -1
		for i := range g.leaves {
			if g.leaves[i].best.gain > 0 && (at < 0 || g.leaves[i].best.gain > g.leaves[at].best.gain) {
				at = i
			}
		}
		if at < 0 {
			break
		}
		g.part(at, t)
	}
	for i := range g.leaves {
		g.release(&g.leaves[i])
	}
	return t
}

func (g *grower) root(drawn int, t *growing) leaf {
	f := leaf{end: drawn, min: math.Inf(-1), max: math.Inf(1)}
	f.node = t.leaf(drawn)
	f.sum.h = math.MaxInt64 // not known yet
	if !g.divisible(&f) {
		f.sum = g.total(drawn)
		return f
	}
	f.cells = g.take()
	g.histogram(f.cells, g.rows[:drawn])
	f.sum = cell{}
	first := g.columns[0] // each column's bins hold all rows
	for _, c := range f.cells[g.m.start[first]:][:g.m.used[first].bins] {
		f.sum = f.sum.plus(c)
	}
	return f
}

// total sums the derivatives of all rows drawn.
func (g *grower) total(drawn int) cell {
	sum := cell{}
	for _, r := range g.rows[:drawn] {
		if g.wide {
			v := g.wides[r]
			sum = sum.plus(cell{int64(v[0]), int64(v[1] >> wideHessianAt), 1})
		} else {
			sum = sum.plus(narrowCell(g.narrows[r]))
		}
	}
	return sum
}

// divisible says whether a leaf may be parted at all.
func (g *grower) divisible(f *leaf) bool {
	return f.depth < g.o.MaxDepth && f.count() >= 2*g.o.MinRows && len(g.columns) > 0 &&
		float64(f.sum.h)*g.scale.h >= 2*g.o.MinHessian
}

// part parts leaf at in two: the left one takes its place.
func (g *grower) part(at int, t *growing) {
	parent := g.leaves[at]
	best := &parent.best
	middle := g.partition(&parent)
	left := leaf{begin: parent.begin, end: middle, depth: parent.depth + 1, sum: best.left, min: parent.min, max: parent.max}
	right := leaf{begin: middle, end: parent.end, depth: parent.depth + 1, sum: best.right, min: parent.min, max: parent.max}
	if d := g.directions[best.feature]; d != 0 {
		lv, rv := g.outputs(&parent, best.left, best.right, g.o.L2)
		mid := lv/2 + rv/2
		if d > 0 {
			left.max, right.min = mid, mid
		} else {
			left.min, right.max = mid, mid
		}
	}
	left.node, right.node = t.part(&parent, left.count(), right.count())
	last := len(g.leaves)+1 == g.o.MaxLeaves
	if !last && (g.divisible(&left) || g.divisible(&right)) {
		g.histograms(&parent, &left, &right)
	} else {
		g.release(&parent)
	}
	g.search(&left)
	g.search(&right)
	g.leaves[at] = left
	g.leaves = append(g.leaves, right)
	g.trim(at)
}

// histograms builds that of the smaller side from its rows; the other's is
// what remains of the parent's.
func (g *grower) histograms(parent, left, right *leaf) {
	small, large := left, right
	if left.count() > right.count() {
		small, large = right, left
	}
	buffer := g.take()
	g.histogram(buffer, g.rows[small.begin:small.end])
	if parent.cells == nil {
		parent.cells = g.take()
		g.histogram(parent.cells, g.rows[large.begin:large.end])
	} else {
		for i, c := range buffer {
			p := &parent.cells[i]
			p.g, p.h, p.n = p.g-c.g, p.h-c.h, p.n-c.n
		}
	}
	small.cells, large.cells = buffer, parent.cells
	parent.cells = nil
	for _, f := range []*leaf{small, large} {
		if !g.divisible(f) {
			g.release(f)
		}
	}
}

// trim gives back histograms that no split will need, and those beyond the
// bound, of the last leaves first.
func (g *grower) trim(at int) {
	for _, i := range []int{at, len(g.leaves) - 1} {
		f := &g.leaves[i]
		if f.best.gain <= 0 || (g.made-len(g.free))*g.m.cells*24 > histogramBytes {
			g.release(f)
		}
	}
}

func (g *grower) take() []cell {
	if n := len(g.free); n > 0 {
		c := g.free[n-1]
		g.free = g.free[:n-1]
		return c
	}
	g.made++
	return make([]cell, g.m.cells)
}

func (g *grower) release(f *leaf) {
	if f.cells != nil {
		g.free = append(g.free, f.cells)
		f.cells = nil
	}
}

// growing is a tree of bins.
type growing struct{ nodes []grownNode }

type grownNode struct {
	feature     int // -1 in a leaf
	goesLeft    leftBins
	left, right int
	gain        float64
	rows        int
}

func (t *growing) leaf(rows int) int {
	t.nodes = append(t.nodes, grownNode{feature: -1, rows: rows})
	return len(t.nodes) - 1
}

// part makes a leaf a node with two leaves.
func (t *growing) part(f *leaf, left, right int) (l, r int) {
	l, r = t.leaf(left), t.leaf(right)
	n := &t.nodes[f.node]
	n.feature, n.goesLeft, n.gain = f.best.feature, f.best.goesLeft, f.best.gain
	n.left, n.right = l, r
	return l, r
}

// find is the leaf of a row of the matrix.
func (t *growing) find(m *matrix, row int) int {
	at := 0
	for t.nodes[at].feature >= 0 {
		n := &t.nodes[at]
		if n.goesLeft.has(int(m.cols[n.feature][row])) {
			at = n.left
		} else {
			at = n.right
		}
	}
	return at
}

// values are the leaves' outputs. With thirty bits they come from the exact
// derivatives, added up in chunks that depend on nothing but the rows. With ten
// bits the histograms' sums do: what rounding adds to their variance is far below
// that of the rows.
func (g *grower) values() []float64 {
	list := make([]float64, len(g.leaves))
	for i := range g.leaves {
		f := &g.leaves[i]
		gr, h := float64(f.sum.g)*g.scale.g, float64(f.sum.h)*g.scale.h
		if g.wide {
			gr, h = g.exact(g.rows[f.begin:f.end])
		}
		list[i] = max(f.min, min(f.max, g.output(gr, h, g.o.L2)))
	}
	return list
}

func (g *grower) exact(rows []int32) (gr, h float64) {
	parts := make([][2]float64, (len(rows)+chunk-1)/chunk)
	g.team.chunks(len(rows), func(number, begin, end int) {
		var gr, h float64
		for _, r := range rows[begin:end] {
			p := g.pairs[r]
			gr, h = gr+float64(p.g), h+float64(p.h)
		}
		parts[number] = [2]float64{gr, h}
	})
	for _, p := range parts {
		gr, h = gr+p[0], h+p[1]
	}
	return gr, h
}
