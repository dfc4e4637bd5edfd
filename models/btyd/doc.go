// Package btyd holds buy-till-you-die models: who among a company's customers
// is still a customer, how often will each one order again, what is each one
// worth. It is pure arithmetic: no files, no clock, no network, no hidden
// state, and the same input gives the same bits on any number of cores.
//
// # Models
//
// A customer of these models orders at random moments at a rate of their own
// until, unseen, they leave. The three models differ in how leaving works.
//
//   - [BGNBD]: after each repeat order a customer leaves with a probability of
//     their own. Someone who never came back cannot have left, so every
//     one-time buyer counts as alive: do not use it to name churned customers.
//     Fader, Hardie and Lee, "Counting your customers the easy way", Marketing
//     Science 24 (2005).
//   - [MBGNBD]: the same, but a customer may also leave right after the first
//     order. Batislam, Denizel and Filiztekin, IJRM 24 (2007); Wagner and
//     Hoppe, IJRM 25 (2008).
//   - [ParetoNBD]: a customer leaves at any moment, at a rate of their own.
//     Schmittlein, Morrison and Colombo, Management Science 33 (1987); Fader
//     and Hardie, "A note on deriving the Pareto/NBD model" (2005).
//
// Money is a separate model: [Spend], the Gamma-Gamma of Fader and Hardie,
// "The Gamma-Gamma model of monetary value" (2013), which assumes that how much
// a customer spends per order says nothing about how often they order;
// [FitSpend] checks that and says so when it is not true.
//
// # Units
//
// Times are days, in and out. A repeat order is a distinct day with an order
// after the day of the first one. Published figures are mostly in weeks:
// [Fitted.Parameters] and [Fitted.LogLikelihood] convert, a [Week] being
// exactly seven days. Discount rates are per year and compound continuously
// over years of 365.25 days.
//
// # Fitting
//
// [Fit] maximises the likelihood over the logarithms of the parameters with
// exact first and second derivatives, from several starts, and checks slope and
// curvature where it ends. There is no tolerance to set. Intervals are made on
// the log scale, so the interval of a positive parameter is positive. Where the
// data do not support a model the fit carries a [Warning]; ask
// [Fitted.Supported] before showing a prediction as a number.
//
// [Fitted.Bootstrap] gives intervals of anything that a process says, without
// assuming that its parameters err normally.
//
// # People who differ
//
// [FitCovariates] lets what is known of customers (where they came from, what
// they bought first) change how often they order and how soon they leave.
// [FitSegments] fits each of several markets, the small ones with the help of
// the others. Customers who order with some regularity are in package regular,
// those who can act once on each of a row of occasions in package occasions.
//
// Customers who look the same, a [Pattern], cost as much as one: pass a million
// customers through [Group] or [GroupDays] first.
package btyd
