package recommend

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestInvert(t *testing.T) {
	for _, n := range []int{8, 16, 96, 104, 200, 256} {
		rng := rand.New(rand.NewPCG(1, uint64(n)))
		a := make([]float64, n*n)
		full := make([]float64, n*n)
		for i := range n {
			for j := i; j < n; j++ {
				v := rng.NormFloat64()
				if i == j {
					v = float64(n) + 2*math.Abs(v)
				}
				a[i*n+j], full[i*n+j], full[j*n+i] = v, v, v
			}
		}
		if !invert(a, n, 2) {
			t.Fatalf("%d: not positive definite", n)
		}
		worst := 0.0
		for i := range n {
			for j := range n {
				s := 0.0
				for k := range n {
					v := a[min(k, j)*n+max(k, j)]
					s += full[i*n+k] * v
				}
				if i == j {
					s--
				}
				worst = max(worst, math.Abs(s))
			}
		}
		if worst > 1e-12*float64(n) {
			t.Errorf("%d: A A⁻¹ differs from 1 by %g", n, worst)
		}
	}
}

func TestFactorise(t *testing.T) {
	for _, f := range []int{16, 32, 64, 128} {
		rng := rand.New(rand.NewPCG(2, uint64(f)))
		a, full, x, b := make([]float32, f*f), make([]float64, f*f), make([]float32, f), make([]float64, f)
		for i := range f {
			for j := i; j < f; j++ {
				v := float32(rng.NormFloat64())
				if i == j {
					v = float32(f) * 2
				}
				a[i*f+j] = v
				full[i*f+j], full[j*f+i] = float64(v), float64(v)
			}
			x[i] = float32(rng.NormFloat64())
			b[i] = float64(x[i])
		}
		if !factorise(a, f, make([]float32, lane*f)) {
			t.Fatalf("%d: not positive definite", f)
		}
		solve(a, f, x)
		for i := range f {
			s := 0.0
			for j := range f {
				s += full[i*f+j] * float64(x[j])
			}
			if math.Abs(s-b[i]) > 1e-4 {
				t.Fatalf("%d: row %d gives %g, not %g", f, i, s, b[i])
			}
		}
	}
}

func BenchmarkInvert(b *testing.B) {
	const n = 1840
	for b.Loop() {
		b.StopTimer()
		a := make([]float64, n*n)
		for i := range n {
			for j := i; j < n; j++ {
				a[i*n+j] = float64((i*7+j*13)%5) / 5
			}
			a[i*n+i] = n
		}
		b.StartTimer()
		if !invert(a, n, 1) {
			b.Fatal("no")
		}
	}
	b.ReportMetric(float64(n)*n*n*2/2*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gflop/s")
}
