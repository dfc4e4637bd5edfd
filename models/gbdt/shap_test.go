package gbdt

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// worth is what a coalition's features let the trees predict: a split on
// another feature is passed on to both sides.
func (t *tree) worth(at int32, x []float64, coalition uint) float64 {
	n := &t.nodes[at]
	if n.feature < 0 {
		return n.threshold
	}
	if coalition>>n.feature&1 == 1 {
		if t.goesLeft(n, x[n.feature]) {
			return t.worth(n.left, x, coalition)
		}
		return t.worth(n.right, x, coalition)
	}
	return t.share(at, n.left)*t.worth(n.left, x, coalition) + t.share(at, n.right)*t.worth(n.right, x, coalition)
}

// bruteForce is Shapley's formula over all coalitions, and that of interactions.
func bruteForce(m *Model, x []float64) (phi []float64, pairs [][]float64) {
	n := len(x)
	value := make([]float64, 1<<n)
	for s := range value {
		for i := range m.trees {
			value[s] += m.trees[i].worth(0, x, uint(s))
		}
	}
	factorial := func(k int) float64 { return math.Gamma(float64(k) + 1) }
	phi, pairs = make([]float64, n), make([][]float64, n)
	for i := range n {
		pairs[i] = make([]float64, n)
		for s := range value {
			if s>>i&1 == 1 {
				continue
			}
			size := bits.OnesCount(uint(s))
			phi[i] += factorial(size) * factorial(n-size-1) / factorial(n) * (value[s|1<<i] - value[s])
			for j := range n {
				if j == i || s>>j&1 == 1 {
					continue
				}
				delta := value[s|1<<i|1<<j] - value[s|1<<i] - value[s|1<<j] + value[s]
				pairs[i][j] += factorial(size) * factorial(n-size-2) / (2 * factorial(n-1)) * delta
			}
		}
	}
	for i := range n {
		pairs[i][i] = phi[i]
		for j := range n {
			if j != i {
				pairs[i][i] -= pairs[i][j]
			}
		}
	}
	return phi, pairs
}

// randomModel has trees of all kinds of splits, deep and lopsided ones too.
func randomModel(rng *rand.Rand, features int) *Model {
	m := &Model{link: identity, steepness: 1, base: rng.NormFloat64(), features: make([]Feature, features)}
	for range 1 + rng.IntN(3) {
		t := tree{}
		t.grow(rng, features, 1+rng.IntN(9), 1000)
		m.trees = append(m.trees, t)
	}
	return m
}

func (t *tree) grow(rng *rand.Rand, features, depth int, cover float64) int32 {
	at := int32(len(t.nodes))
	t.nodes = append(t.nodes, node{threshold: rng.NormFloat64(), feature: -1, set: -1})
	t.cover, t.gain = append(t.cover, cover), append(t.gain, 0)
	if depth == 0 || (at > 0 && rng.IntN(4) == 0) {
		return at
	}
	n := node{threshold: rng.NormFloat64(), feature: int32(rng.IntN(features)), set: -1, missingLeft: rng.IntN(2) == 0}
	if rng.IntN(4) == 0 {
		n.set, n.setLeft = int32(len(t.sets)), rng.IntN(2) == 0
		t.sets = append(t.sets, newCodeSet([]int32{0, 2, int32(rng.IntN(5000))}))
	}
	part := math.Round(cover * rng.Float64()) // may leave a side with none
	n.left = t.grow(rng, features, depth-1, part)
	n.right = t.grow(rng, features, depth-1, cover-part)
	t.nodes[at] = n
	return at
}

func TestContributionsAreShapleyValues(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 1))
		features := 1 + rng.IntN(8)
		m := randomModel(rng, features)
		x := make([]float64, features)
		for i := range x {
			x[i] = []float64{rng.NormFloat64(), math.NaN(), 0, 2, float64(rng.IntN(5000))}[rng.IntN(5)]
		}
		phi, pairs := bruteForce(m, x)
		got, both := make([]float64, features), make([]float64, features*features)
		base, err := m.Explain(got, x)
		if err != nil {
			r.Fatal(err)
		}
		again, err := m.Interactions(both, x)
		if err != nil || again != base {
			r.Fatal(again, base, err)
		}
		sum := base
		for i, v := range got {
			sum += v
			if math.Abs(v-phi[i]) > 1e-11 {
				r.Fatalf("feature %d: %v, by brute force %v", i, v, phi[i])
			}
			row := 0.0
			for j := range features {
				w := both[i*features+j]
				row += w
				if math.Abs(w-pairs[i][j]) > 1e-10 || w != both[j*features+i] {
					r.Fatalf("features %d and %d: %v and %v, by brute force %v", i, j, w, both[j*features+i], pairs[i][j])
				}
			}
			if math.Abs(row-v) > 1e-12 {
				r.Fatalf("row %d of the interactions sums to %v, not to %v", i, row, v)
			}
		}
		if margin := m.marginOf(x); math.Abs(sum-margin) > 1e-11 {
			r.Fatalf("contributions sum to %v, the margin is %v", sum, margin)
		}
	})
}
