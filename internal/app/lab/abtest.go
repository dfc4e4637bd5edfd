package lab

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/models/experiment"
)

// ABTestOptions of a comparison of arms. Column names are as in the file.
type ABTestOptions struct {
	Arm      string // the column that says who got what
	Control  string // its value to compare with
	Outcome  string // numbers, or two values
	Positive string // the value that counts as yes; empty means a word for yes
	Per      string // the denominator of a ratio, or empty
	// Covariate columns, known before the trial, separated by commas.
	Covariate  string
	Stratum    string
	ID         string // rows of one id are one unit
	Split      string // the planned sizes, as "a=1,b=2"; empty means equal
	Lower      bool   // less of the outcome is better
	Sequential bool
	Expected   int // units at which the sequential interval is narrowest
	Level      float64
}

// ABTestReport says what the arms of a trial did, and whether that can be trusted.
type ABTestReport struct {
	File       string  `json:"file"`
	Column     string  `json:"column"`
	Control    string  `json:"control"`
	Outcome    string  `json:"outcome"`
	Positive   string  `json:"positive,omitempty"` // the value counted as yes
	Kind       string  `json:"kind"`               // proportion, mean or ratio
	Per        string  `json:"per,omitempty"`
	Covariate  string  `json:"covariate,omitempty"`
	Stratum    string  `json:"stratum,omitempty"`
	Sequential bool    `json:"sequential"`
	Level      float64 `json:"level"`
	Units      int     `json:"units"`
	// Split compares all units' arms with the plan, in the order of Arms.
	Split      *experiment.Ratio `json:"sample_ratio"`
	SplitWords string            `json:"sample_ratio_words"`
	Arms       []ABTestArm       `json:"arms"` // the control first
	Verdict    string            `json:"verdict"`
	Notes      []string          `json:"notes"`
}

// ABTestArm is one arm, and for all but the control what it differs.
type ABTestArm struct {
	Value string  `json:"arm"`
	Dealt int     `json:"dealt"` // units dealt to it
	Units int     `json:"n"`     // of them with an outcome
	Mean  float64 `json:"mean"`  // or share of yes, or ratio
	Yes   *int    `json:"yes,omitempty"`

	Difference *experiment.Estimate `json:"difference,omitempty"`
	Relative   *experiment.Estimate `json:"relative,omitempty"`
	// Z is the test of two proportions with their common variance; P is then its.
	Z         *float64 `json:"z,omitempty"`
	P         *float64 `json:"p,omitempty"`
	PAdjusted *float64 `json:"p_adjusted,omitempty"` // for several arms (Holm)
	// Belief is what to think of the difference, knowing nothing else; not with
	// sequential intervals.
	Belief    *experiment.Belief `json:"belief,omitempty"`
	Reduction *float64           `json:"variance_reduction,omitempty"`
	// Detectable is the difference that so many units show four times in five.
	Detectable *float64 `json:"detectable,omitempty"`
	Verdict    string   `json:"verdict,omitempty"`
}

// mostArms of a trial; more is a column of something else.
const mostArms = 50

// ABTest compares the arms of a trial with its control.
func ABTest(ctx context.Context, s *Sheet, o ABTestOptions) (*ABTestReport, error) {
	if o.Level == 0 {
		o.Level = 0.95
	}
	r := &ABTestReport{File: s.Name, Control: o.Control, Sequential: o.Sequential, Level: o.Level, Notes: []string{}}
	u, err := r.units(s, o)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err := r.split(s, u, o); err != nil {
		return nil, err
	}
	if err := r.compare(s, u, o); err != nil {
		return nil, err
	}
	r.judge(o)
	return r, nil
}

// split checks the sizes of the arms.
func (r *ABTestReport) split(s *Sheet, u *abUnits, o ABTestOptions) (err error) {
	counts := make([]int, len(u.values))
	for i := range u.arm {
		counts[u.arm[i]]++
	}
	var shares []float64
	if o.Split != "" {
		if shares, err = planned(s, u.values, o.Split); err != nil {
			return err
		}
	}
	if r.Split, err = experiment.SampleRatio(counts, shares); err != nil {
		return abProblem(s, err)
	}
	for k, value := range u.values {
		r.Arms = append(r.Arms, ABTestArm{Value: value, Dealt: counts[k]})
	}
	r.Units = len(u.arm)
	var sizes []string
	for k, n := range counts {
		sizes = append(sizes, fmt.Sprintf("%d of %q where %.6g were planned", n, u.values[k], r.Split.Planned[k]*float64(r.Units)))
	}
	p := chance(r.Split.P)
	switch r.Split.Verdict {
	case experiment.Fits:
		r.SplitWords = fmt.Sprintf("The arms have the sizes that were planned (p %s).", p)
	case experiment.Doubtful:
		r.SplitWords = fmt.Sprintf("The split is doubtful: %s (p %s). Less than one sound trial in a hundred looks so: find out what could keep people out of an arm before you act.", strings.Join(sizes, ", "), p)
	default:
		r.SplitWords = fmt.Sprintf("The split is broken: %s (p %s). People are missing from an arm, and no figure can be believed until it is known why.", strings.Join(sizes, ", "), p)
	}
	return nil
}

