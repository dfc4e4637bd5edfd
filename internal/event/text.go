package event

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// unquote gives the text of a JSON string that was checked; half of a surrogate pair becomes U+FFFD.
func unquote(raw []byte) string {
	raw = raw[1 : len(raw)-1]
	first := bytes.IndexByte(raw, '\\')
	if first < 0 {
		return string(raw)
	}
	out := make([]byte, first, len(raw))
	copy(out, raw)
	for i := first; i < len(raw); {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			i++
			continue
		}
		i++
		c := raw[i]
		i++
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			var r rune
			r, i = unescape(raw, i)
			out = utf8.AppendRune(out, r)
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

// unescape reads the rune whose first \u is before i.
func unescape(raw []byte, i int) (r rune, end int) {
	r, _ = hex4(raw, i)
	i += 4
	if !utf16.IsSurrogate(r) {
		return r, i
	}
	if i+6 <= len(raw) && raw[i] == '\\' && raw[i+1] == 'u' {
		low, _ := hex4(raw, i+2)
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, i + 6
		}
	}
	return utf8.RuneError, i
}

// mend replaces each half of a surrogate pair in checked JSON by \ufffd: a browser that cuts a text in the middle of an
// emoji writes one, and not every reader of JSON forgives it. What needs no mending is returned as it is.
func mend(raw []byte) []byte {
	var mended []byte
	for i := 0; ; {
		n := bytes.IndexByte(raw[i:], '\\')
		if n < 0 {
			break
		}
		i += n + 2
		if raw[i-1] != 'u' {
			continue
		}
		r, end := unescape(raw, i)
		written, _ := hex4(raw, i)
		if r == utf8.RuneError && written != utf8.RuneError {
			if mended == nil {
				mended = bytes.Clone(raw)
			}
			copy(mended[i:], "fffd")
		}
		i = end
	}
	if mended != nil {
		return mended
	}
	return raw
}
