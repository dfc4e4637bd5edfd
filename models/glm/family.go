package glm

import "math"

// canonical describes one row of a family with its canonical link: the
// log-likelihood without constants, the mean, and minus the second derivative,
// which is the variance too.
type canonical func(eta, y float64) (ll, mean, curve float64)

func (f Family) row() canonical {
	switch f {
	case Logistic:
		return logisticRow
	case Poisson:
		return poissonRow
	default:
		return linearRow
	}
}

func logisticRow(eta, y float64) (ll, mean, curve float64) {
	e := math.Exp(-math.Abs(eta))
	small := e / (1 + e)
	if eta > 0 {
		return -(1-y)*eta - math.Log1p(e), 1 - small, small / (1 + e)
	}
	return y*eta - math.Log1p(e), small, small / (1 + e)
}

func poissonRow(eta, y float64) (ll, mean, curve float64) {
	mean = math.Exp(eta)
	return y*eta - mean, mean, mean
}

func linearRow(eta, y float64) (ll, mean, curve float64) {
	return -(y - eta) * (y - eta) / 2, eta, 1
}

// Mean is the expected answer at a linear predictor: the inverse link.
func (f Family) Mean(eta float64) float64 {
	_, mean, _ := f.row()(eta, 0)
	return mean
}

// link is the linear predictor of a mean.
func (f Family) link(mean float64) float64 {
	switch f {
	case Logistic:
		return math.Log(mean / (1 - mean))
	case Poisson:
		return math.Log(mean)
	default:
		return mean
	}
}

// saturated is the log-likelihood, without constants, of a model that gives
// each row its own answer.
func (f Family) saturated(y float64) float64 {
	switch f {
	case Logistic:
		return xlogx(y) + xlogx(1-y)
	case Poisson:
		return xlogx(y) - y
	default:
		return 0
	}
}

func xlogx(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return x * math.Log(x)
}

// at evaluates all rows at eta: fills the residuals w(y-mean) and the weights
// w·curve and returns the log-likelihood without constants.
func (p *problem) at(eta, resid, curve []float64) float64 {
	if p.family == Logistic && p.weights == nil {
		return logisticRows(eta, p.y, resid, curve)
	}
	row, total := p.family.row(), 0.0
	for i, e := range eta {
		w := p.weight(i)
		ll, mean, c := row(e, p.y[i])
		if w == 0 {
			resid[i], curve[i] = 0, 0
			continue
		}
		total += w * ll
		resid[i], curve[i] = w*(p.y[i]-mean), w*c
	}
	return total
}

// logisticRows is logisticRow for all rows of weight 1; one logarithm serves
// many rows, as the product of their arguments.
func logisticRows(eta, y, resid, curve []float64) float64 {
	total, product := 0.0, 1.0
	for i, x := range eta {
		e := math.Exp(-math.Abs(x))
		grown := 1 + e
		small := e / grown
		mean := small
		if x > 0 {
			mean = 1 - small
			total -= (1 - y[i]) * x
		} else {
			total += y[i] * x
		}
		product *= grown
		if product > 1e300 {
			total -= math.Log(product)
			product = 1
		}
		resid[i], curve[i] = y[i]-mean, small/grown
	}
	return total - math.Log(product)
}
