package orders

import (
	"strings"
	"unicode/utf8"

	"github.com/dangol/dangol/internal/kit/fault"
)

// datePattern is a compiled format: letters name the parts, everything else stands for itself.
type datePattern struct {
	text  string
	parts []patternPart
}

type patternPart struct {
	kind byte // Y y m d H I M S f p z b, or 0 for literal text
	text string
}

// The notations a format may be given in: strftime's letters, Go's reference time, and the yyyy-MM-dd of spreadsheets.
var (
	strftimeParts = map[byte]string{
		'Y': "Y", 'y': "y", 'm': "m", 'd': "d", 'e': "d", 'H': "H", 'k': "H", 'I': "I", 'l': "I", 'M': "M", 'S': "S", 'f': "f", 'p': "p", 'z': "z", 'b': "b", 'B': "b", 'h': "b",
		'F': "Y-m-d", 'T': "H:M:S", 'R': "H:M", 'D': "m/d/y", 'a': "b", 'A': "b",
	}
	goParts = []struct{ token, kind string }{
		{"2006", "Y"},
		{"January", "b"},
		{"Jan", "b"},
		{"Z07:00", "z"},
		{"-07:00", "z"},
		{"-0700", "z"},
		{"06", "y"},
		{"01", "m"},
		{"02", "d"},
		{"_2", "d"},
		{"15", "H"},
		{"03", "I"},
		{"04", "M"},
		{"05", "S"},
		{"PM", "p"},
		{"pm", "p"},
		{".000000", ".f"},
		{".000", ".f"},
		{"1", "m"},
		{"2", "d"},
		{"3", "I"},
		{"4", "M"},
		{"5", "S"},
	}
	sheetParts = []struct{ token, kind string }{
		{"yyyy", "Y"},
		{"YYYY", "Y"},
		{"yy", "y"},
		{"YY", "y"},
		{"MMMM", "b"},
		{"MMM", "b"},
		{"MM", "m"},
		{"dd", "d"},
		{"DD", "d"},
		{"HH", "H"},
		{"hh", "I"},
		{"mm", "M"},
		{"ss", "S"},
		{"SS", "S"},
		{"SSS", "f"},
		{"M", "m"},
		{"d", "d"},
		{"D", "d"},
		{"H", "H"},
		{"h", "I"},
		{"m", "M"},
		{"s", "S"},
		{"a", "p"},
	}
)

// dateFormatNamed reads --date-format: the name of an order, or a pattern.
func dateFormatNamed(s string) (dateOrder, *datePattern, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "ymd", "iso", "iso8601":
		return orderYMD, nil, nil
	case "dmy":
		return orderDMY, nil, nil
	case "mdy":
		return orderMDY, nil, nil
	case "unix", "unix_s", "epoch":
		return orderUnix, nil, nil
	case "unix_ms", "epoch_ms":
		return orderUnixMS, nil, nil
	case "excel":
		return orderExcel, nil, nil
	}
	p := &datePattern{text: s}
	switch {
	case strings.Contains(s, "%"):
		p.parts = strftimePattern(s)
	case strings.Contains(s, "2006") || strings.Contains(s, "06"):
		p.parts = tokenPattern(s, goParts)
	default:
		p.parts = tokenPattern(s, sheetParts)
	}
	if !p.complete() {
		return 0, nil, fault.Newf(fault.Invalid, "collect.bad_date_format", "The date format %q does not name year, month and day", s).
			At(fault.Place{Field: "date_format", Value: s}).Then("Use dmy, mdy or ymd, or a pattern such as %d/%m/%Y %H:%M")
	}
	return orderPattern, p, nil
}

func strftimePattern(s string) []patternPart {
	var parts []patternPart
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+1 == len(s) {
			parts = append(parts, patternPart{text: s[i : i+1]})
			continue
		}
		i++
		if s[i] == '-' && i+1 < len(s) { // %-d, without a leading zero
			i++
		}
		expanded, ok := strftimeParts[s[i]]
		if !ok {
			return nil
		}
		parts = append(parts, kindParts(expanded)...)
	}
	return parts
}

