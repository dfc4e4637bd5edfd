package gbdt

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// survives uses a model that was read: whatever the text, there is an error or a model that works.
func survives(t *testing.T, m *Model, err error) {
	t.Helper()
	if err != nil {
		if m != nil {
			t.Fatal("a model and an error:", err)
		}
		return
	}
	if m.Width() > 1000 {
		return
	}
	x, dst := make([]float64, m.Width()), make([]float64, m.Width())
	for _, v := range []float64{0, 1, -1, math.NaN(), 1e300, math.Inf(1)} {
		for i := range x {
			x[i] = v
		}
		margin, err := m.Margin(x)
		if err != nil {
			t.Fatal(err)
		}
		base, err := m.Explain(dst, x)
		if err != nil {
			t.Fatal(err)
		}
		sum, size := base, math.Abs(base)
		for _, v := range dst {
			sum, size = sum+v, size+math.Abs(v)
		}
		if size < 1e6 && math.Abs(sum-margin) > 1e-6 {
			t.Fatalf("contributions sum to %v, the margin is %v", sum, margin)
		}
	}
	text := saved(t, m)
	again, err := Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(saved(t, again), text) {
		t.Fatal("saving again gives other bytes")
	}
}

// seeds adds the models in testdata.
func seeds(f *testing.F, pattern string) {
	f.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
}

func FuzzReadXGBoost(f *testing.F) {
	seeds(f, "xgb*.json")
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ReadXGBoost(bytes.NewReader(text))
		survives(t, m, err)
	})
}

func FuzzReadLightGBM(f *testing.F) {
	seeds(f, "lgb*.txt")
	f.Add([]byte("tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\nobjective=binary sigmoid:1\nfeature_names=a\nfeature_infos=[0:1]\n\nTree=0\nnum_leaves=2\nsplit_feature=0\nsplit_gain=1\nthreshold=0.5\ndecision_type=2\nleft_child=-1\nright_child=-2\nleaf_value=1 2\nleaf_count=3 4\ninternal_count=7\nshrinkage=1\n\nend of trees\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ReadLightGBM(bytes.NewReader(text))
		survives(t, m, err)
	})
}

func FuzzRead(f *testing.F) {
	d, margin := mixed(f, 400, 1)
	y := binary(margin, 1)
	for _, o := range everything() {
		o.Trees = 2
		f.Add(saved(f, train(f, Set{Data: d, Labels: y}, o)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Read(bytes.NewReader(text))
		survives(t, m, err)
	})
}
