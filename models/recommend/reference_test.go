package recommend

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// reference is testdata/implicit.json, made by test/bench/recommend/reference.py
// with the version of implicit it names.
type reference struct {
	Version string      `json:"implicit"`
	Matrix  [][]float32 `json:"matrix"`
	X0      [][]float32 `json:"x0"`
	Y0      [][]float32 `json:"y0"`
	ALS     []struct {
		CG         bool
		Alpha, Reg float64
		X, Y       [][]float32
	}
	Neighbours map[Measure][][]float64
}

func loadReference(t *testing.T) (*reference, *sparse) {
	t.Helper()
	text, err := os.ReadFile("testdata/implicit.json")
	if err != nil {
		t.Fatal(err)
	}
	r := &reference{}
	if err := json.Unmarshal(text, r); err != nil {
		t.Fatal(err)
	}
	return r, sparseOf(r.Matrix)
}

func sparseOf(rows [][]float32) *sparse {
	m := &sparse{rows: len(rows), cols: len(rows[0]), start: []int32{0}}
	for _, row := range rows {
		for c, v := range row {
			if v != 0 {
				m.col, m.value = append(m.col, int32(c)), append(m.value, v)
			}
		}
		m.start = append(m.start, int32(len(m.col)))
	}
	return m
}

func TestALSIsImplicitsFromTheSameStart(t *testing.T) {
	r, m := loadReference(t)
	for _, want := range r.ALS {
		o := ALS{Factors: len(r.X0[0]), Iterations: 3, Regularisation: want.Reg, Alpha: want.Alpha}.filled()
		if want.CG {
			o.Steps = 3
		}
		x := startALS(m, o, 1)
		put := func(to []float32, rows [][]float32) {
			for i, row := range rows {
				copy(to[i*x.f:], row)
			}
		}
		put(x.user, r.X0)
		put(x.item, r.Y0)
		if _, err := x.run(m, 2); err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		look := func(got []float32, rows [][]float32) {
			for i, row := range rows {
				for j, v := range row {
					worst = math.Max(worst, math.Abs(float64(v-got[i*x.f+j])))
				}
			}
		}
		look(x.user, want.X)
		look(x.item, want.Y)
		if worst > 2e-5 {
			t.Errorf("implicit %s, cg %v, alpha %v: factors differ by %g", r.Version, want.CG, want.Alpha, worst)
		}
		theirs := &factors{set: o, f: x.f, user: make([]float32, len(x.user)), item: make([]float32, len(x.item))}
		put(theirs.user, want.X)
		put(theirs.item, want.Y)
		ours, peer := x.loss(m, x.gram), theirs.loss(m, gramOf(theirs.item, m.cols, x.f, 1, 1))
		if math.Abs(ours-peer) > 1e-3*peer {
			t.Errorf("loss %v, implicit's %v", ours, peer)
		}
	}
}

func TestNeighboursAreImplicits(t *testing.T) {
	r, m := loadReference(t)
	for measure, want := range r.Neighbours {
		s := fitNeighbours(m, Neighbours{Measure: measure, K: m.cols}.filled(), 2)
		dense := make([][]float64, m.cols)
		for i := range dense {
			dense[i] = make([]float64, m.cols)
			cols, values := s.row(i)
			for k, j := range cols {
				dense[i][j] = float64(values[k])
			}
		}
		for i := range want {
			for j, v := range want[i] {
				// implicit keeps an item itself, and what is below zero.
				if i != j && v > 0 && math.Abs(dense[i][j]-v) > 1e-5*math.Max(1, v) {
					t.Errorf("%s: %d and %d: %v, implicit %s %v", measure, i, j, dense[i][j], r.Version, v)
				}
			}
		}
	}
}
