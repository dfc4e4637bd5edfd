package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// ETS is a fitted model of exponential smoothing.
type ETS struct {
	Spec      Spec      `json:"spec"`
	Season    int       `json:"season"` // steps; 1 without
	Smoothing Smoothing `json:"smoothing"`
	Initial   State     `json:"initial"` // before the first value
	Final     State     `json:"final"`   // after the last
	// Sigma is the standard deviation of a step's error, relative where errors
	// are multiplicative, with the free parameters taken off the rows.
	Sigma float64 `json:"sigma"`
	// LogLik is the Gaussian log-likelihood at the best sigma, and Parameters
	// how many were estimated, sigma among them.
	LogLik     float64 `json:"log_lik"`
	AIC        float64 `json:"aic"`
	AICc       float64 `json:"aicc"`
	Rows       int     `json:"rows"`  // known values
	Steps      int     `json:"steps"` // values, known or not
	Parameters int     `json:"parameters"`
	// Others are the models that were tried and their AICc, the best first.
	Others []Tried `json:"others,omitempty"`
}

// Tried is a model that was fitted for comparison.
type Tried struct {
	Spec Spec    `json:"spec"`
	AICc float64 `json:"aicc"`
}

// ETSOptions of a fit. The zero value chooses among all stable models without
// a season.
type ETSOptions struct {
	// Season is the number of steps after which the pattern repeats: 7 for
	// days, 12 for months; 0 or 1 for none.
	Season int
	// Spec, if set, is fitted alone.
	Spec *Spec
}

// maxSeason is the longest season with a state for each of its steps.
const maxSeason = 60

// FitETS fits a model of exponential smoothing, or all of them, and takes the
// one with the smallest AICc. NaN are values not known. Parameters stay in the
// usual region 0 < Alpha < 1, 0 < Beta < Alpha, 0 < Gamma < 1 - Alpha,
// 0.8 < Phi < 0.98, and models whose old errors would never fade (outside the
// forecastable region) are not taken. Additive errors with a multiplicative
// season, whose variance is not finite, are fitted only when asked for by Spec.
// It never fails on finite values when Spec is nil.
//
// Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential Smoothing
// (2008), chapters 2, 5, 7 and 10.
func FitETS(values []float64, opts ETSOptions) (*ETS, error) {
	if err := checkValues(values); err != nil {
		return nil, err
	}
	m := max(opts.Season, 1)
	if opts.Season < 0 || m > maxSeason {
		return nil, fail(InvalidOption, "the season is %d steps; it is between 0 and %d, and longer seasons are the regression's work", opts.Season, maxSeason)
	}
	if opts.Spec != nil {
		if err := opts.Spec.check(); err != nil {
			return nil, err
		}
		if opts.Spec.Season != None && m == 1 {
			return nil, fail(InvalidOption, "%s has a season, but its length is not given", opts.Spec)
		}
		return fitSpec(values, *opts.Spec, m)
	}
	return chooseETS(values, m), nil
}

func fitSpec(values []float64, spec Spec, m int) (*ETS, error) {
	if spec.positive() && slices.Min(known(values)) <= 0 {
		return nil, fail(Unsuitable, "%s is for values above 0, and the smallest is %v; use additive parts", spec, slices.Min(known(values)))
	}
	p := newETSProblem(values, spec, m)
	if q := p.parameters(); p.n < q {
		return nil, fail(Unsuitable, "%s has %d parameters, but only %d values are known; use a simpler model", spec, q, p.n)
	}
	f := p.fit(len(etsStarts))
	if f == nil {
		return nil, fail(Unsuitable, "%s does not fit this series: its level or season would fall to zero; use additive parts", spec)
	}
	return f, nil
}

// chooseETS tries every stable model.
func chooseETS(values []float64, m int) *ETS {
	positive := slices.Min(known(values)) > 0
	var best *ETS
	var tried []Tried
	for _, spec := range stableSpecs(m, positive) {
		p := newETSProblem(values, spec, m)
		if p.n-p.parameters()-1 <= 0 || (spec.Season != None && p.n < 2*m) {
			continue
		}
		f := p.fit(2)
		if f == nil || !f.forecastable() {
			continue
		}
		tried = append(tried, Tried{spec, f.AICc})
		if best == nil || f.AICc < best.AICc-1e-9 {
			best = f
		}
	}
	if best == nil {
		return meanModel(values)
	}
	if again := newETSProblem(values, best.Spec, m).fit(len(etsStarts)); again != nil && again.forecastable() && again.LogLik > best.LogLik {
		best = again
	}
	slices.SortStableFunc(tried, func(a, b Tried) int {
		switch {
		case a.AICc < b.AICc:
			return -1
		case a.AICc > b.AICc:
			return 1
		}
		return 0
	})
	best.Others = tried
	return best
}

