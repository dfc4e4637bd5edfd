package table

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
)

// sampleRows bounds how many rows are looked at to find delimiter and header.
const sampleRows = 300

var delimiterNames = map[string]string{
	"comma": ",", "tab": "\t", `\t`: "\t", "semicolon": ";", "pipe": "|", "space": " ", "spaces": " ", "colon": ":",
}

// delimiterNamed reads the caller's delimiter: one character, or its name.
func delimiterNamed(name string) (byte, error) {
	d := name
	if full, ok := delimiterNames[strings.ToLower(strings.TrimSpace(name))]; ok {
		d = full
	}
	if len(d) != 1 || d[0] == '"' || d[0] == '\n' || d[0] == '\r' || d[0] >= 0x80 {
		return 0, fault.Newf(fault.Invalid, "collect.bad_delimiter", "%q cannot be a delimiter", name).
			At(fault.Place{Field: "delimiter", Value: name}).Then("Give one character such as ; or one of comma, tab, semicolon, pipe, space")
	}
	return d[0], nil
}

// looseRow is a row of a sample, of whatever width.
type looseRow struct {
	line  int64
	cells []string
}

// looseRows splits a sample that ends at a line's end, keeping rows of any width.
func looseRows(sample []byte, split splitter, limit int) []looseRow {
	p := newLinePass(bytes.NewReader(sample), nil, split, true)
	p.loose, p.chunk = true, min(chunkBytes, len(sample)+1)
	var rows []looseRow
	var b Batch
	for len(rows) < limit {
		p.widths = p.widths[:0]
		b = Batch{}
		err := p.next(&b)
		at := 0
		for i, w := range p.widths {
			if len(rows) < limit {
				rows = append(rows, looseRow{b.lines[i], b.cells[at : at+w]})
			}
			at += w
		}
		if errors.Is(err, io.EOF) || err != nil {
			break
		}
	}
	return rows
}

// shapeOf is the most common width of the rows, and the share of rows that have it.
func shapeOf(rows []looseRow) (width int, share float64) {
	counts := map[int]int{}
	for _, r := range rows {
		counts[len(r.cells)]++
	}
	for w, n := range counts {
		if n > counts[width] || (n == counts[width] && w > width) {
			width = w
		}
	}
	return width, float64(counts[width]) / float64(max(len(rows), 1))
}

// findDelimiter chooses the character that cuts the sample into rows of one width; 0 when none does.
func findDelimiter(sample []byte) byte {
	type candidate struct {
		delim byte
		width int
		score float64
	}
	var best candidate
	found := map[byte]candidate{}
	for _, d := range []byte{'\t', ';', '|', ','} {
		rows := looseRows(sample, &csvSplitter{delim: d}, sampleRows)
		width, share := shapeOf(rows)
		if width < 2 || share < 0.6 {
			continue
		}
		if len(rows) > 1 && len(rows[0].cells) < width && len(rows[0].cells) == 1 {
			share *= 0.6 // the first row, a header most of the time, does not agree
		}
		found[d] = candidate{d, width, share}
	}
	if c, ok := found[','], found[';'].score >= 0.9 && onlyBetweenDigits(sample, ','); ok && c.width > 0 {
		delete(found, ',')
	}
	for _, d := range []byte{'\t', ';', '|', ','} {
		c, ok := found[d]
		if ok && (best.delim == 0 || c.score > best.score*1.1 || (c.score > best.score*0.9 && c.width > best.width)) {
			best = c
		}
	}
	return best.delim
}

// onlyBetweenDigits tells whether every c in p stands between two digits, as decimal commas do.
func onlyBetweenDigits(p []byte, c byte) bool {
	digit := func(i int) bool { return i >= 0 && i < len(p) && p[i] >= '0' && p[i] <= '9' }
	for i, x := range p {
		if x == c && (!digit(i-1) || !digit(i+1)) {
			return false
		}
	}
	return true
}

// findText chooses between cells parted by runs of spaces and cells at fixed places; nil when the sample is neither.
func findText(sample []byte) splitter {
	rows := looseRows(sample, spaceSplitter{}, sampleRows)
	width, share := shapeOf(rows)
	if width >= 2 && share >= 0.9 {
		return spaceSplitter{}
	}
	lines := bytes.Split(bytes.TrimRight(sample, "\r\n"), []byte{'\n'})
	if len(lines) > sampleRows {
		lines = lines[:sampleRows]
	}
	for i := range lines {
		lines[i] = bytes.TrimRight(lines[i], "\r")
	}
	if starts := fixedStarts(lines); len(lines) >= 3 && len(starts) >= 2 {
		return &fixedSplitter{starts}
	}
	if width >= 2 && share >= 0.6 {
		return spaceSplitter{}
	}
	return nil
}
