package forecast

import "math"

// descend finds a low point of f from x by the quasi-Newton method of Broyden,
// Fletcher, Goldfarb and Shanno, with a search along each line that only ever
// goes down. f gives its value, +Inf outside its domain, and writes its slope.
// It ends at a point no worse than x.
func descend(x []float64, passes int, f func(x, slope []float64) float64) float64 {
	n := len(x)
	h := make([]float64, n*n) // the inverse of the curvature
	all := make([]float64, 5*n)
	g, next, gNext, dir, hy := all[:n], all[n:2*n], all[2*n:3*n], all[3*n:4*n], all[4*n:]
	value := f(x, g)
	fresh, flat := true, 0
	for range passes {
		if fresh {
			clear(h)
			for i := range n {
				h[i*n+i] = 1 / math.Max(1, norm(g))
			}
		}
		down := 0.0
		for i := range n {
			sum := 0.0
			for j, v := range g {
				sum -= h[i*n+j] * v
			}
			dir[i] = sum
			down += sum * g[i]
		}
		if !(down < 0) {
			if fresh {
				return value
			}
			fresh = true
			continue
		}
		if down > -1e-11*(1+math.Abs(value)) {
			return value
		}
		found, ok := search(x, dir, next, gNext, value, down, f)
		if !ok {
			if fresh {
				return value
			}
			fresh = true
			continue
		}
		if value-found < 1e-10*(1+math.Abs(value)) {
			if flat++; flat > 2 {
				copy(x, next)
				return found
			}
		} else {
			flat = 0
		}
		fresh = !update(h, x, next, g, gNext, hy, fresh)
		copy(x, next)
		copy(g, gNext)
		value = found
	}
	return value
}

// search goes along a direction until the value has fallen enough.
func search(x, dir, next, gNext []float64, value, down float64, f func(x, slope []float64) float64) (float64, bool) {
	for step := 1.0; step > 1e-12; {
		for i := range x {
			next[i] = x[i] + step*dir[i]
		}
		found := f(next, gNext)
		if found <= value+1e-4*step*down {
			return found, true
		}
		shrink := 0.1
		if !math.IsInf(found, 1) && !math.IsNaN(found) {
			shrink = math.Min(0.5, math.Max(0.1, -down*step/(2*(found-value-down*step))))
		}
		step *= shrink
	}
	return value, false
}

// update learns the curvature from a step; false where it cannot.
func update(h, x, next, g, gNext, hy []float64, fresh bool) bool {
	n := len(x)
	sy, yy := 0.0, 0.0
	for i := range n {
		d := gNext[i] - g[i]
		sy += (next[i] - x[i]) * d
		yy += d * d
	}
	if !(sy > 1e-14*math.Sqrt(yy)) {
		return !fresh && sy > -1
	}
	if fresh {
		for i := range n {
			h[i*n+i] = sy / yy
		}
	}
	yhy := 0.0
	for i := range n {
		sum := 0.0
		for j := range n {
			sum += h[i*n+j] * (gNext[j] - g[j])
		}
		hy[i] = sum
		yhy += sum * (gNext[i] - g[i])
	}
	a := (1 + yhy/sy) / sy
	for i := range n {
		si := next[i] - x[i]
		for j := range n {
			sj := next[j] - x[j]
			h[i*n+j] += a*si*sj - (hy[i]*sj+si*hy[j])/sy
		}
	}
	return true
}

func norm(v []float64) float64 {
	sum := 0.0
	for _, a := range v {
		sum += a * a
	}
	return math.Sqrt(sum)
}
