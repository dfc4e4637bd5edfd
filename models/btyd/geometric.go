package btyd

import "math"

// geometricSlope is the log-likelihood of BG/NBD or MBG/NBD with derivatives
// by the four parameters. The customers who may have left contribute
// softplus(z) with
//
//	z = ln a - ln(b+c-1) + (r+x) (ln(alpha+T) - ln(alpha+tx))
//
// where c counts the chances to leave: x, or x+1 in MBG/NBD.
func (s *sample) geometricSlope(p vector, coin float64) slope {
	var out slope
	at := s.logTable(p[1])
	s.counting(&out, p, at)
	s.coins(&out, p, coin)
	total := sumChunks(s, func(c chunk) slope { return s.leaving(c, p, coin, at) }, addSlope)
	addSlope(&out, &total)
	return out
}

// addSlope adds up.
func addSlope(total, part *slope) {
	total.f += part.f
	for j := range dim {
		total.g[j] += part.g[j]
		for k := range dim {
			total.h[j][k] += part.h[j][k]
		}
	}
}

// coins adds ln of B(a, b+c)/B(a, b), the probability of staying c times.
func (s *sample) coins(out *slope, p vector, coin float64) {
	a, b := p[2], p[3]
	stay := func(n, k float64) {
		u, v := b+k, a+b+k
		out.f -= n * math.Log1p(a/u)
		iu, iv := 1/u, 1/v
		out.g[2] -= n * iv
		out.g[3] += n * a * iu * iv
		out.h[2][2] += n * iv * iv
		out.h[2][3] += n * iv * iv
		out.h[3][3] += n * (iv*iv - iu*iu)
	}
	if coin == 1 {
		stay(s.customers, 0)
	}
	for k, n := range s.above {
		stay(n, float64(k)+coin)
	}
	out.h[3][2] = out.h[2][3]
}

// leaving sums softplus(z) over a chunk of customers with equal x, for whom
// only two times vary: d and e are the differences that z and its derivatives
// are made of.
func (s *sample) leaving(c chunk, p vector, coin float64, at *logTable) slope {
	group := &s.groups[c.group]
	chances := group.x + coin
	if chances == 0 {
		return slope{}
	}
	m := p[0] + group.x
	base := p[3] + chances - 1
	odds := math.Log(p[2] / base)
	var grown logProduct
	var s1, sd, se, se2, k1, kd, kdd, ke, kee, kde float64
	ts, txs := group.t[c.lo:c.hi], group.tx[c.lo:c.hi]
	weights := group.weight[c.lo:c.hi]
	for i, t := range ts {
		tx := txs[i]
		d := at.log[t] - at.log[tx]
		e := at.inv[t] - at.inv[tx]
		sum := at.inv[t] + at.inv[tx]
		z := odds + m*d
		w := weights[i]
		left := grown.leave(z, w)
		wl := w * left
		k := wl * (1 - left)
		s1 += wl
		sd += wl * d
		se += wl * e
		se2 += wl * e * sum
		k1 += k
		kd += k * d
		kdd += k * d * d
		ke += k * e
		kee += k * e * e
		kde += k * d * e
	}
	ia, ib := 1/p[2], 1/base
	out := slope{f: grown.log(), g: vector{sd, m * se, s1 * ia, -s1 * ib}}
	out.h = matrix{
		{kdd, m*kde + se, kd * ia, -kd * ib},
		{0, m*m*kee - m*se2, m * ke * ia, -m * ke * ib},
		{0, 0, (k1 - s1) * ia * ia, -k1 * ia * ib},
		{0, 0, 0, (k1 + s1) * ib * ib},
	}
	mirror(&out.h)
	return out
}

// mirror fills the lower triangle.
func mirror(h *matrix) {
	for j := range dim {
		for k := range j {
			h[j][k] = h[k][j]
		}
	}
}

// logProduct sums w softplus(z). Most weights are 1, for which it multiplies
// the factors 1 + e^-|z|, between 1 and 2, and takes one logarithm for
// hundreds of them: the logarithm is the dearest operation of a pass.
type logProduct struct {
	product, sum float64
	factors      int
}

// leave adds w softplus(z) and returns logistic(z), from one exponential.
func (l *logProduct) leave(z, w float64) float64 {
	up := z > 0
	if up {
		l.sum += w * z
		z = -z
	}
	y := math.Exp(z)
	factor := 1 + y
	if w == 1 {
		if l.factors == 0 {
			l.product = 1
		}
		l.product *= factor
		if l.factors++; l.factors == 1000 {
			l.sum += math.Log(l.product)
			l.factors = 0
		}
	} else {
		l.sum += w * math.Log(factor)
	}
	if up {
		return 1 / factor
	}
	return y / factor
}

// log is the sum.
func (l *logProduct) log() float64 {
	if l.factors == 0 {
		return l.sum
	}
	return l.sum + math.Log(l.product)
}
