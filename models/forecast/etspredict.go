package forecast

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// forecastable tells whether the weights of old errors fade: no eigenvalue of
// the discount matrix F - g w' lies outside the unit circle. It is the linear
// model's condition, taken for the others as well.
func (f *ETS) forecastable() bool {
	m := f.Season
	if m == 1 {
		return true // the usual region lies within
	}
	k, n := f.Smoothing, m+2
	a := mat.NewDense(n, n, nil)
	w := make([]float64, n)
	w[0], w[n-1] = 1, 1
	if f.Spec.Trend != None {
		w[1] = k.Phi
	}
	g := make([]float64, n)
	g[0], g[1], g[2] = k.Alpha, k.Beta, k.Gamma
	a.Set(0, 0, 1)
	a.Set(0, 1, w[1])
	a.Set(1, 1, w[1])
	a.Set(2, n-1, 1)
	for i := 3; i < n; i++ {
		a.Set(i, i-1, 1)
	}
	for i := range n {
		for j := range n {
			a.Set(i, j, a.At(i, j)-g[i]*w[j])
		}
	}
	var eigen mat.Eigen
	if !eigen.Factorize(a, mat.EigenNone) {
		return false
	}
	for _, v := range eigen.Values(nil) {
		if math.Hypot(real(v), imag(v)) > 1+1e-6 {
			return false
		}
	}
	return true
}

// next is the expected value of a step and the state after it, when the error
// is e; phase is the step's place in the season. s is changed.
func (f *ETS) next(s *State, phase int, e func(mu float64) float64) float64 {
	k := f.Smoothing
	p, season := s.Level, 0.0
	if f.Spec.Trend != None {
		p += k.Phi * s.Trend
	}
	mu := p
	switch f.Spec.Season {
	case Additive:
		season = s.Seasonal[phase]
		mu += season
	case Multiplicative:
		season = s.Seasonal[phase]
		mu *= season
	}
	d := e(mu)
	news := d
	switch f.Spec.Season {
	case Additive:
		s.Seasonal[phase] += k.Gamma * d
	case Multiplicative:
		if season == 0 || p == 0 {
			news, d = 0, 0
			break
		}
		news = d / season
		s.Seasonal[phase] += k.Gamma * d / p
	}
	s.Level = p + k.Alpha*news
	if f.Spec.Trend != None {
		s.Trend = k.Phi*s.Trend + k.Beta*news
	}
	return mu + d
}

// copied is a state that can be changed.
func (s State) copied() State {
	s.Seasonal = slices.Clone(s.Seasonal)
	return s
}

// Mean is the forecast of the next steps: the path without further errors,
// which is the expected value for models with additive seasons, and differs
// from it by little for the others.
func (f *ETS) Mean(steps int) []float64 {
	at, out := f.Final.copied(), make([]float64, max(steps, 0))
	for h := range out {
		out[h] = f.next(&at, (f.Steps+h)%f.Season, func(float64) float64 { return 0 })
	}
	return out
}

// Deviation is the standard deviation of the next steps by the formulae of
// class 1: sigma² (1 + c_1² + … + c_{h-1}²) with
//
//	c_j = Alpha + Beta (Phi + … + Phi^j) + Gamma [j is a multiple of the season].
//
// nil for models of other classes, which are simulated.
func (f *ETS) Deviation(steps int) []float64 {
	if !f.Spec.linear() {
		return nil
	}
	k, out := f.Smoothing, make([]float64, max(steps, 0))
	sum, slope, phi := 1.0, 0.0, 1.0
	for h := range out {
		out[h] = f.Sigma * math.Sqrt(sum)
		phi *= k.Phi
		slope += phi
		c := k.Alpha + k.Beta*slope
		if f.Season > 1 && (h+1)%f.Season == 0 {
			c += k.Gamma
		}
		sum += c * c
	}
	return out
}

// Simulate gives paths of the next steps, each with errors of its own, drawn by
// the seed: paths rows of steps values. A relative error takes no value below 0.
func (f *ETS) Simulate(steps, paths int, seed uint64) [][]float64 {
	random := rand.New(rand.NewPCG(seed, 0x666f726563617374)) //nolint:gosec // simulation, not secrets
	out := make([][]float64, max(paths, 0))
	relative := f.Spec.Error == Multiplicative
	for i := range out {
		at, path := f.Final.copied(), make([]float64, max(steps, 0))
		for h := range path {
			path[h] = f.next(&at, (f.Steps+h)%f.Season, func(mu float64) float64 {
				e := f.Sigma * random.NormFloat64()
				if relative {
					return mu * math.Max(e, -0.99)
				}
				return e
			})
		}
		out[i] = path
	}
	return out
}

// outlook is the distribution of the next steps.
func (f *ETS) outlook(steps, paths int, seed uint64) *outlook {
	mean := f.Mean(steps)
	if sd := f.Deviation(steps); sd != nil {
		return normalOutlook(mean, sd)
	}
	return sampleOutlook(mean, f.Simulate(steps, paths, seed))
}
