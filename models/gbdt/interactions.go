package gbdt

import "math"

// Interactions writes the SHAP interaction values of a row into dst, Width
// times Width values by row: dst[i*Width()+j] for i ≠ j is half of what features
// i and j do together to the margin, beyond what each does alone; the diagonal is
// what is left to a feature alone. The matrix is symmetric, its rows sum to the
// contributions of [Model.Explain], all of it and the base to the margin.
//
// For a leaf, with the terms of Explain,
//
//	Φ_ij = v/2 (o_i - z_i)(o_j - z_j) ∫ Π_{k≠i,j} (t o_k + (1-t) z_k) dt
func (m *Model) Interactions(dst, x []float64) (base float64, err error) {
	width := len(m.features)
	if len(x) != width {
		return math.NaN(), m.wrongLength("the row", len(x), width)
	}
	if len(dst) != width*width {
		return math.NaN(), m.wrongLength("dst", len(dst), width*width)
	}
	clear(dst)
	e := m.prepared()
	s := e.states.Get().(*state)
	defer e.states.Put(s)
	for i := range e.trees {
		t := &e.trees[i]
		t.masks(x, s.masks)
		for k := range t.leaves {
			p := &t.leaves[k]
			e.leafPairs(t, p, s.masks[int(p.node)*t.words:(int(p.node)+1)*t.words], s, dst, width)
		}
	}
	for i := range width { // the diagonal holds the contributions so far
		for j := range width {
			if j != i {
				dst[i*width+i] -= dst[i*width+j]
			}
		}
	}
	return e.base, nil
}

// leafPairs adds a leaf's pairs, and its contributions to the diagonal.
func (e *explainer) leafPairs(t *explained, p *pathEnd, mask []uint64, s *state, dst []float64, width int) {
	parts := t.parts[p.first:p.last]
	if len(parts) == 0 {
		return
	}
	e.leaf(t, p, mask, s)
	for k, v := range s.by[:len(parts)] {
		f := int(parts[k].feature)
		dst[f*width+f] += v
	}
	r := &e.rules[(len(parts)+1)/2]
	products := s.products[:len(r.at)]
	e.integrand(parts, r, mask, products)
	for q, at := range r.at {
		for k := range parts {
			s.by[k] = ratio(parts[k], mask, k, at)
		}
		for k := range parts {
			for l := range k {
				v := p.value / 2 * products[q] * s.by[k] * s.by[l]
				a, b := int(parts[k].feature), int(parts[l].feature)
				dst[a*width+b] += v
				dst[b*width+a] += v
			}
		}
	}
}

// ratio is (o - z) over the element's factor in the integrand.
func ratio(p element, mask []uint64, k int, at float64) float64 {
	if mask[k>>6]>>(k&63)&1 == 1 {
		return -1 / (1 - at)
	}
	return (1 - p.share) / (at + (1-at)*p.share)
}
