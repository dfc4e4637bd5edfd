// Package churn tells who is about to leave, why, and how sure that is.
//
// Nouns: cut (a day on which one stands and looks back), basis (by what leaving goes: orders, that none comes; subscription, that what was
// paid for ends), population (who bought within the last active days before a cut; of subscribers, who is paid up or in the grace), label
// (whether one of them ordered in the horizon after it; of subscribers, whether what she paid for ended in it and nothing renewed it), chain
// (orders that pay for days, each no later than the grace after the end of those before), book (every order by customer and time), frame (what
// is known of a population at a cut, column by column), part (what a column adds to the log-odds of leaving), reason (the parts of columns that
// mean one thing to people; it is a cause, a sign or a context), scorer (what gives probabilities and parts), card (everything that is said
// about a model). Chains, and the law by which they end, are in renewal; the sentences are in say.
//
// Invariants: what is known at a cut is made of facts of that day or earlier, a parcel that came later being still on its way then; no model
// scores that was not judged on a cut later than all it had learnt from; where nothing beats the baseline, the baseline scores; the parts of
// a prediction add up to its log-odds; the same orders and seed give the same model, byte by byte.
//
// Tables owned: prediction in the warehouse, one row a customer who may leave, which is derived and made again by scoring. Erasing a person
// deletes hers. Models are kept by predict/records.
package churn
