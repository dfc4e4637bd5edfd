package gbdt

import (
	"math"
	"sync"
)

// Explanations are Shapley values of the game in which a coalition of features
// is worth what the trees predict when the other features are unknown, and
// each split on an unknown feature is passed to both sides in proportion to the
// training rows there (Lundberg, Erion and Lee, "Consistent individualized
// feature attribution for tree ensembles", 2018; the values of XGBoost's
// pred_contribs and LightGBM's pred_contrib).
//
// A leaf of value v, on whose path D distinct features decide, is its own game:
// with z_i the share of rows that pass all splits of feature i, and o_i 1 if
// the row itself passes them and 0 if not, a coalition S is worth
// v·Π_{i in S} o_i·Π_{i not in S} z_i. As |S|!(D-1-|S|)!/D! is the integral of
// t^|S| (1-t)^(D-1-|S|) from 0 to 1, the Shapley value is
//
//	φ_i = v (o_i - z_i) ∫ Π_{k≠i} (t o_k + (1-t) z_k) dt
//
// a polynomial of degree D-1, which Gauss-Legendre quadrature with ⌈D/2⌉ points
// integrates exactly. There are no differences of nearly equal numbers in it.

// explainer is a model prepared for explanations.
type explainer struct {
	trees  []explained
	base   float64
	rules  []rule // quadrature by number of points
	states sync.Pool
}

// explained is a tree prepared.
type explained struct {
	tree   *tree
	words  int       // of a mask
	bit    []int32   // of each split's feature among those on its path
	leaves []pathEnd // of each leaf
	parts  []element // of all leaves' paths
	tables []float64
}

// pathEnd is a leaf and the distinct features above it.
type pathEnd struct {
	node        int32
	value       float64
	first, last int32 // of explained.parts
	table       int   // in explained.tables, -1 without
}

// element is a feature on a path and the share of rows that pass its splits.
type element struct {
	feature int32
	share   float64
}

const (
	// tableDepth is the number of features up to which a leaf's values are
	// kept for every mask: 2^D·D numbers.
	tableDepth = 6
	// tableBytes bounds all tables of a model.
	tableBytes = 64 << 20
)

// prepared is the model's explainer, made at first use.
func (m *Model) prepared() *explainer {
	m.once.Do(func() { m.explains = newExplainer(m) })
	return m.explains
}

func newExplainer(m *Model) *explainer {
	e := &explainer{trees: make([]explained, len(m.trees)), base: m.base, rules: make([]rule, 2)}
	room := tableBytes / 8
	words, nodes, deepest := 1, 1, 1
	for i := range m.trees {
		t := &e.trees[i]
		*t = newExplained(&m.trees[i])
		words, nodes = max(words, t.words), max(nodes, len(t.tree.nodes))
		for _, p := range t.leaves {
			deepest = max(deepest, int(p.last-p.first))
			v := p.value
			for _, part := range t.parts[p.first:p.last] {
				v *= part.share
			}
			e.base += v
		}
	}
	for points := len(e.rules); points <= (deepest+1)/2; points++ {
		e.rules = append(e.rules, gaussLegendre(points))
	}
	e.rules[0], e.rules[1] = rule{}, gaussLegendre(1)
	e.states.New = func() any {
		return &state{masks: make([]uint64, nodes*words), products: make([]float64, len(e.rules)), by: make([]float64, deepest)}
	}
	for i := range e.trees {
		room = e.tabulate(&e.trees[i], room)
	}
	return e
}

// state is what one goroutine needs while it explains.
type state struct {
	masks    []uint64  // of each node: bits of the features that the row does not pass
	products []float64 // at each point
	by       []float64 // values by element
}

// newExplained walks a tree from the root, with the path's features in order
// of first appearance, so that a feature's bit is the same in a whole subtree.
func newExplained(t *tree) explained {
	x := explained{tree: t, words: 1, bit: make([]int32, len(t.nodes))}
	x.walk(0, nil)
	for _, p := range x.leaves {
		x.words = max(x.words, (int(p.last-p.first)+63)/64)
	}
	return x
}

func (t *explained) walk(at int32, path []element) {
	n := &t.tree.nodes[at]
	if n.feature < 0 {
		first := int32(len(t.parts))
		t.parts = append(t.parts, path...)
		t.leaves = append(t.leaves, pathEnd{at, n.threshold, first, int32(len(t.parts)), -1})
		return
	}
	bit := len(path)
	for i, p := range path {
		if p.feature == n.feature {
			bit = i
		}
	}
	t.bit[at] = int32(bit)
	if bit == len(path) {
		path = append(path, element{n.feature, 1})
	}
	above := path[bit].share
	for _, child := range []int32{n.left, n.right} {
		path[bit].share = above * t.tree.share(at, child)
		t.walk(child, path)
	}
	path[bit].share = above
}

// share is the part of a node's rows that go to a child.
func (t *tree) share(at, child int32) float64 {
	if t.cover[at] <= 0 {
		return 0.5
	}
	return t.cover[child] / t.cover[at]
}

// tabulate computes leaves' values for every mask.
func (e *explainer) tabulate(t *explained, room int) int {
	s := e.states.Get().(*state)
	defer e.states.Put(s)
	for i := range t.leaves {
		p := &t.leaves[i]
		d := int(p.last - p.first)
		if d == 0 || d > tableDepth || d<<d > room {
			continue
		}
		room -= d << d
		p.table = len(t.tables)
		for mask := range uint64(1) << d {
			e.leaf(t, p, []uint64{mask}, s)
			t.tables = append(t.tables, s.by[:d]...)
		}
	}
	return room
}

