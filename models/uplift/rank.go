package uplift

import (
	"cmp"
	"math"
	"slices"
)

// ranking is rows by falling score, with the ends of ties, packed for being
// walked many times with other weights.
type ranking struct {
	row     []int32
	treated []bool
	y       []float64
	last    []bool // of its tie
}

// rank orders rows (all of them where rows is nil) by falling score.
func rank(rows []int32, score []float64, treated []bool, y []float64) *ranking {
	order := slices.Clone(rows)
	if rows == nil {
		order = make([]int32, len(score))
		for i := range order {
			order[i] = int32(i)
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		if c := cmp.Compare(score[b], score[a]); c != 0 {
			return c
		}
		return int(a) - int(b)
	})
	r := pack(order, treated, y)
	for k := range order {
		r.last[k] = k+1 == len(order) || score[order[k]] != score[order[k+1]]
	}
	return r
}

// pack takes rows in an order that is given, without ties.
func pack(order []int32, treated []bool, y []float64) *ranking {
	r := &ranking{order, make([]bool, len(order)), make([]float64, len(order)), make([]bool, len(order))}
	for k, i := range order {
		r.treated[k], r.y[k], r.last[k] = treated[i], y[i], true
	}
	return r
}

// bestQini orders rows as the best possible targeting of the Qini curve would:
// the treated by falling outcome first, the others by rising outcome last.
func bestQini(rows []int32, treated []bool, y []float64) *ranking {
	score := make([]float64, len(y))
	for i, v := range y {
		if score[i] = v; !treated[i] {
			score[i] = -v
		}
	}
	return rank(rows, score, treated, y)
}

// bestUplift is the same for the uplift curve, of a yes or no: those who did
// what a perfect treatment makes them do, the rarer mistake between.
func bestUplift(rows []int32, treated []bool, y []float64, binary bool) *ranking {
	if !binary {
		return bestQini(rows, treated, y)
	}
	responders, failures := 0, 0
	count := func(i int32) {
		if y[i] == 1 && !treated[i] {
			responders++
		}
		if y[i] == 0 && treated[i] {
			failures++
		}
	}
	if rows == nil {
		for i := range y {
			count(int32(i))
		}
	}
	for _, i := range rows {
		count(i)
	}
	score := make([]float64, len(y))
	for i, v := range y {
		t := float64(arm(treated[i]))
		if v == t {
			score[i] = 2
		}
		if responders > failures {
			score[i] += v
		} else {
			score[i] += t
		}
	}
	return rank(rows, score, treated, y)
}

// height is the value of a curve after n1 treated with outcomes of s1 together,
// and n0 others with s0.
type height func(n1, s1, n0, s0 float64) float64

// qiniHeight is the extra outcome among the treated: theirs, less that of the
// control scaled to their number.
func qiniHeight(n1, s1, n0, s0 float64) float64 {
	if n0 == 0 {
		return s1
	}
	return s1 - s0*n1/n0
}

// upliftHeight is the difference of the means, times everybody so far.
func upliftHeight(n1, s1, n0, s0 float64) float64 {
	d := 0.0
	if n1 > 0 {
		d = s1 / n1
	}
	if n0 > 0 {
		d -= s0 / n0
	}
	return d * (n1 + n0)
}

// area between the curve and the straight line to its end, by trapezoids, with
// weights of the rows or nil.
func (r *ranking) area(h height, w []float64) (above float64) {
	var n1, s1, n0, s0, x, at float64
	for k, y := range r.y {
		weight := 1.0
		if w != nil {
			weight = w[r.row[k]]
		}
		if r.treated[k] {
			n1 += weight
			s1 += weight * y
		} else {
			n0 += weight
			s0 += weight * y
		}
		if r.last[k] {
			next, value := n1+n0, h(n1, s1, n0, s0)
			above += (next - x) * (value + at) / 2
			x, at = next, value
		}
	}
	return above - x*at/2
}

// coefficient is the area as a share of the best possible; NaN where there is
// none.
func coefficient(r, best *ranking, h height, w []float64) float64 {
	top := best.area(h, w)
	if !(math.Abs(top) > 0) {
		return math.NaN()
	}
	return r.area(h, w) / top
}

// upliftAt is the difference of the means among the first share of the rows;
// a tie at the border counts in part. It is NaN where an arm is missing there.
func (r *ranking) upliftAt(share float64, w []float64) float64 {
	total := 0.0
	weight := func(k int) float64 {
		if w == nil {
			return 1
		}
		return w[r.row[k]]
	}
	for k := range r.row {
		total += weight(k)
	}
	room := share * total
	if w == nil {
		room = math.Floor(room)
	}
	var n, s [2]float64
	for begin := 0; begin < len(r.row) && room > 0; {
		end := begin
		size := weight(end)
		for !r.last[end] {
			end++
			size += weight(end)
		}
		part := 1.0
		if size > room {
			part = room / size
		}
		for k := begin; k <= end; k++ {
			a := arm(r.treated[k])
			n[a] += part * weight(k)
			s[a] += part * weight(k) * r.y[k]
		}
		room -= size
		begin = end + 1
	}
	return s[1]/n[1] - s[0]/n[0]
}
