package table

import (
	"bytes"
	"unicode/utf8"
)

// spaceSplitter splits lines into cells at runs of spaces and tabs.
type spaceSplitter struct{}

func (spaceSplitter) row(b *Batch, buf []byte, pos, n int, eof bool) (int, rowState, string) {
	line, next, st := wholeLine(buf, pos, n, eof)
	if st != rowOK {
		return next, st, ""
	}
	for i := 0; i < len(line); {
		if line[i] == ' ' || line[i] == '\t' {
			i++
			continue
		}
		from := i
		for i < len(line) && line[i] != ' ' && line[i] != '\t' {
			i++
		}
		b.cells = append(b.cells, view(line[from:i]))
	}
	return next, rowOK, ""
}

// fixedSplitter cuts lines at fixed places, counted in characters.
type fixedSplitter struct {
	starts []int // where each column begins; the first is 0
}

func (s *fixedSplitter) row(b *Batch, buf []byte, pos, n int, eof bool) (int, rowState, string) {
	line, next, st := wholeLine(buf, pos, n, eof)
	if st != rowOK {
		return next, st, ""
	}
	char, i := 0, 0
	for c := range s.starts {
		end := len(line)
		from := i
		if c+1 < len(s.starts) {
			for i < len(line) && char < s.starts[c+1] {
				_, w := utf8.DecodeRune(line[i:])
				i += w
				char++
			}
			end = i
		}
		b.cells = append(b.cells, view(bytes.TrimSpace(line[from:end])))
	}
	return next, rowOK, ""
}

// wholeLine returns the line at pos without its end, or why there is none.
func wholeLine(buf []byte, pos, n int, eof bool) (line []byte, next int, st rowState) {
	i := bytes.IndexByte(buf[pos:n], '\n')
	if i < 0 && !eof {
		return nil, 0, rowMore
	}
	next = n
	line = buf[pos:n]
	if i >= 0 {
		line, next = buf[pos:pos+i], pos+i+1
	}
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if len(bytes.TrimLeft(line, " \t")) == 0 {
		return nil, next, rowBlank
	}
	return line, next, rowOK
}

// fixedStarts finds where columns begin in lines of a fixed layout: after each run of places that are blank in all lines.
func fixedStarts(lines [][]byte) []int {
	var used []bool
	for _, l := range lines {
		char := 0
		for i := 0; i < len(l); char++ {
			r, w := utf8.DecodeRune(l[i:])
			i += w
			if char >= 4096 {
				break
			}
			for char >= len(used) {
				used = append(used, false)
			}
			if r != ' ' && r != '\t' {
				used[char] = true
			}
		}
	}
	var starts []int
	for i, u := range used {
		if u && (i == 0 || !used[i-1]) {
			starts = append(starts, i)
		}
	}
	if len(starts) > 0 {
		starts[0] = 0
	}
	return starts
}