// planned reads "a=1,b=2".
func planned(s *Sheet, values []string, text string) ([]float64, error) {
	shares := make([]float64, len(values))
	for _, part := range strings.Split(text, ",") {
		name, weight, _ := strings.Cut(part, "=")
		x, ok := number(strings.TrimSpace(weight))
		if k := slices.Index(values, strings.TrimSpace(name)); k >= 0 && ok && x > 0 {
			shares[k] = x
		}
	}
	if slices.Contains(shares, 0) {
		return nil, fault.Newf(fault.Invalid, "lab.bad_split", "--split %q does not give every arm a size above 0", text).At(fault.Place{File: s.Name, Field: "--split"}).
			Then("Write one for each of " + strings.Join(values, ", ") + ", as in --split \"" + values[0] + "=1," + values[len(values)-1] + "=1\".")
	}
	return shares, nil
}

// compare fills the arms.
func (r *ABTestReport) compare(s *Sheet, u *abUnits, o ABTestOptions) error {
	if err := u.foresee(); err != nil {
		return abProblem(s, err)
	}
	strata := make([][]experiment.Arm, len(u.values))
	whole := make([]experiment.Arm, len(u.values))
	for k := range strata {
		list, err := u.measure(k)
		if err != nil {
			return abProblem(s, err)
		}
		strata[k] = list
		for _, one := range list {
			whole[k] = whole[k].Join(one)
		}
		a := &r.Arms[k]
		if a.Units = whole[k].N(); a.Units < 2 {
			return fault.Newf(fault.Invalid, "lab.few_in_arm", "arm %q has %d units with an outcome", a.Value, a.Units).At(fault.Place{File: s.Name, Field: r.Column}).
				Then("Leave out its rows, or look whether column " + fmt.Sprintf("%q", r.Outcome) + " is filled for it; a comparison needs two, and tells little below a hundred.")
		}
		a.Mean = whole[k].Mean()
		if u.yesNo {
			yes := int(math.Round(a.Mean * float64(a.Units)))
			a.Yes = &yes
		}
	}
	var ps []float64
	for k := range r.Arms[1:] {
		if err := r.arm(s, u, k+1, strata, whole, o); err != nil {
			return err
		}
		ps = append(ps, *r.Arms[k+1].P)
	}
	if len(ps) > 1 {
		for k, p := range experiment.Holm(ps) {
			r.Arms[k+1].PAdjusted = &p
		}
	}
	r.remarks(u)
	return nil
}

// arm compares one with the control.
func (r *ABTestReport) arm(s *Sheet, u *abUnits, k int, strata [][]experiment.Arm, whole []experiment.Arm, o ABTestOptions) error {
	a := &r.Arms[k]
	c, err := experiment.CompareStrata(strata[0], strata[k], experiment.Options{Level: o.Level, Sequential: o.Sequential, Expected: o.Expected})
	if err != nil {
		return abProblem(s, err)
	}
	a.Difference, a.Relative, a.P = &c.Absolute, c.Relative, &c.Absolute.P
	adjusted := u.covariate != nil || u.stratum != nil
	if adjusted {
		a.Reduction = &c.Reduction
	}
	if u.yesNo && !adjusted && !o.Sequential {
		z, err := experiment.PooledZ(whole[0], whole[k])
		if err != nil {
			return abProblem(s, err)
		}
		a.Z, a.P = &z.Z, &z.P
	}
	if !o.Sequential { // a belief that knows nothing beforehand must not be watched
		belief, err := experiment.Believe(c.Absolute, nil, o.Level, o.Lower)
		if err != nil {
			return abProblem(s, err)
		}
		a.Belief = &belief
	}
	// What could have been seen: by the standard error as it came out.
	half, power := (c.Absolute.High-c.Absolute.Low)/2, 0.8416212335729143*c.Absolute.SE
	seen := half + power
	a.Detectable = &seen
	for _, w := range c.Warnings {
		if note := fmt.Sprintf("%q: %s.", a.Value, w.Message); !slices.Contains(r.Notes, note) {
			r.Notes = append(r.Notes, note)
		}
	}
	return nil
}

