package recommend

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// ALS sets matrix factorisation for implicit feedback by alternating least
// squares (Hu, Koren and Volinsky, ICDM 2008). It minimises
//
//	Σ_observed c (1 − x_u·y_i)² + α₀ Σ_others (x_u·y_i)² + Σ_u λ_u |x_u|² + Σ_i λ_i |y_i|²
//
// with c = Alpha × count and λ_u = λ (n_u + α₀ I)^ν / mean over users, n_u
// being the number of her items and I that of all; λ_i likewise. ν = 0 is one
// λ for all, as in the library implicit; ν = 1 the frequency-scaled one of
// Rendle, Krichene, Zhang and Koren (RecSys 2022, arXiv 2110.14037). Their
// iALS with weight α₀′ is ours with Alpha = 1+α₀′, Unobserved = α₀′.
//
// Zero values are replaced by what the comments name.
type ALS struct {
	Factors        int     // 64
	Iterations     int     // 16
	Regularisation float64 // λ; 10
	Alpha          float64 // confidence of one purchase; 1
	Unobserved     float64 // α₀; 1
	Scale          float64 // ν, 0 … 1
	// Steps is the number of conjugate-gradient steps a system is given, from
	// where the last sweep left it (Takács, Pilászy and Tikk, RecSys 2011); 0
	// solves each exactly, by Cholesky.
	Steps int
}

func (o ALS) filled() ALS {
	fill := func(v *float64, with float64) {
		if *v == 0 {
			*v = with
		}
	}
	if o.Factors == 0 {
		o.Factors = 64
	}
	if o.Iterations == 0 {
		o.Iterations = 16
	}
	fill(&o.Regularisation, 10)
	fill(&o.Alpha, 1)
	fill(&o.Unobserved, 1)
	return o
}

func (o ALS) check() error {
	switch {
	case o.Factors < 1 || o.Factors > 1024:
		return fmt.Errorf("ALS: %d factors; between 1 and 1024 are allowed", o.Factors)
	case o.Iterations < 1 || o.Iterations > 10_000:
		return fmt.Errorf("ALS: %d iterations; between 1 and 10000 are allowed", o.Iterations)
	case o.Steps < 0:
		return fmt.Errorf("ALS: %d steps; 0 solves exactly", o.Steps)
	case !(o.Scale >= 0 && o.Scale <= 1):
		return fmt.Errorf("ALS: the exponent of the frequency is %v; it must be between 0 and 1", o.Scale)
	}
	for _, v := range []struct {
		name string
		v    float64
	}{{"regularisation", o.Regularisation}, {"alpha", o.Alpha}, {"weight of the unobserved", o.Unobserved}} {
		if !(v.v > 0) || v.v > 1e9 {
			return fmt.Errorf("ALS: %s is %v; it must be above 0 and at most 1e9", v.name, v.v)
		}
	}
	return nil
}

// factors are what ALS learns: f numbers a row, padded with zeros.
type factors struct {
	set   ALS
	f     int // a multiple of lane
	item  []float32
	user  []float32 // only until the model is done; people are folded in
	gram  []float32 // α₀ YᵀY, f×f
	scale float64   // mean over users of (n_u + α₀ I)^ν
	known int       // I
}

// errSingular cannot happen with λ > 0 and sane weights.
var errSingular = errors.New("ALS: a system has no solution in single precision; raise the regularisation or lower alpha")

// fitALS learns factors from users × items.
func fitALS(m *sparse, o ALS, seed uint64, workers int) (*factors, error) {
	return startALS(m, o, seed).run(m, workers)
}

// startALS draws the first factors from a normal distribution with a standard
// deviation of 0.1/√f, zeros for who has no purchase.
func startALS(m *sparse, o ALS, seed uint64) *factors {
	f := padded(o.Factors)
	x := &factors{set: o, f: f, item: make([]float32, padded(m.cols)*f), user: make([]float32, m.rows*f)}
	rng := rand.New(rand.NewPCG(seed, 0x616c73)) //nolint:gosec // a seed makes the same model again
	sd := 0.1 / math.Sqrt(float64(o.Factors))
	seen := make([]bool, m.cols)
	for _, c := range m.col {
		seen[c] = true
	}
	fill := func(to []float32, rows int, some func(r int) bool) {
		for r := range rows {
			if !some(r) {
				continue
			}
			for j := range o.Factors {
				to[r*f+j] = float32(rng.NormFloat64() * sd)
			}
		}
	}
	fill(x.user, m.rows, func(r int) bool { return m.start[r+1] > m.start[r] })
	fill(x.item, m.cols, func(c int) bool { return seen[c] })
	return x
}

