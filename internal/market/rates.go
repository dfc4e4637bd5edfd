package market

import (
	"maps"
	"math"
	"math/big"
	"math/bits"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
)

// Rates turns amounts into a base currency. A rate is the number of units of a currency that one unit
// of the base buys: with base KRW and THB at 0.026, one won is 0.026 baht. The zero Rates converts nothing.
type Rates struct {
	base   string
	text   map[string]string
	factor map[string]factor
}

// factor is base minor units per minor unit, as a reduced fraction; small says that both parts fit 64 bits.
type factor struct {
	num, den       uint64
	bigNum, bigDen *big.Int
	small          bool
}

// maxRateDigits bounds a rate so that hostile settings cannot make conversion slow.
const maxRateDigits = 24

// NewRates checks the rates and prepares exact conversion; the base itself always converts as one to one.
func NewRates(base string, perBase map[string]string) (Rates, error) {
	if base == "" {
		base = None
	}
	if !Known(base) {
		return Rates{}, unknownCurrency(base)
	}
	r := Rates{base: base, text: map[string]string{}, factor: map[string]factor{}}
	for code, text := range perBase {
		if !Known(code) || code == None {
			return Rates{}, unknownCurrency(code)
		}
		if code == base {
			continue
		}
		f, err := newFactor(base, code, text)
		if err != nil {
			return Rates{}, err
		}
		r.text[code], r.factor[code] = text, f
	}
	r.factor[base] = factor{num: 1, den: 1, small: true}
	return r, nil
}

func newFactor(base, code, text string) (factor, error) {
	bad := fault.Newf(fault.Invalid, "market.bad_rate", "the rate of %s is not a positive decimal", code).
		At(fault.Place{Field: "rates." + code, Value: text}).
		Then("Give the units of " + code + " that one " + base + " buys, such as 38.5.")
	if len(text) == 0 || len(text) > maxRateDigits || strings.Trim(text, "0123456789.") != "" {
		return factor{}, bad
	}
	rate, ok := new(big.Rat).SetString(text)
	if !ok || rate.Sign() <= 0 {
		return factor{}, bad
	}
	minor := big.NewRat(scale(Digits(base)), scale(Digits(code)))
	minor.Quo(minor, rate)
	f := factor{bigNum: minor.Num(), bigDen: minor.Denom()}
	if f.bigNum.IsUint64() && f.bigDen.IsUint64() {
		f.num, f.den, f.small = f.bigNum.Uint64(), f.bigDen.Uint64(), true
	}
	return f, nil
}

// Base is the currency converted into.
func (r Rates) Base() string {
	if r.base == "" {
		return None
	}
	return r.base
}

// Text returns a copy of the rates as they were given, for settings pages.
func (r Rates) Text() map[string]string { return maps.Clone(r.text) }

// Has reports whether amounts of code can be converted.
func (r Rates) Has(code string) bool {
	_, ok := r.factor[code]
	return ok || code == r.Base()
}

// Convert returns m in minor units of the base, rounded once, half away from zero. A missing rate is a fault
// that says how to give one.
func (r Rates) Convert(m Money) (int64, error) {
	if m.Currency == r.Base() {
		return m.Minor, nil
	}
	f, ok := r.factor[m.Currency]
	if !ok {
		return 0, r.missing(m.Currency)
	}
	n := magnitude(m.Minor)
	var out uint64
	if f.small {
		out, ok = mulDiv(n, f.num, f.den)
	} else {
		out, ok = mulDivBig(n, f.bigNum, f.bigDen)
	}
	if !ok || out > math.MaxInt64 {
		return 0, fault.Newf(fault.TooLarge, "market.too_large", "%s is too large in %s", m, r.Base()).
			Then("Check the amount and the rate of " + m.Currency + ".")
	}
	if m.Minor < 0 {
		return -int64(out), nil
	}
	return int64(out), nil
}

func (r Rates) missing(code string) error {
	base := r.Base()
	if base == None {
		return fault.Newf(fault.Invalid, "market.no_base", "the workspace has no currency, so %s cannot be counted", code).
			Then("Choose one with `dangol import orders FILE --base-currency " + code + "` or PUT /v1/settings {\"currency\":\"" + code + "\"}.")
	}
	if code == None || code == "" {
		return fault.Newf(fault.Invalid, "market.no_currency", "these amounts name no currency, and the workspace counts in %s", base).
			Then("Say which with `dangol import orders FILE --currency " + base + "`.")
	}
	return fault.Newf(fault.Invalid, "market.no_rate", "there is no rate from %s to %s", code, base).
		At(fault.Place{Field: "rates." + code}).
		Then("Say how many " + code + " one " + base + " buys, with `dangol import orders FILE --rate " + code +
			"=…` or PUT /v1/settings {\"rates\":{\"" + code + "\":\"…\"}}; if the amounts are in another currency, with --currency.")
}

// mulDiv is n*num/den rounded half up, in 128 bits; ok is false when it does not fit 64.
func mulDiv(n, num, den uint64) (uint64, bool) {
	hi, lo := bits.Mul64(n, num)
	if hi >= den {
		return 0, false
	}
	q, rem := bits.Div64(hi, lo, den)
	if rem >= den-rem {
		if q == math.MaxUint64 {
			return 0, false
		}
		q++
	}
	return q, true
}

func mulDivBig(n uint64, num, den *big.Int) (uint64, bool) {
	x := new(big.Int).SetUint64(n)
	x.Mul(x, num).Lsh(x, 1).Add(x, den)
	x.Quo(x, new(big.Int).Lsh(den, 1))
	if !x.IsUint64() {
		return 0, false
	}
	return x.Uint64(), true
}
