package gbdt

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// depths calls visit for each leaf.
func (t *tree) depths(at int32, depth int, visit func(leaf int32, depth int)) {
	n := &t.nodes[at]
	if n.feature < 0 {
		visit(at, depth)
		return
	}
	t.depths(n.left, depth+1, visit)
	t.depths(n.right, depth+1, visit)
}

// TestLimitsOfLeavesAreKept, exactly.
func TestLimitsOfLeavesAreKept(t *testing.T) {
	d, margin := mixed(t, 4000, 30)
	y := binary(margin, 31)
	ones := make([]float64, len(y))
	for i := range ones {
		ones[i] = 1
	}
	for _, o := range []Options{
		{MaxLeaves: 5},
		{MaxDepth: 3},
		{MinRows: 100},
		{MinRows: 1, MinHessian: 40},
		{MinRows: 2001},
		{MaxLeaves: 200, MinRows: 7},
		{MaxLeaves: 2},
		{MinGain: 5},
		{RowFraction: 0.5, MinRows: 50},
	} {
		o.Trees, o.Objective = 5, Squared // with which the hessian is the number of rows
		m := train(t, Set{Data: d, Labels: margin, Weights: ones}, o)
		full, _ := o.withDefaults()
		if (m.Importances()[0].Splits == 0) != (o.MinRows > 2000) {
			t.Errorf("%+v: %d splits on the first feature", o, m.Importances()[0].Splits)
		}
		for i := range m.trees {
			leaves := 0
			m.trees[i].depths(0, 0, func(leaf int32, depth int) {
				leaves++
				if c := m.trees[i].cover[leaf]; (c < float64(full.MinRows) || c < full.MinHessian) && len(m.trees[i].nodes) > 1 {
					t.Errorf("%+v: a leaf of %v rows", o, c)
				}
				if depth > full.MaxDepth {
					t.Errorf("%+v: a leaf %d deep", o, depth)
				}
			})
			if leaves > full.MaxLeaves {
				t.Errorf("%+v: %d leaves", o, leaves)
			}
		}
	}
}

// TestHistogramsAreSums: kernels of both widths, of gathered and of consecutive rows, for every number of columns in
// the last word, beside plain addition.
func TestHistogramsAreSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	n := 2*block + 77
	for columns := 1; columns <= 18; columns++ {
		list := make([]Column, columns)
		for f := range list {
			values := make([]float32, n)
			for i := range values {
				values[i] = float32(rng.IntN(2 + 60*f%251))
			}
			list[f] = Float32("x"+strconv.Itoa(f), values)
		}
		o, _ := Options{Cores: 1 + columns%3}.withDefaults()
		m, err := newMatrix(must(t, list...), &o)
		if err != nil {
			t.Fatal(err)
		}
		g := newGrower(&o, m, make([]int8, columns))
		g.drawRows(0)
		g.drawColumns(0)
		g.narrows, g.wides = make([]uint64, n), make([][2]uint64, n)
		for i := range n {
			v, h := int64(rng.IntN(2*narrowTop+1)-narrowTop), uint64(rng.IntN(narrowTop+1))
			if i < block { // as large as can be
				v, h = -narrowTop, narrowTop
			}
			g.narrows[i] = uint64(v)<<narrowGradAt + h<<narrowHessianAt + 1
			g.wides[i] = [2]uint64{uint64(v << 20), h<<20<<wideHessianAt + 1}
		}
		var odd []int32
		for i := 1; i < n; i += 2 {
			odd = append(odd, int32(i))
		}
		for _, rows := range [][]int32{g.rows, odd, odd[:10], nil} {
			for _, g.wide = range []bool{false, true} {
				got, want := make([]cell, m.cells), make([]cell, m.cells)
				g.histogram(got, rows)
				for _, r := range rows {
					add := narrowCell(g.narrows[r])
					if g.wide {
						add = cell{int64(g.wides[r][0]), int64(g.wides[r][1] >> wideHessianAt), 1}
					}
					for f := range columns {
						c := &want[m.start[f]+int(m.cols[f][r])]
						*c = c.plus(add)
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%d columns, %d rows, wide %v: another histogram", columns, len(rows), g.wide)
				}
			}
		}
	}
}