// remarks are about the data as a whole.
func (r *ABTestReport) remarks(u *abUnits) {
	if r.Kind != "mean" {
		return
	}
	need, least := 0, math.MaxInt
	for k := range r.Arms {
		var list []float64
		for i, arm := range u.arm {
			if arm == k && !math.IsNaN(u.outcome[i]) {
				list = append(list, u.outcome[i])
			}
		}
		need, least = max(need, experiment.EnoughFor(list)), min(least, len(list))
	}
	if least < need {
		r.Notes = append(r.Notes, fmt.Sprintf("%s is so skewed that a mean of %d units is not yet normally distributed (about %d an arm would do): take intervals and p values as rough, and compare the share with any %s as well.", r.Outcome, least, need, r.Outcome))
	}
}

// abProblem says what the statistics refuse.
func abProblem(s *Sheet, err error) error {
	text := err.Error()
	if known := (*experiment.Error)(nil); errors.As(err, &known) {
		text = known.Message
	}
	return fault.New(fault.Invalid, "lab.cannot_compare", text).At(fault.Place{File: s.Name}).Then("Look at the columns named by --arm, --outcome, --covariate and --stratum.")
}

// judge says in words what came out.
func (r *ABTestReport) judge(o ABTestOptions) {
	var shown, unclear []string
	for k := range r.Arms[1:] {
		a := &r.Arms[k+1]
		p := *a.P
		if a.PAdjusted != nil {
			p = *a.PAdjusted
		}
		between := fmt.Sprintf("%s (%s to %s)", r.signed(a.Difference.Value), r.bare(a.Difference.Low), r.bare(a.Difference.High))
		if a.Reduction != nil {
			between = "adjusted " + between
		}
		several := ""
		if a.PAdjusted != nil {
			several = fmt.Sprintf(" for %d arms", len(r.Arms)-1)
		}
		if p < 1-r.Level {
			verb, good := "raises", !o.Lower
			if a.Difference.Value < 0 {
				verb, good = "lowers", o.Lower
			}
			a.Verdict = fmt.Sprintf("%q %s %s: %s instead of %s, %s, p %s%s.", a.Value, verb, r.what(), r.level(a.Mean), r.level(r.Arms[0].Mean), between, chance(p), several)
			shown = append(shown, fmt.Sprintf("%q is %s than %q", a.Value, map[bool]string{true: "better", false: "worse"}[good], r.Control))
			continue
		}
		a.Verdict = fmt.Sprintf("No difference of %q to %q is shown in %s: %s against %s, %s, p %s%s. A difference of %s would be seen four times in five.",
			a.Value, r.Control, r.what(), r.level(a.Mean), r.level(r.Arms[0].Mean), between, chance(p), several, strings.TrimPrefix(r.signed(*a.Detectable), "+"))
		unclear = append(unclear, fmt.Sprintf("%q", a.Value))
	}
	switch {
	case r.Split.Verdict == experiment.Broken:
		r.Verdict = "Do not act on this: the split is broken."
	case len(shown) == 0:
		r.Verdict = fmt.Sprintf("No arm is shown to differ from %q.", r.Control)
	default:
		r.Verdict = strings.ToUpper(shown[0][:1]) + strings.Join(shown, "; ")[1:]
		if len(unclear) > 0 {
			r.Verdict += "; " + strings.Join(unclear, ", ") + " not shown to differ"
		}
		r.Verdict += "."
	}
	if r.Split.Verdict == experiment.Doubtful {
		r.Verdict += " But the split is doubtful: see first why."
	}
	if !o.Sequential {
		return
	}
	r.Verdict += " It may be looked at again at any time."
}

// what is being compared, in words.
func (r *ABTestReport) what() string {
	switch {
	case r.Per != "":
		return r.Outcome + " per " + r.Per
	case r.Positive != "" && r.Positive != "1":
		return fmt.Sprintf("%s = %s", r.Outcome, r.Positive)
	}
	return r.Outcome
}

// level writes a mean or a share.
func (r *ABTestReport) level(x float64) string {
	if r.Kind == "proportion" {
		return fmt.Sprintf("%.2f %%", 100*x)
	}
	return fmt.Sprintf("%.4g", x)
}

// signed writes a difference, bare without its unit.
func (r *ABTestReport) signed(x float64) string {
	if r.Kind == "proportion" {
		return r.bare(x) + " points"
	}
	return r.bare(x)
}

func (r *ABTestReport) bare(x float64) string {
	if r.Kind == "proportion" {
		return fmt.Sprintf("%+.2f", 100*x)
	}
	return fmt.Sprintf("%+.4g", x)
}
