package orders

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/text/currency"

	"github.com/dangol/dangol/internal/kit/fault"
)

// money settles the currency of rows that name none, from the surest source that tells.
func (r *recogniser) money(context.Context) error {
	if c := r.column(Currency); c >= 0 {
		counts := map[string]int{}
		for _, v := range r.s.column(c) {
			if code, ok := currencyCode(v); ok {
				counts[code]++
			}
		}
		if code, _ := mostCommon(counts); code != "" && !r.p.givenCurrency {
			r.m.Currency, r.m.CurrencyBy = code, "column"
		}
		if len(counts) > 0 {
			return nil
		}
	}
	if r.p.givenCurrency {
		return nil
	}
	if code := r.currencyOfCells(); code != "" {
		r.m.Currency, r.m.CurrencyBy = code, "symbol"
		return nil
	}
	if c := r.column(Market); c >= 0 {
		r.currencyOfMarkets(c)
	}
	return nil
}

// currencyOfCells looks for signs beside the amounts, then in their header.
func (r *recogniser) currencyOfCells() string {
	for _, role := range []Role{Amount, Price} {
		c := r.column(role)
		if c < 0 {
			continue
		}
		counts, values := map[string]int{}, r.s.column(c)
		for _, v := range values {
			if _, code, st := parseNumber(v, r.p.comma); st == readOK && code != "" {
				counts[code]++
			}
		}
		if code, n := mostCommon(counts); n*2 > len(values) || len(counts) == 1 && n*10 >= len(values) {
			r.note("currency_beside", fmt.Sprintf("The currency is %s, as written beside the amounts.", code), "currency", code)
			return code
		}
	}
	for _, role := range []Role{Amount, Price} {
		if h := r.header(role); h != "" {
			if code := currencyInHeader(h); code != "" {
				r.note("currency_in_header", fmt.Sprintf("The currency is %s, by the header %q.", code, h), "currency", code, "column", h)
				return code
			}
		}
	}
	return ""
}

// currencyOfMarkets takes the currency of the country that most rows name, for the whole file.
func (r *recogniser) currencyOfMarkets(c int) {
	countries, rows := map[string]int{}, 0
	for _, v := range r.s.column(c) {
		countries[v]++
		rows++
	}
	country, n := mostCommon(countries)
	if country == "" || n*2 <= rows {
		return
	}
	code := currencyOfCountry(country)
	if code == "" {
		return
	}
	r.m.Currency, r.m.CurrencyBy = code, "country"
	r.note("currency_of_country", fmt.Sprintf("No column names a currency. %s is taken for the whole file, because %d of the %d rows looked at are of %s; --currency says otherwise.", code, n, rows, country),
		"currency", code, "rows", strconv.Itoa(n), "of", strconv.Itoa(rows), "country", country)
}

// mostCommon is the key counted most, the first in order where several are.
func mostCommon(counts map[string]int) (best string, n int) {
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		if counts[k] > n {
			best, n = k, counts[k]
		}
	}
	return best, n
}

// SetCurrency fixes the currency of rows that name none, such as the workspace's own; by says where it comes from.
// Call it before Stream when Currency is empty: the number of decimals depends on it.
func (m *Mapping) SetCurrency(code, by string) error {
	u, err := currency.ParseISO(strings.ToUpper(strings.TrimSpace(code)))
	if err != nil {
		return fault.Newf(fault.Invalid, "collect.unknown_currency", "The currency %q is not known", code).
			At(fault.Place{Field: "currency", Value: code}).Then("Give an ISO 4217 code such as KRW, THB, EUR or USD")
	}
	m.Currency, m.CurrencyBy, m.plan.currency = u.String(), by, u.String()
	return nil
}

// ids finds the columns of ids that a spreadsheet has written as 17850.0, and the letters of credit notes.
func (r *recogniser) ids(context.Context) error {
	for _, role := range []Role{Customer, Order, Product, Phone} {
		c := r.column(role)
		if c < 0 {
			continue
		}
		values := r.s.column(c)
		whole, rounded := 0, ""
		for _, v := range values {
			if rest, ok := strings.CutSuffix(v, ".0"); ok && allDigits(rest) {
				whole++
			}
			if d, tail, ok := strings.Cut(strings.ToUpper(v), "E+"); ok && plainNumber(d) && allDigits(tail) {
				rounded = v
			}
		}
		if len(values) > 0 && whole == len(values) {
			r.p.trimZero[role] = true
		}
		if rounded != "" {
			r.problem(Problem{Reason: "collect.rounded_ids", Column: r.header(role), Value: rounded, Sentence: "A spreadsheet has rounded the numbers in this column: different ones may have become the same", Next: "Export the file again with the column as text"})
		}
	}
	if c := r.column(Order); c >= 0 {
		values, digits := r.s.column(c), 0
		for _, v := range values {
			if allDigits(strings.TrimSuffix(v, ".0")) {
				digits++
			}
		}
		r.p.creditNotes = digits*2 > len(values)
	}
	return nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
