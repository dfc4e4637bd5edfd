package event

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unicode/utf8"
)

// maxSyntaxDepth bounds the nesting of what is checked at all; events may be nested less deeply than this.
const maxSyntaxDepth = 512

// SyntaxError says where a text stops being JSON.
type SyntaxError struct {
	Offset int
	What   string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not JSON at byte %d: %s", e.Offset+1, e.What)
}

// The ways in which a text is not JSON; "" means that it is.
const (
	badEnd      = "the text ends too early"
	badValue    = "a value was expected"
	badKey      = "a name in double quotes was expected"
	badColon    = "a colon was expected"
	badComma    = "a comma or the end of the object or list was expected"
	badLiteral  = "an unknown word"
	badNumber   = "a malformed number"
	badEscape   = "a malformed escape in a string"
	badControl  = "a control character in a string"
	badUTF8     = "a string that is not UTF-8"
	badDepth    = "nested too deeply"
	badTrailing = "something follows the end"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString checks the rest of a string whose opening quote is before i, eight bytes at a time while they are plain.
func skipString(b []byte, i int) (end int, problem string) {
	for {
		if i+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[i:])
			quote, slash := x^(ones*'"'), x^(ones*'\\')
			// The lowest bit that is set marks the first byte that is not plain; higher ones may err.
			special := ((quote-ones)&^quote | (slash-ones)&^slash | (x-ones*' ')&^x | x) & highs
			if special == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(special) >> 3
		} else if i >= len(b) {
			return i, badEnd
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, ""
		case c == '\\':
			if i, problem = skipEscape(b, i+1); problem != "" {
				return i, problem
			}
		case c < ' ':
			return i, badControl
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 {
				return i, badUTF8
			}
			i += n
		}
	}
}

func skipEscape(b []byte, i int) (end int, problem string) {
	if i >= len(b) {
		return i, badEnd
	}
	switch b[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1, ""
	case 'u':
		if _, ok := hex4(b, i+1); ok {
			return i + 5, ""
		}
	}
	return i, badEscape
}

