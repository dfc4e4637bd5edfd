// Package simulate invents a shop, so that Dangol can be tried without anyone's data and so that its
// answers can be checked against a known truth. Everything it makes is marked as simulated: file names begin
// with Prefix, order ids with SIM, and a README lies beside the files.
//
// The shop sells in Korea, Thailand and Germany. A customer's life follows a buy-till-you-die process: while
// alive she buys at her own constant rate (gamma over customers, in time warped by the market's season and
// festivals), and after each order, the first included, she leaves with her own chance (beta over customers; this
// is the MBG/NBD model). A late delivery multiplies that chance by a known factor, so here, unlike in any
// real file, "late deliveries cause churn" is a fact. What an order costs follows the gamma-gamma model
// and is independent of how often she buys.
//
// The package is pure but for Write and WriteLines, reads no clock, and gives the same shop for the same seed.
// Nouns: Shop, Market, Customer, Order, Truth. For the command line:
//
//	dangol simulate DIR [--seed N] [--customers N]   writes the files and truth.json into DIR
package simulate
