package graph

import (
	"slices"

	"github.com/tidwall/gjson"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/market"
)

// countryOf are the countries whose own a currency is.
var countryOf = func() map[string]string {
	users := map[string][]string{}
	for _, c := range market.Countries() {
		users[c.Currency] = append(users[c.Currency], c.Code)
	}
	own := map[string]string{}
	for currency, countries := range users {
		if len(countries) == 1 {
			own[currency] = countries[0]
		} else if len(currency) == 3 && slices.Contains(countries, currency[:2]) {
			own[currency] = currency[:2] // the dollar is that of the US, whoever else uses it
		}
	}
	return own
}()

// CountryOf is the country whose own a currency is, "" where several share it: the phone numbers of a shop that counts in won
// are Korean unless they say otherwise.
func CountryOf(currency string) string { return countryOf[currency] }

// regionOf reads the country that a fact itself names, for its phone number.
func regionOf(f *event.Fact) string {
	for _, path := range []string{"address.country", "country", "country_code"} {
		if v := gjson.GetBytes(f.Props, path); v.Type == gjson.String {
			if c, ok := market.CountryOf(v.Str); ok {
				return c.Code
			}
		}
	}
	return ""
}

// region is the country of the phone numbers of a file's row.
func (m *Met) region() string {
	if m.Phone == "" {
		return ""
	}
	if m.Market != "" {
		if c, ok := market.CountryOf(m.Market); ok {
			return c.Code
		}
	}
	return CountryOf(m.Currency)
}
