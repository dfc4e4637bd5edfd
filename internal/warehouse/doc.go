// Package warehouse keeps events and analytics in DuckDB, inside the process.
//
// Nouns: order lines as they came, orders derived from them (one row per order and kind), the
// customer and product dimensions, and the state of each customer as the last analysis found it.
//
// Invariants:
//   - An import's lines, its orders, its dimension rows and its record in import_done commit in one
//     transaction: that commit is the import's commit point (see docs/adr/0002).
//   - Every commit raises data_version, so an answer is a pure function of question and version.
//   - Identical lines of one order are kept; a line that is already here is never added twice.
//
// Tables owned: customer, product, order_context, line (and its view order_line), orders, customer_state, import_done, meta.
package warehouse
