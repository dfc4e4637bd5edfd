package gbdt

import "math"

// tiny keeps a quotient finite where neither hessian nor penalty is left.
const tiny = 1e-15

// split is a way to part a leaf's rows in two.
type split struct {
	gain        float64 // what the loss falls by, to second order, times two; <= 0 means none
	feature     int     // among the used columns
	left, right cell
	low, high   float64 // the outputs of left and right, where monotone constraints matter
	goesLeft    leftBins
}

// leftBins is the set of bins that go to the left.
type leftBins [4]uint64

func (s *leftBins) add(bin int)      { s[bin>>6&3] |= 1 << (bin & 63) }
func (s *leftBins) has(bin int) bool { return s[bin>>6&3]>>(bin&63)&1 == 1 }

// leaf is a set of rows that is not parted (yet).
type leaf struct {
	begin, end int // of grower.rows
	depth      int
	sum        cell
	min, max   float64 // what monotone constraints allow as output
	cells      []cell  // its histogram, nil when it will not be split
	best       split
	node       int // in the tree
}

func (f *leaf) count() int { return f.end - f.begin }

// output is the value that minimises the loss to second order.
func (g *grower) output(gr, h, l2 float64) float64 {
	return -shrink(gr, g.o.L1) / (h + l2 + tiny)
}

// shrink moves v towards zero by l1.
func shrink(v, l1 float64) float64 {
	switch {
	case v > l1:
		return v - l1
	case v < -l1:
		return v + l1
	}
	return 0
}

// gainAt is how much the value v lowers twice the loss of a leaf with sums gr
// and h.
func (g *grower) gainAt(v, gr, h, l2 float64) float64 {
	return -(2*gr*v + (h+l2)*v*v + 2*g.o.L1*math.Abs(v))
}

// gain is what a leaf's best value gains.
func (g *grower) gain(gr, h, l2 float64) float64 {
	s := shrink(gr, g.o.L1)
	return s * s / (h + l2 + tiny)
}

// undivided is what a leaf gains as it is.
func (g *grower) undivided(f *leaf) float64 {
	gr, h := float64(f.sum.g)*g.scale.g, float64(f.sum.h)*g.scale.h
	if !g.constrained {
		return g.gain(gr, h, g.o.L2)
	}
	return g.gainAt(max(f.min, min(f.max, g.output(gr, h, g.o.L2))), gr, h, g.o.L2)
}

// search finds the best split of each feature for a leaf; the best of all is
// the first of those with the highest gain.
func (g *grower) search(f *leaf) {
	f.best = split{}
	if f.cells == nil {
		return
	}
	features := g.nodeColumns(f)
	t := g.team
	if len(features)*f.count() < 1<<15 && len(features) < 64 {
		t = 1
	}
	t.run(func(member int) {
		for i := member; i < len(features); i += int(t) {
			g.found[i] = split{}
			g.searchFeature(f, features[i], &g.found[i])
		}
	})
	for i := range features {
		if g.found[i].gain > f.best.gain {
			f.best = g.found[i]
		}
	}
	if f.best.gain <= g.o.MinGain {
		f.best = split{}
	}
}

func (g *grower) searchFeature(f *leaf, feature int, best *split) {
	b := g.m.used[feature]
	cells := f.cells[g.m.start[feature]:][:b.bins]
	best.feature = feature
	if b.kind == kindCategory {
		g.searchSets(f, b, cells, best)
		return
	}
	s := scanner{g: g, f: f, sum: f.sum, direction: g.directions[feature]}
	s.parent = g.undivided(f)
	s.plain = g.o.L1 == 0 && !g.constrained
	missing := cell{}
	if b.missing >= 0 {
		missing = cells[b.missing]
	}
	found := s.thresholds(cells[:b.values], cell{}, missing.n > 0)
	missingLeft := false
	if missing.n > 0 {
		if other := s.thresholds(cells[:b.values], missing, false); other.gain > found.gain {
			found, missingLeft = other, true
		}
	}
	if found.gain <= 0 {
		return
	}
	best.gain, best.left, best.right = found.gain, found.left, f.sum.minus(found.left)
	for bin := range middle(cells[:b.values], found.bin) + 1 {
		best.goesLeft.add(bin)
	}
	// Values that were not seen missing here follow the larger side.
	if missingLeft || (missing.n == 0 && best.left.n > best.right.n) {
		best.goesLeft.add(missingBin)
	}
	if b.missing >= 0 && missingLeft {
		best.goesLeft.add(b.missing)
	}
}

