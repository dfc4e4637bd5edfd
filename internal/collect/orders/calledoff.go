package orders

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// dayEndings end the headings of days and times, in the languages of headings.
var dayEndings = []string{"at", "date", "일", "일시", "일자", "시각"}

// offDay finds the column that says when an order was called off, and how it is written.
func (r *recogniser) offDay() {
	for c, col := range r.m.Columns {
		n := normalise(col.Header)
		dated := strings.Contains(n, "วันที่") || strings.Contains(n, "date")
		for _, w := range dayEndings {
			dated = dated || strings.HasSuffix(n, w)
		}
		if col.Role != "" || !dated || !containsAny(n, cancelWords) {
			continue
		}
		var d dateCount
		for _, v := range r.s.column(c) {
			d.add(v)
		}
		if d.values == 0 || d.share() < 0.9 {
			continue
		}
		order, open := d.settle()
		if open {
			order = r.p.at.order
		}
		if r.p.off = (dateNotation{order: order}); order == orderPattern {
			r.p.off = r.p.at
		}
		r.p.offAt = c
		if r.m.Columns[c].Note == "" {
			r.m.Columns[c].Note = "when an order was cancelled"
		}
		return
	}
}

// areTelephones tells a column of customer numbers that are telephone numbers: a till's members are often known by theirs.
func (r *recogniser) areTelephones(c int) bool {
	values, yes := r.s.column(c), 0
	region := regionOf(r.p.market, r.m.Currency)
	for _, v := range values {
		if isTelephone(v, region) {
			yes++
		}
	}
	return yes > 0 && yes*10 >= len(values)*9
}

func isTelephone(v, region string) bool {
	plain, _ := withoutThaiDigits(v)
	digits := onlyDigits(plain)
	if digits == "" || strings.Trim(plain, "+0123456789-.() ") != "" || plain[0] != '0' && plain[0] != '+' {
		return false // a number without the zero or plus before it may be any number
	}
	if region == "" {
		return len(digits) >= 9 && len(digits) <= 15
	}
	n, err := phonenumbers.Parse(plain, region)
	return err == nil && phonenumbers.IsValidNumber(n)
}

// regionOf is the country in whose way numbers are written.
func regionOf(market, currency string) string {
	if region := strings.ToUpper(market); len(region) == 2 {
		return region
	}
	if len(currency) == 3 {
		return currency[:2] // THB of TH, KRW of KR
	}
	return ""
}

// zones are the zones of countries that have one, by their currency: where a shop of it most likely is.
var zones = map[string]string{"KRW": "Asia/Seoul", "THB": "Asia/Bangkok", "GBP": "Europe/London", "JPY": "Asia/Tokyo", "VND": "Asia/Ho_Chi_Minh", "SGD": "Asia/Singapore", "TWD": "Asia/Taipei", "PHP": "Asia/Manila"}

// likelyZone is a zone to propose: by the currency, else by the script of the headings; empty where neither tells.
func (r *recogniser) likelyZone() string {
	if z := zones[r.m.Currency]; z != "" {
		return z
	}
	for _, c := range r.m.Columns {
		for _, letter := range c.Header {
			switch {
			case letter >= 0xac00 && letter <= 0xd7a3:
				return zones["KRW"]
			case letter >= 0x0e00 && letter <= 0x0e7f:
				return zones["THB"]
			}
		}
	}
	return ""
}
