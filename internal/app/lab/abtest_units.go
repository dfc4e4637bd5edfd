package lab

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/models/experiment"
	"github.com/dangol/dangol/models/glm"
)

// abUnits are what was dealt at random: rows, or ids. An outcome that is not there is NaN.
type abUnits struct {
	values    []string // of the arms, the control first
	arm       []int
	outcome   []float64
	per       []float64
	columns   []glm.Column // covariates
	covariate []float64
	stratum   []string
	yesNo     bool
}

// abColumns are places in the sheet; -1 for none.
type abColumns struct {
	arm, outcome, per, stratum, id int
	covariates                     []int
}

func (s *Sheet) abColumns(o ABTestOptions) (c abColumns, err error) {
	for _, one := range []struct {
		into       *int
		name, flag string
	}{{&c.arm, o.Arm, "--arm"}, {&c.outcome, o.Outcome, "--outcome"}, {&c.per, o.Per, "--per"}, {&c.stratum, o.Stratum, "--stratum"}, {&c.id, o.ID, "--id"}} {
		if *one.into = -1; one.name != "" {
			if *one.into, err = s.column(one.name, one.flag); err != nil {
				return c, err
			}
		}
	}
	c.covariates, err = s.columns(o.Covariate, "--covariate")
	for _, j := range append(slices.Clone(c.covariates), c.stratum, c.outcome, c.per) {
		if err == nil && (j == c.arm || j >= 0 && j == c.outcome && slices.Contains(append(slices.Clone(c.covariates), c.stratum, c.per), j)) {
			return c, fault.Newf(fault.Invalid, "lab.one_column_twice", "column %q is asked to be two things at once", s.Names[j]).At(fault.Place{File: s.Name, Field: s.Names[j]}).
				Then("Arm, outcome, covariates and stratum are different columns; covariates and strata were known before the trial.")
		}
	}
	return c, err
}

// units reads the trial.
func (r *ABTestReport) units(s *Sheet, o ABTestOptions) (*abUnits, error) {
	c, err := s.abColumns(o)
	if err != nil {
		return nil, err
	}
	r.Column, r.Outcome = s.Names[c.arm], s.Names[c.outcome]
	u := &abUnits{}
	if u.values, err = s.armValues(c.arm, o.Control); err != nil {
		return nil, err
	}
	var rows []int
	place := map[string]int{}
	for k, v := range u.values {
		place[v] = k
	}
	for i, v := range s.Cells[c.arm] {
		if k, ok := place[v]; ok {
			rows, u.arm = append(rows, i), append(u.arm, k)
		}
	}
	if n := len(s.Lines) - len(rows); n > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%d rows have nothing in column %q, and belong to no arm.", n, r.Column))
	}
	if err := r.outcomes(s, c, u, rows, o); err != nil {
		return nil, err
	}
	for _, j := range c.covariates {
		u.columns = append(u.columns, s.typed(j, rows))
	}
	if len(c.covariates) > 0 {
		r.Covariate = join(s, c.covariates)
	}
	if c.stratum >= 0 {
		r.Stratum = s.Names[c.stratum]
		for _, i := range rows {
			u.stratum = append(u.stratum, s.Cells[c.stratum][i])
		}
	}
	if c.id >= 0 {
		r.together(s, c.id, u, rows)
	}
	r.missing(u)
	return u, nil
}

func join(s *Sheet, columns []int) string {
	names := make([]string, len(columns))
	for k, j := range columns {
		names[k] = s.Names[j]
	}
	return strings.Join(names, ", ")
}

// armValues finds the arms, the control first, then by name.
func (s *Sheet) armValues(by int, control string) ([]string, error) {
	counts := map[string]int{}
	var values []string
	for _, v := range s.Cells[by] {
		if hole(v) && v != control {
			continue
		}
		if counts[v]++; counts[v] == 1 {
			values = append(values, v)
		}
	}
	place := fault.Place{File: s.Name, Field: s.Names[by]}
	sort.SliceStable(values, func(i, k int) bool { return counts[values[i]] < counts[values[k]] })
	switch {
	case len(values) > mostArms:
		return nil, fault.Newf(fault.Invalid, "lab.many_arms", "column %q has %d different values; no trial has more than %d arms", s.Names[by], len(values), mostArms).At(place).
			Then("Name by --arm the column that says who got what; here: " + sample(values, counts) + ".")
	case counts[control] == 0:
		return nil, fault.Newf(fault.Invalid, "lab.no_arm", "nobody in column %q is %q", s.Names[by], control).At(place).
			Then("Its values are " + sample(values, counts) + "; give the one to compare with by --control.")
	case len(values) < 2:
		return nil, fault.Newf(fault.Invalid, "lab.one_arm", "everybody in column %q is %q, so there is nothing to compare with", s.Names[by], control).At(place).
			Then("Name by --arm the column that says who got what.")
	}
	slices.Sort(values)
	values = slices.DeleteFunc(values, func(v string) bool { return v == control })
	return slices.Insert(values, 0, control), nil
}

