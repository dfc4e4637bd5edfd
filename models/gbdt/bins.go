package gbdt

import (
	"math"
	"math/bits"
	"slices"
)

// sampleSize is the number of rows from which the bins of numbers are made.
const sampleSize = 200_000

// binning tells how a column's values become small integers.
type binning struct {
	name string
	kind kind
	bins int // all of them
	// values is the number of bins of numbers, or of categories with a bin of
	// their own; they come first.
	values  int
	missing int // bin of missing values, -1 without
	other   int // bin of rare categories, -1 without

	bounds []float64   // of numbers: bin b holds bounds[b-1] < x <= bounds[b]
	keys   [256]uint64 // bounds as ordered integers, see key32 and key64

	codes []int32         // of categories: code of each bin
	dense []uint8         // bin by code, for codes below len(dense)
	large map[int32]uint8 // for the others
}

// key32 is an integer ordered as the numbers are; both zeros have one key.
func key32(v float32) uint64 {
	b := math.Float32bits(v + 0) // -0 + 0 is +0
	return uint64(b ^ (uint32(int32(b)>>31) | 1<<31))
}

func key64(v float64) uint64 {
	b := math.Float64bits(v + 0)
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

func unkey32(k uint64) float64 {
	b := uint32(k)
	if b>>31 == 1 {
		return float64(math.Float32frombits(b ^ 1<<31))
	}
	return float64(math.Float32frombits(^b))
}

func unkey64(k uint64) float64 {
	if k>>63 == 1 {
		return math.Float64frombits(k ^ 1<<63)
	}
	return math.Float64frombits(^k)
}

// newBinning looks at a column and makes its bins.
func newBinning(c *Column, maxBins int, seed uint64, s *sampled) (*binning, error) {
	b := &binning{name: c.Name, kind: c.kind, missing: -1, other: -1}
	if c.kind == kindCategory {
		b.fromCodes(c.codes, maxBins)
		return b, nil
	}
	missing, err := scan(c)
	if err != nil {
		return nil, err
	}
	if missing {
		maxBins--
	}
	s.draw(c, seed)
	s.sort()
	s.runs()
	b.bounds = bounds(c.kind, s.values, s.counts, maxBins)
	b.values = len(b.bounds) + 1
	b.bins = b.values
	if missing {
		b.missing = b.bins
		b.bins++
	}
	for i := range b.keys {
		b.keys[i] = math.MaxUint64
	}
	for i, v := range b.bounds {
		if c.kind == kindFloat32 {
			b.keys[i] = key32(floor32(v))
		} else {
			b.keys[i] = key64(v)
		}
	}
	return b, nil
}

// floor32 is the largest float32 not above v.
func floor32(v float64) float32 {
	f := float32(v)
	if float64(f) > v {
		f = math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}

// scan looks for missing values and refuses infinite ones.
func scan(c *Column) (missing bool, err error) {
	for i, v := range c.f32 {
		if d := v - v; d != 0 { // NaN for NaN and for infinities
			if v == v {
				return false, infinite(c.Name, i, float64(v))
			}
			missing = true
		}
	}
	for i, v := range c.f64 {
		if d := v - v; d != 0 {
			if v == v {
				return false, infinite(c.Name, i, v)
			}
			missing = true
		}
	}
	return missing, nil
}

func infinite(name string, row int, v float64) error {
	return fail(InvalidData, "column %q, row %d is %v: use NaN for a missing value", name, row, v)
}

// sampled holds a column's sample; its memory is used for one after another.
type sampled struct {
	keys, other []uint64
	values      []uint64 // distinct keys
	counts      []int    // and how often each came
}

// draw takes one row at random from each of sampleSize equal stretches.
func (s *sampled) draw(c *Column, seed uint64) {
	n := c.Len()
	size := min(n, sampleSize)
	s.keys = s.keys[:0]
	for i := range size {
		row := i
		if n > size {
			from, to := share(n, size, i)
			row = from + int(mix(seed, uint64(i))%uint64(to-from))
		}
		if c.kind == kindFloat32 {
			if v := c.f32[row]; v == v {
				s.keys = append(s.keys, key32(v))
			}
		} else if v := c.f64[row]; v == v {
			s.keys = append(s.keys, key64(v))
		}
	}
}

// sort sorts the keys by eight bits at a time, without those in which all
// agree.
func (s *sampled) sort() {
	if len(s.keys) < 2048 {
		slices.Sort(s.keys)
		return
	}
	var differ uint64
	for _, k := range s.keys {
		differ |= k ^ s.keys[0]
	}
	s.other = slices.Grow(s.other[:0], len(s.keys))[:len(s.keys)]
	for shift := 0; shift < 64; shift += 8 {
		if differ>>shift&0xff == 0 {
			continue
		}
		var at [256]int
		for _, k := range s.keys {
			at[uint8(k>>shift)]++
		}
		sum := 0
		for i := range at {
			at[i], sum = sum, sum+at[i]
		}
		for _, k := range s.keys {
			d := uint8(k >> shift)
			s.other[at[d]] = k
			at[d]++
		}
		s.keys, s.other = s.other, s.keys
	}
}

// runs finds the distinct keys.
func (s *sampled) runs() {
	s.values, s.counts = s.values[:0], s.counts[:0]
	for i, k := range s.keys {
		if i == 0 || k != s.keys[i-1] {
			s.values, s.counts = append(s.values, k), append(s.counts, 0)
		}
		s.counts[len(s.counts)-1]++
	}
}

// bounds puts the borders of bins: between all values where they are few,
// otherwise so that bins hold about equally many rows, but a value that alone
// fills a bin gets its own.
func bounds(k kind, values []uint64, counts []int, maxBins int) []float64 {
	number := unkey64
	if k == kindFloat32 {
		number = unkey32
	}
	var list []float64
	border := func(i int) { // between value i and the next
		low, high := number(values[i]), number(values[i+1])
		mid := low/2 + high/2
		if !(mid >= low && mid < high) {
			mid = low
		}
		list = append(list, mid)
	}
	if len(values) <= maxBins {
		for i := range len(values) - 1 {
			border(i)
		}
		return list
	}
	total := 0
	for _, c := range counts {
		total += c
	}
	heavy := make([]bool, len(counts))
	left, bins := total, maxBins
	for i, c := range counts {
		if c*maxBins >= total {
			heavy[i] = true
			left -= c
			bins--
		}
	}
	// left rows are spread over bins bins; both fall as bins are closed.
	filled := 0
	for i := range len(values) - 1 {
		if len(list) == maxBins-1 {
			break
		}
		filled += counts[i]
		size := float64(left) / float64(max(bins, 1))
		next := heavy[i+1] && float64(filled) >= size/2
		if heavy[i] || float64(filled) >= size || next {
			border(i)
			if !heavy[i] {
				left -= filled
				bins--
			}
			filled = 0
		}
	}
	return list
}

// fromCodes gives the most frequent categories a bin each.
func (b *binning) fromCodes(codes []int32, maxBins int) {
	counts := map[int32]int{}
	missing := false
	for _, code := range codes {
		if code < 0 {
			missing = true
		} else {
			counts[code]++
		}
	}
	kept := make([]int32, 0, len(counts))
	for code := range counts {
		kept = append(kept, code)
	}
	slices.SortFunc(kept, func(x, y int32) int {
		if d := counts[y] - counts[x]; d != 0 {
			return d
		}
		return int(x - y)
	})
	if missing {
		maxBins--
	}
	rare := len(kept) > maxBins
	if rare {
		kept = kept[:max(maxBins-1, 0)]
	}
	b.codes, b.values, b.bins = kept, len(kept), len(kept)
	if rare {
		b.other = b.bins
		b.bins++
	}
	if missing {
		b.missing = b.bins
		b.bins++
	}
	b.index()
}

// denseCodes is the number of codes that are looked up by position.
const denseCodes = 1 << 16

func (b *binning) index() {
	top := int32(-1)
	for _, code := range b.codes {
		if code < denseCodes {
			top = max(top, code)
		}
	}
	b.dense, b.large = make([]uint8, top+1), map[int32]uint8{}
	for i := range b.dense {
		b.dense[i] = b.unknown()
	}
	for bin, code := range b.codes {
		if code < denseCodes {
			b.dense[code] = uint8(bin)
		} else {
			b.large[code] = uint8(bin)
		}
	}
}

// unknown is the bin of a category that has none of its own.
func (b *binning) unknown() uint8 { return uint8(max(b.other, 0)) }

// apply writes the bins of rows begin to end.
func (b *binning) apply(dst []uint8, c *Column, begin, end int) {
	missing := uint8(max(b.missing, 0))
	switch c.kind {
	case kindFloat32:
		for i, v := range c.f32[begin:end] {
			bin := b.search(key32(v))
			if v != v {
				bin = missing
			}
			dst[i] = bin
		}
	case kindFloat64:
		for i, v := range c.f64[begin:end] {
			bin := b.search(key64(v))
			if v != v {
				bin = missing
			}
			dst[i] = bin
		}
	case kindCategory:
		for i, code := range c.codes[begin:end] {
			dst[i] = b.category(code, missing)
		}
	}
}

func (b *binning) category(code int32, missing uint8) uint8 {
	if code < 0 {
		return missing
	}
	if int(code) < len(b.dense) {
		return b.dense[code]
	}
	if bin, there := b.large[code]; there {
		return bin
	}
	return b.unknown()
}

// search finds the first bound that is not below k, without branches, which
// the processor could not foresee.
func (b *binning) search(k uint64) uint8 {
	at := uint8(0)
	for step := uint8(128); step > 0; step >>= 1 {
		_, below := bits.Sub64(b.keys[at+step-1], k, 0)
		at += step & -uint8(below)
	}
	return at
}

// mix is a random number for a seed and a place (SplitMix64).
func mix(seed, place uint64) uint64 {
	z := seed + (place+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
