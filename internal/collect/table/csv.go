package table

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// csvSplitter splits delimited rows with quotes (RFC 4180, and what spreadsheets make of it).
//
// A quote counts as an opening one only at the beginning of a cell, and then the closing one must be
// followed by the delimiter or the end of the line. Where that fails, only the physical line at which
// the row begins is given up, so that a stray quote cannot swallow the file.
type csvSplitter struct {
	delim byte
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

func (s *csvSplitter) row(b *Batch, buf []byte, pos, n int, eof bool) (int, rowState, string) {
	start, delim := pos, s.delim
	delims := ones * uint64(delim)
	const feeds = ones * uint64('\n')
	cells := b.cells
	for {
		if c := buf[pos]; c == '"' || (c == ' ' && delim != ' ' && quoteAfterSpace(buf, pos)) {
			b.cells = cells
			next, end, st, problem := s.quoted(b, buf, pos, n, eof)
			if st != rowOK {
				return next, st, problem
			}
			cells = b.cells
			if end {
				return next, rowOK, ""
			}
			pos = next
			continue
		}
		i := pos
		for {
			w := binary.LittleEndian.Uint64(buf[i:])
			x, y := w^delims, w^feeds
			m := ((x - ones) &^ x & highs) | ((y - ones) &^ y & highs)
			if m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		if i < n && buf[i] == delim {
			cells = append(cells, view(buf[pos:i]))
			pos = i + 1
			continue
		}
		b.cells = cells
		return s.lastCell(b, buf, start, pos, min(i, n), n, eof)
	}
}

// lastCell ends a row at the newline or the end of the file.
func (s *csvSplitter) lastCell(b *Batch, buf []byte, start, pos, i, n int, eof bool) (int, rowState, string) {
	if i == n && !eof {
		return 0, rowMore, ""
	}
	next := min(i+1, n)
	if i > pos && buf[i-1] == '\r' {
		i--
	}
	if pos == start && i == pos {
		return next, rowBlank, ""
	}
	b.cells = append(b.cells, view(buf[pos:i]))
	if next-start > MaxCellBytes {
		return next, rowBad, "a cell is longer than 1 MiB"
	}
	return next, rowOK, ""
}

// quoteAfterSpace tells whether only spaces stand between pos and a quote.
func quoteAfterSpace(buf []byte, pos int) bool {
	for buf[pos] == ' ' {
		pos++
	}
	return buf[pos] == '"'
}

// quoted appends the quoted cell at pos; end says that it was the row's last.
func (s *csvSplitter) quoted(b *Batch, buf []byte, pos, n int, eof bool) (next int, end bool, st rowState, problem string) {
	for buf[pos] == ' ' {
		pos++
	}
	from := pos + 1
	i, doubled := from, false
	for {
		j := bytes.IndexByte(buf[i:n], '"')
		if j < 0 || i+j-from > MaxCellBytes {
			if j < 0 && !eof && n-from <= MaxCellBytes {
				return 0, false, rowMore, ""
			}
			return 0, false, rowBad, "a quote is opened and not closed"
		}
		i += j
		if i+1 == n && !eof {
			return 0, false, rowMore, ""
		}
		if i+1 >= n || buf[i+1] != '"' {
			break
		}
		doubled = true
		i += 2
	}
	cell := view(buf[from:i])
	if doubled {
		cell = b.undouble(buf[from:i])
	}
	b.cells = append(b.cells, cell)
	for i++; i < n && buf[i] == ' ' && s.delim != ' '; i++ {
	}
	if i < n && buf[i] == '\r' {
		i++
	}
	switch {
	case i >= n && !eof:
		return 0, false, rowMore, ""
	case i >= n:
		return n, true, rowOK, ""
	case buf[i] == '\n':
		return i + 1, true, rowOK, ""
	case buf[i] == s.delim:
		return i + 1, false, rowOK, ""
	}
	return 0, false, rowBad, "text follows a closing quote"
}

// undouble copies a quoted cell with each doubled quote made one.
func (b *Batch) undouble(p []byte) string {
	at := len(b.arena)
	for {
		i := bytes.IndexByte(p, '"')
		if i < 0 {
			b.arena = append(b.arena, p...)
			return view(b.arena[at:])
		}
		b.arena = append(b.arena, p[:i+1]...)
		p = p[min(i+2, len(p)):]
	}
}
