package btyd

import (
	"math"
	"sync"
)

// paretoSlope is the log-likelihood of Pareto/NBD with derivatives by r,
// alpha, s, beta. Each customer contributes softplus(z) where
//
//	z = ln s + ln J + (r+x) ln(alpha+T) + s ln(beta+T)
//	J = ∫ (alpha+u)^-(r+x) (beta+u)^-(s+1) du  over u in (tx, T).
//
// The derivatives of ln J are means and covariances of ln(alpha+u),
// ln(beta+u), 1/(alpha+u) and 1/(beta+u) under the integrand, so one pass of
// quadrature gives value, gradient and curvature.
func (s *sample) paretoSlope(p vector) slope {
	var out slope
	law := &paretoLaw{sample: s, p: p, ta: s.logTable(p[1]), tb: s.logTable(p[3]), single: gauss16}
	if s.rough {
		law.single = gauss8
	}
	s.counting(&out, p, law.ta)
	s.surviving(&out, p, law.tb)
	law.coarse = sync.OnceValue(func() *nodeTable { return law.nodes(gauss4) })
	law.fine = sync.OnceValue(func() *nodeTable { return law.nodes(gauss8) })
	total := sumChunks(s, law.leaving, addSlope)
	addSlope(&out, &total)
	return out
}

// surviving adds s ln(beta/(beta+T)).
func (s *sample) surviving(out *slope, p vector, at *logTable) {
	rate, beta := p[2], p[3]
	for i, n := range s.here {
		if n == 0 {
			continue
		}
		grow := math.Log1p(s.times[i] / beta)
		inv := at.inv[i]
		less := -s.times[i] / beta * inv
		out.f -= rate * n * grow
		out.g[2] -= n * grow
		out.g[3] -= rate * n * less
		out.h[2][3] -= n * less
		out.h[3][3] += rate * n * (inv*inv - 1/(beta*beta))
	}
	out.h[3][2] = out.h[2][3]
}

// paretoLaw is what a pass shares between chunks.
type paretoLaw struct {
	sample       *sample
	p            vector
	ta, tb       *logTable
	coarse, fine func() *nodeTable
	single       rule // for one integral a pattern
}

// moments of the integrand f over u: f itself, then f times la, lb, ia, ib
// and their ten products, where la and lb are ln(alpha+u), ln(beta+u) counted
// from a reference and ia, ib are 1/(alpha+u), 1/(beta+u).
type moments [15]float64

func (m *moments) add(f, la, lb, ia, ib float64) {
	fa, fb, ga, gb := f*la, f*lb, f*ia, f*ib
	m[0] += f
	m[1] += fa
	m[2] += fb
	m[3] += ga
	m[4] += gb
	m[5] += fa * la
	m[6] += fa * lb
	m[7] += fa * ia
	m[8] += fa * ib
	m[9] += fb * lb
	m[10] += fb * ia
	m[11] += fb * ib
	m[12] += ga * ia
	m[13] += ga * ib
	m[14] += gb * ib
}

// nodeTable holds, for every step of the time lattice, the quadrature nodes
// inside it; they serve all customers, whatever their x.
type nodeTable struct {
	rule           rule
	la, lb, ia, ib []float64
	zero           []float64 // weight times f at x = 0, relative to time 0
}

func (l *paretoLaw) nodes(g rule) *nodeTable {
	k := len(g.node)
	n := max(len(l.sample.times)-1, 0) * k
	all := make([]float64, 5*n)
	t := &nodeTable{g, all[:n], all[n : 2*n], all[2*n : 3*n], all[3*n : 4*n], all[4*n:]}
	r, alpha, s, beta := l.p[0], l.p[1], l.p[2], l.p[3]
	a0, b0 := math.Log(alpha), math.Log(beta)
	for i := range n {
		u := l.sample.times[i/k] + g.node[i%k]*l.sample.step
		t.la[i], t.lb[i] = math.Log(alpha+u)-a0, math.Log(beta+u)-b0
		t.ia[i], t.ib[i] = 1/(alpha+u), 1/(beta+u)
		t.zero[i] = g.weight[i%k] * l.sample.step * math.Exp(-r*t.la[i]-(s+1)*t.lb[i])
	}
	return t
}

// leaving sums softplus(z) over a chunk of customers with equal x.
func (l *paretoLaw) leaving(c chunk) slope {
	group := &l.sample.groups[c.group]
	ts, txs, weights := group.t[c.lo:c.hi], group.tx[c.lo:c.hi], group.weight[c.lo:c.hi]
	m, n := l.p[0]+group.x, l.p[2]+1
	var out slope
	var grown logProduct
	if first, last, table := l.tabulate(m, n, ts, txs); table != nil {
		cumulated := l.cumulate(table, group.x, m, n, first, last)
		for i, t := range ts {
			j := cumulated[txs[i]-first]
			for k, v := range &cumulated[t-first] {
				j[k] -= v
			}
			l.account(&out, &grown, &j, first, t, m, n, weights[i])
		}
	} else {
		for i, t := range ts {
			j := l.integrate(m, n, txs[i], t)
			l.account(&out, &grown, &j, txs[i], t, m, n, weights[i])
		}
	}
	out.f = grown.log()
	mirror(&out.h)
	return out
}

