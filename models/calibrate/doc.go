// Package calibrate makes probabilities mean what they say, measures whether
// they do, and gives predictions an interval that holds without assumptions.
// It is pure arithmetic: no files, no clock, no network, no hidden state.
//
// # Making
//
// A [Map] turns the scores of a model into probabilities. It is learnt by
// [Fit] from rows that the model was not fitted to, by one of
//
//   - [Sigmoid]: a line on the scale of log-odds, with Platt's smoothed
//     targets. Platt, "Probabilistic outputs for support vector machines"
//     (1999); Lin, Lin and Weng, Machine Learning 68 (2007). Two parameters;
//     right from some hundred rows.
//   - [Beta]: a line on ln p and -ln(1-p), which can also bend. Kull, Silva
//     Filho and Flach, Electronic Journal of Statistics 11 (2017). Three
//     parameters, and the only one of the three that can leave a calibrated
//     model exactly as it is.
//   - [Isotonic]: any rising staircase, by pooling adjacent violators. Only
//     with many rows: below about ten thousand it costs log-loss.
//
// [Choose] takes the one with the smallest log-loss on rows left out, or none.
//
// # Measuring
//
// [Measure] gives log-loss, Brier score, AUC with DeLong's interval and ECE in
// one go; [Reliability], [Decompose], [AUC], [CompareAUC] and [Lift] each give
// more of theirs. Definitions stand with the functions.
//
// # Intervals
//
// [FitInterval] makes split-conformal intervals for amounts; [FitVennAbers]
// gives a probability together with the interval between the two isotonic
// answers that would follow if the row turned out no, or yes.
package calibrate
