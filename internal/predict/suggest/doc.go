// Package suggest says what each customer will buy next, and decides what a place shows to a person now.
//
// Nouns: model (a version of models/recommend, chosen by backtest on what the warehouse holds, kept as a file with a card), list (what
// the model would show to one customer, made beforehand and kept beside it), answer (made on the spot from a customer's orders), slot (a
// place that shows products, offers or content, with its candidates and rules), decision (what a slot shows to one person now).
//
// Invariants: settings are chosen on days before those they are judged by; a model and its lists are whole files or absent, and what
// answers is exchanged at once; the same orders, products and seed give the same model; a decision reads memory alone: no question to the
// warehouse, no record; a person of whom nothing is known is answered, too. The same question to the same versions of slot and model, of a
// person who did nothing meanwhile, has the same answer and the same id.
//
// Tables owned: suggest_slot, which holds nothing about people. Files owned: models/ in the data folder; NAME.lists hold customers by key
// with product numbers, and an erased customer is taken out of them.
package suggest
