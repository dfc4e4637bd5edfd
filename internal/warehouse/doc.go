// Package warehouse keeps events and analytics in DuckDB, inside the process.
//
// Nouns: order lines as they came, orders derived from them (one row per order and kind), the
// customer and product dimensions, and the state of each customer as the last analysis found it.
//
// Invariants:
//
//   - An import's lines, its orders, its dimension rows and its record in import_done commit in one
//     transaction: that commit is the import's commit point (see docs/adr/0002).
//
//   - Every commit raises data_version, so an answer is a pure function of question and version.
//
//   - Lines without a currency are given one at most once, all in one transaction, and then have the identity they would have had.
//
//   - Identical lines of one order are kept; a line that is already here is never added twice.
//
//   - What the log tells commits together with the log's offset, and the journal of customers with its revision: a step repeated
//     changes nothing. Every row of a person keeps whom it was first given to (its origin), so that a merge can be taken back.
//
//   - An order is the lines of its newest version; a file never changes an order that events tell of.
//
//   - A row of told is a copy of one of event, and every identify call and change of consent has one.
//
//   - What seen tells of an origin is the last instant of her activity among the events that seen_until bounds.
//
// Tables owned: customer, product, order_context, line (and its view order_line), orders, order_change, event, told, seen, event_name,
// event_source, followed, customer_state, import_done, meta.
package warehouse
