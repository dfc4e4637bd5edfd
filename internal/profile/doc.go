// Package profile keeps who the customers are: their ids, names and addresses, and shows one whole.
//
// Nouns: customer (one person, with the dense integer key that audiences are bitmaps of).
//
// Invariants: a key is never given twice and never changes; a customer that came with an import
// exists exactly if that import committed in the warehouse (see docs/adr/0002).
//
// Tables owned: profile_customer. Reads orders and customer_state in the warehouse.
package profile
