package btyd

// The batch functions fill dst, which must be as long as patterns, using all
// cores. They are fastest on patterns ordered as Group orders them.

// PAliveAll is PAlive for each pattern.
func (p Process) PAliveAll(dst []float64, patterns []Pattern) {}

// ConditionalExpectedAll is ConditionalExpected for each pattern.
func (p Process) ConditionalExpectedAll(dst []float64, patterns []Pattern, t float64) {}

// ProbNoPurchaseAll is ProbNoPurchase for each pattern.
func (p Process) ProbNoPurchaseAll(dst []float64, patterns []Pattern, t float64) {}

// DiscountedExpectedAll is DiscountedExpected for each pattern.
func (p Process) DiscountedExpectedAll(dst []float64, patterns []Pattern, horizon, annualRate float64) {
}
