package survival

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Renewal names a model of contracts that end period by period.
type Renewal string

// Renewal models.
const (
	// ShiftedBeta (sBG): each customer leaves at each renewal with a
	// probability of her own, always the same; these are beta distributed.
	// Retention rises with age only because those likely to leave are gone.
	// Fader and Hardie, Journal of Interactive Marketing 21 (2007).
	ShiftedBeta Renewal = "sbg"
	// BetaWeibull (BdW): in addition each customer's own probability may fall
	// (c < 1) or rise (c > 1) with age. With c = 1 it is ShiftedBeta. Fader,
	// Hardie, Liu, Davin and Steenburgh, Journal of Interactive Marketing 43
	// (2018).
	BetaWeibull Renewal = "bdw"
)

// Cohort is a number of customers who began in the same period.
type Cohort struct {
	// Left[t] left at the end of their (Age+t+1)-th period.
	Left []float64
	// Stayed are still there after the last of these periods.
	Stayed float64
	// Age is the number of periods they had been customers before observation
	// began, of which those who left earlier are not known; mostly 0.
	Age int
}

// CohortOf makes a cohort from the numbers active at the start and after each
// period, which do not rise.
func CohortOf(active ...float64) (Cohort, error) {
	if len(active) < 2 {
		return Cohort{}, fail(InvalidData, "a cohort needs its size and at least one later number, %d given", len(active))
	}
	c, before := Cohort{Stayed: active[len(active)-1]}, math.Inf(1)
	for t, n := range active {
		if !finite(n) || n < 0 || n > before {
			return Cohort{}, failAt(t, -1, "the number active after %d periods is %v; numbers are not negative and do not rise", t, n)
		}
		if t > 0 {
			c.Left = append(c.Left, before-n)
		}
		before = n
	}
	return c, nil
}

// CohortsOf makes one cohort of many customers of different ages: the Time of
// each is the number of periods seen, at the end of which she left (Event) or
// was still there; her Entry the number of periods she had been there before.
func CohortsOf(times Times) ([]Cohort, error) {
	if err := times.check(false); err != nil {
		return nil, err
	}
	most := 0
	for i, at := range times.Time {
		from := 0.0
		if times.Entry != nil {
			from = math.Max(times.Entry[i], 0)
		}
		if at != math.Trunc(at) || from != math.Trunc(from) || at > longest {
			return nil, failAt(i, -1, "row %d lasts from %v to %v; count whole periods, at most %d", i, from, at, longest)
		}
		most = max(most, int(at))
	}
	list := make([]Cohort, 0, len(times.Time))
	for i, at := range times.Time {
		c, w := Cohort{}, times.weight(i)
		if times.Entry != nil {
			c.Age = int(math.Max(times.Entry[i], 0))
		}
		if at == 0 || w == 0 {
			continue // nothing seen of her yet
		}
		c.Left = make([]float64, int(at)-c.Age)
		if times.Event[i] {
			c.Left[len(c.Left)-1] = w
		} else {
			c.Stayed = w
		}
		list = append(list, c)
	}
	return list, nil
}

// longest is the greatest age in periods that is taken.
const longest = 100_000

// exposure counts, for each age, who left and who passed: all that the
// likelihood needs of any number of cohorts.
type exposure struct {
	left, passed []float64 // by age, the first period at 0
	customers    float64
	churned      float64
}

func exposureOf(cohorts []Cohort) (*exposure, error) {
	e := &exposure{}
	for k, c := range cohorts {
		if c.Age < 0 || c.Age+len(c.Left) > longest {
			return nil, failAt(k, -1, "cohort %d spans the ages %d to %d; ages are from 0 to %d", k, c.Age, c.Age+len(c.Left), longest)
		}
		if !finite(c.Stayed) || c.Stayed < 0 {
			return nil, failAt(k, -1, "%v customers of cohort %d stayed; numbers are finite and not negative", c.Stayed, k)
		}
		there := c.Stayed
		for t := len(c.Left) - 1; t >= 0; t-- {
			n := c.Left[t]
			if !finite(n) || n < 0 {
				return nil, failAt(k, t, "%v customers of cohort %d left in period %d; numbers are finite and not negative", n, k, c.Age+t+1)
			}
			e.grow(c.Age + t + 1)
			e.left[c.Age+t] += n
			e.passed[c.Age+t] += there
			there += n
			e.churned += n
		}
		e.customers += there
	}
	return e, nil
}