// outcomes reads the outcome, and what it is divided by.
func (r *ABTestReport) outcomes(s *Sheet, c abColumns, u *abUnits, rows []int, o ABTestOptions) error {
	u.outcome = make([]float64, len(rows))
	if o.Positive != "" || !s.all(c.outcome, rows, number, u.outcome) {
		positive, err := s.positive(c.outcome, rows, o.Positive)
		if err != nil {
			return err
		}
		r.Positive = positive
		for k, i := range rows {
			switch cell := s.Cells[c.outcome][i]; {
			case hole(cell):
				u.outcome[k] = math.NaN()
			case cell == positive:
				u.outcome[k] = 1
			default:
				u.outcome[k] = 0
			}
		}
	}
	r.Kind, u.yesNo = "proportion", true
	for _, y := range u.outcome {
		if !math.IsNaN(y) && y != 0 && y != 1 {
			r.Kind, u.yesNo = "mean", false
		}
	}
	if c.per >= 0 {
		r.Kind, r.Per, u.yesNo = "ratio", s.Names[c.per], false
		u.per = make([]float64, len(rows))
		if !s.all(c.per, rows, number, u.per) {
			return fault.Newf(fault.Invalid, "lab.no_numbers", "column %q is not of numbers only", s.Names[c.per]).At(fault.Place{File: s.Name, Field: s.Names[c.per]}).Then("--per names what the outcome is divided by.")
		}
		for k, d := range u.per {
			if math.IsNaN(d) {
				u.outcome[k] = math.NaN()
			}
		}
	} else if u.yesNo && r.Positive == "" {
		r.Positive = "1"
	}
	return nil
}

// positive finds which of two values counts.
func (s *Sheet) positive(j int, rows []int, asked string) (string, error) {
	some := &Sheet{Name: s.Name, Names: s.Names, Cells: make([][]string, len(s.Names))}
	for _, i := range rows {
		some.Cells[j] = append(some.Cells[j], s.Cells[j][i])
	}
	a, err := some.happened(j, asked, "--positive")
	return a.positive, err
}

// together makes one unit of the rows of an id: outcomes and denominators are summed (of a yes or no, once is yes), covariates averaged.
// An id in two arms belongs to none.
func (r *ABTestReport) together(s *Sheet, id int, u *abUnits, rows []int) {
	first := map[string]int{}
	counts := []float64{}
	both, without := map[int]bool{}, 0
	out := &abUnits{values: u.values, yesNo: u.yesNo, columns: make([]glm.Column, len(u.columns))}
	for c := range u.columns {
		out.columns[c].Name = u.columns[c].Name
	}
	for k, i := range rows {
		name := s.Cells[id][i]
		at, seen := first[name]
		if hole(name) {
			without++
			continue
		}
		if !seen {
			at = len(out.arm)
			first[name] = at
			counts = append(counts, 0)
			out.add(u, k)
		} else {
			out.more(u, k, at, counts[at])
		}
		counts[at]++
		if out.arm[at] != u.arm[k] {
			both[at] = true
		}
	}
	if without > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%d rows have no %s, and were left out.", without, s.Names[id]))
	}
	if len(both) > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%d of %d values of %q were in two arms and were left out; if that is more than a few, people were not dealt once and for all, and the trial cannot be trusted.", len(both), len(out.arm), s.Names[id]))
	}
	*u = abUnits{values: u.values, yesNo: u.yesNo, columns: make([]glm.Column, len(u.columns))}
	for c := range u.columns {
		u.columns[c].Name = out.columns[c].Name
	}
	for at := range out.arm {
		if !both[at] {
			u.add(out, at)
		}
	}
}

// add takes unit k over.
func (u *abUnits) add(from *abUnits, k int) {
	u.arm, u.outcome = append(u.arm, from.arm[k]), append(u.outcome, from.outcome[k])
	if from.per != nil {
		u.per = append(u.per, from.per[k])
	}
	if from.stratum != nil {
		u.stratum = append(u.stratum, from.stratum[k])
	}
	for c := range from.columns {
		if one := &u.columns[c]; from.columns[c].Texts != nil {
			one.Texts = append(one.Texts, from.columns[c].Texts[k])
		} else {
			one.Numbers = append(one.Numbers, from.columns[c].Numbers[k])
		}
	}
}

// more adds another row of the unit at a place, of which there were so many.
func (u *abUnits) more(from *abUnits, k, at int, so float64) {
	switch y := from.outcome[k]; {
	case math.IsNaN(y):
	case math.IsNaN(u.outcome[at]):
		u.outcome[at] = y
		if u.per != nil {
			u.per[at] = from.per[k]
		}
	case u.yesNo:
		u.outcome[at] = max(u.outcome[at], y)
	default:
		u.outcome[at] += y
		if u.per != nil {
			u.per[at] += from.per[k]
		}
	}
	for c := range from.columns {
		x := from.columns[c].Numbers
		if x == nil || math.IsNaN(x[k]) {
			continue
		}
		if mine := &u.columns[c].Numbers[at]; math.IsNaN(*mine) {
			*mine = x[k]
		} else {
			*mine += (x[k] - *mine) / (so + 1)
		}
	}
}

