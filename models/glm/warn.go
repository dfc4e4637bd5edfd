package glm

import "fmt"

// rowsPerCoefficient is the rule of thumb under which estimates are shaky.
const rowsPerCoefficient = 10

// warn adds what the figures show.
func (f *Fitted) warn(p *problem, d *Data) {
	f.Warnings = append(f.Warnings, p.warnings...)
	if !f.Converged {
		f.Warnings = append(f.Warnings, Warning{
			NotConverged,
			"The search for the best coefficients did not end at a maximum; scale columns with extreme values, or give a ridge penalty.", nil,
		})
	}
	events := float64(f.Rows)
	if p.family == Logistic {
		yes, no := 0.0, 0.0
		for i, y := range d.Y {
			w := d.weight(i)
			yes, no = yes+w*y, no+w*(1-y)
		}
		events = min(yes, no)
	}
	if q := len(p.columns); events < rowsPerCoefficient*float64(q) && f.Ridge == 0 {
		what := "rows"
		if p.family == Logistic {
			what = "rows of the rarer answer"
		}
		f.Warnings = append(f.Warnings, Warning{FewRows, fmt.Sprintf(
			"There are %.0f %s for %d coefficients; below %d each, estimates are shaky: use fewer columns or a ridge penalty.",
			events, what, q, rowsPerCoefficient), nil})
	}
	if p.family == Poisson && f.pearson > 1.5 && f.Freedom >= 30 && !f.Robust {
		f.Warnings = append(f.Warnings, Warning{Overdispersed, fmt.Sprintf(
			"The counts vary %.1f times as much as Poisson allows, so the standard errors are too small; ask for robust ones.", f.pearson), nil})
	}
}
