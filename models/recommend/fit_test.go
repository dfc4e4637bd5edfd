package recommend

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// random draws a small matrix of counts.
func random(t *rapid.T) *sparse {
	rows, cols := rapid.IntRange(1, 12).Draw(t, "rows"), rapid.IntRange(2, 30).Draw(t, "cols")
	full := make([][]float32, rows)
	for r := range full {
		full[r] = make([]float32, cols)
		for c := range full[r] {
			if rapid.IntRange(0, 2).Draw(t, "in") == 0 {
				full[r][c] = float32(rapid.IntRange(1, 4).Draw(t, "count"))
			}
		}
	}
	return sparseOf(full)
}

// The rows of a sweep are what the normal equations say, solved densely.
func TestALSSolvesTheNormalEquations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := random(t)
		o := ALS{
			Factors: rapid.IntRange(1, 20).Draw(t, "factors"), Iterations: 1, Regularisation: rapid.Float64Range(0.1, 20).Draw(t, "reg"),
			Alpha: rapid.Float64Range(0.3, 5).Draw(t, "alpha"), Unobserved: rapid.Float64Range(0.1, 2).Draw(t, "unobserved"),
			Scale: rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(t, "scale"),
		}.filled()
		x := startALS(m, o, rapid.Uint64().Draw(t, "seed"))
		for i := range x.item { // larger, so that the data matter
			x.item[i] *= 10
		}
		h := x.side(m, m.turned())
		if !h.sweep(x.user, x.item, 2) {
			t.Fatal("no solution")
		}
		for u := range m.rows {
			want := normal(x, h, m, u)
			for j := range o.Factors {
				if got := float64(x.user[u*x.f+j]); math.Abs(got-want[j]) > 2e-3*(1+math.Abs(want[j])) {
					t.Fatalf("user %d, factor %d: %v, should be %v", u, j, got, want[j])
				}
			}
		}
	})
}

// normal solves one user's system in double precision.
func normal(x *factors, h *half, m *sparse, u int) []float64 {
	f := x.set.Factors
	a, b := mat.NewDense(f, f, nil), mat.NewVecDense(f, nil)
	cols, values := m.row(u)
	if len(cols) == 0 {
		return make([]float64, f)
	}
	add := func(item int, w, right float64) {
		y := x.row(int32(item))
		for p := range f {
			b.SetVec(p, b.AtVec(p)+right*float64(y[p]))
			for q := range f {
				a.Set(p, q, a.At(p, q)+w*float64(y[p])*float64(y[q]))
			}
		}
	}
	for i := range m.cols {
		add(i, x.set.Unobserved, 0)
	}
	for k, i := range cols {
		c := x.set.Alpha * float64(values[k])
		add(int(i), c-x.set.Unobserved, c)
	}
	reg := x.set.Regularisation * x.set.frequency(len(cols), h.others) / h.mean
	for p := range f {
		a.Set(p, p, a.At(p, p)+reg)
	}
	var s mat.VecDense
	if err := s.SolveVec(a, b); err != nil {
		panic(err)
	}
	return s.RawVector().Data
}

// Enough conjugate-gradient steps are Cholesky; exact sweeps never raise the loss.
func TestALSDescends(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := random(t)
		if len(m.col) == 0 {
			return
		}
		o := ALS{Factors: 6, Iterations: 1, Regularisation: 0.5, Scale: rapid.Float64Range(0, 1).Draw(t, "scale")}.filled()
		loss := math.Inf(1)
		for n := 1; n < 6; n++ {
			o.Iterations = n
			x, err := fitALS(m, o, 5, 1)
			if err != nil {
				t.Fatal(err)
			}
			now := x.loss(m, x.gram)
			if now > loss*(1+1e-4)+1e-4 {
				t.Fatalf("iteration %d raises the loss from %v to %v", n, loss, now)
			}
			loss = now
		}
		o.Steps = 40
		x, err := fitALS(m, o, 5, 1)
		if err != nil {
			t.Fatal(err)
		}
		if now := x.loss(m, x.gram); math.Abs(now-loss) > 1e-2*(1+loss) {
			t.Fatalf("conjugate gradients end at %v, Cholesky at %v", now, loss)
		}
	})
}

func TestEASEIsTheDenseInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := random(t)
		lambda := rapid.Float64Range(0.5, 100).Draw(t, "lambda")
		got, err := fitEASE(m, EASE{Lambda: lambda}.filled(), 2)
		if err != nil {
			t.Fatal(err)
		}
		n := m.cols
		x := mat.NewDense(m.rows, n, nil)
		for u := range m.rows {
			cols, values := m.row(u)
			for k, i := range cols {
				x.Set(u, int(i), float64(values[k]))
			}
		}
		var g, p mat.Dense
		g.Mul(x.T(), x)
		for i := range n {
			g.Set(i, i, g.At(i, i)+lambda)
		}
		if err := p.Inverse(&g); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			for j := range n {
				want := -p.At(i, j) / p.At(j, j)
				if i == j {
					want = 0
				}
				if math.Abs(want-float64(got.w[i*got.ld+j])) > 1e-6 {
					t.Fatalf("B[%d][%d] is %v, should be %v", i, j, got.w[i*got.ld+j], want)
				}
			}
		}
	})
}

// Four people, three items, by hand: 0 and 1 together twice, 0 three times, 1 two times.
func TestNeighboursByHand(t *testing.T) {
	m := sparseOf([][]float32{{1, 1, 0}, {1, 1, 0}, {1, 0, 1}, {0, 0, 1}})
	at := func(s *sparse, i, j int32) float64 {
		cols, values := s.row(int(i))
		for k, c := range cols {
			if c == j {
				return float64(values[k])
			}
		}
		return 0
	}
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: %v, should be %v", what, got, want)
		}
	}
	cosine := fitNeighbours(m, Neighbours{Measure: Cosine}.filled(), 1)
	near("cosine 0,1", at(cosine, 0, 1), 2/math.Sqrt(6))
	near("cosine 0,2", at(cosine, 0, 2), 1/math.Sqrt(6))
	near("cosine 1,2", at(cosine, 1, 2), 0)
	lift := fitNeighbours(m, Neighbours{Measure: Lift, Shrink: 1}.filled(), 1)
	near("lift 0,1", at(lift, 0, 1), 4*2/(3*2.)*2/3)
	// BM25: lengths 3, 2, 2, mean 7/3; idf of a person with two items ln 3 − ln 3 = 0, with one ln 3 − ln 2.
	bm25 := fitNeighbours(m, Neighbours{}.filled(), 1)
	near("bm25 0,1", at(bm25, 0, 1), 0)
}

func TestKernelsAgree(t *testing.T) {
	if !vector {
		t.Log("this processor has only the plain loops")
	}
	rng := rand.New(rand.NewPCG(3, 4))
	floats := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
		return v
	}
	for _, f := range []int{16, 48, 128} {
		const rows = 12
		y, p := floats(rows*f), floats(f)
		for n := range 8 {
			idx, coef, w := make([]int32, n), floats(n), floats(n)
			for i := range idx {
				idx[i] = int32(rng.IntN(rows))
			}
			got, want := make([]float32, f), make([]float64, f)
			addRows(got, y, idx, coef)
			addGram(got, p, y, idx, coef, w)
			for i, r := range idx {
				row := y[int(r)*f : int(r)*f+f]
				s := 0.0
				for j, v := range row {
					s += float64(v) * float64(p[j])
				}
				for j, v := range row {
					want[j] += (2*float64(coef[i]) + float64(w[i])*s) * float64(v)
				}
			}
			for j := range got {
				if math.Abs(float64(got[j])-want[j]) > 1e-3 {
					t.Fatalf("f %d, %d rows: place %d is %v, should be %v", f, n, j, got[j], want[j])
				}
			}
		}
		dst := make([]float32, rows)
		dotRows(dst, p, y)
		for i, v := range dst {
			if s := dot(p, y[i*f:i*f+f]); math.Abs(float64(s-v)) > 1e-3 {
				t.Fatalf("row %d: %v, should be %v", i, v, s)
			}
		}
	}
}

func TestLn(t *testing.T) {
	for x := float32(1e-6); x < 1e9; x *= 1.0007 {
		if got, want := float64(ln(x)), math.Log(float64(x)); math.Abs(got-want) > 4e-7*(1+math.Abs(want)) {
			t.Fatalf("ln %v is %v, should be %v", x, got, want)
		}
	}
}
