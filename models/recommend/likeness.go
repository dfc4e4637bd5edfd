package recommend

import (
	"math"
	"slices"
)

// likeness of two items, 0 … 1, for diversity.
func (m *Model) likeness(a, b int32) float64 {
	switch {
	case m.shelf != nil:
		return m.shelf.likeness(a, b)
	case m.als != nil && int(max(a, b)) < m.warm:
		x, y := m.als.row(a), m.als.row(b)
		norm := math.Sqrt(float64(dot(x, x)) * float64(dot(y, y)))
		if norm == 0 {
			return 0
		}
		return math.Max(0, float64(dot(x, y))/norm)
	case m.near != nil && int(max(a, b)) < m.warm:
		return max(m.near.relative(a, b), m.near.relative(b, a))
	}
	return 0
}

// row is an item's factors.
func (x *factors) row(item int32) []float32 {
	return x.item[int(item)*x.f : int(item)*x.f+x.f]
}

// relative is the value at (a, b) over the greatest of row a.
func (m *sparse) relative(a, b int32) float64 {
	cols, values := m.row(int(a))
	at, ok := slices.BinarySearch(cols, b)
	if !ok {
		return 0
	}
	return float64(values[at]) / float64(slices.Max(values))
}
