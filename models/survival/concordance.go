package survival

import (
	"math"
	"slices"
)

// Concord is how well scores order who has the event first.
type Concord struct {
	// Value is (Right + Tied/2) of all comparable pairs: 0.5 is a coin, 1
	// perfect. It is 0.5 where no pair can be compared.
	Value float64 `json:"value"`
	// SE is the error of the jackknife over rows, and Low to High the
	// interval on the scale of log-odds.
	SE    float64 `json:"se"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Right float64 `json:"right"`
	Wrong float64 `json:"wrong"`
	Tied  float64 `json:"tied"` // pairs of equal score
}

// Concordance is Harrell's C of risk scores, higher meaning sooner: among the
// pairs of which one row is known to have had the event before the other (or
// the other was censored at the same time), the share in which it had the
// higher risk. Late entry is not considered. It takes n log n steps.
// Harrell, Lee and Mark, Statistics in Medicine 15 (1996).
func Concordance(times Times, risk []float64, level float64) (*Concord, error) {
	if err := times.check(false); err != nil {
		return nil, err
	}
	if err := checkLevel(&level); err != nil {
		return nil, err
	}
	if len(risk) != len(times.Time) {
		return nil, fail(InvalidData, "%d scores for %d rows; give one a row", len(risk), len(times.Time))
	}
	for i, r := range risk {
		if !finite(r) {
			return nil, failAt(i, -1, "the score of row %d is %v; scores are finite numbers", i, r)
		}
	}
	rows := make([]int, len(risk))
	for i := range rows {
		rows[i] = i
	}
	p := newPairs(len(risk))
	p.compare(&times, risk, rows)
	return p.concord(&times, level), nil
}

// pairs counts, for each row, the weight of its pairs by outcome.
type pairs struct {
	right, wrong, tied []float64
}

func newPairs(n int) *pairs {
	return &pairs{make([]float64, n), make([]float64, n), make([]float64, n)}
}

// compare counts the pairs among rows: once from the end of time for those
// with the event, against all that outlasted them; once from its start for
// those that outlasted. The second pass serves the error only.
func (p *pairs) compare(t *Times, risk []float64, rows []int) {
	ranks, size := denseRanks(risk, rows)
	order := slices.Clone(rows)
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case t.Time[a] < t.Time[b]:
			return -1
		case t.Time[a] > t.Time[b]:
			return 1
		}
		return 0
	})
	sum := func(tree fenwick, i int, below, above *float64) {
		lower, upTo := tree.upTo(ranks[i]-1), tree.upTo(ranks[i])
		*below += lower
		*above += tree.total() - upTo
		p.tied[i] += upTo - lower
	}
	outlasting := newFenwick(size)
	each(t, order, true, func(events, censored []int) {
		for _, i := range censored {
			outlasting.add(ranks[i], t.weight(i))
		}
		for _, i := range events {
			sum(outlasting, i, &p.right[i], &p.wrong[i])
		}
		for _, i := range events {
			outlasting.add(ranks[i], t.weight(i))
		}
	})
	before := newFenwick(size)
	each(t, order, false, func(events, censored []int) {
		for _, i := range events {
			sum(before, i, &p.wrong[i], &p.right[i])
		}
		for _, i := range events {
			before.add(ranks[i], t.weight(i))
		}
		for _, i := range censored {
			sum(before, i, &p.wrong[i], &p.right[i])
		}
	})
}

// each calls visit for the rows of each time, events and censored, from the
// last time or from the first.
func each(t *Times, order []int, backwards bool, visit func(events, censored []int)) {
	var events, censored []int
	take := func(from, to int) {
		events, censored = events[:0], censored[:0]
		for _, i := range order[from:to] {
			if t.Event[i] {
				events = append(events, i)
			} else {
				censored = append(censored, i)
			}
		}
		visit(events, censored)
	}
	if backwards {
		for to := len(order); to > 0; {
			from := to - 1
			for from > 0 && t.Time[order[from-1]] == t.Time[order[to-1]] {
				from--
			}
			take(from, to)
			to = from
		}
		return
	}
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && t.Time[order[to]] == t.Time[order[from]] {
			to++
		}
		take(from, to)
		from = to
	}
}

// denseRanks numbers the distinct scores from 1.
func denseRanks(risk []float64, rows []int) (ranks []int, size int) {
	ranks = make([]int, len(risk))
	values := make([]float64, len(rows))
	for k, i := range rows {
		values[k] = risk[i]
	}
	slices.Sort(values)
	values = slices.Compact(values)
	for _, i := range rows {
		k, _ := slices.BinarySearch(values, risk[i])
		ranks[i] = k + 1
	}
	return ranks, len(values)
}

// concord sums up. Every pair is counted from both its rows.
func (p *pairs) concord(t *Times, level float64) *Concord {
	c := &Concord{Value: 0.5, Low: 0, High: 1}
	for i := range p.right {
		w := t.weight(i) / 2
		c.Right, c.Wrong, c.Tied = c.Right+w*p.right[i], c.Wrong+w*p.wrong[i], c.Tied+w*p.tied[i]
	}
	all := c.Right + c.Wrong + c.Tied
	if all == 0 {
		return c
	}
	c.Value = (c.Right + c.Tied/2) / all
	variance := 0.0
	for i := range p.right {
		w := t.weight(i)
		own := p.right[i] + p.wrong[i] + p.tied[i]
		apart := w * (p.right[i] + p.tied[i]/2 - c.Value*own) / all
		variance += apart * apart
	}
	c.SE = math.Sqrt(variance)
	if c.SE == 0 || c.Value == 0 || c.Value == 1 {
		c.Low, c.High = c.Value, c.Value
		return c
	}
	centre := math.Log(c.Value / (1 - c.Value))
	reach := normalQuantile((1+level)/2) * c.SE / (c.Value * (1 - c.Value))
	c.Low, c.High = 1/(1+math.Exp(reach-centre)), 1/(1+math.Exp(-reach-centre))
	return c
}

// fenwick holds weights at ranks 1…n and sums them up to any rank.
type fenwick []float64

func newFenwick(n int) fenwick { return make(fenwick, n+1) }

func (f fenwick) add(rank int, w float64) {
	f[0] += w
	for ; rank < len(f); rank += rank & -rank {
		f[rank] += w
	}
}

func (f fenwick) upTo(rank int) float64 {
	total := 0.0
	for ; rank > 0; rank -= rank & -rank {
		total += f[rank]
	}
	return total
}

// total is kept in entry 0.
func (f fenwick) total() float64 { return f[0] }
