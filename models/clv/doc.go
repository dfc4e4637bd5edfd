// Package clv predicts how often each customer will order in the days to come,
// and what they will spend, by a buy-till-you-die model and boosted trees
// together. It is pure arithmetic: no files, no clock, no network, no hidden
// state; the same input and seed give the same bits on any number of cores.
//
// # How
//
// A buy-till-you-die model ([github.com/dangol/dangol/models/btyd]) knows from
// three numbers of a customer how many orders to expect, over any horizon, but
// nothing of what it does not assume: regularity, a quickening pace, amounts,
// traits. [Fit] therefore looks back at earlier days, its cuts. As of each cut it
// fits the model of ordering to what had come up to then, describes each
// customer by what was known then, and counts what they did afterwards, in a
// window that ends no later than the day until which it is fitted. From these rows
// it trains ([github.com/dangol/dangol/models/gbdt])
//
//   - residual trees: orders ~ Poisson(E exp(F(x))), where E is what the model
//     of ordering expected of the customer in the window and F the trees. They
//     learn where it errs, and since E carries the horizon, windows may be
//     shorter than it;
//   - direct trees: orders ~ Poisson(days exp(G(x))), to which E is one feature
//     among others.
//
// Spending is predicted from the orders, times the amount that Gamma-Gamma
// expects, and by direct trees with the Tweedie loss (power 1.5).
//
// # Choice
//
// Which of the three to believe, or which mean of them ([Shares]), is chosen on
// the last window by models that were trained before its cut: nothing after
// the day until which the model is fitted plays a part, and neither do the days that it
// will be judged on. Where nothing predicts better than the model of ordering
// alone, that is what predicts. [Blend.Tried] tells what was tried.
//
// # Intervals
//
// The same predictions, compared with what came, give the intervals: see
// [Band].
//
// # What can go wrong
//
// [Model.Notes] says what is known to be doubtful: a model of ordering that has
// collapsed to one without leaving, a short history, no year behind it. Sums
// follow the level of the windows learnt from: a coming season that none of
// them saw is missing from every prediction.
package clv
