// Package insight answers what a shop owner asks of her base: figures of a period, cohorts, RFM, and
// what to do first.
//
// Nouns: figures (the KPIs of a span of days), a report (RFM, cohorts), a finding (one sentence about
// customers and the money behind them, with a link to these people), a definition (what a figure means).
//
// What must hold: every answer has an as_of and never looks beyond it; an answer depends on nothing but
// the question, the data's version and the analysis's version, so answers are kept in memory by these
// three; a finding that compares two shares is told only when the difference is significant.
//
// The SQL comes from package query; facts for findings come from customer_state, which audience owns.
// The room owns no table and eats and tells no events yet.
package insight
