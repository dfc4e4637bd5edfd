package recommend

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Judgement says how to evaluate.
type Judgement struct {
	K int // length of the lists; 10
	// Rules are those of Recommend. While they leave out what was bought, truth
	// is what is new to the person, and people without are not counted.
	Rules Rules
	// Resamples of the bootstrap over people; 1,000, −1 for none.
	Resamples int
	Level     float64 // of the intervals; 0.95
	Seed      uint64
	Workers   int
}

func (j Judgement) filled() Judgement {
	if j.K == 0 {
		j.K = 10
	}
	if j.Resamples == 0 {
		j.Resamples = 1000
	}
	if j.Level == 0 {
		j.Level = 0.95
	}
	return j
}

// Figure is a mean over people with its bootstrap interval.
type Figure struct{ Value, Low, High float64 }

// Quality is how good lists of K were. With relevant items R and hits at ranks r:
//
//	NDCG    Σ_r 1/log2(r+1) / Σ_{r ≤ min(K,|R|)} 1/log2(r+1)
//	MAP     Σ_r precision at r / min(K, |R|)
//	Recall  hits / |R|;  HitRate  1 if there is a hit;  MRR  1/rank of the first
type Quality struct {
	K, People                       int
	NDCG, MAP, Recall, HitRate, MRR Figure
	// Coverage is the share of the items that could be recommended which were, to
	// anybody.
	Coverage float64
	// Novelty is the mean of −log2 of the share of an item in all sales: 10 means
	// that one sale in 1,024 is of it.
	Novelty float64
	// NDCGs are the people's own, in the order of the cases that counted, to
	// compare two models person by person.
	NDCGs []float64
}

// person's figures, in the order of Quality.
type marks [5]float64

// ErrNothingToJudge says that all that was bought in the days held back was bought before, or had never been sold.
var ErrNothingToJudge = errors.New("evaluate: no case has anything to be right about; take an earlier cut or a longer horizon")

// Evaluate asks the model for each case and compares.
func Evaluate(m *Model, cases []Case, j Judgement) (*Quality, error) {
	return evaluate(m, cases, j, func(m *Model, p *person, k int, _ int) []scored { return m.best(p, k, j.Rules) })
}

func evaluate(m *Model, cases []Case, j Judgement, answer func(m *Model, p *person, k, n int) []scored) (*Quality, error) {
	j = j.filled()
	if err := m.admits(j.Rules); err != nil {
		return nil, err
	}
	if j.K < 1 || !(j.Level > 0 && j.Level < 1) {
		return nil, fmt.Errorf("evaluate: lists of %d at level %v", j.K, j.Level)
	}
	cases = relevant(m, cases, j.Rules)
	if len(cases) == 0 {
		return nil, ErrNothingToJudge
	}
	all, lists := make([]marks, len(cases)), make([][]int32, len(cases))
	parallel(len(cases), 64, j.Workers, func(_, lo, hi int) {
		p := m.people.Get().(*person)
		defer m.people.Put(p)
		for _, c := range byDay(cases, lo, hi) {
			p.read(m, cases[c].History)
			for _, s := range answer(m, p, min(j.K, len(m.items)), c) {
				lists[c] = append(lists[c], s.item)
			}
			all[c] = mark(lists[c], cases[c].Truth, j.K)
		}
	})
	q := &Quality{K: j.K, People: len(cases)}
	figures := []*Figure{&q.NDCG, &q.MAP, &q.Recall, &q.HitRate, &q.MRR}
	for _, own := range all {
		for i, f := range figures {
			f.Value += own[i] / float64(len(all))
		}
		q.NDCGs = append(q.NDCGs, own[0])
	}
	if j.Resamples > 0 {
		bootstrap(all, figures, j)
	}
	m.variety(q, lists, j.Rules)
	return q, nil
}

// byDay puts cases of one day side by side, for the model keeps the trends of
// the last day it was asked about.
func byDay(cases []Case, lo, hi int) []int {
	order := make([]int, hi-lo)
	for i := range order {
		order[i] = lo + i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(cases[a].History.At) - int(cases[b].History.At) })
	return order
}

