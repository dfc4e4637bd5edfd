package gbdt

import "math"

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

// quantise rounds all rows' derivatives to integers. With ten bits it rounds
// up or down at random in proportion to the nearness, so that sums have no
// bias; the random numbers depend on seed, tree and row alone.
func (g *grower) quantise(pairs []pair, all spread, seed uint64) {
	n := float64(len(pairs))
	g.wide = len(pairs) <= wideRows ||
		math.Sqrt(all.gg/n) < evenness*float64(all.g) || all.sh/n < evenness*float64(all.h)
	top := float64(narrowTop)
	if g.wide {
		top = wideTop
		if g.wides == nil {
			g.wides = make([][2]uint64, len(pairs))
		}
	} else if g.narrows == nil {
		g.narrows = make([]uint64, len(pairs))
	}
	g.scale = scale{unit(all.g, top), unit(all.h, top)}
	up := scale{1 / g.scale.g, 1 / g.scale.h}
	g.team.chunks(len(pairs), func(_, begin, end int) {
		if g.wide {
			for i, p := range pairs[begin:end] {
				v, h := math.RoundToEven(float64(p.g)*up.g), math.RoundToEven(max(float64(p.h), 0)*up.h)
				g.wides[begin+i] = [2]uint64{uint64(int64(v)), uint64(h)<<wideHessianAt + 1}
			}
			return
		}
		quantiseNarrow(g.narrows[begin:end], pairs[begin:end], up, seed, begin)
	})
}

func quantiseNarrow(dst []uint64, pairs []pair, up scale, seed uint64, begin int) {
	const part = 1.0 / (1 << 32)
	for i, p := range pairs {
		// A row's two random fractions are the halves of one number.
		z := mix(seed, uint64(begin+i))
		v := int64(float64(p.g)*up.g+narrowTop+float64(uint32(z))*part) - narrowTop
		h := int64(max(float64(p.h), 0)*up.h + float64(z>>32)*part)
		dst[i] = uint64(v)<<narrowGradAt + uint64(h)<<narrowHessianAt + 1
	}
}

// unit is the size of one step.
func unit(largest float32, top float64) float64 {
	if largest == 0 {
		return 1
	}
	return float64(largest) / top
}
