// Package store keeps the records of every room (definitions, customers, keys) in SQLite or PostgreSQL
// behind one small API: transactions, named queries, migrations, batches and a snapshot for backup.
//
// Nouns. A Schema is what one room brings: its name, its queries.sql and its migrations. A query is known by
// "room.Name" and is written once with $n arguments; where the two engines must differ, the second text stands
// beside the first and is marked "-- dialect: postgres". A Tx is the only way to read or write.
//
// Invariants. In commits everything or nothing, and is durable when it returns (SQLite runs with WAL and
// synchronous=FULL). SQLite has one writer at a time; PostgreSQL runs serializable, so the function given to In
// may run more than once and must have no effect but through its Tx. Times are BIGINT microseconds UTC, JSON is
// opaque text, amounts are integer minor units beside a currency code. Tables are named room_noun.
// A store written by a newer program is refused with a sentence, never opened.
//
// Tables owned: one room_migration per room, which records what ran.
package store
