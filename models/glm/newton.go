package glm

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// summit is where a search ended.
type summit struct {
	b      []float64
	eta    []float64
	resid  []float64
	curve  []float64
	ll     float64 // without constants and penalty
	value  float64 // with penalty
	passes int
	// chol is the penalised curvature's factor at b.
	chol *mat.Cholesky
	info *mat.SymDense // the curvature without penalty
	// runaway holds, for each column, how far it still ran when nothing was
	// gained any more, which happens only without a finite maximum.
	runaway   []float64
	converged bool
}

const (
	mostSteps = 60
	// enough is the gain in log-likelihood, per unit of weight of a row, at
	// which a search ends after one more step.
	enough = 1e-8
	// running is the change of a row's linear predictor that is too large for
	// a step that gains less than enough.
	running = 0.1
	// nearly is the gain from which on steps are looked at for the pattern of
	// a maximum at infinity.
	nearly = 1e-3
)

// climb maximises the log-likelihood less ½ Σ penalty_j b_j².
func (p *problem) climb(start, penalty []float64) *summit {
	n, q := len(p.y), len(p.columns)
	s := &summit{b: append([]float64(nil), start...), eta: make([]float64, n), resid: make([]float64, n), curve: make([]float64, n)}
	p.linear(s.eta, s.b)
	p.evaluate(s, penalty)
	step, move, g := make([]float64, q), make([]float64, n), make([]float64, q)
	unit, last, marching := p.total/float64(n), math.Inf(1), 0
	for turn := range mostSteps {
		p.slopes(g, s.resid)
		for j, v := range penalty {
			g[j] -= v * s.b[j]
		}
		s.factorise(p.curvature(s, turn), penalty)
		gain := s.solve(step, g)
		clear(move)
		for j, v := range step {
			axpy(move, v, p.columns[j])
		}
		// On the way to infinity each step moves some rows by about 1 and gains
		// 1/e of the step before; on the way to a maximum gains fall quadratically.
		if p.family != Linear && gain < nearly*unit && gain > 0.25*last && gain < 0.55*last && largest(move) > 0.6 {
			marching++
		} else {
			marching = 0
		}
		last = gain
		if marching == 3 {
			s.runaway = append([]float64(nil), step...)
			return s
		}
		if gain < enough*unit {
			if largest(move) > running && p.family != Linear {
				s.runaway = append([]float64(nil), step...)
				return s
			}
			s.converged = true
			if gain > 1e-15*unit {
				// One step more squares the error; the curvature follows, for
				// standard errors are made of it.
				s.step(step, move, 1)
				p.evaluate(s, penalty)
				if gain > 1e-12*unit {
					s.factorise(p.curvature(s, turn+1), penalty)
				}
			}
			return s
		}
		if !p.advance(s, step, move, penalty, gain) {
			// Rounding hides further gains.
			s.converged = gain < 1e-6*math.Max(1, math.Abs(s.value))
			return s
		}
	}
	return s
}

// advance takes the step, or a part of it that gains.
func (p *problem) advance(s *summit, step, move, penalty []float64, gain float64) bool {
	before, length := s.value, 1.0
	s.step(step, move, 1)
	for range 40 {
		p.evaluate(s, penalty)
		if s.value >= before+1e-4*length*gain {
			return true
		}
		s.step(step, move, -length/2)
		length /= 2
	}
	s.step(step, move, -length)
	p.evaluate(s, penalty)
	return false
}

// step moves b and eta.
func (s *summit) step(step, move []float64, length float64) {
	axpy(s.b, length, step)
	axpy(s.eta, length, move)
}

func (p *problem) evaluate(s *summit, penalty []float64) {
	s.passes++
	s.ll = p.at(s.eta, s.resid, s.curve)
	s.value = s.ll
	for j, v := range penalty {
		s.value -= v * s.b[j] * s.b[j] / 2
	}
	if math.IsNaN(s.value) || math.IsInf(s.value, 1) {
		s.value = math.Inf(-1)
	}
}

// curvature is columns' W columns. Where every row has the same curvature the
// matrix of weights alone is known already.
func (p *problem) curvature(s *summit, turn int) *mat.SymDense {
	if p.gram != nil && (p.family == Linear || turn == 0 && p.offset == nil) {
		if c, same := p.flat(s.curve); same {
			scaled := mat.NewSymDense(len(p.columns), nil)
			scaled.ScaleSym(c, p.gram)
			return scaled
		}
	}
	return Gram(p.columns, s.curve)
}

// flat reports whether the curvature is the weights times one number.
func (p *problem) flat(curve []float64) (float64, bool) {
	c := -1.0
	for i, v := range curve {
		w := p.weight(i)
		if w == 0 {
			continue
		}
		if c < 0 {
			c = v / w
		}
		if math.Abs(v-c*w) > 1e-12*v {
			return 0, false
		}
	}
	return c, true
}

// factorise makes chol; a curvature that is not positive is lifted.
func (s *summit) factorise(info *mat.SymDense, penalty []float64) {
	s.info = info
	q := info.SymmetricDim()
	h := mat.NewSymDense(q, nil)
	h.CopySym(info)
	trace := 0.0
	for j := range q {
		h.SetSym(j, j, h.At(j, j)+penalty[j])
		trace += h.At(j, j)
	}
	s.chol = &mat.Cholesky{}
	for lift := 1e-12 * trace / float64(q); !s.chol.Factorize(h); lift *= 100 {
		for j := range q {
			h.SetSym(j, j, h.At(j, j)+lift+1e-300)
		}
	}
}

// solve fills the step and returns the gain it promises.
func (s *summit) solve(step, g []float64) float64 {
	var v mat.VecDense
	if err := s.chol.SolveVecTo(&v, mat.NewVecDense(len(g), g)); err != nil && v.IsEmpty() {
		return 0
	}
	gain := 0.0
	for j := range step {
		step[j] = v.AtVec(j)
		gain += step[j] * g[j]
	}
	return gain / 2
}

func largest(v []float64) float64 {
	most := 0.0
	for _, x := range v {
		most = math.Max(most, math.Abs(x))
	}
	return most
}

// null is the fit of the intercept alone, in which the rows differ by their
// offsets only.
func (p *problem) null() *summit {
	if !p.intercept {
		n := len(p.y)
		s := &summit{eta: make([]float64, n), resid: make([]float64, n), curve: make([]float64, n)}
		p.linear(s.eta, nil)
		p.evaluate(s, nil)
		return s
	}
	mean := 0.0
	for i, y := range p.y {
		mean += p.weight(i) * y
	}
	mean /= p.total
	alone := &problem{family: p.family, intercept: true, y: p.y, weights: p.weights, offset: p.offset, columns: p.columns[:1], total: p.total}
	start := p.family.link(mean)
	if p.offset != nil && p.family != Linear {
		most := math.Inf(-1)
		for _, o := range p.offset {
			most = math.Max(most, o)
		}
		if p.family == Poisson {
			// Exact: the sum of means is the sum of counts.
			sum := 0.0
			for i, o := range p.offset {
				sum += p.weight(i) * math.Exp(o-most)
			}
			start = math.Log(mean*p.total/sum) - most
		}
	}
	if p.offset == nil {
		// Exact, so that no pass is needed beyond the one that looks.
		n := len(p.y)
		s := &summit{b: []float64{start}, eta: make([]float64, n), resid: make([]float64, n), curve: make([]float64, n), converged: true}
		alone.linear(s.eta, s.b)
		alone.evaluate(s, []float64{0})
		return s
	}
	return alone.climb([]float64{start}, []float64{0})
}
