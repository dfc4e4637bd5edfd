package gbdt

import "math"

// Objective is what trees are fitted to.
type Objective string

// Objectives. The margin F is the sum of the intercept, the row's offset and
// the leaves; y is the label.
const (
	// Binary: logistic, P(y = 1) = 1/(1+exp(-F)), loss -ln P(y).
	Binary Objective = "binary"
	// Squared: mean F, loss (y-F)²/2.
	Squared Objective = "squared"
	// Poisson: mean exp(F), loss exp(F) - yF, for counts.
	Poisson Objective = "poisson"
	// Tweedie: mean exp(F), loss exp((2-p)F)/(2-p) - y exp((1-p)F)/(1-p) with
	// 1 < p < 2, for sums that are often exactly 0, such as spending.
	Tweedie Objective = "tweedie"
)

// logLink says whether the mean is exp(F).
func (o Objective) logLink() bool { return o == Poisson || o == Tweedie }

// poissonStep is added to the logarithm in Poisson's second derivative, so that
// first trees do not overshoot (XGBoost's max_delta_step).
const poissonStep = 0.7

// pair is a row's first and second derivative of the loss by the margin.
type pair struct{ g, h float32 }

// maxMargin is where exp is held, well inside the range of float32.
const maxMargin = 60

// derivatives writes the pairs of rows begin to end and returns their largest
// absolute values and their sums of |g|² and h.
func (b *booster) derivatives(begin, end int) (s spread) {
	y, w, margin, out := b.train.Labels[begin:end], b.train.Weights, b.margin[begin:end], b.g.pairs[begin:end]
	switch b.o.Objective {
	case Binary:
		for i, f := range margin {
			p := sigmoid(f)
			out[i] = pair{float32(p - y[i]), float32(p * (1 - p))}
		}
	case Squared:
		for i, f := range margin {
			out[i] = pair{float32(f - y[i]), 1}
		}
	case Poisson:
		step := math.Exp(poissonStep)
		for i, f := range margin {
			e := math.Exp(min(f, maxMargin))
			out[i] = pair{float32(e - y[i]), float32(e * step)}
		}
	case Tweedie:
		p := b.o.TweediePower
		for i, f := range margin {
			f = max(-maxMargin, min(f, maxMargin))
			first, second := y[i]*math.Exp((1-p)*f), math.Exp((2-p)*f)
			out[i] = pair{float32(second - first), float32((2-p)*second - (1-p)*first)}
		}
	}
	if w != nil {
		for i, v := range w[begin:end] {
			out[i] = pair{float32(v) * out[i].g, float32(v) * out[i].h}
		}
	}
	for _, v := range out {
		g := max(v.g, -v.g)
		s.g, s.h = max(s.g, g), max(s.h, v.h)
		s.gg += float64(v.g) * float64(v.g)
		s.sh += float64(v.h)
	}
	return s
}

// spread is how large derivatives are.
type spread struct {
	g, h   float32 // largest
	gg, sh float64 // sum of squares of g, sum of h
}

func (s *spread) add(t spread) {
	s.g, s.h, s.gg, s.sh = max(s.g, t.g), max(s.h, t.h), s.gg+t.gg, s.sh+t.sh
}

func sigmoid(f float64) float64 { return 1 / (1 + math.Exp(-f)) }

// loss is a row's loss.
func (o *Options) loss(y, f float64) float64 {
	switch o.Objective {
	case Binary:
		// ln(1+exp(f)) - yf without overflow
		return math.Log1p(math.Exp(-math.Abs(f))) + max(f, 0) - y*f
	case Poisson:
		f = min(f, maxMargin)
		d := math.Exp(f) - y*f
		if y > 0 {
			d += y*math.Log(y) - y // half the deviance: 0 where the mean is y
		}
		return d
	case Tweedie:
		f = max(-maxMargin, min(f, maxMargin))
		p := o.TweediePower
		return math.Exp((2-p)*f)/(2-p) - y*math.Exp((1-p)*f)/(1-p) + math.Pow(y, 2-p)/((1-p)*(2-p))
	}
	return (y - f) * (y - f) / 2
}

// intercept is the constant that, added to the offsets, fits best. Without
// offsets it has a closed form; with them, Newton's method on a convex
// function of one variable.
func (o *Options) intercept(s *Set) float64 {
	if o.NoIntercept {
		return 0
	}
	var sw, sy, so float64
	for i, y := range s.Labels {
		w := weightOf(s.Weights, i)
		sw, sy = sw+w, sy+w*y
		if s.Offset != nil {
			so += w * s.Offset[i]
		}
	}
	mean := sy / sw
	switch {
	case o.Objective == Squared:
		return (sy - so) / sw
	case s.Offset == nil && o.Objective == Binary:
		return math.Log(mean / (1 - mean))
	case s.Offset == nil:
		return math.Log(mean)
	}
	start := -so / sw
	if o.Objective == Binary {
		start += math.Log(mean / (1 - mean))
	} else {
		start += math.Log(mean)
	}
	return o.newtonIntercept(s, start)
}

// newtonIntercept finds the root of the first derivative of the loss, which
// rises in c, between bounds that close in on it.
func (o *Options) newtonIntercept(s *Set, c float64) float64 {
	low, high := -2000.0, 2000.0
	for range 200 {
		g, h := o.slope(s, c)
		if g > 0 {
			high = c
		} else {
			low = c
		}
		next := c - g/h
		if math.Abs(next-c) <= 1e-12*(1+math.Abs(c)) {
			return next
		}
		if !(next > low && next < high) {
			next = (low + high) / 2
		}
		c = next
	}
	return c
}

// slope is the sum of derivatives where every margin is offset + c.
func (o *Options) slope(s *Set, c float64) (g, h float64) {
	p := o.TweediePower
	for i, y := range s.Labels {
		w, f := weightOf(s.Weights, i), s.Offset[i]+c
		switch o.Objective {
		case Binary:
			q := sigmoid(f)
			g, h = g+w*(q-y), h+w*q*(1-q)
		case Poisson:
			e := math.Exp(min(f, maxMargin))
			g, h = g+w*(e-y), h+w*e
		case Tweedie:
			f = max(-maxMargin, min(f, maxMargin))
			first, second := y*math.Exp((1-p)*f), math.Exp((2-p)*f)
			g, h = g+w*(second-first), h+w*((2-p)*second-(1-p)*first)
		}
	}
	return g, h + 1e-300
}
