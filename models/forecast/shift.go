package forecast

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"gonum.org/v1/gonum/mat"
)

// ShiftOptions of a search for shifts. MinLength is the shortest time between
// two of them, in steps; 0 means 14 days, 4 weeks or 3 months.
type ShiftOptions struct {
	Calendar  Calendar
	MinLength int
	Seed      uint64
}

// Shift is a lasting change of a figure's level that neither its trend nor the
// time of the week or year nor a holiday explains.
type Shift struct {
	Index int       `json:"index"` // of the first value at the new level
	Date  time.Time `json:"date"`
	// Before and After are the levels at that moment, in the values' units:
	// what the figure had come to by its trend, and where it went on from.
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	// P is as in Change, of the values between the shifts to both sides.
	P float64 `json:"p"`
}

// Shifts are all shifts of a series, in order.
type Shifts struct {
	Shifts []Shift `json:"shifts"`
	// Log: levels multiply. Degree is that of the trend taken away, 0 to 2, and
	// Annual says that waves of the year were.
	Log    bool    `json:"log"`
	Degree int     `json:"degree"`
	Annual bool    `json:"annual"`
	Sigma  float64 `json:"sigma"` // of the noise, on the fitted scale
	Rho    float64 `json:"rho"`
}

// FindShifts finds the lasting changes of a series that has a trend, seasons and
// holidays. Each way to explain the values without shifts, by waves of the year
// and by a trend of degree 0, 1 or 2 that all pieces share, is tried together
// with the best cuts for it ([FindChanges]); the lowest cost is taken, in which
// a shift costs 3 ln n and any other coefficient ln n, in units of the noise's
// long-run variance. What is shared and the cuts are fitted in turn, so the
// optimum over both is not guaranteed. In less than two years of values a shift
// in the middle of a wave passes for the wave. Amounts and counts without
// zeros are looked at in logarithms, and single odd values are set aside first.
// It returns an *Error for malformed data or fewer than ten known values.
func FindShifts(s Series, opts ShiftOptions) (*Shifts, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := opts.Calendar.check(); err != nil {
		return nil, err
	}
	if opts.MinLength < 0 {
		return nil, fail(InvalidOption, "the shortest time between shifts is %d; it is 0 or more", opts.MinLength)
	}
	if opts.MinLength == 0 {
		opts.MinLength = map[Step]int{Day: 14, Week: 4, Month: 3}[s.Step]
	}
	open, err := s.opened(&opts.Calendar)
	if err != nil {
		return nil, err
	}
	if n := count(open.Values); n < minRegression {
		return nil, fail(Unsuitable, "%d values are known; at least %d are needed to tell what has changed for good", n, minRegression)
	}
	return open.shifts(&opts, len(s.Values)-len(open.Values)), nil
}

// explained is a way to explain a series: columns that all pieces share, cuts,
// and what that costs.
type explained struct {
	index      []int     // of the known values
	y          []float64 // scaled, without the days of the week
	unit       float64   // long-run deviation of the noise
	sigma, rho float64
	waves      int
	degree     int
	cuts       []int
	shared     []float64
	trend      []float64 // what of shared is no wave and no holiday
	cost       float64
}

func (s *Series) shifts(opts *ShiftOptions, skipped int) *Shifts {
	log := s.Kind != Any && smallest(s.Values) > 0
	scaled := s.calmed(&opts.Calendar)
	if log {
		for i, v := range scaled {
			scaled[i] = math.Log(v)
		}
	}
	if s.Step == Day {
		scaled = withoutSeason(scaled, 7)
	}
	base := explained{}
	base.sigma, base.rho = calm(scaled)
	base.unit = math.Max(base.sigma*math.Sqrt((1+base.rho)/(1-base.rho)), 1e-9)
	for i, v := range scaled {
		if !math.IsNaN(v) {
			base.index, base.y = append(base.index, i), append(base.y, v)
		}
	}
	d := newDesign(s, &opts.Calendar, 1)
	best := base
	best.cost = math.Inf(1)
	for _, waves := range []int{0, 1, 2, 3, 5} {
		if waves > 0 && (float64(len(scaled)) < s.Step.year()/2 || float64(len(scaled)) < 2*s.Step.year() && waves > 2) {
			continue
		}
		for degree := range 3 {
			base.cut(d, waves, degree, opts.MinLength, &best)
		}
	}
	out := &Shifts{Log: log, Degree: best.degree, Annual: best.waves > 0, Sigma: base.sigma, Rho: base.rho}
	best.tell(s, opts, out, skipped)
	return out
}

// calm is the noise's deviation and memory as noise gives them, from the means
// of squares cut at 2.5 deviations: surer than a median where values are few.
func calm(values []float64) (sigma, rho float64) {
	spread := func(k int) float64 {
		var d []float64
		for i := k; i < len(values); i++ {
			if x := values[i] - values[i-k]; !math.IsNaN(x) {
				d = append(d, math.Abs(x))
			}
		}
		most := 2.5 * median(d) / 0.674490
		if most == 0 {
			most = math.Inf(1)
		}
		sum := 0.0
		for _, x := range d {
			sum += math.Min(x, most) * math.Min(x, most) / float64(len(d))
		}
		return sum
	}
	one, two := spread(1), spread(2)
	if one == 0 {
		return 0, 0
	}
	rho = math.Min(0.9, math.Max(0, two/one-1))
	return math.Sqrt(one / (2 * (1 - rho))), rho
}

