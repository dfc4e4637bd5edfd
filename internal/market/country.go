package market

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Country is what a market needs to know of a place. Zone is its most populous IANA time zone, which
// is right for the days of a country with one zone and a stated choice for the others.
type Country struct {
	Code      string // ISO 3166-1 alpha-2
	Currency  string // ISO 4217
	Zone      string // IANA
	Languages []string
}

// rows hold code, currency, zone and languages of the countries known, by code.
const rows = `AE AED Asia/Dubai ar
AR ARS America/Argentina/Buenos_Aires es
AT EUR Europe/Vienna de
AU AUD Australia/Sydney en
BE EUR Europe/Brussels nl,fr,de
BG EUR Europe/Sofia bg
BH BHD Asia/Bahrain ar
BR BRL America/Sao_Paulo pt
CA CAD America/Toronto en,fr
CH CHF Europe/Zurich de,fr,it
CL CLP America/Santiago es
CN CNY Asia/Shanghai zh
CO COP America/Bogota es
CY EUR Asia/Nicosia el
CZ CZK Europe/Prague cs
DE EUR Europe/Berlin de
DK DKK Europe/Copenhagen da
EE EUR Europe/Tallinn et
EG EGP Africa/Cairo ar
ES EUR Europe/Madrid es
FI EUR Europe/Helsinki fi,sv
FR EUR Europe/Paris fr
GB GBP Europe/London en
GG GBP Europe/Guernsey en
GR EUR Europe/Athens el
HK HKD Asia/Hong_Kong zh,en
HR EUR Europe/Zagreb hr
HU HUF Europe/Budapest hu
ID IDR Asia/Jakarta id
IE EUR Europe/Dublin en
IL ILS Asia/Jerusalem he
IN INR Asia/Kolkata hi,en
IS ISK Atlantic/Reykjavik is
IT EUR Europe/Rome it
JE GBP Europe/Jersey en
JP JPY Asia/Tokyo ja
KH KHR Asia/Phnom_Penh km
KR KRW Asia/Seoul ko
KW KWD Asia/Kuwait ar
KZ KZT Asia/Almaty kk,ru
LA LAK Asia/Vientiane lo
LB LBP Asia/Beirut ar
LK LKR Asia/Colombo si,ta
LT EUR Europe/Vilnius lt
LU EUR Europe/Luxembourg fr,de
LV EUR Europe/Riga lv
MA MAD Africa/Casablanca ar,fr
MM MMK Asia/Yangon my
MT EUR Europe/Malta mt,en
MX MXN America/Mexico_City es
MY MYR Asia/Kuala_Lumpur ms,en
NG NGN Africa/Lagos en
NL EUR Europe/Amsterdam nl
NO NOK Europe/Oslo nb
NZ NZD Pacific/Auckland en
PE PEN America/Lima es
PH PHP Asia/Manila fil,en
PK PKR Asia/Karachi ur,en
PL PLN Europe/Warsaw pl
PT EUR Europe/Lisbon pt
QA QAR Asia/Qatar ar
RO RON Europe/Bucharest ro
RS RSD Europe/Belgrade sr
RU RUB Europe/Moscow ru
SA SAR Asia/Riyadh ar
SE SEK Europe/Stockholm sv
SG SGD Asia/Singapore en,zh,ms
SI EUR Europe/Ljubljana sl
SK EUR Europe/Bratislava sk
TH THB Asia/Bangkok th
TR TRY Europe/Istanbul tr
TW TWD Asia/Taipei zh
UA UAH Europe/Kyiv uk
US USD America/New_York en,es
VN VND Asia/Ho_Chi_Minh vi
ZA ZAR Africa/Johannesburg en,af,zu`

// aliases are spellings of shops' files that no dictionary has.
var aliases = map[string]string{
	"uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
	"eire": "IE", "republic of ireland": "IE", "usa": "US", "u.s.a.": "US", "u.s.": "US", "united states of america": "US",
	"america": "US", "korea": "KR", "republic of korea": "KR", "korea, republic of": "KR", "south korea": "KR", "한국": "KR",
	"남한": "KR", "rsa": "ZA", "holland": "NL", "the netherlands": "NL", "czech republic": "CZ", "turkey": "TR", "viet nam": "VN",
	"uae": "AE", "russian federation": "RU", "hong kong": "HK", "channel islands": "JE", "burma": "MM", "siam": "TH",
	"prathet thai": "TH", "ประเทศไทย": "TH", "เกาหลี": "KR", "เยอรมัน": "DE", "미국": "US", "영국": "GB", "brasil": "BR",
	"españa": "ES", "italia": "IT", "österreich": "AT", "schweiz": "CH", "대한민국": "KR", "deutschland": "DE", "mainland china": "CN",
}

type atlas struct {
	byCode map[string]Country
	byName map[string]string // folded name, alpha-2 or alpha-3 → code
	order  []string
}

var theAtlas = sync.OnceValue(func() atlas {
	a := atlas{byCode: map[string]Country{}, byName: map[string]string{}}
	namers := []display.Namer{
		display.Regions(language.English), display.Regions(language.Korean), display.Regions(language.Thai), display.Regions(language.German),
	}
	for row := range strings.Lines(rows) {
		f := strings.Fields(row)
		c := Country{Code: f[0], Currency: f[1], Zone: f[2], Languages: strings.Split(f[3], ",")}
		a.byCode[c.Code] = c
		a.order = append(a.order, c.Code)
		region := language.MustParseRegion(c.Code)
		a.byName[fold(c.Code)] = c.Code
		a.byName[fold(region.ISO3())] = c.Code
		for _, n := range namers {
			a.byName[fold(n.Name(region))] = c.Code
		}
	}
	for name, code := range aliases {
		a.byName[fold(name)] = code
	}
	return a
})

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// Countries lists the countries known, by code.
func Countries() []Country {
	a := theAtlas()
	list := make([]Country, 0, len(a.order))
	for _, code := range a.order {
		list = append(list, a.byCode[code])
	}
	return list
}

// CountryOf finds a country by its ISO code of two or three letters or by its name in English, Korean, Thai or German.
func CountryOf(name string) (Country, bool) {
	a := theAtlas()
	code, ok := a.byName[fold(name)]
	return a.byCode[code], ok
}

// CountryName is a country's name in a language of the console, or the code itself when it is no country.
func CountryName(code string, lang Language) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	namer := display.Regions(language.Make(string(lang)))
	if namer == nil {
		namer = display.Regions(language.English)
	}
	if name := namer.Name(region); name != "" {
		return name
	}
	return code
}