// run alternates.
func (x *factors) run(m *sparse, workers int) (*factors, error) {
	turned := m.turned()
	users, items := x.side(m, turned), x.side(turned, m)
	x.scale, x.known = users.mean, users.others
	for range x.set.Iterations {
		if !users.sweep(x.user, x.item, workers) || !items.sweep(x.item, x.user, workers) {
			return nil, errSingular
		}
	}
	x.gram = gramOf(x.item, m.cols, x.f, float32(x.set.Unobserved), workers)
	return x, nil
}

// half is one half of an iteration: the rows are solved for.
type half struct {
	*factors
	m      *sparse
	others int     // how many columns have anything in them
	mean   float64 // of (n + α₀ others)^ν over rows with anything in them
}

func (x *factors) side(m, turned *sparse) *half {
	h := &half{factors: x, m: m}
	for c := range turned.rows {
		if turned.start[c+1] > turned.start[c] {
			h.others++
		}
	}
	rows := 0
	for r := range m.rows {
		if n := m.start[r+1] - m.start[r]; n > 0 {
			h.mean += x.set.frequency(int(n), h.others)
			rows++
		}
	}
	h.mean /= float64(max(rows, 1))
	return h
}

func (o ALS) frequency(n, others int) float64 {
	return math.Pow(float64(n)+o.Unobserved*float64(others), o.Scale)
}

// gramOf gives weight × yᵀy, both triangles.
func gramOf(y []float32, rows, f int, weight float32, workers int) []float32 {
	g := make([]float32, f*f)
	parallel(f/4, 1, workers, func(_, lo, hi int) {
		for i := lo * 4; i < hi*4; i += 4 {
			for j := i / lane * lane; j < f; j += lane {
				// In pieces: sums of sums lose less.
				for r := 0; r < rows; r += 256 {
					addOuter32(min(256, rows-r), y[r*f+i:], f, y[r*f+j:], f, g[i*f+j:], f)
				}
			}
		}
	})
	for i := range f {
		for j := i; j < f; j++ {
			v := g[i*f+j] * weight
			g[i*f+j], g[j*f+i] = v, v
		}
	}
	return g
}

// sweep solves for all rows of x with y held.
func (h *half) sweep(x, y []float32, workers int) bool {
	f := h.f
	gram := gramOf(y, h.m.cols, f, float32(h.set.Unobserved), workers)
	work := make([]*system, threads(workers))
	bad := make([]bool, len(work))
	parallel(h.m.rows, 32, workers, func(worker, lo, hi int) {
		if work[worker] == nil {
			work[worker] = newSystem(h.set, f)
		}
		s := work[worker]
		for r := lo; r < hi; r++ {
			cols, values := h.m.row(r)
			to := x[r*f : r*f+f]
			if len(cols) == 0 {
				clear(to)
				continue
			}
			reg := float32(h.set.Regularisation * h.set.frequency(len(cols), h.others) / h.mean)
			if !s.solve(to, y, gram, cols, values, reg) {
				bad[worker] = true
			}
		}
	})
	for _, b := range bad {
		if b {
			return false
		}
	}
	return true
}

// system is the memory for solving (α₀ YᵀY + λ + Σ (c−α₀) y yᵀ) x = Σ c y.
type system struct {
	set          ALS
	f            int
	a, work      []float32 // Cholesky
	rows, scaled []float32
	r, p, ap     []float32 // conjugate gradient
	c, d, zero   []float32
}

func newSystem(o ALS, f int) *system {
	s := &system{set: o, f: f}
	if o.Steps == 0 {
		s.a, s.work = make([]float32, f*f), make([]float32, lane*f)
		s.rows, s.scaled = make([]float32, gathered*f), make([]float32, gathered*f)
	}
	s.r, s.p, s.ap = make([]float32, f), make([]float32, f), make([]float32, f)
	return s
}