// kindParts turns "Y-m-d" into its parts.
func kindParts(s string) []patternPart {
	var parts []patternPart
	for _, c := range []byte(s) {
		if c >= 'A' {
			parts = append(parts, patternPart{kind: c})
		} else {
			parts = append(parts, patternPart{text: string(c)})
		}
	}
	return parts
}

func tokenPattern(s string, tokens []struct{ token, kind string }) []patternPart {
	var parts []patternPart
next:
	for s != "" {
		for _, t := range tokens {
			if strings.HasPrefix(s, t.token) {
				parts = append(parts, kindParts(t.kind)...)
				s = s[len(t.token):]
				continue next
			}
		}
		_, w := utf8.DecodeRuneInString(s)
		parts = append(parts, patternPart{text: s[:w]})
		s = s[w:]
	}
	return parts
}

func (p *datePattern) complete() bool {
	has := map[byte]bool{}
	for _, part := range p.parts {
		has[part.kind] = true
	}
	return (has['Y'] || has['y']) && (has['m'] || has['b']) && has['d']
}

// parse reads s by the pattern; blanks are flexible, and the time may be missing at the end.
func (p *datePattern) parse(s string) (civil, dateState) {
	s = strings.TrimSpace(s)
	if isNull(s) {
		return civil{}, dateEmpty
	}
	s, _ = withoutThaiDigits(s)
	r := dateReader{s: s}
	yearDigits, dated := 4, 0
	for _, part := range p.parts {
		if r.i == len(s) && dated >= 3 {
			break
		}
		if part.kind == 0 {
			if !r.literal(part.text) {
				return r.c, dateUnreadable
			}
			continue
		}
		for r.i < len(s) && s[r.i] == ' ' {
			r.i++
		}
		if !r.part(part.kind, &yearDigits) {
			return r.c, dateUnreadable
		}
		if strings.IndexByte("Yymbd", part.kind) >= 0 {
			dated++
		}
	}
	if r.i != len(s) {
		return r.c, dateUnreadable
	}
	if r.half != 0 {
		r.c.hour %= 12
		if r.half == wordPM {
			r.c.hour += 12
		}
	}
	if r.month > 0 {
		r.c.month = r.month
	}
	return r.c, r.c.check(yearDigits)
}

func (r *dateReader) literal(text string) bool {
	if text == " " {
		for r.i < len(r.s) && r.s[r.i] == ' ' {
			r.i++
		}
		return true
	}
	if !strings.HasPrefix(r.s[r.i:], text) {
		return false
	}
	r.i += len(text)
	return true
}

// upTo reads at most limit digits.
func (r *dateReader) upTo(limit int) (v, n int) {
	for r.i < len(r.s) && n < limit && r.s[r.i] >= '0' && r.s[r.i] <= '9' {
		v = v*10 + int(r.s[r.i]-'0')
		r.i++
		n++
	}
	return v, n
}

func (r *dateReader) part(kind byte, yearDigits *int) bool {
	into := map[byte]*int{'y': &r.c.year, 'm': &r.c.month, 'd': &r.c.day, 'H': &r.c.hour, 'I': &r.c.hour, 'M': &r.c.minute, 'S': &r.c.second}[kind]
	switch kind {
	case 'Y':
		r.c.year, *yearDigits = r.upTo(4)
		return *yearDigits > 0
	case 'f':
		from := r.i
		_, n := r.upTo(9)
		for k, unit := from, 100_000; k < r.i && unit > 0; k, unit = k+1, unit/10 {
			r.c.micro += int(r.s[k]-'0') * unit
		}
		return n > 0
	case 'p', 'b':
		return r.i < len(r.s) && r.word()
	case 'z':
		if strings.HasPrefix(r.s[r.i:], "Z") {
			r.i++
			r.c.zoned = true
			return true
		}
		return r.i < len(r.s) && (r.s[r.i] == '+' || r.s[r.i] == '-') && r.zone()
	}
	v, n := r.upTo(2)
	*into = v
	if kind == 'y' {
		*yearDigits = 2
	}
	if kind == 'H' || kind == 'I' {
		r.c.timed = true
	}
	return n > 0
}