func (e *exposure) grow(n int) {
	for len(e.left) < n {
		e.left, e.passed = append(e.left, 0), append(e.passed, 0)
	}
}

// ages is the number of ages at which somebody was seen.
func (e *exposure) ages() int {
	count := 0
	for t := range e.left {
		if e.left[t]+e.passed[t] > 0 {
			count++
		}
	}
	return count
}

// Process is a renewal model with known parameters: with
//
//	S(t) = B(Alpha, Beta + t^C) / B(Alpha, Beta)
//
// the share still there after t periods; C is 1 for ShiftedBeta. The mean
// probability to leave at the first renewal is, with C = 1,
// Alpha/(Alpha+Beta); small Alpha and Beta mean that customers differ much.
type Process struct {
	Model Renewal `json:"model"`
	Alpha float64 `json:"alpha"`
	Beta  float64 `json:"beta"`
	C     float64 `json:"c"`
}

// NewProcess takes known parameters; c is ignored for ShiftedBeta.
func NewProcess(model Renewal, alpha, beta, c float64) (Process, error) {
	if model == ShiftedBeta {
		c = 1
	}
	p := Process{model, alpha, beta, c}
	if model != ShiftedBeta && model != BetaWeibull {
		return p, fail(InvalidOption, "there is no renewal model %q; take %q or %q", model, ShiftedBeta, BetaWeibull)
	}
	for _, v := range []struct {
		name        string
		value, most float64
	}{{"alpha", alpha, 1e12}, {"beta", beta, 1e12}, {"c", c, 50}} {
		if !(v.value > 0 && v.value <= v.most) {
			return p, fail(InvalidOption, "%s is %v; it is above 0 and at most %v", v.name, v.value, v.most)
		}
	}
	return p, nil
}

// gammaRise is ln Γ(u+d) - ln Γ(u) for u > 0, d ≥ 0, without the loss of
// digits of the difference where u is large.
func gammaRise(u, d float64) float64 {
	if u < 30 {
		a, _ := math.Lgamma(u + d)
		b, _ := math.Lgamma(u)
		return a - b
	}
	return (u-0.5)*math.Log1p(d/u) + d*math.Log(u+d) - d + stirling(u+d) - stirling(u)
}

// stirling is the correction series of ln Γ, to rounding from 30 on.
func stirling(x float64) float64 {
	q := 1 / (x * x)
	return (1.0/12 - q*(1.0/360-q*(1.0/1260-q/1680))) / x
}

// logRetention is the logarithm of the share that renews at the end of the
// t-th period, t from 1.
func (p Process) logRetention(t float64) float64 {
	before := math.Pow(t-1, p.C)
	step := math.Pow(t, p.C) - before
	u := p.Beta + before
	if p.C == 1 {
		return -math.Log1p(p.Alpha / u)
	}
	return gammaRise(u, step) - gammaRise(p.Alpha+u, step)
}

// Retention is the share of the customers in their t-th period who renew.
func (p Process) Retention(t int) float64 { return math.Exp(p.logRetention(float64(max(t, 1)))) }

// logSurvival is ln S(t).
func (p Process) logSurvival(t float64) float64 {
	if t <= 0 {
		return 0
	}
	rise := math.Pow(t, p.C)
	return math.Min(gammaRise(p.Beta, rise)-gammaRise(p.Alpha+p.Beta, rise), 0)
}

// Survival is the share of a cohort still there after t periods.
func (p Process) Survival(t int) float64 { return math.Exp(p.logSurvival(float64(t))) }

// SurvivalGiven is the probability that a customer who is there after age
// periods is there after ahead more.
func (p Process) SurvivalGiven(age, ahead int) float64 {
	return math.Exp(math.Min(p.logSurvival(float64(age+ahead))-p.logSurvival(float64(age)), 0))
}

