package orders

import (
	"math/big"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// decimal is an exact number: m / 10^scale.
type decimal struct {
	m     int64
	scale uint8
}

const (
	maxScale = 12                    // decimals kept; beyond them a float's noise begins
	maxMinor = 1_000_000_000_000_000 // largest amount or quantity of one line, in minor units or thousandths
)

var pow10 = [19]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// readState says how reading a cell went.
type readState uint8

const (
	readOK readState = iota
	readEmpty
	readBad
	readTooLarge
)

// parseNumber reads a number as people and programs write them; comma says that the decimal sign is a comma.
// A currency sign or code beside the digits is returned as ISO 4217.
func parseNumber(s string, comma bool) (d decimal, currency string, st readState) {
	i, neg := 0, false
	if len(s) > 0 && s[0] == '-' {
		neg, i = true, 1
	}
	if len(s)-i > 18 || len(s) == i {
		return parseLoose(s, comma)
	}
	decimalSign, groupSign := byte('.'), byte(',')
	if comma {
		decimalSign, groupSign = ',', '.'
	}
	var m int64
	scale, point, groups, run := 0, false, 0, 0
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			m = m*10 + int64(c-'0')
			run++
		case c == decimalSign && !point && i+1 < len(s) && (groups == 0 || run == 3):
			point, run = true, 0
		case c == groupSign && !point && (run == 3 || (groups == 0 && run > 0 && run < 3)):
			groups, run = groups+1, 0
		default:
			return parseLoose(s, comma)
		}
	}
	switch {
	case point && run <= maxScale:
		scale = run
	case point || (groups > 0 && run != 3):
		return parseLoose(s, comma)
	}
	if neg {
		m = -m
	}
	return decimal{m, uint8(scale)}, "", readOK
}

// parseLoose reads what the quick way does not: currency signs, thousands separators, parentheses, exponents, Thai digits.
func parseLoose(s string, comma bool) (d decimal, currency string, st readState) {
	s = strings.TrimSpace(s)
	if isNull(s) {
		return d, "", readEmpty
	}
	var digits [96]byte // digits, separators and exponent, without signs and currency
	n, neg, last := 0, false, byte(0)
	for i := 0; i < len(s); {
		r, w := utf8.DecodeRuneInString(s[i:])
		switch {
		case r >= '0' && r <= '9', r == '.', r == ',':
		case r >= '๐' && r <= '๙':
			r = '0' + (r - '๐')
		case (r == 'e' || r == 'E') && n > 0 && exponentFollows(s[i+1:]):
			if n+len(s)-i > len(digits) {
				return d, "", readTooLarge
			}
			n += copy(digits[n:], s[i:])
			i = len(s)
			continue
		case (last == '.' || last == ',') && (r == '-' || r == '–' || r == '—'):
			n-- // 890.- and 890,- are how whole baht, francs and euros are written
			last, i = 0, i+w
			continue
		case r == '-' || r == '−' || r == '(' || r == '–':
			neg = true
			i += w
			continue
		case r == ' ' || r == '\u00A0' || r == '\u202F' || r == '\u2009' || r == '\'' || r == '’' || r == '_' || r == '+' || r == ')':
			if n > 0 && (r == ' ' || r == '\u00A0' || r == '\u202F' || r == '\u2009' || r == '\'' || r == '’' || r == '_') {
				r = ' ' // a group separator, if digits follow
				break
			}
			i += w
			continue
		default:
			code, width := currencyWord(s[i:])
			if width == 0 || (currency != "" && currency != code) {
				return d, "", readBad
			}
			currency = code
			i += width
			continue
		}
		if n == len(digits) {
			return d, "", readTooLarge
		}
		last = byte(r)
		digits[n] = last
		n++
		i += w
	}
	d, st = groupedNumber(strings.TrimRight(string(digits[:n]), " "), comma)
	if neg {
		d.m = -d.m
	}
	return d, currency, st
}

func exponentFollows(s string) bool {
	s = strings.TrimLeft(s, "+-")
	if s == "" || len(s) > 3 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// groupedNumber reads digits with separators: groups before the decimal sign must be of three (or two, as in India, but the last).
func groupedNumber(s string, comma bool) (decimal, readState) {
	point, group := byte('.'), byte(',')
	if comma {
		point, group = ',', '.'
	}
	exp := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		sign := 1
		for _, c := range []byte(s[i+1:]) {
			switch {
			case c == '-':
				sign = -1
			case c != '+':
				exp = exp*10 + int(c-'0')
			}
		}
		exp *= sign
		s = s[:i]
	}
	whole, frac := s, ""
	if i := strings.LastIndexByte(s, point); i >= 0 {
		whole, frac = s[:i], s[i+1:]
		if frac == "" && whole == "" {
			return decimal{}, readBad
		}
	}
	clean, ok := ungroup(whole, group)
	if !ok || strings.IndexFunc(frac, func(r rune) bool { return r < '0' || r > '9' }) >= 0 || clean+frac == "" {
		return decimal{}, readBad
	}
	return scaled(clean, frac, exp)
}

