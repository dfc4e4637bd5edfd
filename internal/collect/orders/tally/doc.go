// Package tally keeps a few bytes for each order of a file of any length: how often it came, and what was sold of it.
//
// Its nouns are ordinals (the how-manieth), the counter of orders and customers, and sales. Keys are hashes of 64 bits; two
// that meet are taken for one, which among the orders of a file is not to be expected. What is used by one goroutine.
package tally
