// Package commerce reads the e-commerce events of the Segment specification (v2, and the names of v1) as orders.
//
// Nouns: change (what one event says of one order: put, refund, cancel, deliver), fold (the order that a set of changes
// gives). Invariants: the lines of an order sum to its revenue in minor units, exactly; amounts are read from the digits that
// were written, never through floats; a fold depends on the set of changes alone, so that late, doubled and reordered events
// give the same order; an order is never refunded by more than it brought.
//
// Revenue is what the goods brought: after discounts, without shipping and tax. It is the first that the event has of
// revenue, subtotal, total less shipping and tax, value, and the sum of its products less the discount. Where the products
// sum to something else (a discount on the whole order, or shipping in the total), each line takes its share of the revenue in
// proportion to price times quantity (or its line_total, where it has one), the odd units going to the largest remainders; products without a price share what
// the priced ones leave.
//
// The package is pure: no context, no I/O.
package commerce
