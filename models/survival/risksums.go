package survival

import (
	"math"
	"sort"

	"github.com/dangol/dangol/models/glm"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// riskSums is the data of a Cox fit, laid out so that a pass is one
// exponential a row and one matrix product.
//
// Distinct event times, stratum by stratum, are numbered. A row is at risk
// from its first to its last of them, so sums over those at risk are running
// sums over the times; and since the curvature of the partial likelihood is
//
//	Σ_t Σ_risk (x x' e^eta)/S0 - Σ_t x̄ x̄'
//
// its first part is X'WX with one weight a row. With d tied events Efron takes
// d terms, in the l-th of which the tied ones count 1-l/d; these enter as
// three sums over l a time.
type riskSums struct {
	columns [][]float64
	weights []float64
	ties    Ties
	first   []int32 // of each row: the times before it entered
	last    []int32 // of each row: the number of times up to its end
	own     []int32 // of each row with the event: its time, else -1
	time    []float64
	stratum []int // of each time
	from    []int // first time of each stratum, and one past the last
	names   []int // of strata
	rowsOf  []int32

	deaths []float64 // rows with the event at each time
	dead   []float64 // their weight

	// Filled by evaluate:
	b        []float64
	ll       float64
	eta      []float64
	risk     []float64 // weight·e^(eta-shift)
	shift    []float64 // of each stratum
	s0, d0   []float64
	total    []float64 // Σ_l w/φ_l of each time: the hazard's step (shifted)
	tied     []float64 // Σ_l (l/d) w/φ_l
	c0, c1   []float64 // Σ_l w/φ_l², Σ_l (l/d) w/φ_l²
	c2       []float64 // Σ_l (l/d)² w/φ_l²
	exposure []float64 // of each row: the hazard it met (shifted)
	s1, d1   [][]float64
	tree     []float64 // of sums over late rows; nil without any
}

// newRiskSums numbers event times.
func newRiskSums(columns [][]float64, t *Times, strata []int, ties Ties) *riskSums {
	n := len(t.Time)
	s := &riskSums{
		columns: columns, ties: ties, weights: make([]float64, n), rowsOf: make([]int32, n),
		first: make([]int32, n), last: make([]int32, n), own: make([]int32, n),
	}
	for i := range n {
		s.weights[i] = t.weight(i)
	}
	for g, rows := range byStratum(strata, n) {
		name := 0
		if strata != nil {
			name = strata[rows[0]]
		}
		s.names = append(s.names, name)
		s.from = append(s.from, len(s.time))
		s.number(t, rows, g)
	}
	s.from = append(s.from, len(s.time))
	m := len(s.time)
	s.deaths, s.dead = make([]float64, m), make([]float64, m)
	for i, k := range s.own {
		if k >= 0 {
			s.deaths[k]++
			s.dead[k] += s.weights[i]
		}
	}
	for _, v := range []*[]float64{&s.s0, &s.d0, &s.total, &s.tied, &s.c0, &s.c1, &s.c2} {
		*v = make([]float64, m)
	}
	for _, v := range []*[]float64{&s.eta, &s.risk, &s.exposure} {
		*v = make([]float64, n)
	}
	for i, f := range s.first {
		if int(f) > s.from[s.rowsOf[i]] {
			s.tree = make([]float64, 2*m)
			break
		}
	}
	s.shift = make([]float64, len(s.names))
	for range columns {
		s.s1, s.d1 = append(s.s1, make([]float64, m)), append(s.d1, make([]float64, m))
	}
	return s
}

// number finds the distinct event times of a stratum and places its rows.
func (s *riskSums) number(t *Times, rows []int, g int) {
	var at []float64
	for _, i := range rows {
		if t.Event[i] && s.weights[i] > 0 {
			at = append(at, t.Time[i])
		}
	}
	sort.Float64s(at)
	from := len(s.time)
	for k, v := range at {
		if k == 0 || v != at[k-1] {
			s.time = append(s.time, v)
			s.stratum = append(s.stratum, g)
		}
	}
	distinct := s.time[from:]
	for _, i := range rows {
		s.rowsOf[i] = int32(g)
		upTo := func(v float64) int32 {
			return int32(from + sort.Search(len(distinct), func(k int) bool { return distinct[k] > v }))
		}
		s.first[i], s.last[i], s.own[i] = int32(from), upTo(t.Time[i]), -1
		if t.Entry != nil {
			s.first[i] = upTo(t.Entry[i])
		}
		if t.Event[i] && s.weights[i] > 0 {
			s.own[i] = s.last[i] - 1
		}
	}
}

// overRisk fills sums over the rows at risk at each time, and over those with
// the event, of v times the rows' risk; v nil means 1. Rows that enter late are
// laid on the nodes of a tree over the times, so that nothing is ever
// subtracted: risks may differ by many orders of magnitude.
func (s *riskSums) overRisk(atRisk, having, v []float64) {
	clear(atRisk)
	clear(having)
	for i, r := range s.risk {
		if v != nil {
			r *= v[i]
		}
		if f, l := s.first[i], s.last[i]; l > f {
			if int(f) == s.from[s.rowsOf[i]] {
				atRisk[l-1] += r
			} else {
				s.lay(r, int(f), int(l))
			}
		}
		if k := s.own[i]; k >= 0 {
			having[k] += r
		}
	}
	for g := range s.names {
		for k := s.from[g+1] - 2; k >= s.from[g]; k-- {
			atRisk[k] += atRisk[k+1]
		}
	}
	if s.tree != nil {
		s.gather(atRisk)
	}
}

// lay adds r to the times from first to before last.
func (s *riskSums) lay(r float64, first, last int) {
	m := len(s.time)
	for a, b := first+m, last+m; a < b; a, b = a/2, b/2 {
		if a%2 == 1 {
			s.tree[a] += r
			a++
		}
		if b%2 == 1 {
			b--
			s.tree[b] += r
		}
	}
}

// gather hands what was laid down to the times, and clears it.
func (s *riskSums) gather(atRisk []float64) {
	m := len(s.time)
	for k := 2; k < 2*m; k++ {
		s.tree[k] += s.tree[k/2]
	}
	for k := range m {
		atRisk[k] += s.tree[m+k]
	}
	clear(s.tree)
}

// evaluate is the partial log-likelihood at b; more fills the sums of the
// columns too.
func (s *riskSums) evaluate(b []float64, more bool) float64 {
	s.b = b
	clear(s.eta)
	for j, v := range b {
		floats.AddScaled(s.eta, v, s.columns[j])
	}
	for g := range s.shift {
		s.shift[g] = math.Inf(-1)
	}
	for i, e := range s.eta {
		if s.weights[i] > 0 {
			s.shift[s.rowsOf[i]] = math.Max(s.shift[s.rowsOf[i]], e)
		}
	}
	s.ll = 0
	for i, e := range s.eta {
		s.risk[i] = 0
		if w := s.weights[i]; w > 0 {
			e -= s.shift[s.rowsOf[i]]
			s.risk[i] = w * math.Exp(e)
			if s.own[i] >= 0 {
				s.ll += w * e
			}
		}
	}
	s.overRisk(s.s0, s.d0, nil)
	for k := range s.time {
		if !s.steps(k) {
			s.ll = math.Inf(-1)
			return s.ll
		}
	}
	if more {
		for j := range s.columns {
			s.overRisk(s.s1[j], s.d1[j], s.columns[j])
		}
		s.expose()
	}
	return s.ll
}

// steps fills the sums over the tied terms of one time and subtracts their
// logarithms from the likelihood.
func (s *riskSums) steps(k int) bool {
	d := s.deaths[k]
	w := s.dead[k] / d
	s.total[k], s.tied[k], s.c0[k], s.c1[k], s.c2[k] = 0, 0, 0, 0, 0
	for l := range int(d) {
		share := float64(l) / d
		if s.ties == Breslow {
			share = 0
		}
		phi := s.s0[k] - share*s.d0[k]
		if !(phi > 0) {
			return false
		}
		s.ll -= w * math.Log(phi)
		h := w / phi
		s.total[k] += h
		s.tied[k] += share * h
		s.c0[k] += h / phi
		s.c1[k] += share * h / phi
		s.c2[k] += share * share * h / phi
	}
	return true
}

// expose fills the hazard that each row met, less what Efron spares the tied.
func (s *riskSums) expose() {
	upTo := make([]float64, len(s.time)+1)
	for k, h := range s.total {
		upTo[k+1] = upTo[k] + h
	}
	for i := range s.exposure {
		s.exposure[i] = 0
		if s.last[i] > s.first[i] {
			s.exposure[i] = upTo[s.last[i]] - upTo[s.first[i]]
		}
		if k := s.own[i]; k >= 0 {
			s.exposure[i] -= s.tied[k]
		}
	}
}

// surface is the penalised likelihood with its derivatives.
func (s *riskSums) surface(penalty []float64) func([]float64) slope {
	n, q := len(s.eta), len(s.columns)
	w := make([]float64, n)
	return func(b []float64) slope {
		out := slope{value: s.evaluate(b, true), g: make([]float64, q)}
		for j, v := range b {
			out.value -= penalty[j] * v * v / 2
		}
		if q == 0 {
			return out
		}
		if !finite(out.value) {
			out.value, out.h = math.Inf(-1), mat.NewSymDense(q, nil)
			return out
		}
		for i, r := range s.risk {
			w[i] = -r * s.exposure[i]
			if s.own[i] >= 0 {
				w[i] += s.weights[i]
			}
		}
		for j, z := range s.columns {
			out.g[j] = floats.Dot(z, w) - penalty[j]*b[j]
		}
		for i, r := range s.risk {
			w[i] = r * s.exposure[i]
		}
		out.h = glm.Gram(s.columns, w)
		s.subtractMeans(out.h)
		for j := range q {
			out.h.SetSym(j, j, out.h.At(j, j)+penalty[j])
		}
		return out
	}
}

// subtractMeans takes Σ x̄ x̄' off, where over the tied terms
//
//	Σ_l (S1 - l/d D1)(S1 - l/d D1)' w/φ_l²
//	  = c0 (S1 - c1/c0 D1)(S1 - c1/c0 D1)' + (c2 - c1²/c0) D1 D1'.
func (s *riskSums) subtractMeans(h *mat.SymDense) {
	q, m := len(s.columns), len(s.time)
	rest := make([]float64, m)
	mean := make([][]float64, q)
	tied := false
	for k := range rest {
		rest[k] = math.Max(s.c2[k]-s.c1[k]*s.c1[k]/s.c0[k], 0)
		tied = tied || rest[k] > 0
	}
	for j := range mean {
		mean[j] = make([]float64, m)
		for k := range mean[j] {
			mean[j][k] = s.s1[j][k] - s.c1[k]/s.c0[k]*s.d1[j][k]
		}
	}
	subtract(h, glm.Gram(mean, s.c0))
	if tied {
		subtract(h, glm.Gram(s.d1, rest))
	}
}

func subtract(h, off *mat.SymDense) {
	for j := range h.SymmetricDim() {
		for k := j; k < h.SymmetricDim(); k++ {
			h.SetSym(j, k, h.At(j, k)-off.At(j, k))
		}
	}
}

// farthest bounds how far a step moves any row.
func (s *riskSums) farthest(step []float64) float64 {
	move := make([]float64, len(s.eta))
	for j, v := range step {
		floats.AddScaled(move, v, s.columns[j])
	}
	low, high := math.Inf(1), math.Inf(-1)
	for i, v := range move {
		if s.weights[i] > 0 {
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	return high - low
}