// middle moves the end of a split to the middle of the bins after it that hold
// no row of the leaf: rows to come may lie there.
func middle(cells []cell, bin int) int {
	for next := bin + 1; next < len(cells); next++ {
		if cells[next].n > 0 {
			return (bin + next - 1) / 2
		}
	}
	return bin
}

// missingBin stands for missing values in leftBins where the training set has
// none in the column. No column has as many bins.
const missingBin = 255

// scanner walks the bins of a number.
type scanner struct {
	g         *grower
	f         *leaf
	sum       cell
	parent    float64
	direction int8
	plain     bool
}

// threshold is a split at the end of a bin.
type threshold struct {
	gain float64
	bin  int
	left cell
}

// thresholds tries the end of each bin; start holds what is on the left
// anyway. The last bin counts only where something is left for the right.
func (s *scanner) thresholds(cells []cell, start cell, all bool) threshold {
	if s.plain {
		return s.fast(cells, start, all)
	}
	best := threshold{bin: -1}
	left, minRows := start, int64(s.g.o.MinRows)
	last := len(cells) - 1
	if all {
		last++
	}
	for bin, c := range cells[:last] {
		if c.n == 0 {
			continue
		}
		left = left.plus(c)
		right := s.sum.minus(left)
		if left.n < minRows {
			continue
		}
		if right.n < minRows {
			break
		}
		if gain := s.g.constrainedGain(s.f, left, right, s.g.o.L2, s.direction) - s.parent; gain > best.gain {
			best = threshold{gain, bin, left}
		}
	}
	return best
}

// fast is thresholds without L1 and monotone constraints.
func (s *scanner) fast(cells []cell, start cell, all bool) threshold {
	best := threshold{bin: -1}
	sum, l2 := s.sum, s.g.o.L2+tiny
	minRows, minHessian := int64(s.g.o.MinRows), s.g.o.MinHessian
	sg, sh := s.g.scale.g, s.g.scale.h
	left := start
	bestGain := s.parent
	if !all {
		cells = cells[:len(cells)-1]
	}
	for bin := range cells {
		c := &cells[bin]
		if c.n == 0 {
			continue
		}
		left.g += c.g
		left.h += c.h
		left.n += c.n
		if left.n < minRows {
			continue
		}
		if sum.n-left.n < minRows {
			break
		}
		lh, rh := float64(left.h)*sh, float64(sum.h-left.h)*sh
		if lh < minHessian || rh < minHessian {
			continue
		}
		lg, rg := float64(left.g)*sg, float64(sum.g-left.g)*sg
		lh, rh = lh+l2, rh+l2
		// One division for both sides.
		if gain := (lg*lg*rh + rg*rg*lh) / (lh * rh); gain > bestGain {
			bestGain, best.bin, best.left = gain, bin, left
		}
	}
	best.gain = bestGain - s.parent
	return best
}

// constrainedGain is the gain of both sides under all constraints, or -Inf
// where one forbids the split.
func (g *grower) constrainedGain(f *leaf, left, right cell, l2 float64, direction int8) float64 {
	lg, lh := float64(left.g)*g.scale.g, float64(left.h)*g.scale.h
	rg, rh := float64(right.g)*g.scale.g, float64(right.h)*g.scale.h
	if lh < g.o.MinHessian || rh < g.o.MinHessian {
		return math.Inf(-1)
	}
	if !g.constrained {
		return g.gain(lg, lh, l2) + g.gain(rg, rh, l2)
	}
	lv, rv := g.outputs(f, left, right, l2)
	if (direction > 0 && lv > rv) || (direction < 0 && lv < rv) {
		return math.Inf(-1)
	}
	return g.gainAt(lv, lg, lh, l2) + g.gainAt(rv, rg, rh, l2)
}

// outputs are the values of both sides within the leaf's bounds.
func (g *grower) outputs(f *leaf, left, right cell, l2 float64) (lv, rv float64) {
	lv = g.output(float64(left.g)*g.scale.g, float64(left.h)*g.scale.h, l2)
	rv = g.output(float64(right.g)*g.scale.g, float64(right.h)*g.scale.h, l2)
	return max(f.min, min(f.max, lv)), max(f.min, min(f.max, rv))
}