// tabulate decides whether to integrate once over the lattice and take
// differences, and with which nodes; nil means one integral a pattern. The
// bounds keep the error of the 4- and 8-point rules at rounding.
func (l *paretoLaw) tabulate(m, n float64, ts, txs []int32) (first, last int32, table *nodeTable) {
	s := l.sample
	if s.step == 0 {
		return 0, 0, nil
	}
	first, last = txs[0], ts[0]
	for i, t := range ts {
		first, last = min(first, txs[i]), max(last, t)
	}
	if first == last {
		return 0, 0, nil
	}
	alpha, beta, from := l.p[1], l.p[3], s.times[first]
	near := (math.Min(alpha, beta) + from) / s.step
	fall := (m/(alpha+from) + n/(beta+from)) * s.step
	if m*(l.ta.log[last]-l.ta.log[first])+n*(l.tb.log[last]-l.tb.log[first]) > 600 {
		return 0, 0, nil
	}
	worth := func(k int) bool { return int(last-first)*k < 120*len(ts) }
	switch {
	case near >= 10 && fall <= 0.4 && worth(4):
		return first, last, l.coarse()
	case near >= 1.5 && fall <= 3 && worth(8):
		return first, last, l.fine()
	}
	return 0, 0, nil
}

// cumulate gives the moments of f from each time to the last, counted from
// the first. Summing from the far end, where f is least, keeps differences
// accurate. A whole power replaces the exponential of every node.
func (l *paretoLaw) cumulate(table *nodeTable, x, m, n float64, first, last int32) []moments {
	out := make([]moments, last-first+1)
	k := int32(len(table.rule.node))
	refA, refB := math.Log1p(l.sample.times[first]/l.p[1]), math.Log1p(l.sample.times[first]/l.p[3])
	rise := math.Exp((m-x)*refA + n*refB)
	base := l.p[1] + l.sample.times[first]
	var sum moments
	for i := last - 1; i >= first; i-- {
		for at := i * k; at < (i+1)*k; at++ {
			ia := table.ia[at]
			f := rise * table.zero[at] * wholePower(base*ia, int(x))
			sum.add(f, table.la[at]-refA, table.lb[at]-refB, ia, table.ib[at])
		}
		out[i-first] = sum
	}
	return out
}

// wholePower is v^n.
func wholePower(v float64, n int) float64 {
	out := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			out *= v
		}
		v *= v
	}
	return out
}

// integrate gives the moments of f over (tx, t), counted from tx.
func (l *paretoLaw) integrate(m, n float64, tx, t int32) moments {
	var sum moments
	from := l.sample.times[tx]
	d := l.sample.times[t] - from
	ta, tb := l.p[1]+from, l.p[3]+from
	for y := 0.0; y < d; {
		h := panel(math.Min(ta, tb)+y, m/(ta+y)+n/(tb+y), d-y)
		f := 0.0
		for i, u := range l.single.node {
			z := y + h*u
			la, lb := math.Log1p(z/ta), math.Log1p(z/tb)
			f = h * math.Exp(-m*la-n*lb)
			sum.add(l.single.weight[i]*f, la, lb, 1/(ta+z), 1/(tb+z))
		}
		y += h
		if f*(d-y) < 1e-18*sum[0]*h {
			break
		}
	}
	return sum
}

// account adds weight times softplus(z) and its derivatives, given the moments
// j counted from the reference time ref.
func (l *paretoLaw) account(out *slope, grown *logProduct, j *moments, ref, t int32, m, n, weight float64) {
	if j[0] <= 0 || weight == 0 {
		return
	}
	rate := l.p[2]
	iu, iub := l.ta.inv[t], l.tb.inv[t]
	overA, overB := l.ta.log[t]-l.ta.log[ref], l.tb.log[t]-l.tb.log[ref]
	z := math.Log(rate*j[0]*l.tb.inv[ref]) + m*overA + rate*overB
	i0 := 1 / j[0]
	la, lb, ia, ib := j[1]*i0, j[2]*i0, j[3]*i0, j[4]*i0
	zr := overA - la
	za := m * (iu - ia)
	zs := 1/rate + overB - lb
	zb := rate*iub - n*ib
	left := grown.leave(z, weight)
	wl := weight * left
	k := wl * (1 - left)
	out.g[0] += wl * zr
	out.g[1] += wl * za
	out.g[2] += wl * zs
	out.g[3] += wl * zb
	out.h[0][0] += k*zr*zr + wl*(j[5]*i0-la*la)
	out.h[0][1] += k*zr*za + wl*(iu+m*(j[7]*i0-la*ia)-ia)
	out.h[0][2] += k*zr*zs + wl*(j[6]*i0-la*lb)
	out.h[0][3] += k*zr*zb + wl*n*(j[8]*i0-la*ib)
	out.h[1][1] += k*za*za + wl*m*(j[12]*i0*(m+1)-m*ia*ia-iu*iu)
	out.h[1][2] += k*za*zs + wl*m*(j[10]*i0-ia*lb)
	out.h[1][3] += k*za*zb + wl*m*n*(j[13]*i0-ia*ib)
	out.h[2][2] += k*zs*zs + wl*(j[9]*i0-lb*lb-1/(rate*rate))
	out.h[2][3] += k*zs*zb + wl*(iub+n*(j[11]*i0-lb*ib)-ib)
	out.h[3][3] += k*zb*zb + wl*(n*(j[14]*i0*(n+1)-n*ib*ib)-rate*iub*iub)
}
