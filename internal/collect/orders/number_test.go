package orders

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		in       string
		comma    bool
		want     string // with six decimals
		currency string
	}{
		{"2.55", false, "2.550000", ""},
		{"-12", false, "-12.000000", ""},
		{"1,234.5", false, "1234.500000", ""},
		{"1,234,567", false, "1234567.000000", ""},
		{"12,34,567.00", false, "1234567.000000", ""},
		{"1.234,5", true, "1234.500000", ""},
		{"12,50 €", true, "12.500000", "EUR"},
		{"1 234,50", true, "1234.500000", ""},
		{"1\u00A0234,50", true, "1234.500000", ""},
		{"1'234.50", false, "1234.500000", ""},
		{"₩12,000", false, "12000.000000", "KRW"},
		{"12,000원", false, "12000.000000", "KRW"},
		{"฿1,250.75", false, "1250.750000", "THB"},
		{"1,250 บาท", false, "1250.000000", "THB"},
		{"£-3.20", false, "-3.200000", "GBP"},
		{"-$3.20", false, "-3.200000", "USD"},
		{"($3.20)", false, "-3.200000", "USD"},
		{"USD 3.20", false, "3.200000", "USD"},
		{"3.20 thb", false, "3.200000", "THB"},
		{"NT$300", false, "300.000000", "TWD"},
		{"¥500", false, "500.000000", "JPY"},
		{"3.20-", false, "-3.200000", ""},
		{"−3.20", false, "-3.200000", ""},
		{"1.5E+3", false, "1500.000000", ""},
		{"1e-05", false, "0.000010", ""},
		{"15.299999999999999", false, "15.300000", ""},
		{"0.30000000000000004", false, "0.300000", ""},
		{"๑๒.๕", false, "12.500000", ""},
		{".5", false, "0.500000", ""},
		{"+7", false, "7.000000", ""},
		{"0005", false, "5.000000", ""},
	} {
		d, cur, st := parseNumber(c.in, c.comma)
		v, ok := minor(d, one, 6)
		if d.m < 0 {
			v = -v
		}
		if st != readOK || !ok || decimalText(v, 6) != c.want || cur != c.currency {
			t.Errorf("%q is %s %q (%d), want %s %q", c.in, decimalText(v, 6), cur, st, c.want, c.currency)
		}
	}
	for _, c := range []struct {
		in    string
		comma bool
		want  readState
	}{
		{"", false, readEmpty},
		{"NaN", false, readEmpty},
		{"-", false, readEmpty},
		{"abc", false, readBad},
		{"12,5", false, readBad},
		{"1,23,4", false, readBad},
		{"12.5", true, readBad},
		{"1.2.3", false, readBad},
		{"12..5", false, readBad},
		{"1,2345", false, readBad},
		{"5 kg", false, readBad},
		{"$5 €", false, readBad},
		{"1e99", false, readTooLarge},
		{"99999999999999999999", false, readTooLarge},
		{"2024-03-05x", false, readBad},
		{"5%", false, readBad},
	} {
		if d, _, st := parseNumber(c.in, c.comma); st != c.want {
			t.Errorf("%q is %+v (%d), want state %d", c.in, d, st, c.want)
		}
	}
}

func TestDecimalComma(t *testing.T) {
	for _, c := range []struct {
		values []string
		comma  bool
	}{
		{[]string{"1,50", "2,25"}, true}, {[]string{"1.50", "2.25"}, false}, {[]string{"1.234,50", "7"}, true}, {[]string{"1,234.50"}, false}, {[]string{"1,234", "12,000"}, false}, {[]string{"1.234.567"}, true}, {[]string{"0,125"}, true}, {[]string{"12"}, false},
	} {
		if got := prefersComma(c.values); got != c.comma {
			t.Errorf("%q: comma %v", c.values, got)
		}
	}
}

