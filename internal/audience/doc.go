// Package audience says who the customers are: their traits, RFM scores, lifecycle stage and the segments they are in.
//
// Nouns: trait (internal/query), analysis (the state of every customer as of a day), lifecycle stage, segment
// (a condition on traits), membership (a roaring bitmap of customer keys).
//
// Invariants: an analysis replaces customer_state and its own record in one transaction, so readers see the old
// one whole or the new one whole; memberships belong to exactly one analysis.
//
// Tables owned: customer_state and analysis in the warehouse; audience_membership in the store.
package audience
