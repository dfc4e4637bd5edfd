package table

import (
	"bytes"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
)

// maxDepth bounds how deep objects may lie inside each other.
const maxDepth = 64

// jsonSplitter turns one JSON object a line (or the elements of one array) into rows. Nested objects
// become columns named by their path ("customer.id"); the objects of one array of line items become a row each.
type jsonSplitter struct {
	columns map[string]int
	expand  string // path of the array whose elements become rows, "" for none
	array   bool   // the file is one array of objects, not one object a line
	learn   *jsonShape

	path  []byte
	cells []string // of the object itself
	items []string // of its line items, one after the other, each as wide as the table
	set   []bool   // which of the items' cells were given
	batch *Batch
}

// jsonShape collects the columns while a sample is read.
type jsonShape struct {
	names  []string
	arrays []string // paths of arrays of objects
}

func (s *jsonSplitter) row(b *Batch, buf []byte, pos, n int, eof bool) (int, rowState, string) {
	var object []byte
	var next int
	if s.array {
		for pos < n && strings.IndexByte(" \t\r\n,[]", buf[pos]) >= 0 {
			pos++
			if buf[pos-1] == '\n' {
				return pos, rowBlank, ""
			}
		}
		if pos == n {
			return n, rowBlank, ""
		}
		end := objectEnd(buf[pos:n])
		if end < 0 && !eof {
			return 0, rowMore, ""
		}
		if end < 0 {
			return 0, rowBad, "the JSON object is not closed"
		}
		object, next = buf[pos:pos+end], pos+end
	} else {
		line, after, st := wholeLine(buf, pos, n, eof)
		if st != rowOK {
			return after, st, ""
		}
		object, next = line, after
	}
	if problem := s.object(b, object); problem != "" {
		return 0, rowBad, problem
	}
	return next, rowOK, ""
}

// objectEnd is the length of the balanced object at the beginning of p, or -1.
func objectEnd(p []byte) int {
	depth, inString := 0, false
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth <= 0 {
				return i + 1
			}
		}
	}
	return -1
}

// object appends the rows of one object to b.
func (s *jsonSplitter) object(b *Batch, p []byte) string {
	width := len(s.columns)
	s.batch, s.path = b, s.path[:0]
	s.cells = blank(s.cells, width)
	s.items, s.set = s.items[:0], s.set[:0]
	d := jsonReader{p: p}
	d.space()
	if d.peek() != '{' {
		return "the line is not a JSON object"
	}
	s.walk(&d, -1, 0)
	if d.space(); d.bad == "" && d.i != len(d.p) {
		d.bad = "text follows the JSON object"
	}
	if d.bad != "" || s.learn != nil {
		return d.bad
	}
	if len(s.items) == 0 {
		b.cells = append(b.cells, s.cells...)
		return ""
	}
	for at := 0; at < len(s.items); at += width {
		for i := range width {
			c := s.cells[i]
			if s.set[at+i] {
				c = s.items[at+i]
			}
			b.cells = append(b.cells, c)
		}
	}
	return ""
}

func blank(cells []string, width int) []string {
	cells = cells[:0]
	for range width {
		cells = append(cells, "")
	}
	return cells
}

// more moves to the next member or element, and reports whether there is one before the closing sign, which it passes.
func (d *jsonReader) more(closing byte, first bool) bool {
	d.space()
	if d.peek() == closing {
		d.i++
		return false
	}
	if first {
		return true
	}
	if !d.take(',') {
		return false
	}
	d.space()
	return true
}

// walk reads an object whose path is s.path; item is the offset of the line item it belongs to, or -1.
func (s *jsonSplitter) walk(d *jsonReader, item, depth int) {
	if depth > maxDepth {
		d.fail("objects lie deeper than 64 levels")
		return
	}
	d.i++ // the brace
	for first := true; d.bad == "" && d.more('}', first); first = false {
		key, escaped := d.str()
		d.space()
		if !d.take(':') {
			return
		}
		d.space()
		if escaped {
			key = unescape(nil, key)
		}
		was := len(s.path)
		if was > 0 {
			s.path = append(s.path, '.')
		}
		s.path = append(s.path, key...)
		s.value(d, item, depth)
		s.path = s.path[:was]
	}
}