// TestQuickSigmoid is exact to nine digits.
func TestQuickSigmoid(t *testing.T) {
	worst := 0.0
	for f := -40.0; f <= 40; f += 0.00371 {
		worst = max(worst, math.Abs(quickSigmoid(f)-sigmoid(f)))
	}
	for _, f := range []float64{0, 1e9, -1e9, 1e300, -1e300} {
		worst = max(worst, math.Abs(quickSigmoid(f)-sigmoid(f)))
	}
	if worst > 1e-9 {
		t.Errorf("off by %g", worst)
	}
}

// TestUnevenDerivatives: where few rows pull hard, ten bits would not do, and are not used.
func TestUnevenDerivatives(t *testing.T) {
	n := wideRows + 1000
	x, y, w := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		x[i], y[i], w[i] = float64(i%100), float64(i%2), 1
	}
	w[17] = 1e6
	for i := range n {
		if x[i] > 90 && i != 17 {
			y[i] = 1
		}
	}
	m := train(t, Set{Data: must(t, Float64("x", x)), Labels: y, Weights: w}, Options{Trees: 60, MinRows: 1, LearningRate: 0.5})
	p, err := m.Predict([]float64{95})
	if err != nil || p < 0.99 {
		t.Errorf("probability %v, all rows there have label 1", p)
	}
}

// TestOneModelForManyGoroutines: the first explanation is asked for by all at once.
func TestOneModelForManyGoroutines(t *testing.T) {
	d, margin := mixed(t, 1500, 40)
	m := train(t, Set{Data: d, Labels: binary(margin, 41)}, Options{Trees: 15, MaxLeaves: 60, MinRows: 5})
	want := make([]float64, d.Rows()*d.Width())
	var wait sync.WaitGroup
	all := make([][]float64, 8)
	for k := range all {
		all[k] = make([]float64, len(want))
		wait.Go(func() {
			x := make([]float64, d.Width())
			for i := range d.Rows() {
				if _, err := m.Explain(all[k][i*d.Width():(i+1)*d.Width()], d.Row(x, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if _, err := m.ExplainAll(want, d); err != nil {
		t.Fatal(err)
	}
	for k := range all {
		if !slices.Equal(all[k], want) {
			t.Errorf("goroutine %d: other contributions than in a batch", k)
		}
	}
}

// TestExplainAllocatesNothing after the first call.
func TestExplainAllocatesNothing(t *testing.T) {
	d, margin := mixed(t, 1500, 42)
	m := train(t, Set{Data: d, Labels: binary(margin, 43)}, Options{Trees: 15})
	x, dst := d.Row(make([]float64, d.Width()), 0), make([]float64, d.Width())
	if _, err := m.Explain(dst, x); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(200, func() { _, _ = m.Explain(dst, x) }); n >= 1 {
		t.Errorf("%v allocations", n)
	}
}

// TestDeepTrees: a path of more features than a mask's word holds.
func TestDeepTrees(t *testing.T) {
	features := 80
	m := &Model{link: identity, steepness: 1, features: make([]Feature, features)}
	c := tree{}
	for i := range features {
		c.nodes = append(c.nodes, node{feature: int32(i), left: int32(2*i + 1), right: int32(2*i + 2), set: -1}, node{threshold: float64(i%7) - 3, feature: -1, set: -1})
		cover := float64(1000 - 3*i)
		c.cover, c.gain = append(c.cover, cover, 3), append(c.gain, 0, 0)
	}
	c.nodes = append(c.nodes, node{threshold: 9, feature: -1, set: -1})
	c.cover, c.gain = append(c.cover, 1000-3*float64(features)), append(c.gain, 0)
	m.trees = []tree{c}
	rng := rand.New(rand.NewPCG(4, 4))
	x, dst, pairs := make([]float64, features), make([]float64, features), make([]float64, features*features)
	for range 6 {
		for i := range x {
			x[i] = 1
			if rng.IntN(40) == 0 {
				x[i] = -1
			}
		}
		base, err := m.Explain(dst, x)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Interactions(pairs, x); err != nil {
			t.Fatal(err)
		}
		sum, all := base, base
		for i, v := range dst {
			sum += v
			for j := range features {
				all += pairs[i*features+j]
			}
		}
		near(t, "sum of contributions", sum, m.marginOf(x), 1e-9)
		near(t, "sum of interactions", all, m.marginOf(x), 1e-9)
	}
}
