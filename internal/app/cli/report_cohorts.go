package cli

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/market"
)

type cohortPeriod struct {
	Index      int           `json:"index"`
	Active     int64         `json:"active"`
	Retention  float64       `json:"retention"`
	Revenue    *market.Money `json:"revenue"`
	Cumulative *market.Money `json:"cumulative_value_per_customer"`
	Partial    bool          `json:"partial"`
}

type cohortsView struct {
	AsOf    string `json:"as_of"`
	Unit    string `json:"unit"`
	Cohorts []struct {
		Start   string         `json:"start"`
		Size    int64          `json:"size"`
		Periods []cohortPeriod `json:"periods"`
	} `json:"cohorts"`
	Groups []struct {
		Key     string         `json:"key"`
		Size    int64          `json:"size"`
		Periods []cohortPeriod `json:"periods"`
	} `json:"groups"`
}

var cohortFigures = []string{"percent", "count", "revenue", "value"}

func (e *env) reportCohorts() *cobra.Command {
	var p period
	var category, by, show string
	c := &cobra.Command{Use: "cohorts", Short: "How many customers of each first-order month came back, month by month"}
	p.flags(c, false)
	c.Flags().StringVar(&category, "category", "", "only customers whose first order was in this category")
	c.Flags().StringVar(&by, "by", "", "compare instead: market or category")
	c.Flags().StringVar(&show, "show", "percent", "in the table: percent, count, revenue or value")
	c.PreRunE = func(*cobra.Command, []string) error {
		if !slices.Contains(cohortFigures, show) {
			return usagef("--show knows no %q; it has: %s", show, strings.Join(cohortFigures, ", "))
		}
		return nil
	}
	return report(e, c, nil, func() (string, url.Values) { return "/v1/cohorts", p.query("category", category, "by", by) }, cohortRows,
		func(v *cohortsView) { e.printCohorts(v, show) })
}

func cohortRows(v *cohortsView) [][]string {
	rows := [][]string{{"cohort", "size", "index", "active", "retention", "revenue", "cumulative_value_per_customer", "currency", "partial"}}
	add := func(name string, size int64, periods []cohortPeriod) {
		for _, p := range periods {
			row := []string{name, strconv.FormatInt(size, 10), strconv.Itoa(p.Index), strconv.FormatInt(p.Active, 10), exact(&p.Retention), "", "", "", strconv.FormatBool(p.Partial)}
			if p.Revenue != nil {
				row[5], row[7] = p.Revenue.Decimal(), p.Revenue.Currency
			}
			if p.Cumulative != nil {
				row[6], row[7] = p.Cumulative.Decimal(), p.Cumulative.Currency
			}
			rows = append(rows, row)
		}
	}
	for _, g := range v.Groups {
		add(g.Key, g.Size, g.Periods)
	}
	if len(v.Groups) == 0 {
		for _, c := range v.Cohorts {
			add(c.Start, c.Size, c.Periods)
		}
	}
	return rows
}

// columnsShown is how many months after the first fit a terminal.
const columnsShown = 13

func (e *env) printCohorts(v *cohortsView, show string) {
	widest, open := 0, false
	var rows [][]cell
	add := func(name string, size int64, periods []cohortPeriod) {
		row := []cell{left(name), count(size)}
		for _, p := range periods[:min(columnsShown, len(periods))] {
			row = append(row, e.cohortCell(p, show))
			open = open || p.Partial
		}
		widest = max(widest, len(row))
		rows = append(rows, row)
	}
	title := "first order in"
	for _, g := range v.Groups {
		title = "group"
		add(g.Key, g.Size, g.Periods)
	}
	if len(v.Groups) == 0 {
		for _, c := range v.Cohorts {
			add(c.Start[:min(7, len(c.Start))], c.Size, c.Periods)
		}
	}
	head := []cell{left(title), right("customers")}
	for i := range max(0, widest-2) {
		head = append(head, right("+"+strconv.Itoa(i)+" "))
	}
	e.table(head, rows)
	if open {
		e.print("* month not over")
	}
	e.print("\n%s", v.sentence())
}

func (e *env) cohortCell(p cohortPeriod, show string) cell {
	shade := p.Retention
	if p.Index == 0 {
		shade = -1 // everybody is active in the first month
	}
	// Retention beyond the first month rarely passes a half; stretch the shades over what occurs.
	shade = min(shade*2, 1)
	mark := " "
	if p.Partial {
		mark = "*"
	}
	return heat(e.cohortFigure(p, show)+mark, shade)
}

func (e *env) cohortFigure(p cohortPeriod, show string) string {
	switch {
	case show == "count":
		return market.FormatNumber(p.Active)
	case show == "revenue" && p.Revenue != nil:
		return p.Revenue.Compact(e.language())
	case show == "value" && p.Cumulative != nil:
		return p.Cumulative.Compact(e.language())
	default:
		return fmt.Sprintf("%.0f%%", 100*p.Retention)
	}
}

// sentence pools the cohorts that are old enough to have a third month.
func (v *cohortsView) sentence() string {
	var active, size int64
	for _, c := range v.Cohorts {
		for _, p := range c.Periods {
			if p.Index == 3 && !p.Partial {
				active += p.Active
				size += c.Size
			}
		}
	}
	if size == 0 {
		return "The cohorts are too young to say how many come back in the third month."
	}
	return fmt.Sprintf("Of 100 customers, %.0f ordered in the third month after their first.", 100*float64(active)/float64(size))
}
