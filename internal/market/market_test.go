package market_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"pgregory.net/rapid"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
)

func TestMoneyOnTheWire(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		money market.Money
		want  string
	}{
		{market.New(891140, "GBP"), `{"amount":"8911.40","currency":"GBP"}`},
		{market.New(5, "EUR"), `{"amount":"0.05","currency":"EUR"}`},
		{market.New(-5, "EUR"), `{"amount":"-0.05","currency":"EUR"}`},
		{market.New(38000, "KRW"), `{"amount":"38000","currency":"KRW"}`},
		{market.New(1234, "BHD"), `{"amount":"1.234","currency":"BHD"}`},
		{market.New(100, ""), `{"amount":"1.00","currency":"XXX"}`},
		{market.New(math.MinInt64, "JPY"), `{"amount":"-9223372036854775808","currency":"JPY"}`},
	} {
		got, err := json.Marshal(c.money)
		if err != nil || string(got) != c.want {
			t.Errorf("Marshal(%v) = %s, %v; want %s", c.money, got, err, c.want)
		}
	}
	var m market.Money
	for _, bad := range []string{
		`5`, `{"amount":"1.234","currency":"EUR"}`, `{"amount":"1,2","currency":"EUR"}`, `{"amount":"","currency":"EUR"}`,
		`{"amount":"1.","currency":"EUR"}`, `{"amount":"1","currency":"EURO"}`, `{"amount":"99999999999999999999","currency":"EUR"}`, `{"amount":"--1","currency":"EUR"}`,
	} {
		if err := json.Unmarshal([]byte(bad), &m); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("Unmarshal(%s): %v, want an invalid fault", bad, err)
		}
	}
}

func TestMoneyRoundTrips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]string{"KRW", "THB", "EUR", "BHD", "XXX"}).Draw(t, "code")
		m := market.New(rapid.Int64Range(-1e17, 1e17).Draw(t, "minor"), code)
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var back market.Money
		if err := json.Unmarshal(b, &back); err != nil || back != m {
			t.Fatalf("%s came back as %v, %v", b, back, err)
		}
	})
}

func TestMoneySchemaIsOneSharedComponent(t *testing.T) {
	t.Parallel()
	r := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	type answer struct {
		Revenue market.Money  `json:"revenue"`
		Value   *market.Money `json:"value"`
	}
	s := huma.SchemaFromType(r, reflect.TypeFor[answer]())
	if s.Properties["revenue"].Ref != "#/components/schemas/Money" || s.Properties["value"].Ref != "#/components/schemas/Money" {
		t.Fatalf("money is described as %+v", s.Properties["revenue"])
	}
	money := r.Map()["Money"]
	if money.Properties["amount"].Type != "string" || money.Properties["currency"].Type != "string" {
		t.Fatalf("amount and currency must be strings: %+v", money.Properties)
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	sum, err := market.New(150, "EUR").Add(market.New(-50, "EUR"))
	if err != nil || sum != market.New(100, "EUR") {
		t.Errorf("1.50 - 0.50 = %v, %v", sum, err)
	}
	if _, err := market.New(1, "EUR").Add(market.New(1, "KRW")); fault.From(err).Reason != "market.two_currencies" {
		t.Errorf("EUR + KRW: %v", err)
	}
	if _, err := market.New(math.MaxInt64, "EUR").Add(market.New(1, "EUR")); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("overflow: %v", err)
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m             market.Money
		lang          market.Language
		full, compact string
	}{
		{market.New(38_000_000, "KRW"), market.English, "₩38,000,000", "₩38M"},
		{market.New(38_000_000, "KRW"), market.Korean, "38,000,000원", "3,800만 원"},
		{market.New(380_000_000, "KRW"), market.Korean, "380,000,000원", "3.8억 원"},
		{market.New(9_500, "KRW"), market.Korean, "9,500원", "9,500원"},
		{market.New(190_000_000, "THB"), market.Thai, "฿1,900,000.00", "฿1.9 ล้าน"},
		{market.New(99_995_000, "THB"), market.Thai, "฿999,950.00", "฿999,950"},
		{market.New(891140, "GBP"), market.English, "£8,911.40", "£8.9K"},
		{market.New(99_995_000, "USD"), market.English, "$999,950.00", "$1M"},
		{market.New(99_940_000, "USD"), market.English, "$999,400.00", "$999K"},
		{market.New(99_950, "USD"), market.English, "$999.50", "$1K"},
		{market.New(-123456, "EUR"), market.Korean, "-€1,234.56", "-€1,235"},
		{market.New(-4, "EUR"), market.English, "-€0.04", "€0"},
		{market.New(123456, "CHF"), market.English, "CHF\u00a01,234.56", "CHF\u00a01.2K"},
		{market.New(123456, "XXX"), market.English, "1,234.56", "1.2K"},
	} {
		if got := c.m.Format(c.lang); got != c.full {
			t.Errorf("%v in %s: %q, want %q", c.m, c.lang, got, c.full)
		}
		if got := c.m.Compact(c.lang); got != c.compact {
			t.Errorf("%v in %s, short: %q, want %q", c.m, c.lang, got, c.compact)
		}
	}
	if got := market.CompactNumber(-1_200_000, market.Korean); got != "-120만" {
		t.Errorf("-1.2M in Korean: %q", got)
	}
	if got := market.FormatNumber(-541_909); got != "-541,909" {
		t.Errorf("FormatNumber: %q", got)
	}
}

