package recommend

import "math"

// factorise overwrites the upper triangle of the symmetric f×f matrix a (by
// rows, f a multiple of lane) with U, a = UᵀU; what is below is not read. work
// has room for lane rows. False means that a is not positive definite.
func factorise(a []float32, f int, work []float32) bool {
	for k := 0; k < f; k += lane {
		for r := k; r < k+lane; r++ {
			row := a[r*f : r*f+f]
			if r > k { // what the rows of this block above take away
				var coef [lane]float32
				for q := k; q < r; q++ {
					coef[q-k] = -a[q*f+r]
				}
				within(row, a, k, r, f, &coef)
			}
			d := float64(row[r])
			if !(d > 0) || math.IsInf(d, 0) {
				return false
			}
			root := float32(math.Sqrt(d))
			row[r] = root
			inverse := 1 / root
			for j := r + 1; j < f; j++ {
				row[j] *= inverse
			}
		}
		rest := k + lane
		for r := range lane {
			for j := rest; j < f; j++ {
				work[r*f+j] = -a[(k+r)*f+j]
			}
		}
		for i := rest; i < f; i += 4 {
			for j := i / lane * lane; j < f; j += lane {
				addOuter32(lane, work[i:], f, a[k*f+j:], f, a[i*f+j:], f)
			}
		}
	}
	return true
}

// within subtracts the rows k … r−1 from row r, from the block's first column
// on; what it does to columns before r is never read.
func within(row, a []float32, k, r, f int, coef *[lane]float32) {
	if vector {
		n := f - k
		for q := k; q < r; q += 4 {
			at := [4]int{q, min(q+1, r-1), min(q+2, r-1), min(q+3, r-1)}
			axpy4(&row[k], n, &a[at[0]*f+k], &a[at[1]*f+k], &a[at[2]*f+k], &a[at[3]*f+k], &coef[q-k])
		}
		return
	}
	for q := k; q < r; q++ {
		c, above := coef[q-k], a[q*f:q*f+f]
		for j := r; j < f; j++ {
			row[j] += c * above[j]
		}
	}
}

// solve puts into x what UᵀU x = x asks for, U being by factorise.
func solve(u []float32, f int, x []float32) {
	for i := range f {
		row := u[i*f : i*f+f]
		x[i] /= row[i]
		v := x[i]
		for j := i + 1; j < f; j++ {
			x[j] -= v * row[j]
		}
	}
	for i := f - 1; i >= 0; i-- {
		row := u[i*f : i*f+f]
		x[i] = (x[i] - dot(row[i+1:], x[i+1:])) / row[i]
	}
}

// invert overwrites the symmetric positive definite matrix a (n×n by rows, the
// upper triangle, n a multiple of 8) with its inverse, also in the upper
// triangle. It sweeps (Beaton 1964; Goodnight 1979) a block of rows at a time:
//
//	D = A_kk⁻¹,  A_ij −= A_ik D A_kj,  A_ik = A_ik D,  A_kk = −D
//
// after which a is −A⁻¹. That is n³ multiplications, nearly all in the kernel,
// in place. False means that a is not positive definite.
func invert(a []float64, n, workers int) bool {
	const block = 96
	s := &sweep{
		a: a, n: n, workers: workers, d: make([]float64, block*block),
		w: make([]float64, block*n), v: make([]float64, block*n),
	}
	for k := 0; k < n; k += block {
		s.k, s.nb = k, min(block, n-k)
		if !s.pivot() {
			return false
		}
		s.panels()
		s.update()
		s.store()
	}
	for i := range n {
		row := a[i*n+i : i*n+n]
		for j := range row {
			row[j] = -row[j]
		}
	}
	return true
}

// sweep is the state of one invert. w holds A_k: and v holds −D A_k:, the
// former in groups of eight columns and the latter in groups of four, each
// group nb rows long, as the kernel wants them.
type sweep struct {
	a       []float64
	n       int
	k, nb   int
	d, w, v []float64
	workers int
}

// pivot inverts the diagonal block into d, by elimination without pivoting,
// which is safe for positive definite matrices.
func (s *sweep) pivot() bool {
	nb, d := s.nb, s.d
	for i := range nb {
		for j := i; j < nb; j++ {
			v := s.a[(s.k+i)*s.n+s.k+j]
			d[i*nb+j], d[j*nb+i] = v, v
		}
	}
	column := make([]float64, nb)
	for p := range nb {
		pivot := d[p*nb+p]
		if !(pivot > 0) || math.IsInf(pivot, 0) {
			return false
		}
		for i := range nb {
			column[i] = d[i*nb+p]
		}
		row := d[p*nb : p*nb+nb]
		row[p] = 1
		for j := range row {
			row[j] /= pivot
		}
		for i := range nb {
			if i == p {
				continue
			}
			c, to := column[i], d[i*nb:i*nb+nb]
			to[p] = 0
			for j, v := range row {
				to[j] -= c * v
			}
		}
	}
	return true
}

// panels fills w and v for all columns outside the block; inside they are zero.
func (s *sweep) panels() {
	n, k, nb := s.n, s.k, s.nb
	parallel(n/8, 16, s.workers, func(_, lo, hi int) {
		t := make([]float64, nb*8)
		for g := lo; g < hi; g++ {
			w := s.w[g*8*nb : (g+1)*8*nb]
			for c := range 8 {
				j := g*8 + c
				for r := range nb {
					switch {
					case j >= k && j < k+nb:
						w[r*8+c] = 0
					case j < k:
						w[r*8+c] = s.a[j*n+k+r]
					default:
						w[r*8+c] = s.a[(k+r)*n+j]
					}
				}
			}
			clear(t)
			for r := 0; r+4 <= nb; r += 4 { // d is symmetric, so its rows do for columns
				addOuter64(nb, s.d[r:], nb, w, 8, t[r*8:], 8)
			}
			for half := range 2 {
				v := s.v[(g*2+half)*4*nb:]
				for r := range nb {
					for c := range 4 {
						v[r*4+c] = -t[r*8+half*4+c]
					}
				}
			}
		}
	})
}

// update adds vᵀw to the upper triangle.
func (s *sweep) update() {
	n, nb := s.n, s.nb
	parallel(n/8, 4, s.workers, func(_, lo, hi int) {
		for g := n/8 - 1; g >= lo; g-- {
			w := s.w[g*8*nb:]
			for i := lo * 2; i < min(hi*2, g*2+2); i++ {
				addOuter64(nb, s.v[i*4*nb:], 4, w, 8, s.a[i*4*n+g*8:], n)
			}
		}
	})
}

// store puts the swept block row back.
func (s *sweep) store() {
	n, k, nb := s.n, s.k, s.nb
	for j := range n {
		if j >= k && j < k+nb {
			continue
		}
		v := s.v[(j/4)*4*nb+j%4:]
		for r := range nb {
			if j < k {
				s.a[j*n+k+r] = -v[r*4]
			} else {
				s.a[(k+r)*n+j] = -v[r*4]
			}
		}
	}
	for r := range nb {
		for c := r; c < nb; c++ {
			s.a[(k+r)*n+k+c] = -s.d[r*nb+c]
		}
	}
}
