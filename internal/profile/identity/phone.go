package identity

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// maxShapes bounds what Phones remembers.
const maxShapes = 1 << 16

// shape is what decides how a number is written: two numbers of one shape differ in their last digits only.
type shape struct {
	region  string
	leading [7]byte // the first digits
	digits  uint8
	form    uint8 // 1: begins with +, 2: has a bracket
}

// spelling is how numbers of a shape are written in E.164: before, then their digits but the first skip.
type spelling struct {
	before string
	skip   int
	ok     bool
}

// Phones writes phone numbers in E.164, and remembers how numbers of one shape were, because to parse one takes some
// 20 µs. It is for one goroutine.
type Phones struct{ known map[shape]spelling }

// NewPhones returns an empty memory.
func NewPhones() *Phones { return &Phones{known: map[shape]spelling{}} }

// normalise writes a number in E.164; region is the country of numbers that name none.
func (p *Phones) normalise(s, region string) (string, bool) {
	if !plain(s) {
		s = norm.NFKC.String(s)
		s = strings.Map(thaiDigit, s)
	}
	var room [32]byte
	digits, form, simple := digitsOf(room[:0], s)
	if len(digits) < 5 || len(digits) > 20 || region == "" && form&1 == 0 {
		return "", false // a number of no country
	}
	if !simple { // letters, an extension: rare, and left to those who know
		return parse(s, region)
	}
	if e164, ok := northAmerican(digits, form, region); ok {
		return e164, true
	}
	key := shape{region: region, digits: uint8(len(digits)), form: form}
	copy(key.leading[:], digits)
	w, known := p.known[key]
	if !known {
		w = learn(s, string(digits), region)
		if len(p.known) >= maxShapes {
			clear(p.known)
		}
		p.known[key] = w
	}
	if !w.ok {
		return parse(s, region) // one number of the shape was no number; another may be
	}
	return w.before + string(digits[w.skip:]), true
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func thaiDigit(r rune) rune {
	if r >= '๐' && r <= '๙' {
		return r - '๐' + '0'
	}
	return r
}

// digitsOf takes the digits of a number; simple tells whether anything but separators stood between them.
func digitsOf(dst []byte, s string) (digits []byte, form uint8, simple bool) {
	simple = true
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			dst = append(dst, c)
		case c == '+' && len(dst) == 0:
			form |= 1
		case c == '(' || c == ')':
			form |= 2
		case c == ' ' || c == '-' || c == '.':
		default:
			simple = false
		}
	}
	return dst, form, simple
}

// northAmerican knows the one plan whose numbers have no common beginnings to remember: +1 and ten digits, of which
// neither the first nor the fourth is 0 or 1.
func northAmerican(digits []byte, form uint8, region string) (string, bool) {
	if form&1 == 0 && region != "US" && region != "CA" {
		return "", false
	}
	if len(digits) == 11 && digits[0] == '1' {
		digits = digits[1:]
	} else if form&1 != 0 {
		return "", false
	}
	if len(digits) != 10 || digits[0] < '2' || digits[3] < '2' {
		return "", false
	}
	return "+1" + string(digits), true
}

func parse(s, region string) (string, bool) {
	if region == "" {
		region = "ZZ"
	}
	n, err := phonenumbers.Parse(s, region)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

func learn(s, digits, region string) spelling {
	e164, ok := parse(s, region)
	if !ok {
		return spelling{}
	}
	for skip := range digits {
		rest := digits[skip:]
		if len(rest) < len(e164) && strings.HasSuffix(e164, rest) {
			return spelling{e164[:len(e164)-len(rest)], skip, true}
		}
	}
	return spelling{}
}
