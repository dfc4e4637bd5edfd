package table

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/dangol/dangol/internal/kit/fault"
)

// The encodings by the name shown to people; nil is UTF-8, which needs no decoding.
var encodings = map[string]encoding.Encoding{
	"utf-8":        nil,
	"utf-16le":     unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	"utf-16be":     unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"euc-kr":       korean.EUCKR,
	"windows-874":  charmap.Windows874,
	"windows-1252": charmap.Windows1252,
}

// Other names of the same encodings. CP949 extends EUC-KR and Windows-874 extends TIS-620: the wider one reads both.
var encodingNames = map[string]string{
	"utf8": "utf-8", "utf-8-sig": "utf-8", "ascii": "utf-8", "us-ascii": "utf-8", "utf16le": "utf-16le", "utf-16": "utf-16le", "utf16": "utf-16le", "utf16be": "utf-16be",
	"cp949": "euc-kr", "ms949": "euc-kr", "uhc": "euc-kr", "euckr": "euc-kr", "ks_c_5601-1987": "euc-kr",
	"tis-620": "windows-874", "tis620": "windows-874", "cp874": "windows-874", "iso-8859-11": "windows-874",
	"latin1": "windows-1252", "latin-1": "windows-1252", "iso-8859-1": "windows-1252", "cp1252": "windows-1252",
}

// encodingNamed returns the canonical name of an encoding the caller asked for.
func encodingNamed(name string) (string, error) {
	n := strings.ToLower(strings.TrimSpace(name))
	if alias, ok := encodingNames[n]; ok {
		n = alias
	}
	if _, ok := encodings[n]; !ok {
		return "", fault.Newf(fault.Invalid, "collect.unknown_encoding", "The encoding %q is not known", name).
			At(fault.Place{Field: "encoding", Value: name}).Then("Use utf-8, utf-16le, utf-16be, euc-kr, windows-874 or windows-1252")
	}
	return n, nil
}

// decoded makes UTF-8 of r.
func decoded(r io.Reader, name string) io.Reader {
	if e := encodings[name]; e != nil {
		return transform.NewReader(r, e.NewDecoder())
	}
	return r
}

// detectEncoding names the encoding of a file that begins with head; bom is the length of its mark.
// more is text from further on, used when the head is pure ASCII.
func detectEncoding(head, more []byte) (name string, bom int) {
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		return "utf-8", 3
	case bytes.HasPrefix(head, []byte("\xFF\xFE")):
		return "utf-16le", 2
	case bytes.HasPrefix(head, []byte("\xFE\xFF")):
		return "utf-16be", 2
	}
	if name := bareUTF16(head); name != "" {
		return name, 0
	}
	sample := head
	if ascii(head) {
		sample = more
	}
	if ascii(sample) || validPrefix(sample) {
		return "utf-8", 0
	}
	return eightBit(sample), 0
}

// bareUTF16 recognises UTF-16 without a mark by the zero halves of its ASCII characters.
func bareUTF16(p []byte) string {
	p = p[:min(len(p), 64<<10)]
	if len(p) < 8 {
		return ""
	}
	var zero [2]int
	for i, c := range p {
		if c == 0 {
			zero[i&1]++
		}
	}
	switch half := len(p) / 2; {
	case zero[1] > half/3 && zero[0] < zero[1]/8:
		return "utf-16le"
	case zero[0] > half/3 && zero[1] < zero[0]/8:
		return "utf-16be"
	}
	return ""
}

func ascii(p []byte) bool { return firstHigh(p) < 0 }

// firstHigh is the place of the first byte beyond ASCII, or -1.
func firstHigh(p []byte) int {
	for i, c := range p {
		if c >= utf8.RuneSelf {
			return i
		}
	}
	return -1
}

// validPrefix tells whether p is UTF-8, the last character perhaps cut off.
func validPrefix(p []byte) bool {
	for cut := 0; cut < utf8.UTFMax && cut < len(p); cut++ {
		if utf8.Valid(p[:len(p)-cut]) {
			return true
		}
	}
	return false
}

// eightBit chooses among Korean, Thai and Western European by how well each reads the bytes beyond ASCII.
func eightBit(p []byte) string {
	ko, th, we := koreanFaults(p), thaiFaults(p), westernFaults(p)
	switch {
	case ko <= th && ko <= we:
		return "euc-kr"
	case th <= we:
		return "windows-874"
	default:
		return "windows-1252"
	}
}

// koreanFaults is the share of bytes beyond ASCII that do not belong to a common Hangul syllable or symbol in CP949.
func koreanFaults(p []byte) float64 {
	high, bad := 0, 0.0
	for i := 0; i < len(p); i++ {
		if p[i] < 0x80 {
			continue
		}
		high++
		if i+1 == len(p) {
			break
		}
		lead, trail := p[i], p[i+1]
		pair := trail >= 0xA1 && trail != 0xFF
		switch {
		case pair && lead >= 0xB0 && lead <= 0xC8: // the 2,350 everyday syllables
			high++
			i++
		case pair && lead >= 0xA1 && lead <= 0xAC: // symbols and letters
			high++
			i++
			bad += 0.6
		case pair && lead >= 0xCA && lead <= 0xFD: // hanja: possible, rare
			high++
			i++
			bad += 1.6
		case lead >= 0x81 && lead <= 0xC6 && trail >= 0x41: // rare syllables of CP949
			bad += 0.7
			i++
		default:
			bad++
		}
	}
	return bad / float64(max(high, 1))
}

// thaiFaults is the share of bytes beyond ASCII that break Thai spelling: unassigned bytes, and vowel or tone marks without a consonant.
func thaiFaults(p []byte) float64 {
	high, bad := 0, 0
	prev := byte(0)
	for _, c := range p {
		if c >= 0x80 {
			high++
			consonant := prev >= 0xA1 && prev <= 0xCE
			mark := func(x byte) bool { return x == 0xD1 || (x >= 0xD3 && x <= 0xDA) || (x >= 0xE7 && x <= 0xEE) }
			switch {
			case c < 0xA1 && c != 0xA0 && c != 0x85 && (c < 0x91 || c > 0x97), c >= 0xDB && c <= 0xDE, c >= 0xFC:
				bad++
			case mark(c) && !consonant && !mark(prev):
				bad++
			case (c == 0xD0 || c == 0xD2) && !consonant && !mark(prev):
				bad++
			case prev >= 0xE0 && prev <= 0xE4 && (c < 0xA1 || c > 0xCE):
				bad++
			}
		}
		prev = c
	}
	return float64(bad) / float64(max(high, 1))
}

// westernFaults is the share of bytes beyond ASCII that are not letters standing alone among ASCII letters, as in "Müller".
func westernFaults(p []byte) float64 {
	high, bad := 0, 0.0
	for i, c := range p {
		if c < 0x80 {
			continue
		}
		high++
		before := i > 0 && p[i-1] >= 0x80
		after := i+1 < len(p) && p[i+1] >= 0x80
		switch {
		case before || after:
			bad++
		case c < 0xC0 && c != 0x80 && c != 0xA3 && c != 0xA5 && c != 0xA0 && c != 0xB0 && c != 0x96 && c != 0x92:
			bad += 0.5
		default:
			bad += 0.05
		}
	}
	return bad / float64(max(high, 1))
}

// returnsToFeeds turns the lone carriage returns of old Macintosh files into newlines.
type returnsToFeeds struct{ r io.Reader }

func (f returnsToFeeds) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
