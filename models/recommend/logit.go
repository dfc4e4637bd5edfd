package recommend

import (
	"math"
	"slices"
)

// choices are what the blend learns from: of each case, the features of the
// items that any component has among its first. Lists are made of such items,
// and weights that tell them apart make better lists than weights that explain
// every purchase; a purchase of an item that no component has among its first
// teaches nothing.
type choices struct {
	features int
	first    []int     // case c has the rows first[c] … first[c+1]−1
	x        []float32 // rows × features
	bought   []float32 // 1/|truth| for what was bought, else 0
}

// nearest is how many items each component gives to a case.
const nearest = 50

func (d *choices) cases() int { return len(d.first) - 1 }

// gather computes the features of the cases, which must be those that count.
// Without anything, bought items are no alternatives.
func (m *Model) gather(cases []Case, features []Feature, anything bool, workers int) *choices {
	parts := make([]*choices, (len(cases)+pieceOfCases-1)/pieceOfCases)
	parallel(len(cases), pieceOfCases, workers, func(_, lo, hi int) {
		g := newGathering(m, features, anything)
		for c := lo; c < hi; c++ {
			g.add(&cases[c])
		}
		parts[lo/pieceOfCases] = g.out
	})
	all := &choices{features: len(features), first: []int{0}}
	for _, p := range parts {
		for c := 1; c < len(p.first); c++ {
			all.first = append(all.first, len(all.bought)+p.first[c])
		}
		all.x, all.bought = append(all.x, p.x...), append(all.bought, p.bought...)
	}
	return all
}

const pieceOfCases = 64

type gathering struct {
	m        *Model
	features []Feature
	anything bool
	p        *person
	out      *choices
	values   [][]float32 // of all items, by feature
	in       []bool
}

func newGathering(m *Model, features []Feature, anything bool) *gathering {
	g := &gathering{
		m: m, features: features, anything: anything, p: m.newPerson(), in: make([]bool, len(m.items)),
		out: &choices{features: len(features), first: []int{0}},
	}
	for range features {
		g.values = append(g.values, make([]float32, m.width()))
	}
	return g
}

func (g *gathering) add(c *Case) {
	g.p.read(g.m, c.History)
	for k, f := range g.features {
		g.m.feature(g.values[k], f, g.p)
	}
	allow := g.p.allow
	for i := range allow {
		allow[i] = g.m.sales.total[i] > 0
	}
	if !g.anything {
		for _, t := range g.p.items {
			allow[t.item] = false
		}
	}
	clear(g.in)
	var rows []int32
	take := func(i int32) {
		if allow[i] && !g.in[i] {
			g.in[i] = true
			rows = append(rows, i)
		}
	}
	for k, f := range g.features {
		if !isHabit(f) {
			copy(g.p.score, g.values[k])
			for _, s := range g.p.top(nearest) {
				take(s.item)
			}
		}
	}
	if g.anything {
		for _, t := range g.p.items {
			take(t.item)
		}
	}
	for _, i := range rows {
		for k := range g.features {
			g.out.x = append(g.out.x, g.values[k][i])
		}
		y := float32(0)
		if _, ok := slices.BinarySearch(c.Truth, i); ok {
			y = 1 / float32(len(c.Truth))
		}
		g.out.bought = append(g.out.bought, y)
	}
	g.out.first = append(g.out.first, len(g.out.bought))
}

// curve is the log-likelihood, its slope and the information, of some cases.
type curve struct {
	value  float64
	slope  []float64
	inform []float64 // k×k
	outer  []float64 // Σ slope slopeᵀ over cases
}

// at evaluates the weights b on the cases that use says.
func (d *choices) at(b []float64, use func(c int) bool, workers int) *curve {
	k, n := d.features, len(d.first)-1
	parts := make([]*curve, (n+pieceOfCases-1)/pieceOfCases)
	parallel(n, pieceOfCases, workers, func(_, lo, hi int) {
		v := &curve{slope: make([]float64, k), inform: make([]float64, k*k), outer: make([]float64, k*k)}
		prob, mean, own := []float64(nil), make([]float64, k), make([]float64, k)
		for c := lo; c < hi; c++ {
			if use(c) {
				prob = d.one(c, b, v, prob, mean, own)
			}
		}
		parts[lo/pieceOfCases] = v
	})
	total := &curve{slope: make([]float64, k), inform: make([]float64, k*k), outer: make([]float64, k*k)}
	for _, p := range parts {
		total.value += p.value
		for i, v := range p.slope {
			total.slope[i] += v
		}
		for i, v := range p.inform {
			total.inform[i] += v
			total.outer[i] += p.outer[i]
		}
	}
	return total
}