// meanModel is ETS(A,N,N) that hardly learns: for series of a few values.
func meanModel(values []float64) *ETS {
	seen := known(values)
	mean, n := 0.0, float64(len(seen))
	for _, v := range seen {
		mean += v / n
	}
	sse := 0.0
	for _, v := range seen {
		sse += (v - mean) * (v - mean)
	}
	f := &ETS{
		Spec: Spec{Additive, None, None}, Season: 1, Smoothing: Smoothing{Alpha: alphaLow, Phi: 1},
		Initial: State{Level: mean}, Final: State{Level: mean}, Rows: len(seen), Steps: len(values), Parameters: 2,
	}
	f.Sigma = math.Sqrt(sse / math.Max(1, n-1))
	f.LogLik = -n / 2 * (math.Log(2*math.Pi*math.Max(sse/n, floor)) + 1)
	f.AIC = 4 - 2*f.LogLik
	f.AICc = f.AIC
	return f
}

// stableSpecs are the models with a finite variance, simple ones first.
func stableSpecs(m int, positive bool) []Spec {
	var out []Spec
	for _, season := range []Component{None, Additive, Multiplicative} {
		if season != None && m == 1 {
			continue
		}
		for _, trend := range []Component{None, Additive, Damped} {
			for _, e := range []Component{Additive, Multiplicative} {
				s := Spec{e, trend, season}
				if s.positive() && (!positive || (season == Multiplicative && e == Additive)) {
					continue
				}
				out = append(out, s)
			}
		}
	}
	return out
}

// The bounds of the parameters.
const (
	alphaLow, alphaHigh = 1e-4, 1 - 1e-4
	phiLow, phiHigh     = 0.8, 0.98
)

// etsStarts are shares of the way from the lower to the upper bound of alpha,
// beta, gamma and phi.
var etsStarts = [][4]float64{
	{0.3, 0.1, 0.1, 0.9},
	{0.25, 0.02, 0.95, 0.95},
	{0.8, 0.03, 0.3, 0.9},
	{0.05, 0.3, 0.03, 0.5},
	{0.5, 0.5, 0.5, 0.97},
	{0.02, 0.02, 0.02, 0.97},
	{0.95, 0.001, 0.9, 0.95},
}

// etsProblem is the search for the parameters of one model. Values are divided
// by their mean size, so that all unknowns are of the size of 1.
type etsProblem struct {
	*recursion
	scale  float64
	seen   []bool // phases of the season with a known value
	free   []int  // phases whose effect is estimated
	last   int    // the phase whose effect makes the sum come out
	guess  State
	bScale float64
	state  State // as packed last
}

func newETSProblem(values []float64, spec Spec, m int) *etsProblem {
	if spec.Season == None {
		m = 1
	}
	size, n := 0.0, 0.0
	for _, v := range values {
		if !math.IsNaN(v) {
			size, n = size+math.Abs(v), n+1
		}
	}
	p := &etsProblem{scale: 1, last: -1}
	if size > 0 {
		p.scale = size / n
	}
	y := make([]float64, len(values))
	for i, v := range values {
		y[i] = v / p.scale
	}
	p.recursion = newRecursion(spec, m, y)
	if m > 1 {
		p.seen = make([]bool, m)
		for t, v := range y {
			p.seen[t%m] = p.seen[t%m] || !math.IsNaN(v)
		}
		for i, s := range p.seen {
			if !s {
				continue
			}
			if p.last < 0 {
				p.last = i
			} else {
				p.free = append(p.free, i)
			}
		}
	}
	p.state.Seasonal = make([]float64, m)
	p.guess = p.heuristic()
	p.bScale = 0.01
	return p
}

// parameters counts what is estimated, sigma among it.
func (p *etsProblem) parameters() int {
	k := 3 // alpha, level, sigma
	if p.spec.Trend != None {
		k += 2
	}
	if p.spec.Trend == Damped {
		k++
	}
	if p.m > 1 {
		k += 1 + len(p.free)
	}
	return k
}

