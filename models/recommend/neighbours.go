package recommend

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Measure is how alike two items are, from who bought them. An item is taken
// for a document whose words are its buyers.
type Measure string

// The measures. c_ui is what user u's purchases of i amount to, N the number of
// items, d_u that of the items u bought, idf_u = ln N − ln(1 + d_u).
const (
	// Cosine is Σ_u c_ui c_uj / (|c_i| |c_j|).
	Cosine Measure = "cosine"
	// TFIDF is the cosine of √c_ui idf_u.
	TFIDF Measure = "tfidf"
	// BM25 is the inner product of idf_u c_ui (K1+1) / (c_ui + K1 (1 − B + B |i| / mean |i|)),
	// |i| being the sum of item i's counts.
	BM25 Measure = "bm25"
	// Lift is P(i, j) / (P(i) P(j)) over people, times n_ij / (n_ij + Shrink).
	Lift Measure = "lift"
)

// Neighbours sets item–item recommendation: score_j = Σ_i x_i sim(i, j) over
// the K items j most like i. Zero values are replaced by what the comments name.
type Neighbours struct {
	Measure Measure // BM25
	K       int     // neighbours kept of each item; 50
	K1      float64 // 1.2
	B       float64 // 0.75
	Shrink  float64 // people by which lift is held back; 10
}

func (o Neighbours) filled() Neighbours {
	if o.Measure == "" {
		o.Measure = BM25
	}
	if o.K == 0 {
		o.K = 50
	}
	for _, d := range []struct {
		v    *float64
		with float64
	}{{&o.K1, 1.2}, {&o.B, 0.75}, {&o.Shrink, 10}} {
		if *d.v == 0 {
			*d.v = d.with
		}
	}
	return o
}

func (o Neighbours) check() error {
	switch {
	case !slices.Contains([]Measure{Cosine, TFIDF, BM25, Lift}, o.Measure):
		return fmt.Errorf("neighbours: no measure is called %q; there are cosine, tfidf, bm25 and lift", o.Measure)
	case o.K < 1 || o.K > 10_000:
		return fmt.Errorf("neighbours: K is %d; between 1 and 10000 are allowed", o.K)
	case !(o.K1 > 0) || !(o.B >= 0 && o.B <= 1) || !(o.Shrink >= 0) || o.K1 > 1e9 || o.Shrink > 1e9:
		return fmt.Errorf("neighbours: K1 %v, B %v, Shrink %v; K1 must be above 0, B between 0 and 1, Shrink at least 0", o.K1, o.B, o.Shrink)
	}
	return nil
}

// weighted gives users × items with the measure's weights.
func (o Neighbours) weighted(m *sparse) *sparse {
	w := &sparse{rows: m.rows, cols: m.cols, start: m.start, col: m.col, value: slices.Clone(m.value)}
	length, total := make([]float64, m.cols), 0.0
	for k, c := range m.col {
		length[c] += float64(m.value[k])
		total += float64(m.value[k])
	}
	items := 0.0 // that anybody bought
	for _, l := range length {
		if l > 0 {
			items++
		}
	}
	mean := total / items
	for u := range m.rows {
		cols, values := w.row(u)
		idf := math.Log(items) - math.Log1p(float64(len(cols)))
		for k, c := range cols {
			v := float64(values[k])
			switch o.Measure {
			case TFIDF:
				v = math.Sqrt(v) * idf
			case BM25:
				v = idf * v * (o.K1 + 1) / (v + o.K1*(1-o.B+o.B*length[c]/mean))
			case Lift:
				v = 1
			}
			values[k] = float32(v)
		}
	}
	if o.Measure == Cosine || o.Measure == TFIDF {
		norm := make([]float64, m.cols)
		for k, c := range w.col {
			norm[c] += float64(w.value[k]) * float64(w.value[k])
		}
		for k, c := range w.col {
			if norm[c] > 0 {
				w.value[k] = float32(float64(w.value[k]) / math.Sqrt(norm[c]))
			}
		}
	}
	return w
}

// fitNeighbours gives items × items, at most K a row.
func fitNeighbours(m *sparse, o Neighbours, workers int) *sparse {
	w := o.weighted(m)
	turned := w.turned()
	people := make([]float64, m.cols)
	active := 0
	for u := range m.rows {
		if m.start[u+1] > m.start[u] {
			active++
		}
	}
	for c := range m.cols {
		people[c] = float64(turned.start[c+1] - turned.start[c])
	}
	rows := make([][]scored, m.cols)
	parallel(m.cols, 16, workers, func(_, lo, hi int) {
		sum, touched, best := newSums(m.cols), []int32(nil), []scored(nil)
		for i := lo; i < hi; i++ {
			touched = cooccur(i, w, turned, sum, touched[:0])
			best = best[:0]
			for _, j := range touched {
				s := sum.of[j]
				sum.of[j], sum.met[j] = 0, false
				if o.Measure == Lift {
					s *= s / (s + o.Shrink) * float64(active) / (people[i] * people[j])
				}
				if int(j) != i && s > 0 {
					best = keep(best, scored{j, float32(s)}, o.K)
				}
			}
			slices.SortFunc(best, func(a, b scored) int { return cmp.Compare(a.item, b.item) })
			rows[i] = slices.Clone(best)
		}
	})
	s := &sparse{rows: m.cols, cols: m.cols, start: make([]int32, m.cols+1)}
	for i, row := range rows {
		for _, b := range row {
			s.col, s.value = append(s.col, b.item), append(s.value, b.score)
		}
		s.start[i+1] = int32(len(s.col))
	}
	return s
}

// scored is an item and a number.
type scored struct {
	item  int32
	score float32
}

// sums are a row of co-occurrences in the making.
type sums struct {
	of  []float64
	met []bool
}

func newSums(n int) *sums { return &sums{make([]float64, n), make([]bool, n)} }

// cooccur adds up w_ui w_uj for all j into sum and lists the j it met.
func cooccur(i int, w, turned *sparse, sum *sums, touched []int32) []int32 {
	users, values := turned.row(i)
	for k, u := range users {
		cols, others := w.row(int(u))
		v := float64(values[k])
		for q, j := range cols {
			if !sum.met[j] {
				sum.met[j] = true
				touched = append(touched, j)
			}
			sum.of[j] += v * float64(others[q])
		}
	}
	return touched
}
