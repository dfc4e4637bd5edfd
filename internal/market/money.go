package market

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dangol/dangol/internal/kit/fault"
)

// Money is an exact amount: a count of minor units (cents, satang; whole won) of an ISO 4217 currency.
// On the wire it is {"amount":"8911.40","currency":"GBP"}, a decimal string, so that no reader rounds it.
type Money struct {
	Minor    int64
	Currency string
}

// New returns an amount of minor units; an empty currency means None.
func New(minor int64, currency string) Money {
	if currency == "" {
		currency = None
	}
	return Money{Minor: minor, Currency: currency}
}

// Zero is no money in a currency.
func Zero(currency string) Money { return New(0, currency) }

// FromFloat rounds a model's estimate in major units to money; NaN and amounts beyond 64 bits become zero and the limit.
func FromFloat(major float64, currency string) Money {
	v := math.Round(major * float64(scale(Digits(currency))))
	switch {
	case math.IsNaN(v):
		return New(0, currency)
	case v >= math.MaxInt64:
		return New(math.MaxInt64, currency)
	case v <= math.MinInt64:
		return New(math.MinInt64, currency)
	}
	return New(int64(v), currency)
}

// Float is the amount in major units, for models and charts that do not need the last digit.
func (m Money) Float() float64 { return float64(m.Minor) / float64(scale(Digits(m.Currency))) }

// Parse reads a plain decimal such as 8911.40 or -12; grouping and symbols belong to the file reader.
// More decimals than the currency has are accepted only when they are zeros.
func Parse(text, currency string) (Money, error) {
	bad := func(sentence string) (Money, error) {
		return Money{}, fault.New(fault.Invalid, "market.bad_amount", sentence).
			At(fault.Place{Value: text}).Then("Write a plain decimal such as 8911.40.")
	}
	code := currency
	if code == "" {
		code = None
	}
	if !Known(code) {
		return Money{}, unknownCurrency(currency)
	}
	s, negative := strings.CutPrefix(text, "-")
	whole, frac, dotted := strings.Cut(s, ".")
	if whole == "" || (dotted && frac == "") {
		return bad("this is not an amount")
	}
	d := Digits(code)
	for len(frac) > d && frac[len(frac)-1] == '0' {
		frac = frac[:len(frac)-1]
	}
	if len(frac) > d {
		return bad("the amount has more decimals than " + code + " has")
	}
	digits := whole + frac + strings.Repeat("0", d-len(frac))
	var n uint64
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return bad("this is not an amount")
		}
		if n > (math.MaxInt64-9)/10 {
			return bad("the amount is too large")
		}
		n = n*10 + uint64(c-'0')
	}
	minor := int64(n)
	if negative {
		minor = -minor
	}
	return Money{Minor: minor, Currency: code}, nil
}

func unknownCurrency(code string) *fault.Fault {
	return fault.Newf(fault.Invalid, "market.unknown_currency", "%q is not an ISO 4217 currency code", code).
		Then("Use a code of three capitals such as KRW, THB or EUR.")
}

// Add sums two amounts of one currency; two currencies, or a sum beyond 64 bits, are a fault.
func (m Money) Add(n Money) (Money, error) {
	if m.Currency != n.Currency {
		return Money{}, fault.Newf(fault.Invalid, "market.two_currencies", "%s and %s cannot be added", m.Currency, n.Currency).
			Then("Convert both to the workspace's currency first.")
	}
	sum := m.Minor + n.Minor
	if (n.Minor > 0 && sum < m.Minor) || (n.Minor < 0 && sum > m.Minor) {
		return Money{}, fault.New(fault.TooLarge, "market.too_large", "the sum of these amounts is too large")
	}
	return Money{Minor: sum, Currency: m.Currency}, nil
}

// Decimal is the amount as a plain decimal with the currency's digits: "8911.40".
func (m Money) Decimal() string {
	d := Digits(m.Currency)
	s := strconv.FormatUint(magnitude(m.Minor), 10)
	if d > 0 {
		if len(s) <= d {
			s = strings.Repeat("0", d+1-len(s)) + s
		}
		s = s[:len(s)-d] + "." + s[len(s)-d:]
	}
	if m.Minor < 0 {
		return "-" + s
	}
	return s
}

// String is the decimal and the code, for logs and errors: "8911.40 GBP".
func (m Money) String() string { return m.Decimal() + " " + m.Currency }

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n) // two's complement: right also for the least int64
	}
	return uint64(n)
}

type wire struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// MarshalJSON writes {"amount":"8911.40","currency":"GBP"}.
func (m Money) MarshalJSON() ([]byte, error) {
	code := m.Currency
	if code == "" {
		code = None
	}
	return json.Marshal(wire{Amount: m.Decimal(), Currency: code})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Money) UnmarshalJSON(b []byte) error {
	var w wire
	if err := json.Unmarshal(b, &w); err != nil {
		return fault.New(fault.Invalid, "market.bad_money", `money is an object like {"amount":"8911.40","currency":"GBP"}`).Because(err)
	}
	p, err := Parse(w.Amount, w.Currency)
	if err == nil {
		*m = p
	}
	return err
}

// Schema describes the wire form in the OpenAPI document, as one shared component.
func (Money) Schema(r huma.Registry) *huma.Schema {
	type Money struct {
		Amount   string `json:"amount" pattern:"^-?[0-9]+([.][0-9]+)?$" doc:"decimal with the currency's digits" example:"8911.40"`
		Currency string `json:"currency" pattern:"^[A-Z]{3}$" doc:"ISO 4217 code; XXX where none is known" example:"GBP"`
	}
	return r.Schema(reflect.TypeFor[Money](), true, "Money")
}