// relevant leaves out truth that could not be recommended, and cases without any.
func relevant(m *Model, cases []Case, rules Rules) []Case {
	var list []Case
	p := m.newPerson()
	for _, c := range cases {
		p.read(m, c.History)
		var truth []int32
		for _, i := range c.Truth {
			_, bought := slices.BinarySearchFunc(p.items, i, func(t taken, i int32) int { return int(t.item) - int(i) })
			excluded := bought && (rules.Bought == "" || rules.Bought == ExcludeBought)
			if int(i) < len(m.items) && m.sales.total[i] > 0 && !excluded {
				truth = append(truth, i)
			}
		}
		if len(truth) > 0 {
			c.Truth = truth
			list = append(list, c)
		}
	}
	// By day, so that pieces of work share their day's trends.
	slices.SortStableFunc(list, func(a, b Case) int { return int(a.History.At) - int(b.History.At) })
	return list
}

// mark compares a list with the truth.
func mark(list, truth []int32, k int) marks {
	var m marks
	ideal := 0.0
	for r := range min(k, len(truth)) {
		ideal += 1 / math.Log2(float64(r+2))
	}
	hits := 0.0
	for r, item := range list {
		if _, ok := slices.BinarySearch(truth, item); !ok {
			continue
		}
		hits++
		m[0] += 1 / math.Log2(float64(r+2)) / ideal
		m[1] += hits / float64(r+1) / float64(min(k, len(truth)))
		if hits == 1 {
			m[3], m[4] = 1, 1/float64(r+1)
		}
	}
	m[2] = hits / float64(len(truth))
	return m
}

// bootstrap resamples people (percentile interval).
func bootstrap(all []marks, figures []*Figure, j Judgement) {
	draws := make([]marks, j.Resamples)
	parallel(j.Resamples, 50, j.Workers, func(_, lo, hi int) {
		for b := lo; b < hi; b++ {
			rng := rand.New(rand.NewPCG(j.Seed, uint64(b))) //nolint:gosec // a seed draws the same people again
			for range all {
				own := &all[rng.IntN(len(all))]
				for i := range draws[b] {
					draws[b][i] += own[i]
				}
			}
		}
	})
	one := make([]float64, j.Resamples)
	for i, f := range figures {
		for b := range draws {
			one[b] = draws[b][i] / float64(len(all))
		}
		slices.Sort(one)
		at := func(p float64) float64 { return one[int(math.Round(p*float64(len(one)-1)))] }
		f.Low, f.High = at((1-j.Level)/2), at((1+j.Level)/2)
	}
}

// variety fills in coverage and novelty.
func (m *Model) variety(q *Quality, lists [][]int32, rules Rules) {
	shown, n, possible := map[int32]bool{}, 0, 0
	for _, list := range lists {
		for _, i := range list {
			shown[i] = true
			if share := float64(m.sales.total[i]) / m.sales.sum; share > 0 {
				q.Novelty -= math.Log2(share)
				n++
			}
		}
	}
	q.Novelty /= float64(max(n, 1))
	for i, t := range m.sales.total {
		if t > 0 && (rules.Only == nil || rules.Only.in[i]) {
			possible++
		}
	}
	q.Coverage = float64(len(shown)) / float64(max(possible, 1))
}

// Difference is the mean of b − a person by person, and its bootstrap interval
// over people; a and b must be of the same cases under the same rules.
func Difference(a, b *Quality, j Judgement) (Figure, error) {
	j = j.filled()
	if len(a.NDCGs) != len(b.NDCGs) || len(a.NDCGs) == 0 {
		return Figure{}, fmt.Errorf("difference: %d people and %d; they must be the same", len(a.NDCGs), len(b.NDCGs))
	}
	all := make([]marks, len(a.NDCGs))
	var f Figure
	for i := range all {
		all[i][0] = b.NDCGs[i] - a.NDCGs[i]
		f.Value += all[i][0] / float64(len(all))
	}
	if j.Resamples > 0 {
		bootstrap(all, []*Figure{&f}, j)
	}
	return f, nil
}
