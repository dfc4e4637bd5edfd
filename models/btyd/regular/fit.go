package regular

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/dangol/dangol/models/btyd"
	"github.com/dangol/dangol/models/btyd/climb"
)

// Options of a fit.
type Options struct {
	// Modified says that customers may leave after their first order (MBG).
	Modified bool
	// K fixes the regularity; 0 lets the likelihood choose.
	K int
	// Level of parameter intervals; 0 means 0.95.
	Level float64
}

// Fitted is a Process with the evidence for it.
type Fitted struct {
	Process
	Customers float64 `json:"customers"`
	Repeats   float64 `json:"repeats"`
	LogLik    float64 `json:"log_lik"` // density in days
	// ByK are the log-likelihoods that were tried, for k = 1, 2, …
	ByK      []float64      `json:"by_k"`
	LogCov   [4][4]float64  `json:"log_cov"`
	Level    float64        `json:"level"`
	Warnings []btyd.Warning `json:"warnings"`
}

// LogLikelihood is the maximised log-likelihood as a density in the given unit.
func (f *Fitted) LogLikelihood(unit btyd.Unit) float64 {
	return f.LogLik + f.Repeats*math.Log(float64(unit))
}

// Interval of one of R, Alpha, A, B, by place; symmetric in the logarithm.
func (f *Fitted) Interval(j int) (low, high float64) {
	value := [4]float64{f.R, f.Alpha, f.A, f.B}[j]
	reach := distuv.UnitNormal.Quantile((1+f.Level)/2) * math.Sqrt(f.LogCov[j][j])
	return value * math.Exp(-reach), value * math.Exp(reach)
}

// Fit estimates the model by maximum likelihood. Without a K, it is raised for
// as long as that helps. It returns a *btyd.Error when patterns are malformed or
// hold nobody who ordered twice.
func Fit(patterns []Pattern, opts Options) (*Fitted, error) {
	f := &Fitted{Level: opts.Level}
	if f.Level == 0 {
		f.Level = 0.95
	}
	if opts.K < 0 || opts.K > mostK || !(f.Level > 0 && f.Level < 1) {
		return nil, &btyd.Error{Reason: btyd.InvalidParameter, Message: fmt.Sprintf("regularity %d and level %v: the first lies between 1 and %d, or is 0 to be chosen, the second between 0 and 1", opts.K, f.Level, mostK), Index: -1}
	}
	plain := make([]btyd.Pattern, len(patterns))
	for i, h := range patterns {
		if h.LogGaps-h.LogGaps != 0 || h.X == 0 && h.LogGaps != 0 {
			return nil, &btyd.Error{Reason: btyd.InvalidPattern, Message: fmt.Sprintf("pattern %d has %d gaps, whose logarithms sum to %v; give the sum of the logarithms of X gaps", i, h.X, h.LogGaps), Index: i}
		}
		plain[i] = h.Pattern
		f.Customers += h.N
		f.Repeats += h.N * float64(h.X)
	}
	model := btyd.BGNBD
	if opts.Modified {
		model = btyd.MBGNBD
	}
	random, err := btyd.Fit(model, plain, btyd.Options{})
	if err != nil {
		return nil, err
	}
	start := make([]float64, 4)
	for j, v := range random.Params {
		start[j] = math.Log(v)
	}
	f.search(summaryOf(patterns), start, opts)
	for _, w := range random.Warnings {
		if w.Reason == btyd.FewRepeatCustomers {
			f.Warnings = append(f.Warnings, w)
		}
	}
	return f, nil
}

// search raises k until the likelihood falls, each k from where the last ended:
// k times as many ticks.
func (f *Fitted) search(s *summary, start []float64, opts Options) {
	var best climb.Summit
	first, last := 1, mostK
	if opts.K > 0 {
		first, last = opts.K, opts.K
	}
	for k := first; k <= last; k++ {
		from := append([]float64(nil), start...)
		if k == first {
			from[1] -= math.Log(float64(k))
		} else {
			from[1] -= math.Log(float64(k) / float64(k-1))
		}
		starts := [][]float64{from, {0, from[1] - from[0], math.Log(0.5), math.Log(2)}}
		if k > 2 {
			starts = starts[:1]
		}
		top := climb.Highest(climb.Numeric(func(x []float64) float64 { return s.value(place(x, k, opts.Modified)) }), starts, 1e-7)
		f.ByK = append(f.ByK, s.logLikelihood(place(top.X, k, opts.Modified)))
		if k > first && f.ByK[len(f.ByK)-1] < f.LogLik {
			break
		}
		best, f.Process, f.LogLik = top, place(top.X, k, opts.Modified), f.ByK[len(f.ByK)-1]
		start = top.X
	}
	cov := climb.Covariance(best.Curvature)
	for i := range 4 {
		for j := range 4 {
			f.LogCov[i][j] = cov.At(i, j)
		}
	}
	weak := false
	for j, x := range best.X {
		weak = weak || f.LogCov[j][j] > 4 || math.Abs(x-s.centre[j]) > wall-1
	}
	if weak {
		f.Warnings = append(f.Warnings, btyd.Warning{Reason: btyd.WeaklyDetermined, Message: "The data do not pin down every parameter of the model; forecasts hold, but do not interpret the parameters one by one."})
	}
	if !best.IsMaximum(f.Customers) {
		f.Warnings = append(f.Warnings, btyd.Warning{Reason: btyd.NotConverged, Message: "The search for the best parameters did not end at a maximum; do not use this fit.", Blocking: true})
	}
}

// place makes a process of log parameters.
func place(x []float64, k int, modified bool) Process {
	return Process{modified, k, math.Exp(x[0]), math.Exp(x[1]), math.Exp(x[2]), math.Exp(x[3])}
}

// wall is how far log parameters may go from their centre unhindered.
const wall = 8

// summary is the data of a fit: equal patterns once.
type summary struct {
	patterns         []btyd.Pattern
	logGaps, repeats float64
	centre           [4]float64
}

func summaryOf(patterns []Pattern) *summary {
	s := &summary{}
	plain := make([]btyd.Pattern, len(patterns))
	days, n := 0.0, 0.0
	for i, h := range patterns {
		plain[i] = h.Pattern
		s.logGaps += h.N * h.LogGaps
		s.repeats += h.N * float64(h.X)
		days += h.N * h.T
		n += h.N
	}
	s.patterns, _ = btyd.Group(plain)
	s.centre = [4]float64{0, math.Log(days / n), math.Log(0.5), math.Log(2)}
	return s
}

// logLikelihood is that of all patterns, which are sorted by repeat orders; the
// gaps' factor is theirs together.
func (s *summary) logLikelihood(p Process) float64 {
	sum, count := float64(p.K-1)*s.logGaps, 0.0
	for i, h := range s.patterns {
		if i == 0 || h.X != s.patterns[i-1].X {
			count = p.byCount(h.X)
		}
		sum += h.N * (count + p.byTime(h))
	}
	return sum
}

// value is the log-likelihood less the wall.
func (s *summary) value(p Process) float64 {
	v := s.logLikelihood(p)
	for j, x := range [4]float64{p.R, p.Alpha, p.A, p.B} {
		if out := math.Abs(math.Log(x)-s.centre[j]) - wall; out > 0 {
			v -= 10 * out * out
		}
	}
	return v
}
