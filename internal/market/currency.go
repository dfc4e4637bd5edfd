package market

import "strings"

// None is ISO 4217's code for "no currency": amounts of a file that names none and a workspace that has chosen none.
const None = "XXX"

// active lists the currencies of ISO 4217 in use, without funds codes and metals.
const active = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD " +
	"CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD " +
	"HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD " +
	"MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG " +
	"QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD " +
	"TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG XXX"

// oddDigits are the currencies whose minor unit is not a hundredth.
var oddDigits = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
	"UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}

var known = func() map[string]bool {
	m := map[string]bool{}
	for code := range strings.FieldsSeq(active) {
		m[code] = true
	}
	return m
}()

// symbols are what people write for a currency; the others are written by their code.
var symbols = map[string]string{
	"KRW": "₩", "THB": "฿", "EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "CNY": "CN¥", "VND": "₫", "INR": "₹",
	"PHP": "₱", "TWD": "NT$", "HKD": "HK$", "SGD": "S$", "AUD": "A$", "CAD": "C$", "NZD": "NZ$", "BRL": "R$", "ILS": "₪",
}

// Known reports whether code is an ISO 4217 currency in use, in capitals; None counts as known.
func Known(code string) bool { return known[code] }

// Digits is the number of decimals of a currency's minor unit: 0 for KRW and JPY, 3 for BHD, 2 for most and for None.
func Digits(code string) int {
	if d, ok := oddDigits[code]; ok {
		return d
	}
	return 2
}

// Symbol is what people write for a currency (₩, ฿, €), or its code; it is empty for None.
func Symbol(code string) string {
	if s, ok := symbols[code]; ok {
		return s
	}
	if code == None {
		return ""
	}
	return code
}

// CurrencyOfSymbol names the currency that a symbol or code in a file stands for. A bare $ or ¥ is
// read as USD and JPY, their commonest meaning; ok is false when the text names no currency.
func CurrencyOfSymbol(text string) (code string, ok bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	if known[text] && text != None {
		return text, true
	}
	switch text {
	case "원", "￦":
		return "KRW", true
	case "บาท":
		return "THB", true
	case "円", "￥":
		return "JPY", true
	case "元":
		return "CNY", true
	case "EURO", "EUROS":
		return "EUR", true
	case "US$":
		return "USD", true
	case "DONG", "Đ":
		return "VND", true
	}
	for c, s := range symbols {
		if s == text {
			return c, true
		}
	}
	return "", false
}

// scale returns 10^n for 0 <= n <= 18.
func scale(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
