package orders

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// currencySigns are what people write beside an amount, the longest first where one begins another.
var currencySigns = []struct{ sign, code string }{
	{"US$", "USD"},
	{"A$", "AUD"},
	{"AU$", "AUD"},
	{"C$", "CAD"},
	{"CA$", "CAD"},
	{"HK$", "HKD"},
	{"S$", "SGD"},
	{"SG$", "SGD"},
	{"NT$", "TWD"},
	{"R$", "BRL"},
	{"MX$", "MXN"},
	{"₩", "KRW"},
	{"￦", "KRW"},
	{"원", "KRW"},
	{"฿", "THB"},
	{"บาท", "THB"},
	{"€", "EUR"},
	{"£", "GBP"},
	{"$", "USD"},
	{"¥", "JPY"},
	{"￥", "JPY"},
	{"円", "JPY"},
	{"엔", "JPY"},
	{"元", "CNY"},
	{"달러", "USD"},
	{"유로", "EUR"},
	{"ดอลลาร์", "USD"},
	{"ยูโร", "EUR"},
	{"₫", "VND"},
	{"₹", "INR"},
	{"₱", "PHP"},
	{"Rp", "IDR"},
	{"RM", "MYR"},
	{"zł", "PLN"},
	{"₺", "TRY"},
	{"₽", "RUB"},
}

// currencyNames are the names of currencies in headers and currency columns, normalised.
var currencyNames = map[string]string{
	"won": "KRW", "원화": "KRW", "원": "KRW", "baht": "THB", "บาท": "THB", "euro": "EUR", "euros": "EUR", "유로": "EUR", "ยูโร": "EUR", "pound": "GBP", "pounds": "GBP", "sterling": "GBP",
	"dollar": "USD", "dollars": "USD", "달러": "USD", "ดอลลาร์": "USD", "yen": "JPY", "엔화": "JPY", "เยน": "JPY", "yuan": "CNY", "rmb": "CNY",
}

// currencyWord reads a currency sign or code at the beginning of s and returns how many bytes it took.
func currencyWord(s string) (code string, width int) {
	for _, c := range currencySigns {
		if strings.HasPrefix(s, c.sign) {
			return c.code, len(c.sign)
		}
	}
	n := 0
	for n < len(s) && (s[n]|0x20) >= 'a' && (s[n]|0x20) <= 'z' {
		n++
	}
	if n == 0 {
		return "", 0
	}
	if c, ok := currencyNames[strings.ToLower(s[:n])]; ok {
		return c, n
	}
	if n == 3 {
		if c, ok := currencyCode(s[:3]); ok {
			return c, 3
		}
	}
	return "", 0
}

// currencyCode reads a cell of a currency column: an ISO 4217 code, a sign or a name.
func currencyCode(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if u, err := currency.ParseISO(strings.ToUpper(s)); err == nil && len(s) == 3 {
		return u.String(), true
	}
	if c, ok := currencyNames[strings.ToLower(s)]; ok {
		return c, true
	}
	for _, c := range currencySigns {
		if s == c.sign {
			return c.code, true
		}
	}
	return "", false
}

// currencyDigits is how many decimals amounts of a currency have.
func currencyDigits(code string) int {
	u, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	digits, _ := currency.Standard.Rounding(u)
	return digits
}

// currencyInHeader finds a currency named in a header such as "Amount (GBP)", "결제금액(원)" or "dollar_value".
func currencyInHeader(header string) string {
	for _, c := range currencySigns {
		if c.sign != "Rp" && c.sign != "RM" && c.sign != "원" && strings.Contains(header, c.sign) {
			return c.code
		}
	}
	if strings.Contains(header, "(원)") || strings.Contains(header, "[원]") {
		return "KRW"
	}
	for _, w := range strings.FieldsFunc(header, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if c, ok := currencyNames[strings.ToLower(w)]; ok && w != "원" {
			return c
		}
		if len(w) == 3 && (w == strings.ToUpper(w) || w == strings.ToLower(w)) {
			if c, ok := majorCodes[strings.ToUpper(w)]; ok {
				return c
			}
		}
	}
	return ""
}

// majorCodes are the codes taken for a currency inside a header: others ("ALL", "TOP") are words more often.
var majorCodes = func() map[string]string {
	m := map[string]string{}
	for _, c := range strings.Fields("USD EUR GBP KRW THB JPY CNY AUD CAD CHF SEK NOK DKK PLN CZK HUF SGD HKD TWD MYR IDR PHP VND INR BRL MXN NZD ZAR AED") {
		m[c] = c
	}
	return m
}()

// countryAliases are written names of countries that the locale data do not have, normalised.
var countryAliases = map[string]string{
	"eire": "IE", "uk": "GB", "greatbritain": "GB", "england": "GB", "usa": "US", "us": "US", "america": "US", "korea": "KR", "southkorea": "KR", "republicofkorea": "KR", "koreasouth": "KR",
	"한국": "KR", "남한": "KR", "대한민국": "KR", "เกาหลี": "KR", "ไทย": "TH", "ประเทศไทย": "TH", "siam": "TH", "holland": "NL", "brd": "DE", "deutschland": "DE", "เยอรมนี": "DE", "ญี่ปุ่น": "JP",
	"일본": "JP", "독일": "DE", "태국": "TH", "영국": "GB", "미국": "US", "channelislands": "GB", "rsa": "ZA", "czechrepublic": "CZ", "vietnam": "VN", "เวียดนาม": "VN",
}

// countries maps normalised country names in English, Korean, Thai, German and French to regions.
var countries = sync.OnceValue(func() map[string]language.Region {
	m := map[string]language.Region{}
	var namers []display.Namer
	for _, t := range []language.Tag{language.English, language.Korean, language.Thai, language.German, language.French} {
		namers = append(namers, display.Regions(t))
	}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			r, err := language.ParseRegion(string([]rune{a, b}))
			if err != nil || !r.IsCountry() || r.Canonicalize() != r {
				continue
			}
			m[strings.ToLower(r.String())] = r
			m[strings.ToLower(r.ISO3())] = r
			for _, n := range namers {
				if name := normalise(n.Name(r)); name != "" {
					m[name] = r
				}
			}
		}
	}
	for name, code := range countryAliases {
		m[name] = language.MustParseRegion(code)
	}
	return m
})

// currencyOfCountry is the currency used in a country as written, "" when the country is not known.
func currencyOfCountry(name string) string {
	r, ok := countries()[normalise(name)]
	if !ok {
		return ""
	}
	u, ok := currency.FromRegion(r)
	if !ok {
		return ""
	}
	return u.String()
}

// normalise makes headers and names comparable: lower case, letters, marks and digits only.
func normalise(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
