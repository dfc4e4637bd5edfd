package gbdt

import (
	"math"
	"slices"
)

// scale turns the integers of a tree's histograms into derivatives.
type scale struct{ g, h float64 }

const (
	// wideRows is the number of rows up to which two words a bin are used.
	wideRows = 1 << 16
	// evenness is how small the typical derivative may be beside the largest
	// one for ten bits to do: rounding then adds less than a thousandth to the
	// variance that the sums have anyway.
	evenness = 1.0 / 64
)

// derive computes all rows' derivatives at the margins and rounds them to
// integers.
func (b *booster) derive(seed uint64) {
	g := b.g
	if b.o.Objective == Binary && b.m.n > wideRows && b.deriveBinary(seed) {
		return
	}
	if g.pairs == nil {
		g.pairs = make([]pair, b.m.n)
	}
	all := make([]spread, (b.m.n+chunk-1)/chunk)
	g.team.chunks(b.m.n, func(number, begin, end int) { all[number] = b.derivatives(begin, end) })
	g.quantise(g.pairs, total(all), seed)
}

func total(all []spread) (sum spread) {
	for _, s := range all {
		sum.add(s)
	}
	return sum
}

// uneven says whether ten bits would be too coarse.
func (s spread) uneven(n float64) bool {
	return math.Sqrt(s.gg/n) < evenness*float64(s.g) || s.sh/n < evenness*float64(s.h)
}

// quantise rounds all rows' derivatives to integers.
func (g *grower) quantise(pairs []pair, all spread, seed uint64) {
	g.wide = len(pairs) <= wideRows || all.uneven(float64(len(pairs)))
	if !g.wide {
		g.rounding(all)
		g.team.chunks(len(pairs), func(_, begin, end int) {
			r := g.round
			for i, p := range pairs[begin:end] {
				g.narrows[begin+i] = r.narrow(float64(p.g), max(float64(p.h), 0), mix(seed, uint64(begin+i)))
			}
		})
		return
	}
	if g.wides == nil {
		g.wides = make([][2]uint64, len(pairs))
	}
	g.scale = scale{unit(all.g, wideTop), unit(all.h, wideTop)}
	up := scale{1 / g.scale.g, 1 / g.scale.h}
	g.team.chunks(len(pairs), func(_, begin, end int) {
		for i, p := range pairs[begin:end] {
			v, h := math.RoundToEven(float64(p.g)*up.g), math.RoundToEven(max(float64(p.h), 0)*up.h)
			g.wides[begin+i] = [2]uint64{uint64(int64(v)), uint64(h)<<wideHessianAt + 1}
		}
	})
}

// rounding sets the scale of ten bits.
func (g *grower) rounding(all spread) {
	if g.narrows == nil {
		g.narrows = make([]uint64, g.m.n)
	}
	g.scale = scale{unit(all.g, narrowTop), unit(all.h, narrowTop)}
	g.round = rounder{1 / g.scale.g, 1 / g.scale.h}
}

// rounder rounds to ten bits, up or down at random in proportion to the
// nearness, so that sums have no bias.
type rounder struct{ g, h float64 }

// narrow packs a row's derivatives; the random number depends on seed, tree
// and row alone, and each of its halves is a fraction.
func (r rounder) narrow(g, h float64, random uint64) uint64 {
	const part = 1.0 / (1 << 32)
	v := int64(g*r.g+narrowTop+float64(uint32(random))*part) - narrowTop
	return uint64(v)<<narrowGradAt + uint64(int64(h*r.h+float64(random>>32)*part))<<narrowHessianAt + 1
}

// deriveBinary does all in one pass, as the derivatives of the logistic loss
// have bounds that are known before: weight and weight/4. It gives up where the
// derivatives turn out to be uneven.
func (b *booster) deriveBinary(seed uint64) bool {
	g := b.g
	heaviest := 1.0
	if w := b.train.Weights; w != nil {
		heaviest = slices.Max(w)
	}
	bound := spread{g: above(heaviest), h: above(heaviest / 4)}
	g.wide = false
	g.rounding(bound)
	all := make([]spread, (b.m.n+chunk-1)/chunk)
	g.team.chunks(b.m.n, func(number, begin, end int) {
		s, r := spread{}, g.round
		y, margin, out := b.train.Labels[begin:end], b.margin[begin:end], g.narrows[begin:end]
		for i, f := range margin {
			p := quickSigmoid(f)
			v, h := p-y[i], p*(1-p)
			if b.train.Weights != nil {
				w := b.train.Weights[begin+i]
				v, h = v*w, h*w
			}
			s.gg += v * v
			s.sh += h
			out[i] = r.narrow(v, h, mix(seed, uint64(begin+i)))
		}
		all[number] = s
	})
	bound.add(total(all))
	return !bound.uneven(float64(b.m.n))
}

// above is v as 32 bits, not smaller.
func above(v float64) float32 { return math.Nextafter32(float32(v), math.MaxFloat32) }

// quickSigmoid is sigmoid to nine digits, without branches: exp(-f) is
// 2^k·2^r, |r| <= 1/2, the latter a polynomial. The conversions to float64 keep
// compilers from fusing operations, which would give other bits on other machines.
func quickSigmoid(f float64) float64 {
	const limit = 36 // beyond, 1 + exp(-f) is 1 or the derivatives are 0
	if f > limit {
		f = limit
	}
	if f < -limit {
		f = -limit
	}
	t := f * -math.Log2E
	k := float64(t+0x1.8p52) - 0x1.8p52 // the nearest whole number
	r := float64(t - k)
	p := float64(1.0186e-7*r) + 1.3215e-6
	p = float64(p*r) + 1.525273380405984e-5
	p = float64(p*r) + 1.5403530393381608e-4
	p = float64(p*r) + 1.3333558146428443e-3
	p = float64(p*r) + 9.618129107628477e-3
	p = float64(p*r) + 5.550410866482158e-2
	p = float64(p*r) + 0.2402265069591007
	p = float64(p*r) + 0.6931471805599453
	p = float64(p*r) + 1
	e := p * math.Float64frombits(uint64(int64(k)+1023)<<52)
	return 1 / (1 + e)
}

// unit is the size of one step.
func unit(largest float32, top float64) float64 {
	if largest == 0 {
		return 1
	}
	return float64(largest) / top
}
