package calibrate

import (
	"math"
	"slices"
)

// VennAbers gives a probability with an interval: Low and High are what
// isotonic regression says of a score if the row itself, with the answer no or
// yes, is among the rows it learns from. One of the two is perfectly calibrated
// whatever the distribution, so the width is honest: it grows where few rows
// had similar scores. Vovk and Petej, "Venn-Abers predictors" (UAI 2014); Vovk,
// Petej and Fedorova (NIPS 2015). It is JSON of some kilobytes.
type VennAbers struct {
	// Scores at which something changes, rising. Between and at them the two
	// answers are steps: entry 2k belongs to scores below Scores[k] and above
	// the one before, entry 2k+1 to Scores[k] itself, the last to all above.
	Scores []float64 `json:"scores"`
	No     []float64 `json:"no"`
	Yes    []float64 `json:"yes"`
	Rows   int       `json:"rows"`
}

// FitVennAbers learns from scores and answers of 0 and 1 on rows that the model
// was not fitted to.
func FitVennAbers(scores, y []float64) (*VennAbers, error) {
	if err := checkAnswers(len(scores), y, nil, true); err != nil {
		return nil, err
	}
	if err := checkScores(scores); err != nil {
		return nil, err
	}
	steps := distinct(scores, y, nil)
	left, right := newPrefixes(steps), newPrefixes(mirrored(steps))
	v := &VennAbers{Rows: len(y)}
	n := len(steps)
	for k := range n {
		v.Scores = append(v.Scores, steps[k].From)
		// Before the score: k steps on the left, n-k on the right.
		v.No = append(v.No, settle(left, right, k, n-k, Step{Mean: 0, Weight: 1}))
		v.Yes = append(v.Yes, settle(left, right, k, n-k, Step{Mean: 1, Weight: 1}))
		// At the score: the row joins its step.
		v.No = append(v.No, settle(left, right, k, n-k-1, joined(steps[k], Step{Mean: 0, Weight: 1})))
		v.Yes = append(v.Yes, settle(left, right, k, n-k-1, joined(steps[k], Step{Mean: 1, Weight: 1})))
	}
	v.No = append(v.No, settle(left, right, n, 0, Step{Mean: 0, Weight: 1}))
	v.Yes = append(v.Yes, settle(left, right, n, 0, Step{Mean: 1, Weight: 1}))
	v.thin()
	return v, nil
}

// mirrored turns the order and the answers round.
func mirrored(steps []Step) []Step {
	turned := slices.Clone(steps)
	slices.Reverse(turned)
	for k := range turned {
		turned[k].Mean = 1 - turned[k].Mean
	}
	return turned
}

// prefixes holds the pooled steps of every beginning of a sequence, as stacks
// that share their lower parts.
type prefixes struct {
	mean, weight []float64
	below        []int // the step under each, -1 at the bottom
	top          []int // by number of steps taken, the uppermost step; -1 for none
}

func newPrefixes(steps []Step) *prefixes {
	p := &prefixes{top: []int{-1}}
	at := -1
	for _, s := range steps {
		for at >= 0 && p.mean[at] >= s.Mean {
			w := p.weight[at] + s.Weight
			s.Mean = (p.mean[at]*p.weight[at] + s.Mean*s.Weight) / w
			s.Weight = w
			at = p.below[at]
		}
		p.mean, p.weight, p.below = append(p.mean, s.Mean), append(p.weight, s.Weight), append(p.below, at)
		at = len(p.mean) - 1
		p.top = append(p.top, at)
	}
	return p
}

// settle is the isotonic answer at a step between the first i steps and the
// last j: it pools with neighbours until none violates the order.
func settle(left, right *prefixes, i, j int, s Step) float64 {
	a, b := left.top[i], right.top[j]
	pool := func(mean, w float64) {
		s.Mean = (s.Mean*s.Weight + mean*w) / (s.Weight + w)
		s.Weight += w
	}
	for {
		switch {
		case a >= 0 && left.mean[a] >= s.Mean:
			pool(left.mean[a], left.weight[a])
			a = left.below[a]
		case b >= 0 && 1-right.mean[b] <= s.Mean:
			pool(1-right.mean[b], right.weight[b])
			b = right.below[b]
		default:
			return s.Mean
		}
	}
}

// thin drops scores at which nothing changes.
func (v *VennAbers) thin() {
	same := func(a, b int) bool {
		return math.Abs(v.No[a]-v.No[b]) < 1e-12 && math.Abs(v.Yes[a]-v.Yes[b]) < 1e-12
	}
	var scores, no, yes []float64
	no, yes = append(no, v.No[0]), append(yes, v.Yes[0])
	last := 0
	for k := range v.Scores {
		if same(last, 2*k+1) && same(last, 2*k+2) {
			continue
		}
		scores = append(scores, v.Scores[k])
		no, yes = append(no, v.No[2*k+1], v.No[2*k+2]), append(yes, v.Yes[2*k+1], v.Yes[2*k+2])
		last = 2*k + 2
	}
	v.Scores, v.No, v.Yes = scores, no, yes
}

// Interval gives the probability of a score, and the two it lies between:
// Low is what no, High what yes would make of it, and p = High/(1-Low+High)
// has the smallest regret in log-loss. A NaN score, of which nothing is known,
// gives ½ between 0 and 1.
func (v *VennAbers) Interval(score float64) (p, low, high float64) {
	if math.IsNaN(score) || len(v.No) == 0 {
		return 0.5, 0, 1
	}
	k, found := slices.BinarySearch(v.Scores, score)
	at := 2 * k
	if found {
		at++
	}
	low, high = v.No[at], v.Yes[at]
	return high / (1 - low + high), low, high
}
