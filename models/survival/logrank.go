package survival

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Emphasis of a comparison: which times count how much.
type Emphasis string

// Emphases.
const (
	EvenEmphasis Emphasis = "even"        // log-rank: all events alike
	Gehan        Emphasis = "gehan"       // by rows at risk: early times
	TaroneWare   Emphasis = "tarone_ware" // by their square root
	PetoPeto     Emphasis = "peto"        // by the pooled survival
	LateEmphasis Emphasis = "late"        // by 1 less the pooled survival: Fleming and Harrington (0, 1)
)

// Comparison of groups.
type Comparison struct {
	Groups   []int     `json:"groups"`
	Rows     []float64 `json:"rows"`
	Observed []float64 `json:"observed"` // events
	// Expected events if all groups had the hazard of all.
	Expected  []float64 `json:"expected"`
	Statistic float64   `json:"statistic"` // chi-squared
	Freedom   int       `json:"freedom"`
	P         float64   `json:"p"`
}

// LogRank tests whether groups have the same survival. groups numbers the
// group of each row; strata, or nil, the stratum within which rows are
// compared. Mantel, Cancer Chemotherapy Reports 50 (1966); late entry and
// weights count.
func LogRank(times Times, groups, strata []int, by Emphasis) (*Comparison, error) {
	if err := times.check(true); err != nil {
		return nil, err
	}
	if by == "" {
		by = EvenEmphasis
	}
	if !slices.Contains([]Emphasis{EvenEmphasis, Gehan, TaroneWare, PetoPeto, LateEmphasis}, by) {
		return nil, fail(InvalidOption, "there is no emphasis %q; take %q, %q, %q, %q or %q", by, EvenEmphasis, Gehan, TaroneWare, PetoPeto, LateEmphasis)
	}
	n := len(times.Time)
	if len(groups) != n || strata != nil && len(strata) != n {
		return nil, fail(InvalidData, "%d groups and %d strata for %d rows; give one a row", len(groups), len(strata), n)
	}
	c := &Comparison{Groups: slices.Compact(slices.Sorted(slices.Values(groups)))}
	k := len(c.Groups)
	if k < 2 {
		return nil, fail(InvalidData, "there is one group only; a comparison needs two or more")
	}
	c.Rows, c.Observed, c.Expected = make([]float64, k), make([]float64, k), make([]float64, k)
	excess, v := make([]float64, k), make([]float64, k*k)
	for _, rows := range byStratum(strata, n) {
		c.stratum(&times, groups, rows, by, excess, v)
	}
	c.test(excess, v)
	return c, nil
}

// byStratum lists the rows of each stratum.
func byStratum(strata []int, n int) [][]int {
	if strata == nil {
		rows := make([]int, n)
		for i := range rows {
			rows[i] = i
		}
		return [][]int{rows}
	}
	place := map[int]int{}
	var list [][]int
	for _, s := range slices.Compact(slices.Sorted(slices.Values(strata))) {
		place[s] = len(list)
		list = append(list, nil)
	}
	for i, s := range strata {
		list[place[s]] = append(list[place[s]], i)
	}
	return list
}

// stratum adds one stratum's events, expectations and variances.
func (c *Comparison) stratum(t *Times, groups, rows []int, by Emphasis, excess, v []float64) {
	k := len(c.Groups)
	group := func(i int) int { g, _ := slices.BinarySearch(c.Groups, groups[i]); return g }
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(t.Time[a], t.Time[b]) })
	waiting := slices.Clone(rows) // by entry
	risk, dead := make([]float64, k), make([]float64, k)
	if t.Entry == nil {
		for _, i := range rows {
			risk[group(i)] += t.weight(i)
		}
		waiting = nil
	} else {
		slices.SortStableFunc(waiting, func(a, b int) int { return cmp.Compare(t.Entry[a], t.Entry[b]) })
	}
	for _, i := range rows {
		c.Rows[group(i)] += t.weight(i)
	}
	s := 1.0
	for at := 0; at < len(rows); {
		now := t.Time[rows[at]]
		for len(waiting) > 0 && t.Entry[waiting[0]] < now {
			risk[group(waiting[0])] += t.weight(waiting[0])
			waiting = waiting[1:]
		}
		clear(dead)
		end, n, d := at, sum(risk), 0.0
		for ; end < len(rows) && t.Time[rows[end]] == now; end++ {
			if i := rows[end]; t.Event[i] {
				dead[group(i)] += t.weight(i)
				d += t.weight(i)
			}
		}
		if d > 0 {
			w := emphasis(by, n, s)
			c.add(risk, dead, n, d, w, excess, v)
			s *= 1 - d/n
		}
		for ; at < end; at++ {
			risk[group(rows[at])] -= t.weight(rows[at])
		}
	}
}

func sum(v []float64) float64 {
	total := 0.0
	for _, x := range v {
		total += x
	}
	return total
}

func emphasis(by Emphasis, n, s float64) float64 {
	switch by {
	case Gehan:
		return n
	case TaroneWare:
		return math.Sqrt(n)
	case PetoPeto:
		return s
	case LateEmphasis:
		return 1 - s
	default:
		return 1
	}
}

// add counts d events among n rows at one time.
func (c *Comparison) add(risk, dead []float64, n, d, w float64, excess, v []float64) {
	k := len(risk)
	spread := 0.0
	if n > 1 {
		spread = w * w * d * (n - d) / (n - 1)
	}
	for g := range k {
		expected := d * risk[g] / n
		c.Observed[g] += dead[g]
		c.Expected[g] += expected
		excess[g] += w * (dead[g] - expected)
		for h := range k {
			share := -risk[g] / n * risk[h] / n
			if g == h {
				share += risk[g] / n
			}
			v[g*k+h] += spread * share
		}
	}
}

// test makes the statistic; directions without variance (a group that was
// never at risk with another) do not count.
func (c *Comparison) test(excess, v []float64) {
	k := len(excess)
	var e mat.EigenSym
	c.P = 1
	if !e.Factorize(mat.NewSymDense(k, v), true) {
		return
	}
	values := e.Values(nil)
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	for j, value := range values {
		if value <= 1e-9*values[k-1] || value <= 0 {
			continue
		}
		along := 0.0
		for g := range k {
			along += vectors.At(g, j) * excess[g]
		}
		c.Statistic += along * along / value
		c.Freedom++
	}
	if c.Freedom > 0 {
		c.P = distuv.ChiSquared{K: float64(c.Freedom)}.Survival(c.Statistic)
	}
}
