package btyd

import (
	"fmt"
	"math"
)

// FittedSpend is a Spend with the evidence for it.
type FittedSpend struct {
	Spend
	Customers   float64       `json:"customers"`
	LogLik      float64       `json:"log_lik"`
	LogCov      [3][3]float64 `json:"log_cov"`
	Level       float64       `json:"level"`
	Correlation float64       `json:"correlation"` // of X and Mean
	Check       Check         `json:"check"`
	Warnings    []Warning     `json:"warnings"`
}

// correlated is the correlation of frequency and spend from which the model's
// assumption is plainly untrue. CDNOW, the textbook case where it is fine, has
// 0.11.
const correlated = 0.3

// spendDim is the number of parameters of Gamma-Gamma.
const spendDim = 3

// FitSpend estimates the Gamma-Gamma model by maximum likelihood. Patterns
// with X = 0 are ignored. Refunds should be netted before: every mean must be
// positive.
func FitSpend(patterns []SpendPattern, opts Options) (*FittedSpend, error) {
	for i, c := range patterns {
		if c.X < 0 || c.X > mostOrders || c.X > 0 && !(c.Mean > 0) || math.IsInf(c.Mean, 0) || !(c.N >= 0) || math.IsInf(c.N, 0) {
			return nil, &Error{InvalidPattern, fmt.Sprintf("spend pattern %d: need 0 <= X <= 2^24, Mean > 0, N >= 0, all finite", i), i}
		}
	}
	full := newSpendSample(patterns)
	if full.customers == 0 {
		return nil, &Error{NoRepeatCustomers, "no customer has an order whose amount could be learnt from", -1}
	}
	o := &spendObjective{data: full, penalty: math.Max(opts.Penalty, 0)}
	o.centre = vector{0, math.Log(3), math.Log(full.mean)}
	top := o.climb()
	f := &FittedSpend{
		Spend:     Spend{math.Exp(top.theta[0]), math.Exp(top.theta[1]), math.Exp(top.theta[2])},
		Customers: full.customers, Level: opts.level(), Correlation: SpendCorrelation(patterns),
	}
	o.report(f, top)
	return f, nil
}

// spendSample is the data laid out by x, like sample.
type spendSample struct {
	groups          []spendGroup
	customers, mean float64
	logs            float64 // sum of w x (ln mean + ln x): the coefficient of p
	logMean         float64 // sum of w ln mean
	chunks          []chunk
}

// spendGroup holds customers with x orders that total spent.
type spendGroup struct {
	x, customers  float64
	total, weight []float64
}

// newSpendSample sorts by x, by counting where that is possible.
func newSpendSample(patterns []SpendPattern) *spendSample {
	maxX := 0
	for _, c := range patterns {
		maxX = max(maxX, c.X)
	}
	s := &spendSample{}
	at := make([]int32, maxX+2) // where each x begins
	for _, c := range patterns {
		if c.X > 0 {
			at[c.X+1]++
		}
	}
	for x := 1; x < len(at); x++ {
		at[x] += at[x-1]
	}
	n := int(at[maxX+1])
	total, weight := make([]float64, n), make([]float64, n)
	next := append([]int32(nil), at...)
	for _, c := range patterns {
		if c.X == 0 {
			continue
		}
		x := float64(c.X)
		total[next[c.X]], weight[next[c.X]] = x*c.Mean, c.N
		next[c.X]++
		s.customers += c.N
		s.mean += c.N * c.Mean
	}
	if s.customers > 0 {
		s.mean /= s.customers
	}
	for x := 1; x <= maxX; x++ {
		if lo, hi := at[x], at[x+1]; lo < hi {
			s.groups = append(s.groups, spendGroup{x: float64(x), total: total[lo:hi], weight: weight[lo:hi]})
		}
	}
	s.sums()
	return s
}

// sums computes what does not depend on parameters.
func (s *spendSample) sums() {
	for g := range s.groups {
		group := &s.groups[g]
		logX := math.Log(group.x)
		for lo := 0; lo < len(group.total); lo += chunkSize {
			s.chunks = append(s.chunks, chunk{g, lo, min(lo+chunkSize, len(group.total))})
		}
		for i, total := range group.total {
			log := math.Log(total)
			s.logs += group.weight[i] * group.x * log
			s.logMean += group.weight[i] * (log - logX)
			group.customers += group.weight[i]
		}
	}
}

// spendSums are the sums over a chunk that a pass needs.
type spendSums struct{ log, inv, inv2 float64 }

// slope is the log-likelihood with derivatives by p, q, v: only ln(v + x mean)
// and its derivatives differ between customers with the same x.
func (s *spendSample) slope(theta vector) slope {
	par := vector{math.Exp(theta[0]), math.Exp(theta[1]), math.Exp(theta[2])}
	p, q, v := par[0], par[1], par[2]
	sums := make([]spendSums, len(s.groups))
	parts := make([]spendSums, len(s.chunks))
	parallel(len(s.chunks), 1, func(lo, hi int) {
		for c := lo; c < hi; c++ {
			parts[c] = s.chunkSums(s.chunks[c], v)
		}
	})
	for c, part := range parts {
		sum := &sums[s.chunks[c].group]
		sum.log += part.log
		sum.inv += part.inv
		sum.inv2 += part.inv2
	}
	n := s.customers
	var out slope
	out.f = p*s.logs - s.logMean + n*(q*math.Log(v)-lgamma(q))
	out.g = vector{s.logs, n * (math.Log(v) - digamma(q)), n * q / v}
	out.h[1][1] = -n * trigamma(q)
	out.h[1][2] = n / v
	out.h[2][2] = -n * q / (v * v)
	for g, group := range s.groups {
		x, k, sum := group.x, group.customers, sums[g]
		px, m := p*x, p*x+q
		psi, psi1 := digamma(m), trigamma(m)
		out.f += k*(lgamma(m)-lgamma(px)) - m*sum.log
		out.g[0] += x * (k*(psi-digamma(px)) - sum.log)
		out.g[1] += k*psi - sum.log
		out.g[2] -= m * sum.inv
		out.h[0][0] += k * x * x * (psi1 - trigamma(px))
		out.h[0][1] += k * x * psi1
		out.h[0][2] -= x * sum.inv
		out.h[1][1] += k * psi1
		out.h[1][2] -= sum.inv
		out.h[2][2] += m * sum.inv2
	}
	mirror(&out.h)
	out.logScale(par)
	return out
}

