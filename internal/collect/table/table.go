package table

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"unsafe"

	"github.com/dangol/dangol/internal/kit/fault"
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
	dataRow int64 // the line of the first data row: what lies before is header and preamble
	start   func(ctx context.Context) (pass, error)

	bytesRead atomic.Int64
	rowsRead  atomic.Int64
}

// Info returns what is known of the file.
func (t *Table) Info() Info { return t.info }

// Columns returns one name per column: the header's, or "column 3" where there is none.
func (t *Table) Columns() []string { return t.columns }

// Progress tells, from any goroutine, how far the latest pass has come: bytes of the file as it
// lies on disk (compare with Info().Bytes), and rows.
func (t *Table) Progress() (bytes, rows int64) { return t.bytesRead.Load(), t.rowsRead.Load() }

// pass is what each format implements: next fills a batch that has been cleared.
type pass interface {
	next(b *Batch) error
	close() error
}

// Rows starts a pass over the data rows (the header is not among them). Close it.
func (t *Table) Rows(ctx context.Context) (*Rows, error) {
	t.bytesRead.Store(0)
	t.rowsRead.Store(0)
	p, err := t.start(ctx)
	if err != nil {
		return nil, t.unreadable(err)
	}
	return &Rows{t: t, p: p}, nil
}

// Rows is one pass over a table.
type Rows struct {
	t    *Table
	p    pass
	done error
}

// Next fills b with the next rows, recycling its buffers, and returns io.EOF after the last.
// What b gave before is no longer valid. After any error it goes on returning that error.
func (r *Rows) Next(b *Batch) error {
	for r.done == nil {
		b.clear(len(r.t.columns))
		err := r.p.next(b)
		b.dropBefore(r.t.dataRow)
		if err != nil {
			r.done = err
			if !errors.Is(err, io.EOF) {
				r.done = r.t.unreadable(err)
			}
		}
		if n := b.Len() + len(b.bad); n > 0 {
			r.t.rowsRead.Add(int64(n))
			return nil
		}
	}
	b.clear(len(r.t.columns))
	return r.done
}

// Close ends the pass.
func (r *Rows) Close() error { return r.p.close() }

// unreadable gives an error from below its code and file, leaving faults and cancellation alone.
func (t *Table) unreadable(err error) error {
	var f *fault.Fault
	if errors.As(err, &f) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fault.Newf(fault.Invalid, "collect.unreadable_file", "The file cannot be read to its end: %s", plain(err)).
		At(fault.Place{File: t.info.Name}).Then("Check that it was copied or downloaded completely").Because(err)
}

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
	buf   []byte // the run of the file the cells point into
	arena []byte // cells that had to be rewritten, such as doubled quotes

	manyRows bool // one record may give several rows (JSON with line items)
}

// Len is the number of well-formed rows.
func (b *Batch) Len() int { return len(b.lines) }

// Row returns the cells of row i, always as many as the table has columns.
func (b *Batch) Row(i int) []string { return b.cells[i*b.width : (i+1)*b.width : (i+1)*b.width] }

// Line returns the 1-based line of the file at which row i begins.
func (b *Batch) Line(i int) int64 { return b.lines[i] }

// Malformed returns the rows of this run that could not be split.
func (b *Batch) Malformed() []Malformed { return b.bad }

func (b *Batch) clear(width int) {
	b.width = width
	b.cells, b.lines, b.bad, b.arena = b.cells[:0], b.lines[:0], b.bad[:0], b.arena[:0]
}

// dropBefore removes the rows above line: they are the header and what stands before it.
func (b *Batch) dropBefore(line int64) {
	n := 0
	for n < len(b.lines) && b.lines[n] < line {
		n++
	}
	if n > 0 {
		b.lines = b.lines[:copy(b.lines, b.lines[n:])]
		b.cells = b.cells[:copy(b.cells, b.cells[n*b.width:])]
	}
	k := 0
	for k < len(b.bad) && b.bad[k].Line < line {
		k++
	}
	b.bad = b.bad[k:]
}

// keep copies p into the batch's arena and returns a view of the copy.
// When the arena grows, earlier views go on pointing at the old one, which stays as it was.
func (b *Batch) keep(p []byte) string {
	at := len(b.arena)
	b.arena = append(b.arena, p...)
	return view(b.arena[at:])
}

// view is p as a string without a copy; it holds as long as p is not written to.
func view(p []byte) string {
	if len(p) == 0 {
		return ""
	}
	return unsafe.String(&p[0], len(p)) //nolint:gosec // the batch's contract bounds the lifetime
}