// gathered is how many rows are put side by side at a time: with 64 factors
// they fill a quarter of a usual second-level cache.
const gathered = 256

func (s *system) solve(x, y, gram []float32, cols []int32, values []float32, reg float32) bool {
	if n := len(cols); n > len(s.c) {
		s.c, s.d, s.zero = make([]float32, 2*n), make([]float32, 2*n), make([]float32, 2*n)
	}
	c, d := s.c[:len(cols)], s.d[:len(cols)]
	for i, v := range values {
		c[i] = float32(s.set.Alpha) * v
		d[i] = c[i] - float32(s.set.Unobserved)
	}
	if s.set.Steps > 0 {
		s.descend(x, y, gram, cols, c, d, reg)
		return true
	}
	return s.exact(x, y, gram, cols, c, d, reg)
}

// exact builds the matrix and factorises it.
func (s *system) exact(x, y, gram []float32, cols []int32, c, d []float32, reg float32) bool {
	f := s.f
	clear(x)
	addRows(x, y, cols, c)
	copy(s.a, gram)
	for lo := 0; lo < len(cols); lo += gathered {
		n := min(gathered, len(cols)-lo)
		for k := range n {
			row := y[int(cols[lo+k])*f : int(cols[lo+k])*f+f]
			copy(s.rows[k*f:], row)
			w, to := d[lo+k], s.scaled[k*f:k*f+f]
			for j, v := range row {
				to[j] = w * v
			}
		}
		for i := 0; i < f; i += 4 {
			for j := i / lane * lane; j < f; j += lane {
				addOuter32(n, s.scaled[i:], f, s.rows[j:], f, s.a[i*f+j:], f)
			}
		}
	}
	for i := range f {
		s.a[i*f+i] += reg
	}
	if !factorise(s.a, f, s.work) {
		return false
	}
	solve(s.a, f, x)
	return true
}

// descend takes conjugate-gradient steps from x.
func (s *system) descend(x, y, gram []float32, cols []int32, c, d []float32, reg float32) {
	f := s.f
	r, p, ap := s.r, s.p, s.ap
	for i := range d {
		d[i] = -d[i]
	}
	// r = Σ c y − A x, with the sign of the matrix part turned.
	clear(ap)
	addRows(ap, gram, nil, x)
	for j := range r {
		r[j] = -ap[j] - reg*x[j]
	}
	addGram(r, x, y, cols, c, d)
	for i := range d {
		d[i] = -d[i]
	}
	copy(p, r)
	old := dot(r, r)
	for range s.set.Steps {
		if old < 1e-20 {
			return
		}
		for j := range ap {
			ap[j] = reg * p[j]
		}
		addRows(ap, gram, nil, p)
		addGram(ap, p, y, cols, s.zero[:len(cols)], d)
		step := old / dot(p, ap)
		for j := range f {
			x[j] += step * p[j]
			r[j] -= step * ap[j]
		}
		now := dot(r, r)
		ratio := now / old
		for j := range p {
			p[j] = r[j] + ratio*p[j]
		}
		old = now
	}
}

// loss is the objective, in double precision; m is users × items.
func (x *factors) loss(m *sparse, gram []float32) float64 {
	turned := m.turned()
	users, items := x.side(m, turned), x.side(turned, m)
	total := 0.0
	at := func(y []float32, r int) []float32 { return y[r*x.f : r*x.f+x.f] }
	for u := range m.rows {
		xu := at(x.user, u)
		cols, values := m.row(u)
		if len(cols) == 0 {
			continue
		}
		for i := range xu { // α₀ over all items, x G x
			total += float64(xu[i]) * float64(dot(gram[i*x.f:i*x.f+x.f], xu))
		}
		for k, i := range cols {
			s, c := float64(dot(xu, at(x.item, int(i)))), x.set.Alpha*float64(values[k])
			total += c*(1-s)*(1-s) - x.set.Unobserved*s*s
		}
	}
	for _, h := range []struct {
		*half
		y []float32
	}{{users, x.user}, {items, x.item}} {
		for r := range h.m.rows {
			if n := int(h.m.start[r+1] - h.m.start[r]); n > 0 {
				v := at(h.y, r)
				total += x.set.Regularisation * x.set.frequency(n, h.others) / h.mean * float64(dot(v, v))
			}
		}
	}
	return total
}
