// Package uplift says on whom a treatment works: a mail, a voucher, a call,
// tried at random on some people and not on others. It learns the effect on each
// person, measures whether that tells people apart at all, and spends a budget
// on offers. It is pure arithmetic: no files, no clock, no network, no hidden
// state, and the same input gives the same bits on any number of cores.
//
// # What is observed
//
// A [Trial] holds what was known of each person before, who was treated (t = 1),
// and an outcome y: 0 or 1, or an amount. The effect on a person with columns x
// is E[y | x, t=1] - E[y | x, t=0], in units of the outcome. It is identified
// when the treatment was given at random with a known probability e, one for all
// (the share of the treated) or one a person; or, with
// Options.EstimatePropensity, when all that moved both treatment and outcome is
// among the columns.
//
// # Learners
//
// Regressions are linear with a ridge penalty (models/glm), logistic for a yes
// or no: on public trials these are hard to beat.
//
//   - t: a regression in each arm, and their difference;
//   - dr: a regression of m1 - m0 + t(y-m1)/e - (1-t)(y-m0)/(1-e), with m1 and m0
//     from other rows (Kennedy 2023);
//   - shrunk: dr with each coefficient shrunk by as much as the rows tell
//     (empirical Bayes), and boosted trees on what these leave, where on rows
//     kept aside they lessen the squared error by more than its standard error;
//   - class: a regression of whether a yes or no was what a perfect treatment
//     makes it (Jaskowski and Jaroszewicz 2012), or of y(t-e)/(e(1-e));
//   - x: each arm's differences to what the other arm's regression expects,
//     regressed and mixed by e (Künzel and others 2019);
//   - s: one regression with the treatment and its products with all columns;
//   - t-trees, dr-trees, x-trees, s-trees: the same with boosted trees
//     (models/gbdt), which find what no line can; dr-trees takes m1 and m0 from
//     linear regressions;
//   - mean: the mean effect of the others.
//
// [Choose] measures them out of fold and reaches a verdict, of which one is that
// nobody can be told apart. A learner is chosen on training rows only, and kept
// to the first, shrunk, unless another is clearly better; what is told is the
// Qini of choosing so. [Fit] trains one of them alone.
//
// # Measures
//
// [QiniCurve], [Qini], [UpliftCurve], [AUUC] and [UpliftAt] are those of
// scikit-uplift; they take both arms as equally likely for everybody, so that
// with propensities that differ between people they favour those who were
// likely to be treated. [Measure] adds intervals. [PolicyValue] is what a rule
// is worth by inverse propensity, [Effect] the average effect with a check of the
// arms' sizes.
//
// # Budget
//
// [Allocate] decides which of several offers each person gets, at most one,
// within a budget, to the largest expected value: proven the best, or with a
// bound on what is missing.
package uplift
