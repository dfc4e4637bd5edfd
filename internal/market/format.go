package market

import (
	"strconv"
	"strings"
)

// Format writes an amount for people: ₩38,000 and £8,911.40 in English, 38,000원 in Korean, ฿1,900.00 in Thai.
func (m Money) Format(lang Language) string {
	sign, s := "", m.Decimal()
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, frac, dotted := strings.Cut(s, ".")
	s = group(whole)
	if dotted {
		s += "." + frac
	}
	return sign + dress(s, m.Currency, lang)
}

// FormatNumber writes a whole number for people, grouped by thousands, as English, Korean and Thai all do.
func FormatNumber(n int64) string {
	s := group(strconv.FormatUint(magnitude(n), 10))
	if n < 0 {
		return "-" + s
	}
	return s
}

// step is a named power of ten in a language's short form of numbers.
type step struct {
	power int
	name  string
}

// The names follow the short and long compact patterns of Unicode CLDR; each list runs from large to small.
var steps = map[Language][]step{
	English: {{12, "T"}, {9, "B"}, {6, "M"}, {3, "K"}},
	Korean:  {{12, "조"}, {8, "억"}, {4, "만"}},
	Thai:    {{12, " ล้านล้าน"}, {9, " พันล้าน"}, {6, " ล้าน"}},
}

// Compact writes an amount for a tile or a chart's axis: ₩38M, 3,800만 원, ฿1.9 ล้าน. One decimal is kept below ten of a step.
func (m Money) Compact(lang Language) string {
	digits := Digits(m.Currency)
	s, named := compact(magnitude(m.Minor), digits, lang)
	if named && m.Currency == "KRW" && lang == Korean {
		s += " "
	}
	s = dress(s, m.Currency, lang)
	if m.Minor < 0 && strings.ContainsAny(s, "123456789") {
		return "-" + s
	}
	return s
}

// CompactNumber writes a whole number in a language's short form: 1.2M, 120만, 1.2 ล้าน.
func CompactNumber(n int64, lang Language) string {
	s, _ := compact(magnitude(n), 0, lang)
	if n < 0 {
		return "-" + s
	}
	return s
}

// compact shortens v / 10^digits; named says that a step's name was written. A number that rounding carries up
// to the next step takes that step: 999,950 is 1M, not 1,000K.
func compact(v uint64, digits int, lang Language) (s string, named bool) {
	list, ok := steps[lang]
	if !ok {
		list = steps[English]
	}
	at, power := len(list), 0
	for i, st := range list {
		if v >= power10(digits+st.power) {
			at, power = i, st.power
			break
		}
	}
	if at > 0 && rounded(v, digits+power) >= power10(list[at-1].power-power) {
		at--
		power = list[at].power
	}
	if at == len(list) {
		return group(strconv.FormatUint(rounded(v, digits), 10)), false
	}
	tenths := rounded(v, digits+power-1)
	if tenths < 100 && tenths%10 != 0 {
		return strconv.FormatUint(tenths/10, 10) + "." + strconv.FormatUint(tenths%10, 10) + list[at].name, true
	}
	return group(strconv.FormatUint(rounded(v, digits+power), 10)) + list[at].name, true
}

// rounded is v / 10^n, rounded half up, for n < 20.
func rounded(v uint64, n int) uint64 {
	p := power10(n)
	q, r := v/p, v%p
	if r >= p-r {
		q++
	}
	return q
}

func power10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// dress puts the currency's sign where the language puts it.
func dress(number, currency string, lang Language) string {
	if currency == "KRW" && lang == Korean {
		return number + "원"
	}
	sym := Symbol(currency)
	if sym == currency && sym != "" {
		return sym + "\u00a0" + number
	}
	return sym + number
}

// group puts a comma before every third digit from the right.
func group(digits string) string {
	if len(digits) <= 3 {
		return digits
	}
	var b strings.Builder
	for i, c := range []byte(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(c)
	}
	return b.String()
}
