// Package classify learns to tell yes from no on a table of numbers, words and
// holes, with nothing to set: who will cancel, answer, buy. Its probabilities
// are meant to be acted on, and each one is explained by the columns of the
// table. It is pure arithmetic: no files, no clock, no network, no hidden
// state; the same table and seed give the same model, bit by bit, on any number
// of cores.
//
// # What is fitted
//
// No one kind of model wins on every table: on small or noisy ones a logistic
// regression beats trees as libraries ship them, on large clean ones trees win by
// far. So [Train] lets them compete and combines them (Wolpert, "Stacked
// generalization", Neural Networks 5 (1992); van der Laan, Polley and Hubbard,
// "Super Learner" (2007)):
//
//  1. The rows are put into folds, stratified by the answer; rows that belong
//     together, and copies of a row, stay together.
//  2. For each fold, a ridge-penalised logistic regression at several penalties,
//     and boosted trees of several sizes that stop when the fold's log-loss no
//     longer falls, learn from the other folds and predict this one.
//  3. The log-odds z_k of these predictions are combined as
//     ln(p/(1-p)) = a + Σ w_k z_k with w_k ≥ 0, by maximum likelihood. Being a
//     logistic regression, this also calibrates.
//  4. A calibration map follows where it lowers the log-loss out of fold; see
//     package calibrate, which warns of isotonic regression on few rows.
//
// What predicts a new row is the mean of the folds' models for each z_k.
//
// # Explanations
//
// Every part is additive in log-odds: a coefficient times a column's distance
// from its mean, and the TreeSHAP contributions of trees. So
// [Model.Explain] gives contributions of the table's columns that add up to the
// log-odds of the probability exactly.
package classify
