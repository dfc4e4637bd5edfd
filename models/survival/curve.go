package survival

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"
)

// Point of a survival curve: what holds from Time on until the next point.
type Point struct {
	Time     float64 `json:"time"`
	AtRisk   float64 `json:"at_risk"` // just before Time
	Events   float64 `json:"events"`
	Censored float64 `json:"censored"`
	// Survival is the share still there, SE its Greenwood error, Low to High
	// its interval on the scale ln(-ln S).
	Survival float64 `json:"survival"`
	SE       float64 `json:"se"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	// Hazard is the cumulative hazard of Nelson and Aalen, HazardSE its error.
	Hazard   float64 `json:"hazard"`
	HazardSE float64 `json:"hazard_se"`
}

// Curve is a survival curve with a point at each observed time.
type Curve struct {
	Points   []Point   `json:"points"`
	Level    float64   `json:"level"`
	Rows     float64   `json:"rows"` // sum of weights
	Events   float64   `json:"events"`
	Warnings []Warning `json:"warnings"`
}

// KaplanMeier estimates the share still there at each time:
//
//	S(t) = Π_{s ≤ t} (1 - d_s/n_s)
//
// with d_s events among n_s rows at risk, Greenwood's variance
// S² Σ d/(n(n-d)), and the Nelson–Aalen hazard Σ d/n of variance Σ d/n². At
// equal times events come before censoring. Level 0 means 0.95. Kaplan and
// Meier, JASA 53 (1958). Where everybody at risk had the event S is 0 and its
// interval keeps the upper end of the point before.
func KaplanMeier(times Times, level float64) (*Curve, error) {
	if err := times.check(false); err != nil {
		return nil, err
	}
	if err := checkLevel(&level); err != nil {
		return nil, err
	}
	c := &Curve{Level: level}
	c.count(&times)
	c.estimate()
	if times.Entry != nil {
		c.watch()
	}
	return c, nil
}

// count fills times, rows at risk, events and censorings.
func (c *Curve) count(t *Times) {
	order := ascending(t.Time)
	for k := 0; k < len(order); {
		p := Point{Time: t.Time[order[k]]}
		for ; k < len(order) && t.Time[order[k]] == p.Time; k++ {
			if w := t.weight(order[k]); t.Event[order[k]] {
				p.Events += w
			} else {
				p.Censored += w
			}
		}
		c.Points = append(c.Points, p)
	}
	ahead := 0.0
	var byEntry []int
	if t.Entry != nil {
		byEntry = ascending(t.Entry)
	}
	for k := len(c.Points) - 1; k >= 0; k-- {
		p := &c.Points[k]
		ahead += p.Events + p.Censored
		for len(byEntry) > 0 && t.Entry[byEntry[len(byEntry)-1]] >= p.Time {
			ahead -= t.weight(byEntry[len(byEntry)-1])
			byEntry = byEntry[:len(byEntry)-1]
		}
		p.AtRisk = ahead
		c.Rows, c.Events = c.Rows+p.Events+p.Censored, c.Events+p.Events
	}
}

// estimate fills the rest.
func (c *Curve) estimate() {
	s, greenwood, h, hv, high := 1.0, 0.0, 0.0, 0.0, 1.0
	z := distuv.UnitNormal.Quantile((1 + c.Level) / 2)
	for k := range c.Points {
		p := &c.Points[k]
		if p.Events > 0 {
			h += p.Events / p.AtRisk
			hv += p.Events / (p.AtRisk * p.AtRisk)
			left := p.AtRisk - p.Events
			if left <= 1e-9*p.AtRisk {
				s = 0
			} else {
				s *= left / p.AtRisk
				greenwood += p.Events / (p.AtRisk * left)
			}
		}
		p.Survival, p.Hazard, p.HazardSE = s, h, math.Sqrt(hv)
		switch {
		case s <= 0:
			p.Low, p.High = 0, high
		case s == 1:
			p.Low, p.High = 1, 1
		default:
			p.SE = s * math.Sqrt(greenwood)
			reach := z * math.Sqrt(greenwood) / -math.Log(s)
			p.Low, p.High = math.Pow(s, math.Exp(reach)), math.Pow(s, math.Exp(-reach))
			high = p.High
		}
	}
}

// watch warns of early times at which hardly anybody was observed.
func (c *Curve) watch() {
	for k, p := range c.Points {
		if p.Events > 0 && p.AtRisk < 10 && k+1 < len(c.Points) && c.Points[len(c.Points)-1].Time > p.Time && c.laterAtRisk(k) > 2*p.AtRisk {
			c.Warnings = append(c.Warnings, Warning{
				SmallRiskSet,
				"At some early time fewer than ten rows were under observation and one had the event, which pulls the whole curve down; start the curve at a later time.", nil,
			})
			return
		}
	}
}

func (c *Curve) laterAtRisk(k int) float64 {
	most := 0.0
	for _, p := range c.Points[k+1:] {
		most = math.Max(most, p.AtRisk)
	}
	return most
}

// at is the last point at or before t, or -1.
func (c *Curve) at(t float64) int {
	return sort.Search(len(c.Points), func(k int) bool { return c.Points[k].Time > t }) - 1
}

// Survival is the share still there at t, with its interval. After the last
// time it stays where it was.
func (c *Curve) Survival(t float64) (share, low, high float64) {
	k := c.at(t)
	if k < 0 {
		return 1, 1, 1
	}
	p := c.Points[k]
	return p.Survival, p.Low, p.High
}

// Hazard is the Nelson–Aalen cumulative hazard at t, with its interval on the
// logarithmic scale.
func (c *Curve) Hazard(t float64) (hazard, low, high float64) {
	k := c.at(t)
	if k < 0 || c.Points[k].Hazard == 0 {
		return 0, 0, 0
	}
	p := c.Points[k]
	reach := distuv.UnitNormal.Quantile((1+c.Level)/2) * p.HazardSE / p.Hazard
	return p.Hazard, p.Hazard * math.Exp(-reach), p.Hazard * math.Exp(reach)
}

// Quantile is a time with its interval. A part that the data do not reach is
// 0 and its flag false: not so many had the event yet.
type Quantile struct {
	Time        float64 `json:"time"`
	Low         float64 `json:"low"`
	High        float64 `json:"high"`
	Reached     bool    `json:"reached"`
	LowReached  bool    `json:"low_reached"`
	HighReached bool    `json:"high_reached"`
}

// Quantile is the first time by which a share of the rows had the event, 0.5
// for the median, with the interval of Brookmeyer and Crowley, Biometrics 38
// (1982): the times at which the curve's interval holds that share.
func (c *Curve) Quantile(share float64) (Quantile, error) {
	if !(share > 0 && share < 1) {
		return Quantile{}, fail(InvalidOption, "the share is %v; it lies between 0 and 1", share)
	}
	first := func(of func(Point) float64) (float64, bool) {
		for _, p := range c.Points {
			if of(p) <= 1-share+1e-12 {
				return p.Time, true
			}
		}
		return 0, false
	}
	var q Quantile
	q.Time, q.Reached = first(func(p Point) float64 { return p.Survival })
	q.Low, q.LowReached = first(func(p Point) float64 { return p.Low })
	q.High, q.HighReached = first(func(p Point) float64 { return p.High })
	return q, nil
}

// RestrictedMean is the mean time until the event or until, whichever comes
// first: the area under the curve, with its standard error. Until must not lie
// beyond the last time, unless the curve has come down to 0.
func (c *Curve) RestrictedMean(until float64) (mean, se float64, err error) {
	last := c.Points[len(c.Points)-1]
	if !finite(until) || until <= 0 || until > last.Time && last.Survival > 0 {
		return 0, 0, fail(Undefined, "the mean until %v is not known: observation ends at %v with %.3g still there", until, last.Time, last.Survival)
	}
	before, s := 0.0, 1.0
	area := make([]float64, 0, len(c.Points)+1) // from 0 to each point
	for _, p := range c.Points {
		to := math.Min(p.Time, until)
		mean += s * (to - before)
		area = append(area, mean)
		before, s = to, p.Survival
	}
	if until > before {
		mean += s * (until - before)
	}
	variance := 0.0
	for k, p := range c.Points {
		if left := p.AtRisk - p.Events; p.Events > 0 && p.Time < until && left > 0 {
			variance += (mean - area[k]) * (mean - area[k]) * p.Events / (p.AtRisk * left)
		}
	}
	return mean, math.Sqrt(variance), nil
}
