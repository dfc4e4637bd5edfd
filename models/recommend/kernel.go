package recommend

// lane is how long every vector the kernels see is a multiple of: two AVX
// registers of floats. What is padded is zero and stays zero.
const lane = 16

// padded rounds up to a multiple of lane.
func padded(n int) int { return (n + lane - 1) / lane * lane }

// addOuter32 adds aᵀb to c: a is k×4 (rows lda apart), b k×16, c 4×16.
func addOuter32(k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int) {
	if k == 0 {
		return
	}
	if vector {
		gemm4x16(k, &a[0], lda, &b[0], ldb, &c[0], ldc)
		return
	}
	for p := range k {
		row := b[p*ldb : p*ldb+16]
		for i, v := range a[p*lda : p*lda+4] {
			out := c[i*ldc : i*ldc+16]
			for j, w := range row {
				out[j] += v * w
			}
		}
	}
}

// addOuter64 is addOuter32 in double precision, with b k×8 and c 4×8.
func addOuter64(k int, a []float64, lda int, b []float64, ldb int, c []float64, ldc int) {
	if k == 0 {
		return
	}
	if vector {
		gemm4x8(k, &a[0], lda, &b[0], ldb, &c[0], ldc)
		return
	}
	for p := range k {
		row := b[p*ldb : p*ldb+8]
		for i, v := range a[p*lda : p*lda+4] {
			out := c[i*ldc : i*ldc+8]
			for j, w := range row {
				out[j] += v * w
			}
		}
	}
}

// addGram adds Σ (u_i + w_i (y_i·p)) y_i to out, y_i being row idx[i] of y,
// whose rows are as long as p.
func addGram(out, p, y []float32, idx []int32, u, w []float32) {
	f := len(p)
	if len(idx) == 0 {
		return
	}
	if vector {
		gramRows(&out[0], &p[0], f, &y[0], &idx[0], &u[0], &w[0], len(idx))
		return
	}
	for i, r := range idx {
		row := y[int(r)*f : int(r)*f+f]
		c := u[i] + w[i]*dot(row, p)
		for j, v := range row {
			out[j] += c * v
		}
	}
}

// addRows adds Σ coef_i y_i to out, y_i being the idx[i]-th row of y; nil idx
// means the rows from the first on.
func addRows(out, y []float32, idx []int32, coef []float32) {
	f, i := len(out), 0
	at := func(i int) int {
		if idx == nil {
			return i * f
		}
		return int(idx[i]) * f
	}
	if vector {
		for ; i+4 <= len(coef); i += 4 {
			axpy4(&out[0], f, &y[at(i)], &y[at(i+1)], &y[at(i+2)], &y[at(i+3)], &coef[i])
		}
		if rest := len(coef) - i; rest > 0 {
			var c [4]float32
			copy(c[:], coef[i:])
			last := [4]int{at(i), at(i), at(i), at(i)}
			for j := range rest {
				last[j] = at(i + j)
			}
			axpy4(&out[0], f, &y[last[0]], &y[last[1]], &y[last[2]], &y[last[3]], &c[0])
		}
		return
	}
	for ; i < len(coef); i++ {
		c := coef[i]
		for j, v := range y[at(i) : at(i)+f] {
			out[j] += c * v
		}
	}
}

// dotRows puts p·y_i into dst[i], y_i being the i-th row of y; len(dst) is a
// multiple of 4 and y has as many rows.
func dotRows(dst, p, y []float32) {
	f := len(p)
	for i := 0; i < len(dst); i += 4 {
		if vector {
			dot4(&dst[i], &p[0], f, &y[i*f], f)
			continue
		}
		for j := i; j < i+4; j++ {
			dst[j] = dot(p, y[j*f:j*f+f])
		}
	}
}

// dot is the plain inner product.
func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}
