package survival

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// slope is a function's value with its gradient and minus its second
// derivatives. The value is -Inf where the function is not defined.
type slope struct {
	value float64
	g     []float64
	h     *mat.SymDense
}

// peak is where a climb ended.
type peak struct {
	at        []float64
	slope     slope
	passes    int
	converged bool
	runaway   []float64 // a step that gains nothing and yet goes far
}

const (
	mostSteps = 80
	enough    = 1e-9 // gain in log-likelihood after which one more step is the last
	running   = 0.1  // change of a linear predictor too large for such a step
	nearly    = 1e-3 // gain from which on steps are watched for running
	stride    = 10.0 // most that a step may move any row's linear predictor
)

// climb maximises by Newton's method. Where the curvature is not positive it
// is lifted until it is, so that each step goes uphill. farthest tells how far
// a step moves any row's linear predictor: on the way to a maximum at infinity
// steps move rows by about 1 and gain 1/e of the step before. unit is the
// weight of a typical row, in which gains are measured.
func climb(surface func([]float64) slope, start []float64, farthest func([]float64) float64, unit float64) *peak {
	p := &peak{at: append([]float64(nil), start...), passes: 1}
	p.slope = surface(p.at)
	last, marching := math.Inf(1), 0
	for range mostSteps {
		step, gain, sound := p.slope.step()
		far := 0.0
		if farthest != nil {
			far = farthest(step)
		}
		if sound && gain < nearly*unit && gain > 0.25*last && gain < 0.55*last && far > 0.6 {
			marching++
		} else {
			marching = 0
		}
		last = gain
		if marching == 3 || gain < enough*unit && far > running {
			p.runaway = step
			return p
		}
		if far > stride {
			for j := range step {
				step[j] *= stride / far
			}
			gain *= stride / far
		}
		if gain < enough*unit {
			p.converged = sound
			if gain > 1e-16*unit {
				p.polish(surface, step)
			}
			return p
		}
		if !p.advance(surface, step, gain) {
			p.converged = sound && gain < 1e-6*math.Max(unit, math.Abs(p.slope.value))
			return p
		}
	}
	return p
}

// weakRidge holds columns for which no finite estimate exists: coefficients per
// standard deviation of about 1.
const weakRidge = 1

// climbHeld climbs, and once more with a weak penalty on those of the first
// columns that run to infinity; it returns which. penalty is changed for them.
func climbHeld(surface func([]float64) slope, start, penalty []float64, first, count int, farthest func([]float64) float64, unit float64) (*peak, []int) {
	top := climb(surface, start, farthest, unit)
	var held []int
	for _, share := range []float64{0.01, 0} {
		if top.runaway == nil && (top.converged || count == 0) {
			break
		}
		if top.runaway == nil { // lost its way: hold all
			top.runaway, share = make([]float64, first+count), 0
		}
		// First the columns that run; if more do then, all of them.
		most := largest(top.runaway[first : first+count])
		held = held[:0]
		for j := first; j < first+count; j++ {
			if math.Abs(top.runaway[j]) >= share*most {
				penalty[j] = math.Max(penalty[j], weakRidge)
				held = append(held, j)
			}
		}
		top = climb(surface, start, farthest, unit)
	}
	return top, held
}

// separated is the warning for held columns.
func separated(names []string) Warning {
	return Warning{
		Separation,
		"Some columns tell completely who has the event first, or who never has it, so no finite or stable estimate exists; a weak penalty holds them.", names,
	}
}

// polish takes a last step if the gradient falls.
func (p *peak) polish(surface func([]float64) slope, step []float64) {
	next := moved(p.at, step, 1)
	s := surface(next)
	p.passes++
	if s.value > p.slope.value-1e-9*math.Abs(p.slope.value) && largest(s.g) <= largest(p.slope.g) {
		p.at, p.slope = next, s
	}
}

// advance goes along the step as far as it gains.
func (p *peak) advance(surface func([]float64) slope, step []float64, gain float64) bool {
	for length := 1.0; length > 1e-9; length /= 2 {
		next := moved(p.at, step, length)
		s := surface(next)
		p.passes++
		if s.value >= p.slope.value+1e-4*length*gain {
			p.at, p.slope = next, s
			return true
		}
	}
	return false
}

func moved(at, step []float64, length float64) []float64 {
	next := make([]float64, len(at))
	for j := range at {
		next[j] = at[j] + length*step[j]
	}
	return next
}

func largest(v []float64) float64 {
	most := 0.0
	for _, x := range v {
		most = math.Max(most, math.Abs(x))
	}
	return most
}

// step is Newton's, the gain it promises, and whether the curvature was
// positive as it was.
func (s *slope) step() (step []float64, gain float64, sound bool) {
	q := len(s.g)
	step = make([]float64, q)
	if q == 0 {
		return step, 0, true
	}
	chol, sound := factor(s.h)
	var v mat.VecDense
	if err := chol.SolveVecTo(&v, mat.NewVecDense(q, s.g)); err != nil && v.IsEmpty() {
		return step, 0, false
	}
	for j := range step {
		step[j] = v.AtVec(j)
		gain += step[j] * s.g[j] / 2
	}
	return step, gain, sound
}

// factor is Cholesky's, of a matrix lifted until it is positive.
func factor(h *mat.SymDense) (*mat.Cholesky, bool) {
	chol := &mat.Cholesky{}
	if chol.Factorize(h) {
		return chol, true
	}
	q := h.SymmetricDim()
	lifted := mat.NewSymDense(q, nil)
	most := 0.0
	for j := range q {
		for k := range q {
			if !finite(h.At(j, k)) {
				most = math.Inf(1)
			}
			most = math.Max(most, math.Abs(h.At(j, k)))
		}
	}
	// From 1 on the lifted matrix is dominated by its diagonal.
	for lift := 1e-8; lift < 1e3 && finite(most); lift *= 10 {
		lifted.CopySym(h)
		for j := range q {
			lifted.SetSym(j, j, h.At(j, j)+lift*float64(q)*most+1e-300)
		}
		if chol.Factorize(lifted) {
			return chol, false
		}
	}
	// Nothing can be said: no step, and no certainty.
	for j := range q {
		for k := range q {
			lifted.SetSym(j, k, 0)
		}
		lifted.SetSym(j, j, 1e300)
	}
	chol.Factorize(lifted)
	return chol, false
}

// covariance is the inverse of the curvature.
func (p *peak) covariance() *mat.SymDense {
	q := len(p.at)
	if q == 0 {
		return nil
	}
	chol, _ := factor(p.slope.h)
	var cov mat.SymDense
	if err := chol.InverseTo(&cov); err != nil && cov.IsEmpty() {
		return mat.NewSymDense(q, nil)
	}
	return &cov
}

func normalQuantile(p float64) float64 { return distuv.UnitNormal.Quantile(p) }

// chiTail is the probability of a chi-squared above x.
func chiTail(x, freedom float64) float64 {
	return distuv.ChiSquared{K: freedom}.Survival(x)
}
