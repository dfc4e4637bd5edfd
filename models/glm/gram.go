package glm

import (
	"runtime"
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Rows are summed in tiles that fit the nearest cache, and in chunks that are
// the unit of parallel work. Their bounds depend on the number of rows alone,
// so sums come out the same on any number of cores.
const (
	tileRows  = 128
	chunkRows = 8192
	mostParts = 32
)

// Gram is X'WX, p by p, of p columns of n values each with n weights: the
// curvature of every likelihood in linear predictors. The weights may be
// negative.
func Gram(columns [][]float64, w []float64) *mat.SymDense {
	p, n := len(columns), len(w)
	if p == 0 {
		return nil
	}
	chunk := max(chunkRows, (n+mostParts-1)/mostParts)
	parts := make([][]float64, max(1, (n+chunk-1)/chunk))
	for c := range parts {
		parts[c] = make([]float64, p*p)
	}
	eachChunk(len(parts), func(c int) { gramPart(parts[c], columns, w, c*chunk, min(n, (c+1)*chunk)) })
	total := parts[0]
	for _, part := range parts[1:] {
		for k, v := range part {
			total[k] += v
		}
	}
	for j := range p {
		for k := range j {
			total[j*p+k] = total[k*p+j]
		}
	}
	return mat.NewSymDense(p, total)
}

// eachChunk runs work for 0…n-1 on all cores.
func eachChunk(n int, work func(int)) {
	if n < 2 || runtime.GOMAXPROCS(0) < 2 {
		for c := range n {
			work(c)
		}
		return
	}
	var wait sync.WaitGroup
	next := make(chan int, n)
	for c := range n {
		next <- c
	}
	close(next)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for c := range next {
				work(c)
			}
		})
	}
	wait.Wait()
}

// gramPart adds the upper triangle of rows lo to hi to sum.
func gramPart(sum []float64, columns [][]float64, w []float64, lo, hi int) {
	p := len(columns)
	scratch := make([]float64, p*tileRows)
	weighted, plain := make([][]float64, p), make([][]float64, p)
	for from := lo; from < hi; from += tileRows {
		to := min(hi, from+tileRows)
		for j, column := range columns {
			plain[j] = column[from:to]
			weighted[j] = scratch[j*tileRows : j*tileRows+to-from]
			floats.MulTo(weighted[j], w[from:to], plain[j])
		}
		for j, z := range weighted {
			row := sum[j*p : (j+1)*p]
			for k := j; k < p; k++ {
				row[k] += floats.Dot(z, plain[k])
			}
		}
	}
}

// dot is the inner product.
func dot(a, b []float64) float64 { return floats.Dot(a, b) }

// axpy adds s x to y.
func axpy(y []float64, s float64, x []float64) {
	if s != 0 {
		floats.AddScaled(y, s, x)
	}
}