// heuristic guesses the initial state: seasonal effects as mean distances (or
// ratios) from a moving average, then a line through the first values.
func (p *etsProblem) heuristic() State {
	plain := slices.Clone(p.y)
	at := State{Seasonal: make([]float64, p.m)}
	times := p.spec.Season == Multiplicative
	if p.m > 1 {
		at.Seasonal = seasonalGuess(p.y, p.m, p.seen, times)
		for t := range plain {
			if times {
				plain[t] /= at.Seasonal[t%p.m]
			} else {
				plain[t] -= at.Seasonal[t%p.m]
			}
		}
	}
	take := max(10, 2*p.m)
	var n, st, sy, stt, sty float64
	for t, v := range plain {
		if math.IsNaN(v) {
			continue
		}
		if int(n) >= take {
			break
		}
		x := float64(t + 1)
		n, st, sy, stt, sty = n+1, st+x, sy+v, stt+x*x, sty+x*v
	}
	at.Level = sy / n
	if spread := stt - st*st/n; p.spec.Trend != None && spread > 0 {
		at.Trend = (sty - st*sy/n) / spread
		at.Level -= at.Trend * st / n
		if p.spec.positive() && at.Level < 0.05 {
			at.Level, at.Trend = math.Max(sy/n, 0.05), 0
		}
	}
	return at
}

