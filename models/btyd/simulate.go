package btyd

import (
	"math"
	"math/rand/v2"
)

// Simulate draws the repeat order times of one new customer in (0, t].
func (p Process) Simulate(rng *rand.Rand, t float64) []float64 {
	rate := Gamma(rng, p.Params[0]) / p.Params[1]
	end, leave := t, 0.0
	if p.Model == ParetoNBD {
		end = math.Min(t, rng.ExpFloat64()/(Gamma(rng, p.Params[2])/p.Params[3]))
	} else {
		ga, gb := Gamma(rng, p.Params[2]), Gamma(rng, p.Params[3])
		leave = ga / (ga + gb)
		if p.Model == MBGNBD && rng.Float64() < leave {
			return nil
		}
	}
	var times []float64
	for at := rng.ExpFloat64() / rate; at <= end; at += rng.ExpFloat64() / rate {
		times = append(times, at)
		if leave > 0 && rng.Float64() < leave {
			break
		}
	}
	return times
}

// Gamma draws from Gamma(shape, 1), by Marsaglia and Tsang (2000).
func Gamma(rng *rand.Rand, shape float64) float64 {
	if shape < 1 {
		// Gamma(k) = Gamma(k+1) U^(1/k); never exactly 0, for it divides.
		return math.Max(Gamma(rng, shape+1)*math.Pow(1-rng.Float64(), 1/shape), 1e-300)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		z := rng.NormFloat64()
		v := 1 + c*z
		if v <= 0 {
			continue
		}
		v *= v * v
		if math.Log(1-rng.Float64()) < z*z/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