// one adds a case.
func (d *choices) one(c int, b []float64, v *curve, prob, mean, own []float64) []float64 {
	k, lo, hi := d.features, d.first[c], d.first[c+1]
	prob = append(prob[:0], make([]float64, hi-lo)...)
	top := math.Inf(-1)
	for r := range prob {
		for j, x := range d.x[(lo+r)*k : (lo+r+1)*k] {
			prob[r] += b[j] * float64(x)
		}
		top = max(top, prob[r])
	}
	sum, mass := 0.0, 0.0
	for r, s := range prob {
		mass += float64(d.bought[lo+r])
		v.value += float64(d.bought[lo+r]) * (s - top)
		prob[r] = math.Exp(s - top)
		sum += prob[r]
	}
	if mass == 0 { // nothing that was bought is among the rows
		return prob
	}
	v.value -= mass * math.Log(sum)
	clear(mean)
	clear(own)
	for r := range prob {
		prob[r] /= sum
		for j, x := range d.x[(lo+r)*k : (lo+r+1)*k] {
			mean[j] += prob[r] * float64(x)
			own[j] += float64(d.bought[lo+r]) * float64(x)
		}
	}
	for r := range prob {
		x := d.x[(lo+r)*k : (lo+r+1)*k]
		for i := range k {
			p := mass * prob[r] * (float64(x[i]) - mean[i])
			for j := i; j < k; j++ {
				v.inform[i*k+j] += p * (float64(x[j]) - mean[j])
			}
		}
	}
	for i := range k {
		own[i] -= mass * mean[i]
		v.slope[i] += own[i]
	}
	for i := range k {
		for j := i; j < k; j++ {
			v.outer[i*k+j] += own[i] * own[j]
		}
	}
	return prob
}

// ridge is the penalty on squared weights, per case: it decides only between
// weights that the data leave open.
const ridge = 1e-3

// maximise finds the weights by Newton's method, halving steps that do not
// rise, and their standard errors (White's, cases being independent).
func (d *choices) maximise(use func(c int) bool, workers int) (b, se []float64) {
	k, cases := d.features, 0
	for c := range len(d.first) - 1 {
		if use(c) {
			cases++
		}
	}
	penalty := ridge * float64(max(cases, 1))
	b = make([]float64, k)
	goal := func(v *curve, b []float64) float64 {
		s := v.value
		for _, w := range b {
			s -= penalty * w * w / 2
		}
		return s
	}
	now := d.at(b, use, workers)
	var inverse []float64
	for range 50 {
		inverse = now.inverse(k, penalty)
		step, size := make([]float64, k), 0.0
		for i := range k {
			for j := range k {
				step[i] += inverse[i*k+j] * (now.slope[j] - penalty*b[j])
			}
			size = max(size, math.Abs(step[i]))
		}
		next, moved := d.climb(b, step, goal(now, b), goal, use, workers)
		if moved == nil {
			break
		}
		b, now = next, moved
		if size < 1e-6 {
			break
		}
	}
	inverse = now.inverse(k, penalty)
	se = make([]float64, k)
	for i := range k {
		for p := range k {
			for q := range k {
				se[i] += inverse[i*k+p] * now.outer[min(p, q)*k+max(p, q)] * inverse[q*k+i]
			}
		}
		se[i] = math.Sqrt(max(se[i], 0))
	}
	return b, se
}

// climb goes along step as far as it rises.
func (d *choices) climb(b, step []float64, from float64, goal func(*curve, []float64) float64, use func(int) bool, workers int) ([]float64, *curve) {
	for scale := 1.0; scale > 1e-6; scale /= 2 {
		next := make([]float64, len(b))
		for i := range b {
			next[i] = b[i] + scale*step[i]
		}
		if v := d.at(next, use, workers); goal(v, next) > from {
			return next, v
		}
	}
	return nil, nil
}

// inverse of the information with the penalty on its diagonal.
func (v *curve) inverse(k int, penalty float64) []float64 {
	n := (k + 7) / 8 * 8
	a := make([]float64, n*n)
	for i := range n {
		a[i*n+i] = 1
		if i < k {
			copy(a[i*n+i:i*n+k], v.inform[i*k+i:i*k+k])
			a[i*n+i] += penalty
		}
	}
	invert(a, n, 1)
	out := make([]float64, k*k)
	for i := range k {
		for j := i; j < k; j++ {
			out[i*k+j], out[j*k+i] = a[i*n+j], a[i*n+j]
		}
	}
	return out
}