// finiteMean says whether lifetimes have a mean: S falls as t^(-C·Alpha).
func (p Process) finiteMean() bool { return p.C*p.Alpha > 1 }

// summed is the number of terms of an infinite sum that are added one by one;
// the rest is an integral.
const summed = 20_000

// Remaining is the expected number of further renewals of a customer who is
// there after age periods, within the next horizon periods, or for ever with
// horizon 0. For ever it may be infinite, which is an error: where C·Alpha is
// at most 1 so many stay so long that there is no mean.
func (p Process) Remaining(age, horizon int) (float64, error) {
	if age < 0 || horizon < 0 {
		return 0, fail(InvalidOption, "the age is %d and the horizon %d; both are from 0 up", age, horizon)
	}
	if horizon == 0 && !p.finiteMean() {
		return 0, fail(Undefined, "the expected lifetime is infinite: too many customers hardly ever leave; give a horizon, or discount")
	}
	if horizon == 0 && p.C == 1 {
		return (p.Beta + float64(age)) / (p.Alpha - 1), nil
	}
	base, total := p.logSurvival(float64(age)), 0.0
	end := horizon
	if horizon == 0 {
		end = summed
	}
	for k := 1; k <= end; k++ {
		s := math.Exp(p.logSurvival(float64(age+k)) - base)
		total += s
		if s < 1e-17*total {
			return total, nil
		}
	}
	if horizon == 0 {
		// Beyond, S is a power of t but for terms of order 1/t^C.
		t := float64(age+end) + 0.5
		total += math.Exp(p.logSurvival(t)-base) * t / (p.C*p.Alpha - 1)
	}
	return total, nil
}

// smallestRate is the least discount rate a period; below, sums would not end.
const smallestRate = 1e-4

// DERL is the discounted expected residual lifetime: the expected number of
// further renewals of a customer who is there after age periods and is about
// to renew or not, the next one in full and each later one discounted by rate
// a period more. Times the net value of a period it is what a customer is
// still worth. Fader and Hardie, Marketing Science 29 (2010), whose n is
// age+1.
func (p Process) DERL(age int, rate float64) (float64, error) {
	if age < 0 {
		return 0, fail(InvalidOption, "the age is %d; it is from 0 up", age)
	}
	if !(rate >= smallestRate && finite(rate)) {
		return 0, fail(InvalidOption, "the discount rate is %v a period; it is at least %v", rate, smallestRate)
	}
	total, factor, logS := 0.0, 1.0, 0.0
	base := float64(age)
	for k := 1.0; ; k++ {
		logS += p.logRetention(base + k)
		term := factor * math.Exp(logS)
		total += term
		factor /= 1 + rate
		// What is left is at most a geometric series.
		if !(term/rate > 1e-13*total) {
			return total, nil
		}
	}
}

// DEL is the discounted expected lifetime of a new customer, her first period
// included.
func (p Process) DEL(rate float64) (float64, error) {
	d, err := p.DERL(0, rate)
	return 1 + d/(1+rate), err
}

// slopes of ln retention of period t by ln alpha, ln beta and ln c.
func (p Process) slopes(t float64) [3]float64 {
	before := math.Pow(t-1, p.C)
	after := math.Pow(t, p.C)
	u, v := p.Beta+before, p.Beta+after
	atU := mathext.Digamma(u) - mathext.Digamma(p.Alpha+u)
	atV := mathext.Digamma(v) - mathext.Digamma(p.Alpha+v)
	growU, growV := 0.0, after*math.Log(t)
	if t > 1 {
		growU = before * math.Log(t-1)
	}
	return [3]float64{
		p.Alpha * (mathext.Digamma(p.Alpha+u) - mathext.Digamma(p.Alpha+v)),
		p.Beta * (atV - atU),
		p.C * (atV*growV - atU*growU),
	}
}

// String says what the process is.
func (p Process) String() string {
	if p.Model == ShiftedBeta {
		return fmt.Sprintf("sBG alpha %.4g beta %.4g", p.Alpha, p.Beta)
	}
	return fmt.Sprintf("BdW alpha %.4g beta %.4g c %.4g", p.Alpha, p.Beta, p.C)
}
