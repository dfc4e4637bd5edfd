package forecast

import (
	"math"
	"slices"
)

// naive goes on with the last known value.
func naive(values []float64, horizon int) *outlook {
	last, age := lastKnown(values)
	spread := spreadOf(values, 1)
	mean, sd := make([]float64, horizon), make([]float64, horizon)
	for h := range mean {
		mean[h], sd[h] = last, spread*math.Sqrt(float64(h+1+age))
	}
	return normalOutlook(mean, sd)
}

// drift goes on along the line from the first to the last known value.
func drift(values []float64, horizon int) *outlook {
	last, age := lastKnown(values)
	first := slices.IndexFunc(values, func(v float64) bool { return !math.IsNaN(v) })
	length := float64(len(values) - 1 - age - first)
	slope := 0.0
	if length > 0 {
		slope = (last - values[first]) / length
	}
	spread := spreadOf(values, 1)
	mean, sd := make([]float64, horizon), make([]float64, horizon)
	for h := range mean {
		k := float64(h + 1 + age)
		mean[h], sd[h] = last+slope*k, spread*math.Sqrt(k*(1+k/math.Max(1, length)))
	}
	return normalOutlook(mean, sd)
}

// seasonalNaive goes on with the value of a season ago.
func seasonalNaive(values []float64, m, horizon int) *outlook {
	n := len(values)
	spread := spreadOf(values, m)
	overall, _ := lastKnown(values)
	mean, sd := make([]float64, horizon), make([]float64, horizon)
	for h := range mean {
		mean[h], sd[h] = overall, spread*math.Sqrt(float64(h/m+1))
		for i := n + h - m*(h/m+1); i >= 0; i -= m {
			if !math.IsNaN(values[i]) {
				mean[h], sd[h] = values[i], spread*math.Sqrt(float64((n+h-i)/m))
				break
			}
		}
	}
	return normalOutlook(mean, sd)
}

// levelled expects the weighted mean of what was, and any of the values that
// were, by the same weights: for series of zeros with something in between.
// The weight falls at the rate that would have forecast best.
func levelled(values []float64, horizon int) *outlook {
	best, low := 0.02, math.Inf(1)
	for _, a := range []float64{0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4} {
		sum, weight, sse := 0.0, 0.0, 0.0
		for _, v := range values {
			if math.IsNaN(v) {
				continue
			}
			if weight > 0 {
				sse += (v - sum/weight) * (v - sum/weight)
			}
			sum, weight = sum*(1-a)+v, weight*(1-a)+1
		}
		if sse < low-1e-12 {
			best, low = a, sse
		}
	}
	seen := known(values)
	// The distribution looks further back than the mean: it needs more values.
	weights, w, total, mean, near, nearTotal := make([]float64, len(seen)), 1.0, 0.0, 0.0, 1.0, 0.0
	for i := len(seen) - 1; i >= 0; i-- {
		mean, nearTotal = mean+near*seen[i], nearTotal+near
		weights[i], total = w, total+w
		w, near = w*(1-math.Min(best, 0.05)), near*(1-best)
	}
	mean /= nearTotal
	order := make([]int, len(seen))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case seen[a] < seen[b]:
			return -1
		case seen[a] > seen[b]:
			return 1
		}
		return 0
	})
	means := make([]float64, horizon)
	for h := range means {
		means[h] = mean
	}
	return &outlook{means, func(_ int, p float64) float64 {
		sum := 0.0
		for _, i := range order {
			if sum += weights[i]; sum >= p*total {
				return seen[i]
			}
		}
		return seen[order[len(order)-1]]
	}}
}

func lastKnown(values []float64) (v float64, age int) {
	for i := len(values) - 1; i >= 0; i-- {
		if !math.IsNaN(values[i]) {
			return values[i], len(values) - 1 - i
		}
	}
	return 0, 0
}

// spreadOf is the root mean square difference of values m steps apart.
func spreadOf(values []float64, m int) float64 {
	sum, n := 0.0, 0.0
	for i := m; i < len(values); i++ {
		if d := values[i] - values[i-m]; !math.IsNaN(d) {
			sum, n = sum+d*d, n+1
		}
	}
	if n == 0 {
		if m > 1 {
			return spreadOf(values, 1)
		}
		return 0
	}
	return math.Sqrt(sum / n)
}

// scaleOf is the mean absolute difference of values m steps apart: what errors
// are divided by for MASE. 0 is turned into 1.
func scaleOf(values []float64, m int) float64 {
	sum, n := 0.0, 0.0
	for i := m; i < len(values); i++ {
		if d := values[i] - values[i-m]; !math.IsNaN(d) {
			sum, n = sum+math.Abs(d), n+1
		}
	}
	switch {
	case sum > 0:
		return sum / n
	case m > 1:
		return scaleOf(values, 1)
	}
	return 1
}