func TestCurrencies(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int{"KRW": 0, "JPY": 0, "THB": 2, "EUR": 2, "BHD": 3, "XXX": 2} {
		if !market.Known(code) || market.Digits(code) != want {
			t.Errorf("%s has %d digits, want %d (known %v)", code, market.Digits(code), want, market.Known(code))
		}
	}
	for _, code := range []string{"", "eur", "EURO", "XAU", "ABC"} {
		if market.Known(code) {
			t.Errorf("%q must not be a known currency", code)
		}
	}
	for text, want := range map[string]string{"₩": "KRW", "원": "KRW", "฿": "THB", "บาท": "THB", "€": "EUR", " gbp ": "GBP", "$": "USD", "¥": "JPY"} {
		if got, ok := market.CurrencyOfSymbol(text); !ok || got != want {
			t.Errorf("CurrencyOfSymbol(%q) = %q, %v; want %q", text, got, ok, want)
		}
	}
	if got, ok := market.CurrencyOfSymbol("pcs"); ok {
		t.Errorf("pcs is no currency, but read as %q", got)
	}
}

func TestRatesConvertExactly(t *testing.T) {
	t.Parallel()
	r, err := market.NewRates("KRW", map[string]string{"THB": "0.026", "EUR": "0.00066"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		m    market.Money
		want int64
	}{
		{market.New(38000, "KRW"), 38000},
		{market.New(2600, "THB"), 1000}, // 26 baht
		{market.New(66, "EUR"), 1000},   // 0.66 euro
		{market.New(13, "THB"), 5},      // exactly
		{market.New(-1, "THB"), 0},      // -0.38 won
		{market.New(-130, "THB"), -50},  // exactly, and away from zero below
		{market.New(100, "EUR"), 1515},  // 1515.15
		{market.New(-2, "THB"), -1},     // -0.77
		{market.New(6600, "EUR"), 100_000},
	} {
		if got, err := r.Convert(c.m); err != nil || got != c.want {
			t.Errorf("%v = %d won, %v; want %d", c.m, got, err, c.want)
		}
	}
	half, err := market.NewRates("KRW", map[string]string{"JPY": "2"})
	if err != nil {
		t.Fatal(err)
	}
	for minor, want := range map[int64]int64{1: 1, -1: -1, 3: 2, -3: -2} {
		if got, _ := half.Convert(market.New(minor, "JPY")); got != want {
			t.Errorf("%d/2 rounds to %d, want %d (half away from zero)", minor, got, want)
		}
	}
}

func TestRatesAgreeWithRationalArithmetic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[1-9][0-9]{0,8}[.][0-9]{1,12}`).Draw(t, "rate")
		minor := rapid.Int64Range(-1e12, 1e12).Draw(t, "minor")
		r, err := market.NewRates("EUR", map[string]string{"KWD": text})
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Convert(market.New(minor, "KWD"))
		if err != nil {
			t.Fatal(err)
		}
		rate, _ := new(big.Rat).SetString(text)
		exact := new(big.Rat).Quo(big.NewRat(minor, 10), rate) // 1000ths to 100ths
		diff := new(big.Rat).Sub(new(big.Rat).SetInt64(got), exact)
		if diff.Abs(diff).Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("%d at %s is %d, exactly %s", minor, text, got, exact.FloatString(6))
		}
	})
}

func TestRateFaultsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "0", "-1", "1e5", "abc", "1/3", "1.2.3", "0.0000000000000000000000000001"} {
		if _, err := market.NewRates("EUR", map[string]string{"THB": bad}); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("rate %q: %v, want invalid", bad, err)
		}
	}
	r, _ := market.NewRates("EUR", nil)
	_, err := r.Convert(market.New(1, "THB"))
	var f *fault.Fault
	if !errors.As(err, &f) || f.Reason != "market.no_rate" || f.Next == "" {
		t.Errorf("missing rate: %v", err)
	}
	if _, err := (market.Rates{}).Convert(market.New(1, "THB")); fault.From(err).Reason != "market.no_base" {
		t.Errorf("no base: %v", err)
	}
	if n, err := (market.Rates{}).Convert(market.New(7, "XXX")); n != 7 || err != nil {
		t.Errorf("no currency at all converts to itself: %d, %v", n, err)
	}
	if _, err := r.Convert(market.New(7, "XXX")); fault.From(err).Reason != "market.no_currency" {
		t.Errorf("amounts without currency: %v", err)
	}
}

func TestCountries(t *testing.T) {
	t.Parallel()
	all := market.Countries()
	if len(all) < 60 {
		t.Errorf("%d countries, want 60 or more", len(all))
	}
	for _, c := range all {
		if !market.Known(c.Currency) {
			t.Errorf("%s has the unknown currency %s", c.Code, c.Currency)
		}
		if _, err := time.LoadLocation(c.Zone); err != nil {
			t.Errorf("%s: %v", c.Code, err)
		}
		for _, lang := range market.Languages {
			if name := market.CountryName(c.Code, lang); name == "" || name == c.Code {
				t.Errorf("%s has no name in %s", c.Code, lang)
			}
		}
	}
	for name, want := range map[string]string{
		"United Kingdom": "GB", "EIRE": "IE", "Germany": "DE", "대한민국": "KR", "한국": "KR", "ไทย": "TH", "ประเทศไทย": "TH", "Deutschland": "DE",
		"KR": "KR", "kor": "KR", "DEU": "DE", "USA": "US", "RSA": "ZA", " Channel  Islands ": "JE", "Thailand": "TH", "Südkorea": "KR", "독일": "DE", "태국": "TH",
	} {
		if c, ok := market.CountryOf(name); !ok || c.Code != want {
			t.Errorf("CountryOf(%q) = %q, %v; want %s", name, c.Code, ok, want)
		}
	}
	if c, ok := market.CountryOf("Unspecified"); ok {
		t.Errorf("Unspecified is %v", c)
	}
	if got := market.CountryName("KR", market.Thai); got != "เกาหลีใต้" {
		t.Errorf("Korea in Thai: %q", got)
	}
}

func TestLanguageMatch(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]market.Language{
		"": market.English, "ko-KR,ko;q=0.9,en;q=0.8": market.Korean, "th": market.Thai, "th-TH,en;q=0.5": market.Thai,
		"de-DE,de;q=0.9": market.English, "fr;q=0.9,ko;q=0.5": market.Korean, "nonsense;;": market.English,
	} {
		if got := market.Match(accept); got != want {
			t.Errorf("Match(%q) = %s, want %s", accept, got, want)
		}
	}
}

func TestFestivals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name market.FestivalName
		year int
		want string
	}{
		{market.Seollal, 2026, "2026-02-16"},
		{market.Chuseok, 2025, "2025-10-05"},
		{market.Songkran, 2024, "2024-04-13"},
		{market.BlackFriday, 2022, "2022-11-25"},
		{market.BlackFriday, 2024, "2024-11-29"},
		{market.BlackFriday, 2028, "2028-11-24"},
		{market.Double11, 2027, "2027-11-11"},
		{market.Christmas, 2023, "2023-12-25"},
	} {
		f, ok := market.FestivalOf(c.name, c.year)
		if !ok || f.Start.String() != c.want {
			t.Errorf("%s %d begins %s, want %s", c.name, c.year, f.Start, c.want)
		}
	}
	from, _ := day.Parse("2024-01-01")
	to, _ := day.Parse("2024-12-31")
	var names []market.FestivalName
	for _, f := range market.Festivals("KR", from, to) {
		names = append(names, f.Name)
	}
	want := []market.FestivalName{market.Seollal, market.Chuseok, market.Double11, market.BlackFriday, market.Christmas}
	if !slices.Equal(names, want) {
		t.Errorf("Korea's year is %v, want %v", names, want)
	}
	if _, ok := market.FestivalOf(market.Seollal, 2040); ok {
		t.Error("2040 is beyond the table")
	}
}
