// Package table reads any file that holds rows: CSV in its dialects, JSON lines, Parquet, Excel
// and space-separated text, plain or compressed, in the encodings that shops meet.
//
// Nouns: a Table is an opened file whose format, encoding, delimiter and header are known; Rows is
// one pass over it; a Batch is a run of rows whose cells are views into the batch's own buffers.
//
// What holds: a row that cannot be split into its cells is reported with its line and text and
// never hides the rows after it; every cell is valid UTF-8; memory does not grow with the file.
// The package knows nothing of orders, and nothing of any database.
package table
