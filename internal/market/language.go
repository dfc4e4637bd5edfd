package market

import "golang.org/x/text/language"

// Language is one that Dangol's console, CLI and messages to its users speak, as a BCP 47 tag.
type Language string

// The languages of the console.
const (
	English Language = "en"
	Korean  Language = "ko"
	Thai    Language = "th"
)

// Languages lists them; the first is the one used when nothing matches.
var Languages = []Language{English, Korean, Thai}

var matcher = language.NewMatcher([]language.Tag{language.English, language.Korean, language.Thai})

// Match picks the language for an Accept-Language header (or a bare tag such as ko_KR); English when none fits.
func Match(accept string) Language {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return English
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return English
	}
	return Languages[i]
}
