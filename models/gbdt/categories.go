package gbdt

import "slices"

// searchSets finds the best set of categories. Missing values and rare
// categories are categories of their own. Sorting by the ratio of gradient to
// hessian makes the best of all sets a prefix (Fisher, "On grouping for maximum
// homogeneity", 1958), but with many small categories the sorting itself learns
// the labels by heart: hence the smoothing, the extra penalty and the limits.
func (g *grower) searchSets(f *leaf, b *binning, cells []cell, best *split) {
	present := make([]int, 0, len(cells))
	for bin, c := range cells {
		if c.n > 0 {
			present = append(present, bin)
		}
	}
	if len(present) < 2 {
		return
	}
	s := setSearch{g: g, f: f, cells: cells, parent: g.undivided(f), best: best}
	if len(present) <= g.o.OneAgainstRest {
		for _, bin := range present {
			s.try([]int{bin}, cells[bin], g.o.L2)
		}
	} else {
		s.sorted(present)
	}
	if best.gain > 0 {
		g.unseenCategories(b, cells, best)
	}
}

// setSearch keeps the best set so far.
type setSearch struct {
	g      *grower
	f      *leaf
	cells  []cell
	parent float64
	best   *split
}

// sorted tries prefixes of the sorted categories from both ends.
func (s *setSearch) sorted(present []int) {
	o := s.g.o
	kept := present[:0:0]
	for _, bin := range present {
		if s.cells[bin].n >= int64(o.MinRowsPerCategory) {
			kept = append(kept, bin)
		}
	}
	ratio := make(map[int]float64, len(kept))
	for _, bin := range kept {
		c := s.cells[bin]
		ratio[bin] = float64(c.g) * s.g.scale.g / (float64(c.h)*s.g.scale.h + o.CategorySmoothing)
	}
	slices.SortStableFunc(kept, func(a, b int) int {
		switch {
		case ratio[a] < ratio[b]:
			return -1
		case ratio[a] > ratio[b]:
			return 1
		}
		return a - b
	})
	longest := min(o.MaxCategoriesInSet, (len(kept)+1)/2)
	for range 2 {
		left := cell{}
		for i := range longest {
			left = left.plus(s.cells[kept[i]])
			s.try(kept[:i+1], left, o.L2+o.CategoryL2)
		}
		slices.Reverse(kept)
	}
}

// try takes the set if it is better than the best.
func (s *setSearch) try(bins []int, left cell, l2 float64) {
	right := s.f.sum.minus(left)
	if left.n < int64(s.g.o.MinRows) || right.n < int64(s.g.o.MinRows) {
		return
	}
	gain := s.g.constrainedGain(s.f, left, right, l2, 0) - s.parent
	if gain <= s.best.gain {
		return
	}
	s.best.gain, s.best.left, s.best.right = gain, left, right
	s.best.goesLeft = leftBins{}
	for _, bin := range bins {
		s.best.goesLeft.add(bin)
	}
}

// unseenCategories sends bins without rows in this leaf to the larger side.
func (g *grower) unseenCategories(b *binning, cells []cell, best *split) {
	if best.left.n <= best.right.n {
		return
	}
	for bin := range b.bins {
		if cells[bin].n == 0 {
			best.goesLeft.add(bin)
		}
	}
	best.goesLeft.add(missingBin)
}
