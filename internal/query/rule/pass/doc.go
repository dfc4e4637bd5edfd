// Package pass answers rules for everybody at once: the engine filters and reads, and what is read is taken together by
// customer in arrays, for customers have dense keys. It is what render.Rules says in SQL, several times faster, where the tables
// are at hand column by column.
//
// Invariants:
//
//   - Answers are those of package ref: the tests draw rules and shops and compare.
//
//   - Memory is bounded: with many customers or facts, customers are taken some at a time.
package pass
