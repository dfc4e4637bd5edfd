// Package gbdt trains gradient-boosted decision trees on histograms, predicts
// with them and explains each prediction exactly. It is pure arithmetic: no
// files, no clock, no network, no hidden state; the same data, options and seed
// give the same model, bit by bit, on any number of cores.
//
// # From a table to a prediction
//
// [NewData] joins columns of numbers (NaN is missing) and of category codes to
// a table; [Train] fits a [Model] to a [Set] of a table, labels and, if there
// are any, weights and offsets; [Model.Predict] and [Model.PredictAll] give
// probabilities or means, [Model.Explain] what each feature added. A Model may
// be used by many goroutines at once.
//
// # What is fitted
//
// The margin of a row is F(x) = intercept + offset + Σ leaves, with one leaf of
// each tree. [Objective] says what F means and which loss is lowered. Each tree
// is grown leaf by leaf, the leaf with the largest gain first, on the first and
// second derivatives g and h of the loss at the margins so far. With G and H
// their sums in a leaf, its value is -LearningRate·S(G)/(H+L2), S(G) being G
// moved towards 0 by L1, and parting it gains
//
//	½ (S(G_left)²/(H_left+L2) + S(G_right)²/(H_right+L2) - S(G)²/(H+L2))
//
// (Friedman, "Greedy function approximation", Annals of Statistics 29 (2001);
// Chen and Guestrin, "XGBoost", KDD 2016; Ke and others, "LightGBM", NIPS 2017).
// Numbers are first put into at most MaxBins bins of about equally many rows, from
// a sample of 200,000 rows; few distinct values get a bin each.
//
// # Missing values, categories
//
// Each split learns whether missing values go left or right; where it saw
// none, they follow the side with more rows. Categories are split by sets, see
// [Options]. The MaxBins-1 most frequent categories have their own bin; the others
// share one, and so do those that first appear when predicting.
//
// # Sums
//
// Histograms add derivatives that were rounded to integers: above 65,536 rows
// to ten bits, up or down at random so that sums stay unbiased (Shi and others,
// "Quantized training of gradient boosting decision trees", NeurIPS 2022, show that
// fewer do), otherwise, or where derivatives differ very much in size, to thirty.
// Leaves get their values from the unrounded ones.
//
// # Models of others
//
// [ReadXGBoost] and [ReadLightGBM] read saved models, which then predict and
// explain as they did there. The own format is described in FORMAT.md.
package gbdt
