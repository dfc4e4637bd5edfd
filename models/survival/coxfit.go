package survival

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// baselines are the cumulative hazards of a row whose columns are the means.
func (s *riskSums) baselines() []Baseline {
	list := make([]Baseline, len(s.names))
	for g, name := range s.names {
		b := Baseline{Stratum: name}
		total, unshift := 0.0, math.Exp(-s.shift[g])
		for k := s.from[g]; k < s.from[g+1]; k++ {
			total += s.total[k] * unshift
			b.Time, b.Hazard = append(b.Time, s.time[k]), append(b.Hazard, total)
		}
		list[g] = b
	}
	return list
}

// concordance of the fit, pairs within strata.
func (s *riskSums) concordance(t *Times, strata []int) float64 {
	p := newPairs(len(s.eta))
	for _, rows := range byStratum(strata, len(s.eta)) {
		p.compare(t, s.eta, rows)
	}
	return p.concord(t, 0.95).Value
}

// tiedMean says how the mean of the columns among those at risk at time k,
// averaged over the tied terms, is made: ofRisk·S1 - ofTied·D1.
func (s *riskSums) tiedMean(k int) (ofRisk, ofTied float64) {
	d := s.deaths[k]
	for l := range int(d) {
		share := float64(l) / d
		if s.ties == Breslow {
			share = 0
		}
		phi := s.s0[k] - share*s.d0[k]
		ofRisk += 1 / phi / d
		ofTied += share / phi / d
	}
	return ofRisk, ofTied
}

// residuals are the score residuals of the standardised columns, weighted: a
// row a column; they sum to 0 in each column at the estimate.
func (s *riskSums) residuals() [][]float64 {
	n, m := len(s.eta), len(s.time)
	out := make([][]float64, len(s.columns))
	ofRisk, ofTied := make([]float64, m), make([]float64, m)
	for k := range m {
		ofRisk[k], ofTied[k] = s.tiedMean(k)
	}
	for j, z := range s.columns {
		met, own, mean := make([]float64, m+1), make([]float64, m), make([]float64, m)
		for k := range m {
			// Σ_l x̄_l w/φ_l, and the same times l/d.
			met[k+1] = met[k] + s.c0[k]*s.s1[j][k] - s.c1[k]*s.d1[j][k]
			own[k] = s.c1[k]*s.s1[j][k] - s.c2[k]*s.d1[j][k]
			mean[k] = ofRisk[k]*s.s1[j][k] - ofTied[k]*s.d1[j][k]
		}
		out[j] = make([]float64, n)
		for i := range n {
			r := s.risk[i]
			v := -r * s.exposure[i] * z[i]
			if s.last[i] > s.first[i] {
				v += r * (met[s.last[i]] - met[s.first[i]])
			}
			if k := s.own[i]; k >= 0 {
				v += s.weights[i]*(z[i]-mean[k]) - r*own[k]
			}
			out[j][i] = v
		}
	}
	return out
}

// robust is Lin and Wei's covariance.
func (c *Cox) robust(cov *mat.SymDense, clusters []int) *mat.SymDense {
	residuals := c.sums.residuals()
	q := len(residuals)
	if q == 0 {
		return cov
	}
	if clusters != nil {
		place := map[int]int{}
		for _, id := range slices.Compact(slices.Sorted(slices.Values(clusters))) {
			place[id] = len(place)
		}
		for j, column := range residuals {
			sums := make([]float64, len(place))
			for i, v := range column {
				sums[place[clusters[i]]] += v
			}
			residuals[j] = sums
		}
	}
	meat := mat.NewSymDense(q, nil)
	for a := range q {
		for b := a; b < q; b++ {
			meat.SetSym(a, b, floats.Dot(residuals[a], residuals[b]))
		}
	}
	var half, full mat.Dense
	half.Mul(cov, meat)
	full.Mul(&half, cov)
	out := mat.NewSymDense(q, nil)
	for a := range q {
		for b := a; b < q; b++ {
			out.SetSym(a, b, (full.At(a, b)+full.At(b, a))/2)
		}
	}
	return out
}

// TimeScale is how time enters the test of proportionality.
type TimeScale string

// Time scales.
const (
	KMScale       TimeScale = "km"       // 1 less the pooled Kaplan–Meier: robust, R's default
	RankScale     TimeScale = "rank"     // rank of the event
	LogScale      TimeScale = "log"      // logarithm
	IdentityScale TimeScale = "identity" // as it is
)

// Proportionality is the test that a column's effect is the same at all times.
type Proportionality struct {
	Name      string  `json:"name"`
	Statistic float64 `json:"statistic"` // chi-squared
	Freedom   int     `json:"freedom"`
	P         float64 `json:"p"`
	// Trend is the correlation of the effect with time: above 0 it grows.
	Trend float64 `json:"trend"`
}

