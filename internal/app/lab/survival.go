package lab

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/models/glm"
	"github.com/dangol/dangol/models/survival"
)

// SurvivalOptions of a question how long. Column names are as in the file.
type SurvivalOptions struct {
	Time     string // how long each row was seen
	Event    string // whether it ended with the event
	Positive string // value of Event that says so; "" is a word for yes, or 1
	Group    string // curves are compared by it
	ID, Drop string
	Bare     bool // no regression
}

// SurvivalReport says how long rows last, how groups differ, and what goes with leaving sooner.
type SurvivalReport struct {
	File      string        `json:"file"`
	Time      string        `json:"time"`
	Event     string        `json:"event"`
	Positive  string        `json:"positive"`
	Rows      int           `json:"rows"`
	SetAside  int           `json:"set_aside"` // without a time or an event
	Malformed int64         `json:"malformed_rows"`
	Events    int           `json:"events"`
	Curves    []CurveReport `json:"curves"` // all rows first, then each group
	LogRank   *LogRank      `json:"log_rank,omitempty"`
	Cox       *CoxReport    `json:"cox,omitempty"`
	Notes     []string      `json:"notes"`
}

// CurveReport is a Kaplan–Meier curve at some times.
type CurveReport struct {
	Group  string            `json:"group,omitempty"`
	Rows   int               `json:"rows"`
	Events int               `json:"events"`
	Median survival.Quantile `json:"median"`
	// Mean is the mean time until Until at most: the least of the groups' last times, so that groups compare. nil where that is 0.
	Mean   *float64    `json:"restricted_mean,omitempty"`
	Until  float64     `json:"until"`
	Shares []TimeShare `json:"shares"`
}

// TimeShare is the share still there at a time.
type TimeShare struct {
	Time     float64 `json:"time"`
	Survival float64 `json:"survival"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// LogRank compares the groups.
type LogRank struct {
	Statistic float64 `json:"statistic"`
	Freedom   int     `json:"freedom"`
	P         float64 `json:"p"`
}

// CoxReport is a proportional hazards regression on the other columns.
type CoxReport struct {
	Terms       []CoxTerm `json:"terms"`
	LogLik      float64   `json:"log_lik"`
	Concordance float64   `json:"concordance"`
}

// CoxTerm is how a column multiplies the chance to leave at every moment, all else equal.
type CoxTerm struct {
	Name  string  `json:"name"`
	Ratio float64 `json:"hazard_ratio"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	P     float64 `json:"p"`
	// Changing: the test of Schoenfeld residuals says that the ratio changes with time (p below 0.01).
	Changing bool `json:"changes_with_time"`
}

const (
	level      = 0.95
	mostGroups = 20
	sharesTold = 6
)

// Survival makes curves, and a regression unless Bare.
func Survival(ctx context.Context, s *Sheet, o SurvivalOptions) (*SurvivalReport, error) {
	at, err := s.column(o.Time, "--time")
	if err != nil {
		return nil, err
	}
	ended, err := s.column(o.Event, "--event")
	if err != nil {
		return nil, err
	}
	a, err := s.happened(ended, o.Positive, "--positive")
	if err != nil {
		return nil, err
	}
	r := &SurvivalReport{File: s.Name, Time: s.Names[at], Event: s.Names[ended], Positive: a.positive, Malformed: s.Malformed, Notes: []string{}}
	rows, times, err := s.lifetimes(at, a)
	if err != nil {
		return nil, err
	}
	r.Rows, r.SetAside = len(rows), len(s.Lines)-len(rows)
	for _, e := range times.Event {
		if e {
			r.Events++
		}
	}
	if err := r.curves(s, o, rows, times); err != nil {
		return nil, err
	}
	if o.Bare || ctx.Err() != nil {
		return r, ctx.Err()
	}
	return r, r.cox(s, o, []int{at, ended}, rows, times)
}

// lifetimes reads the times of rows that have one and an event.
func (s *Sheet) lifetimes(at int, a answer) (rows []int, times survival.Times, err error) {
	for k, i := range a.rows {
		cell := s.Cells[at][i]
		if hole(cell) {
			continue
		}
		x, ok := number(cell)
		if !ok || x < 0 {
			f := fault.Newf(fault.Invalid, "lab.no_time", "%q is no time from 0 up", cell).At(fault.Place{File: s.Name, Line: s.Lines[i], Field: s.Names[at]})
			return nil, times, f.Then("Times are numbers in any one unit: days or months since the beginning.")
		}
		rows = append(rows, i)
		times.Time, times.Event = append(times.Time, x), append(times.Event, a.y[k] == 1)
	}
	if len(rows) == 0 {
		return nil, times, fault.New(fault.Invalid, "lab.no_time", "no row has a time and an event").At(fault.Place{File: s.Name, Field: s.Names[at]}).Then("Look at the columns named by --time and --event.")
	}
	return rows, times, nil
}

