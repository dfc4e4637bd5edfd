// Package compare tells whether groups of people differ: two of them, in how often something is true of them (two), and one of them then and
// now, in how it lies (stability). It is arithmetic alone.
package compare

import "math"

// Two are two groups of people, the first beside the others: how many they are, and of how many of them something is true.
type Two struct {
	People, True, Others, TrueOthers float64
}

// What is asked before a difference is told: a z that chance reaches once in a thousand, for several things and places are looked at; enough
// people on both sides; and, of a ratio and of a difference of shares, that it is worth telling.
const (
	leastZ      = 3.3
	ratioPeople = 40
	leastRatio  = 1.15
	sharePeople = 20
	leastPoints = 0.03
)

// Z is the difference of both shares in units of what chance does; 0 where it is true of all or of nobody.
func (t Two) Z() float64 {
	pooled := (t.True + t.TrueOthers) / (t.People + t.Others)
	if pooled <= 0 || pooled >= 1 {
		return 0
	}
	return (t.True/t.People - t.TrueOthers/t.Others) / math.Sqrt(pooled*(1-pooled)*(1/t.People+1/t.Others))
}

// Ratio is that of both shares, with the interval in which it lies 95 times in 100 (Katz, on the logarithm); false where there are too few to
// tell one.
func (t Two) Ratio() (ratio, low, high float64, ok bool) {
	if t.People < ratioPeople || t.Others < ratioPeople || t.True == 0 || t.TrueOthers == 0 {
		return 0, 0, 0, false
	}
	ratio = (t.True / t.People) / (t.TrueOthers / t.Others)
	spread := math.Sqrt(1/t.True - 1/t.People + 1/t.TrueOthers - 1/t.Others)
	return ratio, ratio * math.Exp(-1.96*spread), ratio * math.Exp(1.96*spread), true
}

// Oftener says whether a ratio is worth telling.
func (t Two) Oftener() bool {
	ratio, _, _, ok := t.Ratio()
	return ok && ratio >= leastRatio && t.Z() >= leastZ
}

// Enough says whether so many people can be compared by their share at all.
func Enough(people float64) bool { return people >= sharePeople }

// Above says whether the share of the first lies clearly above that of all together.
func (t Two) Above() bool {
	return Enough(t.People) && Enough(t.Others) && t.True/t.People-(t.True+t.TrueOthers)/(t.People+t.Others) >= leastPoints && t.Z() >= leastZ
}
