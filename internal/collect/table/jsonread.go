package table

import (
	"unicode/utf16"
	"unicode/utf8"
)

// jsonReader walks over JSON text; after the first fault bad says what is wrong and nothing moves on.
type jsonReader struct {
	p   []byte
	i   int
	bad string
}

func (d *jsonReader) fail(problem string) {
	if d.bad == "" {
		d.bad = problem
	}
}

func (d *jsonReader) space() {
	for d.i < len(d.p) {
		switch d.p[d.i] {
		case ' ', '\t', '\n', '\r':
			d.i++
		default:
			return
		}
	}
}

// peek is the byte at hand, 0 at the end.
func (d *jsonReader) peek() byte {
	if d.i < len(d.p) {
		return d.p[d.i]
	}
	return 0
}

func (d *jsonReader) take(c byte) bool {
	if d.bad == "" && d.peek() == c {
		d.i++
		return true
	}
	d.fail("the JSON lacks a " + string(rune(c)))
	return false
}

// str reads a string and returns what lies between its quotes.
func (d *jsonReader) str() (p []byte, escaped bool) {
	if !d.take('"') {
		return nil, false
	}
	from := d.i
	for ; d.i < len(d.p); d.i++ {
		switch d.p[d.i] {
		case '"':
			p = d.p[from:d.i]
			d.i++
			if len(p) > MaxCellBytes {
				d.fail("a value is longer than 1 MiB")
			}
			return p, escaped
		case '\\':
			escaped = true
			d.i++
		}
	}
	d.fail("a JSON string is not closed")
	return nil, false
}

// word reads a number, true, false or null as it stands.
func (d *jsonReader) word() []byte {
	from := d.i
	for d.i < len(d.p) {
		switch c := d.p[d.i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '+', c == '-', c == '.':
			d.i++
			continue
		}
		break
	}
	w := d.p[from:d.i]
	if len(w) == 0 {
		d.fail("a JSON value is missing")
		return w
	}
	if c := w[0]; c != '-' && (c < '0' || c > '9') {
		switch string(w) {
		case "true", "false", "null", "NaN", "Infinity":
		default:
			d.fail("a JSON value is not quoted")
		}
	}
	return w
}

// skip passes over one value of any kind.
func (d *jsonReader) skip(depth int) {
	if depth > maxDepth {
		d.fail("objects lie deeper than 64 levels")
	}
	if d.bad != "" {
		return
	}
	switch open := d.peek(); open {
	case '"':
		d.str()
	case '{', '[':
		d.i++
		closing := open + 2 // '}' and ']' stand two places after their openers
		for first := true; d.bad == ""; first = false {
			d.space()
			if d.peek() == closing {
				d.i++
				return
			}
			if !first {
				if !d.take(',') {
					return
				}
				d.space()
			}
			if open == '{' {
				d.str()
				d.space()
				d.take(':')
				d.space()
			}
			d.skip(depth + 1)
		}
	default:
		d.word()
	}
}

// unescape appends the text of a JSON string to dst; broken escapes become U+FFFD.
func unescape(dst, p []byte) []byte {
	for i := 0; i < len(p); i++ {
		if p[i] != '\\' || i+1 == len(p) {
			dst = append(dst, p[i])
			continue
		}
		i++
		switch c := p[i]; c {
		case 'n':
			dst = append(dst, '\n')
		case 't':
			dst = append(dst, '\t')
		case 'r':
			dst = append(dst, '\r')
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'u':
			r, n := hexRune(p[i+1:])
			i += n
			if utf16.IsSurrogate(r) && i+2 < len(p) && p[i+1] == '\\' && p[i+2] == 'u' {
				low, k := hexRune(p[i+3:])
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					r = pair
					i += 2 + k
				}
			}
			if r != 0 {
				dst = utf8.AppendRune(dst, r)
			}
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// hexRune reads the four digits of \uXXXX and how many bytes they took.
func hexRune(p []byte) (rune, int) {
	if len(p) < 4 {
		return utf8.RuneError, len(p)
	}
	var r rune
	for _, c := range p[:4] {
		r <<= 4
		switch {
		case c >= '0' && c <= '9':
			r |= rune(c - '0')
		case c >= 'a' && c <= 'f':
			r |= rune(c-'a') + 10
		case c >= 'A' && c <= 'F':
			r |= rune(c-'A') + 10
		default:
			return utf8.RuneError, 4
		}
	}
	return r, 4
}
