// Package recommend finds what a person will buy next, from who bought what when: which items to
// show her, why, when she will need one again, and what is bought together. It is pure arithmetic:
// no files, no clock, no network, no hidden state.
//
// # From purchases to an answer
//
// A [Builder] takes purchases (person, item, day, weight) and makes [Interactions]. [Choose] holds
// back the last days, tries models and settings on them and says which is best and whether that is
// sure; [Fit] learns a [Model] with such [Options] from everything; [Model.Recommend] answers for a
// [History], which is an argument: a purchase made a second ago is in the answer as soon as it is
// in the history, for EASE and neighbours by adding its row, for ALS by solving for the person
// again (fold-in). [Model.WithSales] does the same for trends. [Model.Explain] says because of
// which purchases.
//
// # Models
//
// [Popularity] by segment and [Trending]; [Habit], what she buys anyway; [ItemItem] neighbours by
// cosine, TF-IDF, BM25 or lift; [Linear], EASE, for up to some thousands of items; [Factors],
// implicit ALS, for any number; and [Blend], a conditional logit (McFadden 1974) of all their
// scores with the trends of the last days and the person's own habits: P(item) ∝ exp(Σ weight ×
// feature). Its weights are found by maximum likelihood on purchases that were held back, so they
// say what each part is worth, and with which error. A trend looks only at sales before the day of
// the recommendation.
//
// # Time
//
// Days are integers from any fixed day. [Interactions.SplitAt] cuts everybody at one day, as life
// does; [Interactions.SplitLast] holds back each person's last day, as most comparisons in print
// do. There other people's later purchases are learned from, so its figures are too kind; compare
// models by it, and expect in use what the first says.
//
// # Sameness
//
// The same purchases in any order, options and seed give the same bits on any number of cores of
// one kind of processor. Processors with AVX2 and FMA take vector kernels, others plain loops, and
// the two round differently in the last places. A saved model ([Model.WriteTo], [Read]; the format
// is described in codec.go) answers exactly as the one that was saved.
//
// # Limits
//
// Interactions are purchases: nothing is learned from what was shown and not bought, so figures of
// a backtest are not those of an experiment, in which being shown changes what is bought.
package recommend
