package table

import (
	"context"
	"sync/atomic"
)

// Format is how a file lays out its rows.
type Format string

// The formats that can be read.
const (
	CSV     Format = "csv"
	TSV     Format = "tsv"
	JSONL   Format = "jsonl"
	Parquet Format = "parquet"
	XLSX    Format = "xlsx"
	Text    Format = "text"
)

// Limits on what one file may hold; beyond them a row is malformed or the file is refused.
const (
	MaxColumns   = 10_000
	MaxCellBytes = 1 << 20
	MaxRowBytes  = 16 << 20
)

// Options override what Open would otherwise find by looking at the file.
type Options struct {
	Name      string // the name people know the file by (an upload's own name); default the path's base
	Format    Format // default by magic bytes, name and content
	Encoding  string // "utf-8", "utf-16le", "euc-kr", "windows-874", "windows-1252", ...
	Delimiter string // one character, or "tab", "comma", "semicolon", "pipe", "space"
	Header    *bool  // whether the first row names the columns
	Sheet     string // the Excel sheet, default the first that has rows
}

// Info says what Open found.
type Info struct {
	Name        string `json:"name"`
	Format      Format `json:"format"`
	Compression string `json:"compression,omitempty"` // "gz", "zst" or ""
	Encoding    string `json:"encoding"`
	Delimiter   string `json:"delimiter,omitempty"`
	HasHeader   bool   `json:"has_header"`
	Sheet       string `json:"sheet,omitempty"`
	Bytes       int64  `json:"bytes"` // size of the file as it lies on disk
}

// Table is an opened file of rows. Each call of Rows is a fresh pass; passes are independent.
type Table struct {
	path    string
	info    Info
	columns []string

	bytesRead atomic.Int64
	rowsRead  atomic.Int64
}

// Open looks at the file's beginning and says how to read it. It holds no file open.
func Open(ctx context.Context, path string, o Options) (*Table, error) {
	return nil, nil
}

// Info returns what is known of the file.
func (t *Table) Info() Info { return t.info }

// Columns returns one name per column: the header's, or "column 3" where there is none.
func (t *Table) Columns() []string { return t.columns }

// Progress tells, from any goroutine, how far the latest pass has come: bytes of the file as it
// lies on disk (compare with Info().Bytes), and rows.
func (t *Table) Progress() (bytes, rows int64) { return t.bytesRead.Load(), t.rowsRead.Load() }

// Rows starts a pass over the data rows (the header is not among them). Close it.
func (t *Table) Rows(ctx context.Context) (*Rows, error) { return nil, nil }

// Rows is one pass over a table.
type Rows struct{}

// Next fills b with the next rows, recycling its buffers, and returns io.EOF after the last.
// What b gave before is no longer valid.
func (r *Rows) Next(b *Batch) error { return nil }

// Close ends the pass.
func (r *Rows) Close() error { return nil }

// Malformed is a row that could not be split into the table's cells.
type Malformed struct {
	Line    int64  // 1-based line of the file
	Text    string // the row as it stands, cut at 4 KiB
	Problem string // what is wrong, as a sentence without a full stop
}

// Batch is a run of rows. Cells are views that hold until the batch is passed to Next again.
type Batch struct {
	width int
	cells []string
	lines []int64
	bad   []Malformed
}

// Len is the number of well-formed rows.
func (b *Batch) Len() int { return len(b.lines) }

// Row returns the cells of row i, always as many as the table has columns.
func (b *Batch) Row(i int) []string { return b.cells[i*b.width : (i+1)*b.width : (i+1)*b.width] }

// Line returns the 1-based line of the file at which row i begins.
func (b *Batch) Line(i int) int64 { return b.lines[i] }

// Malformed returns the rows of this run that could not be split.
func (b *Batch) Malformed() []Malformed { return b.bad }
