package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/dangol/dangol/internal/event"
)

// maxValue bounds a value; longer ones are no names but payloads in the wrong field.
const maxValue = 256

// Normalise writes a value of the kind in its one spelling. ok is false where it is no such value, or blocked. It is for
// one goroutine, whose phones remembers what was learned of phone numbers.
func (b *Book) Normalise(k Kind, value string, phones *Phones, region string) (normal string, ok bool) {
	value = strings.TrimSpace(value)
	raw := value
	if value == "" || len(value) > maxValue || !clean(value) || b.Blocked(value) {
		return "", false
	}
	switch k {
	case Email:
		value, ok = email(value)
	case Phone:
		if region == "" {
			region = b.region
		}
		value, ok = phones.normalise(value, region)
	case Device:
		value, ok = strings.ToLower(value), true // one platform writes the same id in capitals, another in small letters
	case Key, None:
		return value, k == Key
	default:
		ok = true
	}
	if !ok || value != raw && b.Blocked(value) {
		return "", false
	}
	return value, true
}

// Spelling is Normalise by the names of kinds, for those who have texts to compare and no batch. One goroutine uses it.
func (b *Book) Spelling() func(event.Identity) (string, bool) {
	phones := NewPhones()
	return func(i event.Identity) (string, bool) { return b.Normalise(b.Kind(i.Kind), i.Value, phones, "") }
}

// clean refuses what no name holds: control characters and broken UTF-8.
func clean(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == 0x7f {
			return false
		} else if c >= utf8.RuneSelf {
			return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
		}
	}
	return true
}

// email lower-cases the whole address: that the part before @ could tell case apart is a right no provider of note uses.
// Full-width characters, as Asian keyboards give them, become plain ones, and a domain is shown as it is read.
func email(s string) (string, bool) {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">")
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	ascii := true
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			ascii = false
		}
	}
	if !ascii {
		s = norm.NFKC.String(s)
	}
	s = strings.ToLower(s)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 || strings.ContainsAny(s, " ,;<>()\"") || strings.IndexByte(s, '@') != at {
		return "", false
	}
	domain := s[at+1:]
	if strings.Contains(domain, "xn--") || !ascii {
		shown, err := idna.Lookup.ToUnicode(domain)
		if err != nil {
			return "", false
		}
		return norm.NFC.String(s[:at+1] + shown), true
	}
	return s, !strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") && !strings.Contains(domain, "..")
}
