// Package say puts what churn found out into sentences, in the languages of the house: why somebody may leave, with her own figures; what
// leaving means; how good a model is; what is missing for one. It computes nothing and knows no book, so that what is said of a figure is read
// in one place.
//
// Nouns: figures (what sentences say of one customer), leaving (by what it goes, as far as sentences differ by it).
package say

import (
	"fmt"

	"github.com/dangol/dangol/internal/kit/day"
)

// Told is a sentence in the languages of the house.
func Told(en, ko, th string) map[string]string {
	return map[string]string{"en": en, "ko": ko, "th": th}
}

var thaiMonths = [12]string{
	"มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม",
}

// dayOfYear writes a day that is near enough to do without its year.
func dayOfYear(d int32) map[string]string {
	t := day.Day(d).Time()
	return Told(t.Format("2 January"), t.Format("1월 2일"), fmt.Sprintf("%d %s", t.Day(), thaiMonths[t.Month()-1]))
}

// Percent writes a share.
func Percent(x float64) string { return fmt.Sprintf("%.0f%%", 100*x) }

// counted writes how many there are of a thing; another makes the word for several.
func counted(n float64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%.0f %ss", n, one)
}