func (s *spendSample) chunkSums(c chunk, v float64) spendSums {
	group := &s.groups[c.group]
	var out spendSums
	weights := group.weight[c.lo:c.hi]
	for i, total := range group.total[c.lo:c.hi] {
		w, u := weights[i], v+total
		inv := 1 / u
		out.log += w * math.Log(u)
		out.inv += w * inv
		out.inv2 += w * inv * inv
	}
	return out
}

// spendObjective is the function that FitSpend maximises.
type spendObjective struct {
	data    *spendSample
	centre  vector
	penalty float64
	passes  int
}

func (o *spendObjective) eval(theta vector) slope {
	s := o.data.slope(theta)
	base := objective{centre: o.centre, penalty: o.penalty}
	for j := spendDim; j < dim; j++ {
		base.centre[j] = theta[j]
	}
	base.restrain(&s, theta)
	return s
}

// climb searches from the best of a grid on a thin sample, then on all.
func (o *spendObjective) climb() summit {
	thin := &spendObjective{data: o.data.thin(2_000), centre: o.centre, penalty: o.penalty}
	rough := ascent{n: spendDim, eval: thin.eval}
	exact := ascent{n: spendDim, eval: o.eval}
	var best summit
	best.slope.f = math.Inf(-1)
	for _, p := range []float64{1, 5} {
		for _, q := range []float64{2, 5} {
			theta := vector{math.Log(p), math.Log(q), math.Log(o.data.mean * (q - 1) / p)}
			theta, s := rough.run(theta, 60, roughly)
			if s.f > best.slope.f {
				best = summit{theta, s}
			}
		}
	}
	theta, s := exact.run(best.theta, 150, precisely)
	o.passes = exact.passes
	return summit{theta, s}
}

// thin keeps about most customers, evenly from every group.
func (s *spendSample) thin(most int) *spendSample {
	all := 0
	for _, g := range s.groups {
		all += len(g.total)
	}
	if all <= most {
		return s
	}
	var kept []SpendPattern
	step, at := float64(all)/float64(most), 0.0
	before := 0
	for _, g := range s.groups {
		for ; at < float64(before+len(g.total)); at += step {
			i := int(at) - before
			kept = append(kept, SpendPattern{int(g.x), g.total[i] / g.x, g.weight[i]})
		}
		before += len(g.total)
	}
	return newSpendSample(kept)
}

// report fills in errors, checks and warnings.
func (o *spendObjective) report(f *FittedSpend, top summit) {
	plain := o.data.slope(top.theta)
	f.LogLik = plain.f
	for j := range spendDim {
		plain.h[j][j] -= 2 * o.penalty
	}
	cov := covariance(plain.h, spendDim)
	value, _ := eigen(top.slope.h, spendDim)
	f.Check = Check{Slope: norm(top.slope.g) / f.Customers, Curvature: math.Inf(1), Passes: o.passes, Starts: 4}
	for j := range spendDim {
		f.Check.Curvature = math.Min(f.Check.Curvature, -value[j])
		copy(f.LogCov[j][:], cov[j][:spendDim])
		f.Check.Determined[j] = cov[j][j] < vague*vague && math.Abs(top.theta[j]-o.centre[j]) < wall-1
	}
	f.warn()
}

func (f *FittedSpend) warn() {
	add := func(reason Reason, blocking bool, format string, args ...any) {
		f.Warnings = append(f.Warnings, Warning{reason, fmt.Sprintf(format, args...), blocking})
	}
	if f.Customers < fewRepeaters {
		add(FewRepeatCustomers, true, "Only %.0f customers have amounts to learn from; at least %d are needed.", f.Customers, fewRepeaters)
	}
	if math.Abs(f.Correlation) > correlated {
		add(SpendCorrelated, true, "How much customers spend per order goes with how often they order (correlation %.2f), which the spend model assumes it does not; use each customer's own average instead.", f.Correlation)
	}
	if f.Q <= 1 {
		add(SpendMeanUndefined, true, "Amounts vary so much between customers (q = %.3g, not above 1) that a mean spend does not exist in this model; use medians or cap the largest orders.", f.Q)
	}
	if d := f.Check.Determined; !d[0] || !d[1] || !d[2] {
		add(WeaklyDetermined, false, "The data do not pin down every parameter of the spend model; do not interpret them one by one.")
	}
	if f.Check.Slope > 1e-6 || f.Check.Curvature < -1e-9*f.Customers {
		add(NotConverged, true, "The search for the best parameters did not end at a maximum; do not use this fit.")
	}
}

// Parameters lists the estimates.
func (f *FittedSpend) Parameters() []Parameter {
	values := [spendDim]float64{f.P, f.Q, f.V}
	list := make([]Parameter, spendDim)
	for j, name := range []string{"p", "q", "v"} {
		list[j] = parameter(name, values[j], f.LogCov[j][j], f.Level, f.Check.Determined[j])
	}
	return list
}

// Supported is false when a warning says that predictions of this fit should
// not be shown as numbers.
func (f *FittedSpend) Supported() bool { return !anyBlocking(f.Warnings) }
