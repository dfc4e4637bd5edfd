package table

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// chunkBytes is how much of a file one batch reads: large enough to keep calls rare, small enough to stay in cache.
const chunkBytes = 512 << 10

// rowState is what a splitter found at a position.
type rowState uint8

const (
	rowOK    rowState = iota // cells of one row (or several, from one JSON object) were appended
	rowBlank                 // nothing stands there
	rowMore                  // the row goes on beyond the buffer
	rowBad                   // the row is broken; problem says how
)

// splitter splits one row off a buffer. buf[n] is always a newline and 8 more bytes may be read beyond it.
type splitter interface {
	// row appends to b.cells the cells of the row at pos and returns where the next row begins.
	// On rowBad the cells it appended are dropped by the caller, who goes on after the physical line.
	row(b *Batch, buf []byte, pos, n int, eof bool) (next int, st rowState, problem string)
}

// linePass feeds a splitter from a reader, chunk by chunk, and keeps count of lines.
type linePass struct {
	src      io.Reader
	closing  func() error
	split    splitter
	utf8     bool // the bytes are claimed to be UTF-8 and have to be checked
	loose    bool // rows of any width are kept, one batch entry in widths each (for looking at a sample)
	widths   []int
	tail     []byte // the beginning of a row whose end was not yet read
	line     int64
	eof      bool
	skipping bool // inside a line beyond MaxRowBytes
	chunk    int  // how much is read at a time
}

func newLinePass(src io.Reader, closing func() error, split splitter, isUTF8 bool) *linePass {
	return &linePass{src: src, closing: closing, split: split, utf8: isUTF8, line: 1, chunk: chunkBytes}
}

func (p *linePass) close() error {
	if p.closing == nil {
		return nil
	}
	return p.closing()
}

func (p *linePass) next(b *Batch) error {
	if p.eof && len(p.tail) == 0 {
		return io.EOF
	}
	_, b.manyRows = p.split.(*jsonSplitter)
	size := max(p.chunk, 2*len(p.tail))
	for {
		n, err := p.fill(b, size)
		if err != nil {
			return err
		}
		used := p.splitAll(b, n)
		p.tail = append(p.tail[:0], b.buf[used:n]...)
		p.clean(b, used)
		if p.eof || len(b.lines) > 0 || len(b.bad) > 0 || used > 0 {
			if p.eof && len(p.tail) == 0 {
				return io.EOF
			}
			return nil
		}
		size *= 2
	}
}

// fill puts the tail and as much of the source as fits into b.buf, and a newline after it.
func (p *linePass) fill(b *Batch, size int) (n int, err error) {
	if cap(b.buf) < size+16 {
		b.buf = make([]byte, size+16)
	}
	b.buf = b.buf[:size+16]
	n = copy(b.buf, p.tail)
	for n < size && !p.eof {
		k, err := p.src.Read(b.buf[n:size])
		n += k
		if errors.Is(err, io.EOF) {
			p.eof = true
		} else if err != nil {
			return 0, err
		}
	}
	b.buf[n] = '\n'
	clear(b.buf[n+1:])
	return n, nil
}

// splitAll splits the whole rows of b.buf[:n] and returns how far it came.
func (p *linePass) splitAll(b *Batch, n int) int {
	pos := 0
	if p.skipping {
		if pos = p.skip(b.buf, n); p.skipping {
			return pos
		}
	}
	for pos < n {
		before := len(b.cells)
		next, st, problem := p.split.row(b, b.buf, pos, n, p.eof)
		if st == rowOK {
			if got := len(b.cells) - before; p.loose {
				p.widths = append(p.widths, got)
				b.lines = append(b.lines, p.line)
			} else if got == b.width {
				b.lines = append(b.lines, p.line)
			} else if st, problem = b.fit(before, got); st == rowOK {
				for range (len(b.cells) - before) / b.width {
					b.lines = append(b.lines, p.line)
				}
			}
		}
		if st == rowMore && p.eof {
			st, problem = rowBad, "the row ends in the middle"
		}
		switch st {
		case rowOK, rowBlank:
			p.line += int64(newlines(b.buf[pos:next]))
			pos = next
		case rowMore:
			b.cells = b.cells[:before]
			if n-pos <= MaxRowBytes {
				return pos
			}
			p.reject(b, b.buf[pos:n], "the row is longer than 16 MiB")
			p.skipping = true
			return n
		case rowBad:
			b.cells = b.cells[:before]
			end := bytes.IndexByte(b.buf[pos:n], '\n')
			if end < 0 && !p.eof && n-pos <= MaxRowBytes {
				return pos
			}
			if end < 0 {
				end = n - pos
				p.skipping = !p.eof
			}
			p.reject(b, b.buf[pos:pos+end], problem)
			if pos = min(pos+end+1, n); p.skipping {
				return n
			}
			p.line++
		}
	}
	return pos
}

// skip passes over the rest of an overlong line.
func (p *linePass) skip(buf []byte, n int) int {
	end := bytes.IndexByte(buf[:n], '\n')
	if end < 0 {
		return n
	}
	p.skipping = false
	p.line++
	return end + 1
}

func (p *linePass) reject(b *Batch, text []byte, problem string) {
	text = bytes.TrimSuffix(text, []byte{'\r'})
	if len(text) > 4096 {
		text = text[:4096]
	}
	b.bad = append(b.bad, Malformed{Line: p.line, Text: strings.ToValidUTF8(string(text), "\uFFFD"), Problem: problem})
}

// clean mends cells that are not valid UTF-8 or hold NUL, which no engine below would take.
func (p *linePass) clean(b *Batch, used int) {
	if bytes.IndexByte(b.buf[:used], 0) < 0 && (!p.utf8 || utf8.Valid(b.buf[:used])) {
		return
	}
	for i, c := range b.cells {
		b.cells[i] = mend(c)
	}
}

func mend(c string) string {
	if strings.IndexByte(c, 0) >= 0 {
		c = strings.ReplaceAll(c, "\x00", "")
	}
	if !utf8.ValidString(c) {
		c = strings.ToValidUTF8(c, "\uFFFD")
	}
	return c
}

// fit brings a row of got cells to the table's width where that loses nothing: empty cells at the end are dropped.
func (b *Batch) fit(before, got int) (rowState, string) {
	if b.width > 0 && got > b.width && got%b.width == 0 && b.manyRows {
		return rowOK, ""
	}
	for got > b.width && b.cells[before+got-1] == "" {
		got--
	}
	b.cells = b.cells[:before+got]
	switch {
	case got == b.width:
		return rowOK, ""
	case got < b.width:
		return rowBad, "the row has fewer cells than the table has columns"
	default:
		return rowBad, "the row has more cells than the table has columns"
	}
}

// newlines counts line ends; most rows have exactly one, at the end.
func newlines(p []byte) int {
	if len(p) == 0 {
		return 0
	}
	i := bytes.IndexByte(p, '\n')
	if i == len(p)-1 {
		return 1
	}
	if i < 0 {
		return 0
	}
	return bytes.Count(p, []byte{'\n'})
}