// missing says how many outcomes are not there, and whether that depends on the arm.
func (r *ABTestReport) missing(u *abUnits) {
	n, absent := make([]int, len(u.values)), make([]int, len(u.values))
	total := 0
	for i, y := range u.outcome {
		n[u.arm[i]]++
		if math.IsNaN(y) {
			absent[u.arm[i]]++
			total++
		}
	}
	if total == 0 {
		return
	}
	note := fmt.Sprintf("%d of %d units have no outcome and are not in the means; where an empty cell means 0, write 0.", total, len(u.outcome))
	for k := 1; k < len(n); k++ {
		if z, err := experiment.PooledZ(experiment.Proportion(n[0], absent[0]), experiment.Proportion(n[k], absent[k])); err == nil && z.P < 0.01 {
			note += fmt.Sprintf(" They are %.2f %% of %q and %.2f %% of %q (p %s): what is missing depends on the arm, so the means do not compare the same kinds of people.", 100*float64(absent[0])/float64(n[0]), u.values[0], 100*float64(absent[k])/float64(n[k]), u.values[k], chance(z.P))
			break
		}
	}
	r.Notes = append(r.Notes, note)
}

// forecastFolds of the covariate that several columns make.
const forecastFolds = 5

// foresee makes one covariate: a column of numbers itself, with holes at their mean; of several columns, or words, what a ridge regression
// on the other folds' units, whatever their arm, expects of the outcome (Guo and others 2021).
func (u *abUnits) foresee() error {
	if len(u.columns) == 0 {
		return nil
	}
	u.covariate = make([]float64, len(u.arm))
	if x := u.columns[0].Numbers; len(u.columns) == 1 && x != nil {
		sum, n := 0.0, 0.0
		for _, v := range x {
			if !math.IsNaN(v) {
				sum, n = sum+v, n+1
			}
		}
		for i, v := range x {
			if u.covariate[i] = v; math.IsNaN(v) {
				u.covariate[i] = sum / math.Max(n, 1)
			}
		}
		return nil
	}
	design, err := glm.NewDesign(u.columns, glm.DesignOptions{})
	if err != nil {
		return err
	}
	encoded, err := design.Encode(u.columns)
	if err != nil {
		return err
	}
	for f := range forecastFolds {
		var fit, left []int
		for i, y := range u.outcome {
			if i%forecastFolds == f {
				left = append(left, i)
			} else if !math.IsNaN(y) {
				fit = append(fit, i)
			}
		}
		pick := func(column []float64, rows []int) []float64 {
			list := make([]float64, len(rows))
			for k, i := range rows {
				list[k] = column[i]
			}
			return list
		}
		known, ahead := make([][]float64, len(encoded.X)), make([][]float64, len(encoded.X))
		for j, column := range encoded.X {
			known[j], ahead[j] = pick(column, fit), pick(column, left)
		}
		if len(known) == 0 || len(fit) == 0 {
			continue
		}
		m, err := glm.Fit(glm.Linear, glm.Data{X: known, Y: pick(u.outcome, fit)}, glm.Options{Ridge: 1})
		if err != nil {
			return err
		}
		expected, err := m.Predict(ahead, nil)
		if err != nil {
			return err
		}
		for k, i := range left {
			u.covariate[i] = expected[k]
		}
	}
	return nil
}

// measure sums arm k, by stratum in the order of their names.
func (u *abUnits) measure(k int) ([]experiment.Arm, error) {
	names := []string{""}
	if u.stratum != nil {
		names = slices.Compact(slices.Sorted(slices.Values(u.stratum)))
	}
	place := map[string]int{}
	for i, name := range names {
		place[name] = i
	}
	values := make([]experiment.Values, len(names))
	for i, y := range u.outcome {
		if u.arm[i] != k || math.IsNaN(y) {
			continue
		}
		at := 0
		if u.stratum != nil {
			at = place[u.stratum[i]]
		}
		v := &values[at]
		v.Outcome = append(v.Outcome, y)
		if u.per != nil {
			v.Per = append(v.Per, u.per[i])
		}
		if u.covariate != nil {
			v.Covariate = append(v.Covariate, u.covariate[i])
			if u.per != nil {
				v.CovariatePer = append(v.CovariatePer, 1)
			}
		}
	}
	list := make([]experiment.Arm, len(values))
	for i, v := range values {
		var err error
		if list[i], err = experiment.Measure(v); err != nil {
			return nil, err
		}
	}
	return list, nil
}
