// Package likeness tells how alike two names of people are, in Latin, Korean and Thai writing. It is pure.
//
// The measure is the one of Jaro (Journal of the American Statistical Association 84, 1989) with the weight for a common
// beginning of Winkler (Proceedings of the Section on Survey Research Methods, 1990), made for linking records of censuses: it
// counts letters that stand near each other in both, and swaps. Three things are done to names before:
//
//   - Hangul is taken apart into its letters, so that 김민지 and 김민치 differ in one of eight and not in one of three.
//   - Thai keeps its vowels and tone marks, which are letters in their own right; Latin loses its accents.
//   - Titles go (Ms, 님, นางสาว …), and the order of the parts does not count: family names come first in Korea and last elsewhere.
//
// Names in two different scripts are not compared: that would need a transliteration, and people spell theirs as they like.
package likeness

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Alike is where two names with one birthday are worth a look.
const Alike = 0.88

var titles = map[string]bool{
	"mr": true, "mrs": true, "ms": true, "miss": true, "dr": true, "prof": true, "님": true, "씨": true, "선생님": true, "고객님": true,
	"นาย": true, "นาง": true, "นางสาว": true, "คุณ": true, "ดร": true, "เด็กชาย": true, "เด็กหญิง": true,
}

// Thai titles are written without a space before the name; the longer come first.
var thaiTitles = []string{"นางสาว", "เด็กหญิง", "เด็กชาย", "นาง", "นาย", "คุณ"}

// Names returns how alike two names are, from 0 to 1.
func Names(a, b string) float64 {
	if b < a {
		a, b = b, a // letters are matched in the order of one name, which must not matter
	}
	x, y := parts(a), parts(b)
	if len(x) == 0 || len(y) == 0 || script(x[0]) != script(y[0]) {
		return 0
	}
	best := jaroWinkler(letters(x), letters(y))
	slices.Sort(x)
	slices.Sort(y)
	return max(best, jaroWinkler(letters(x), letters(y)))
}

// parts are the words of a name in small letters, without titles and signs.
func parts(s string) []string {
	s = strings.ToLower(norm.NFKC.String(s))
	words := strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\''
	})
	var kept []string
	for _, w := range words {
		w = strings.TrimSuffix(strings.TrimSuffix(w, "님"), "씨")
		for _, title := range thaiTitles {
			if rest, found := strings.CutPrefix(w, title); found && len(rest) > 3 {
				w = rest
				break
			}
		}
		if w != "" && !titles[w] {
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		return words
	}
	return kept
}

func script(s string) string {
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Hangul, r):
			return "hangul"
		case unicode.Is(unicode.Thai, r):
			return "thai"
		case unicode.Is(unicode.Latin, r):
			return "latin"
		}
	}
	return ""
}

// letters are what is compared: Hangul in its letters, Latin without accents.
func letters(words []string) []rune {
	var all []rune
	for _, r := range norm.NFD.String(strings.Join(words, "")) {
		if unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Thai, r) {
			continue
		}
		all = append(all, r)
	}
	return all
}

func jaroWinkler(a, b []rune) float64 {
	j := jaro(a, b)
	if j < 0.7 {
		return j
	}
	same := 0
	for same < min(4, len(a), len(b)) && a[same] == b[same] {
		same++
	}
	return j + float64(same)*0.1*(1-j)
}

func jaro(a, b []rune) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	reach := max(0, max(len(a), len(b))/2-1)
	inB := make([]bool, len(b))
	var fromA []rune
	for i, r := range a {
		for j := max(0, i-reach); j < min(len(b), i+reach+1); j++ {
			if !inB[j] && b[j] == r {
				inB[j] = true
				fromA = append(fromA, r)
				break
			}
		}
	}
	if len(fromA) == 0 {
		return 0
	}
	swaps, k := 0, 0
	for j, taken := range inB {
		if taken {
			if b[j] != fromA[k] {
				swaps++
			}
			k++
		}
	}
	m := float64(len(fromA))
	return (m/float64(len(a)) + m/float64(len(b)) + (m-float64(swaps)/2)/m) / 3
}
