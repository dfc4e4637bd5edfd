package experiment

import "math"

// Columns of an arm's moments.
const (
	outcome      = iota
	per          // the denominator of a ratio
	before       // the covariate, or its numerator
	beforePer    // the covariate's denominator
	columnsOfArm // how many
)

// names of the columns, for errors.
var names = [columnsOfArm]string{"outcome", "denominator", "covariate", "covariate's denominator"}

// Arm holds what a comparison needs to know of one arm. Make one of values
// with [Measure], or of sums with [Proportion], [Mean] or [Sums].
type Arm struct {
	n        int
	mean     [columnsOfArm]float64
	product  [columnsOfArm][columnsOfArm]float64 // sums of products of the distances to the means
	ratio    bool
	adjusted bool // has a covariate
	yesNo    bool
}

// Values of an arm, one a unit. Outcome alone is a mean, or a proportion where
// all are 0 or 1; with Per it is the ratio of the two sums.
type Values struct {
	Outcome []float64
	Per     []float64 // or nil
	// Covariate of each unit from before the trial, or nil; of a ratio it is the
	// numerator and CovariatePer the denominator of the ratio before.
	Covariate    []float64
	CovariatePer []float64
}

// Measure sums values, in two passes so that large means cost no digits.
func Measure(v Values) (Arm, error) {
	a := Arm{n: len(v.Outcome), ratio: v.Per != nil, adjusted: v.Covariate != nil, yesNo: v.Per == nil}
	if a.ratio && a.adjusted != (v.CovariatePer != nil) {
		return a, fail(InvalidData, "a ratio is adjusted by a ratio: give both Covariate and CovariatePer, or neither")
	}
	if !a.ratio && v.CovariatePer != nil {
		return a, fail(InvalidData, "CovariatePer belongs to a ratio; give Per as well, or leave it out")
	}
	list := [columnsOfArm][]float64{v.Outcome, v.Per, v.Covariate, v.CovariatePer}
	for j, column := range list {
		if column != nil && len(column) != a.n {
			return a, fail(InvalidData, "there are %d values of the %s for %d of the outcome; give one a unit", len(column), names[j], a.n)
		}
		for i, x := range column {
			if !finite(x) {
				return a, failAt(InvalidData, i, "the %s of row %d is %v; leave the row out, or give a number", names[j], i, x)
			}
			a.mean[j] += x
		}
		a.mean[j] /= math.Max(float64(a.n), 1)
	}
	for i, y := range v.Outcome {
		a.yesNo = a.yesNo && (y == 0 || y == 1)
		var d [columnsOfArm]float64
		for j, column := range list {
			if column != nil {
				d[j] = column[i] - a.mean[j]
			}
		}
		for j := range d {
			for k := range d {
				a.product[j][k] += d[j] * d[k]
			}
		}
	}
	return a, nil
}

// Proportion is an arm of n units of which yes said yes.
func Proportion(n, yes int) Arm {
	p := float64(yes) / math.Max(float64(n), 1)
	a := Arm{n: n, yesNo: true}
	a.mean[outcome], a.product[outcome][outcome] = p, float64(n)*p*(1-p)
	return a
}

// Mean is an arm of n units with amounts of a sum and a sum of squares.
func Mean(n int, sum, squares float64) Arm {
	s := Sums{N: n, Sum: [4]float64{sum}}
	s.Product[0][0] = squares
	return s.Arm()
}

// Sums over the units of an arm, as a warehouse computes them: of the outcome
// (column 0), the denominator of a ratio (1), the covariate (2) and its
// denominator (3), and of their products, of which Product[j][k] with j <= k is
// read. Sums of large amounts lose digits; [Measure] does not.
type Sums struct {
	N       int
	Sum     [4]float64
	Product [4][4]float64
	// Ratio, Adjusted and YesNo say which columns there are, and that the
	// outcome is 0 or 1.
	Ratio, Adjusted, YesNo bool
}

// Arm of sums.
func (s Sums) Arm() Arm {
	a := Arm{n: s.N, ratio: s.Ratio, adjusted: s.Adjusted, yesNo: s.YesNo && !s.Ratio}
	n := math.Max(float64(s.N), 1)
	for j := range a.mean {
		a.mean[j] = s.Sum[j] / n
		for k := range j + 1 {
			a.product[j][k] = s.Product[k][j] - s.Sum[k]*s.Sum[j]/n
			a.product[k][j] = a.product[j][k]
		}
	}
	return a
}

// N is the number of units.
func (a Arm) N() int { return a.n }

// Mean is the outcome's mean, proportion or ratio, without adjustment.
func (a Arm) Mean() float64 {
	if a.ratio {
		return a.mean[outcome] / a.mean[per]
	}
	return a.mean[outcome]
}

// YesNo says that every outcome is 0 or 1.
func (a Arm) YesNo() bool { return a.yesNo }

// Join is the arm of the units of both (Chan, Golub and LeVeque 1983).
func (a Arm) Join(b Arm) Arm {
	if a.n == 0 {
		return b
	}
	if b.n == 0 {
		return a
	}
	n, m := float64(a.n), float64(b.n)
	c := a
	c.n, c.yesNo = a.n+b.n, a.yesNo && b.yesNo
	for j := range c.mean {
		c.mean[j] += (b.mean[j] - a.mean[j]) * m / (n + m)
		for k := range c.mean {
			c.product[j][k] += b.product[j][k] + (b.mean[j]-a.mean[j])*(b.mean[k]-a.mean[k])*n*m/(n+m)
		}
	}
	return c
}

// covariance of the means.
func (a Arm) covariance() (c [columnsOfArm][columnsOfArm]float64) {
	n := float64(a.n)
	divisor := n * (n - 1)
	if a.yesNo {
		divisor = n * n
	}
	for j := range c {
		for k := range c {
			c[j][k] = a.product[j][k] / divisor
		}
	}
	return c
}

// check says what is wrong with one arm, called name.
func (a Arm) check(name string) error {
	if a.n < 2 {
		return fail(TooFew, "the %s has %d units; a comparison needs at least two, and tells little below a hundred", name, a.n)
	}
	for j, m := range a.mean {
		if s := a.product[j][j]; !finite(m) || !finite(s) || s < -1e-9*(1+m*m*float64(a.n)) {
			return fail(InvalidData, "the sums of the %s of the %s do not fit together: mean %v, sum of squares about it %v", names[j], name, m, s)
		}
	}
	if a.yesNo && (a.mean[outcome] < 0 || a.mean[outcome] > 1) {
		return fail(InvalidData, "the share of yes of the %s is %v; there are at most as many yes as units", name, a.mean[outcome])
	}
	if a.ratio && (a.mean[per] == 0 || a.adjusted && a.mean[beforePer] == 0) {
		return fail(InvalidData, "the denominator of the %s sums to 0, so that there is no ratio; take another denominator, or wait for more", name)
	}
	return nil
}
