// Package collect is where everything that comes in comes in; for now, files of orders.
//
// Nouns: import (one file taken in, whole or not at all), upload (a file sent by a browser or a remote
// client, waiting to be imported), reject (a row set aside, with its reason).
//
// Invariants: an import commits whole or leaves nothing, whatever instruction the process dies at (docs/adr/0002);
// lines_read = lines_accepted + refund_lines + already_present + the sum of set_aside; importing the same file
// again changes no figure.
//
// Below it: collect/table reads files of any format as rows; collect/orders recognises columns and turns rows into
// order lines. Tables owned: collect_import. Files owned: uploads/ and rejects/ in the data folder.
package collect
