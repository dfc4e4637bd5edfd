// Package query turns typed analytical questions into SQL, and says what they mean.
//
// A question (Traits, RFM, RFMCells, RFMMovement, Cohorts, KPI) is a plain value. It is checked
// (unknown names get a "did you mean", types and limits are verified), planned (traits are gathered
// so that each source is scanned once for each thing it is grouped by), and rendered through a
// Dialect, which holds the few functions that differ between engines. The naive evaluator in
// query/ref answers the same questions over rows in memory; both must agree on every script in
// testdata and on random data.
//
// Nouns: a source (orders, refunds, lines, customer_days) has properties; a trait is a named
// aggregate over one customer's rows of a source; a condition is a predicate over properties or
// over traits; a column is one typed output of a question.
//
// What must hold: the package is pure (no context, no I/O, no clock); every question is "as of" a
// day and never looks beyond it; an answer has one row order, so that two engines can be compared
// line by line; sums of money are integers in minor units, and the only rounding is floor(x + 0.5).
package query
