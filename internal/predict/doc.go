// Package predict turns purchase histories into what to expect: who is still a customer, how many orders
// will come and what they are worth.
//
// Nouns: report (one fitted model with its health), outlook (the prediction for one customer).
//
// Invariants: models learn from purchase days up to as_of only; a model that the data do not support gives a
// warning and no numbers; everything is deterministic. The mathematics live in models/btyd.
//
// Tables owned: none. Its report is kept beside the analysis in the warehouse.
package predict
