// Package survival says how long things last: how long customers stay, who
// leaves sooner and why, how many of a cohort will renew. It is pure
// arithmetic: no files, no clock, no network, no hidden state, and the same
// input gives the same bits on any number of cores.
//
// # What is observed
//
// [Times] holds for each row how long it was seen and whether the end was the
// event (a customer left) or only the end of looking (censoring). A row may
// come under observation late (Entry), and then says nothing about those who
// had left before. Times are in any unit, the same throughout.
//
// # Models
//
//   - [KaplanMeier]: the share still there by time, with intervals, quantiles,
//     restricted mean, and the Nelson–Aalen cumulative hazard. Nothing is
//     assumed but that censoring tells nothing. [LogRank] compares groups.
//   - [FitCox]: how columns multiply the hazard at every time. Ties by Efron;
//     strata, weights, late entry, robust errors, test of proportionality.
//   - [FitLifetime]: accelerated failure time, columns stretch time: Weibull,
//     exponential, log-normal, log-logistic. Predicts beyond the data.
//   - [FitHazard]: the chance to leave in each period, by logistic regression:
//     for monthly data with many ties.
//   - [FitContract]: how many of a cohort renew, period after period, when
//     customers differ in how likely they leave: the shifted beta-geometric
//     and the beta-discrete-Weibull, which need only counts and predict far.
//
// [Concordance], [Brier] and [IntegratedBrier] measure predictions.
package survival