// columns that all pieces share: the trend's first, then waves and holidays.
func (e *explained) columns(d *design, waves, degree int) [][]float64 {
	n := len(e.y)
	half := math.Max(1, float64(e.index[n-1]-e.index[0])/2)
	var out [][]float64
	column := func(at func(i int) float64) {
		c := make([]float64, n)
		for j, i := range e.index {
			c[j] = at(i)
		}
		out = append(out, c)
	}
	for k := 1; k <= degree; k++ {
		column(func(i int) float64 { return math.Pow(float64(i-e.index[0])/half-1, float64(k)) })
	}
	year := d.series.Step.year()
	for k := 1; k <= waves; k++ {
		turn := 2 * math.Pi * float64(k) / year
		column(func(i int) float64 { return math.Cos(turn * float64(i)) })
		column(func(i int) float64 { return math.Sin(turn * float64(i)) })
	}
	for _, h := range d.around {
		column(func(i int) float64 { return d.days(h, i) })
	}
	return out
}

// cut finds the best cuts and what all pieces share, in turn, from no cuts and
// from those of the values as they are.
func (e *explained) cut(d *design, waves, degree, length int, best *explained) {
	n := len(e.y)
	x := e.columns(d, waves, degree)
	penalty := 3 * math.Log(float64(n))
	starts := [][]int{nil}
	if len(x) > 0 {
		starts = append(starts, pieces(e.y, e.unit, penalty, length))
	}
	left := make([]float64, n)
	for _, cuts := range starts {
		for range 4 {
			shared, trend := e.share(x, cuts, degree)
			for i := range left {
				left[i] = e.y[i] - shared[i]
			}
			next := pieces(left, e.unit, penalty, length)
			cost := squares(left, next)/(e.unit*e.unit) + penalty*float64(len(next)) + float64(len(x))*math.Log(float64(n))
			if cost < best.cost-1e-9 {
				best.cost, best.cuts, best.shared, best.trend, best.waves, best.degree = cost, next, shared, trend, waves, degree
			}
			if slices.Equal(next, cuts) {
				break
			}
			cuts = next
		}
	}
}

// share fits the columns beside each piece's own level, by least squares (with
// a trace of a ridge for columns that say the same), on what lies around each
// piece's mean.
func (e *explained) share(x [][]float64, cuts []int, degree int) (shared, trend []float64) {
	n, p := len(e.y), len(x)
	shared, trend = make([]float64, n), make([]float64, n)
	if p == 0 {
		return shared, trend
	}
	around := make([][]float64, p)
	for j := range x {
		around[j] = centred(x[j], cuts)
	}
	y := centred(e.y, cuts)
	normal, right := mat.NewSymDense(p, nil), mat.NewVecDense(p, nil)
	for i := range p {
		for j := i; j < p; j++ {
			normal.SetSym(i, j, dot(around[i], around[j]))
		}
		normal.SetSym(i, i, normal.At(i, i)+1e-6*dot(x[i], x[i])+1e-12)
		right.SetVec(i, dot(around[i], y))
	}
	var factor mat.Cholesky
	var solved mat.VecDense
	if !factor.Factorize(normal) || factor.SolveVecTo(&solved, right) != nil {
		return shared, trend
	}
	for j := range x {
		for i, v := range x[j] {
			shared[i] += solved.AtVec(j) * v
			if j < degree {
				trend[i] += solved.AtVec(j) * v
			}
		}
	}
	return shared, trend
}

func pieces(y []float64, unit, penalty float64, length int) []int {
	scaled := make([]float64, len(y))
	centre := average(y)
	for i, v := range y {
		scaled[i] = (v - centre) / unit
	}
	cuts, _ := pelt(scaled, penalty, length)
	return cuts
}

// squares around the mean of each piece.
func squares(y []float64, cuts []int) float64 {
	total, from := 0.0, 0
	for _, to := range append(slices.Clone(cuts), len(y)) {
		mean := average(y[from:to])
		for _, v := range y[from:to] {
			total += (v - mean) * (v - mean)
		}
		from = to
	}
	return total
}

// centred takes the mean of each piece away.
func centred(x []float64, cuts []int) []float64 {
	out, from := make([]float64, len(x)), 0
	for _, to := range append(slices.Clone(cuts), len(x)) {
		mean := average(x[from:to])
		for i := from; i < to; i++ {
			out[i] = x[i] - mean
		}
		from = to
	}
	return out
}

// tell writes the shifts in the values' units.
func (e *explained) tell(s *Series, opts *ShiftOptions, out *Shifts, skipped int) {
	left := make([]float64, len(e.y))
	for i := range left {
		left[i] = e.y[i] - e.shared[i]
	}
	back := func(v float64) float64 {
		if out.Log {
			return math.Exp(v)
		}
		return v
	}
	random := rand.New(rand.NewPCG(opts.Seed, 0x7368696674)) //nolint:gosec // rearrangement, not secrets
	block := int(math.Ceil((1+e.rho)/(1-e.rho) - 0.5))
	borders := append(append([]int{0}, e.cuts...), len(left))
	for i := 1; i+1 < len(borders); i++ {
		a, b, c := borders[i-1], borders[i], borders[i+1]
		out.Shifts = append(out.Shifts, Shift{
			Index: skipped + e.index[b], Date: s.Date(e.index[b]),
			Before: back(average(left[a:b]) + e.trend[b]), After: back(average(left[b:c]) + e.trend[b]),
			P: permuted(left[a:c], block, 999, random),
		})
	}
}