// seasonalGuess is the mean distance or ratio to a moving average of a season.
func seasonalGuess(y []float64, m int, seen []bool, times bool) []float64 {
	sum, n := make([]float64, m), make([]float64, m)
	for t, v := range y {
		if math.IsNaN(v) {
			continue
		}
		total, k := 0.0, 0.0
		for u := max(0, t-m/2); u <= min(len(y)-1, t+(m-1)/2); u++ {
			if !math.IsNaN(y[u]) {
				total, k = total+y[u], k+1
			}
		}
		d := v - total/k
		if times {
			d = v / (total / k)
		}
		sum[t%m], n[t%m] = sum[t%m]+d, n[t%m]+1
	}
	neutral, mean, k := 0.0, 0.0, 0.0
	if times {
		neutral = 1
	}
	for i := range sum {
		if seen[i] {
			sum[i] /= n[i]
			mean, k = mean+sum[i], k+1
		}
	}
	for i := range sum {
		switch {
		case !seen[i]:
			sum[i] = neutral
		case times:
			sum[i] = math.Max(sum[i]/(mean/k), 0.05)
		default:
			sum[i] -= mean / k
		}
	}
	return sum
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
func logit(p float64) float64   { return math.Log(p / (1 - p)) }

// start packs shares and the guess of the state into the unknowns.
func (p *etsProblem) start(share [4]float64) []float64 {
	x := []float64{logit(share[0])}
	if p.spec.Trend != None {
		x = append(x, logit(share[1]))
	}
	if p.m > 1 {
		x = append(x, logit(share[2]))
	}
	if p.spec.Trend == Damped {
		x = append(x, logit(share[3]))
	}
	x = append(x, p.guess.Level)
	if p.spec.Trend != None {
		x = append(x, p.guess.Trend/p.bScale)
	}
	for _, i := range p.free {
		x = append(x, p.guess.Seasonal[i])
	}
	return x
}

// unpack reads the unknowns; the state shares memory with p.
func (p *etsProblem) unpack(x []float64) (Smoothing, State) {
	k := Smoothing{Alpha: alphaLow + (alphaHigh-alphaLow)*sigmoid(x[0])}
	i := 1
	if p.spec.Trend != None {
		k.Beta, k.Phi = k.Alpha*sigmoid(x[i]), 1
		i++
	}
	if p.m > 1 {
		k.Gamma = (1 - k.Alpha) * sigmoid(x[i])
		i++
	}
	if p.spec.Trend == Damped {
		k.Phi = phiLow + (phiHigh-phiLow)*sigmoid(x[i])
		i++
	}
	at := State{Level: x[i], Seasonal: p.state.Seasonal}
	i++
	if p.spec.Trend != None {
		at.Trend = x[i] * p.bScale
		i++
	}
	if p.m > 1 {
		neutral, rest := 0.0, 0.0
		if p.spec.Season == Multiplicative {
			neutral, rest = 1, 1
		}
		for j := range at.Seasonal {
			at.Seasonal[j] = neutral
		}
		for j, phase := range p.free {
			at.Seasonal[phase] = x[i+j]
			rest -= x[i+j] - neutral
		}
		at.Seasonal[p.last] = rest
	}
	return k, at
}

// value is the function to make small, with its slope.
func (p *etsProblem) value(x, slope []float64) float64 {
	k, at := p.unpack(x)
	_, sse, value, ok := p.forward(k, at)
	if !ok {
		return math.Inf(1)
	}
	g, gs := p.backward(k, sse)
	a := (k.Alpha - alphaLow) / (alphaHigh - alphaLow)
	da := g.Alpha
	i := 1
	if p.spec.Trend != None {
		u := k.Beta / k.Alpha
		da += g.Beta * u
		slope[i] = g.Beta * k.Alpha * u * (1 - u)
		i++
	}
	if p.m > 1 {
		u := k.Gamma / (1 - k.Alpha)
		da -= g.Gamma * u
		slope[i] = g.Gamma * (1 - k.Alpha) * u * (1 - u)
		i++
	}
	slope[0] = da * (alphaHigh - alphaLow) * a * (1 - a)
	if p.spec.Trend == Damped {
		u := (k.Phi - phiLow) / (phiHigh - phiLow)
		slope[i] = g.Phi * (phiHigh - phiLow) * u * (1 - u)
		i++
	}
	slope[i] = gs.Level
	i++
	if p.spec.Trend != None {
		slope[i] = gs.Trend * p.bScale
		i++
	}
	for j, phase := range p.free {
		slope[i+j] = gs.Seasonal[phase] - gs.Seasonal[p.last]
	}
	return value
}

// passes of the search are as many as any series has needed, and more.
const passes = 300

// fit searches from several starts; nil where none lies in the domain.
func (p *etsProblem) fit(starts int) *ETS {
	var best []float64
	low := math.Inf(1)
	for _, share := range etsStarts[:starts] {
		x := p.start(share)
		p.straighten(x)
		if v := descend(x, passes, p.value); v < low {
			best, low = x, v
		}
	}
	if best == nil {
		return nil
	}
	k, at := p.unpack(best)
	return p.report(k, at)
}

// straighten replaces the initial state by the one of least squares, given the
// smoothing parameters, where errors are linear in it; it is taken only where
// it is better.
func (p *etsProblem) straighten(x []float64) {
	if p.spec.Season == Multiplicative {
		return
	}
	first := len(x) - 1 - len(p.free)
	if p.spec.Trend != None {
		first--
	}
	q := len(x) - first
	slope, trial := make([]float64, len(x)), slices.Clone(x)
	before := p.value(x, slope)
	errorsAt := func(j int) []float64 {
		for i := range q {
			trial[first+i] = 0
		}
		if j >= 0 {
			trial[first+j] = 1
		}
		k, at := p.unpack(trial)
		plain := *p.recursion
		plain.spec.Error = Additive
		plain.forward(k, at)
		return slices.Clone(plain.e)
	}
	zero := errorsAt(-1)
	a, b := mat.NewSymDense(q, nil), mat.NewVecDense(q, nil)
	columns := make([][]float64, q)
	for j := range columns {
		columns[j] = errorsAt(j)
		for t := range zero {
			columns[j][t] = zero[t] - columns[j][t]
		}
		b.SetVec(j, dot(columns[j], zero))
		for i := range j + 1 {
			a.SetSym(i, j, dot(columns[i], columns[j]))
		}
		a.SetSym(j, j, a.At(j, j)*(1+1e-10)+1e-12)
	}
	var cholesky mat.Cholesky
	var state mat.VecDense
	if !cholesky.Factorize(a) || cholesky.SolveVecTo(&state, b) != nil {
		return
	}
	for i := range q {
		trial[first+i] = state.AtVec(i)
	}
	if p.value(trial, slope) < before {
		copy(x, trial)
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// report is a model at given parameters, in the units of the values.
func (p *etsProblem) report(k Smoothing, at State) *ETS {
	end, sse, value, ok := p.forward(k, at)
	if !ok {
		return nil
	}
	c, n, q := p.scale, float64(p.n), float64(p.parameters())
	units := func(s State) State {
		out := State{Level: s.Level * c, Trend: s.Trend * c}
		if p.m > 1 {
			out.Seasonal = slices.Clone(s.Seasonal)
			if p.spec.Season == Additive {
				for i := range out.Seasonal {
					out.Seasonal[i] *= c
				}
			}
		}
		return out
	}
	f := &ETS{
		Spec: p.spec, Season: p.m, Smoothing: k, Initial: units(at), Final: units(end),
		Rows: p.n, Steps: len(p.y), Parameters: int(q),
	}
	f.LogLik = -value - n/2*(math.Log(2*math.Pi)+1) - n*math.Log(c)
	f.AIC = 2*q - 2*f.LogLik
	f.AICc = math.Inf(1)
	if n-q-1 > 0 {
		f.AICc = f.AIC + 2*q*(q+1)/(n-q-1)
	}
	f.Sigma = math.Sqrt(sse / math.Max(1, n-q+1))
	if p.spec.Error == Additive {
		f.Sigma *= c
	}
	if p.spec.Trend == None {
		f.Smoothing.Phi = 1
	}
	return f
}
