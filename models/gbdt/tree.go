package gbdt

import (
	"math"
	"slices"
)

// node is a split, or a leaf.
type node struct {
	threshold   float64 // x <= threshold goes left; in a leaf, its value
	feature     int32   // -1 in a leaf
	left, right int32
	set         int32 // of categories, -1 where the split is by threshold
	missingLeft bool
	zeroMissing bool // values within ±zeroBand count as missing (LightGBM)
	setLeft     bool // categories of the set go left, others right; or the reverse
}

// zeroBand is what LightGBM takes for zero: the float32 nearest to 1e-35.
const zeroBand = 1.0000000180025095e-35

// tree is a regression tree. Node 0 is the root and children come after their
// parents.
type tree struct {
	nodes []node
	sets  []codeSet
	cover []float64 // weight of the training rows in each node
	gain  []float64 // of each split, 0 in leaves
}

// codeSet is a set of category codes.
type codeSet struct {
	codes []int32 // sorted
	bits  []uint64
}

// bitCodes is the number of codes that are looked up as bits.
const bitCodes = 1 << 12

func newCodeSet(codes []int32) codeSet {
	slices.Sort(codes)
	s := codeSet{codes: slices.Compact(codes)}
	for _, c := range s.codes {
		if c < bitCodes {
			for int(c>>6) >= len(s.bits) {
				s.bits = append(s.bits, 0)
			}
			s.bits[c>>6] |= 1 << (c & 63)
		}
	}
	return s
}

// has says whether the category x is in the set.
func (s *codeSet) has(x float64) bool {
	if !(x > -1 && x <= math.MaxInt32) {
		return false
	}
	c := int32(x)
	if c < bitCodes {
		return int(c>>6) < len(s.bits) && s.bits[c>>6]>>(c&63)&1 == 1
	}
	_, found := slices.BinarySearch(s.codes, c)
	return found
}

// goesLeft decides for the value x at a split.
func (t *tree) goesLeft(n *node, x float64) bool {
	if x != x || (n.zeroMissing && math.Abs(x) <= zeroBand) {
		return n.missingLeft
	}
	if n.set >= 0 {
		return t.sets[n.set].has(x) == n.setLeft
	}
	return x <= n.threshold
}

// value is the leaf of a row.
func (t *tree) value(x []float64) float64 {
	n := &t.nodes[0]
	for n.feature >= 0 {
		if t.goesLeft(n, x[n.feature]) {
			n = &t.nodes[n.left]
		} else {
			n = &t.nodes[n.right]
		}
	}
	return n.threshold
}

// valueAt is the leaf of a row of a table.
func (t *tree) valueAt(d *Data, row int) float64 {
	n := &t.nodes[0]
	for n.feature >= 0 {
		if t.goesLeft(n, d.columns[n.feature].At(row)) {
			n = &t.nodes[n.left]
		} else {
			n = &t.nodes[n.right]
		}
	}
	return n.threshold
}

// finish makes a tree of bins one of values.
func (b *booster) finish(t *growing, values []float64) tree {
	out := tree{nodes: make([]node, len(t.nodes)), cover: make([]float64, len(t.nodes)), gain: make([]float64, len(t.nodes))}
	for i := range t.nodes {
		from, to := &t.nodes[i], &out.nodes[i]
		*to = node{feature: -1, set: -1}
		if from.feature < 0 {
			continue
		}
		out.gain[i] = from.gain / 2
		to.feature, to.left, to.right = int32(b.m.at[from.feature]), int32(from.left), int32(from.right)
		out.condition(to, b.m.used[from.feature], &from.goesLeft)
	}
	for i := range b.g.leaves {
		f := &b.g.leaves[i]
		out.nodes[f.node].threshold = values[i]
		out.cover[f.node] = float64(f.count())
		if w := b.train.Weights; w != nil {
			out.cover[f.node] = 0
			for _, r := range b.g.rows[f.begin:f.end] {
				out.cover[f.node] += w[r]
			}
		}
	}
	for i := len(out.nodes) - 1; i >= 0; i-- {
		if n := &out.nodes[i]; n.feature >= 0 {
			out.cover[i] = out.cover[n.left] + out.cover[n.right]
		}
	}
	if sorted, err := out.ordered(); err == nil { // it always is
		return sorted
	}
	return out
}

// condition turns the bins that go left into a threshold or a set.
func (t *tree) condition(n *node, b *binning, left *leftBins) {
	n.missingLeft = left.has(missingBin)
	if b.missing >= 0 {
		n.missingLeft = left.has(b.missing)
	}
	if b.kind != kindCategory {
		n.threshold = math.MaxFloat64 // only missing values go right
		for bin := range b.values {
			if !left.has(bin) {
				n.threshold = b.bounds[bin-1]
				break
			}
		}
		return
	}
	// Categories that have no bin go where the rare ones go.
	unknown := b.other
	if unknown < 0 {
		unknown = missingBin
	}
	n.setLeft = !left.has(unknown)
	var codes []int32
	for bin, code := range b.codes {
		if left.has(bin) == n.setLeft {
			codes = append(codes, code)
		}
	}
	n.set = int32(len(t.sets))
	t.sets = append(t.sets, newCodeSet(codes))
}