// leaf computes the values of a leaf's features from the mask of those that
// the row does not pass, into s.by.
func (e *explainer) leaf(t *explained, p *pathEnd, mask []uint64, s *state) {
	parts := t.parts[p.first:p.last]
	r := &e.rules[(len(parts)+1)/2]
	products := s.products[:len(r.at)]
	failed := e.integrand(parts, r, mask, products) * p.value
	for i, part := range parts {
		if mask[i>>6]>>(i&63)&1 == 1 {
			s.by[i] = failed
			continue
		}
		sum := 0.0
		for q, v := range products {
			at := r.at[q]
			sum += v / (at + (1-at)*part.share)
		}
		s.by[i] = p.value * (1 - part.share) * sum
	}
}

// integrand fills in weight times product of all elements at each point and
// returns the integral that all elements share that the row does not pass.
func (e *explainer) integrand(parts []element, r *rule, mask []uint64, products []float64) float64 {
	failed := 0.0
	for q, at := range r.at {
		v := r.weight[q]
		for i, part := range parts {
			f := (1 - at) * part.share
			if mask[i>>6]>>(i&63)&1 == 0 {
				f += at
			}
			v *= f
		}
		products[q] = v
		failed -= v / (1 - at)
	}
	return failed
}

// masks sets, from the root on, which features of its path each node's rows
// fail.
func (t *explained) masks(x []float64, masks []uint64) {
	nodes, words := t.tree.nodes, t.words
	if words == 1 {
		masks = masks[:len(nodes)]
		masks[0] = 0
		for i := range nodes {
			n := &nodes[i]
			if n.feature < 0 {
				continue
			}
			left := uint64(0)
			if t.tree.goesLeft(n, x[n.feature]) {
				left = 1
			}
			mask, bit := masks[i], t.bit[i]&63
			masks[n.left] = mask | (1-left)<<bit
			masks[n.right] = mask | left<<bit
		}
		return
	}
	clear(masks[:words])
	for i := range nodes {
		n := &nodes[i]
		if n.feature < 0 {
			continue
		}
		mask := masks[i*words : (i+1)*words]
		failed := n.left
		if t.tree.goesLeft(n, x[n.feature]) {
			failed = n.right
		}
		copy(masks[int(n.left)*words:], mask)
		copy(masks[int(n.right)*words:], mask)
		masks[int(failed)*words+int(t.bit[i]>>6)] |= 1 << (t.bit[i] & 63)
	}
}

// add adds a tree's contributions for a row.
func (e *explainer) add(t *explained, dst, x []float64, s *state) {
	t.masks(x, s.masks)
	for i := range t.leaves {
		p := &t.leaves[i]
		parts := t.parts[p.first:p.last]
		if p.table >= 0 {
			at := p.table + int(s.masks[int(p.node)*t.words])*len(parts)
			for k, v := range t.tables[at : at+len(parts)] {
				dst[parts[k].feature] += v
			}
			continue
		}
		if len(parts) == 0 {
			continue
		}
		e.leaf(t, p, s.masks[int(p.node)*t.words:(int(p.node)+1)*t.words], s)
		for k, v := range s.by[:len(parts)] {
			dst[parts[k].feature] += v
		}
	}
}

// Explain writes the contribution of each feature to a row's margin into dst
// and returns the base value, the mean margin over the training rows as the
// trees remember them: base + sum(dst) = Margin(x). It allocates nothing but at
// the first call.
func (m *Model) Explain(dst, x []float64) (base float64, err error) {
	if len(x) != len(m.features) || len(dst) != len(m.features) {
		return math.NaN(), m.wrongLength("dst or the row", min(len(x), len(dst)), len(m.features))
	}
	e := m.prepared()
	s := e.states.Get().(*state)
	clear(dst)
	for i := range e.trees {
		e.add(&e.trees[i], dst, x, s)
	}
	e.states.Put(s)
	return e.base, nil
}

// ExplainAll explains each row of d: dst[i*Width()+f] is the contribution of
// feature f to the margin of row i. See Margins for how columns are found.
func (m *Model) ExplainAll(dst []float64, d *Data) (base float64, err error) {
	if d, err = m.bound(d); err != nil {
		return math.NaN(), err
	}
	width := len(m.features)
	if len(dst) != d.rows*width {
		return math.NaN(), m.wrongLength("dst", len(dst), d.rows*width)
	}
	clear(dst)
	e := m.prepared()
	m.blocks(d, func(begin int, rows [][]float64) {
		s := e.states.Get().(*state)
		for t := range e.trees {
			for i, x := range rows {
				at := (begin + i) * width
				e.add(&e.trees[t], dst[at:at+width], x, s)
			}
		}
		e.states.Put(s)
	})
	return e.base, nil
}

// rule is a quadrature on [0, 1].
type rule struct{ at, weight []float64 }

// gaussLegendre finds the roots of the Legendre polynomial by Newton's method.
func gaussLegendre(points int) rule {
	r := rule{make([]float64, points), make([]float64, points)}
	for i := range points {
		x := math.Cos(math.Pi * (float64(i) + 0.75) / (float64(points) + 0.5))
		slope := 0.0
		for range 100 {
			p, before := 1.0, 0.0
			for k := range points {
				p, before = (float64(2*k+1)*x*p-float64(k)*before)/float64(k+1), p
			}
			slope = float64(points) * (x*p - before) / (x*x - 1)
			step := p / slope
			x -= step
			if math.Abs(step) < 1e-16 {
				break
			}
		}
		r.at[i], r.weight[i] = (1-x)/2, 1/((1-x*x)*slope*slope)
	}
	return r
}