// hex4 reads the four digits of a \u escape.
func hex4(b []byte, i int) (r rune, ok bool) {
	if i+4 > len(b) {
		return 0, false
	}
	for _, c := range b[i : i+4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

func isDigit(b []byte, i int) bool { return i < len(b) && b[i]-'0' <= 9 }

func skipDigits(b []byte, i int) int {
	for isDigit(b, i) {
		i++
	}
	return i
}

func skipNumber(b []byte, i int) (end int, problem string) {
	if b[i] == '-' {
		i++
	}
	if !isDigit(b, i) {
		return i, badNumber
	}
	if b[i] == '0' {
		i++
	} else {
		i = skipDigits(b, i)
	}
	if i < len(b) && b[i] == '.' {
		if i++; !isDigit(b, i) {
			return i, badNumber
		}
		i = skipDigits(b, i)
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !isDigit(b, i) {
			return i, badNumber
		}
		i = skipDigits(b, i)
	}
	return i, ""
}

// skipScalar checks a string, number or word.
func skipScalar(b []byte, i int) (end int, problem string) {
	word := "null"
	switch c := b[i]; {
	case c == '"':
		return skipString(b, i+1)
	case c == '-' || c-'0' <= 9:
		return skipNumber(b, i)
	case c == 't':
		word = "true"
	case c == 'f':
		word = "false"
	case c != 'n':
		return i, badValue
	}
	if end = i + len(word); end > len(b) || string(b[i:end]) != word {
		return i, badLiteral
	}
	return end, ""
}

// skipValue checks the value at i and returns what is behind it; on a problem, end is its place. The value may be nested
// depth levels deep at most.
func skipValue(b []byte, i, depth int) (end int, problem string) {
	var objects [maxSyntaxDepth/64 + 1]uint64 // one bit a level: it is an object
	level := 0
	for {
		if i = skipSpace(b, i); i >= len(b) {
			return i, badEnd
		}
		opened := b[i]
		if opened == '{' || opened == '[' {
			if level++; level > depth {
				return i, badDepth
			}
			bit := uint64(1) << (level & 63)
			objects[level>>6] &^= bit
			if opened == '{' {
				objects[level>>6] |= bit
			}
			if i = skipSpace(b, i+1); i >= len(b) {
				return i, badEnd
			}
			if b[i] != opened+2 { // the closing bracket is two after the opening one
				if opened == '{' {
					if i, problem = skipKey(b, i); problem != "" {
						return i, problem
					}
				}
				continue
			}
			i++
			level--
		} else if i, problem = skipScalar(b, i); problem != "" {
			return i, problem
		}
		if i, level, problem = leave(b, i, level, &objects); problem != "" || level == 0 {
			return i, problem
		}
	}
}

// leave goes from behind a value to the next one, closing what ends there.
func leave(b []byte, i, level int, objects *[maxSyntaxDepth/64 + 1]uint64) (next, left int, problem string) {
	for ; level > 0; level-- {
		if i = skipSpace(b, i); i >= len(b) {
			return i, level, badEnd
		}
		object := objects[level>>6]>>(level&63)&1 == 1
		switch c := b[i]; {
		case c == ',' && object:
			i, problem = skipKey(b, skipSpace(b, i+1))
			return i, level, problem
		case c == ',':
			return i + 1, level, ""
		case object && c == '}', !object && c == ']':
			i++
		default:
			return i, level, badComma
		}
	}
	return i, 0, ""
}

// skipKey checks a name and its colon.
func skipKey(b []byte, i int) (end int, problem string) {
	if i >= len(b) || b[i] != '"' {
		return i, badKey
	}
	if i, problem = skipString(b, i+1); problem != "" {
		return i, problem
	}
	if i = skipSpace(b, i); i >= len(b) || b[i] != ':' {
		return i, badColon
	}
	return i + 1, ""
}

// walk visits the fields of an object, or the elements of a list, in one pass: next moves to a value, which skip passes
// over or down enters.
type walk struct {
	b       []byte
	i       int
	depth   int // what the values may be nested yet
	begun   bool
	problem string
}

// open begins at the bracket at i.
func open(b []byte, i, depth int) walk { return walk{b: b, i: i, depth: depth - 1} }

func (w *walk) fail(i int, problem string) bool {
	w.i, w.problem = i, problem
	return false
}

// next moves to the next value; false means the end, behind the closing bracket, or a problem.
func (w *walk) next(closing byte) bool {
	i := w.i
	if !w.begun {
		if w.depth < 0 {
			return w.fail(i, badDepth)
		}
		w.begun = true
		i = skipSpace(w.b, i+1)
		if i < len(w.b) && w.b[i] == closing {
			w.i = i + 1
			return false
		}
		w.i = i
		return i < len(w.b) || w.fail(i, badEnd)
	}
	if i = skipSpace(w.b, i); i >= len(w.b) {
		return w.fail(i, badEnd)
	}
	switch w.b[i] {
	case closing:
		w.i = i + 1
		return false
	case ',':
		w.i = skipSpace(w.b, i+1)
		return true
	}
	return w.fail(i, badComma)
}

// field moves to the next field of an object and returns its name as it is written, at its value.
func (w *walk) field() (name []byte, ok bool) {
	if !w.next('}') {
		return nil, false
	}
	start := w.i
	end, problem := skipKey(w.b, start)
	if problem != "" {
		return nil, w.fail(end, problem)
	}
	quoted := end - 1 // back over the colon and the space before it
	for w.b[quoted] != '"' {
		quoted--
	}
	if w.i = skipSpace(w.b, end); w.i >= len(w.b) {
		return nil, w.fail(w.i, badEnd)
	}
	return w.b[start+1 : quoted], true
}

// at tells the first byte of the value.
func (w *walk) at() byte {
	if w.i < len(w.b) {
		return w.b[w.i]
	}
	return 0
}

// skip passes over the value and returns it.
func (w *walk) skip() (raw []byte, ok bool) {
	var end int
	var problem string
	if c := w.at(); c == '{' || c == '[' {
		end, problem = skipValue(w.b, w.i, w.depth)
	} else if c == 0 {
		end, problem = w.i, badEnd
	} else {
		end, problem = skipScalar(w.b, w.i)
	}
	if problem != "" {
		return nil, w.fail(end, problem)
	}
	raw = w.b[w.i:end]
	w.i = end
	return raw, true
}

// down enters the object or list that is the value; up returns behind it.
func (w *walk) down() walk { return open(w.b, w.i, w.depth) }

func (w *walk) up(inner *walk) bool {
	w.i, w.problem = inner.i, inner.problem
	return w.problem == ""
}