// The product of any two decimals, rounded half away from zero, is what exact rationals give.
func TestMinorIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := decimal{rapid.Int64Range(-1e12, 1e12).Draw(t, "a"), uint8(rapid.IntRange(0, maxScale).Draw(t, "a's scale"))}
		b := decimal{rapid.Int64Range(-1e9, 1e9).Draw(t, "b"), uint8(rapid.IntRange(0, maxScale).Draw(t, "b's scale"))}
		digits := rapid.IntRange(0, 4).Draw(t, "digits")
		got, ok := minor(a, b, digits)
		x := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(a.m), big.NewInt(b.m)), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(a.scale+b.scale)), nil))
		x.Abs(x).Mul(x, new(big.Rat).SetInt64(pow10[digits])).Add(x, big.NewRat(1, 2))
		want := new(big.Int).Div(x.Num(), x.Denom())
		if fits := want.IsInt64() && want.Int64() <= maxMinor; ok != fits || (ok && got != want.Int64()) {
			t.Fatalf("%+v × %+v in 10^-%d: %d (%v), want %s", a, b, digits, got, ok, want)
		}
	})
}

// A number written with groups, a sign of its currency and either decimal sign reads back exactly.
func TestNumbersRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(-1e14, 1e14).Draw(t, "cents")
		comma := rapid.Bool().Draw(t, "comma")
		text := decimalText(v, 2)
		plain, frac := text[:len(text)-3], text[len(text)-2:]
		point, group := ".", rapid.SampledFrom([]string{"", ",", " ", "\u00A0", "'"}).Draw(t, "group")
		if comma {
			point = ","
			if group == "," {
				group = "."
			}
		}
		for i := len(plain) - 3; i > 0 && plain[i-1] != '-'; i -= 3 {
			plain = plain[:i] + group + plain[i:]
		}
		text = rapid.SampledFrom([]string{"", "€", "€ "}).Draw(t, "before") + plain + point + frac + rapid.SampledFrom([]string{"", " EUR"}).Draw(t, "after")
		d, _, st := parseNumber(text, comma)
		got, ok := minor(d, one, 2)
		if d.m < 0 {
			got = -got
		}
		if st != readOK || !ok || got != v {
			t.Fatalf("%q is %d (%d), want %d", text, got, st, v)
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1,234.50", "₩12,000", "(3.20)", "1e5", "E5", "1E", "๑", "\xFF", "$", "--", "1.", ","} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, comma bool) {
		if d, _, st := parseNumber(s, comma); st == readOK {
			minor(d, d, 2)
			if int(d.scale) > maxScale {
				t.Fatalf("%q has scale %d", s, d.scale)
			}
		}
	})
}

func TestCurrencies(t *testing.T) {
	for code, digits := range map[string]int{"KRW": 0, "JPY": 0, "THB": 2, "EUR": 2, "GBP": 2, "USD": 2, "KWD": 3, "": 2} {
		if got := currencyDigits(code); got != digits {
			t.Errorf("%s has %d digits, want %d", code, got, digits)
		}
	}
	for country, code := range map[string]string{
		"United Kingdom": "GBP", "EIRE": "EUR", "Germany": "EUR", "Deutschland": "EUR", "대한민국": "KRW", "한국": "KRW", "South Korea": "KRW", "ไทย": "THB", "ประเทศไทย": "THB", "Thailand": "THB", "TH": "THB", "KOR": "KRW",
		"日本": "", "Japan": "JPY", "일본": "JPY", "USA": "USD", "미국": "USD", "Nowhere": "", "": "",
	} {
		if got := currencyOfCountry(country); got != code {
			t.Errorf("%q has %q, want %q", country, got, code)
		}
	}
	for h, code := range map[string]string{"Amount (GBP)": "GBP", "결제금액(원)": "KRW", "dollar_value": "USD", "ราคา (บาท)": "THB", "price_usd": "USD", "Total": "", "amount": "", "회원수": "", "Preis €": "EUR", "per item": ""} {
		if got := currencyInHeader(h); got != code {
			t.Errorf("header %q tells %q, want %q", h, got, code)
		}
	}
}
