package classify

import (
	"math"
	"slices"

	"github.com/dangol/dangol/models/glm"
)

// stackRidge keeps weights of learners that say nearly the same apart from each other's noise: a prior far weaker than a hundred rows.
const stackRidge = 1

// combine fits ln(p/(1-p)) = a + Σ w_k z_k with w_k ≥ 0. Learners with a negative weight are left out, the most negative first: the
// likelihood is concave, so on few learners this ends where the constrained maximum is, or next to it.
func combine(z [][]float64, y, weights []float64) (a float64, w []float64, err error) {
	w = make([]float64, len(z))
	in := make([]int, len(z))
	for k := range in {
		in[k] = k
	}
	for len(in) > 0 {
		x := make([][]float64, len(in))
		for j, k := range in {
			x[j] = z[k]
		}
		f, err := glm.Fit(glm.Logistic, glm.Data{X: x, Y: y, Weights: weights}, glm.Options{Ridge: stackRidge})
		if err != nil {
			return 0, nil, err
		}
		worst, least := -1, 0.0
		for j := range in {
			if c := f.Coefficients[j+1].Value; c < least {
				worst, least = j, c
			}
		}
		if worst < 0 {
			for j, k := range in {
				w[k] = f.Coefficients[j+1].Value
			}
			return f.Coefficients[0].Value, w, nil
		}
		in = slices.Delete(in, worst, worst+1)
	}
	return logOdds(share(y, weights)), w, nil
}

// share is the share of yes.
func share(y, weights []float64) float64 {
	sum, total := 0.0, 0.0
	for i := range y {
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		sum += w * y[i]
		total += w
	}
	return sum / total
}

func logOdds(p float64) float64 { return math.Log(p) - math.Log1p(-p) }

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// logLoss is the mean of -ln of what was given to the answer, from log-odds.
func logLoss(z, y, weights []float64) float64 {
	sum, total := 0.0, 0.0
	for i := range y {
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		x := z[i]
		if y[i] == 1 {
			x = -x
		}
		sum += w * (max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))))
		total += w
	}
	return sum / total
}
