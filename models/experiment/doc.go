// Package experiment is the statistics of trials in which chance decides who
// gets what: A/B tests, control groups, hold-outs. It compares arms, says how
// sure that is, how many people a trial needs, and whether the split itself can
// be trusted. It is pure arithmetic: no files, no clock, no network, no hidden
// state, and the same input gives the same bits on any number of cores.
//
// # What is compared
//
// An [Arm] holds sums over units (people, mostly: what was dealt at random) of
// an outcome: a yes or no, an amount, or a ratio of two sums, as revenue per
// order, where the orders are not what was dealt. To each unit a covariate from
// before the trial may belong. [Compare] gives the difference of treated less
// control, absolute (in units of the outcome) and relative (a share of the
// control's mean), each with standard error, interval and p value:
//
//   - With m the vector of all means of both arms and C its covariance, an
//     effect h(m) has the variance g'Cg, g being the slope of h at m (the delta
//     method). This covers means, ratios, relative differences and covariates.
//   - Intervals are of Student's t with Welch's degrees of freedom; the
//     variance of a yes or no is p(1-p). [PooledZ] is the classical test of two
//     proportions.
//   - A covariate x takes theta(x̄t - x̄c) off the difference, with the theta
//     of least variance (CUPED: Deng and others 2013). Chance made x̄t - x̄c,
//     so this adds no bias, and it takes off the share of the variance that x
//     explains. Ratios are adjusted by the ratio of before.
//   - [CompareStrata] weighs the differences within strata by the strata's
//     shares of all people (post-stratification), each with a theta of its own;
//     that the shares are themselves drawn is in the variance.
//   - Options.Sequential makes intervals and p values that hold at every look,
//     so that one may watch and stop (asymptotic confidence sequences of
//     Waudby-Smith and others 2023, equations 9, 155 and 161). They are wider.
//
// # Around it
//
// [SampleRatio] checks the arms' sizes against the plan: where it fails, people
// are missing from one arm and no figure can be believed. [Believe] turns an
// estimate into a chance to win and into what a wrong choice costs. [Holm] and
// [BenjaminiHochberg] correct p values of several arms or outcomes. A [Plan]
// says how many people are needed, or what can be seen with those there are.
//
// # Assumptions
//
// Units are dealt independently of each other and of their outcomes, one arm
// each, and do not affect one another. Figures are those of large samples:
// [Compare] warns of fewer than ten yes or no, and of a control mean too near
// zero for a relative difference. Means of very skewed amounts need more:
// see [EnoughFor].
package experiment
