package experiment

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Options of a comparison. The zero value gives 95 % intervals for one look.
type Options struct {
	Level float64 // of intervals; 0 means 0.95
	// Sequential makes intervals and p values that hold at every look.
	Sequential bool
	// Expected is the number of units (both arms) at which the sequential
	// interval is to be narrowest; it has to be chosen before looking. 0 means
	// 5000.
	Expected int
}

func (o *Options) check() error {
	if o.Level == 0 {
		o.Level = 0.95
	}
	if o.Expected == 0 {
		o.Expected = 5000
	}
	if !(o.Level > 0 && o.Level < 1) {
		return fail(InvalidOption, "the level of intervals is %v; it lies between 0 and 1", o.Level)
	}
	if o.Expected < 1 {
		return fail(InvalidOption, "%d units are expected; give a number from 1 up, or 0 for 5000", o.Expected)
	}
	return nil
}

// Estimate of a difference.
type Estimate struct {
	Value float64 `json:"value"`
	SE    float64 `json:"se"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	P     float64 `json:"p"` // two-sided, of no difference
	// Freedom of Student's t (Welch).
	Freedom float64 `json:"freedom"`
}

// Comparison of two arms: treated less control.
type Comparison struct {
	Absolute Estimate `json:"absolute"`
	// Relative is the difference as a share of the control's size, nil where
	// that is 0.
	Relative *Estimate `json:"relative,omitempty"`
	// Theta is what a unit of the covariate takes off the outcome; in strata
	// each has its own, and this is 0.
	Theta float64 `json:"theta"`
	// Reduction is the share of the variance that covariate and strata took off.
	Reduction float64   `json:"variance_reduction"`
	Units     int       `json:"units"`
	Warnings  []Warning `json:"warnings,omitempty"`
}

// Compare two arms.
func Compare(control, treated Arm, o Options) (*Comparison, error) {
	return CompareStrata([]Arm{control}, []Arm{treated}, o)
}

// side is how many means of both arms there are.
const side = 2 * columnsOfArm

// moments are the means of both arms (control first), and their covariance.
type moments struct {
	mean  [side]float64
	cov   [side][side]float64
	n     [2]float64
	ratio bool
}

// CompareStrata compares arms stratum by stratum: control[k] and treated[k] are
// of the same one. Strata with fewer than two units in an arm are put together,
// and if that does not do with the largest.
func CompareStrata(control, treated []Arm, o Options) (*Comparison, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	whole, err := joined(control, treated)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Units: whole[0].n + whole[1].n}
	pairs := c.gather(control, treated)
	useful := whole[0].adjusted && whole[0].product[before][before]+whole[1].product[before][before] > 0
	if whole[0].adjusted && !useful {
		c.warn(NoCovariate, "the covariate is the same for everybody, so it was left out")
	}
	m := weigh(pairs, useful && !whole[0].ratio)
	u, v := m.slopes()
	theta := 0.0
	switch {
	case !useful:
	case whole[0].ratio:
		theta = m.product(u, v) / m.product(v, v)
	default:
		theta = 1 // weigh has scaled each stratum's covariate
		if len(pairs) == 1 {
			c.Theta = bestTheta(pairs[0])
		}
	}
	if whole[0].ratio {
		c.Theta = theta
	}
	g := u
	for j := range g {
		if theta != 0 {
			g[j] -= theta * v[j]
		}
	}
	effect := m.effect(theta)
	if c.Absolute, err = m.estimate(effect, g, g, o); err != nil {
		return nil, err
	}
	base := m.base()
	if base != 0 {
		// The slope of effect/|base|.
		h := g
		for j, slope := range m.baseSlope() {
			h[j] = g[j]/math.Abs(base) - effect/(base*math.Abs(base))*slope
		}
		e, err := m.estimate(effect/math.Abs(base), h, g, o)
		if err != nil {
			return nil, err
		}
		c.Relative = &e
	}
	c.remark(whole, m, useful, len(pairs))
	return c, nil
}

// joined checks the arms and puts their strata together.
func joined(control, treated []Arm) (whole [2]Arm, err error) {
	if len(control) != len(treated) || len(control) == 0 {
		return whole, fail(InvalidData, "there are %d strata of the control and %d of the treated; give the same ones of both", len(control), len(treated))
	}
	for i, list := range [][]Arm{control, treated} {
		for _, one := range list {
			if one.n > 0 && whole[i].n > 0 && (one.ratio != whole[i].ratio || one.adjusted != whole[i].adjusted) {
				return whole, fail(InvalidData, "some strata have a denominator or a covariate and others have not; give the same columns of all")
			}
			whole[i] = whole[i].Join(one)
		}
		if err := whole[i].check([2]string{"control", "treated arm"}[i]); err != nil {
			return whole, err
		}
	}
	if whole[0].ratio != whole[1].ratio || whole[0].adjusted != whole[1].adjusted {
		return whole, fail(InvalidData, "one arm has a denominator or a covariate and the other has not; give the same columns of both")
	}
	return whole, nil
}

func (c *Comparison) warn(reason Reason, format string, args ...any) {
	c.Warnings = append(c.Warnings, Warning{reason, fmt.Sprintf(format, args...)})
}

// gather makes pairs of arms, strata too small put together.
func (c *Comparison) gather(control, treated []Arm) (pairs [][2]Arm) {
	var rest [2]Arm
	small := 0
	for k := range control {
		if control[k].n >= 2 && treated[k].n >= 2 {
			pairs = append(pairs, [2]Arm{control[k], treated[k]})
		} else if control[k].n+treated[k].n > 0 {
			rest[0], rest[1] = rest[0].Join(control[k]), rest[1].Join(treated[k])
			small++
		}
	}
	if small == 0 {
		return pairs
	}
	c.warn(Merged, "%d strata have fewer than two units in an arm, and were put together with others", small)
	if rest[0].n >= 2 && rest[1].n >= 2 || len(pairs) == 0 {
		return append(pairs, rest)
	}
	largest := 0
	for k, pair := range pairs {
		if pair[0].n+pair[1].n > pairs[largest][0].n+pairs[largest][1].n {
			largest = k
		}
	}
	for i := range rest {
		pairs[largest][i] = pairs[largest][i].Join(rest[i])
	}
	return pairs
}

// weigh puts strata together by their shares of all units. That the shares are
// drawn with the units adds the variance of the strata's means, divided by
// their number. scaled multiplies each stratum's covariate by its own theta.
func weigh(pairs [][2]Arm, scaled bool) *moments {
	m := &moments{ratio: pairs[0][0].ratio}
	yesNo := true
	for _, pair := range pairs {
		for i, arm := range pair {
			m.n[i] += float64(arm.n)
			yesNo = yesNo && arm.yesNo
		}
	}
	total := m.n[0] + m.n[1]
	means, shares := make([][side]float64, len(pairs)), make([]float64, len(pairs))
	for s, pair := range pairs {
		for i := range pair {
			pair[i].yesNo = yesNo // a stratum of 0 and 1 only among amounts is chance
		}
		if scaled {
			pair = scale(pair, bestTheta(pair))
		}
		share := float64(pair[0].n+pair[1].n) / total
		shares[s] = share
		for i, arm := range pair {
			cov := arm.covariance()
			for j := range columnsOfArm {
				means[s][i*columnsOfArm+j] = arm.mean[j]
				m.mean[i*columnsOfArm+j] += share * arm.mean[j]
				for k := range columnsOfArm {
					m.cov[i*columnsOfArm+j][i*columnsOfArm+k] += share * share * cov[j][k]
				}
			}
		}
	}
	for s, mean := range means {
		for j := range side {
			for k := range side {
				m.cov[j][k] += shares[s] * (mean[j] - m.mean[j]) * (mean[k] - m.mean[k]) / total
			}
		}
	}
	return m
}

// bestTheta takes most variance off the difference of a pair's means.
func bestTheta(pair [2]Arm) float64 {
	both, square := 0.0, 0.0
	for _, arm := range pair {
		cov := arm.covariance()
		both += cov[outcome][before]
		square += cov[before][before]
	}
	if !(square > 0) {
		return 0
	}
	return both / square
}

// scale multiplies the covariate.
func scale(pair [2]Arm, by float64) [2]Arm {
	for i := range pair {
		pair[i].mean[before] *= by
		for j := range columnsOfArm {
			pair[i].product[j][before] *= by
			pair[i].product[before][j] *= by
		}
	}
	return pair
}

// quotient is a mean, or a ratio, of the columns from first on.
func (m *moments) quotient(first int) float64 {
	if m.ratio {
		return m.mean[first] / m.mean[first+1]
	}
	return m.mean[first]
}

// effect is the difference of the outcomes less theta times that of the
// covariates.
func (m *moments) effect(theta float64) float64 {
	d := m.quotient(columnsOfArm) - m.quotient(0)
	if theta != 0 {
		d -= theta * (m.quotient(columnsOfArm+before) - m.quotient(before))
	}
	return d
}

// slope of a quotient.
func (m *moments) slope(first int, sign float64, into *[side]float64) {
	if !m.ratio {
		into[first] = sign
		return
	}
	into[first] = sign / m.mean[first+1]
	into[first+1] = -sign * m.mean[first] / (m.mean[first+1] * m.mean[first+1])
}

// slopes of the difference of the outcomes, and of that of the covariates.
func (m *moments) slopes() (u, v [side]float64) {
	m.slope(0, -1, &u)
	m.slope(columnsOfArm, 1, &u)
	if !m.ratio || m.mean[beforePer] != 0 && m.mean[columnsOfArm+beforePer] != 0 {
		m.slope(before, -1, &v)
		m.slope(columnsOfArm+before, 1, &v)
	}
	return u, v
}

// base is what a relative difference is a share of.
func (m *moments) base() float64 { return m.quotient(0) }

func (m *moments) baseSlope() (u [side]float64) {
	m.slope(0, 1, &u)
	return u
}

// product is a'Cb.
func (m *moments) product(a, b [side]float64) (sum float64) {
	for j, x := range a {
		if x == 0 {
			continue
		}
		for k, y := range b {
			if y != 0 {
				sum += x * m.cov[j][k] * y
			}
		}
	}
	return sum
}

// estimate of a value with slope g. Degrees of freedom are Welch's, of the
// absolute difference with slope a.
func (m *moments) estimate(value float64, g, a [side]float64, o Options) (Estimate, error) {
	variance := m.product(g, g)
	if !(variance > 0) || !finite(value) {
		return Estimate{}, fail(NoVariation, "the outcome does not vary in either arm, so no difference can be judged; take another outcome, or wait for more people")
	}
	e := Estimate{Value: value, SE: math.Sqrt(variance)}
	var of [2]float64
	for i := range of {
		var mine [side]float64
		copy(mine[i*columnsOfArm:(i+1)*columnsOfArm], a[i*columnsOfArm:(i+1)*columnsOfArm])
		of[i] = m.product(mine, mine)
	}
	e.Freedom = (of[0] + of[1]) * (of[0] + of[1]) / (of[0]*of[0]/(m.n[0]-1) + of[1]*of[1]/(m.n[1]-1))
	half := 0.0
	if o.Sequential {
		half, e.P = sequence(value/e.SE, m.n[0]+m.n[1], 1-o.Level, float64(o.Expected))
	} else {
		student := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: e.Freedom}
		half, e.P = student.Quantile((1+o.Level)/2), 2*student.CDF(-math.Abs(value)/e.SE)
	}
	e.Low, e.High = value-half*e.SE, value+half*e.SE
	return e, nil
}

// rho is the tuning of a confidence sequence that is narrowest at so many units.
func rho(alpha, expected float64) float64 {
	return math.Sqrt((-2*math.Log(alpha) + math.Log(-2*math.Log(alpha)+1)) / expected)
}

// sequence gives half the width of the interval in standard errors, and the p
// value, of a confidence sequence after n units.
func sequence(z, n, alpha, expected float64) (half, p float64) {
	r := rho(alpha, expected)
	t := n * r * r
	half = math.Sqrt(2 * (t + 1) / t * math.Log(math.Sqrt(t+1)/alpha))
	return half, math.Min(1, math.Exp(math.Log1p(t)/2-t*z*z/(2*(t+1))))
}

// fewest of each kind for normal approximations, and standard errors that the
// control's mean must be away from 0.
const (
	fewest   = 10
	awayFrom = 3
	weak     = 0.01
)

// remark fills the reduction and the warnings.
func (c *Comparison) remark(whole [2]Arm, m *moments, useful bool, strata int) {
	one := weigh([][2]Arm{whole}, false)
	u, _ := one.slopes()
	plain := one.product(u, u)
	for _, arm := range whole {
		if least := math.Min(arm.mean[outcome], 1-arm.mean[outcome]) * float64(arm.n); arm.yesNo && least < fewest {
			c.warn(FewEvents, "an arm of %d units has only %.0f of one kind, so intervals and p values are rough; wait for more", arm.n, least)
		}
	}
	if plain > 0 && (useful || strata > 1) {
		c.Reduction = 1 - c.Absolute.SE*c.Absolute.SE/plain
		if useful && c.Reduction < weak {
			c.warn(WeakCovariate, "the covariate takes off only %.3f %% of the variance; one that goes with the outcome, best the outcome itself before the trial, takes off more", 100*math.Max(c.Reduction, 0))
		}
	}
	slope := m.baseSlope()
	if base := m.base(); c.Relative != nil && math.Abs(base) < awayFrom*math.Sqrt(m.product(slope, slope)) {
		c.warn(SmallBase, "the control's mean %.4g is within three standard errors of 0, so a difference as a share of it means little", base)
	}
}