// TestProportionality tests each column, and all together in the last entry
// "(all)", by the scaled Schoenfeld residuals of Grambsch and Therneau,
// Biometrika 81 (1994). A small P says that the effect changes with time:
// stratify by the column, or split the time. It needs a fit of this process,
// not one read from JSON.
func (c *Cox) TestProportionality(times Times, by TimeScale) ([]Proportionality, error) {
	if c.sums == nil {
		return nil, fail(InvalidOption, "the test needs the rows of the fit, and this model was read from a file; fit it again")
	}
	if by == "" {
		by = KMScale
	}
	events, scale, err := c.scaledTimes(&times, by)
	if err != nil {
		return nil, err
	}
	q := len(c.basis.kept)
	if q == 0 {
		return nil, fail(InvalidOption, "the model has no columns to test")
	}
	residuals, pull := c.schoenfeld(events), make([]float64, q)
	mean, spread := floats.Sum(scale)/float64(len(scale)), 0.0
	for e := range events {
		scale[e] -= mean
		spread += scale[e] * scale[e]
	}
	if spread == 0 {
		return nil, fail(Undefined, "all events come at one time, so nothing can change with time")
	}
	cov := c.standardised()
	var scaled mat.VecDense
	for j := range residuals {
		pull[j] = floats.Dot(residuals[j], scale)
	}
	scaled.MulVec(cov, mat.NewVecDense(q, pull))
	d := float64(len(events))
	list := make([]Proportionality, 0, q+1)
	global := 0.0
	for a, j := range c.basis.kept {
		v := scaled.AtVec(a)
		p := Proportionality{Name: c.Coefficients[j].Name, Freedom: 1, Statistic: v * v * d / (cov.At(a, a) * spread)}
		p.Trend = c.trend(residuals, cov, scale, a, spread)
		p.P = math.Erfc(math.Sqrt(p.Statistic / 2))
		list = append(list, p)
		global += pull[a] * v * d / spread
	}
	return append(list, Proportionality{Name: "(all)", Statistic: global, Freedom: q, P: distuv.ChiSquared{K: float64(q)}.Survival(global)}), nil
}

// standardised is the model's covariance on the scale of the basis.
func (c *Cox) standardised() *mat.SymDense {
	p, q := len(c.Coefficients), len(c.basis.kept)
	cov := mat.NewSymDense(q, nil)
	for a, j := range c.basis.kept {
		for b, k := range c.basis.kept {
			cov.SetSym(a, b, c.Covariance[j*p+k]*c.basis.scale[a]*c.basis.scale[b])
		}
	}
	return cov
}

// scaledTimes lists the rows with the event and their times on the scale.
func (c *Cox) scaledTimes(t *Times, by TimeScale) (events []int, scale []float64, err error) {
	if err := t.check(true); err != nil {
		return nil, nil, err
	}
	if len(t.Time) != len(c.sums.own) {
		return nil, nil, fail(InvalidData, "%d rows, but the model was fitted to %d; give the times of the fit", len(t.Time), len(c.sums.own))
	}
	for i, k := range c.sums.own {
		if k >= 0 {
			events = append(events, i)
			scale = append(scale, t.Time[i])
		}
	}
	switch by {
	case IdentityScale:
	case LogScale:
		for e, v := range scale {
			if v <= 0 {
				return nil, nil, fail(InvalidOption, "an event at time %v has no logarithm; take another time scale", v)
			}
			scale[e] = math.Log(v)
		}
	case RankScale:
		for rank, e := range ascending(slices.Clone(scale)) {
			scale[e] = float64(rank + 1)
		}
	case KMScale:
		curve, err := KaplanMeier(*t, 0.95)
		if err != nil {
			return nil, nil, err
		}
		for e, v := range scale {
			k := curve.at(v)
			scale[e] = 0 // the curve just before
			if k > 0 {
				scale[e] = 1 - curve.Points[k-1].Survival
			}
		}
	default:
		return nil, nil, fail(InvalidOption, "there is no time scale %q; take %q, %q, %q or %q", by, KMScale, RankScale, LogScale, IdentityScale)
	}
	return events, scale, nil
}

// schoenfeld residuals of the events: the row less the mean of those at risk.
func (c *Cox) schoenfeld(events []int) [][]float64 {
	s := c.sums
	out := make([][]float64, len(s.columns))
	for j, z := range s.columns {
		out[j] = make([]float64, len(events))
		for e, i := range events {
			k := s.own[i]
			ofRisk, ofTied := s.tiedMean(int(k))
			out[j][e] = s.weights[i] * (z[i] - ofRisk*s.s1[j][k] + ofTied*s.d1[j][k])
		}
	}
	return out
}

// trend is the correlation of a scaled residual with time.
func (c *Cox) trend(residuals [][]float64, cov *mat.SymDense, scale []float64, a int, spread float64) float64 {
	along, square := 0.0, 0.0
	for e, t := range scale {
		v := 0.0
		for b := range residuals {
			v += cov.At(a, b) * residuals[b][e]
		}
		along += v * t
		square += v * v
	}
	if square == 0 {
		return 0
	}
	return along / math.Sqrt(square*spread)
}
