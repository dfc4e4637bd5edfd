package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// outlook is the distribution of steps to come.
type outlook struct {
	mean []float64
	// quantile of a step (from 0), at a probability.
	quantile func(step int, p float64) float64
}

// normalOutlook is a normal distribution a step.
func normalOutlook(mean, sd []float64) *outlook {
	return &outlook{mean, func(step int, p float64) float64 { return mean[step] + sd[step]*normalQuantile(p) }}
}

func normalQuantile(p float64) float64 { return distuv.UnitNormal.Quantile(p) }

// sampleOutlook takes quantiles from simulated paths.
func sampleOutlook(mean []float64, paths [][]float64) *outlook {
	sorted := make([][]float64, len(mean))
	for h := range sorted {
		column := make([]float64, len(paths))
		for i, path := range paths {
			column[i] = path[h]
		}
		slices.Sort(column)
		sorted[h] = column
	}
	return &outlook{mean, func(step int, p float64) float64 { return quantileOf(sorted[step], p) }}
}

// quantileOf sorted values, linear between them.
func quantileOf(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-1)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// mapped changes each step's values by a rising function.
func (o *outlook) mapped(f func(step int, v float64) float64) *outlook {
	mean := make([]float64, len(o.mean))
	for h, v := range o.mean {
		mean[h] = f(h, v)
	}
	return &outlook{mean, func(step int, p float64) float64 { return f(step, o.quantile(step, p)) }}
}

// together is the mean of two outlooks, of their quantiles (Vincent).
func together(a, b *outlook) *outlook {
	mean := make([]float64, len(a.mean))
	for h := range mean {
		mean[h] = (a.mean[h] + b.mean[h]) / 2
	}
	return &outlook{mean, func(step int, p float64) float64 { return (a.quantile(step, p) + b.quantile(step, p)) / 2 }}
}

// bounded keeps the outlook of amounts and counts at 0 and above.
func (o *outlook) bounded(kind Kind) *outlook {
	if kind == Any {
		return o
	}
	return o.mapped(func(_ int, v float64) float64 { return math.Max(0, v) })
}
