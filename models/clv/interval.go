package clv

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Band is how far the truth was from predictions, among customers with similar
// expected orders, in the window after the earlier cut.
//
// For orders, the count of a customer with mean μ is taken as negative binomial
// with variance μ + Dispersion μ², and the interval is its central one of
// probability Width, chosen such that intervals held as many truths as Level
// asks for: distributional conformal prediction (Chernozhukov, Wüthrich and
// Zhu, PNAS 118 (2021)). For spending, Low and High are conformal quantiles of
// truth over prediction. Both are exact on average for customers like those
// measured (exchangeable), which those of another season are not.
type Band struct {
	From       float64 `json:"from"` // expected orders in the window, at least
	Rows       int     `json:"rows"`
	Dispersion float64 `json:"dispersion"`
	Width      float64 `json:"width"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
}

// Bands have at least bandRows customers, and there are at most mostBands.
const (
	bandRows  = 200
	mostBands = 8
)

// measure makes the bands from the predictions of held rows.
func (b *Blend) measure(held *rows, t target, level float64) {
	w := Window{held.asOf[0].Day, int32(held.length[0])}
	b.Checked = &w
	order := make([]int, len(b.held))
	for i := range order {
		order[i] = i
	}
	// Spending is banded by orders, too: what a sum varies by is mostly how many
	// orders there are.
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(held.orders[i], held.orders[j]) })
	n := len(order)
	count := min(n/bandRows, mostBands)
	truth := t.label(held)
	lo := 0
	for k := range count {
		hi := (k + 1) * n / count
		for hi < n && held.orders[order[hi]] == held.orders[order[hi-1]] {
			hi++
		}
		if hi-lo < bandRows/2 {
			continue
		}
		band := Band{Rows: hi - lo}
		if len(b.Bands) > 0 {
			band.From = held.orders[order[lo]]
		}
		mean, came := make([]float64, 0, hi-lo), make([]float64, 0, hi-lo)
		for _, i := range order[lo:hi] {
			mean, came = append(mean, b.held[i]), append(came, truth[i])
		}
		if t.counts() {
			band.count(mean, came, level)
		} else {
			band.ratio(mean, came, level)
		}
		b.Bands = append(b.Bands, band)
		lo = hi
	}
}

// bandOf a customer with so many expected orders.
func (b *Blend) bandOf(orders float64) *Band {
	i, found := slices.BinarySearchFunc(b.Bands, orders, func(band Band, v float64) int { return cmp.Compare(band.From, v) })
	if !found {
		i--
	}
	return &b.Bands[max(i, 0)]
}

// count measures Dispersion by moments and Width by conformal scores: the
// probability of the narrowest central interval that holds the truth.
func (b *Band) count(mean, came []float64, level float64) {
	var over, square float64
	for i, m := range mean {
		d := came[i] - m
		over += d*d - m
		square += m * m
	}
	b.Dispersion = math.Max(over/square, 0)
	scores := make([]float64, len(mean))
	for i, m := range mean {
		y := int(came[i])
		scores[i] = math.Max(1-2*b.below(m, y), 2*b.below(m, y-1)-1)
	}
	b.Width = math.Max(quantileOf(scores, level), 0)
}

// ratio measures Low and High.
func (b *Band) ratio(mean, came []float64, level float64) {
	up, down := make([]float64, len(mean)), make([]float64, len(mean))
	for i, m := range mean {
		up[i] = came[i] / m
		down[i] = -up[i]
	}
	b.High = quantileOf(up, (1+level)/2)
	b.Low = math.Max(-quantileOf(down, (1+level)/2), 0)
}

// quantileOf is the conformal quantile, the ⌈(n+1) level⌉-th smallest, or the
// largest where that is beyond.
func quantileOf(v []float64, level float64) float64 {
	slices.Sort(v)
	k := int(math.Ceil(float64(len(v)+1)*level - 1e-9))
	return v[min(max(k, 1), len(v))-1]
}

// interval of a count with the given mean.
func (b *Band) interval(mean float64) (low, high float64) {
	width := math.Min(b.Width, 1-1e-9)
	return float64(b.reach(mean, (1-width)/2)), float64(b.reach(mean, (1+width)/2))
}

// below is the probability of at most k.
func (b *Band) below(mean float64, k int) float64 {
	if k < 0 {
		return 0
	}
	if b.Dispersion < 1e-9 {
		return mathext.GammaIncRegComp(float64(k+1), mean)
	}
	return mathext.RegIncBeta(1/b.Dispersion, float64(k+1), 1/(1+b.Dispersion*mean))
}

// reach is the least count at or below which a share q of customers stays.
func (b *Band) reach(mean, q float64) int {
	// Counting up costs least where counts are small, as nearly all are.
	p := math.Exp(-mean)
	if b.Dispersion > 1e-9 {
		p = math.Exp(-math.Log1p(b.Dispersion*mean) / b.Dispersion)
	}
	if p > 1e-200 {
		sum, more := p, mean/(1+b.Dispersion*mean)
		for k := range 10_000 {
			if sum >= q {
				return k
			}
			p *= more * (1 + float64(k)*b.Dispersion) / float64(k+1)
			sum += p
		}
	}
	low, high := -1, 1
	for b.below(mean, high) < q && high < 1<<30 {
		low, high = high, 2*high
	}
	for high-low > 1 {
		if mid := (low + high) / 2; b.below(mean, mid) < q {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}
