package btyd

import "slices"

// Track is one period of the tracking plot: repeat orders of everyone.
type Track struct {
	End                float64 `json:"end"` // days since the earliest first order
	Actual             float64 `json:"actual"`
	Expected           float64 `json:"expected"`
	CumulativeActual   float64 `json:"cumulative_actual"`
	CumulativeExpected float64 `json:"cumulative_expected"`
}

// Tracking compares repeat orders per period of step days (7: weekly) with
// what the model expects of customers known only by the day of their first
// order, which lies on or before calibrate; orders count up to day until. The
// first period begins with the earliest first order; an incomplete last period
// is left out.
func (p Process) Tracking(days [][]int32, calibrate, until int32, step int) []Track {
	first, any := int32(0), false
	for _, log := range days {
		if len(log) > 0 && log[0] <= calibrate && (!any || log[0] < first) {
			first, any = log[0], true
		}
	}
	if !any || until <= first || step <= 0 {
		return nil
	}
	length := int(until-first) + 1
	births, orders := make([]float64, length), make([]float64, length)
	for _, log := range days {
		if len(log) == 0 || log[0] > calibrate || log[0] > until {
			continue
		}
		births[log[0]-first]++
		for _, day := range log[1:] {
			if day <= until {
				orders[day-first]++
			}
		}
	}
	return p.track(births, orders, step)
}

// track adds up expectation by age over the days of first orders.
func (p Process) track(births, orders []float64, step int) []Track {
	ofAge := p.expectedByDay(len(births))
	var out []Track
	before := Track{}
	for end := step; end < len(births); end += step {
		now := Track{End: float64(end)}
		for day := 0; day <= end; day++ {
			now.CumulativeActual += orders[day]
			now.CumulativeExpected += births[day] * ofAge[end-day]
		}
		now.Actual = now.CumulativeActual - before.CumulativeActual
		now.Expected = now.CumulativeExpected - before.CumulativeExpected
		out = append(out, now)
		before = now
	}
	return out
}

// expectedByDay gives Expected(t) for t = 0..n days.
func (p Process) expectedByDay(n int) []float64 {
	out := make([]float64, n+1)
	now, alive := p.present(Pattern{}), p.PAlive(Pattern{})
	for t := 1; t <= n; t++ {
		out[t] = out[t-1] + alive*now.orders(float64(t-1), float64(t), 0)
	}
	return out
}

// FrequencyCount is a bar of the frequency histogram.
type FrequencyCount struct {
	X        int     `json:"x"`
	Last     bool    `json:"last"` // X or more
	Actual   float64 `json:"actual"`
	Expected float64 `json:"expected"`
}

// FrequencyHistogram compares how many customers made 0, 1, ..., last or more
// repeat orders with what the model expects of as many new customers observed
// for as long.
func (p Process) FrequencyHistogram(patterns []Pattern, last int) []FrequencyCount {
	bars := make([]FrequencyCount, last+1)
	observed := map[float64]float64{}
	for _, h := range patterns {
		bars[min(h.X, last)].Actual += h.N
		observed[h.T] += h.N
	}
	lengths := make([]float64, 0, len(observed))
	for t := range observed {
		lengths = append(lengths, t)
	}
	slices.Sort(lengths)
	for _, t := range lengths {
		pmf := p.distribution(Pattern{}, t, last)
		rest := 1.0
		for x := range last {
			bars[x].Expected += observed[t] * pmf[x]
			rest -= pmf[x]
		}
		bars[last].Expected += observed[t] * max(rest, 0)
	}
	for x := range bars {
		bars[x].X, bars[x].Last = x, x == last
	}
	return bars
}
