package commerce

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/dangol/dangol/internal/market"
)

// decimal is a number exactly as it was written: mantissa × 10^exponent.
type decimal struct {
	mantissa uint64
	exponent int
	negative bool
}

const (
	// mostDigits are kept of a number; what follows is beyond any currency.
	mostDigits = 18
	// mostMinor bounds one amount, so that a thousand of them fit 64 bits.
	mostMinor = 1_000_000_000_000_000
	// mostExponent keeps hostile numbers such as 1e999999999 cheap.
	mostExponent = 400
)

// read takes a JSON number or a string that holds one; given is false for null, "" and what is absent.
func read(v gjson.Result) (d decimal, given, ok bool) {
	switch v.Type {
	case gjson.Number:
		d, ok = parse(v.Raw)
		return d, true, ok
	case gjson.String:
		text := strings.TrimSpace(v.Str)
		if text == "" {
			return decimal{}, false, true
		}
		d, ok = parse(ungrouped(text))
		return d, true, ok
	case gjson.Null:
		return decimal{}, false, true
	case gjson.False, gjson.True, gjson.JSON:
	}
	return decimal{}, true, false
}

// ungrouped drops what people and browsers write around an amount: a currency's sign or code, and commas between thousands.
func ungrouped(text string) string {
	sign := ""
	if rest, minus := strings.CutPrefix(text, "-"); minus {
		sign, text = "-", strings.TrimSpace(rest)
	}
	begin := strings.IndexAny(text, "0123456789.-")
	if begin < 0 {
		return text
	}
	end := strings.LastIndexAny(text, "0123456789.") + 1
	if end <= begin {
		return text
	}
	for _, around := range []string{text[:begin], text[end:]} {
		if around = strings.TrimSpace(around); around != "" {
			if _, money := market.CurrencyOfSymbol(around); !money {
				return text
			}
		}
	}
	text = text[begin:end]
	whole, fraction, dotted := strings.Cut(text, ".")
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && (len(g) == 0 || len(g) > 3) {
			return text // and parse will refuse its commas
		}
	}
	whole = strings.Join(groups, "")
	if dotted {
		whole += "." + fraction
	}
	return sign + whole
}

func parse(text string) (d decimal, ok bool) {
	text, d.negative = strings.CutPrefix(text, "-")
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		e, err := strconv.Atoi(text[at+1:])
		if err != nil || e > mostExponent || e < -mostExponent {
			return d, false
		}
		d.exponent, text = e, text[:at]
	}
	digits, kept, point := 0, 0, false
	for _, c := range []byte(text) {
		switch {
		case c == '.' && !point:
			point = true
			continue
		case c < '0' || c > '9':
			return d, false
		}
		digits++
		if d.mantissa == 0 && c == '0' {
			if point {
				d.exponent--
			}
			continue
		}
		if kept == mostDigits {
			if !point {
				d.exponent++
			}
			continue
		}
		kept++
		d.mantissa = d.mantissa*10 + uint64(c-'0')
		if point {
			d.exponent--
		}
	}
	return d, digits > 0
}

// scaled is the number in units of 10^-digits, rounded half away from zero; false where it is more than mostMinor. The sign is left out.
func (d decimal) scaled(digits int) (int64, bool) { return shift(0, d.mantissa, d.exponent+digits) }

// times is the product of two numbers in units of 10^-digits, rounded once.
func (d decimal) times(e decimal, digits int) (int64, bool) {
	hi, lo := bits.Mul64(d.mantissa, e.mantissa)
	return shift(hi, lo, d.exponent+e.exponent+digits)
}

// shift is the 128-bit hi:lo times 10^n.
func shift(hi, lo uint64, n int) (int64, bool) {
	if hi == 0 && lo == 0 {
		return 0, true
	}
	if hi == 0 && n <= 0 && n >= -mostDigits {
		p := uint64(math.Pow10(-n))
		q, r := lo/p, lo%p
		if r >= p-r {
			q++
		}
		return int64(q), q <= mostMinor
	}
	if n > mostDigits || n < -2*mostExponent {
		return 0, n < 0
	}
	x := new(big.Int).SetUint64(hi)
	x.Lsh(x, 64).Or(x, new(big.Int).SetUint64(lo))
	p := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil)
	if n >= 0 {
		x.Mul(x, p)
	} else { // floor((2x + p) / 2p) rounds half away from zero
		x.Lsh(x, 1).Add(x, p).Quo(x, p.Lsh(p, 1))
	}
	if !x.IsInt64() || x.Int64() > mostMinor {
		return 0, false
	}
	return x.Int64(), true
}
