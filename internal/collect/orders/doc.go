// Package orders turns a table of orders or order lines into event.OrderLine values.
//
// Recognise says which column plays which role, how its dates and numbers are written and in
// which currency; Stream then reads every row into an order line, or sets it aside with a reason;
// Inspect shows both before anything is taken in.
//
// What holds: every row read is accepted as a purchase, accepted as a refund, or set aside for
// exactly one reason, and the three counts add up; amounts are exact integers; what is ambiguous
// is asked, never guessed. The package reads tables and knows no database.
package orders
