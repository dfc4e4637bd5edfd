package lab

import (
	"fmt"

	"github.com/dangol/dangol/internal/app/cli/show"
)

// Print writes the report for people: first whether the split can be trusted.
func (r *ABTestReport) Print(to show.Printer) {
	to.Print("%s", r.SplitWords)
	to.Print("")
	to.Print("%d units, %s by %s, compared with %q:", r.Units, r.what(), r.Column, r.Control)
	to.Print("")
	several := len(r.Arms) > 2
	head := []show.Cell{show.Left("arm"), show.Right("n"), show.Right(r.Kind), show.Right("difference"), show.Right(fmt.Sprintf("%g %% interval", 100*r.Level)), show.Right("relative"), show.Right("interval"), show.Right("p")}
	if several {
		head = append(head, show.Right("p, several arms"))
	}
	if !r.Sequential {
		head = append(head, show.Right("chance to win"))
	}
	rows := [][]show.Cell{}
	for i := range r.Arms {
		rows = append(rows, r.row(&r.Arms[i], several, len(head)))
	}
	to.Table(head, rows)
	to.Print("")
	for i := range r.Arms[1:] {
		a := &r.Arms[i+1]
		to.Print("%s", a.Verdict)
		if a.Reduction != nil {
			by := r.Covariate
			if r.Stratum != "" && by != "" {
				by += " and "
			}
			to.Print("%s took %.3f %% off the variance.", by+r.Stratum, 100**a.Reduction)
		}
		if a.Belief != nil {
			to.Print("Loss to be expected: %s by taking %q, %s by staying with %q.", r.risk(a.Belief.RiskTreated), a.Value, r.risk(a.Belief.RiskControl), r.Control)
		}
	}
	to.Print("")
	to.Print("Verdict: %s", r.Verdict)
}

func (r *ABTestReport) row(a *ABTestArm, several bool, width int) []show.Cell {
	row := []show.Cell{show.Left(a.Value), show.Count(int64(a.Units)), show.Right(r.level(a.Mean))}
	if a.Difference == nil {
		for len(row) < width {
			row = append(row, show.Left(""))
		}
		return row
	}
	row = append(row, show.Right(r.signed(a.Difference.Value)), show.Right(fmt.Sprintf("%s to %s", r.bare(a.Difference.Low), r.bare(a.Difference.High))))
	if a.Relative != nil {
		row = append(row, show.Right(fmt.Sprintf("%+.2f %%", 100*a.Relative.Value)), show.Right(fmt.Sprintf("%+.2f to %+.2f %%", 100*a.Relative.Low, 100*a.Relative.High)))
	} else {
		row = append(row, show.Left(""), show.Left(""))
	}
	row = append(row, show.Right(chance(*a.P)))
	if several {
		row = append(row, show.Right(chance(*a.PAdjusted)))
	}
	if a.Belief != nil {
		row = append(row, show.Right(fmt.Sprintf("%.2f %%", 100*a.Belief.Chance)))
	}
	return row
}

// risk writes what a wrong choice costs.
func (r *ABTestReport) risk(x float64) string {
	if r.Kind == "proportion" {
		return fmt.Sprintf("%.3f points", 100*x)
	}
	return fmt.Sprintf("%.4g", x)
}
