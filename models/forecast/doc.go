// Package forecast continues a company's figures: orders, income, customers by
// day, week or month, with intervals and with the reason why this model; and
// says when a figure changed for good and when a value is odd. It is pure
// arithmetic: no files, no clock, no network, no hidden state, and the same
// input and seed give the same bits on any number of cores.
//
// # Forecasts
//
// [Make] lets these compete:
//
//   - the rules: the last value, the value of a season ago, a straight line,
//     and the weighted level of the past with the past's own distribution,
//     which is for figures that are mostly zero;
//   - [FitETS]: exponential smoothing in state-space form, error, trend and
//     season each additive, multiplicative or none. Hyndman, Koehler, Ord and
//     Snyder, Forecasting with Exponential Smoothing (2008);
//   - [FitRegression]: a slope that may change once and is damped in the
//     future, weekdays, waves of the year, holidays by date, with errors that
//     remember;
//   - the mean of the last two, quantile by quantile.
//
// Seasons of a week and of a year go together: smoothing follows the week, and
// what the regression knows of the year and of holidays is taken away before
// and put back after.
//
// Each is tried from earlier dates with what was known then, and the one whose
// distributions came nearest (CRPS) is taken; within one part in a hundred the
// simpler. If that is a rule, the forecast says so. Intervals come from
// formulae for models of class 1, from simulation for the others, and are then
// stretched or narrowed by what they would have needed in the rehearsals
// (split conformal; between 0.7 and 4 times). Rehearsals of one series overlap
// and resemble each other, so the guarantee is not the exact one of
// exchangeable data; [Score] shows what was held by intervals that were
// stretched by the other rehearsals alone.
//
// # Values
//
// NaN is a value that is not known. Amounts and counts stay at 0 and above:
// logarithms or multiplicative errors where all values are positive, cutting
// at 0 where not. Closed days are given by a [Calendar].
//
// # Changes and anomalies
//
// [FindChanges] finds lasting changes of level exactly (PELT), with penalty,
// size and p-value. On 200 series of 300 values without a change it finds one
// in none where noise has no memory, and in about one series in nine where the
// noise of a day keeps half of the day before's. [Watch] makes a [Detector] of
// single odd values, which raises as many false alarms a year as it was told;
// the tests simulate that for normal and for heavy-tailed noise.
package forecast