// ungroup removes thousands separators, of one kind, where they stand as they should.
func ungroup(s string, group byte) (string, bool) {
	i := strings.IndexAny(s, ",. ")
	if i < 0 {
		return s, true
	}
	sep := s[i]
	if sep != group && sep != ' ' {
		return "", false
	}
	parts := strings.Split(s, string(sep))
	for k, p := range parts {
		last := k == len(parts)-1
		if strings.ContainsAny(p, ",. ") || (k == 0 && (len(p) == 0 || len(p) > 3)) || (last && len(p) != 3) || (k > 0 && !last && len(p) != 3 && len(p) != 2) {
			return "", false
		}
	}
	return strings.Join(parts, ""), true
}

// scaled makes the exact number of whole.frac × 10^exp, rounding at the twelfth decimal.
func scaled(whole, frac string, exp int) (decimal, readState) {
	if exp < -40 || exp > 40 {
		return decimal{}, readTooLarge
	}
	digits, scale := whole+frac, len(frac)-exp
	for scale < 0 {
		digits, scale = digits+"0", scale+1
	}
	if scale >= len(digits) {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	for scale > 0 && digits[len(digits)-1] == '0' {
		digits, scale = digits[:len(digits)-1], scale-1
	}
	digits = strings.TrimLeft(digits[:len(digits)-scale], "0") + digits[len(digits)-scale:]
	keep := maxScale
	if intDigits := len(digits) - scale; intDigits+min(scale, keep) > 18 {
		keep = 18 - intDigits
	}
	if keep < 0 {
		return decimal{}, readTooLarge
	}
	up := false
	if scale > keep {
		cut := len(digits) - (scale - keep)
		up = digits[cut] >= '5'
		digits, scale = digits[:cut], keep
	}
	var m int64
	for _, c := range []byte(digits) {
		m = m*10 + int64(c-'0')
	}
	if up {
		m++
	}
	for scale > 0 && m%10 == 0 {
		m, scale = m/10, scale-1
	}
	return decimal{m, uint8(scale)}, readOK
}

// minor is |a × b| in units of 10^-digits, rounded half away from zero; ok is false beyond maxMinor.
func minor(a, b decimal, digits int) (v int64, ok bool) {
	hi, lo := bits.Mul64(magnitude(a.m), magnitude(b.m))
	scale := int(a.scale) + int(b.scale)
	switch cut := scale - digits; {
	case hi == 0 && cut <= 0:
		h, l := bits.Mul64(lo, uint64(pow10[min(-cut, 18)]))
		return int64(l), h == 0 && l <= maxMinor
	case hi == 0 && cut <= 18:
		div := uint64(pow10[cut])
		q, r := lo/div, lo%div
		if r >= div-r {
			q++
		}
		return int64(q), q <= maxMinor
	}
	n := new(big.Int).SetUint64(hi)
	n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(lo))
	if scale < digits {
		return 0, false // hi != 0 and no division to come
	}
	div := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale-digits)), nil)
	half := new(big.Int).Rsh(div, 1)
	n.Add(n, half).Div(n, div)
	return n.Int64(), n.IsInt64() && n.Int64() <= maxMinor
}

func magnitude(m int64) uint64 {
	if m < 0 {
		return uint64(-m)
	}
	return uint64(m)
}

var one = decimal{1, 0}

// isNull tells whether a cell says nothing: empty, or a program's word for absence.
func isNull(s string) bool {
	if len(s) > 6 {
		return s[0] == '0' && isZeroDate(s)
	}
	switch s {
	case "", "-", `\N`, "NULL", "null", "Null", "(null)", "NaN", "nan", "None", "none", "NA", "N/A", "n/a", "#N/A", "NaT", "nil", "<NA>":
		return true
	}
	return false
}

// prefersComma weighs whether the decimal sign of a column's numbers is a comma.
func prefersComma(values []string) bool {
	commas, points := 0, 0
	for _, v := range values {
		c, p := strings.LastIndexByte(v, ','), strings.LastIndexByte(v, '.')
		switch {
		case c < 0 && p < 0:
		case c >= 0 && p >= 0 && c > p:
			commas++
		case c >= 0 && p >= 0:
			points++
		case c >= 0 && strings.Count(v, ",") > 1:
			points++ // groups
		case p >= 0 && strings.Count(v, ".") > 1:
			commas++
		case c >= 0 && digitsAfter(v, c) != 3:
			commas++
		case p >= 0 && digitsAfter(v, p) != 3:
			points++
		case p >= 0 && p == 1 && v[0] == '0': // 0.125 is no thousand
			points++
		case c >= 0 && c == 1 && v[0] == '0':
			commas++
		}
	}
	return commas > points
}

func digitsAfter(s string, i int) int {
	n := 0
	for i++; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		n++
	}
	return n
}