func (r *SurvivalReport) curves(s *Sheet, o SurvivalOptions, rows []int, times survival.Times) error {
	last := slices.Max(times.Time)
	add := func(group string, part survival.Times, until float64) error {
		c, err := curve(part, last, until)
		if err != nil {
			return problem(s, err)
		}
		c.Group = group
		r.Curves = append(r.Curves, c)
		return nil
	}
	if o.Group == "" {
		return add("", times, last)
	}
	by, err := s.column(o.Group, "--group")
	if err != nil {
		return err
	}
	names, of := []string{}, make([]int, len(rows))
	for k, i := range rows {
		g := slices.Index(names, s.Cells[by][i])
		if g < 0 {
			g = len(names)
			names = append(names, s.Cells[by][i])
		}
		if of[k] = g; len(names) > mostGroups {
			return fault.Newf(fault.Invalid, "lab.many_groups", "column %q has more than %d values", s.Names[by], mostGroups).At(fault.Place{File: s.Name, Field: s.Names[by]}).Then("Compare groups by a column of few values.")
		}
	}
	order := make([]int, len(names))
	for g := range order {
		order[g] = g
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(names[a], names[b]) })
	parts, until := make([]survival.Times, len(names)), last
	for k := range rows {
		part := &parts[of[k]]
		part.Time, part.Event = append(part.Time, times.Time[k]), append(part.Event, times.Event[k])
	}
	for _, part := range parts {
		until = min(until, slices.Max(part.Time))
	}
	if err := add("", times, until); err != nil {
		return err
	}
	for _, g := range order {
		name := names[g]
		if name == "" {
			name = empty
		}
		if err := add(name, parts[g], until); err != nil {
			return err
		}
	}
	if len(names) < 2 {
		return nil
	}
	c, err := survival.LogRank(times, of, nil, survival.EvenEmphasis)
	if err != nil {
		return problem(s, err)
	}
	r.LogRank = &LogRank{c.Statistic, c.Freedom, c.P}
	return nil
}

// curve tells shares up to the last time of all, and the mean until a time that all groups reach.
func curve(times survival.Times, last, until float64) (c CurveReport, err error) {
	k, err := survival.KaplanMeier(times, level)
	if err != nil {
		return c, err
	}
	c = CurveReport{Rows: len(times.Time), Events: int(k.Events), Until: until}
	if c.Median, err = k.Quantile(0.5); err != nil {
		return c, err
	}
	if until > 0 {
		mean, _, err := k.RestrictedMean(until)
		if err != nil {
			return c, err
		}
		c.Mean = &mean
	}
	for n := 1; n <= sharesTold; n++ {
		t := last * float64(n) / sharesTold
		if t >= 12 { // whole months or days read better
			t = math.Round(t)
		}
		share, low, high := k.Survival(t)
		c.Shares = append(c.Shares, TimeShare{t, share, low, high})
	}
	return c, nil
}

// cox regresses on all other columns.
func (r *SurvivalReport) cox(s *Sheet, o SurvivalOptions, taken, rows []int, times survival.Times) error {
	features, _, err := s.features(taken[0], o.ID, o.Drop)
	if err != nil {
		return err
	}
	var table []glm.Column
	for _, j := range features {
		if j != taken[1] {
			table = append(table, s.typed(j, rows))
		}
	}
	if len(table) == 0 {
		return nil
	}
	design, err := glm.NewDesign(table, glm.DesignOptions{})
	if err != nil {
		return problem(s, err)
	}
	x, err := design.Encode(table)
	if err != nil {
		return problem(s, err)
	}
	for _, w := range design.Warnings {
		r.Notes = append(r.Notes, w.Message)
	}
	if len(x.X) == 0 {
		return nil
	}
	fit, err := survival.FitCox(survival.Columns{X: x.X, Names: x.Names}, times, survival.CoxOptions{})
	if err != nil {
		return problem(s, err)
	}
	for _, w := range fit.Warnings {
		text := w.Message
		if len(w.Columns) > 0 {
			text += " Here: " + strings.Join(w.Columns, ", ") + "."
		}
		r.Notes = append(r.Notes, text)
	}
	changing := map[string]bool{}
	if tests, err := fit.TestProportionality(times, survival.KMScale); err == nil {
		for _, t := range tests {
			changing[t.Name] = t.P < 0.01
		}
	}
	r.Cox = &CoxReport{LogLik: fit.LogLik, Concordance: fit.Concordance}
	for _, c := range fit.Coefficients {
		if c.Aliased {
			continue
		}
		ratio, low, high := c.Ratio()
		r.Cox.Terms = append(r.Cox.Terms, CoxTerm{c.Name, ratio, low, high, c.P, changing[c.Name]})
	}
	slices.SortStableFunc(r.Cox.Terms, func(a, b CoxTerm) int { return cmp.Compare(a.P, b.P) })
	return nil
}

// problem is what a model says of a table, for people.
func problem(s *Sheet, err error) error {
	return fault.New(fault.Invalid, "lab.cannot_fit", fmt.Sprint(err)).At(fault.Place{File: s.Name}).Then("Look at the columns named, and leave out by --drop what should not count.")
}
