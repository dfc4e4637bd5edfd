package forecast

import (
	"math"
	"runtime"
	"slices"
	"sync"
)

// Score is how a model did in the rehearsals: forecasts from earlier dates,
// made from nothing later, held against what came.
type Score struct {
	Model string `json:"model"`
	// MAE is the mean absolute error in the values' units; MASE is MAE over the
	// mean difference from a season before, in the data before each rehearsal
	// (Hyndman and Koehler, IJF 22, 2006); SMAPE is the mean of
	// 2|error|/(|value| + |forecast|), from 0 to 2, 0 where both are 0.
	MAE   float64 `json:"mae"`
	MASE  float64 `json:"mase"`
	SMAPE float64 `json:"smape"`
	// MAPE is the mean of |error|/value over the values that are not 0; 0 where
	// all are.
	MAPE float64 `json:"mape"`
	// CRPS is the continuous ranked probability score over the same scale as
	// MASE, by 19 quantiles: it judges the whole distribution, and the choice
	// is by it.
	CRPS float64 `json:"crps"`
	// Coverage is the share of values inside the interval of the model, and
	// Width its mean width in the values' units.
	Coverage float64 `json:"coverage"`
	Width    float64 `json:"width"`
	// Corrected and CorrectedWidth are the same for intervals stretched by what
	// the other rehearsals showed.
	Corrected      float64 `json:"corrected_coverage"`
	CorrectedWidth float64 `json:"corrected_width"`
	// Stretch of the forecast's interval, from all rehearsals.
	Stretch float64 `json:"stretch"`
	// Held is the same of the further levels asked for.
	Held []Held `json:"held,omitempty"`
}

// Held is how often an interval of a level held the values.
type Held struct {
	Level     float64 `json:"level"`
	Coverage  float64 `json:"coverage"`
	Corrected float64 `json:"corrected_coverage"`
	Stretch   float64 `json:"stretch"`
}

// rehearsal is one value forecast from one origin.
type rehearsal struct {
	origin, step         int
	value, mean          float64
	median               float64
	low, high            []float64 // by level
	absolute, crps, size float64
}

// origins are evenly spaced lengths of the series to rehearse from, with the
// horizon that they leave. None when the series is too short.
func origins(s *Series, horizon, wanted int) ([]int, int) {
	n := len(s.Values)
	horizon = max(1, min(horizon, n/4))
	first := max(4, n/2, min(2*s.Step.season()+3, n-2*horizon))
	if first > n-horizon {
		return nil, 0
	}
	k := min(wanted, n-horizon-first+1)
	out := make([]int, 0, k)
	for i := range k {
		at := n - horizon
		if k > 1 {
			at = first + (n-horizon-first)*i/(k-1)
		}
		if count(s.Values[:at]) >= 4 && count(s.Values[at:at+horizon]) > 0 {
			out = append(out, at)
		}
	}
	return out, horizon
}

// rehearsalPaths is how many paths are simulated in each rehearsal.
const rehearsalPaths = 400

// rehearse runs all models from every origin. Origins run side by side; each
// depends on nothing but its own data, so the answer does not.
func rehearse(s *Series, o *Options) (all map[string][]rehearsal, order []string, starts int) {
	from, horizon := origins(s, o.Horizon, o.Rehearsals)
	results := make([]map[string][]rehearsal, len(from))
	orders := make([][]string, len(from))
	var group sync.WaitGroup
	gate := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, at := range from {
		group.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			part := *s
			part.Values = s.Values[:at]
			r := run(&part, o, horizon, rehearsalPaths)
			orders[i] = r.order
			results[i] = judge(r, s, &part, o.levels(), i)
		})
	}
	group.Wait()
	all = map[string][]rehearsal{}
	for i, result := range results {
		for _, name := range orders[i] {
			all[name] = append(all[name], result[name]...)
			if !slices.Contains(order, name) {
				order = append(order, name)
			}
		}
	}
	return all, order, len(from)
}

