package survival

import (
	"cmp"
	"fmt"
	"slices"
)

// Times is what was observed of n rows.
type Times struct {
	// Time is when observation ended, from 0 up.
	Time []float64
	// Event says that it ended with the event.
	Event []bool
	// Entry is when observation began, before Time; nil means at the start.
	// A row counts from just after Entry. A person whose columns change is
	// several rows, each entering when the one before ends.
	Entry []float64
	// Weights count rows several times; nil means once each.
	Weights []float64
}

// check returns an error that names the first bad row; at least one event is
// wanted when events is set.
func (t *Times) check(events bool) error {
	n := len(t.Time)
	switch {
	case n == 0:
		return fail(InvalidData, "there are no rows")
	case len(t.Event) != n:
		return fail(InvalidData, "%d events for %d times; give one a row", len(t.Event), n)
	case t.Entry != nil && len(t.Entry) != n:
		return fail(InvalidData, "%d entries for %d times; give one a row", len(t.Entry), n)
	case t.Weights != nil && len(t.Weights) != n:
		return fail(InvalidData, "%d weights for %d times; give one a row", len(t.Weights), n)
	}
	total, happened := 0.0, 0.0
	for i, at := range t.Time {
		w := t.weight(i)
		switch {
		case !finite(at) || at < 0:
			return failAt(i, -1, "the time of row %d is %v; times are finite numbers from 0 up", i, at)
		case t.Entry != nil && !(finite(t.Entry[i]) && t.Entry[i] < at):
			return failAt(i, -1, "row %d enters at %v and ends at %v; it must enter before it ends", i, t.Entry[i], at)
		case !finite(w) || w < 0:
			return failAt(i, -1, "the weight of row %d is %v; weights are finite and not negative", i, w)
		}
		total += w
		if t.Event[i] {
			happened += w
		}
	}
	switch {
	case total == 0:
		return fail(InvalidData, "all weights are zero, so there is nothing to learn from")
	case events && happened == 0:
		return fail(NoEvents, "no row has the event, so nothing can be learnt about when it happens; observe for longer")
	}
	return nil
}

func (t *Times) weight(i int) float64 {
	if t.Weights == nil {
		return 1
	}
	return t.Weights[i]
}

// unit is the mean weight of the rows that have any.
func (t *Times) unit() float64 {
	if t.Weights == nil {
		return 1
	}
	total, rows := 0.0, 0.0
	for _, w := range t.Weights {
		if w > 0 {
			total, rows = total+w, rows+1
		}
	}
	return total / rows
}

// events counts rows with the event and a positive weight.
func (t *Times) events() int {
	count := 0
	for i, e := range t.Event {
		if e && t.weight(i) > 0 {
			count++
		}
	}
	return count
}

// ascending is the order of values, equal ones as they come.
func ascending(values []float64) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	return order
}

// Columns are the predictors of a regression, with their names.
type Columns struct {
	X     [][]float64 // p columns of n values each
	Names []string    // p names; nil means x1, x2, …
}

func (c *Columns) name(j int) string {
	if c.Names == nil {
		return fmt.Sprintf("x%d", j+1)
	}
	return c.Names[j]
}

func (c *Columns) check(n int) error {
	if c.Names != nil && len(c.Names) != len(c.X) {
		return fail(InvalidData, "%d names for %d columns; give one name a column", len(c.Names), len(c.X))
	}
	for j, column := range c.X {
		if len(column) != n {
			return failAt(-1, j, "column %d (%s) has %d values for %d rows", j, c.name(j), len(column), n)
		}
		for i, v := range column {
			if !finite(v) {
				return failAt(i, j, "row %d of column %d (%s) is %v; fill or leave out missing values, or let a glm.Design do so", i, j, c.name(j), v)
			}
		}
	}
	return nil
}