// value reads one value into the cell of its path.
func (s *jsonSplitter) value(d *jsonReader, item, depth int) {
	from := d.i
	switch d.peek() {
	case '{':
		s.walk(d, item, depth+1)
	case '"':
		p, escaped := d.str()
		if escaped {
			at := len(s.batch.arena)
			s.batch.arena = unescape(s.batch.arena, p)
			p = s.batch.arena[at:]
		}
		if d.bad == "" {
			s.give(view(p), item)
		}
	case '[':
		if item < 0 && s.learn != nil && isObjectArray(d.p[d.i:]) {
			s.learn.arrays = append(s.learn.arrays, string(s.path))
		}
		if item < 0 && s.expand != "" && string(s.path) == s.expand && isObjectArray(d.p[d.i:]) {
			s.elements(d, depth+1)
			return
		}
		d.skip(0)
		if d.bad == "" && (s.expand == "" || string(s.path) != s.expand) {
			s.give(view(d.p[from:d.i]), item)
		}
	default:
		word := d.word()
		if string(word) == "null" {
			word = nil
		}
		if d.bad != "" || (s.expand != "" && string(s.path) == s.expand) {
			return
		}
		s.give(view(word), item)
	}
}

// elements reads the array of line items.
func (s *jsonSplitter) elements(d *jsonReader, depth int) {
	d.i++ // the bracket
	for first := true; d.bad == "" && d.more(']', first); first = false {
		if d.peek() != '{' {
			d.fail("the array of line items holds something else")
			return
		}
		at := len(s.items)
		for range len(s.columns) {
			s.items, s.set = append(s.items, ""), append(s.set, false)
		}
		s.walk(d, at, depth)
	}
}

func (s *jsonSplitter) give(cell string, item int) {
	col, ok := s.columns[string(s.path)]
	if !ok {
		if s.learn == nil || len(s.columns) >= MaxColumns {
			return
		}
		name := string(s.path)
		s.columns[name] = len(s.learn.names)
		s.learn.names = append(s.learn.names, name)
		return
	}
	switch {
	case s.learn != nil:
	case item < 0:
		s.cells[col] = cell
	default:
		s.items[item+col], s.set[item+col] = cell, true
	}
}

func isObjectArray(p []byte) bool {
	p = bytes.TrimLeft(p[1:], " \t\r\n")
	return len(p) > 0 && p[0] == '{'
}

// findJSON learns the columns from a sample: the union of the paths met, in the order they are met.
func (t *Table) findJSON(sample []byte) (func() splitter, error) {
	array := bytes.HasPrefix(bytes.TrimLeft(sample, " \t\r\n"), []byte("["))
	shape := &jsonShape{}
	look := func(expand string) {
		shape.names = nil
		looseRows(sample, &jsonSplitter{columns: map[string]int{}, array: array, learn: shape, expand: expand}, 1<<20)
	}
	look("")
	expand := lineItems(shape.arrays)
	if expand != "" {
		look(expand)
	}
	if len(shape.names) == 0 {
		return nil, fault.New(fault.Invalid, "collect.not_json", "The file begins like JSON, but its first part holds no readable object").
			At(fault.Place{File: t.info.Name}).Then("Give one JSON object a line")
	}
	columns := make(map[string]int, len(shape.names))
	for i, n := range shape.names {
		columns[n] = i
	}
	t.columns, t.info.HasHeader = shape.names, true
	return func() splitter { return &jsonSplitter{columns: columns, expand: expand, array: array} }, nil
}

// lineItems chooses, among arrays of objects, the one that holds the lines of the order.
func lineItems(paths []string) string {
	for _, word := range []string{"line_item", "lineitem", "item", "line", "product", "detail"} {
		for _, p := range paths {
			if strings.Contains(strings.ToLower(p), word) {
				return p
			}
		}
	}
	if len(paths) > 0 {
		return paths[0]
	}
	return ""
}
