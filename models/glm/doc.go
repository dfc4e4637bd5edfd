// Package glm fits linear models of an expected value: logistic regression of
// a yes or no, Poisson regression of a count, linear regression of an amount;
// exactly, with standard errors, or sparsely along a path of penalties. It is
// pure arithmetic: no files, no clock, no network, no hidden state, and the
// same input gives the same bits on any number of cores.
//
// # Models
//
// With eta = intercept + x'b + offset,
//
//   - [Logistic]: y is 0, 1 or a share between them, its mean is
//     1/(1+exp(-eta)), and exp(b) is the ratio of odds for one unit more of x;
//   - [Poisson]: y is a count or a rate from 0 up, its mean is exp(eta), and
//     exp(b) is the ratio of means;
//   - [Linear]: y is any number, its mean is eta.
//
// McCullagh and Nelder, Generalized Linear Models, 2nd ed. (1989).
//
// # Fitting
//
// [Fit] maximises the log-likelihood less a ridge penalty by Newton's method,
// which for these links is iteratively reweighted least squares. Columns are
// centred and divided by their standard deviation inside, and coefficients are
// given back in the columns' own units. There is no tolerance to set. A column
// that others explain fully is left out and named in a [Warning], where R
// gives NA and others give noise; columns that tell the answer completely
// (separation), for which no finite estimate exists, get a weak penalty and a
// warning.
//
// [FitPath] follows the elastic net of Friedman, Hastie and Tibshirani,
// "Regularization paths for generalized linear models via coordinate descent",
// Journal of Statistical Software 33 (2010), and [CrossValidate] chooses from
// it.
//
// # Tables
//
// Columns are float64 slices of equal length, one a predictor. A [Design] makes
// them from a table with numbers, categories and holes, remembers how, and does
// the same to rows that come later, with categories never seen before.
package glm