// judge holds the outlooks of one origin against what came.
func judge(r *race, s, part *Series, levels []float64, origin int) map[string][]rehearsal {
	size := scaleOf(part.Values, s.repeats())
	out := map[string][]rehearsal{}
	at := len(part.Values)
	for name, o := range r.outlooks {
		for h, mean := range o.mean {
			v := s.Values[at+h]
			if math.IsNaN(v) {
				continue
			}
			k := rehearsal{origin: origin, step: h, value: v, mean: mean, size: size, absolute: math.Abs(v - mean)}
			k.median = o.quantile(h, 0.5)
			for _, level := range levels {
				k.low, k.high = append(k.low, o.quantile(h, (1-level)/2)), append(k.high, o.quantile(h, (1+level)/2))
			}
			for i := 1; i <= 19; i++ {
				p := float64(i) / 20
				d := v - o.quantile(h, p)
				k.crps += 2 * math.Max(p*d, (p-1)*d) / 19
			}
			out[name] = append(out[name], k)
		}
	}
	return out
}

// stretched is an interval widened from the median on both sides by a factor.
func (k *rehearsal) stretched(level int, factor float64) (low, high float64) {
	return k.median - factor*(k.median-k.low[level]), k.median + factor*(k.high[level]-k.median)
}

// needed is the factor at which the interval just holds the value.
func (k *rehearsal) needed(level int) float64 {
	side := k.high[level] - k.median
	d := k.value - k.median
	if d < 0 {
		side, d = k.median-k.low[level], -d
	}
	switch {
	case d <= 1e-12*(1+math.Abs(k.value)):
		return 0
	case side <= 0:
		return maxStretch
	}
	return d / side
}

// The stretch stays between these: rehearsals are few, and one odd month must
// not make every forecast useless.
const minStretch, maxStretch = 0.7, 4

// stretch is the split-conformal factor: the quantile, with its correction for
// few rehearsals, of what intervals needed. enough is false where the level is
// beyond what so many rehearsals can tell; the factor is then their largest.
func stretch(rehearsals []rehearsal, levels []float64, which, leave int) (factor float64, enough bool) {
	var needs []float64
	for i := range rehearsals {
		if rehearsals[i].origin != leave {
			needs = append(needs, rehearsals[i].needed(which))
		}
	}
	if len(needs) == 0 {
		return 1, false
	}
	slices.Sort(needs)
	rank := int(math.Ceil(levels[which] * float64(len(needs)+1)))
	enough = rank <= len(needs)
	factor = needs[min(rank, len(needs))-1]
	if !enough {
		factor = math.Max(factor, 1)
	}
	return math.Min(maxStretch, math.Max(minStretch, factor)), enough
}

// score sums the rehearsals of a model up.
func score(name string, rehearsals []rehearsal, levels []float64, origins int) Score {
	s := Score{Model: name}
	n, sized := float64(len(rehearsals)), 0.0
	for i := range rehearsals {
		k := &rehearsals[i]
		if k.value != 0 {
			sized++
			s.MAPE += (math.Min(1e9, k.absolute/math.Abs(k.value)) - s.MAPE) / sized // a value next to nothing does not make it endless
		}
		s.MAE += k.absolute / n
		s.MASE += k.absolute / k.size / n
		s.CRPS += k.crps / k.size / n
		if both := math.Abs(k.value) + math.Abs(k.mean); both > 0 {
			s.SMAPE += 2 * k.absolute / both / n
		}
	}
	for which := range levels {
		h, width, corrected := hold(rehearsals, levels, which, origins)
		if which > 0 {
			s.Held = append(s.Held, h)
			continue
		}
		s.Coverage, s.Corrected, s.Stretch, s.Width, s.CorrectedWidth = h.Coverage, h.Corrected, h.Stretch, width, corrected
	}
	return s
}

// hold counts what the intervals of a level held, and how wide they were before
// and after they were stretched.
func hold(rehearsals []rehearsal, levels []float64, which, origins int) (h Held, width, corrected float64) {
	h.Level = levels[which]
	factors := make([]float64, origins)
	for i := range factors {
		factors[i], _ = stretch(rehearsals, levels, which, i)
	}
	within := func(v, low, high float64) float64 {
		if slack := 1e-9 * (1 + math.Abs(v)); v >= low-slack && v <= high+slack {
			return 1
		}
		return 0
	}
	n := float64(len(rehearsals))
	for i := range rehearsals {
		k := &rehearsals[i]
		h.Coverage += within(k.value, k.low[which], k.high[which]) / n
		width += (k.high[which] - k.low[which]) / n
		low, high := k.stretched(which, factors[k.origin])
		h.Corrected += within(k.value, low, high) / n
		corrected += (high - low) / n
	}
	h.Stretch, _ = stretch(rehearsals, levels, which, -1)
	return h, width, corrected
}
